package supervision

import (
	"cmp"
	"context"
	"strings"

	"linli.dev/linli/api"
	"linli.dev/linli/people/place"
)

// stateCodes are the names of the states in sentences.
var stateCodes = map[State]string{
	Raised:   "supervision.state.raised",
	Signed:   "supervision.state.signed",
	Underway: "supervision.state.underway",
	Returned: "supervision.state.returned",
	Reported: "supervision.state.reported",
}

// LateText is the list of what is late, by county, as plain text that can be
// pasted into a chat.
func (s *Service) LateText(ctx context.Context, v *api.Voice, q place.AsOf, county place.ID) (text string, number int, err error) {
	return s.lateText(ctx, v, q, Filter{Late: true, County: county})
}

func (s *Service) lateText(ctx context.Context, v *api.Voice, q place.AsOf, f Filter) (text string, number int, err error) {
	list, _, err := s.List(ctx, q, f)
	if err != nil {
		return "", 0, err
	}
	if len(list) == 0 {
		return v.Say("supervision.late.none", "date", q.Day.String()), 0, nil
	}
	var order []string
	by := map[string][]Entry{}
	for _, e := range list {
		group := e.CountyName
		if e.Unit != "" {
			group = v.Say("supervision.late.units")
		}
		if by[group] == nil {
			order = append(order, group)
		}
		by[group] = append(by[group], e)
	}
	var b strings.Builder
	line := func(code string, args ...any) { b.WriteString(v.Say(code, args...) + "\n") }
	demo, err := s.o.Places.Invented(ctx)
	if err != nil {
		return "", 0, err
	}
	if demo {
		line(place.DemoSentence)
	}
	english := map[string]string{}
	if v.Language() == "en" {
		if english, err = s.o.Places.EnglishNames(ctx, q); err != nil {
			return "", 0, err
		}
	}
	called := func(name string) string { return cmp.Or(english[name], name) }
	line("supervision.late.head", "date", q.Day.String(), "number", len(list))
	n := 0
	for _, name := range order {
		line("supervision.late.county", "county", called(name), "number", len(by[name]))
		for _, e := range by[name] {
			n++
			where := called(e.Name)
			if e.Level == place.Compound || e.Level == place.Community {
				where = e.Street + e.Name
				if v.Language() == "en" {
					where = called(e.Street) + " " + called(e.Name)
				}
			}
			line("supervision.late.line", "n", n, "place", where, "title", e.Title, "due", e.Due.String(), "days", -e.Days, "state", v.Say(stateCodes[e.State]))
		}
	}
	line("supervision.late.foot")
	return b.String(), len(list), nil
}
