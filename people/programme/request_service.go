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

const (
	evRequest     = "request.changed"
	requestRecord = "request:"
)

type requestRow struct {
	bun.BaseModel `bun:"table:programme_requests"`

	ID        RequestID    `bun:"id,pk"`
	Version   int64        `bun:"version"`
	Compound  place.ID     `bun:"compound"`
	Kind      Ask          `bun:"kind"`
	Milestone MilestoneID  `bun:"milestone"`
	Due       place.Day    `bun:"due"`
	Plan      int          `bun:"plan"`
	Mark      place.Mark   `bun:"mark"`
	Into      place.ID     `bun:"into_place"`
	From      place.Day    `bun:"from_day"`
	EntryUS   int64        `bun:"entry_us"`
	Reason    string       `bun:"reason"`
	State     RequestState `bun:"state"`
	AskedUS   int64        `bun:"asked_us"`
	AskedBy   string       `bun:"asked_by"`
	DecidedUS int64        `bun:"decided_us"`
	DecidedBy string       `bun:"decided_by"`
	Note      string       `bun:"note"`
}

func (r *requestRow) request() Request {
	out := Request{
		ID: r.ID, Version: r.Version, Compound: r.Compound, Kind: r.Kind, Milestone: r.Milestone, Due: r.Due, Plan: r.Plan, Mark: r.Mark, Into: r.Into, From: r.From,
		Reason: r.Reason, State: r.State, Asked: store.Time(r.AskedUS), AskedBy: r.AskedBy, DecidedBy: r.DecidedBy, Note: r.Note,
	}
	if r.EntryUS != 0 {
		at := store.Time(r.EntryUS)
		out.Entry = &at
	}
	if r.DecidedUS != 0 {
		at := store.Time(r.DecidedUS)
		out.Decided = &at
	}
	return out
}

func (r *Request) row() requestRow {
	row := requestRow{
		ID: r.ID, Version: r.Version, Compound: r.Compound, Kind: r.Kind, Milestone: r.Milestone, Due: r.Due, Plan: r.Plan, Mark: r.Mark, Into: r.Into, From: r.From,
		Reason: r.Reason, State: r.State, AskedUS: store.Micros(r.Asked), AskedBy: r.AskedBy, DecidedBy: r.DecidedBy, Note: r.Note,
	}
	if r.Entry != nil {
		row.EntryUS = store.Micros(*r.Entry)
	}
	if r.Decided != nil {
		row.DecidedUS = store.Micros(*r.Decided)
	}
	return row
}

// Requests lists what was asked for, the newest first; of a compound when one is named, also what would be merged into it; of a
// state when one is.
func (s *Service) Requests(ctx context.Context, compound place.ID, state RequestState) ([]Request, error) {
	q := s.db.NewSelect().Model((*requestRow)(nil)).Order("asked_us DESC", "id DESC")
	if compound != "" {
		q = q.Where("(compound = ? OR into_place = ?)", compound, compound)
	}
	if state != "" {
		q = q.Where("state = ?", state)
	}
	list, err := read(ctx, q, nil, (*requestRow).request)
	return list, dbError("programme.Requests", err)
}

// Request is one of them.
func (s *Service) Request(ctx context.Context, id RequestID) (Request, error) {
	const op = "programme.Request"
	list, err := read(ctx, s.db.NewSelect().Model((*requestRow)(nil)).Where("id = ?", id), nil, (*requestRow).request)
	if err != nil {
		return Request{}, dbError(op, err)
	}
	if len(list) == 0 {
		return Request{}, fault.New(fault.NotFound, op, "programme.request.none")
	}
	return list[0], nil
}

// AskFor hands a request in. It is refused at once where there would be nothing to decide.
func (s *Service) AskFor(ctx context.Context, by string, r Request) (Request, error) {
	err := s.change(ctx, "programme.AskFor", by, func(ctx context.Context, w *writing) error {
		r.ID, r.Version, r.State, r.Asked, r.AskedBy, r.Reason = RequestID(store.NewID()), 1, Asked, w.known, by, place.Tidy(r.Reason)
		r.Decided, r.DecidedBy, r.Note = nil, "", ""
		r.only()
		if err := r.check().Fault(w.op, "programme.invalid"); err != nil {
			return err
		}
		open, err := read(ctx, w.tx.NewSelect().Model((*requestRow)(nil)).Where("compound = ?", r.Compound).Where("state = ?", Asked), nil, (*requestRow).request)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(open, func(o Request) bool { return o.Kind == r.Kind && o.Milestone == r.Milestone && o.Mark == r.Mark }) {
			return fault.New(fault.Conflict, w.op, "programme.request.open")
		}
		p, err := w.meaningful(ctx, &r)
		if err != nil {
			return err
		}
		if err := p.Fault(w.op, "programme.invalid"); err != nil {
			return err
		}
		row := r.row()
		if _, err := w.tx.NewInsert().Model(&row).Exec(ctx); err != nil {
			return err
		}
		return w.keepRequest(ctx, "asked", nil, &r)
	})
	return r, err
}

