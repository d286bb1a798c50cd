package pairing

import (
	"cmp"
	"fmt"
	"slices"

	"linli.dev/linli/people/place"
)

// Sums are what has become of money as of a day, in fen.
type Sums struct {
	Pledged   int64 `json:"pledged_fen"`
	Received  int64 `json:"received_fen" doc:"In place; programme reads the rate of it from here"`
	Spent     int64 `json:"spent_fen" doc:"Never more than received"`
	Disclosed int64 `json:"disclosed_fen" doc:"Of what is spent"`
	Overdue   int64 `json:"overdue_fen" doc:"Of pledges whose last day has passed: what is not in place"`
}

func (s *Sums) add(e *Entry) {
	switch e.Kind {
	case Pledge:
		s.Pledged += e.Fen
	case Receipt:
		s.Received += e.Fen
	case Spend:
		s.Spent += e.Fen
	case Disclosure:
		s.Disclosed += e.Fen
	}
}

// Sum adds up the entries of one pairing that a question sees. What is received
// counts for the pledge that is due first.
func Sum(q place.AsOf, entries []Entry) (s Sums) {
	var due int64
	for i := range entries {
		e := &entries[i]
		if !q.Sees(e.Moment) {
			continue
		}
		s.add(e)
		if e.Kind == Pledge && e.Due != 0 && e.Due < q.Day {
			due += e.Fen
		}
	}
	s.Overdue = max(0, due-s.Received)
	return s
}

// NextDue is the first day, from the day asked about on, by which something is
// still to be in place, and how much is by then; 0: nothing is.
func NextDue(q place.AsOf, entries []Entry) (place.Day, int64) {
	var pledges []Entry
	var received, due int64
	for _, e := range entries {
		switch {
		case !q.Sees(e.Moment):
		case e.Kind == Receipt:
			received += e.Fen
		case e.Kind == Pledge && e.Due != 0:
			pledges = append(pledges, e)
		}
	}
	slices.SortStableFunc(pledges, func(a, b Entry) int { return cmp.Compare(a.Due, b.Due) })
	for i, e := range pledges {
		due += e.Fen
		last := i+1 == len(pledges) || pledges[i+1].Due != e.Due
		if last && e.Due >= q.Day && due > received {
			return e.Due, due - received
		}
	}
	return 0, 0
}

// left is how much of a pot can still be taken out about a day: no later day
// may see it below zero either, so what comes in on a later day covers nothing,
// and what is taken out on a later day is gone already. moves is what an entry
// puts in (above 0) or takes out.
func left(entries []Entry, day place.Day, moves func(*Entry) int64) int64 {
	sorted := slices.Clone(entries)
	slices.SortStableFunc(sorted, func(a, b Entry) int { return cmp.Compare(a.About, b.About) })
	var sum int64
	at := 0
	for ; at < len(sorted) && sorted[at].About <= day; at++ {
		sum += moves(&sorted[at])
	}
	least := sum
	for at < len(sorted) {
		for next := sorted[at].About; at < len(sorted) && sorted[at].About == next; at++ {
			sum += moves(&sorted[at])
		}
		least = min(least, sum)
	}
	return least
}

// spendable is the pot of a pairing: receipts go in, spends come out.
func spendable(e *Entry) int64 {
	switch e.Kind {
	case Receipt:
		return e.Fen
	case Spend:
		return -e.Fen
	}
	return 0
}

// disclosable is the pot of one spend: it goes in, its disclosure comes out.
func disclosable(spend EntryID) func(*Entry) int64 {
	return func(e *Entry) int64 {
		switch {
		case e.Kind == Spend && (e.ID == spend || e.Reverses == spend):
			return e.Fen
		case e.Kind == Disclosure && e.Of == spend:
			return -e.Fen
		}
		return 0
	}
}

// Refuse says why an entry cannot stand beside those of its pairing that are
// known: money is never below zero, never spent twice, never disclosed twice or
// without having been spent, whatever day is asked about. nil: it can.
func (e *Entry) Refuse(before []Entry) (p place.Problems) {
	switch {
	case e.Kind == Spend && e.Fen > 0:
		if rest := left(before, e.About, spendable); e.Fen > rest {
			p.Add("fen", "pairing.spend.above", "fen", Yuan(e.Fen), "left", Yuan(rest), "day", e.About.String())
		}
	case e.Kind == Receipt && e.Fen < 0:
		if rest := left(before, e.About, spendable); -e.Fen > rest {
			p.Add("id", "pairing.reverse.spent", "left", Yuan(rest))
		}
	case e.Kind == Spend && e.Fen < 0:
		if left(before, e.About, disclosable(e.Reverses)) < -e.Fen {
			p.Add("id", "pairing.reverse.disclosed")
		}
	case e.Kind == Disclosure && e.Fen > 0:
		i := slices.IndexFunc(before, func(x Entry) bool { return x.ID == e.Of && x.Kind == Spend && x.Fen == e.Fen })
		switch {
		case i < 0 || e.Of == "":
			p.Add("of", "pairing.disclose.no-spend")
		case e.About < before[i].About:
			p.Add("from", "pairing.disclose.earlier")
		case left(before, e.About, disclosable(e.Of)) < e.Fen:
			p.Add("of", "pairing.disclose.twice")
		}
	}
	return p
}

// Yuan writes fen as offices type them: 12,345.60.
func Yuan(fen int64) string {
	sign := ""
	if fen < 0 {
		sign, fen = "-", -fen
	}
	whole := fmt.Sprint(fen / 100)
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	return fmt.Sprintf("%s%s.%02d", sign, whole, fen%100)
}
