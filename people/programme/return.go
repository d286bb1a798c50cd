package programme

import (
	"context"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"linli.dev/linli/fault"
	"linli.dev/linli/people/place"
	"linli.dev/linli/store"
)

// ReturnID names a county return.
type ReturnID string

// ReturnState is how far a return has come.
type ReturnState string

// A return is submitted by the county and decided one level up, by another
// person. An approved one is locked.
const (
	Submitted ReturnState = "submitted"
	Approved  ReturnState = "approved"
	SentBack  ReturnState = "sent-back"
)

// Return is what a county says for a month.
type Return struct {
	ID          ReturnID    `json:"id"`
	County      place.ID    `json:"county"`
	Month       place.Day   `json:"month" doc:"Its first day"`
	State       ReturnState `json:"state"`
	Note        string      `json:"note,omitempty" doc:"Of the county"`
	Submitted   time.Time   `json:"submitted"`
	SubmittedBy string      `json:"submitted_by"`
	Decided     *time.Time  `json:"decided,omitempty"`
	DecidedBy   string      `json:"decided_by,omitempty"`
	Opinion     string      `json:"opinion,omitempty" doc:"Of who decided"`
	Claims      []Claim     `json:"claims"`
	Figures     *Numbers    `json:"figures,omitempty" doc:"The county's figures when it was handed in, computed then; left out of a return from before they were kept"`
	Confirmed   []Finding   `json:"confirmed,omitempty" doc:"What was odd about it, looked at and confirmed by who handed it in"`
}

// Claim says that a compound has built or networked its video, or has no
// longer.
type Claim struct {
	Compound place.ID  `json:"compound"`
	What     What      `json:"what" enum:"built,networked"`
	From     place.Day `json:"from"`
	Holds    bool      `json:"holds"`
}

type returnRow struct {
	bun.BaseModel `bun:"table:county_returns"`

	ID          ReturnID    `bun:"id,pk"`
	County      place.ID    `bun:"county"`
	Month       place.Day   `bun:"month"`
	State       ReturnState `bun:"state"`
	Note        string      `bun:"note"`
	SubmittedUS int64       `bun:"submitted_us"`
	SubmittedBy string      `bun:"submitted_by"`
	DecidedUS   int64       `bun:"decided_us"`
	DecidedBy   string      `bun:"decided_by"`
	Opinion     string      `bun:"opinion"`
}

type claimRow struct {
	bun.BaseModel `bun:"table:return_claims"`

	Return   ReturnID  `bun:"return_id,pk"`
	Compound place.ID  `bun:"compound,pk"`
	What     What      `bun:"what,pk"`
	About    place.Day `bun:"about"`
	Holds    bool      `bun:"holds"`
}

func in[T any](ids []T) any { return bun.List(ids) }

// Submit hands in a county's return for a month. A month that was approved is
// locked; a return that still waits must be decided first. Its figures are the county's of this moment; what is odd about it must
// stand in r.Confirmed.
func (s *Service) Submit(ctx context.Context, by string, r Return) (Return, error) {
	r.Month = firstOf(r.Month)
	odd, tally, err := s.odd(ctx, &r) // before the transaction: the book waits for nobody in there
	if err != nil {
		return r, err
	}
	err = s.change(ctx, "programme.Submit", by, func(ctx context.Context, w *writing) error {
		r.ID, r.State, r.Submitted, r.SubmittedBy, r.Decided, r.DecidedBy = ReturnID(store.NewID()), Submitted, w.known, by, nil, ""
		r.Opinion = ""
		r.Note = place.Tidy(r.Note)
		if err := w.checkReturn(ctx, &r); err != nil {
			return err
		}
		open, err := w.tx.NewSelect().Model((*returnRow)(nil)).Where("county = ?", r.County).Where("month = ?", r.Month).
			Where("state NOT IN (?)", in([]ReturnState{SentBack, Unlocked})).Exists(ctx)
		if err != nil {
			return err
		}
		if open {
			return fault.New(fault.Conflict, w.op, "programme.return.there")
		}
		if err := unconfirmed(w.op, odd, r.Confirmed); err != nil {
			return err
		}
		figures := tally.Numbers()
		r.Figures, r.Confirmed = &figures, odd
		row := returnRow{ID: r.ID, County: r.County, Month: r.Month, State: r.State, Note: r.Note, SubmittedUS: store.Micros(w.known), SubmittedBy: by}
		if _, err := w.tx.NewInsert().Model(&row).Exec(ctx); err != nil {
			return err
		}
		rows := make([]claimRow, len(r.Claims))
		for i, c := range r.Claims {
			rows[i] = claimRow{Return: r.ID, Compound: c.Compound, What: c.What, About: c.From, Holds: c.Holds}
		}
		if err := insert(ctx, w.tx, rows); err != nil {
			return err
		}
		if err := w.freeze(ctx, r.ID, &tally, odd); err != nil {
			return err
		}
		if err := w.keepReturn(ctx, "submitted", nil, r); err != nil {
			return err
		}
		return w.tx.Emit(room, evReturn, string(r.ID), map[string]any{"state": r.State, "county": r.County, "month": r.Month, "by": by})
	})
	return r, err
}

