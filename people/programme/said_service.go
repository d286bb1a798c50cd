package programme

import (
	"context"
	"encoding/json"
	"slices"

	"linli.dev/linli/fault"
	"linli.dev/linli/people/place"
	"linli.dev/linli/store"
)

// The kinds of the room's journal events.
const (
	evProgramme = "programme.changed"
	evMilestone = "milestone.set"
	evSaid      = "compound.said"
	evSeen      = "compound.seen"
	evReturn    = "return.changed"
)

// ownCompounds lists the compounds that an event of this room is about.
func ownCompounds(e store.Event) []place.ID {
	if e.Room != room {
		return nil
	}
	var data struct{ Compounds []place.ID }
	if json.Unmarshal(e.Data, &data) != nil {
		return nil
	}
	return data.Compounds
}

// Set changes the programme itself; seen is the version that the caller saw, 0
// where there is none yet.
func (s *Service) Set(ctx context.Context, by string, seen int64, p Programme) (Programme, error) {
	err := s.change(ctx, "programme.Set", by, func(ctx context.Context, w *writing) error {
		last, err := s.Programme(ctx)
		if err != nil && fault.KindOf(err) != fault.NotFound {
			return err
		}
		if err := sameOrFirst(w.op, seen, last.Version); err != nil {
			return err
		}
		p.Version, p.Known, p.By, p.Name = last.Version+1, w.known, by, place.Tidy(p.Name)
		if err := p.check().Fault(w.op, "programme.invalid"); err != nil {
			return err
		}
		row := programmeRow{Version: p.Version, KnownUS: store.Micros(p.Known), Name: p.Name, City: p.City, Start: p.Start, Invented: p.Invented, Publish: p.Published, By: by}
		if _, err := w.tx.NewInsert().Model(&row).Exec(ctx); err != nil {
			return err
		}
		return w.tx.Emit(room, evProgramme, string(p.City), map[string]any{"name": p.Name, "version": p.Version, "by": by})
	})
	return p, err
}

// sameOrFirst checks the version seen; none is needed where there is none.
func sameOrFirst(op string, seen, last int64) error {
	if seen == 0 && last == 0 {
		return nil
	}
	return place.SameVersion(op, seen, last)
}

// Programme is the programme as it stands.
func (s *Service) Programme(ctx context.Context) (Programme, error) {
	list, err := read(ctx, s.db.NewSelect().Model((*programmeRow)(nil)).Order("version DESC").Limit(1), nil, func(r *programmeRow) Programme {
		return Programme{Version: r.Version, Known: store.Time(r.KnownUS), Name: r.Name, City: r.City, Start: r.Start, Invented: r.Invented, Published: r.Publish, By: r.By}
	})
	if err != nil {
		return Programme{}, dbError("programme.Programme", err)
	}
	if len(list) == 0 {
		return Programme{}, fault.New(fault.NotFound, "programme.Programme", "programme.none")
	}
	return list[0], nil
}

// SetMilestone adds a milestone, or changes it from now on: reports of before
// keep the rule of then.
func (s *Service) SetMilestone(ctx context.Context, by string, seen int64, m Milestone) (Milestone, error) {
	err := s.change(ctx, "programme.SetMilestone", by, func(ctx context.Context, w *writing) error {
		list, err := read(ctx, w.tx.NewSelect().Model((*milestoneRow)(nil)).Where("id = ?", m.ID).Order("version DESC").Limit(1), nil, (*milestoneRow).milestone)
		if err != nil {
			return err
		}
		last := int64(0)
		if len(list) > 0 {
			last = list[0].Version
		}
		if err := sameOrFirst(w.op, seen, last); err != nil {
			return err
		}
		m.Version, m.Known, m.By = last+1, w.known, by
		if err := m.check().Fault(w.op, "programme.invalid"); err != nil {
			return err
		}
		row := m.row()
		if _, err := w.tx.NewInsert().Model(&row).Exec(ctx); err != nil {
			return err
		}
		return w.tx.Emit(room, evMilestone, string(m.ID), map[string]any{"what": m.What, "due": m.Due, "version": m.Version, "by": by})
	})
	return m, err
}

// say writes facts and tells of their compounds in one event.
func (w *writing) say(ctx context.Context, kind, subject, reason string, from ReturnID, facts []Fact) error {
	rows := make([]factRow, len(facts))
	compounds := make([]place.ID, len(facts))
	for i, f := range facts {
		rows[i] = factRow{
			ID: store.NewID(), Compound: f.Compound, Kind: f.Kind, About: f.About, KnownUS: store.Micros(w.known), Value: f.Value, Text: f.Text,
			Reason: reason, Return: from, By: w.by,
		}
		compounds[i] = f.Compound
	}
	if err := insert(ctx, w.tx, rows); err != nil {
		return err
	}
	slices.Sort(compounds)
	return w.tx.Emit(room, kind, subject, map[string]any{"compounds": slices.Compact(compounds), "by": w.by})
}

