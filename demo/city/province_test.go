package city

import (
	"testing"

	"linli.dev/linli/people/place"
	"linli.dev/linli/people/programme"
	"linli.dev/linli/role"
	"linli.dev/linli/store"
	"linli.dev/linli/store/storetest"
)

// A province is the city as often as it is said, county by county, on each day of its past.
func TestAProvinceIsManyCities(t *testing.T) {
	const times = 3
	until := place.Date(2017, 5, 12)
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		var hand Hand
		rooms, err := role.OpenCity(ctx, db, hand.Clock())
		if err != nil {
			t.Fatal(err)
		}
		if err := script(t).figures().Play(ctx, rooms, &hand, place.Clock{}.Begin(1), until); err != nil {
			t.Fatal(err)
		}
		one, err := rooms.Programme.Book(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if err := Grow(ctx, db, times); err != nil {
			t.Fatal(err)
		}
		grown, err := role.OpenCity(ctx, db, hand.Clock())
		if err != nil {
			t.Fatal(err)
		}
		many, err := grown.Programme.Book(ctx)
		if err != nil {
			t.Fatal(err)
		}
		clock := hand.Clock()
		for d := until - 20; d <= until; d += 5 {
			q := clock.AtClose(d)
			city, want := many.City(q), programme.Tally{}
			for range times {
				c := one.City(q)
				want.Add(&c)
			}
			if city != want || d == until && city[programme.Compounds] < 1000 {
				t.Errorf("%s: the province has %v, %d cities have %v", d, city, times, want)
			}
		}
		q := clock.AtClose(until)
		tree, err := grown.Places.Tree(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if n, m := len(many.Counties(q)), len(tree.Of(q, place.County)); n != times*15 || m != times*15 || len(tree.Of(q, place.City)) != 1 {
			t.Errorf("%d counties with figures, %d in the tree", n, m)
		}
	})
}