// meaningful says why a request asks for nothing.
func (w *writing) meaningful(ctx context.Context, r *Request) (p place.Problems, err error) {
	if there, err := w.there(ctx); err != nil {
		return nil, err
	} else if !there(max(r.From, w.s.o.Clock.Today()), r.Compound) {
		return nil, fault.New(fault.NotFound, w.op, "place.no-compound")
	}
	switch r.Kind {
	case AskExtension:
		return w.extendable(ctx, r.Compound, r.Milestone, r.Due)
	case AskClass:
		entries, err := w.s.o.Places.Entries(ctx, r.Compound)
		if err != nil {
			return nil, err
		}
		if !place.Marked(place.AsOf{Day: r.From, Known: w.known}, entries, r.Mark) {
			p.Add("mark", "place.class.is-not-in")
			return p, nil
		}
		left := append(entries, place.Entry{Mark: r.Mark, Moment: place.Moment{About: r.From, Known: w.known}})
		if place.Marked(place.AsOf{Day: w.effective(r), Known: w.known}, left, r.Mark) {
			p.Add("from", "programme.request.overruled")
		}
		return p, nil
	case AskEnd, AskMerge:
		return w.endable(ctx, r)
	case AskVoid:
		e, err := w.s.o.Places.Entry(ctx, r.Compound, r.voiding())
		if fault.KindOf(err) == fault.NotFound {
			p.Add("mark", "place.class.no-entry")
			return p, nil
		}
		r.Entry = &e.Known // that one is asked about, whatever is entered until it is decided
		return p, err
	}
	said, err := w.s.parts(ctx, []place.ID{r.Compound})
	if err != nil {
		return nil, err
	}
	before, says := said[r.Compound], r.facts(w.known)
	if !lightens(w.known, before, says) {
		p.Add("kind", "programme.request.nothing")
		return p, nil
	}
	q := place.AsOf{Day: w.effective(r), Known: w.known}
	if !partOf(q, together(before, says)).less(partOf(q, before)) {
		p.Add("from", "programme.request.overruled")
	}
	return p, nil
}

// effective is the day on which what a request asks for must show: today, or when it begins. What is said already of a day after
// the one that it asks about holds from there on; to grant it would change days of the past alone.
func (w *writing) effective(r *Request) place.Day { return max(r.From, w.s.o.Clock.Today()) }

// endable says why a compound cannot end or go into another one. What hangs under it must be gone before it ends; what goes
// into another one takes it along.
func (w *writing) endable(ctx context.Context, r *Request) (p place.Problems, err error) {
	tree, err := w.s.o.Places.Tree(ctx)
	if err != nil {
		return nil, err
	}
	q := place.AsOf{Day: r.From, Known: w.known}
	if _, ok := tree.At(q, r.Compound); !ok {
		p.Add("from", "place.no-compound")
	} else if last := tree.StandsLater(q, r.Compound); last != 0 {
		p.Add("from", "place.stands-later", "day", last.String())
	}
	if n := len(tree.Under(q, r.Compound)); r.Kind == AskEnd && n > 0 {
		p.Add("kind", "place.has-children", "children", n)
	} else if c, ok := tree.HangsLater(q, r.Compound); r.Kind == AskEnd && ok {
		p.Add("kind", "place.hangs-later", "name", c.Name, "day", c.About.String())
	}
	if r.Kind == AskMerge {
		if v, ok := tree.At(q, r.Into); !ok || v.Level != place.Compound || r.Into == r.Compound {
			p.Add("into", "programme.request.into")
		}
	}
	return p, nil
}

func (r *Request) voiding() place.Voiding {
	v := place.Voiding{Mark: r.Mark, From: r.From, Why: r.Reason}
	if r.Entry != nil {
		v.Known = *r.Entry
	}
	return v
}

// facts are what is said when it is granted that a compound leaves, or has a lower plan: that alone.
func (r *Request) facts(known time.Time) []Fact {
	e := Enrolment{Compound: r.Compound, From: r.From, Plan: r.Plan}
	if r.Kind == AskPlan {
		return []Fact{e.fact(known, Plan)}
	}
	return []Fact{e.fact(known, TakesPart)}
}

