package pairing

import (
	"context"
	"slices"

	"linli.dev/linli/fault"
	"linli.dev/linli/people/place"
)

// Correction is what an entry should have said. Its kind and its pairing are
// those of the entry.
type Correction struct {
	Fen     int64 // 0: it never was
	About   place.Day
	Due     place.Day
	Became  place.Sort
	Number  int
	Voucher string
	Note    string
	Why     string // why the entry was wrong; it stands with what takes it back
}

// lightens reports whether a correction makes less owed: of a pledge that is lower, of a later day, or to be in place later.
func (c *Correction) lightens(was *Entry) bool {
	return was.Kind == Pledge && (c.Fen < was.Fen || c.About > was.About || was.Due != 0 && (c.Due == 0 || c.Due > was.Due))
}

// Correct takes an entry back, on its own day, and puts another one in its
// place, in one act: both stay to be seen, and a day of before answers as it did.
// The money must be right with the two together: less than was spent of a receipt
// is refused, as is another amount for a spend that is public.
func (s *Service) Correct(ctx context.Context, by string, id EntryID, c Correction) (back Entry, now *Entry, err error) {
	err = s.change(ctx, "pairing.Correct", by, func(ctx context.Context, w *writing) error {
		list, err := read(ctx, w.tx.NewSelect().Model((*entryRow)(nil)).Where("id = ?", id), nil, (*entryRow).entry)
		if err != nil {
			return err
		}
		if len(list) == 0 {
			return fault.New(fault.NotFound, w.op, "pairing.no-entry")
		}
		was := list[0]
		pairings, err := w.of(ctx, []ID{was.Pairing})
		if err != nil {
			return err
		}
		entries, err := w.entries(ctx, []ID{was.Pairing})
		if err != nil {
			return err
		}
		before, of := entries[was.Pairing], pairings[was.Pairing]
		if slices.ContainsFunc(before, func(x Entry) bool { return x.Reverses == id }) {
			return fault.New(fault.Conflict, w.op, "pairing.reverse.twice")
		}
		var p place.Problems
		if was.Kind == Disclosure {
			p.Add("id", "pairing.correct.disclosure")
		}
		var why place.Problems
		back, why = was.Reversal(was.About, place.Tidy(c.Why))
		for i := range why { // a correction has two texts
			if why[i].Path == "note" {
				why[i].Path = "why"
			}
		}
		p = append(p, why...)
		made := []*Entry{&back}
		if c.Fen != 0 {
			now = &Entry{
				Pairing: was.Pairing, Compound: was.Compound, Kind: was.Kind, Fen: c.Fen, Moment: place.Moment{About: c.About}, Corrects: id,
				Due: c.Due, Became: c.Became, Number: c.Number, Voucher: place.Tidy(c.Voucher), Note: place.Tidy(c.Note),
			}
			now.only()
			p = append(p, now.check()...)
			p = append(p, of.refuse("from", c.About, s.o.Clock.Today(), false)...)
			made = append(made, now)
		}
		if err := p.Fault(w.op, "pairing.invalid"); err != nil {
			return err
		}
		if was.Kind == Receipt { // what comes in comes before what goes out: the two are one act
			slices.Reverse(made)
		}
		rows := make([]entryRow, 0, 2)
		for _, e := range made {
			if err := newID(&e.ID, w.op); err != nil {
				return err
			}
			e.Known, e.By = w.known, by
			if err := e.Refuse(before).Fault(w.op, "pairing.invalid"); err != nil {
				return err
			}
			before = append(before, *e)
			rows = append(rows, e.row())
		}
		if err := insert(ctx, w.tx, rows); err != nil {
			return err
		}
		return w.tell("money.corrected", []place.ID{was.Compound}, map[string]any{"entry": id})
	})
	return back, now, err
}
