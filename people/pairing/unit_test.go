package pairing_test

import (
	"testing"

	"linli.dev/linli/people/pairing"
	"linli.dev/linli/people/place"
	"linli.dev/linli/store"
	"linli.dev/linli/store/storetest"
)

// The trade union is called otherwise in June: what was said of May names it as it was called then, on the pages, in the folder and
// in public.
func TestAPastDayNamesAUnitAsItWasCalledThen(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newHelp(t, db)
		_, err := w.enter(pairing.Receipt, 500)
		w.must(err)
		first := w.today()
		other, err := w.s.AddUnits(w.ctx, "li", []pairing.Unit{{Name: "市工商局", Level: "city"}})
		w.must(err)
		w.on(place.Date(2017, 6, 10))
		u, err := w.s.ChangeUnit(w.ctx, "chen", w.unit, 1, "市总工会机关", "city")
		w.must(err)
		w.on(place.Date(2017, 7, 1))
		_, err = w.s.ChangeUnit(w.ctx, "chen", w.unit, u.Version, "市工会联合会", "city")
		w.must(err)

		now := w.clock().Close(w.today())
		for _, x := range []struct {
			day  place.Day
			want string
		}{
			{first - 1, "市总工会"},
			{first, "市总工会"},
			{place.Date(2017, 6, 9), "市总工会"},
			{place.Date(2017, 6, 10), "市总工会机关"},
			{place.Date(2017, 6, 30), "市总工会机关"},
			{w.today(), "市工会联合会"},
		} {
			for _, q := range []place.AsOf{w.clock().AtClose(x.day), {Day: x.day, Known: now}} { // a name is no mistake: it is what it was, known now too
				units, err := w.s.UnitsAt(w.ctx, q)
				w.must(err)
				for _, u := range units {
					if want := map[pairing.UnitID]string{w.unit: x.want, other[0].ID: "市工商局"}[u.ID]; u.Name != want {
						t.Errorf("%s: %s, want %s", x.day, u.Name, want)
					}
				}
				list, err := w.s.Views(w.ctx, q, "")
				w.must(err)
				if x.day >= first && (len(list) != 1 || list[0].UnitName != x.want) {
					t.Errorf("%s: %+v", x.day, list)
				}
				whole, err := w.s.Whole(w.ctx, q, w.standing)
				if x.day >= first && (err != nil || whole.UnitName != x.want) {
					t.Errorf("%s: %+v %v", x.day, whole, err)
				}
			}
		}
		// A unit that was renamed before changes were kept has only what it was before.
		_, err = db.NewDelete().TableExpr("record_changes").Where("record = ?", "unit:"+string(w.unit)).Where("act = ?", "added").Exec(w.ctx)
		w.must(err)
		units, err := w.s.UnitsAt(w.ctx, w.clock().AtClose(first))
		w.must(err)
		for _, u := range units {
			if u.ID == w.unit && u.Name != "市总工会" {
				t.Error(u.Name)
			}
		}
	})
}
