package grant

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"linli.dev/linli/api"
	"linli.dev/linli/fault"
	"linli.dev/linli/store"
	"linli.dev/linli/store/storetest"
)

// The people of these stories: Zhao is a guard at the gatehouse, Sun the operator.
func zhao() api.Caller {
	return api.Caller{Account: "zhao", Name: "赵师傅", Kind: "account", Roles: []string{"guard"}, Session: "zhao-pc", Permissions: map[string]bool{"look.begin": true, "look.read": true}}
}

func sun() api.Caller {
	return api.Caller{Account: "sun", Name: "孙工", Kind: "account", Roles: []string{"operator"}, Session: "sun-pc", Permissions: map[string]bool{"look.begin": true, "look.read": true, "look.read-all": true, "look.end": true}}
}

// compound is a register of cameras and a list of who is signed in, both as changeable as real ones.
type compound struct {
	mu      sync.Mutex
	cameras map[CameraID]CameraFacts
	people  map[string]api.Caller
	onEnd   []func(session, account, why string)
	asked   func() // when the door asks for a camera
}

func newCompound() *compound {
	return &compound{
		cameras: map[CameraID]CameraFacts{
			"gate":  {ID: "gate", Name: "东门", Area: "大门", Common: true, HasSub: true},
			"yard":  {ID: "yard", Name: "中心花园", Area: "公共活动区", Common: true, SoundAllowed: true},
			"dorm":  {ID: "dorm", Name: "宿舍", Area: "宿舍", Common: false},
			"spare": {ID: "spare", Name: "备用", Area: "道路", Common: true, Disabled: true},
		},
		people: map[string]api.Caller{"zhao-pc": zhao(), "sun-pc": sun()},
	}
}

func (c *compound) LookCamera(_ context.Context, id CameraID) (CameraFacts, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.asked != nil {
		c.asked()
	}
	f, ok := c.cameras[id]
	if !ok {
		return f, fault.New(fault.NotFound, "camera", "camera.unknown")
	}
	return f, nil
}

func (c *compound) CallerOf(_ context.Context, session string) (api.Caller, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	p, ok := c.people[session]
	if !ok {
		return p, fault.New(fault.Unauthenticated, "identity", "identity.session-ended")
	}
	return p, nil
}

func (c *compound) SessionOf(r *http.Request) string {
	cookie, err := r.Cookie("linli_session")
	if err != nil {
		return ""
	}
	return cookie.Value
}

func (c *compound) OnSessionEnd(f func(session, account, why string)) { c.onEnd = append(c.onEnd, f) }

func (c *compound) change(f func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f()
}

func (c *compound) signOut(session string) {
	c.change(func() { delete(c.people, session) })
	for _, f := range c.onEnd {
		f(session, "", "signed-out")
	}
}

