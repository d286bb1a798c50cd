package bulletin

import (
	"context"
	"encoding/json"

	"linli.dev/linli/api"
	"linli.dev/linli/people/place"
)

// What histories stand under.
const (
	bulletinRecord = "bulletin:"
	officeRecord   = "bulletin-office:"
)

// traced is what a history tells of a bulletin; who and when stand beside it.
type traced struct {
	State  State      `json:"state"`
	Day    place.Day  `json:"day"`
	Since  place.Day  `json:"since"`
	Title  string     `json:"title,omitempty"`
	InEn   string     `json:"title_en,omitempty"`
	Added  []Addition `json:"added,omitempty"`
	Number string     `json:"number,omitempty"`
}

func (r *bulletinRow) said() any {
	if r.Version == 0 {
		return nil
	}
	out := traced{State: r.State, Day: r.Day, Since: r.Since, Title: r.Title, InEn: r.InEn, Number: r.Number}
	_ = json.Unmarshal([]byte(r.Added), &out.Added) // the room's own: written by bulletinRow.write
	return out
}

// keep writes down what became of a bulletin.
func (w *writing) keep(ctx context.Context, act, by, note string, was, is *bulletinRow) error {
	return place.Keep(ctx, w.tx, place.Kept{
		Record: bulletinRecord + string(is.ID), Act: act, About: is.Day, Known: w.known, By: by, Note: note, Before: was.said(), After: is.said(),
	})
}

func (r *officeRow) said() any {
	if r.Version == 0 {
		return nil
	}
	return struct {
		Prefix   string `json:"prefix,omitempty"`
		Signer   string `json:"signer,omitempty"`
		First    int    `json:"first,omitempty"`
		Template string `json:"template,omitempty"`
		Hash     string `json:"sha256,omitempty"`
	}{r.Prefix, r.Signer, r.First, r.TemplateName, r.TemplateHash}
}

// keepOffice writes down how an office's bulletins looked, and look now.
func (w *writing) keepOffice(ctx context.Context, by string, was, is *officeRow) error {
	act := "changed"
	if was.Version == 0 {
		act = "added"
	}
	return place.Keep(ctx, w.tx, place.Kept{Record: officeRecord + string(is.Place), Act: act, Known: w.known, By: by, Before: was.said(), After: is.said()})
}

func (s *Service) traceRoutes(r *api.Router) {
	api.Get(r, "/api/bulletins/{id}/changes", api.Op{
		ID: "listBulletinChanges", Permission: MayDraft, Summary: "Who wrote, reviewed, sent back and issued a bulletin, before and after", Description: "For the office that it is of.",
	}, s.httpChanges)
	api.Get(r, "/api/bulletin-offices/{id}/changes", api.Op{ID: "listBulletinOfficeChanges", Permission: MayDraft, Summary: "Who changed what of how an office's bulletins look and count"}, s.httpOfficeChanges)
}

func (s *Service) traces(ctx context.Context, office place.ID, record string) (*place.TracesOutput, error) {
	if err := s.rights().MayChange(ctx, MayDraft, office); err != nil {
		return nil, err
	}
	return place.TracesReply(s.o.Places.Traces(ctx, s.today().Known, record))
}

func (s *Service) httpChanges(ctx context.Context, in *struct {
	ID string `path:"id"`
},
) (*place.TracesOutput, error) {
	b, err := s.Bulletin(ctx, ID(in.ID))
	if err != nil {
		return nil, err
	}
	return s.traces(ctx, b.Office, bulletinRecord+in.ID)
}

func (s *Service) httpOfficeChanges(ctx context.Context, in *struct {
	ID string `path:"id"`
},
) (*place.TracesOutput, error) {
	return s.traces(ctx, place.ID(in.ID), officeRecord+in.ID)
}
