package bulletin

import (
	"context"
	"io/fs"
	"net/http"

	"linli.dev/linli/api"
	"linli.dev/linli/fault"
	"linli.dev/linli/people/paper"
	"linli.dev/linli/people/place"
)

// Permissions of the room.
const (
	MayRead   = "bulletin.read"   // what is issued
	MayDraft  = "bulletin.draft"  // of the own office
	MayReview = "bulletin.review" // another person of the same office
	MayIssue  = "bulletin.issue"
)

// Name of the room.
func (s *Service) Name() string { return room }

// Messages of the room.
func (s *Service) Messages() fs.FS { return sentences() }

// Routes of the room.
func (s *Service) Routes(r *api.Router) {
	api.Get(r, "/api/bulletins", api.Op{
		ID: "listBulletins", Permission: MayRead, Summary: "Bulletins: the own office's drafts first, then what was issued, the newest first",
		Description: "Everybody who has signed in reads what is issued; drafts are their office's alone.",
	}, s.httpList)
	api.Post(r, "/api/bulletins", api.Op{
		ID: "beginBulletin", Permission: MayDraft, Summary: "Draft a bulletin, or the correction of one", Status: 201,
	}, s.httpBegin)
	api.Get(r, "/api/bulletins/{id}", api.Op{
		ID: "getIssuedBulletin", Permission: MayRead, Summary: "A bulletin with what it says",
		Description: "Who may read the office's whole area gets the edition that names compounds, everybody else the public one. An issued one is as it was frozen.",
	}, s.httpOne)
	api.Put(r, "/api/bulletins/{id}", api.Op{
		ID: "writeBulletin", Permission: MayDraft, Summary: "Change a draft", Description: "With If-Match. A reviewed one is a draft again.",
	}, s.httpWrite)
	api.Post(r, "/api/bulletins/{id}/review", api.Op{
		ID: "reviewBulletin", Permission: MayReview, Summary: "Say that a draft is right, or send it back", Description: "With If-Match. Nobody reviews what they wrote.",
	}, s.httpReview)
	api.Post(r, "/api/bulletins/{id}/issue", api.Op{
		ID: "issueBulletin", Permission: MayIssue, Summary: "Issue a reviewed bulletin under its number", Description: "With If-Match. It never changes again.",
	}, s.httpIssue)
	api.Delete(r, "/api/bulletins/{id}", api.Op{ID: "dropBulletin", Permission: MayDraft, Summary: "Throw a draft away; it stays on record", Status: 204}, s.httpDrop)
	r.Raw(http.MethodGet, "/api/bulletins/{id}/file", api.Op{
		ID: "getIssuedBulletinFile", Permission: MayRead, Summary: "A bulletin as a file",
		Description: "?format=docx, xlsx, md, txt or json, in the caller's language. Of an issued one the very bytes that were frozen.",
	}, http.HandlerFunc(s.rawFile))
	s.officeRoutes(r)
	s.traceRoutes(r)
}

func (s *Service) rights() *place.Rights { return s.o.Places.Rights() }

func by(ctx context.Context) string { return api.CallerFrom(ctx).Account }

// edition is the one that the caller reads of an office's bulletin.
func (s *Service) edition(ctx context.Context, office place.ID) (string, error) {
	may, err := place.Permitted(s.rights().May(ctx, "programme.read", s.today(), office))
	if may {
		return "office", err
	}
	return "public", err
}

// mine reports whether the caller is of the office.
func (s *Service) mine(ctx context.Context, office place.ID) (bool, error) {
	return place.Permitted(s.rights().MayChange(ctx, MayDraft, office))
}

// readable is a bulletin that the caller may read. To others a draft is not
// there: the refusal of the policies is given.
func (s *Service) readable(ctx context.Context, id string) (Bulletin, error) {
	b, err := s.Bulletin(ctx, ID(id))
	if err != nil || b.State == Issued {
		return b, err
	}
	return b, s.rights().MayChange(ctx, MayDraft, b.Office)
}

// named puts in what people are called, for those of the office only.
func (s *Service) named(ctx context.Context, own bool, b Bulletin) Bulletin {
	for _, a := range []*Act{&b.Written, &b.Checked, &b.Given} {
		switch {
		case !own:
			a.By = ""
		case a.By != "":
			a.By = s.names(ctx, a.By)
		}
	}
	return b
}

type listOutput struct {
	Body struct {
		Bulletins []Bulletin `json:"bulletins"`
	}
}

func (s *Service) httpList(ctx context.Context, in *struct {
	Office string `query:"office"`
},
) (*listOutput, error) {
	list, err := s.List(ctx, Filter{Office: place.ID(in.Office)})
	if err != nil {
		return nil, err
	}
	out := &listOutput{}
	out.Body.Bulletins = []Bulletin{}
	for _, b := range list {
		own, err := s.mine(ctx, b.Office)
		if err != nil {
			return nil, err
		}
		if b.State == Issued || own {
			out.Body.Bulletins = append(out.Body.Bulletins, s.named(ctx, own, b))
		}
	}
	return out, nil
}

type oneOutput struct {
	ETag string `header:"ETag"`
	Body struct {
		Bulletin
		Page
		Edition string `json:"edition" enum:"office,public"`
		Mine    bool   `json:"mine" doc:"The caller is of the office"`
		Own     bool   `json:"own" doc:"The caller has written in it, and cannot review it"`
		Files   []File `json:"files" doc:"Of an issued one: those that were frozen"`
		Next    string `json:"next_number,omitempty" doc:"The number that it would get now"`
	}
}

