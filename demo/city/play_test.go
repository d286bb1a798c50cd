package city

import (
	"context"
	"strings"
	"testing"
	"time"

	"linli.dev/linli/api"
	"linli.dev/linli/people/place"
	"linli.dev/linli/people/programme"
	"linli.dev/linli/role"
	"linli.dev/linli/store"
	"linli.dev/linli/store/storetest"
)

// figures leaves those steps out that change no figure: photos, files, bulletins, points. They have tests of their own, and
// with the race detector they take half of the time.
func (s *Script) figures() *Script {
	out := &Script{Seed: s.Seed, counties: s.counties}
	for _, st := range s.Steps {
		switch st.act.(type) {
		case outlined, located, attach, activity, drive, notice, aims, letterhead, draft, carry, supervise, rule, look, handle, publishForm, plans, begun, visits, reported, mended:
		default:
			out.Steps = append(out.Steps, st)
		}
	}
	return out
}

// Played into a database, through the rooms and their rules, the city says on the published day what it says in memory: word for
// word. So both databases hold the published figures, to the digit.
func TestADatabaseSaysWhatMemorySays(t *testing.T) {
	s := script(t).figures()
	voice, err := api.NewVoice("zh", programme.Sentences())
	if err != nil {
		t.Fatal(err)
	}
	words := func(b programme.Bulletin) string {
		doc := b.Document(voice)
		var out strings.Builder
		if err := doc.WriteText(&out); err != nil {
			t.Fatal(err)
		}
		return out.String()
	}
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		var hand Hand
		rooms, err := role.OpenCity(ctx, db, hand.Clock())
		if err != nil {
			t.Fatal(err)
		}
		halfway, last := place.Date(2017, 8, 26), published
		begin := time.Now()
		if err := s.Play(ctx, rooms, &hand, time.Time{}, halfway); err != nil {
			t.Fatal(err)
		}
		clock := hand.Clock()
		then, err := rooms.Programme.Bulletin(ctx, programme.BulletinAsk{Of: clock.AtClose(halfway)})
		if err != nil {
			t.Fatal(err)
		}
		// On from there; the book follows the journal.
		if err := s.Play(ctx, rooms, &hand, clock.Close(halfway), last); err != nil {
			t.Fatal(err)
		}
		t.Logf("played in %s", time.Since(begin).Round(time.Millisecond))
		for _, day := range []place.Day{place.Date(2017, 5, 20), halfway, last} {
			want, err := Bulletin(day, 0, programme.Office, "")
			if err != nil {
				t.Fatal(err)
			}
			got, err := rooms.Programme.Bulletin(ctx, programme.BulletinAsk{Of: clock.AtClose(day)})
			if err != nil {
				t.Fatal(err)
			}
			if words(got) != words(want) {
				t.Errorf("%s: in the database:\n%.1500s\nin memory:\n%.1500s", day, words(got), words(want))
			}
			if day == halfway && words(then) != words(got) {
				t.Errorf("%s has changed", day)
			}
		}
		whole, err := rooms.Programme.Bulletin(ctx, programme.BulletinAsk{Of: clock.AtClose(published)})
		if err != nil {
			t.Fatal(err)
		}
		if n := whole.Numbers; n.Compounds != 2366 || n.Built != 1524 || n.Networked != 930 || n.Channels != 17475 || n.Paired != 522 || n.Received != 374_500_000 {
			t.Errorf("the published day in the database: %+v", n)
		}
		// A second process that opens the same database reads the same.
		other, err := role.OpenCity(ctx, db, clock)
		if err != nil {
			t.Fatal(err)
		}
		begin = time.Now()
		again, err := other.Programme.Bulletin(ctx, programme.BulletinAsk{Of: clock.AtClose(last)})
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("read anew in %s", time.Since(begin).Round(time.Millisecond))
		mine, err := rooms.Programme.Bulletin(ctx, programme.BulletinAsk{Of: clock.AtClose(last)})
		if err != nil {
			t.Fatal(err)
		}
		if words(again) != words(mine) {
			t.Error("read anew it is another city")
		}
		theCamerasRunLive(t, rooms, last)
		live, err := rooms.Programme.Bulletin(ctx, programme.BulletinAsk{Of: clock.AtClose(last)})
		if err != nil {
			t.Fatal(err)
		}
		if words(live) != words(mine) {
			t.Errorf("with live cameras:\n%.1500s\nwithout:\n%.1500s", words(live), words(mine))
		}
	})
}

// The four cameras of the demo are channels of Jinyang Garden that the story has listed, so no figure of the day moves when
// they are registered, seen, and one is taken away: that is of the day after.
func theCamerasRunLive(t *testing.T, rooms role.City, today place.Day) {
	t.Helper()
	ctx := context.Background()
	cams := fewCameras{}
	for _, a := range []place.AreaKind{place.Gate, place.Road, place.CarPark, place.Yard} {
		cams = append(cams, place.Registered{Camera: place.CameraID(a), Name: string(a), Area: a, InUse: true, Picture: true})
	}
	rooms.Places.SetCameras(&cams)
	if err := rooms.TieDemo(ctx, Live); err != nil {
		t.Fatal(err)
	}
	n, err := rooms.Places.Node(ctx)
	if err != nil || n.Version != 1 {
		t.Fatal(n, err)
	}
	keep := func() place.Tally {
		t.Helper()
		if _, seen, err := rooms.Places.KeepNode(ctx, place.Keeping{From: today + 1, Span: 30}); err != nil || !seen {
			t.Fatal(seen, err)
		}
		steps, err := rooms.Places.Steps(ctx, n.Compound)
		if err != nil {
			t.Fatal(err)
		}
		return place.Channels(place.AsOf{Day: today + 1, Known: rooms.Places.Clock().Close(today)}, steps)
	}
	before := keep()
	cams = cams[1:]
	if after := keep(); after.Installed != before.Installed-1 {
		t.Errorf("%+v, then %+v", before, after)
	}
}

type fewCameras []place.Registered

func (f *fewCameras) Registered(context.Context) ([]place.Registered, error) { return *f, nil }