func open(t *testing.T, db *store.DB, c *compound, more ...func(*Options)) *Door {
	t.Helper()
	opt := Options{DB: db, Facts: c, Sessions: c}
	for _, m := range more {
		m(&opt)
	}
	d, err := New(context.Background(), opt)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// run keeps the door's worker going until the test is over.
func run(t *testing.T, d *Door) {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	over := make(chan error, 1)
	go func() { over <- d.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-over; err != nil {
			t.Error(err)
		}
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
}

func duty(camera CameraID) Request { return Request{Camera: camera, Kind: Live, Purpose: "duty"} }

func begin(t *testing.T, d *Door, who api.Caller, q Request) *Lease {
	t.Helper()
	l, err := d.Begin(context.Background(), who, q)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func record(t *testing.T, d *Door, q Query) []LeaseView {
	t.Helper()
	looks, _, err := d.Looks(context.Background(), q)
	if err != nil {
		t.Fatal(err)
	}
	return looks
}

func eventually(t *testing.T, says string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(5 * time.Second); !ok(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("it did not come about: ", says)
		}
	}
}

func TestZhaoLooksOnDuty(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := open(t, db, newCompound())
		run(t, d)
		q := duty("gate")
		q.Stream, q.Reason = Sub, "东门有人按铃"
		l := begin(t, d, zhao(), q)
		if l.Policy != "guard-live" || l.Until.Sub(l.Begin) != 12*time.Hour || l.Stream != Sub || l.CameraName != "东门" || l.Sound {
			t.Errorf("%+v", l.row())
		}
		if len(l.ID) != 32 || string(l.Look) == l.ID {
			t.Errorf("lease %q of look %q", l.ID, l.Look)
		}
		if got, err := d.Use(l.ID, Live, Playback); got != l || err != nil {
			t.Error(err)
		}
		if _, err := d.Use(l.ID, Export); fault.CodeOf(err) != "door.lease-required" {
			t.Error("a live lease opened an export:", err)
		}
		if _, err := d.Use(string(l.Look)); fault.CodeOf(err) != "door.lease-required" {
			t.Error("the look's id, which is in lists, opened a picture:", err)
		}
		if got := d.Active(); len(got) != 1 || got[0].ID != l.Look || got[0].Reason != "东门有人按铃" {
			t.Errorf("%+v", got)
		}

		if err := d.End(context.Background(), l.ID, EndDeleted); err != nil {
			t.Fatal(err)
		}
		select {
		case <-l.Done():
		default:
			t.Error("it goes on")
		}
		var f *fault.Error
		if _, err := d.Use(l.ID); !errors.As(err, &f) || f.Kind != fault.Gone || f.Code != "door.lease-ended" || f.Args["why"] != EndDeleted {
			t.Error(err)
		}
		if len(d.Active()) != 0 {
			t.Error("it is still listed")
		}
		eventually(t, "the row is closed", func() bool { return record(t, d, Query{})[0].Why == EndDeleted })

		// What stands in the database and the journal opens nothing.
		events, err := db.Events(context.Background(), 0, 1000)
		if err != nil {
			t.Fatal(err)
		}
		var kinds []string
		for _, e := range events {
			if strings.Contains(string(e.Data), l.ID) {
				t.Errorf("%s carries the lease", e.Kind)
			}
			kinds = append(kinds, e.Kind)
		}
		if fmt.Sprint(kinds) != "[look.begun look.ended]" {
			t.Error(kinds)
		}
	})
}

// Whoever finds the lease usable finds its row, too: nobody looks before it is written down.
func TestTheRowStandsBeforeTheLeaseOpens(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		c := newCompound()
		d := open(t, db, c)
		ctx := context.Background()
		// While the transaction is open, the lease stands in the list and opens nothing.
		if err := db.Change(ctx, func(inner context.Context, _ *store.Tx) error {
			l, err := d.Begin(inner, zhao(), duty("gate"))
			if err != nil {
				return err
			}
			_ = l
			return errors.New("the power goes before the commit")
		}); err == nil {
			t.Fatal("committed")
		}
		if n := len(record(t, d, Query{})); n != 0 {
			t.Errorf("%d rows of a look that never was", n)
		}

		// The database refuses: no lease.
		cancelled, cancel := context.WithCancel(ctx)
		cancel()
		if _, err := d.Begin(cancelled, zhao(), duty("yard")); err == nil {
			t.Fatal("a lease without a row")
		}
		for _, l := range d.living() {
			if l.Camera == "yard" {
				t.Error("it is listed")
			}
		}
	})
}

