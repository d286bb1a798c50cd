package camera

import (
	"context"
	"sync"
	"testing"
	"time"

	"linli.dev/linli/store"
	"linli.dev/linli/store/storetest"
)

// machine is a box with two clocks: one that somebody sets, one that only runs on.
type machine struct {
	mu      sync.Mutex
	wall    time.Time
	mono    time.Duration
	trusted bool
}

func (m *machine) now() time.Time      { m.mu.Lock(); defer m.mu.Unlock(); return m.wall }
func (m *machine) up() time.Duration   { m.mu.Lock(); defer m.mu.Unlock(); return m.mono }
func (m *machine) believed() bool      { m.mu.Lock(); defer m.mu.Unlock(); return m.trusted }
func (m *machine) add(d time.Duration) { m.set(m.now().Add(d), m.believed(), d) }

// set puts the wall clock somewhere, after some time.
func (m *machine) set(wall time.Time, trusted bool, after ...time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.wall, m.trusted = wall, trusted
	for _, d := range after {
		m.mono += d
	}
}

// life is a process on a box.
type life struct {
	t *testing.T
	m *machine
	s *Service
	w watch
}

func begins(t *testing.T, db *store.DB, vault Vault, m *machine) *life {
	t.Helper()
	s, err := New(context.Background(), db, Options{Vault: vault, Now: m.now, Mono: m.up, Trusted: m.believed})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.resume(context.Background()); err != nil {
		t.Fatal(err)
	}
	return &life{t: t, m: m, s: s, w: watch{life: s.clock.steady()}}
}

func (l *life) wait(d time.Duration) {
	l.t.Helper()
	for ; d > 0; d -= time.Second {
		l.m.add(time.Second)
		if err := l.s.health.tick(context.Background()); err != nil {
			l.t.Fatal(err)
		}
		l.s.beat(context.Background(), &l.w)
	}
}

func (l *life) says(id ID, state State) {
	l.s.Observe(Status{Camera: id, Which: Main, State: state, Reason: "stream.timeout"})
	l.s.Observe(Status{Camera: id, Which: Sub, State: state, Reason: "stream.timeout"})
}

func (l *life) outages(id ID) []Outage {
	l.t.Helper()
	o, err := l.s.Outages(context.Background(), id, l.m.now().AddDate(-1, 0, 0), l.m.now().Add(time.Hour))
	if err != nil {
		l.t.Fatal(err)
	}
	return o
}

func (l *life) rows(table string) (n int) {
	l.t.Helper()
	if err := l.s.db.QueryRow("SELECT COUNT(*) FROM " + table).Scan(&n); err != nil {
		l.t.Fatal(err)
	}
	return n
}

func (l *life) span(id ID, from, to time.Time) Availability {
	l.t.Helper()
	a, err := l.s.Availability(context.Background(), id, from, to, "month")
	if err != nil || len(a) != 1 {
		l.t.Fatalf("%+v %v", a, err)
	}
	return a[0]
}

func beijing(month time.Month, day, hour, minute int) time.Time {
	return time.Date(2026, month, day, hour, minute, 0, 0, time.FixedZone("", 8*3600))
}

