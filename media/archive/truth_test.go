package archive

import (
	"context"
	"time"
)

// listed is what there is, wherever it lies.
func (h *history) listed() (all []SegmentInfo) {
	h.t.Helper()
	for _, camera := range []string{"gate", "yard"} {
		list, err := h.Segments(context.Background(), camera, Main, time.Unix(0, 0), epoch.AddDate(100, 0, 0))
		if err != nil {
			h.t.Fatal(err)
		}
		all = append(all, list...)
	}
	return all
}

// look: nothing is gone that has to be there.
func (h *history) look() {
	h.t.Helper()
	rows, err := h.db.QueryContext(context.Background(), "SELECT id FROM segments UNION SELECT id FROM open_segments")
	if err != nil {
		h.t.Fatal(err)
	}
	defer rows.Close()
	there := map[SegmentID]bool{}
	for rows.Next() {
		var id SegmentID
		if err := rows.Scan(&id); err != nil {
			h.t.Fatal(err)
		}
		there[id] = true
	}
	const slack = 2 * time.Minute // somebody has set the clock by hand
	now := h.really().Add(slack)
	for id, x := range h.things {
		if there[id] {
			continue
		}
		if due := x.to.AddDate(0, 0, keptFor[x.camera]); due.After(now) {
			h.say("gone")
			h.t.Errorf("a segment of %s of %v is gone %v too early", x.camera, x.from, due.Sub(now))
		}
		if x.heldUntil.After(now) {
			h.say("gone")
			h.t.Errorf("a segment of %s of %v is gone, it is held until %v", x.camera, x.from, x.heldUntil)
		}
		delete(h.things, id)
	}
}

// known: the clock is right, and was believed long enough.
func (h *history) known() {
	h.t.Helper()
	if h.InDoubt() || !h.ClockTrusted() {
		h.t.Fatalf("in doubt %v, %+v", h.InDoubt(), h.Clock())
	}
	for _, s := range h.listed() {
		x := h.things[s.ID]
		off := s.Start.Sub(x.from)
		switch {
		case s.Start.After(h.really()):
			h.t.Errorf("a segment of %v lies in the future: %v", x.from, s.Start)
		case x.lost:
		case x.boot == h.boots && (off.Abs() > time.Minute || s.Unconfirmed):
			h.t.Errorf("a segment of %v lies at %v, unconfirmed %v", x.from, s.Start, s.Unconfirmed)
		case !s.Unconfirmed && off.Abs() > time.Hour:
			h.t.Errorf("a segment of %v lies at %v, and is said to be dated right", x.from, s.Start)
		}
	}
}

// ends: the clock is right for good, and all days and holds come to their end.
func (h *history) ends() {
	h.rights()
	h.finish()
	h.p = h.purgerOf() // a start once more
	for range 30 {
		h.step(24 * time.Hour)
	}
	held := h.really()
	for _, x := range h.things {
		if x.heldUntil.After(held) {
			held = x.heldUntil
		}
	}
	for h.really().Before(held.Add(24 * time.Hour)) {
		h.step(24 * time.Hour)
	}
	if len(h.things) > 0 {
		for _, x := range h.things {
			h.say("left: %+v", *x)
		}
		h.t.Errorf("%d segments are left when all days are over", len(h.things))
	}
	h.swept(h.disk)
	r, err := h.Fsck(context.Background(), FsckOptions{})
	if err != nil || !r.Clean() {
		h.t.Errorf("%+v, %v", r, err)
	}
}