func TestRefusalsAreOnRecord(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := open(t, db, newCompound())
		ctx := context.Background()
		first := zhao()
		first.MustChange = true
		script := zhao()
		script.Kind, script.Session = "token", ""
		for _, c := range []struct {
			says string
			who  api.Caller
			q    Request
			code string
		}{
			{"a dormitory", zhao(), duty("dorm"), "door.refused-common-areas-only"},
			{"a camera that is off", zhao(), duty("spare"), "door.refused-no-disabled-camera"},
			{"Sun on duty", sun(), duty("gate"), "door.refused-no-permit"},
			{"the password from the envelope", first, duty("gate"), "door.refused-no-first-password"},
			{"a script", script, duty("gate"), "door.refused-no-machine"},
		} {
			if _, err := d.Begin(ctx, c.who, c.q); fault.CodeOf(err) != c.code || fault.KindOf(err) != fault.Denied {
				t.Errorf("%s: %v", c.says, err)
			}
		}
		events, err := db.Events(ctx, 0, 100)
		if err != nil || len(events) != 5 || events[0].Kind != "look.refused" || !strings.Contains(string(events[0].Data), "common-areas-only") {
			t.Errorf("%+v %v", events, err)
		}
		if n := len(record(t, d, Query{})); n != 0 {
			t.Errorf("%d looks", n)
		}
	})
}

func TestWhatCannotBeAskedFor(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := open(t, db, newCompound())
		now := time.Now()
		past := func(kind Kind, from, to time.Time) Request {
			return Request{Camera: "gate", Kind: kind, Purpose: "duty", From: from, To: to}
		}
		with := func(f func(*Request)) Request { q := duty("gate"); f(&q); return q }
		for code, q := range map[string]Request{
			"door.camera-missing":  duty(""),
			"camera.unknown":       duty("roof"),
			"door.kind-unknown":    with(func(q *Request) { q.Kind = "recognise" }),
			"door.stream-unknown":  with(func(q *Request) { q.Stream = "third" }),
			"door.purpose-unknown": with(func(q *Request) { q.Purpose = "curiosity" }),
			"door.reason-long":     with(func(q *Request) { q.Reason = strings.Repeat("因", maxReason+1) }),
			"door.span-not-here":   with(func(q *Request) { q.From, q.To = now, now.Add(time.Hour) }),
			"door.speed-range":     with(func(q *Request) { q.Speed = 100 }),
			"door.span-needed":     past(Playback, now, now.Add(-time.Hour)),
			"door.span-future":     past(Playback, now.Add(time.Hour), now.Add(2*time.Hour)),

			"door.refused-playback-seven-days": past(Playback, now.Add(-8*24*time.Hour), now),
			"door.refused-export-one-day":      past(Export, now.Add(-25*time.Hour), now),
		} {
			if _, err := d.Begin(context.Background(), zhao(), q); fault.CodeOf(err) != code {
				t.Errorf("%s: %v", code, err)
			}
		}
		if l := begin(t, d, zhao(), Request{Camera: "yard", Kind: Live, Stream: Sub, Purpose: "duty"}); l.Stream != Main || !l.Sound {
			t.Errorf("a camera without a sub stream gave %s, sound %v", l.Stream, l.Sound)
		}
	})
}