func vaultOf(t *testing.T) Vault {
	t.Helper()
	v, err := store.OpenVault(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func near(a, b time.Time) bool { return a.Sub(b).Abs() < 2*time.Second }

// A box without a battery is off for eight days. It wakes up in 1970, or where it believes to have gone to sleep, and is set
// twenty minutes later. What it saw in these twenty minutes is told by the right time, the eight days are not known.
func TestWakesWithoutTheTime(t *testing.T) {
	for name, wakes := range map[string]time.Time{"1970": time.Unix(60, 0), "the time it knew last": beijing(11, 20, 10, 1)} {
		t.Run(name, func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, db *store.DB) {
				vault, m := vaultOf(t), &machine{wall: beijing(11, 20, 9, 0), trusted: true}
				l := begins(t, db, vault, m)
				well, lost, found, back := mustAdd(t, l.s, gate("好的")).ID, mustAdd(t, l.s, gate("断电后坏的")).ID, mustAdd(t, l.s, gate("断电后坏了又好的")).ID, mustAdd(t, l.s, gate("断电前坏的")).ID
				for _, id := range []ID{well, lost, found, back} {
					l.says(id, Online)
				}
				l.wait(30 * time.Second)
				l.says(back, Unreachable)
				l.wait(2 * time.Minute)
				died := m.now()

				m.set(wakes, false, 8*24*time.Hour)
				l = begins(t, db, vault, m)
				begun := m.up()
				l.says(well, Online)
				l.says(back, Online)
				l.says(lost, Unreachable)
				l.says(found, Unreachable)
				l.wait(10 * time.Minute)
				l.says(found, Online)
				l.wait(10 * time.Minute)
				if n, b := l.rows("outages"), l.rows("camera_blanks"); n != 1 || b != 1 {
					t.Fatalf("%d outages and %d blanks were written by a clock that nobody has set", n, b)
				}
				if o := l.outages(lost); len(o) != 1 || !o[0].Unconfirmed || o[0].Until != nil {
					t.Errorf("what lasts is not told: %+v", o)
				}
				if n := len(l.s.Health(lost).Streams); n != 2 || l.s.Health(lost).Outage == nil {
					t.Errorf("%+v", l.s.Health(lost))
				}

				set := beijing(11, 28, 9, 0)
				begin := set.Add(begun - m.up()) // when the process began, as is known now
				m.set(set, true)
				l.wait(30 * time.Second)
				check := func(when string) {
					t.Helper()
					if o := l.outages(lost); len(o) != 1 || !near(o[0].From, begin) || o[0].Until != nil || o[0].Unconfirmed {
						t.Errorf("%s: since the power came: %+v", when, o)
					}
					if o := l.outages(found); len(o) != 1 || !near(o[0].From, begin) || !near(*o[0].Until, begin.Add(10*time.Minute)) || o[0].Unconfirmed {
						t.Errorf("%s: ten minutes after the power came: %+v", when, o)
					}
					if o := l.outages(back); len(o) != 1 || o[0].Until == nil || died.Sub(*o[0].Until) > 25*time.Second || o[0].Until.After(died) {
						t.Errorf("%s: it came back while nobody looked: %+v", when, o)
					}
					if o := l.outages(well); len(o) != 0 {
						t.Errorf("%s: %+v", when, o)
					}
				}
				check("set")
				off := int64(begin.Sub(died).Seconds())
				if a := l.span(well, beijing(11, 20, 0, 0), beijing(11, 30, 0, 0)); a.Unknown < off || a.Unknown > off+25 || a.Out != 0 || *a.Share != 1 {
					t.Errorf("off for %d s: %+v", off, a)
				}
				if a := l.span(lost, beijing(11, 28, 0, 0), beijing(11, 29, 0, 0)); a.Out < 1225 || a.Out > 1235 || a.Measured != a.Out {
					t.Errorf("out since the power came: %+v", a)
				}

				// It goes on as it is, also in the next process.
				l.wait(time.Minute)
				l = begins(t, db, vault, m)
				l.says(lost, Unreachable)
				l.says(well, Online)
				l.says(found, Online)
				l.says(back, Online)
				l.wait(time.Minute)
				check("started again")
			})
		})
	}
}

// The recorder of a box that has just woken up is one outage there, too.
func TestRecorderOutWhileTheClockIsUnset(t *testing.T) {
	db := storetest.SQLite(t)
	m := &machine{wall: time.Unix(60, 0)}
	l := begins(t, db, vaultOf(t), m)
	_, cams := recorder(t, l.s, 4)
	for _, c := range cams {
		l.says(c.ID, Unreachable)
	}
	l.wait(3 * time.Minute)
	if o := l.outages(""); len(o) != 1 || o[0].Camera != "" || !o[0].Unconfirmed {
		t.Errorf("%+v", o)
	}
	for _, c := range cams {
		l.says(c.ID, Online)
	}
	l.wait(time.Minute)
	set := beijing(11, 28, 9, 0)
	m.set(set, true)
	l.wait(30 * time.Second)
	o := l.outages("")
	if len(o) != 1 || o[0].Camera != "" || o[0].Until == nil || !near(*o[0].Until, set.Add(-time.Minute)) || !near(o[0].From, set.Add(-4*time.Minute)) {
		t.Errorf("%+v", o)
	}
	// The cameras were registered while nobody knew the time: that is known now, too.
	a := l.span(cams[0].ID, beijing(11, 1, 0, 0), beijing(11, 30, 0, 0))
	if a.Measured > 300 || a.Out < 170 || a.Out > 190 {
		t.Errorf("%+v", a)
	}
}

