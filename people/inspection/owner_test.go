package inspection_test

import (
	"context"
	"testing"

	"linli.dev/linli/people/inspection"
	"linli.dev/linli/people/place"
	"linli.dev/linli/store"
	"linli.dev/linli/store/storetest"
)

// Inspections that are older than the note of whom for are whose they are who planned them, where that is known; else the list says
// that nobody knows.
func TestOldInspectionsFindTheirOwners(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := newOffice(t, db)
		ctx := t.Context()
		day := place.Date(2017, 11, 21)
		plan := func(who string, city bool) inspection.ID {
			t.Helper()
			x, err := o.Inspection.Plan(ctx, who, inspection.NewInspection{Compound: o.compound, Form: inspection.StarterID, Day: day, Team: []string{"wang", "zhao"}, City: city})
			o.must(err)
			return x.ID
		}
		type owner struct{ city, open bool }
		want := map[inspection.ID]owner{plan("chen", false): {true, false}, plan("li", false): {false, false}, plan("gone", false): {false, true}, plan("gone", true): {true, false}}
		for _, q := range []string{"ALTER TABLE inspections DROP COLUMN owner_open", "DELETE FROM goose_inspection WHERE version_id = 4"} {
			_, err := db.ExecContext(ctx, q)
			o.must(err)
		}
		var err error
		o.Inspection, err = inspection.New(ctx, db, inspection.Options{Clock: o.clock, Places: o.Places})
		o.must(err)
		o.must(o.Inspection.FindOwners(ctx, func(_ context.Context, account string) (city, known bool, err error) {
			return account == "chen", account != "gone", nil
		}))
		list, _, err := o.Inspection.List(ctx, o.clock.AtClose(o.clock.Today()), "", inspection.Filter{Compound: o.compound})
		o.must(err)
		if len(list) != len(want) {
			t.Fatalf("%+v", list)
		}
		for _, e := range list {
			if got := (owner{e.City, e.OwnerOpen}); got != want[e.ID] {
				t.Errorf("%+v, want %+v", got, want[e.ID])
			}
		}
	})
}