// checkReturn: every claim is about a compound of the county, within the month
// or before, and says each thing once.
func (w *writing) checkReturn(ctx context.Context, r *Return) error {
	tree, err := w.s.o.Places.Tree(ctx)
	if err != nil {
		return err
	}
	var p place.Problems
	takesBack := slices.ContainsFunc(r.Claims, func(c Claim) bool { return !c.Holds })
	p.Text("note", r.Note, 200, takesBack) // what is taken back is explained
	today := w.s.o.Clock.Today()
	if v, ok := tree.At(place.AsOf{Day: today, Known: w.known}, r.County); !ok || v.Level != place.County {
		p.Add("county", "programme.return.county")
	}
	if r.Month > today {
		p.Add("month", "programme.return.month")
	}
	type key struct {
		c place.ID
		w What
	}
	said := map[key]bool{}
	machines, err := w.s.machines(ctx, r.Claims)
	if err != nil {
		return err
	}
	for i, c := range r.Claims {
		bad := func(field, code string) { p.Add(place.Item("claims", i, field), code) }
		q := place.AsOf{Day: c.From, Known: w.known}
		county, ok := tree.Above(q, c.Compound, place.County)
		switch {
		case !ok || county.Place != r.County:
			bad("compound", "programme.return.other-county")
		case c.What != Built && c.What != Networked:
			bad("what", "programme.return.what")
		case c.From >= r.Month.AddMonths(1) || c.From > today:
			bad("from", "programme.return.later")
		case machines(c.Compound, c.From) != 0:
			p.Add(place.Item("claims", i, "compound"), "programme.return.has-machine", "since", machines(c.Compound, c.From).String())
		case said[key{c.Compound, c.What}]:
			bad("compound", "programme.return.twice")
		}
		said[key{c.Compound, c.What}] = true
	}
	return p.Fault(w.op, "programme.invalid")
}

// othersReturn is a return in the state that an act needs, handed in by somebody
// else than who acts; code says that it is in another state.
func (w *writing) othersReturn(ctx context.Context, by string, id ReturnID, state ReturnState, code string) (Return, error) {
	list, err := w.s.returns(ctx, w.s.db.NewSelect().Model((*returnRow)(nil)).Where("id = ?", id))
	switch {
	case err != nil:
		return Return{}, err
	case len(list) == 0:
		return Return{}, fault.New(fault.NotFound, w.op, "programme.return.none")
	case list[0].State != state:
		return Return{}, fault.New(fault.Conflict, w.op, code)
	case list[0].SubmittedBy == by:
		return Return{}, fault.New(fault.Denied, w.op, "programme.return.own")
	}
	return list[0], nil
}

