package camera

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"linli.dev/linli/store"
	"linli.dev/linli/store/storetest"
)

// story drives a service second by second, as its Run would.
type story struct {
	t *testing.T
	s *Service
	c *clock
}

func (st story) wait(d time.Duration) {
	st.t.Helper()
	for end := st.c.now().Add(d); st.c.now().Before(end); {
		st.c.add(time.Second)
		if err := st.s.health.tick(context.Background()); err != nil {
			st.t.Fatal(err)
		}
	}
}

func (st story) says(id ID, state State, reason string) {
	st.s.Observe(Status{Camera: id, Which: Main, State: state, Reason: reason, Since: st.c.now()})
	st.s.Observe(Status{Camera: id, Which: Sub, State: state, Reason: reason, Since: st.c.now()})
}

func (st story) outages(id ID) []Outage {
	st.t.Helper()
	o, err := st.s.Outages(context.Background(), id, st.c.now().AddDate(-1, 0, 0), st.c.now().Add(time.Hour))
	if err != nil {
		st.t.Fatal(err)
	}
	return o
}

func (st story) events(kind string) (subjects []string) {
	st.t.Helper()
	events, err := st.s.db.Events(context.Background(), 0, 1000)
	if err != nil {
		st.t.Fatal(err)
	}
	for _, e := range events {
		if e.Kind == kind {
			subjects = append(subjects, e.Subject)
		}
	}
	return subjects
}

func TestOutageOfOneCamera(t *testing.T) {
	each(t, func(t *testing.T, s *Service, c *clock) {
		st := story{t, s, c}
		cam := mustAdd(t, s, gate("东门 1"))
		st.says(cam.ID, Online, "")
		st.wait(30 * time.Second)
		if o := st.outages(cam.ID); len(o) != 0 {
			t.Fatalf("%+v", o)
		}
		// A short loss is no outage.
		st.says(cam.ID, Stalled, "stream.silent")
		st.wait(5 * time.Second)
		st.says(cam.ID, Online, "")
		st.wait(30 * time.Second)
		if o := st.outages(cam.ID); len(o) != 0 {
			t.Fatalf("%+v", o)
		}
		// A real one is dated from the first second and keeps its last reason;
		// a new attempt is not news.
		lost := c.now()
		st.says(cam.ID, Stalled, "stream.silent")
		st.wait(12 * time.Second)
		st.says(cam.ID, Unreachable, "stream.no-route")
		st.wait(5 * time.Second)
		st.says(cam.ID, Connecting, "stream.connecting")
		st.wait(33 * time.Second)
		h := s.Health(cam.ID)
		if h.State != Unreachable || h.Reason != "stream.no-route" {
			t.Errorf("%+v", h)
		}
		back := c.now()
		st.says(cam.ID, Online, "")
		st.wait(9 * time.Second)
		if o := st.outages(cam.ID); len(o) != 1 || o[0].Until != nil {
			t.Errorf("closed before it settled: %+v", o)
		}
		st.wait(5 * time.Second)
		o := st.outages(cam.ID)
		if len(o) != 1 || o[0].Until == nil || !o[0].From.Equal(lost) || !o[0].Until.Equal(back) || o[0].Reason != "stream.no-route" || o[0].Part {
			t.Errorf("%+v", o)
		}
		// online, silent, online, silent, unreachable, online: no flicker in between
		if n := len(st.events("camera.health")); n != 6 {
			t.Errorf("%d events", n)
		}
	})
}

func TestPartialOutage(t *testing.T) {
	each(t, func(t *testing.T, s *Service, c *clock) {
		st := story{t, s, c}
		cam := mustAdd(t, s, gate("东门 1"))
		st.says(cam.ID, Online, "")
		st.wait(20 * time.Second)
		s.Observe(Status{Camera: cam.ID, Which: Main, State: Unreachable, Reason: "stream.no-such-channel"})
		partial := c.now()
		st.wait(60 * time.Second)
		if h := s.Health(cam.ID); h.State != Online || !h.Part || h.Which != Main {
			t.Errorf("%+v", h)
		}
		s.Observe(Status{Camera: cam.ID, Which: Sub, State: Unreachable, Reason: "stream.timeout"})
		full := c.now()
		st.wait(60 * time.Second)
		s.Observe(Status{Camera: cam.ID, Which: Main, State: Online})
		half := c.now()
		st.wait(60 * time.Second)
		s.Observe(Status{Camera: cam.ID, Which: Sub, State: Online})
		whole := c.now()
		st.wait(60 * time.Second)
		o := st.outages(cam.ID)
		slices.Reverse(o)
		if len(o) != 3 {
			t.Fatalf("%+v", o)
		}
		for i, want := range []struct {
			part        bool
			from, until time.Time
		}{{true, partial, full}, {false, full, half}, {true, half, whole}} {
			if o[i].Part != want.part || !o[i].From.Equal(want.from) || !o[i].Until.Equal(want.until) {
				t.Errorf("%d: %+v", i, o[i])
			}
		}
		a, err := s.Availability(context.Background(), cam.ID, cam.Created, c.now(), "day")
		if err != nil || len(a) != 1 || a[0].Out != 60 || a[0].Part != 120 || a[0].Outages != 1 || a[0].Measured != 260 {
			t.Errorf("%+v %v", a, err)
		}
	})
}

