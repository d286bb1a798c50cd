package place

import (
	"context"
	"encoding/json"
	"maps"
	"slices"

	"linli.dev/linli/fault"
	"linli.dev/linli/store"
)

// ofCompound are the journal events about what a compound is; their subject is
// the compound.
const (
	evClass   = "class.entered"
	evLeft    = "class.left"
	evArea    = "area.changed"
	evCount   = "asset.counted"
	evChannel = "channel.changed"

	evEvidence = "evidence.exported"
)

// CompoundsOf are the compounds that a journal event of this room may concern.
// all: any may be concerned, as something above them moved.
func CompoundsOf(e store.Event) (compounds []ID, all bool) {
	switch {
	case e.Room != room:
		return nil, false
	case e.Kind == evEvidence: // it was read, not changed
		return nil, false
	case !IsTreeEvent(e):
		return toldOf(e), false
	}
	var said struct {
		Level Level
		Why   Why
		With  []ID
	}
	if json.Unmarshal(e.Data, &said) != nil {
		return nil, true
	}
	switch {
	case said.Level == Compound:
		return append(said.With, toldOf(e)...), false
	case said.Level == Building, said.Why == Changed:
		return nil, false
	}
	// Nothing hangs under what is founded or ended; but a correction may be about a day on which something did.
	return nil, said.Why == Moved || said.Why == Corrected
}

// Enter says that compounds enter or leave a mark.
func (s *Service) Enter(ctx context.Context, by string, list []Entry) error {
	return s.change(ctx, "place.Enter", func(ctx context.Context, w *writing) error { return w.enter(ctx, by, list) })
}

func (w *writing) enter(ctx context.Context, by string, list []Entry) error {
	ids := compoundsOf(list, func(e *Entry) ID { return e.Compound })
	if err := w.compounds(ctx, ids); err != nil {
		return err
	}
	had := map[ID][]Entry{}
	for part := range slices.Chunk(ids, batch) {
		before, err := w.s.Entries(ctx, part...)
		if err != nil {
			return err
		}
		for _, e := range before {
			had[e.Compound] = append(had[e.Compound], e)
		}
	}
	rows := make([]classRow, 0, len(list))
	for i, e := range list {
		e.Known, e.By, e.Criteria, e.Evidence = w.known, by, Tidy(e.Criteria), Tidy(e.Evidence)
		p := e.check(AsOf{e.About, w.known}, had[e.Compound])
		if err := p.Fault(w.op, "place.invalid"); err != nil {
			return at(err, i, len(list))
		}
		had[e.Compound] = append(had[e.Compound], e)
		rows = append(rows, e.row())
		kind := evClass
		if !e.In {
			kind = evLeft
		}
		if err := w.tx.Emit(room, kind, string(e.Compound), map[string]any{"mark": e.Mark, "from": e.About, "by": by}); err != nil {
			return err
		}
	}
	return insert(ctx, w.tx, rows)
}

// Count says how many of a sort compounds or their buildings have.
func (s *Service) Count(ctx context.Context, by string, list []Count) error {
	return s.change(ctx, "place.Count", func(ctx context.Context, w *writing) error { return w.count(ctx, by, list) })
}

func (w *writing) count(ctx context.Context, by string, list []Count) error {
	if err := w.compounds(ctx, compoundsOf(list, func(c *Count) ID { return c.Compound })); err != nil {
		return err
	}
	rows := make([]countRow, 0, len(list))
	buildings, known := map[ID][]ID{}, map[[2]ID]bool{}
	for _, c := range list {
		if c.Building != "" && !slices.Contains(buildings[c.Compound], c.Building) {
			buildings[c.Compound] = append(buildings[c.Compound], c.Building)
		}
	}
	told, together := map[ID]bool{}, []ID(nil)
	for i, c := range list {
		c.Known, c.By = w.known, by
		if err := c.check().Fault(w.op, "place.invalid"); err != nil {
			return at(err, i, len(list))
		}
		if at := [2]ID{c.Building, c.Compound}; c.Building != "" && !known[at] {
			if err := w.building(ctx, c.Building, c.Compound); err != nil {
				return err
			}
			known[at] = true
		}
		rows = append(rows, c.row())
		if told[c.Compound] {
			continue
		}
		if told[c.Compound] = true; w.tx.Staged() {
			together = append(together, c.Compound)
			continue
		}
		said := map[string]any{"from": c.About, "by": by}
		if b := buildings[c.Compound]; len(b) > 0 {
			said["buildings"] = b
		}
		if err := w.tx.Emit(room, evCount, string(c.Compound), said); err != nil {
			return err
		}
	}
	if len(together) > 0 {
		said := map[string]any{"compounds": together, "by": by}
		if all := slices.Concat(slices.Collect(maps.Values(buildings))...); len(all) > 0 {
			said["buildings"] = all
		}
		if err := w.tx.Emit(room, evCount, "", said); err != nil {
			return err
		}
	}
	return insert(ctx, w.tx, rows)
}