// Answer grants a request, which is done in the same transaction, or refuses it. by is who decides, of the level above.
func (s *Service) Answer(ctx context.Context, by string, seen int64, id RequestID, grant bool, note string) (r Request, err error) {
	err = s.change(ctx, "programme.Answer", by, func(ctx context.Context, w *writing) error {
		note = place.Tidy(note)
		var p place.Problems
		p.Text("note", note, 200, !grant)
		if err := p.Fault(w.op, "programme.invalid"); err != nil {
			return err
		}
		state := Refused
		if grant {
			state = Granted
		}
		if r, err = w.turn(ctx, seen, id, state, note); err != nil || !grant {
			return err
		}
		if p, err = w.meaningful(ctx, &r); err != nil {
			return err
		}
		if len(p) > 0 { // it was when it was asked for
			f := fault.New(fault.Conflict, w.op, "programme.request.outdated")
			f.Fields = p
			return f
		}
		switch r.Kind {
		case AskExtension:
			return w.extend(ctx, r.Compound, r.Milestone, r.Due, r.Reason)
		case AskVoid:
			return s.o.Places.Void(ctx, by, r.Compound, r.voiding())
		case AskEnd:
			_, err := s.o.Places.End(ctx, by, r.Compound, place.Whatever, r.From, r.Reason)
			return err
		case AskMerge:
			return s.o.Places.Merge(ctx, by, place.Whatever, []place.ID{r.Compound}, r.Into, r.From, r.Reason)
		case AskClass:
			return s.o.Places.Enter(ctx, by, []place.Entry{{Compound: r.Compound, Mark: r.Mark, Moment: place.Moment{About: r.From}, Criteria: r.Reason}})
		}
		return w.say(ctx, evSaid, "", r.Reason, "", r.facts(w.known))
	})
	return r, err
}

// Unask takes a request back that nobody has decided on yet.
func (s *Service) Unask(ctx context.Context, by string, seen int64, id RequestID) (r Request, err error) {
	err = s.change(ctx, "programme.Unask", by, func(ctx context.Context, w *writing) error {
		r, err = w.turn(ctx, seen, id, Withdrawn, "")
		return err
	})
	return r, err
}

// turn puts an open request into another state.
func (w *writing) turn(ctx context.Context, seen int64, id RequestID, state RequestState, note string) (Request, error) {
	list, err := read(ctx, w.tx.NewSelect().Model((*requestRow)(nil)).Where("id = ?", id), nil, (*requestRow).request)
	if err != nil {
		return Request{}, err
	}
	if len(list) == 0 {
		return Request{}, fault.New(fault.NotFound, w.op, "programme.request.none")
	}
	was := list[0]
	if err := place.SameVersion(w.op, seen, was.Version); err != nil {
		return was, err
	}
	if was.State != Asked {
		return was, fault.New(fault.Conflict, w.op, "programme.request.decided")
	}
	r := was
	r.Version, r.State, r.Decided, r.DecidedBy, r.Note = was.Version+1, state, &w.known, w.by, note
	row := r.row()
	res, err := w.tx.NewUpdate().Model(&row).WherePK().Where("version = ?", was.Version).Exec(ctx)
	if err != nil {
		return r, err
	}
	if n, err := res.RowsAffected(); err == nil && n == 0 {
		return r, fault.New(fault.Conflict, w.op, "place.changed-meanwhile")
	}
	return r, w.keepRequest(ctx, string(state), &was, &r)
}

// requestSaid is what a history tells of a request; who and when stand beside it.
type requestSaid struct {
	Kind      Ask          `json:"kind"`
	Milestone MilestoneID  `json:"milestone,omitempty"`
	Due       place.Day    `json:"due,omitempty"`
	Plan      int          `json:"plan,omitempty"`
	Mark      place.Mark   `json:"mark,omitempty"`
	Into      string       `json:"into,omitempty"` // its name
	From      place.Day    `json:"from,omitempty"`
	State     RequestState `json:"state"`
	Note      string       `json:"note,omitempty"`
}

func (w *writing) keepRequest(ctx context.Context, act string, before, after *Request) error {
	into := ""
	if after.Into != "" {
		tree, err := w.s.o.Places.Tree(ctx)
		if err != nil {
			return err
		}
		if of := tree.Ancestry(place.AsOf{Day: after.From, Known: w.known}, after.Into); len(of) > 0 {
			into = of[0].Name
		}
	}
	said := func(r *Request) any {
		if r == nil {
			return nil
		}
		return requestSaid{r.Kind, r.Milestone, r.Due, r.Plan, r.Mark, into, r.From, r.State, r.Note}
	}
	k := place.Kept{Record: requestRecord + string(after.ID), Act: act, About: after.From, Known: w.known, By: w.by, Note: after.Reason, Before: said(before), After: said(after)}
	if err := place.Keep(ctx, w.tx, k); err != nil {
		return err
	}
	return w.tx.Emit(room, evRequest, string(after.Compound), map[string]any{"request": after.ID, "kind": after.Kind, "state": after.State, "by": w.by})
}