// show answers with a bulletin as it stands.
func (s *Service) show(ctx context.Context, b Bulletin, err error) (*oneOutput, error) {
	if err != nil {
		return nil, err
	}
	out := &oneOutput{ETag: place.ETag(b.Version)}
	o := &out.Body
	lang := api.Language(ctx)
	o.Files = []File{}
	if o.Edition, err = s.edition(ctx, b.Office); err != nil {
		return nil, err
	}
	if o.Mine, err = s.mine(ctx, b.Office); err != nil {
		return nil, err
	}
	if o.Page, err = s.says(ctx, &b, o.Edition, lang); err != nil {
		return nil, err
	}
	if b.State == Issued {
		if o.Files, err = s.Files(ctx, b.ID, o.Edition, lang); err != nil {
			return nil, err
		}
	} else {
		office, err := s.Office(ctx, b.Office)
		if err != nil {
			return nil, err
		}
		o.Next = office.Next
	}
	for _, w := range b.writers {
		o.Own = o.Own || w == by(ctx)
	}
	o.Bulletin = s.named(ctx, o.Mine, b)
	return out, nil
}

// says is what a bulletin says: as it was frozen, or for now.
func (s *Service) says(ctx context.Context, b *Bulletin, edition, lang string) (Page, error) {
	if b.State == Issued {
		c, err := s.content(ctx, b.ID)
		return c[key(edition, lang)], err
	}
	o, err := s.Office(ctx, b.Office)
	if err != nil {
		return Page{}, err
	}
	return s.page(ctx, b, o, edition, lang)
}

func (s *Service) httpBegin(ctx context.Context, in *struct {
	Body struct {
		Office   place.ID   `json:"office"`
		Day      place.Day  `json:"day,omitempty" doc:"Left out of a correction: that of the old one"`
		Since    place.Day  `json:"since,omitempty" doc:"Left out: the day of the office's last bulletin, or a month before"`
		Corrects ID         `json:"corrects,omitempty"`
		Title    string     `json:"title,omitempty" doc:"In place of the computed one"`
		InEn     string     `json:"title_en,omitempty" doc:"The same of the English edition"`
		Added    []Addition `json:"added,omitempty" maxItems:"20"`
	}
},
) (*oneOutput, error) {
	b := in.Body
	if err := s.rights().MayChange(ctx, MayDraft, b.Office); err != nil {
		return nil, err
	}
	one, err := s.Begin(ctx, by(ctx), b.Office, Words{Day: b.Day, Since: b.Since, Title: b.Title, InEn: b.InEn, Added: b.Added}, b.Corrects)
	return s.show(ctx, one, err)
}

// BulletinInput names a bulletin, and the version that was seen.
type BulletinInput struct {
	ID string `path:"id"`
	place.Versioned
}

// change asks whether the caller may do this to a bulletin whose version they saw.
func (s *Service) may(ctx context.Context, permission string, in BulletinInput) (Bulletin, int64, error) {
	seen, err := in.Seen()
	if err == nil && seen == 0 {
		err = fault.New(fault.Invalid, "bulletin.May", "place.version-needed")
	}
	if err != nil {
		return Bulletin{}, 0, err
	}
	b, err := s.Bulletin(ctx, ID(in.ID))
	if err != nil {
		return b, 0, err
	}
	return b, seen, s.rights().MayChange(ctx, permission, b.Office)
}

func (s *Service) httpOne(ctx context.Context, in *struct {
	ID string `path:"id"`
},
) (*oneOutput, error) {
	b, err := s.readable(ctx, in.ID)
	return s.show(ctx, b, err)
}

func (s *Service) httpWrite(ctx context.Context, in *struct {
	BulletinInput
	Body Words
},
) (*oneOutput, error) {
	b, seen, err := s.may(ctx, MayDraft, in.BulletinInput)
	if err != nil {
		return nil, err
	}
	b, err = s.Write(ctx, by(ctx), seen, b.ID, in.Body)
	return s.show(ctx, b, err)
}

func (s *Service) httpReview(ctx context.Context, in *struct {
	BulletinInput
	Body struct {
		SendBack string `json:"send_back,omitempty" doc:"Why it is sent back; left out: it is right"`
	}
},
) (*oneOutput, error) {
	b, seen, err := s.may(ctx, MayReview, in.BulletinInput)
	for i := 0; err == nil && i < len(b.writers); i++ {
		err = s.rights().MayApprove(ctx, MayReview, b.Office, b.writers[i])
	}
	if err != nil {
		return nil, err
	}
	b, err = s.Review(ctx, by(ctx), seen, b.ID, in.Body.SendBack)
	return s.show(ctx, b, err)
}

func (s *Service) httpIssue(ctx context.Context, in *struct{ BulletinInput }) (*oneOutput, error) {
	b, seen, err := s.may(ctx, MayIssue, in.BulletinInput)
	if err != nil {
		return nil, err
	}
	b, err = s.Issue(ctx, by(ctx), seen, b.ID)
	return s.show(ctx, b, err)
}

func (s *Service) httpDrop(ctx context.Context, in *struct{ BulletinInput }) (*struct{}, error) {
	b, seen, err := s.may(ctx, MayDraft, in.BulletinInput)
	if err != nil {
		return nil, err
	}
	return nil, s.Drop(ctx, by(ctx), seen, b.ID)
}

// draftFile is a bulletin that is not issued yet, as a file.
func (s *Service) draftFile(ctx context.Context, b *Bulletin, edition, lang, format string) (Page, *paper.Template, error) {
	p, err := s.says(ctx, b, edition, lang)
	if err != nil {
		return p, nil, err
	}
	p.Document.Root = s.url
	if format != "docx" {
		return p, nil, nil
	}
	t, _, err := s.template(ctx, b.Office)
	return p, t, err
}
