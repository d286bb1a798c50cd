package campaign_test

import (
	"bytes"
	"encoding/json"
	"image"
	"image/color"
	"image/png"
	"testing"
	"time"

	"linli.dev/linli/people/campaign"
	"linli.dev/linli/people/place"
	"linli.dev/linli/role"
	"linli.dev/linli/store"
	"linli.dev/linli/store/storetest"
)

// Photos go two years after their activity, but for one that a later activity shows too, and not while the clock jumps.
func TestPhotosHaveAnEnd(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx, day := t.Context(), place.Date(2017, time.September, 20)
		now := place.Clock{}.Begin(day).Add(10 * time.Hour)
		clock := place.Clock{Now: func() time.Time { return now }}
		on := func(d place.Day) { now = clock.Begin(d).Add(10 * time.Hour) }
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		c, err := role.OpenCity(ctx, db, clock)
		must(err)
		city, err := c.Places.Found(ctx, "li", []place.NewPlace{{Level: place.City, Name: "临沂市", From: day}})
		must(err)
		_, err = c.Campaign.Set(ctx, "li", 0, campaign.Campaign{ID: "drive", Name: "集中行动", From: day, Until: day + 700})
		must(err)
		picture := func(shade uint8) []byte {
			img := image.NewRGBA(image.Rect(0, 0, 30, 20))
			img.Set(1, 1, color.RGBA{shade, 0, 0, 255})
			var b bytes.Buffer
			must(png.Encode(&b, img))
			return b.Bytes()
		}
		put := func(title string, shades ...uint8) campaign.Activity {
			t.Helper()
			a, err := c.Campaign.Put(ctx, "li", 0, campaign.Activity{Campaign: "drive", Kind: campaign.Spread, Strand: campaign.Publicity, Place: city[0].Place, Day: clock.Today(), Title: title})
			must(err)
			for _, shade := range shades {
				a, err = c.Campaign.AddPhoto(ctx, "li", a.ID, picture(shade), "")
				must(err)
			}
			return a
		}
		purge := func(want int) {
			t.Helper()
			n, err := c.Campaign.Purge(ctx)
			must(err)
			if n != want {
				t.Errorf("%s: %d photos went, want %d", clock.Today(), n, want)
			}
		}
		old := put("集中宣传", 1, 2)
		on(day + 200)
		later := put("再次宣传", 2)
		last := old.PhotosUntil()
		if last != place.Date(2019, 9, 20) {
			t.Fatal(last)
		}
		for d := last - 10; d <= last; d++ { // the clock goes on day by day
			on(d)
			purge(0)
		}
		on(last + 1)
		purge(2)
		purge(0)
		if _, err := c.Campaign.Photo(ctx, old.Photos[0].Hash); err == nil {
			t.Error("the first picture is still there")
		}
		if _, err := c.Campaign.Photo(ctx, old.Photos[1].Hash); err != nil {
			t.Error("the second is shown by a later activity:", err)
		}
		a, err := c.Campaign.Activity(ctx, old.ID)
		must(err)
		if len(a.Photos) != 2 || a.Photos[0].Purged != last+1 || a.Photos[1].Purged != last+1 {
			t.Errorf("%+v", a.Photos)
		}
		told, err := c.Places.Traces(ctx, clock.Close(clock.Today()), "activity:"+string(old.ID))
		must(err)
		if told[0].Act != "photos-purged" || told[0].By != "" {
			t.Errorf("%+v", told[0])
		}
		events, err := db.Events(ctx, 0, 500)
		must(err)
		purged := 0
		for _, e := range events {
			var data struct {
				Photos []string  `json:"photos"`
				Until  place.Day `json:"kept_until"`
			}
			if e.Kind == "photo.purged" && json.Unmarshal(e.Data, &data) == nil && len(data.Photos) == 2 && data.Until == last {
				purged++
			}
		}
		if purged != 1 {
			t.Errorf("%d events of a purge", purged)
		}
		// Taken out of the later activity too, the second is shown by nobody, although the first one says that it was there.
		_, err = c.Campaign.RemovePhoto(ctx, "li", later.ID, old.Photos[1].Hash)
		must(err)
		lie := func(want int64) {
			t.Helper()
			if n, err := db.NewSelect().Table("activity_photos").Count(ctx); err != nil || n != want {
				t.Errorf("%d pictures lie there, want %d: %v", n, want, err)
			}
		}
		lie(0)
		if _, err := c.Campaign.Photo(ctx, old.Photos[1].Hash); err == nil {
			t.Error("a picture that nobody shows is handed out")
		}
		// Bytes that were left behind go with the next purge, and none that an activity shows.
		_, err = db.ExecContext(ctx, "INSERT INTO activity_photos (hash, bytes, known_us) VALUES (?, ?, 1)", old.Photos[1].Hash, []byte("x"))
		must(err)
		if _, err := c.Campaign.Photo(ctx, old.Photos[1].Hash); err == nil {
			t.Error("a picture that nobody shows is handed out")
		}
		on(clock.Today() + 1)
		shown := put("又一次宣传", 200)
		lie(2)
		purge(0)
		lie(1)
		// The clock jumps by years: nothing goes until it has gone on by itself for a week.
		jumped := last + 2000
		on(jumped)
		purge(0)
		for d := jumped + 1; d < jumped+7; d++ {
			on(d)
			purge(0)
		}
		on(jumped + 7)
		purge(1)
		lie(0)
		if _, err := c.Campaign.Photo(ctx, shown.Photos[0].Hash); err == nil {
			t.Error("its time is over")
		}
	})
}