// Enrolment says that a compound takes part from a day on, or no longer, and
// how many channels its plan has.
type Enrolment struct {
	Compound place.ID  `json:"compound"`
	From     place.Day `json:"from"`
	Part     bool      `json:"takes_part"`
	Plan     int       `json:"plan,omitempty" minimum:"0" maximum:"10000" doc:"Channels that it is to have; 0 leaves what was said before"`
}

// Enrol says of compounds whether they take part.
func (s *Service) Enrol(ctx context.Context, by string, list []Enrolment) error {
	return s.change(ctx, "programme.Enrol", by, func(ctx context.Context, w *writing) error {
		var facts []Fact
		there, err := w.there(ctx)
		if err != nil {
			return err
		}
		for i, e := range list {
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
			if err := p.Fault(w.op, "programme.invalid"); err != nil {
				return err
			}
			f := Fact{Compound: e.Compound, Moment: place.Moment{About: e.From, Known: w.known}, Kind: TakesPart}
			if e.Part {
				f.Value = 1
			}
			facts = append(facts, f)
			if e.Plan > 0 {
				f.Kind, f.Value = Plan, int64(e.Plan)
				facts = append(facts, f)
			}
		}
		return w.say(ctx, evSaid, "", "", "", facts)
	})
}

// Extend gives a compound another last day for a milestone. by is who approves
// it.
func (s *Service) Extend(ctx context.Context, by string, compound place.ID, m MilestoneID, due place.Day, reason string) error {
	return s.change(ctx, "programme.Extend", by, func(ctx context.Context, w *writing) error {
		today := s.o.Clock.Today()
		reason = place.Tidy(reason)
		var p place.Problems
		p.Text("reason", reason, 200, true)
		milestones, err := s.Milestones(ctx)
		if err != nil {
			return err
		}
		current := NewRules(s.o.Clock, s.o.Span, milestones).At(w.known)
		i := slices.IndexFunc(current, func(x Milestone) bool { return x.ID == m })
		switch {
		case i < 0:
			p.Add("milestone", "programme.milestone.none")
		case due <= current[i].Due:
			p.Add("due", "programme.extend.later")
		}
		there, err := w.there(ctx)
		if err != nil {
			return err
		}
		if !there(today, compound) {
			p.Add("compound", "place.no-compound")
		}
		if err := p.Fault(w.op, "programme.invalid"); err != nil {
			return err
		}
		f := Fact{Compound: compound, Moment: place.Moment{About: today, Known: w.known}, Kind: Extended, Value: int64(due), Text: string(m)}
		return w.say(ctx, evSaid, string(compound), reason, "", []Fact{f})
	})
}

// Saw says that the connections of compounds were seen today. It is for the
// link, which sees them.
func (s *Service) Saw(ctx context.Context, compounds []place.ID) error {
	return s.change(ctx, "programme.Saw", "", func(ctx context.Context, w *writing) error {
		today := s.o.Clock.Today()
		spans := map[place.ID]sightingRow{}
		for part := range slices.Chunk(compounds, batch) {
			list, err := read(ctx, w.tx.NewSelect().Model((*sightingRow)(nil)).Order("from_day"), part, func(r *sightingRow) sightingRow { return *r })
			if err != nil {
				return err
			}
			for _, r := range list {
				spans[r.Compound] = r // the newest
			}
		}
		span := NewRules(s.o.Clock, s.o.Span, nil).span
		var rows []sightingRow
		var on []place.ID
		for _, c := range compounds {
			r, ok := spans[c]
			switch {
			case ok && today-r.Last <= span:
				on = append(on, c)
			default:
				rows = append(rows, sightingRow{Compound: c, From: today, Last: today, KnownUS: store.Micros(w.known)})
			}
		}
		if err := insert(ctx, w.tx, rows); err != nil {
			return err
		}
		for part := range slices.Chunk(on, batch) {
			_, err := w.tx.NewUpdate().Model((*sightingRow)(nil)).Set("last_day = ?", today).Where("compound IN (?)", in(part)).
				Where("last_day >= ?", today-span).Where("last_day < ?", today).Exec(ctx)
			if err != nil {
				return err
			}
		}
		return w.tx.Emit(room, evSeen, "", map[string]any{"compounds": compounds})
	})
}
