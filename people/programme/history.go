package programme

import (
	"cmp"
	"context"
	"slices"

	"github.com/uptrace/bun"

	"linli.dev/linli/fault"
	"linli.dev/linli/people/place"
)

// Saying is a fact with who said it, where the programme itself keeps that.
type Saying struct {
	Kind Kind `json:"kind" enum:"county,class,takes-part,plan,channels-installed,channels-networked,channels-installed-seen,channels-networked-seen,seen,protection-physical,protection-technical,access-buildings,door-buildings,light-buildings,camera-buildings,intercom-buildings,alarm-buildings,pairings,pledged,received,tasks-set,tasks-end,inspected,claims-built,claims-networked,extended,released"`
	place.Moment
	Value  int64    `json:"value" doc:"1 or 0; channels and money: by how much they change, money in fen; days since 1970-01-01 for a day"`
	Until  string   `json:"until,omitempty" format:"date" doc:"Of seen: the last day; of extended: the new last day"`
	Text   string   `json:"text,omitempty" doc:"A county's name, a class, a milestone"`
	By     string   `json:"by,omitempty"`
	Reason string   `json:"reason,omitempty"`
	Return ReturnID `json:"return,omitempty" doc:"The approved county return that says so"`
}

// saying puts a fact into words that need no table.
func saying(f *Fact, county func(place.ID) string) Saying {
	s := Saying{Kind: f.Kind, Moment: f.Moment, Value: f.Value, Text: f.Text}
	switch f.Kind {
	case InCounty:
		s.Value = 0
		if s.Text = county(place.ID(f.Text)); f.Value > 0 { // it has ended
			s.Text = ""
		}
	case Seen, Extended:
		if f.Value != 0 { // 0: an extension that was taken back
			s.Until = place.Day(f.Value).String()
		}
	}
	return s
}

// History is everything that was said of a compound as far as the question's
// instant knows, the newest first. What it was entered for (its class), its
// name, and how many guards and volunteers it has are the place's to tell.
func (s *Service) History(ctx context.Context, q place.AsOf, id place.ID) ([]Saying, error) {
	const op = "programme.History"
	tree, err := s.o.Places.Tree(ctx)
	if err != nil {
		return nil, err
	}
	if of := tree.Ancestry(q, id); len(of) == 0 || of[0].Level != place.Compound { // one that has ended is read too: its help money still counts
		return nil, fault.New(fault.NotFound, op, "place.no-compound")
	}
	name := func(id place.ID) string {
		v, _ := tree.At(q, id)
		return v.Name
	}
	var rows []factRow
	if err := s.db.NewSelect().Model((*factRow)(nil)).Where("compound = ?", id).Order("id").Scan(ctx, &rows); err != nil {
		return nil, dbError(op, err)
	}
	var out []Saying
	add := func(f Fact, by, reason string, from ReturnID) {
		if f.Known.After(q.Known) || f.About > q.Day && s.o.Clock.DayOf(f.Known) > q.Day { // of a past day with what was put right since: what is about it
			return
		}
		x := saying(&f, name)
		x.By, x.Reason, x.Return = by, reason, from
		out = append(out, x)
	}
	for i := range rows {
		add(rows[i].fact(), rows[i].By, rows[i].Reason, rows[i].Return)
	}
	var seen []sightingRow
	if err := s.db.NewSelect().Model((*sightingRow)(nil)).Where("compound IN (?)", bun.List([]place.ID{id})).Scan(ctx, &seen); err != nil {
		return nil, dbError(op, err)
	}
	for i := range seen {
		f := seen[i].fact()
		f.Value = min(f.Value, int64(s.o.Clock.DayOf(q.Known)), int64(max(q.Day, f.About)))
		add(f, "", "", "")
	}
	var turns []turnRow
	if err := s.db.NewSelect().Model((*turnRow)(nil)).Where("compound = ?", id).Scan(ctx, &turns); err != nil {
		return nil, dbError(op, err)
	}
	for i := range turns {
		add(turns[i].fact(), turns[i].By, "", "")
	}
	for _, ev := range s.o.Evidence {
		facts, err := ev.Facts(ctx, []place.ID{id})
		if err != nil {
			return nil, err
		}
		for _, f := range facts {
			if f.Kind != InClass && f.Kind != Weak && f.Kind != People {
				add(f, "", "", "")
			}
		}
	}
	slices.SortStableFunc(out, func(a, b Saying) int {
		return cmp.Or(b.Known.Compare(a.Known), cmp.Compare(b.About, a.About), cmp.Compare(a.Kind, b.Kind))
	})
	return slices.Clip(out), nil
}

type historyOutput struct {
	Body struct {
		History []Saying          `json:"history"`
		Names   map[string]string `json:"names" doc:"What people call the accounts that said so"`
	}
}

func (s *Service) httpHistory(ctx context.Context, in *struct {
	place.PlaceInput
	place.AsOfInput
},
) (*historyOutput, error) {
	q, err := in.AsOf(s.o.Clock)
	if err != nil {
		return nil, err
	}
	if err := s.rights().May(ctx, MayRead, q, place.ID(in.ID)); err != nil {
		return nil, err
	}
	list, err := s.History(ctx, q, place.ID(in.ID))
	if err != nil {
		return nil, err
	}
	out := &historyOutput{}
	out.Body.History, out.Body.Names = append([]Saying{}, list...), map[string]string{}
	for _, x := range list {
		if _, ok := out.Body.Names[x.By]; !ok && x.By != "" {
			out.Body.Names[x.By] = s.o.Places.Called(ctx, x.By)
		}
	}
	return out, nil
}