func TestFlappingIsOneOutage(t *testing.T) {
	each(t, func(t *testing.T, s *Service, c *clock) {
		st := story{t, s, c}
		cam := mustAdd(t, s, gate("东门 1"))
		st.says(cam.ID, Online, "")
		st.wait(20 * time.Second)
		// A loose plug: eight seconds of picture, eight without.
		for range 20 {
			st.says(cam.ID, Unreachable, "stream.no-route")
			st.wait(8 * time.Second)
			st.says(cam.ID, Online, "")
			st.wait(8 * time.Second)
		}
		st.wait(2 * time.Minute)
		o := st.outages(cam.ID)
		if len(o) != 1 || o[0].Until == nil || o[0].Until.Sub(o[0].From) < 3*time.Minute {
			t.Errorf("%+v", o)
		}
	})
}

func recorder(t *testing.T, s *Service, n int) (DeviceID, []Camera) {
	t.Helper()
	w, err := s.AddDevice(context.Background(), "op", DeviceEdit{Kind: p(KindRecorder), Name: p("录像机"), Host: p("192.168.1.10"), User: p("admin"), Password: p("x")})
	if err != nil {
		t.Fatal(err)
	}
	var cams []Camera
	for i := range n {
		e := gate(fmt.Sprintf("通道 %d", i+1))
		e.Device, e.Channel, e.Main, e.Sub = &w.Value.ID, p(i+1), p("/ch{channel}/0"), p("/ch{channel}/1")
		cams = append(cams, mustAdd(t, s, e))
	}
	return w.Value.ID, cams
}

func TestRecorderIsOneOutage(t *testing.T) {
	each(t, func(t *testing.T, s *Service, c *clock) {
		st := story{t, s, c}
		dev, cams := recorder(t, s, 16)
		for _, cam := range cams {
			st.says(cam.ID, Online, "")
		}
		st.wait(30 * time.Second)
		lost := c.now()
		for i, cam := range cams {
			st.says(cam.ID, Unreachable, "stream.timeout")
			if i%4 == 3 {
				st.wait(time.Second)
			}
		}
		st.wait(5 * time.Minute)
		o := st.outages("")
		if len(o) != 1 || o[0].Camera != "" || o[0].Device != dev || !o[0].From.Equal(lost) || o[0].Until != nil {
			t.Fatalf("%d outages: %+v", len(o), o)
		}
		if o := st.outages(cams[5].ID); len(o) != 1 || o[0].Parent == "" {
			t.Errorf("%+v", o)
		}
		// It comes back; one channel's camera has died meanwhile.
		back := c.now()
		for _, cam := range cams[1:] {
			st.says(cam.ID, Online, "")
		}
		st.wait(3 * time.Minute)
		o = st.outages("")
		if len(o) != 2 || o[0].Camera != cams[0].ID || !o[0].From.Equal(back) || o[0].Until != nil {
			t.Fatalf("%+v", o)
		}
		if o[1].Camera != "" || o[1].Until == nil || !o[1].Until.Equal(back) {
			t.Errorf("%+v", o[1])
		}
		// Its own two spans follow each other without a gap or an overlap.
		if o := st.outages(cams[0].ID); len(o) != 2 || !o[1].Until.Equal(o[0].From) {
			t.Errorf("%+v", o)
		}
		if got := st.events("device.health"); len(got) != 2 || got[0] != string(dev) {
			t.Errorf("%v", got)
		}
	})
}

func TestOneDeadChannelIsNotTheRecorder(t *testing.T) {
	each(t, func(t *testing.T, s *Service, c *clock) {
		st := story{t, s, c}
		_, cams := recorder(t, s, 4)
		for _, cam := range cams {
			st.says(cam.ID, Online, "")
		}
		st.wait(20 * time.Second)
		// One after the other over an hour: four cables, not one recorder.
		for _, cam := range cams {
			st.says(cam.ID, NoPicture, "stream.no-frames")
			st.wait(10 * time.Minute)
		}
		if o := st.outages(""); len(o) != 4 {
			t.Errorf("%+v", o)
		}
	})
}

