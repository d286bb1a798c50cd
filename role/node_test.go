package role

import (
	"context"
	"testing"

	"linli.dev/linli/people/place"
	"linli.dev/linli/people/programme"
)

// A channel is networked for as long as its compound is: for the days that the programme says, 30 where it says none.
func TestAPictureCountsForAsLongAsTheProgrammeSays(t *testing.T) {
	if none, week := spanOf(programme.Programme{}), spanOf(programme.Programme{Span: 7}); none != 30 || week != 7 {
		t.Errorf("%d days without a word, %d where it says 7", none, week)
	}
}

// steady is a register that says the same each time.
type steady []place.Registered

func (s steady) Registered(context.Context) ([]place.Registered, error) { return s, nil }

// Of a demo the published day is closed. That it cannot be read whether it is one is no reason to write into it: what is seen is
// written down when it can be read again.
func TestTheRegisterWritesNothingBlindly(t *testing.T) {
	w := newTwoCounties(t)
	ctx, places := t.Context(), w.city.Places
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	id := place.ID(w.ids["compound1"])
	places.SetCameras(steady{{Camera: "a", Name: "西门", Area: place.Gate, InUse: true, Picture: true}})
	must(places.TieNode(ctx, "op", 0, id, nil))
	tally := func() place.Tally {
		t.Helper()
		steps, err := places.Steps(ctx, id)
		must(err)
		return place.Channels(places.Clock().AtClose(places.Clock().Today()), steps)
	}
	before := tally()
	_, err := w.db.ExecContext(ctx, "ALTER TABLE programmes RENAME TO programmes_away")
	must(err)
	if err := w.nodeSays(ctx); err == nil {
		t.Error("it is not said that the programme could not be read")
	}
	if now := tally(); now != before {
		t.Errorf("it was %+v and is %+v", before, now)
	}
	_, err = w.db.ExecContext(ctx, "ALTER TABLE programmes_away RENAME TO programmes")
	must(err)
	for range 2 { // the second time nothing is new
		must(w.nodeSays(ctx))
	}
	if now := tally(); now.NetworkedSeen != before.NetworkedSeen+1 {
		t.Errorf("it was %+v and is %+v", before, now)
	}
	events, err := w.db.Events(ctx, 0, 500)
	must(err)
	seen := 0
	for _, e := range events {
		if e.Room == "programme" && e.Kind == "compound.seen" {
			seen++
		}
	}
	if seen != 1 {
		t.Errorf("that it was seen is told %d times", seen)
	}
}