// The clock of a running server is set to 2031 by mistake, and back an hour later. A camera comes back meanwhile.
func TestClockJumpsAheadAndBack(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		m := &machine{wall: beijing(11, 20, 9, 0), trusted: true}
		l := begins(t, db, vaultOf(t), m)
		cam := mustAdd(t, l.s, gate("东门 1")).ID
		l.says(cam, Online)
		l.wait(time.Minute)
		l.says(cam, Unreachable)
		lost := m.now()
		l.wait(time.Minute)
		m.set(m.now().AddDate(5, 0, 0), true) // it takes some seconds until that is no longer believed
		l.wait(5 * time.Second)
		l.says(cam, Online)
		l.wait(5 * time.Second)
		m.set(m.now(), false)
		l.wait(10 * time.Minute)
		if _, err := l.s.Change(context.Background(), "op", cam, 1, Edit{Disabled: p(true)}); err != nil {
			t.Fatal(err)
		}
		m.set(m.now().AddDate(-5, 0, 0), true)
		l.wait(30 * time.Second)
		if o := l.outages(cam); len(o) != 1 || !near(o[0].From, lost) || o[0].Until == nil || !near(*o[0].Until, lost.Add(65*time.Second)) {
			t.Errorf("%+v", o)
		}
		a := l.span(cam, beijing(11, 20, 0, 0), beijing(11, 21, 0, 0))
		if a.Out < 64 || a.Out > 67 || a.Unknown != 0 || a.Disabled < 29 || a.Disabled > 32 || a.Measured < 725 || a.Measured > 735 {
			t.Errorf("%+v", a)
		}
	})
}

// What an earlier version, or a process of a wrong year, has left behind does not spoil every day there is.
func TestDatesThatCannotBe(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		vault, m := vaultOf(t), &machine{wall: beijing(11, 1, 9, 0), trusted: true}
		l := begins(t, db, vault, m)
		lasts, over, ahead, off, old := mustAdd(t, l.s, gate("坏着的")).ID, mustAdd(t, l.s, gate("好了的")).ID, mustAdd(t, l.s, gate("关在后头的")).ID, mustAdd(t, l.s, gate("停用的")).ID, mustAdd(t, l.s, gate("早登记的")).ID
		us := func(at time.Time) int64 { return store.Micros(at) }
		for _, o := range []outageRow{
			{ID: "lasts", Camera: lasts, State: Unreachable, FromUS: us(time.Unix(90, 0))},
			{ID: "over", Camera: over, State: Unreachable, FromUS: us(time.Unix(90, 0)), UntilUS: us(beijing(11, 10, 9, 0))},
			{ID: "ahead", Camera: ahead, State: Unreachable, FromUS: us(beijing(11, 10, 9, 0)), UntilUS: us(beijing(11, 10, 9, 0).AddDate(5, 0, 0))},
		} {
			if _, err := db.NewInsert().Model(&o).Exec(ctx); err != nil {
				t.Fatal(err)
			}
		}
		for q, args := range map[string][]any{
			"UPDATE cameras SET created_us = ? WHERE id = ?":                                     {us(time.Unix(70, 0)), old},
			"UPDATE cameras SET disabled = TRUE, created_us = created_us WHERE id = ?":           {off},
			"INSERT INTO camera_pauses (camera, from_us, until_us) VALUES (?, ?, 0)":             {off, us(time.Unix(80, 0))},
			"INSERT INTO camera_blanks (from_us, until_us) VALUES (?, ?)":                        {us(time.Unix(95, 0)), us(beijing(11, 9, 9, 0))},
			"INSERT INTO camera_blanks (from_us, until_us) VALUES (?, ?) ON CONFLICT DO NOTHING": {us(beijing(11, 12, 9, 0)), us(beijing(11, 1, 9, 0).AddDate(5, 0, 0))},
			"UPDATE camera_blanks SET from_us = ? WHERE until_us = 0":                            {us(time.Unix(99, 0))},
		} {
			if _, err := db.NewRaw(q, args...).Exec(ctx); err != nil {
				t.Fatal(q, err)
			}
		}
		m.set(beijing(11, 13, 9, 0), true, 12*24*time.Hour)
		l = begins(t, db, vault, m)
		l.says(lasts, Unreachable)
		for _, id := range []ID{over, ahead, old} {
			l.says(id, Online)
		}
		l.wait(time.Minute)
		from, to := beijing(11, 1, 0, 0), beijing(11, 14, 0, 0)
		const day = 24 * 3600
		for id, want := range map[ID][3]int64{lasts: {60, 0, day}, over: {0, 0, day}, ahead: {0, 0, day}, off: {0, 60, day}, old: {0, 0, 0}} {
			a := l.span(id, from, to)
			if a.Out != want[0] || a.Disabled != want[1] || a.Unknown != want[2] {
				t.Errorf("%s: %+v, want out, disabled, unknown %v", id, a, want)
			}
		}
		if o := l.outages(lasts); len(o) != 1 || !near(o[0].From, beijing(11, 13, 9, 0)) {
			t.Errorf("%+v", o)
		}
	})
}

