package place

import (
	"context"
	"testing"
	"time"

	"linli.dev/linli/store"
	"linli.dev/linli/store/storetest"
)

// Who waits for a long transaction, such as an import that stamps with each of its parts, is not refused for the time that
// went by meanwhile.
func TestWhoWaitsForALongTransactionIsNotRefused(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		newTown(t, db)
		clock, ctx := Clock{}, t.Context()
		stamped, done := make(chan struct{}), make(chan error, 1)
		go func() {
			<-stamped
			done <- clock.Change(ctx, db, func(context.Context, *store.Tx, time.Time) error { return nil })
		}()
		var last time.Time
		err := db.Change(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
			if _, err := clock.Stamp(ctx, tx); err != nil {
				return err
			}
			close(stamped)
			time.Sleep(sameMoment + 500*time.Millisecond)
			last, err = clock.Stamp(ctx, tx)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := <-done; err != nil {
			t.Error(err)
		}
		// One whose clock really stands before what is known is refused as ever.
		behind := Clock{Now: func() time.Time { return last.Add(-time.Minute) }}
		if err := behind.Change(ctx, db, func(context.Context, *store.Tx, time.Time) error { return nil }); err == nil {
			t.Error("a clock that was set back writes")
		}
	})
}
