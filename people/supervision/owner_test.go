package supervision_test

import (
	"context"
	"testing"

	"linli.dev/linli/people/place"
	"linli.dev/linli/people/supervision"
	"linli.dev/linli/store"
	"linli.dev/linli/store/storetest"
)

// Tasks that are older than the note of whom for: the migration marks them, and who raised them says whose they are, where that is
// known. What was noted meanwhile stays.
func TestOldTasksFindTheirOwners(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := open(t, db)
		raise := func(who, title string, city bool, units ...string) {
			t.Helper()
			r := supervision.Raising{Places: []place.ID{o.places["兰山区甲小区"]}, Units: units, Title: title, Due: place.Date(2017, 10, 20), City: city}
			if len(units) > 0 {
				r.Places = nil
			}
			_, err := o.s.Raise(o.ctx, who, r)
			o.must(err)
		}
		raise("chen", "city's", false)
		raise("li", "county's", false)
		raise("gone", "nobody knows", false)
		raise("gone", "noted", true)
		raise("gone", "unit's", false, "unions")
		// As it was before the fourth migration, which is then made anew.
		for _, q := range []string{"ALTER TABLE supervision_tasks DROP COLUMN owner_open", "DELETE FROM goose_supervision WHERE version_id = 4"} {
			_, err := db.ExecContext(o.ctx, q)
			o.must(err)
		}
		places, err := place.New(o.ctx, db, place.Options{Clock: o.clock()})
		o.must(err)
		o.s, err = supervision.New(o.ctx, db, supervision.Options{Clock: o.clock(), Places: places, Standings: o, Units: o})
		o.must(err)
		raise("chen", "new", false)

		asked := map[string]int{}
		of := func(_ context.Context, account string) (city, known bool, err error) {
			asked[account]++
			return account == "chen", account != "gone", nil
		}
		o.must(o.s.FindOwners(o.ctx, of))
		o.must(o.s.FindOwners(o.ctx, of))
		type owner struct{ city, open bool }
		got := map[string]owner{}
		for _, e := range o.list(o.today(), supervision.Filter{}) {
			got[e.Title] = owner{e.City, e.OwnerOpen}
		}
		for title, want := range map[string]owner{
			"city's": {true, false}, "county's": {false, false}, "nobody knows": {false, true}, "noted": {true, false}, "unit's": {true, false}, "new": {false, false},
		} {
			if got[title] != want {
				t.Errorf("%s: %+v, want %+v", title, got[title], want)
			}
		}
		if asked["chen"] != 1 || asked["li"] != 1 || asked["gone"] != 2 { // what is known is not asked again
			t.Errorf("%v", asked)
		}
	})
}
