package pairing

import (
	"context"
	"slices"

	"github.com/uptrace/bun"

	"linli.dev/linli/fault"
	"linli.dev/linli/people/place"
	"linli.dev/linli/store"
)

// Enter books money, all or none. What each pairing may still spend is decided
// here, in the transaction that writes: the writers of the programme wait for
// one another (place.Clock).
func (s *Service) Enter(ctx context.Context, by string, list []Entry) ([]Entry, error) {
	out := slices.Clone(list)
	err := s.change(ctx, "pairing.Enter", by, func(ctx context.Context, w *writing) error {
		ids := make([]ID, len(out))
		for i := range out {
			ids[i] = out[i].Pairing
		}
		pairings, err := w.of(ctx, ids)
		if err != nil {
			return err
		}
		before, err := w.entries(ctx, ids)
		if err != nil {
			return err
		}
		rows := make([]entryRow, len(out))
		touched := make([]place.ID, len(out))
		for i := range out {
			e := &out[i]
			if err := newID(&e.ID, w.op); err != nil {
				return err
			}
			e.only()
			e.Known, e.By, e.Reverses, e.Corrects = w.known, by, "", ""
			e.Voucher, e.Note = place.Tidy(e.Voucher), place.Tidy(e.Note)
			p := e.check()
			if of, ok := pairings[e.Pairing]; !ok {
				p.Add("pairing", "pairing.no-pairing")
			} else {
				e.Compound = of.Compound
				p = append(p, of.refuse("from", e.About, s.o.Clock.Today(), e.Kind == Disclosure)...)
			}
			if len(p) == 0 {
				p = e.Refuse(before[e.Pairing])
			}
			if err := p.Fault(w.op, "pairing.invalid"); err != nil {
				return inRow(err, i, len(out))
			}
			before[e.Pairing] = append(before[e.Pairing], *e)
			rows[i], touched[i] = e.row(), e.Compound
		}
		if err := insert(ctx, w.tx, rows); err != nil {
			return err
		}
		return w.tell("money.entered", touched, map[string]any{})
	})
	return out, err
}

// Disclose makes spends public from a day on, each whole.
func (s *Service) Disclose(ctx context.Context, by string, id ID, spends []EntryID, about place.Day, note string) ([]Entry, error) {
	list, err := s.entriesOf(ctx, id)
	if err != nil {
		return nil, err
	}
	out := make([]Entry, len(spends))
	for i, of := range spends {
		out[i] = Entry{Pairing: id, Kind: Disclosure, Of: of, Moment: place.Moment{About: about}, Note: note}
		if j := slices.IndexFunc(list, func(e Entry) bool { return e.ID == of }); j >= 0 {
			out[i].Fen = list[j].Fen
		}
		if out[i].Fen <= 0 {
			return nil, fault.New(fault.NotFound, "pairing.Disclose", "pairing.disclose.no-spend")
		}
	}
	return s.Enter(ctx, by, out)
}

// entries reads the money of pairings as the transaction sees it.
func (w *writing) entries(ctx context.Context, ids []ID) (map[ID][]Entry, error) {
	out := map[ID][]Entry{}
	ids = slices.Clone(ids)
	slices.Sort(ids)
	for part := range slices.Chunk(slices.Compact(ids), batch) {
		list, err := read(ctx, w.tx.NewSelect().Model((*entryRow)(nil)).Where("pairing IN (?)", bun.List(part)).Order("known_us", "id"), nil, (*entryRow).entry)
		if err != nil {
			return nil, err
		}
		for _, e := range list {
			out[e.Pairing] = append(out[e.Pairing], e)
		}
	}
	return out, nil
}

// Reverse takes an entry back, whole and once.
func (s *Service) Reverse(ctx context.Context, by string, id EntryID, about place.Day, note string) (Entry, error) {
	var e Entry
	err := s.change(ctx, "pairing.Reverse", by, func(ctx context.Context, w *writing) error {
		list, err := read(ctx, w.tx.NewSelect().Model((*entryRow)(nil)).Where("id = ?", id), nil, (*entryRow).entry)
		if err != nil {
			return err
		}
		if len(list) == 0 {
			return fault.New(fault.NotFound, w.op, "pairing.no-entry")
		}
		before, err := w.entries(ctx, []ID{list[0].Pairing})
		if err != nil {
			return err
		}
		if slices.ContainsFunc(before[list[0].Pairing], func(x Entry) bool { return x.Reverses == id }) {
			return fault.New(fault.Conflict, w.op, "pairing.reverse.twice")
		}
		var p place.Problems
		e, p = list[0].Reversal(about, place.Tidy(note))
		if today := s.o.Clock.Today(); about > max(today, list[0].About) {
			p.Add("from", "pairing.day-to-come", "today", today.String())
		}
		if len(p) == 0 {
			p = e.Refuse(before[e.Pairing])
		}
		if err := p.Fault(w.op, "pairing.invalid"); err != nil {
			return err
		}
		e.ID, e.Known, e.By = EntryID(store.NewID()), w.known, by
		row := e.row()
		if _, err := w.tx.NewInsert().Model(&row).Exec(ctx); store.IsUnique(err) {
			return fault.Wrap(err, fault.Conflict, w.op, "pairing.reverse.twice")
		} else if err != nil {
			return err
		}
		return w.tell("money.reversed", []place.ID{e.Compound}, map[string]any{"entry": id})
	})
	return e, err
}