func TestRestart(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		c := newClock()
		s := newService(t, db, c)
		if err := s.resume(ctx); err != nil {
			t.Fatal(err)
		}
		st := story{t, s, c}
		comes := mustAdd(t, s, gate("回来的"))
		stays := mustAdd(t, s, gate("坏的"))
		well := mustAdd(t, s, gate("好的"))
		for _, cam := range []Camera{comes, stays, well} {
			st.says(cam.ID, Online, "")
		}
		st.wait(20 * time.Second)
		lost := c.now()
		st.says(comes.ID, Unreachable, "stream.timeout")
		st.says(stays.ID, Unreachable, "stream.timeout")
		st.wait(time.Minute)
		if err := s.alive(ctx); err != nil {
			t.Fatal(err)
		}
		died := c.now()

		// Killed; started again an hour later.
		c.add(time.Hour)
		vault := s.vault
		s, err := New(ctx, db, Options{Vault: vault, Now: c.now})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.resume(ctx); err != nil {
			t.Fatal(err)
		}
		st = story{t, s, c}
		st.says(comes.ID, Online, "")
		st.says(well.ID, Online, "")
		st.says(stays.ID, Unreachable, "stream.timeout")
		st.wait(20 * time.Minute)
		st.says(stays.ID, Online, "")
		back := c.now()
		st.wait(time.Minute)

		// The one came back while nobody looked: its outage ends where the
		// looking ended. The other's goes on over the restart.
		if o := st.outages(comes.ID); len(o) != 1 || !o[0].From.Equal(lost) || !o[0].Until.Equal(died) {
			t.Errorf("%+v", o)
		}
		if o := st.outages(stays.ID); len(o) != 1 || !o[0].From.Equal(lost) || !o[0].Until.Equal(back) {
			t.Errorf("%+v", o)
		}
		if o := st.outages(well.ID); len(o) != 0 {
			t.Errorf("%+v", o)
		}
		for cam, want := range map[ID][2]int64{comes.ID: {60, 3600}, stays.ID: {60 + 1200, 3600}, well.ID: {0, 3600}} {
			a, err := s.Availability(ctx, cam, comes.Created, c.now(), "month")
			if err != nil || len(a) != 1 || a[0].Out != want[0] || a[0].Unknown != want[1] || a[0].Measured != 20+60+1200+60 {
				t.Errorf("%s: %+v %v", cam, a, err)
			}
		}
	})
}

func TestDisabledTimeIsNotMeasured(t *testing.T) {
	each(t, func(t *testing.T, s *Service, c *clock) {
		ctx := context.Background()
		st := story{t, s, c}
		cam := mustAdd(t, s, gate("东门 1")) // 9:00
		st.says(cam.ID, Online, "")
		st.wait(10 * time.Second)
		st.says(cam.ID, Unreachable, "stream.timeout")
		st.wait(50 * time.Second)
		if _, err := s.Change(ctx, "op", cam.ID, 1, Edit{Disabled: p(true)}); err != nil {
			t.Fatal(err)
		}
		st.says(cam.ID, Unreachable, "stream.timeout") // a late word of the stream
		st.wait(time.Minute)
		if o := st.outages(cam.ID); len(o) != 1 || o[0].Until == nil || o[0].Until.Sub(o[0].From) != 50*time.Second {
			t.Fatalf("%+v", o)
		}
		c.add(20 * time.Hour)
		if _, err := s.Change(ctx, "op", cam.ID, 2, Edit{Disabled: p(false)}); err != nil {
			t.Fatal(err)
		}
		st.says(cam.ID, Online, "")
		c.add(time.Hour)
		a, err := s.Availability(ctx, cam.ID, time.Date(2026, 11, 22, 0, 0, 0, 0, s.o.Zone), time.Date(2026, 11, 26, 0, 0, 0, 0, s.o.Zone), "day")
		if err != nil || len(a) != 4 {
			t.Fatalf("%+v %v", a, err)
		}
		if a[0].Measured != 0 || a[0].Share != nil {
			t.Errorf("before it was registered: %+v", a[0])
		}
		if a[1].Measured != 60 || a[1].Out != 50 || a[1].Disabled != 15*3600-60 || a[1].Outages != 1 || *a[1].Share > 0.17 || *a[1].Share < 0.16 {
			t.Errorf("23rd: %+v", a[1])
		}
		if a[2].Disabled != 5*3600+120 || a[2].Measured != 3600 || *a[2].Share != 1 {
			t.Errorf("24th: %+v", a[2])
		}
		if a[3].Measured != 0 {
			t.Errorf("the future: %+v", a[3])
		}
		if _, err := s.Availability(ctx, cam.ID, c.now(), c.now(), "day"); err == nil {
			t.Error("an empty span")
		}
	})
}

func TestSpans(t *testing.T) {
	show := func(s []span) string {
		var b strings.Builder
		for _, x := range s {
			fmt.Fprintf(&b, "%d-%d ", x.from, x.to)
		}
		return strings.TrimSpace(b.String())
	}
	a := merge([]span{{5, 9}, {1, 3}, {3, 4}, {8, 12}, {20, 20}, {7, 2}})
	if got := show(a); got != "1-4 5-12" {
		t.Error(got)
	}
	b := []span{{0, 2}, {6, 7}, {11, 30}}
	if got := show(cut(a, b)); got != "1-2 6-7 11-12" {
		t.Error(got)
	}
	if got := show(minus(a, b)); got != "2-4 5-6 7-11" {
		t.Error(got)
	}
	if got := show(minus([]span{{0, 10}}, nil)); got != "0-10" {
		t.Error(got)
	}
}