// building checks that a building is, or was, one of the compound's.
func (w *writing) building(ctx context.Context, id, compound ID) error {
	if w.tx.Staged() { // as with compounds
		return nil
	}
	versions, err := w.s.versions(ctx, w.tx, id)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(versions, func(v Version) bool { return v.Level == Building && v.Parent == compound }) {
		return fault.New(fault.Invalid, w.op, "place.no-building")
	}
	return nil
}

// AddArea names a part of a compound.
func (s *Service) AddArea(ctx context.Context, by string, a Area) (Area, error) {
	list := []Area{a}
	err := s.AddAreas(ctx, by, list)
	return list[0], err
}

// AddAreas names parts of compounds, all or none. An area without an id gets one, in place.
func (s *Service) AddAreas(ctx context.Context, by string, list []Area) error {
	return s.change(ctx, "place.AddArea", func(ctx context.Context, w *writing) (err error) {
		rows := make([]areaRow, 0, len(list))
		for i := range list {
			a := &list[i]
			if a.ID, err = newID(a.ID, w.op); err != nil {
				return err
			}
			a.Version, a.Known, a.By, a.Name = 1, w.known, by, Tidy(a.Name)
			if err := w.checkArea(ctx, a); err != nil {
				return at(err, i, len(list))
			}
			rows = append(rows, a.row())
			if err := Keep(ctx, w.tx, Kept{Record: areaRecord + string(a.ID), Act: "added", About: a.From, Known: w.known, By: by, After: *a}); err != nil {
				return err
			}
			if err := w.tx.Emit(room, evArea, string(a.Compound), map[string]any{"area": a.ID, "name": a.Name, "version": 1, "by": by}); err != nil {
				return err
			}
		}
		return insert(ctx, w.tx, rows)
	})
}

func (w *writing) checkArea(ctx context.Context, a *Area) error {
	if err := w.compounds(ctx, []ID{a.Compound}); err != nil {
		return err
	}
	if err := a.check().Fault(w.op, "place.invalid"); err != nil {
		return err
	}
	if a.Building != "" {
		return w.building(ctx, a.Building, a.Compound)
	}
	return nil
}

// ChangeArea renames an area, or says until when it was there.
func (s *Service) ChangeArea(ctx context.Context, by string, id AreaID, seen int64, name *string, until *Day) (Area, error) {
	var a Area
	err := s.change(ctx, "place.ChangeArea", func(ctx context.Context, w *writing) error {
		rows, err := read(ctx, w.tx.NewSelect().Model((*areaRow)(nil)).Where("id = ?", id), (*areaRow).area)
		if err != nil {
			return err
		}
		if len(rows) == 0 {
			return fault.New(fault.NotFound, w.op, "place.no-area")
		}
		a = rows[0]
		before, was := a, a.Version
		if err := SameVersion(w.op, seen, was); err != nil {
			return err
		}
		if name != nil {
			a.Name = Tidy(*name)
		}
		if until != nil {
			a.Until = *until
		}
		a.Version, a.Known, a.By = was+1, w.known, by
		if err := w.checkArea(ctx, &a); err != nil {
			return err
		}
		row := a.row()
		res, err := w.tx.NewUpdate().Model(&row).WherePK().Where("version = ?", was).Exec(ctx)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err == nil && n == 0 {
			return fault.New(fault.Conflict, w.op, "place.changed-meanwhile")
		}
		if err := Keep(ctx, w.tx, Kept{Record: areaRecord + string(a.ID), Act: "changed", About: a.Until, Known: w.known, By: by, Before: before, After: a}); err != nil {
			return err
		}
		return w.tx.Emit(room, evArea, string(a.Compound), map[string]any{"area": id, "name": a.Name, "version": a.Version, "by": by})
	})
	return a, err
}

