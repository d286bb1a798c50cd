package sheet

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"strconv"

	"linli.dev/linli/fault"
	"linli.dev/linli/people/place"
	"linli.dev/linli/store"
)

// Undo takes an import back: its new compounds end on the day that they were
// founded, what it changed is said again as it was. Reports of days that have
// closed stay as they were. It is refused when anybody has said anything of
// one of its compounds since.
func (s *Service) Undo(ctx context.Context, who Sender, id string) (Import, error) {
	const op = "sheet.Undo"
	var imp importRow
	err := s.db.Change(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
		ctx, known, err := s.o.Clock.AtOnce(ctx, tx) // from here on nobody else edits
		if err != nil {
			return err
		}
		if imp, err = s.importRow(ctx, id); err != nil {
			return err
		}
		if imp.UndoneUS != 0 {
			return fault.New(fault.Conflict, op, "sheet.undone-already")
		}
		later, err := s.laterOf(ctx, imp)
		if err != nil {
			return err
		}
		if later != "" {
			return fault.New(fault.Conflict, op, "sheet.not-last", "file", later)
		}
		if err := s.untouched(ctx, who, imp); err != nil {
			return err
		}
		for n := imp.Rows + 1; n > 0; n -= rowsAtOnce {
			var rows []rowRow
			err := tx.NewSelect().Model(&rows).Where("import = ?", id).Where("n > ? AND n <= ?", n-rowsAtOnce, n).Where("deed <> ?", didSame).Order("n DESC").Scan(ctx)
			if err != nil {
				return err
			}
			for i := range rows {
				unsay := s.unsay
				if rows[i].Item != "" {
					unsay = s.unsayThing
				}
				if err := unsay(ctx, who.Account, imp.File, &rows[i]); err != nil {
					return err
				}
			}
		}
		imp.UndoneUS, imp.UndoneBy = store.Micros(known), who.Account
		if _, err := tx.NewUpdate().Model(&imp).Column("undone_us", "undone_by").WherePK().Exec(ctx); err != nil {
			return err
		}
		return tx.Emit(room, evUndone, id, map[string]any{"file": imp.File, "by": who.Account})
	})
	return imp.noun(), dbError(op, err)
}

// unsay takes back what one row did.
func (s *Service) unsay(ctx context.Context, by, file string, r *rowRow) error {
	var b Before
	if err := json.Unmarshal([]byte(r.Before), &b); err != nil {
		return err
	}
	if b.Share != nil {
		back := Share{Compound: r.Compound, From: b.From, Part: b.Share.Part, Plan: b.Share.Plan}
		if err := s.o.Programme.Restore(ctx, by, clip(file), []Share{back}); err != nil {
			return err
		}
	}
	if r.Deed == didNew {
		// Of a new building it was counted what it has; of a new compound all ends with it.
		if len(b.Counts) > 0 {
			if err := s.o.Places.Count(ctx, by, b.Counts); err != nil {
				return err
			}
		}
		_, err := s.o.Places.End(ctx, by, r.Compound, place.Whatever, b.From, clip(file))
		return err
	}
	var back []place.Entry
	for _, e := range slices.Backward(b.Entries) {
		e.In = !e.In
		back = append(back, e)
	}
	if len(back) > 0 {
		if err := s.o.Places.Enter(ctx, by, back); err != nil {
			return err
		}
	}
	if len(b.Counts) > 0 {
		if err := s.o.Places.Count(ctx, by, b.Counts); err != nil {
			return err
		}
	}
	if b.Point != nil {
		if err := s.o.Places.Locate(ctx, by, []place.Point{{Compound: r.Compound, LonLat: *b.Point, Moment: place.Moment{About: b.From}}}); err != nil {
			return err
		}
	}
	if b.Name == nil && b.Code == nil && b.NameEN == nil && b.Parent == nil {
		return nil
	}
	_, err := s.o.Places.Change(ctx, by, r.Compound, place.Whatever, place.Edit{From: b.From, Name: b.Name, Code: b.Code, NameEN: b.NameEN, Parent: b.Parent})
	return err
}