// Decide approves a return, which turns its claims into facts that are known
// from now on, or sends it back. Nobody decides on a return of their own.
func (s *Service) Decide(ctx context.Context, by string, id ReturnID, approve bool, note string) (Return, error) {
	var r Return
	err := s.change(ctx, "programme.Decide", by, func(ctx context.Context, w *writing) error {
		var err error
		if r, err = w.othersReturn(ctx, by, id, Submitted, "programme.return.decided"); err != nil {
			return err
		}
		note = place.Tidy(note)
		var p place.Problems
		p.Text("note", note, 200, !approve)
		if err := p.Fault(w.op, "programme.invalid"); err != nil {
			return err
		}
		before := r
		r.State, r.Opinion, r.Decided, r.DecidedBy = SentBack, note, &w.known, by
		if approve {
			r.State = Approved
		}
		_, err = w.tx.NewUpdate().Model((*returnRow)(nil)).Set("state = ?, opinion = ?, decided_us = ?, decided_by = ?", r.State, note, store.Micros(w.known), by).
			Where("id = ?", id).Exec(ctx)
		if err != nil {
			return err
		}
		if err := w.keepReturn(ctx, "decided", &before, r); err != nil {
			return err
		}
		if !approve {
			return w.tx.Emit(room, evReturn, string(id), map[string]any{"state": r.State, "county": r.County, "month": r.Month, "by": by})
		}
		return w.say(ctx, evReturn, string(id), "", id, r.Facts(w.known))
	})
	return r, err
}

// Facts are what the return says once it is approved.
func (r *Return) Facts(known time.Time) []Fact {
	out := make([]Fact, len(r.Claims))
	for i, c := range r.Claims {
		f := Fact{Compound: c.Compound, Moment: place.Moment{About: c.From, Known: known}, Kind: ClaimsBuilt}
		if c.What == Networked {
			f.Kind = ClaimsNetworked
		}
		if c.Holds {
			f.Value = 1
		}
		out[i] = f
	}
	return out
}

// Return reads one return.
func (s *Service) Return(ctx context.Context, id ReturnID) (Return, error) {
	list, err := s.returns(ctx, s.db.NewSelect().Model((*returnRow)(nil)).Where("id = ?", id))
	if err == nil && len(list) == 0 {
		err = fault.New(fault.NotFound, "programme.Return", "programme.return.none")
	}
	if err != nil {
		return Return{}, dbError("programme.Return", err)
	}
	return list[0], nil
}

// Returns lists the returns of a county, of all when it is "", the newest first.
func (s *Service) Returns(ctx context.Context, county place.ID) ([]Return, error) {
	return s.returnsOf(ctx, county, nil)
}

// returnsOf is Returns, of some counties only when those are not nil.
func (s *Service) returnsOf(ctx context.Context, county place.ID, some []place.ID) ([]Return, error) {
	if some != nil && len(some) == 0 {
		return []Return{}, nil
	}
	q := s.db.NewSelect().Model((*returnRow)(nil))
	if some != nil {
		q = q.Where("county IN (?)", in(some))
	}
	if county != "" {
		q = q.Where("county = ?", county)
	}
	out, err := s.returns(ctx, q.Order("month DESC", "submitted_us DESC"))
	return out, dbError("programme.Returns", err)
}

// heads reads returns without what they claim.
func heads(ctx context.Context, q *bun.SelectQuery) ([]Return, error) {
	return read(ctx, q, nil, func(r *returnRow) Return {
		t := Return{
			ID: r.ID, County: r.County, Month: r.Month, State: r.State, Note: r.Note, Opinion: r.Opinion, Submitted: store.Time(r.SubmittedUS), SubmittedBy: r.SubmittedBy,
			DecidedBy: r.DecidedBy, Claims: []Claim{},
		}
		if r.DecidedUS != 0 {
			decided := store.Time(r.DecidedUS)
			t.Decided = &decided
		}
		return t
	})
}

func (s *Service) returns(ctx context.Context, q *bun.SelectQuery) ([]Return, error) {
	out, err := heads(ctx, q)
	if err != nil || len(out) == 0 {
		return out, err
	}
	ids := make([]ReturnID, len(out))
	at := map[ReturnID]int{}
	for i := range out {
		ids[i], at[out[i].ID] = out[i].ID, i
	}
	for part := range slices.Chunk(ids, batch) {
		claims, err := read(ctx, s.db.NewSelect().Model((*claimRow)(nil)).Where("return_id IN (?)", in(part)).Order("return_id", "compound", "what"), nil,
			func(r *claimRow) claimRow { return *r })
		if err != nil {
			return nil, err
		}
		for _, c := range claims {
			r := &out[at[c.Return]]
			r.Claims = append(r.Claims, Claim{c.Compound, c.What, c.About, c.Holds})
		}
		if err := s.own(ctx, part, func(id ReturnID) *Return { return &out[at[id]] }); err != nil {
			return nil, err
		}
	}
	return out, nil
}
