package role

import (
	"maps"
	"slices"
	"testing"

	"linli.dev/linli/people/place"
)

// Red line 7: taking part is never an indicator. Whatever name a formula may use, it stands for the same after volunteers and guards
// have joined, while the page that counts protection counts them.
func TestNoIndicatorCountsWhoTakesPart(t *testing.T) {
	w := newTwoCounties(t)
	ctx, clock := t.Context(), w.city.Places.Clock()
	q := clock.AtClose(clock.Today())
	f := figures{w.city.Programme}
	read := func() (map[place.ID]map[string]int64, int64) {
		t.Helper()
		got, err := f.Figures(ctx, q)
		if err != nil {
			t.Fatal(err)
		}
		book, err := w.city.Programme.Book(ctx)
		if err != nil {
			t.Fatal(err)
		}
		city := book.City(q)
		return got, city.Numbers().People
	}
	before, people := read()
	err := w.city.Places.Count(ctx, "op", []place.Count{
		{Compound: place.ID(w.ids["compound1"]), Sort: "volunteer", Number: 40, Moment: place.Moment{About: q.Day}},
		{Compound: place.ID(w.ids["compound1"]), Sort: "guard", Number: 12, Moment: place.Moment{About: q.Day}},
	})
	if err != nil {
		t.Fatal(err)
	}
	after, more := read()
	if more-people != 52 {
		t.Fatalf("the protection of the compound has %d people more, want 52", more-people)
	}
	if len(before) != 3 || !maps.EqualFunc(before, after, maps.Equal[map[string]int64, map[string]int64]) {
		t.Errorf("what formulas may name has changed:\n%v\n%v", before, after)
	}
	for at, named := range after {
		for name := range named {
			if !slices.Contains(f.Names(), name) {
				t.Errorf("%s: %q has a value, and no formula may name it", at, name)
			}
		}
	}
	if len(f.Names()) < 25 {
		t.Errorf("formulas may name no more than %q", f.Names())
	}
}
