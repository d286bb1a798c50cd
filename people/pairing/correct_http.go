package pairing

import (
	"context"

	"linli.dev/linli/api"
	"linli.dev/linli/fault"
	"linli.dev/linli/people/place"
)

func (s *Service) correctRoutes(r *api.Router) {
	api.Post(r, "/api/help-money/{id}/correction", api.Op{
		ID: "correctHelpMoney", Permission: MayEnter, Summary: "Put another entry in the place of one's own", Status: 201,
		Description: "The entry is taken back on its own day and stays to be seen, with why; the new one stands beside it. 0 fen: it never was. Who may only enter corrects what they entered themselves; of others' entries the office takes back. A pledge is made less, or put off, by who entered it on the same day only, later by a person of the level above; a correction of a correction is measured by what stood before today.",
	}, s.httpCorrect)
}

type correctedOutput struct {
	Body struct {
		Back Entry  `json:"taken_back"`
		Now  *Entry `json:"entry,omitempty"`
	}
}

func (s *Service) httpCorrect(ctx context.Context, in *struct {
	ID   string `path:"id"`
	Body struct {
		Fen     int64      `json:"fen" minimum:"0" doc:"0: it never was"`
		From    place.Day  `json:"from"`
		Due     place.Day  `json:"due,omitempty"`
		Became  place.Sort `json:"became,omitempty"`
		Number  int        `json:"number,omitempty" minimum:"0"`
		Voucher string     `json:"voucher,omitempty"`
		Note    string     `json:"note,omitempty" doc:"Of a spend: what it was for; needed"`
		Why     string     `json:"why" doc:"Why the entry was wrong"`
	}
},
) (*correctedOutput, error) {
	b := in.Body
	was, err := s.entry(ctx, EntryID(in.ID))
	if err != nil {
		return nil, err
	}
	if err := s.may(ctx, MayEnter, was.Pairing, was.About, b.From); err != nil {
		return nil, err
	}
	if err := s.mayOwn(ctx, was.By, was.Pairing, "pairing.correct.own"); err != nil {
		return nil, err
	}
	c := Correction{Fen: b.Fen, About: b.From, Due: b.Due, Became: b.Became, Number: b.Number, Voucher: b.Voucher, Note: b.Note, Why: b.Why}
	if err := s.mayLighten(ctx, was, &c); err != nil {
		return nil, err
	}
	out := &correctedOutput{}
	out.Body.Back, out.Body.Now, err = s.Correct(ctx, by(ctx), was.ID, c)
	if err != nil {
		return nil, err
	}
	return out, nil
}

// mayOwn asks whether the caller may put right what an account entered: whoever may only enter does so with the own words alone, with
// those of others the office does.
func (s *Service) mayOwn(ctx context.Context, entered string, id ID, code string) error {
	if entered == by(ctx) {
		return nil
	}
	may, err := place.Permitted(s.may(ctx, MayWrite, id))
	if err == nil && !may {
		err = fault.New(fault.Denied, "pairing.Correct", code)
	}
	return err
}

// mayLighten asks whether the caller may put something in the place of a pledge, or take it back: what is pledged is owed, so less of
// it is for the level above. What the caller has said today counts for nothing in that: corrections of one's own are measured by
// what stood before the first of them, so that two steps do not do what one may not.
func (s *Service) mayLighten(ctx context.Context, was Entry, c *Correction) (err error) {
	if was.Kind != Pledge {
		return nil
	}
	for s.rights().Mine(ctx, was.By, was.Known) {
		if was.Corrects == "" { // a slip of the pen
			return nil
		}
		if was, err = s.entry(ctx, was.Corrects); err != nil {
			return err
		}
	}
	if !c.lightens(&was) {
		return nil
	}
	return s.rights().MayMend(ctx, was.Compound, was.By, was.Known)
}
