package inspection_test

import (
	"bytes"
	"context"
	"image"
	"image/jpeg"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"linli.dev/linli/people/inspection"
	"linli.dev/linli/people/place"
	"linli.dev/linli/store"
	"linli.dev/linli/store/storetest"
)

// inChange counts the readings of inspections in a transaction.
type inChange struct {
	db   *store.DB
	read int
}

func (h *inChange) BeforeQuery(ctx context.Context, _ *bun.QueryEvent) context.Context { return ctx }

func (h *inChange) AfterQuery(ctx context.Context, e *bun.QueryEvent) {
	if h.db.InChange(ctx) && strings.HasPrefix(e.Query, "SELECT") && strings.Contains(e.Query, `"inspection`) {
		h.read++
	}
}

// The photos of an inspection go three years after the last thing done about it; those of one that is still planned stay.
func TestPhotosOfAnInspectionHaveAnEnd(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		held := &inChange{db: db}
		db.DB = db.WithQueryHook(held)
		o, ctx := newOffice(t, db), t.Context()
		o.Inspection.SetAccounts(nil)
		on := func(d place.Day) { o.now = o.clock.Begin(d).Add(9 * time.Hour) }
		var picture bytes.Buffer
		o.must(jpeg.Encode(&picture, image.NewRGBA(image.Rect(0, 0, 40, 30)), nil))
		plan := func() inspection.Inspection {
			t.Helper()
			x, err := o.Inspection.Plan(ctx, "li", inspection.NewInspection{Compound: o.compound, Form: inspection.StarterID, Day: o.clock.Today(), Team: []string{"wang", "zhao"}})
			o.must(err)
			return x
		}
		photo := func(x inspection.Inspection, id string) {
			t.Helper()
			_, err := o.Inspection.AddPhoto(ctx, "wang", x.ID, id, picture.Bytes())
			o.must(err)
		}
		purge := func(want int) {
			t.Helper()
			*held = inChange{db: db}
			n, err := o.Inspection.Purge(ctx)
			o.must(err)
			if want == 0 && held.read > 0 {
				t.Errorf("%s: writers wait for %d readings of inspections", o.clock.Today(), held.read)
			}
			if n != want {
				t.Errorf("%s: %d photos went, want %d", o.clock.Today(), n, want)
			}
		}
		over, open := plan(), plan()
		photo(over, "photo-01")
		photo(open, "photo-02") // the same picture
		on(o.clock.Today() + 1)
		_, err := o.Inspection.Cancel(ctx, "li", over.ID, over.Version, "改期")
		o.must(err)
		last := o.clock.Today().AddMonths(36)
		for d := last - 9; d <= last; d++ {
			on(d)
			purge(0)
		}
		on(last + 1)
		purge(1)
		purge(0)
		if _, err := o.Inspection.Photo(ctx, over.ID, "photo-01"); err == nil {
			t.Error("it is still shown")
		}
		if b, err := o.Inspection.Photo(ctx, open.ID, "photo-02"); err != nil || len(b) == 0 {
			t.Error("that of another inspection has gone with it:", err)
		}
		v, _, err := o.Inspection.View(ctx, o.clock.AtClose(o.clock.Today()), "wang", over.ID, func(code string, _ map[string]any) string { return code })
		o.must(err)
		if len(v.Photos) != 1 || v.Photos[0].Purged != last+1 {
			t.Errorf("%+v", v.Photos)
		}
	})
}
