package programme

import (
	"context"
	"slices"

	"linli.dev/linli/fault"
	"linli.dev/linli/people/place"
)

// Enrolment says that a compound takes part from a day on, or no longer, and
// how many channels its plan has.
type Enrolment struct {
	Compound place.ID  `json:"compound"`
	From     place.Day `json:"from"`
	Part     bool      `json:"takes_part"`
	Plan     int       `json:"plan,omitempty" minimum:"0" maximum:"10000" doc:"Channels that it is to have; 0 leaves what was said before"`
	Reason   string    `json:"reason,omitempty" doc:"Needed to leave the programme and to lower the plan, which the level above decides"`
	Seen     int64     `json:"seen_version,omitempty" doc:"What the caller saw: said_version of getStanding and listStandings; left out where they had none"`
}

// Enrol says of compounds whether they take part. What makes duties less needs a reason, and whoever calls has asked
// whether by may decide it.
func (s *Service) Enrol(ctx context.Context, by string, list []Enrolment) error {
	return s.change(ctx, "programme.Enrol", by, func(ctx context.Context, w *writing) error { return w.enrol(ctx, list) })
}

// EnrolSeen is Enrol for who has read what is said of each compound: of two enrolments of one day the later holds, so who did not
// see the first must not speak over it.
func (s *Service) EnrolSeen(ctx context.Context, by string, list []Enrolment) error {
	return s.change(ctx, "programme.Enrol", by, func(ctx context.Context, w *writing) error {
		if err := w.sameRows(ctx, list); err != nil {
			return err
		}
		return w.enrol(ctx, list)
	})
}

// sameRows checks that of each compound no more was said than the caller saw, and names those of which something was.
func (w *writing) sameRows(ctx context.Context, list []Enrolment) error {
	ids := make([]place.ID, len(list))
	for i := range list {
		ids[i] = list[i].Compound
	}
	said, err := w.s.sayingsOf(ctx, ids)
	if err != nil {
		return err
	}
	var unseen, stale place.Problems
	for i, e := range list {
		switch is := said[e.Compound]; {
		case e.Seen == is:
		case e.Seen == 0:
			unseen.Add(place.Row(i, "compound"), "programme.enrol.unseen")
		default:
			stale.Add(place.Row(i, "compound"), "programme.enrol.changed")
		}
	}
	if err := unseen.Fault(w.op, "place.version-needed"); err != nil {
		return err
	}
	if len(stale) == 0 {
		return nil
	}
	f := fault.New(fault.Stale, w.op, "place.changed-meanwhile")
	f.Fields = stale
	return f
}

func (w *writing) enrol(ctx context.Context, list []Enrolment) error {
	there, err := w.there(ctx)
	if err != nil {
		return err
	}
	facts := make([]Fact, 0, 2*len(list))
	reasons := make([]string, 0, 2*len(list))
	before, err := w.s.partsOf(ctx, list)
	if err != nil {
		return err
	}
	for i, e := range list {
		e.Reason = place.Tidy(e.Reason)
		var p place.Problems
		if e.From == 0 {
			p.Add(place.Row(i, "from"), "place.field.required")
		}
		if !there(e.From, e.Compound) {
			p.Add(place.Row(i, "compound"), "place.no-compound")
		}
		if e.Plan < 0 || e.Plan > 10_000 {
			p.Add(place.Row(i, "plan"), "programme.plan")
		}
		says := e.facts(w.known)
		if e.Reason == "" && lightens(w.known, before[e.Compound], says) {
			p.Add(place.Row(i, "reason"), "programme.relief.reason")
		}
		p.Text(place.Row(i, "reason"), e.Reason, 200, false)
		if err := p.Fault(w.op, "programme.invalid"); err != nil {
			return err
		}
		before[e.Compound] = together(before[e.Compound], says)
		for range says {
			reasons = append(reasons, e.Reason)
		}
		facts = append(facts, says...)
	}
	return w.sayEach(ctx, evSaid, "", reasons, "", facts)
}

// longestExtension is how many days after a milestone's own last day another one may lie.
const longestExtension = 366

// Extend gives a compound another last day for a milestone that it owes and has not reached. by is who approves it.
func (s *Service) Extend(ctx context.Context, by string, seen int64, compound place.ID, m MilestoneID, due place.Day, reason string) error {
	return s.change(ctx, "programme.Extend", by, func(ctx context.Context, w *writing) error {
		if err := w.sameSayings(ctx, seen, compound); err != nil {
			return err
		}
		return w.extend(ctx, compound, m, due, reason)
	})
}

