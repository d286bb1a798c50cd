package programme

import (
	"context"

	"linli.dev/linli/api"
	"linli.dev/linli/fault"
	"linli.dev/linli/people/place"
)

// What has versions or steps of its own tells of its changes from them.
func (s *Service) changeRoutes(r *api.Router) {
	api.Get(r, "/api/programme/versions", api.Op{ID: "listProgrammeChanges", Permission: MayRead, Summary: "Who changed what of the programme itself, before and after"}, s.httpProgrammeChanges)
	api.Get(r, "/api/milestones/{id}/changes", api.Op{ID: "listMilestoneChanges", Permission: MayRead, Summary: "Who changed what of a milestone, before and after"}, s.httpMilestoneChanges)
	api.Get(r, "/api/county-returns/{id}/changes", api.Op{ID: "listReturnChanges", Permission: MayRead, Summary: "Who handed a return in, decided on it, unlocked it"}, s.httpReturnChanges)
}

// turned is an act and what it turned.
func turned(act string, m place.Moment, by, note string, before, after any) place.Trace {
	return place.Trace{Act: act, About: m.About, Known: m.Known, By: by, Note: note, Turns: place.TurnsOf(before, after)}
}

// bare is the version without why and by whom: the note of its trace says that.
func (p Programme) bare() Programme {
	p.Reason, p.Proposer = "", ""
	return p
}

// bare is the version without why and by whom.
func (m Milestone) bare() Milestone {
	m.Reason, m.Proposer = "", ""
	return m
}

func (s *Service) httpProgrammeChanges(ctx context.Context, _ *struct{}) (*place.TracesOutput, error) {
	list, err := s.Programmes(ctx)
	if err != nil {
		return nil, err
	}
	out := make([]place.Trace, 0, len(list))
	for i := range list {
		p := &list[i]
		if i == 0 {
			out = append(out, turned("added", place.Moment{Known: p.Known}, p.By, "", nil, p.bare()))
		} else {
			out = append(out, turned("changed", place.Moment{Known: p.Known}, p.By, p.Reason, list[i-1].bare(), p.bare()))
		}
	}
	return place.TracesReply(s.o.Places.Told(ctx, out), nil)
}

func (s *Service) httpMilestoneChanges(ctx context.Context, in *struct {
	ID string `path:"id"`
},
) (*place.TracesOutput, error) {
	list, err := s.Milestones(ctx)
	if err != nil {
		return nil, err
	}
	var out []place.Trace
	var was *Milestone
	for i := range list {
		m := &list[i]
		if string(m.ID) != in.ID {
			continue
		}
		if was == nil {
			out = append(out, turned("added", place.Moment{Known: m.Known}, m.By, "", nil, m.bare()))
		} else {
			out = append(out, turned("changed", place.Moment{Known: m.Known}, m.By, m.Reason, was.bare(), m.bare()))
		}
		was = m
	}
	return place.TracesReply(s.o.Places.Told(ctx, out), nil)
}

func (s *Service) httpReturnChanges(ctx context.Context, in *struct {
	ID string `path:"id"`
},
) (*place.TracesOutput, error) {
	list, err := s.returns(ctx, s.db.NewSelect().Model((*returnRow)(nil)).Where("id = ?", in.ID))
	if err != nil {
		return nil, dbError("programme.Changes", err)
	}
	if len(list) == 0 {
		return nil, fault.New(fault.NotFound, "programme.Changes", "programme.return.none")
	}
	today := s.o.Clock.Today()
	if err := s.rights().May(ctx, MayRead, s.o.Clock.AtClose(today), list[0].County); err != nil {
		return nil, err
	}
	return place.TracesReply(s.o.Places.Traces(ctx, s.o.Clock.Close(today), returnRecord+in.ID))
}

const returnRecord = "return:"

// keepReturn writes down what became of a return; the claims stand in it and
// never change.
func (w *writing) keepReturn(ctx context.Context, act string, before *Return, after Return) error {
	k := place.Kept{Record: returnRecord + string(after.ID), Act: act, About: after.Month, Known: w.known, By: w.by}
	after.Claims = nil
	k.After = saidOf(&after)
	if before != nil {
		k.Before = saidOf(before)
	}
	return place.Keep(ctx, w.tx, k)
}

// returnSaid is what a history tells of a return; who and when stand beside it.
type returnSaid struct {
	State   ReturnState `json:"state"`
	Note    string      `json:"note,omitempty"`
	Opinion string      `json:"opinion,omitempty"`
}

func saidOf(r *Return) returnSaid { return returnSaid{r.State, r.Note, r.Opinion} }