// Sign-out, a taken-back permission, a camera that goes: the picture goes dark at once, for the one
// whom it concerns and nobody else.
func TestWhatEndsALook(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		for says, c := range map[string]struct {
			why string
			do  func(c *compound, d *Door)
		}{
			"Zhao signs out": {EndSession, func(c *compound, _ *Door) { c.signOut("zhao-pc") }},
			"his session is gone, unheard of": {EndSession, func(c *compound, _ *Door) {
				c.change(func() { delete(c.people, "zhao-pc") })
			}},
			"he is made an operator, unheard of": {EndRevoked, func(c *compound, _ *Door) {
				c.change(func() { p := zhao(); p.Roles = []string{"operator"}; c.people["zhao-pc"] = p })
			}},
			"Sun takes it back": {EndRevoked, func(_ *compound, d *Door) { d.EndAccount("zhao", EndRevoked) }},
			"the camera is disabled": {EndCamera, func(c *compound, _ *Door) {
				c.change(func() { f := c.cameras["gate"]; f.Disabled = true; c.cameras["gate"] = f })
			}},
			"the camera is deleted": {EndCamera, func(c *compound, _ *Door) { c.change(func() { delete(c.cameras, "gate") }) }},
			"the camera is turned to a window": {EndRevoked, func(c *compound, _ *Door) {
				c.change(func() { f := c.cameras["gate"]; f.Common = false; c.cameras["gate"] = f })
			}},
			"the journal tells of the camera": {EndCamera, func(_ *compound, d *Door) {
				err := d.db.Change(context.Background(), func(_ context.Context, tx *store.Tx) error {
					return tx.Emit("camera", "camera.disabled", "gate", nil)
				})
				if err != nil {
					t.Error(err)
				}
			}},
		} {
			t.Run(says, func(t *testing.T) {
				comp := newCompound()
				d := open(t, db, comp, func(o *Options) { o.Recheck = 10 * time.Millisecond })
				run(t, d)
				l := begin(t, d, zhao(), duty("gate"))
				other := begin(t, d, sun(), Request{Camera: "yard", Kind: Live, Purpose: "maintenance"})
				c.do(comp, d)
				select {
				case <-l.Done():
				case <-time.After(5 * time.Second):
					t.Fatal("the picture goes on")
				}
				if l.Why() != c.why {
					t.Errorf("because %s, want %s", l.Why(), c.why)
				}
				if other.Err() != nil {
					t.Errorf("Sun's look ended too: %s", other.Why())
				}
				eventually(t, "the row is closed", func() bool {
					looks := record(t, d, Query{Account: "zhao", Limit: 1})
					return looks[0].ID == l.Look && looks[0].Why == c.why && looks[0].End != nil
				})
			})
		}
	})
}

// Zhao signs out in the very moment in which his look is written down.
func TestSignedOutWhileTheLookBegins(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		c := newCompound()
		d := open(t, db, c)
		run(t, d)
		// After the decision, before the row: the door has asked for the facts, and now he is gone.
		c.asked = func() {
			c.asked = nil
			delete(c.people, "zhao-pc")
		}
		if _, err := d.Begin(context.Background(), zhao(), duty("gate")); fault.CodeOf(err) != "door.lease-ended" {
			t.Fatal(err)
		}
		if len(d.Active()) != 0 {
			t.Error("it goes on")
		}
		eventually(t, "it is on record, with its end", func() bool {
			looks := record(t, d, Query{})
			return len(looks) == 1 && looks[0].Why == EndSession
		})
	})
}

func TestThePowerWentWhileZhaoLooked(t *testing.T) {
	storetest.EachOptions(t, func(t *testing.T, opt store.Options) {
		ctx := context.Background()
		db, err := store.Open(ctx, opt)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = db.Close() }()
		d := open(t, db, newCompound())
		l := begin(t, d, zhao(), duty("gate"))
		closed := begin(t, d, zhao(), duty("yard"))
		if err := d.End(ctx, closed.ID, EndDeleted); err != nil {
			t.Fatal(err)
		}
		if err := d.writeEnded(ctx); err != nil {
			t.Fatal(err)
		}
		if err := d.writeSeen(ctx); err != nil {
			t.Fatal(err)
		}

		again := open(t, db, newCompound()) // the first door is gone without a word
		looks := record(t, again, Query{})
		if len(looks) != 2 || looks[1].ID != l.Look || looks[1].Why != EndInterrupted || looks[1].End == nil || !looks[1].End.After(looks[1].Begin) {
			t.Errorf("%+v", looks)
		}
		if looks[0].Why != EndDeleted {
			t.Errorf("a look that was closed was closed again: %+v", looks[0])
		}
		if _, err := again.Use(l.ID); fault.CodeOf(err) != "door.lease-required" {
			t.Error("a lease from before the power cut opens:", err)
		}
		events, _ := db.Events(ctx, 0, 100)
		if last := events[len(events)-1]; last.Kind != "look.ended" || last.Subject != string(l.Look) {
			t.Errorf("%+v", last)
		}
	})
}

