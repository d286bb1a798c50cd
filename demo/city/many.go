package city

import (
	"strings"

	"linli.dev/linli/people/place"
	"linli.dev/linli/people/programme"
)

// Many is the book of a province: the whole story of the city, as often as times says, each with counties of its own.
func Many(times int) (*programme.Book, error) {
	s, err := New(Seed)
	if err != nil {
		return nil, err
	}
	facts, rules := s.tell(Last).facts()
	all := make([]programme.Fact, 0, len(facts)*times)
	for n := range times {
		suffix := strings.Repeat("+", n)
		for _, f := range facts {
			f.Compound += place.ID(suffix)
			if f.Kind == programme.InCounty {
				f.Text += suffix
			}
			all = append(all, f)
		}
	}
	return programme.NewBook(place.Clock{}, rules, all), nil
}
