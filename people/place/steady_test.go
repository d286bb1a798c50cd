package place

import (
	"context"
	"testing"

	"linli.dev/linli/store"
	"linli.dev/linli/store/storetest"
)

// Only days on which the clock was looked at settle it: one that is wrong from the beginning, or goes on by less than counts as
// a jump, is no older for the days that it left out.
func TestAClockSettlesByTheDaysItWasLookedAt(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		newTown(t, db)
		look := func(d Day) (steady bool) {
			t.Helper()
			err := db.Change(t.Context(), func(ctx context.Context, tx *store.Tx) (err error) {
				steady, err = Steady(ctx, tx, "photos", d)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			return steady
		}
		if look(100) || look(120) { // a time server sets it an hour after the first start
			t.Fatal("one hour after the first start it may delete")
		}
		for d := Day(121); d < 126; d++ {
			for range 2 { // looked at twice it is still one day
				if look(d) {
					t.Errorf("on %d it may delete", d)
				}
			}
		}
		if !look(126) {
			t.Error("seven days after the first, it may not delete")
		}
		if !look(150) {
			t.Error("a machine that was off for three weeks begins anew")
		}
		if look(182) || look(183) || look(100) {
			t.Error("after a jump it may delete")
		}
	})
}