func TestTheServerStops(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := open(t, db, newCompound())
		l := begin(t, d, zhao(), duty("gate"))
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
		if l.Why() != EndShutdown || record(t, d, Query{})[0].Why != EndShutdown {
			t.Error(l.Why(), record(t, d, Query{}))
		}
		if _, err := d.Begin(context.Background(), zhao(), duty("gate")); fault.CodeOf(err) != "door.shutting-down" {
			t.Error(err)
		}
	})
}

func TestNobodyOpensHundredsOfPictures(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := open(t, db, newCompound(), func(o *Options) { o.PerAccount = 3 })
		var leases []*Lease
		for range 3 {
			leases = append(leases, begin(t, d, zhao(), duty("gate")))
		}
		if _, err := d.Begin(context.Background(), zhao(), duty("gate")); fault.CodeOf(err) != "door.too-many" {
			t.Error(err)
		}
		begin(t, d, sun(), Request{Camera: "gate", Kind: Live, Purpose: "maintenance"})
		if err := d.End(context.Background(), leases[0].ID, EndDeleted); err != nil {
			t.Fatal(err)
		}
		begin(t, d, zhao(), duty("gate"))
	})
}

// Clip by clip, with pauses and after a restart too: an account's exports of a day have an end, and nobody else's are counted.
func TestNobodyCarriesTheArchiveAway(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		c := newCompound()
		wu := zhao()
		wu.Account, wu.Session = "wu", "wu-pc"
		c.people["wu-pc"] = wu
		d := open(t, db, c)
		ctx := context.Background()
		clip := func(hours float64) Request {
			to := time.Now().Add(-time.Hour)
			return Request{Camera: "gate", Kind: Export, Purpose: "evidence", From: to.Add(-time.Duration(hours * float64(time.Hour))), To: to}
		}
		for range 2 {
			l := begin(t, d, zhao(), clip(20))
			if err := d.End(ctx, l.ID, EndDeleted); err != nil {
				t.Fatal(err)
			}
		}
		d = open(t, db, c)
		begin(t, d, zhao(), clip(7))
		const code = "door.refused-export-two-days-of-footage"
		if _, err := d.Begin(ctx, zhao(), clip(1.01)); fault.CodeOf(err) != code || fault.KindOf(err) != fault.Denied {
			t.Errorf("more than 48 hours: %v", err)
		}
		begin(t, d, wu, clip(24))
		play := clip(4)
		play.Kind = Playback
		begin(t, d, zhao(), play)
		// Many at once are told of one another.
		var all sync.WaitGroup
		var given atomic.Int32
		for range 6 {
			all.Go(func() {
				if _, err := d.Begin(ctx, zhao(), clip(0.6)); err == nil {
					given.Add(1)
				} else if fault.CodeOf(err) != code {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if given.Load() != 1 {
			t.Errorf("of what fits once, %d were given", given.Load())
		}
		// A day later it is over. (The looks are made older, as nobody waits here for a day.)
		if _, err := db.ExecContext(ctx, "UPDATE looks SET begin_us = begin_us - ? WHERE account = ?", (24 * time.Hour).Microseconds(), "zhao"); err != nil {
			t.Fatal(err)
		}
		begin(t, d, zhao(), clip(24))
	})
}

func TestTheRecordHasPages(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := open(t, db, newCompound())
		ctx := context.Background()
		for i := range 7 {
			l := begin(t, d, zhao(), duty([]CameraID{"gate", "yard"}[i%2]))
			if i < 5 {
				if err := d.End(ctx, l.ID, EndDeleted); err != nil {
					t.Fatal(err)
				}
			}
		}
		begin(t, d, sun(), Request{Camera: "gate", Kind: Snapshot, Purpose: "maintenance"})
		if err := d.writeEnded(ctx); err != nil {
			t.Fatal(err)
		}
		seen, pages := map[LookID]bool{}, 0
		for next := LookID(""); ; pages++ {
			looks, more, err := d.Looks(ctx, Query{Account: "zhao", Before: next, Limit: 3})
			if err != nil {
				t.Fatal(err)
			}
			for _, l := range looks {
				if seen[l.ID] {
					t.Errorf("%s twice", l.ID)
				}
				seen[l.ID] = true
			}
			if more == "" {
				break
			}
			next = more
		}
		if len(seen) != 7 || pages != 2 {
			t.Errorf("%d looks on %d pages", len(seen), pages+1)
		}
		yes, no := true, false
		for want, q := range map[int]Query{
			3: {Active: &yes}, 5: {Active: &no}, 4: {Account: "zhao", Camera: "gate"}, 8: {From: time.Now().Add(-time.Hour), To: time.Now().Add(time.Hour)}, 0: {To: time.Now().Add(-time.Hour)},
		} {
			if got := record(t, d, q); len(got) != want {
				t.Errorf("%+v: %d looks, want %d", q, len(got), want)
			}
		}
	})
}

