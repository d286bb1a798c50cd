package pairing

import (
	"cmp"
	"context"
	"slices"

	"linli.dev/linli/people/place"
)

// Became is what money of a unit became, of one sort of protection.
type Became struct {
	Sort   place.Sort `json:"sort" doc:"Left empty: something else"`
	Number int        `json:"number"`
	Fen    int64      `json:"fen"`
}

// UnitPublic is what everybody may know of a unit's help: sums, and what became
// of what is disclosed. What it pledged and how it stands against that is
// between it and the offices.
type UnitPublic struct {
	Unit      UnitID   `json:"unit"`
	Name      string   `json:"name"`
	Received  int64    `json:"received_fen"`
	Disclosed int64    `json:"disclosed_fen"`
	Became    []Became `json:"became"`
}

// LinePublic is one disclosure, or its correction.
type LinePublic struct {
	Day    place.Day  `json:"day" doc:"From which it is public"`
	Unit   UnitID     `json:"unit"`
	Name   string     `json:"name"`
	Fen    int64      `json:"fen" doc:"Below 0: a correction, which takes an earlier line back"`
	Became place.Sort `json:"became,omitempty"`
	Number int        `json:"number,omitempty"`
}

// Public is what everybody may read of help money: money, units and closed
// words. No compound is in it, nor anything that leads to one: who is helped is
// weak, and that is for staff only (red line 9). So no text that somebody typed,
// no voucher and no photo either.
type Public struct {
	Day       place.Day    `json:"day"`
	Invented  bool         `json:"invented,omitempty" doc:"A demo's"`
	Received  int64        `json:"received_fen"`
	Spent     int64        `json:"spent_fen"`
	Disclosed int64        `json:"disclosed_fen"`
	Units     []UnitPublic `json:"units"`
	Lines     []LinePublic `json:"lines" doc:"The newest first"`
	Total     int          `json:"total" doc:"How many lines there are"`
}

// Publish makes the public view of entries as of a day. Units without money are
// left out.
func Publish(q place.AsOf, units []Unit, pairings []Pairing, entries []Entry) Public {
	out := Public{Day: q.Day, Units: []UnitPublic{}, Lines: []LinePublic{}}
	of := map[ID]UnitID{}
	for _, p := range pairings {
		of[p.ID] = p.Unit
	}
	spends := map[EntryID]*Entry{}
	for i := range entries {
		if entries[i].Kind == Spend {
			spends[entries[i].ID] = &entries[i]
		}
	}
	by := map[UnitID]*UnitPublic{}
	for i := range units {
		by[units[i].ID] = &UnitPublic{Unit: units[i].ID, Name: units[i].Name, Became: []Became{}}
	}
	for i := range entries {
		e := &entries[i]
		u := by[of[e.Pairing]]
		if u == nil || !q.Sees(e.Moment) {
			continue
		}
		switch e.Kind {
		case Receipt:
			u.Received, out.Received = u.Received+e.Fen, out.Received+e.Fen
		case Spend:
			out.Spent += e.Fen
		case Disclosure:
			u.Disclosed, out.Disclosed = u.Disclosed+e.Fen, out.Disclosed+e.Fen
			line := LinePublic{Day: e.About, Unit: u.Unit, Name: u.Name, Fen: e.Fen}
			if s := spends[e.Of]; s != nil {
				line.Became, line.Number = s.Became, s.Number
				if e.Fen < 0 {
					line.Number = -s.Number
				}
			}
			out.Lines = append(out.Lines, line)
			u.became(line)
		}
	}
	for _, u := range by {
		if u.Received != 0 || u.Disclosed != 0 {
			u.Became = slices.DeleteFunc(u.Became, func(b Became) bool { return b.Fen == 0 && b.Number == 0 })
			slices.SortFunc(u.Became, func(a, b Became) int { return cmp.Or(cmp.Compare(b.Fen, a.Fen), cmp.Compare(a.Sort, b.Sort)) })
			out.Units = append(out.Units, *u)
		}
	}
	slices.SortFunc(out.Units, func(a, b UnitPublic) int {
		return cmp.Or(cmp.Compare(b.Received, a.Received), cmp.Compare(a.Name, b.Name))
	})
	slices.SortStableFunc(out.Lines, func(a, b LinePublic) int {
		return cmp.Or(cmp.Compare(b.Day, a.Day), cmp.Compare(a.Name, b.Name), cmp.Compare(b.Fen, a.Fen))
	})
	out.Total = len(out.Lines)
	return out
}

func (u *UnitPublic) became(l LinePublic) {
	i := slices.IndexFunc(u.Became, func(b Became) bool { return b.Sort == l.Became })
	if i < 0 {
		u.Became, i = append(u.Became, Became{Sort: l.Became}), len(u.Became)
	}
	u.Became[i].Fen += l.Fen
	u.Became[i].Number += l.Number
}

type publicOutput struct{ Body Public }

func (s *Service) httpDisclosure(ctx context.Context, in *struct {
	place.AsOfInput
	Unit   string `query:"unit" doc:"Lines of one unit only"`
	Offset int    `query:"offset" minimum:"0"`
	Limit  int    `query:"limit" minimum:"1" maximum:"500" default:"50"`
},
) (*publicOutput, error) {
	q, err := in.AsOf(s.o.Clock)
	if err != nil {
		return nil, err
	}
	units, err := s.UnitsAt(ctx, q)
	if err != nil {
		return nil, err
	}
	pairings, err := s.Pairings(ctx)
	if err != nil {
		return nil, err
	}
	entries, err := s.Entries(ctx)
	if err != nil {
		return nil, err
	}
	out := &publicOutput{Publish(q, units, pairings, entries)}
	if in.Unit != "" {
		out.Body.Lines = slices.DeleteFunc(out.Body.Lines, func(l LinePublic) bool { return string(l.Unit) != in.Unit })
		out.Body.Total = len(out.Body.Lines)
	}
	from := min(in.Offset, len(out.Body.Lines))
	out.Body.Lines = out.Body.Lines[from:min(from+in.Limit, len(out.Body.Lines))]
	if s.o.Invented != nil {
		if out.Body.Invented, err = s.o.Invented(ctx); err != nil {
			return nil, err
		}
	}
	return out, nil
}