// AddChannels lists channels of compounds, each with what is known of its
// state. A channel without an id gets one, in place.
func (s *Service) AddChannels(ctx context.Context, by string, list []Channel, steps []ChannelStep) error {
	return s.change(ctx, "place.AddChannels", func(ctx context.Context, w *writing) error { return w.list(ctx, by, list, steps) })
}

func (w *writing) list(ctx context.Context, by string, list []Channel, steps []ChannelStep) (err error) {
	if err := w.compounds(ctx, compoundsOf(list, func(c *Channel) ID { return c.Compound })); err != nil {
		return err
	}
	rows := make([]channelRow, 0, len(list))
	for i := range list {
		c := &list[i]
		if c.ID, err = newID(c.ID, w.op); err != nil {
			return err
		}
		c.Name, c.By, c.Version = Tidy(c.Name), by, 1
		if err := c.check().Fault(w.op, "place.invalid"); err != nil {
			return at(err, i, len(list))
		}
		rows = append(rows, channelRow{ID: c.ID, Compound: c.Compound, Name: c.Name, Area: c.Area, Version: 1, By: by})
	}
	if err := insert(ctx, w.tx, rows); err != nil {
		return err
	}
	return w.steps(ctx, by, steps, list)
}

// StepChannels says that channels are in a state from a day on.
func (s *Service) StepChannels(ctx context.Context, by string, steps []ChannelStep) error {
	return s.change(ctx, "place.StepChannels", func(ctx context.Context, w *writing) error { return w.steps(ctx, by, steps, nil) })
}

// steps writes the states of channels and tells of their compounds, and of those whose channels were listed.
func (w *writing) steps(ctx context.Context, by string, steps []ChannelStep, listed []Channel) error {
	owners, err := w.owners(ctx, steps, listed)
	if err != nil {
		return err
	}
	rows := make([]stepRow, 0, len(steps))
	told := map[ID]map[ChannelID]bool{}
	tell := func(compound ID, channel ChannelID) {
		if told[compound] == nil {
			told[compound] = map[ChannelID]bool{}
		}
		told[compound][channel] = true
	}
	for _, c := range listed {
		tell(c.Compound, c.ID)
	}
	for i, st := range steps {
		var p Problems
		if owners[st.Channel] != st.Compound || st.Compound == "" {
			p.Add("channel", "place.channel.not-there")
		}
		if !slices.Contains([]ChannelState{Installed, Networked, Removed}, st.State) {
			p.Add("state", "place.field.channel-state", "is", clip(string(st.State)))
		}
		if st.About == 0 {
			p.Add("from", "place.field.required")
		}
		if err := p.Fault(w.op, "place.invalid"); err != nil {
			return at(err, i, len(steps))
		}
		rows = append(rows, stepRow{Compound: st.Compound, Channel: st.Channel, State: st.State, About: st.About, KnownUS: store.Micros(w.known), By: by})
		tell(st.Compound, st.Channel)
	}
	for _, id := range slices.Sorted(maps.Keys(told)) {
		if err := w.tx.Emit(room, evChannel, string(id), map[string]any{"channels": len(told[id]), "by": by}); err != nil {
			return err
		}
	}
	return insert(ctx, w.tx, rows)
}

// owners reads which compounds have the channels of some steps.
func (w *writing) owners(ctx context.Context, steps []ChannelStep, listed []Channel) (map[ChannelID]ID, error) {
	out := map[ChannelID]ID{}
	for _, c := range listed {
		out[c.ID] = c.Compound
	}
	ids := compoundsOf(steps, func(s *ChannelStep) ID { return s.Compound })
	for part := range slices.Chunk(ids, batch) {
		list, err := read(ctx, of(w.tx.NewSelect().Model((*channelRow)(nil)), part), (*channelRow).channel)
		if err != nil {
			return nil, err
		}
		for _, c := range list {
			out[c.ID] = c.Compound
		}
	}
	return out, nil
}

// compoundsOf lists the compounds of entries, each once.
func compoundsOf[T any](list []T, of func(*T) ID) []ID {
	ids := make([]ID, 0, len(list))
	for i := range list {
		ids = append(ids, of(&list[i]))
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}