// book is a record that takes nothing while it has trouble.
type book struct {
	trouble error
	synced  int
}

func (b *book) Sync(context.Context) error {
	b.synced++
	return b.trouble
}

// While the record takes nothing nobody looks, and what was begun is closed: its row says that it never opened anything.
func TestNoLookWithoutItsEntry(t *testing.T) {
	b := &book{trouble: fault.New(fault.Unavailable, "ledger.sync", "tlog.not-written")}
	d := open(t, storetest.SQLite(t), newCompound(), func(o *Options) { o.Record = b })
	run(t, d)
	if l, err := d.Begin(context.Background(), zhao(), duty("gate")); fault.KindOf(err) != fault.Unavailable || l != nil {
		t.Fatalf("%v, %v", l, err)
	}
	if d.count() != 0 {
		t.Error("a lease lives")
	}
	d.mu.RLock()
	ids := slices.Collect(maps.Keys(d.leases))
	d.mu.RUnlock()
	for _, id := range ids {
		if _, err := d.Use(id); err == nil {
			t.Error("it opens pictures")
		}
	}
	eventually(t, "the row is closed", func() bool {
		looks := record(t, d, Query{})
		return len(looks) == 1 && looks[0].Why == EndRevoked && looks[0].End != nil
	})
	b.trouble = nil
	begin(t, d, zhao(), duty("gate"))
	if b.synced != 2 {
		t.Errorf("asked %d times", b.synced)
	}
}

// A refusal that cannot be written down is no answer.
func TestNoRefusalWithoutItsEvent(t *testing.T) {
	db := storetest.SQLite(t)
	d := open(t, db, newCompound())
	if _, err := d.Begin(context.Background(), zhao(), duty("dorm")); fault.KindOf(err) != fault.Denied {
		t.Fatalf("%v", err)
	}
	if _, err := db.ExecContext(context.Background(), "DROP TABLE journal"); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Begin(context.Background(), zhao(), duty("dorm")); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("%v, want unavailable", err)
	}
}

// As what and for whom somebody looks stands beside it.
func TestRolesAndUnits(t *testing.T) {
	who := zhao()
	who.Offices = []api.Office{{Role: "member-unit", Unit: "b"}, {Role: "manager", Place: "p"}, {Role: "member-unit", Unit: "a"}}
	d := open(t, storetest.SQLite(t), newCompound())
	l := begin(t, d, who, duty("gate"))
	if l.Role != "guard,manager,member-unit" || l.Unit != "a,b" {
		t.Errorf("%q, %q", l.Role, l.Unit)
	}
	if looks := record(t, d, Query{}); looks[0].Role != l.Role || looks[0].Unit != l.Unit {
		t.Errorf("%+v", looks)
	}
}
