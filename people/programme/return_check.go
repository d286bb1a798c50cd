package programme

import (
	"context"
	"errors"

	"linli.dev/linli/fault"
	"linli.dev/linli/people/place"
)

// Finding is something that a check of a return has found: hard ones are to be
// mended, soft ones to be looked at and confirmed.
type Finding struct {
	Hard bool   `json:"hard"`
	Path string `json:"path,omitempty" doc:"The field, such as claims[3].from"`
	Code string `json:"code"`
	Says string `json:"says"`
	args []any
}

// returnDays is how many days after its month a return is in time.
const returnDays = 5

// returnDue is the last day in time of a month's return.
func returnDue(month place.Day) place.Day { return month.AddMonths(1) - 1 + returnDays }

func firstOf(d place.Day) place.Day {
	y, m, _ := d.Date()
	return place.Date(y, m, 1)
}

// CheckReturn says everything that is wrong or odd about a return before it is
// handed in.
func (s *Service) CheckReturn(ctx context.Context, r Return) ([]Finding, error) {
	const op = "programme.CheckReturn"
	r.Month, r.Note = firstOf(r.Month), place.Tidy(r.Note)
	out := []Finding{}
	w := writing{s: s, known: s.o.Clock.Close(s.o.Clock.Today()), op: op}
	err := w.checkReturn(ctx, &r)
	var f *fault.Error
	switch {
	case errors.As(err, &f) && f.Kind == fault.Invalid:
		for _, x := range f.Fields {
			var args []any
			for k, v := range x.Args {
				args = append(args, k, v)
			}
			out = append(out, Finding{Hard: true, Path: x.Path, Code: x.Code, args: args})
		}
	case err != nil:
		return nil, err
	}
	soft, _, err := s.odd(ctx, &r)
	return append(out, soft...), err
}

// odd lists what is odd about a return, with the county's figures of the moment.
func (s *Service) odd(ctx context.Context, r *Return) (out []Finding, tally Tally, err error) {
	b, err := s.Book(ctx)
	if err != nil {
		return nil, tally, err
	}
	earlier, err := s.Returns(ctx, r.County)
	if err != nil {
		return nil, tally, err
	}
	today := s.o.Clock.Today()
	tally = b.Counties(s.o.Clock.AtClose(today))[r.County]
	p, err := s.ProgrammeAt(ctx, s.o.Clock.Close(today))
	if err != nil {
		return nil, tally, err
	}
	say := func(path, code string, args ...any) { out = append(out, Finding{Path: path, Code: code, args: args}) }
	built := map[place.ID]bool{}
	for _, c := range r.Claims {
		if c.What == Built && c.Holds {
			built[c.Compound] = true
		}
	}
	for i, c := range r.Claims {
		st, ok := b.Compound(s.o.Clock.AtClose(today), c.Compound)
		switch reached := *st.reached(c.What); {
		case !ok:
		case !st.Part:
			say(place.Item("claims", i, "compound"), "programme.return.not-part")
		case c.Holds && reached.Done && reached.Basis == ByEvidence:
			say(place.Item("claims", i, "what"), "programme.return.seen-already")
		case !c.Holds && reached.Basis == ByEvidence:
			say(place.Item("claims", i, "holds"), "programme.return.against-evidence")
		case c.Holds && c.What == Networked && !st.Built.Done && !built[c.Compound]:
			say(place.Item("claims", i, "what"), "programme.return.not-built")
		}
		if due := st.datesBack(&c, today); ok && due != 0 {
			say(place.Item("claims", i, "from"), "programme.return.dated-back", "due", due.String(), "days", int(today-due))
		}
	}
	if last := r.Month.AddMonths(-1); p.Version > 0 && last >= firstOf(p.Start) && !handedIn(earlier, last) {
		say("month", "programme.return.gap", "month", last.String()[:7])
	}
	if due := returnDue(r.Month); today > due {
		say("month", "programme.return.too-late", "due", due.String(), "days", int(today-due))
	}
	most := 0
	for _, e := range earlier {
		if e.State == Approved && e.Month < r.Month && e.Month >= r.Month.AddMonths(-3) {
			most = max(most, len(e.Claims))
		}
	}
	if most > 0 && len(r.Claims) > 3*most {
		say("claims", "programme.return.jump", "number", len(r.Claims), "most", most)
	}
	if len(r.Claims) == 0 {
		say("claims", "programme.return.empty")
	}
	figures := tally.Numbers()
	oddFigures(&figures, earlier, r.Month, say)
	return out, tally, nil
}

// datesBack is the last day in time that a claim would be before after all, though it is over: the milestone is not reached, or was
// reached later, and the month's own return, which may be handed in some days after it, would have said so. 0: none.
func (s *State) datesBack(c *Claim, today place.Day) place.Day {
	if !c.Holds || c.From == 0 || today <= returnDue(firstOf(c.From)) {
		return 0
	}
	for _, d := range s.Duties {
		if d.What == c.What && today > d.Due && c.From <= d.Due && !(d.Done && d.Since <= d.Due) {
			return d.Due
		}
	}
	return 0
}

func handedIn(list []Return, month place.Day) bool {
	for _, r := range list {
		if r.Month == month && r.State != SentBack {
			return true
		}
	}
	return false
}
