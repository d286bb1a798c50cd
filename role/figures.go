package role

import (
	"context"
	"encoding/json"
	"maps"
	"slices"

	"linli.dev/linli/people/place"
	"linli.dev/linli/people/programme"
)

// figures hands the programme's numbers to indicators, under the names that they have in the API: all but those that count who
// takes part.
type figures struct{ *programme.Service }

// takingPart are numbers that no formula may name: volunteers are counted in them, and taking part is never an indicator or a target (red
// line 7). They stay on the pages that count protection.
var takingPart = []string{"protection_people"}

func (f figures) Names() []string {
	return slices.Sorted(maps.Keys(named(programme.Numbers{})))
}

func (f figures) Figures(ctx context.Context, q place.AsOf) (map[place.ID]map[string]int64, error) {
	book, err := f.Book(ctx)
	if err != nil {
		return nil, err
	}
	out := map[place.ID]map[string]int64{}
	var city programme.Tally
	for id, t := range book.Counties(q) {
		city.Add(&t)
		out[id] = named(t.Numbers())
	}
	out[""] = named(city.Numbers())
	return out, nil
}

func named(n programme.Numbers) map[string]int64 {
	raw, err := json.Marshal(n)
	out := map[string]int64{}
	if err == nil {
		err = json.Unmarshal(raw, &out)
	}
	if err != nil {
		panic("role: the programme's numbers: " + err.Error()) // cannot happen: they are whole numbers with names
	}
	for _, name := range takingPart {
		delete(out, name)
	}
	return out
}
