package programme

import (
	"context"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"linli.dev/linli/people/place"
	"linli.dev/linli/store"
)

type programmeRow struct {
	bun.BaseModel `bun:"table:programmes"`

	Version  int64       `bun:"version,pk"`
	KnownUS  int64       `bun:"known_us"`
	Name     string      `bun:"name"`
	City     place.ID    `bun:"city"`
	Start    place.Day   `bun:"start_day"`
	Invented place.Level `bun:"invented"`
	Publish  place.Day   `bun:"published_day"`
	By       string      `bun:"by_account"`
	NameEN   string      `bun:"name_en"`
	Span     int         `bun:"span_days"`
	Reason   string      `bun:"reason"`
	Proposer string      `bun:"proposed_by"`
}

func (r *programmeRow) programme() Programme {
	return Programme{
		Version: r.Version, Known: store.Time(r.KnownUS), Name: r.Name, NameEN: r.NameEN, City: r.City, Start: r.Start, Span: r.Span,
		Invented: r.Invented, Published: r.Publish, By: r.By, Reason: r.Reason, Proposer: r.Proposer,
	}
}

type factRow struct {
	bun.BaseModel `bun:"table:programme_facts"`

	ID       string    `bun:"id,pk"`
	Compound place.ID  `bun:"compound"`
	Kind     Kind      `bun:"kind"`
	About    place.Day `bun:"about"`
	KnownUS  int64     `bun:"known_us"`
	Value    int64     `bun:"value"`
	Text     string    `bun:"subject"`
	Reason   string    `bun:"reason"`
	Return   ReturnID  `bun:"return_id"`
	By       string    `bun:"by_account"`
}

func (r *factRow) fact() Fact {
	return Fact{Compound: r.Compound, Moment: place.Moment{About: r.About, Known: store.Time(r.KnownUS)}, Kind: r.Kind, Value: r.Value, Text: r.Text}
}

type sightingRow struct {
	bun.BaseModel `bun:"table:sightings"`

	Compound place.ID  `bun:"compound,pk"`
	From     place.Day `bun:"from_day,pk"`
	Last     place.Day `bun:"last_day"`
	KnownUS  int64     `bun:"known_us"`
}

func (r *sightingRow) fact() Fact {
	return Fact{Compound: r.Compound, Moment: place.Moment{About: r.From, Known: store.Time(r.KnownUS)}, Kind: Seen, Value: int64(r.Last)}
}

type milestoneRow struct {
	bun.BaseModel `bun:"table:milestones"`

	ID      MilestoneID `bun:"id,pk"`
	Version int64       `bun:"version,pk"`
	KnownUS int64       `bun:"known_us"`
	What    What        `bun:"what"`
	Classes string      `bun:"classes"`
	Due     place.Day   `bun:"due"`
	Near    int         `bun:"near_days"`
	Lead    int         `bun:"lead_days"`
	Ended   bool        `bun:"ended"`
	By      string      `bun:"by_account"`
	Shows   string      `bun:"evidence"`
	Reason  string      `bun:"reason"`
	Author  string      `bun:"proposed_by"`
}

func (r *milestoneRow) milestone() Milestone {
	m := Milestone{
		ID: r.ID, Version: r.Version, Known: store.Time(r.KnownUS), What: r.What, Due: r.Due, Near: r.Near, Lead: r.Lead, Ended: r.Ended, By: r.By, Evidence: r.Shows,
		Reason: r.Reason, Proposer: r.Author,
	}
	for _, c := range strings.Fields(r.Classes) {
		m.Classes = append(m.Classes, place.Class(c))
	}
	return m
}

func (m *Milestone) row() milestoneRow {
	classes := make([]string, len(m.Classes))
	for i, c := range m.Classes {
		classes[i] = string(c)
	}
	return milestoneRow{
		ID: m.ID, Version: m.Version, KnownUS: store.Micros(m.Known), What: m.What, Classes: strings.Join(classes, " "), Due: m.Due,
		Near: m.Near, Lead: m.Lead, Ended: m.Ended, By: m.By, Shows: m.Evidence,
		Reason: m.Reason, Author: m.Proposer,
	}
}

// read scans rows and makes nouns of them; with compounds, of those only.
func read[R, T any](ctx context.Context, q *bun.SelectQuery, compounds []place.ID, as func(*R) T) ([]T, error) {
	var rows []R
	if len(compounds) > 0 {
		q = q.Where("compound IN (?)", bun.List(compounds))
	}
	if err := q.Scan(ctx, &rows); err != nil {
		return nil, err
	}
	out := make([]T, len(rows))
	for i := range rows {
		out[i] = as(&rows[i])
	}
	return out, nil
}

const batch = 400

func insert[R any](ctx context.Context, tx *store.Tx, rows []R) error {
	for part := range slices.Chunk(rows, batch) {
		if _, err := tx.NewInsert().Model(&part).Exec(ctx); err != nil {
			return err
		}
	}
	return nil
}

// facts reads what the programme itself knows of compounds.
func (s *Service) facts(ctx context.Context, compounds []place.ID) ([]Fact, error) {
	out, err := read(ctx, s.db.NewSelect().Model((*factRow)(nil)).Order("id"), compounds, (*factRow).fact)
	if err != nil {
		return nil, err
	}
	seen, err := s.sightings(ctx, s.db, compounds)
	return append(out, seen...), err
}

// Milestones reads every version of every milestone, in the order in which they
// became known.
func (s *Service) Milestones(ctx context.Context) ([]Milestone, error) {
	out, err := read(ctx, s.db.NewSelect().Model((*milestoneRow)(nil)).Order("known_us", "id"), nil, (*milestoneRow).milestone)
	return out, dbError("programme.Milestones", err)
}