// WithdrawExtension takes an extension back: the milestone's own last day counts again from today on.
func (s *Service) WithdrawExtension(ctx context.Context, by string, seen int64, compound place.ID, m MilestoneID, reason string) error {
	return s.change(ctx, "programme.WithdrawExtension", by, func(ctx context.Context, w *writing) error {
		if err := w.sameSayings(ctx, seen, compound); err != nil {
			return err
		}
		reason = place.Tidy(reason)
		var p place.Problems
		p.Text("reason", reason, 200, true)
		duty, err := w.duty(ctx, compound, m)
		if err != nil {
			return err
		}
		if duty == nil || !duty.Extended {
			p.Add("milestone", "programme.extend.none")
		}
		if err := p.Fault(w.op, "programme.invalid"); err != nil {
			return err
		}
		f := Fact{Compound: compound, Moment: place.Moment{About: s.o.Clock.Today(), Known: w.known}, Kind: Extended, Text: string(m)}
		return w.say(ctx, evSaid, string(compound), reason, "", []Fact{f})
	})
}

// extendable says what is wrong with another last day for a milestone.
func (w *writing) extendable(ctx context.Context, compound place.ID, m MilestoneID, due place.Day) (p place.Problems, err error) {
	milestones, err := w.s.Milestones(ctx)
	if err != nil {
		return nil, err
	}
	current := NewRules(w.s.o.Clock, 0, milestones).At(w.known)
	i := slices.IndexFunc(current, func(x Milestone) bool { return x.ID == m })
	duty, err := w.duty(ctx, compound, m)
	switch {
	case err != nil:
		return nil, err
	case i < 0:
		p.Add("milestone", "programme.milestone.none")
	case duty == nil:
		p.Add("milestone", "programme.extend.not-owed")
	case duty.Done && duty.Entered == 0:
		p.Add("milestone", "programme.extend.done")
	case due <= current[i].Due:
		p.Add("due", "programme.extend.later")
	case due > current[i].Due+longestExtension:
		p.Add("due", "programme.extend.most", "day", (current[i].Due + longestExtension).String())
	case due < duty.Entered: // done by a day in time and entered later: whoever decides sees what it was entered on, and it has to reach that day
		p.Add("due", "programme.extend.entered", "day", duty.Entered.String())
	}
	return p, nil
}

func (w *writing) extend(ctx context.Context, compound place.ID, m MilestoneID, due place.Day, reason string) error {
	p, err := w.extendable(ctx, compound, m, due)
	if err != nil {
		return err
	}
	reason = place.Tidy(reason)
	p.Text("reason", reason, 200, true)
	if err := p.Fault(w.op, "programme.invalid"); err != nil {
		return err
	}
	f := Fact{Compound: compound, Moment: place.Moment{About: w.s.o.Clock.Today(), Known: w.known}, Kind: Extended, Value: int64(due), Text: string(m)}
	return w.say(ctx, evSaid, string(compound), reason, "", []Fact{f})
}

// duty is what a compound owes of a milestone today; nil: nothing. It is read from the rows, as the book may lag behind the
// transaction.
func (w *writing) duty(ctx context.Context, compound place.ID, m MilestoneID) (*Duty, error) {
	there, err := w.there(ctx)
	if err != nil {
		return nil, err
	}
	today := w.s.o.Clock.Today()
	if !there(today, compound) {
		return nil, fault.New(fault.NotFound, w.op, "place.no-compound")
	}
	facts, err := w.s.all(ctx, []place.ID{compound})
	if err != nil {
		return nil, err
	}
	inOrder(facts)
	milestones, err := w.s.Milestones(ctx)
	if err != nil {
		return nil, err
	}
	versions, err := w.s.Programmes(ctx)
	if err != nil {
		return nil, err
	}
	st := Evaluate(place.AsOf{Day: today, Known: w.known}, facts, NewRules(w.s.o.Clock, w.s.o.Span, milestones).SpansOf(versions))
	for i := range st.Duties {
		if st.Duties[i].Milestone == m {
			return &st.Duties[i], nil
		}
	}
	return nil, nil
}

// Sayings is a number that is another one when something was said of a compound by the programme itself since; 0: nothing
// ever was. Pages send it back as the version that they saw.
func (s *Service) Sayings(ctx context.Context, compound place.ID) (int64, error) {
	var n int64
	err := s.db.NewSelect().Model((*factRow)(nil)).ColumnExpr("COALESCE(MAX(known_us), 0)").Where("compound = ?", compound).Scan(ctx, &n)
	return n, dbError("programme.Sayings", err)
}

// sayingsOf is Sayings of some compounds; those of which nothing was said are left out.
func (s *Service) sayingsOf(ctx context.Context, compounds []place.ID) (map[place.ID]int64, error) {
	out := map[place.ID]int64{}
	for part := range slices.Chunk(compounds, batch) {
		var rows []factRow
		err := s.db.NewSelect().Model(&rows).Column("compound").ColumnExpr("MAX(known_us) AS known_us").Where("compound IN (?)", in(part)).Group("compound").Scan(ctx)
		if err != nil {
			return nil, dbError("programme.Sayings", err)
		}
		for _, r := range rows {
			out[r.Compound] = r.KnownUS
		}
	}
	return out, nil
}

func (w *writing) sameSayings(ctx context.Context, seen int64, compound place.ID) error {
	if seen == place.Whatever {
		return nil
	}
	is, err := w.s.Sayings(ctx, compound)
	if err != nil {
		return err
	}
	return sameOrFirst(w.op, seen, is)
}