// untouched reads what the journal tells after an import of its compounds.
// Whatever room tells of a compound does so with the compound as subject, so
// pairings and returns count like edits of the compound itself.
func (s *Service) untouched(ctx context.Context, who Sender, imp importRow) error {
	const op = "sheet.Undo"
	var rows []rowRow
	err := s.db.NewSelect().Model(&rows).Column("compound", "item", "name", "sheet", "row_n", "deed", "before_it").Where("import = ?", imp.ID).Where("deed <> ?", didSame).Order("n").Scan(ctx)
	if err != nil {
		return err
	}
	of := make(map[place.ID]*rowRow, len(rows))
	for i := range rows {
		of[rows[i].Compound] = &rows[i]
		if !who.may(rows[i].Compound) {
			return fault.New(fault.Denied, op, "sheet.undo-not-yours", "name", rows[i].Name)
		}
	}
	if err := s.mayRestore(ctx, who, imp, rows); err != nil {
		return err
	}
	edited := map[*rowRow]fault.Field{}
	mark := func(r *rowRow, code string, who string) {
		path := strconv.Itoa(r.Row)
		if r.Sheet != "" {
			path = r.Sheet + "!" + path
		}
		edited[r] = fault.At(path, code, "row", r.Row, "name", r.Name, "by", s.called(ctx, who))
	}
	if listings[imp.List].thing != nil {
		if err := s.thingsEdited(ctx, imp, rows, mark); err != nil {
			return err
		}
		return refusal(op, rows, edited)
	}
	tree, err := s.o.Places.Tree(ctx)
	if err != nil {
		return err
	}
	for i := range rows { // what somebody hung under a place that is new keeps it from ending
		if rows[i].Deed != didNew {
			continue
		}
		for _, v := range tree.Under(s.today(), rows[i].Compound) {
			if of[v.Place] == nil {
				mark(&rows[i], "sheet.hung-under", v.By)
			}
		}
	}
	if s.o.Since != nil {
		for part := range slices.Chunk(rows, rowsAtOnce) {
			ids := make([]place.ID, len(part))
			for i := range part {
				ids[i] = part[i].Compound
			}
			hang, err := s.o.Since.Since(ctx, store.Time(imp.AtUS), ids)
			if err != nil {
				return err
			}
			for id, code := range hang {
				mark(of[id], code, "")
			}
		}
	}
	after, past := imp.SeqBefore, false
	if imp.Seq > 0 {
		after, past = imp.Seq, true
	}
	for {
		events, err := s.db.Events(ctx, after, 500)
		if fault.KindOf(err) == fault.Gone {
			return fault.New(fault.Gone, op, "sheet.undo-too-late")
		}
		if err != nil {
			return err
		}
		if len(events) == 0 {
			break
		}
		for _, e := range events {
			if e.Room == room {
				past = past || e.Subject == imp.ID
				continue
			}
			who, compounds := toldOf(e)
			if !past || who == "" {
				continue
			}
			for _, c := range compounds {
				r := of[c]
				if r == nil {
					continue
				}
				mark(r, "sheet.edited-row", who)
			}
		}
		after = events[len(events)-1].Seq
	}
	return refusal(op, rows, edited)
}

// refusal names the rows that were edited, in their order; nil when none was.
func refusal(op string, rows []rowRow, edited map[*rowRow]fault.Field) error {
	if len(edited) == 0 {
		return nil
	}
	refused := fault.New(fault.Conflict, op, "sheet.edited-since", "count", len(edited))
	for i := range rows {
		if f, ok := edited[&rows[i]]; ok && len(refused.Fields) < 200 {
			refused.Fields = append(refused.Fields, f)
		}
	}
	return refused
}

// laterOf is the file of a later import of the same sender that stands and has
// changed something; "" for the last one.
func (s *Service) laterOf(ctx context.Context, imp importRow) (string, error) {
	var later []importRow
	err := s.db.NewSelect().Model(&later).Where("by_account = ?", imp.By).Where("undone_us = 0").Where("at_us > ?", imp.AtUS).Where("new_rows + changed_rows > 0").Order("at_us DESC").Limit(1).Scan(ctx)
	if err != nil || len(later) == 0 {
		return "", err
	}
	return cmp.Or(later[0].File, later[0].ID), nil
}

func (s *Service) called(ctx context.Context, account string) string {
	if s.o.Names == nil {
		return account
	}
	return s.o.Names(ctx, account)
}

// toldOf is who made an event, "" when it only follows from others, and the
// compounds, buildings and divisions that it may be about.
func toldOf(e store.Event) (by string, compounds []place.ID) {
	var data struct {
		By        string
		Compounds []place.ID
		Buildings []place.ID
		Places    []place.ID
	}
	if json.Unmarshal(e.Data, &data) != nil {
		data.Compounds, data.Buildings, data.Places = nil, nil, nil
	}
	return data.By, append(slices.Concat(data.Compounds, data.Buildings, data.Places), place.ID(e.Subject))
}