// A server that is started in 2031 by mistake, or with a clock that nobody believes, removes nothing for its age; one that
// has run for as long as that does, two days' worth a day.
func TestNothingIsOldByAWrongClock(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		vault, m := vaultOf(t), &machine{wall: beijing(11, 1, 9, 0), trusted: true}
		l := begins(t, db, vault, m)
		cam := mustAdd(t, l.s, gate("东门 1")).ID
		e := gate("东门 2")
		e.RetentionMain, e.RetentionSub = p(90), p(90)
		gone := mustAdd(t, l.s, e).ID
		l.says(cam, Online)
		l.wait(30 * time.Second)
		for range 3 { // an outage on each of three days
			l.says(cam, Unreachable)
			l.wait(time.Minute)
			l.says(cam, Online)
			l.wait(time.Minute)
			m.add(24 * time.Hour)
		}
		if err := l.s.Remove(ctx, "op", gone); err != nil {
			t.Fatal(err)
		}
		l.wait(30 * time.Second)
		tables := []string{"outages", "camera_blanks", "cameras", "devices"}
		before := map[string]int{}
		for _, table := range tables {
			before[table] = l.rows(table)
		}
		same := func(says string) {
			t.Helper()
			for _, table := range tables {
				if n := l.rows(table); n < before[table] {
					t.Errorf("%s: %s had %d rows, now %d", says, table, before[table], n)
				}
			}
			if days, err := l.s.Retention(ctx, gone, Main); days != 90 || err != nil {
				t.Errorf("%s: 90 days were promised, now %d %v", says, days, err)
			}
		}
		hours := func(n int) {
			for range n {
				m.add(time.Hour)
				l.s.beat(ctx, &l.w)
			}
		}
		right := m.now()
		for says, believed := range map[string]bool{"2031, and nobody believes it": false, "2031, and it is believed": true} {
			m.set(right.AddDate(5, 0, 0), believed)
			l = begins(t, db, vault, m)
			l.says(cam, Online)
			hours(20)
			same(says)
		}
		m.set(right, true) // a person says that this is the time
		l = begins(t, db, vault, m)
		l.says(cam, Online)
		hours(2)
		same("the right time again")
		if a := l.span(cam, beijing(11, 1, 0, 0), beijing(11, 5, 0, 0)); a.Out != 180 {
			t.Errorf("%+v", a)
		}

		// 400 days on, the server ran all the time: the oldest two days go first.
		own := "outages WHERE camera = '" + string(cam) + "'"
		m.add(keepOutages + 10*24*time.Hour)
		l.s.beat(ctx, &l.w)
		if n := l.rows(own); n != 1 {
			t.Errorf("%d outages, of the third day", n)
		}
		hours(20)
		if n := l.rows(own); n != 1 {
			t.Errorf("%d outages on the same day", n)
		}
		hours(5)
		if n := l.rows(own); n != 0 {
			t.Errorf("%d outages stay", n)
		}
		if days, err := l.s.Retention(ctx, gone, Main); days != DefaultRetention || err != nil {
			t.Errorf("the row of a camera that left so long ago: %d %v", days, err)
		}
	})
}

// A camera that is moved to another device leaves what was wrong with it behind.
func TestOutageEndsWithTheDevice(t *testing.T) {
	db := storetest.SQLite(t)
	m := &machine{wall: beijing(11, 20, 9, 0), trusted: true}
	l := begins(t, db, vaultOf(t), m)
	cam := mustAdd(t, l.s, gate("东门 1"))
	dev, _ := recorder(t, l.s, 1)
	l.says(cam.ID, Unreachable)
	l.wait(time.Minute)
	if _, err := l.s.Change(context.Background(), "op", cam.ID, 1, Edit{Device: &dev, Channel: p(1), Main: p("/ch1/0"), Sub: p("/ch1/1")}); err != nil {
		t.Fatal(err)
	}
	l.says(cam.ID, Online)
	l.wait(time.Minute)
	if o := l.outages(cam.ID); len(o) != 1 || o[0].Until == nil {
		t.Errorf("%+v", o)
	}
}
