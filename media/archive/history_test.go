package archive

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path"
	"strings"
	"testing"
	"time"

	"linli.dev/linli/media/archive/file/filetest"
	"linli.dev/linli/store/storetest"
)

// history is a machine to which things happen by chance: its power is cut, its clock wakes up right, late or in 1970, is set by hand, by a
// time server or to a wrong year, and comes back; people hold footage and let go of it; its database loses rows. What really was, the test
// knows.
type history struct {
	*bare
	rnd     *rand.Rand
	broken  *filetest.Broken
	p       *Purger
	past    []string // what has happened
	things  map[SegmentID]*thing
	until   map[string]time.Time // holds, and when they really end
	boots   int
	astray  bool          // a believed clock has jumped away
	slow    time.Duration // by how much the clock of this boot is behind while nobody sets it; it must not be believed by its date
	longest time.Duration // the longest time without power
	open    []SegmentID
}

// thing is a segment as it really was.
type thing struct {
	camera    string
	from, to  time.Time
	boot      int
	heldUntil time.Time
	lost      bool // its row was lost once: nobody knows when it was
	protected bool
}

// keptFor is the retention of both cameras, in days.
var keptFor = map[string]int{"gate": 7, "yard": 2}

func TestHistories(t *testing.T) {
	n, first := 12, uint64(1)
	if os.Getenv("LINLI_SOAK") != "" {
		n, first = 3000, rand.Uint64N(1<<40)
	}
	for i := range n {
		seed := first + uint64(i)
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			h := newHistory(t, seed)
			defer func() {
				if t.Failed() {
					t.Log(strings.Join(h.past, "\n"))
				}
			}()
			h.run()
		})
		if t.Failed() {
			return
		}
	}
}

func newHistory(t *testing.T, seed uint64) *history {
	h := &history{rnd: rand.New(rand.NewPCG(seed, 5)), things: map[SegmentID]*thing{}, until: map[string]time.Time{}}
	db := storetest.SQLite(t)
	y := newYard(t, db)
	h.broken = &filetest.Broken{Layer: y.layer}
	y.cfg.Layer = h.broken
	h.bare = &bare{yard: y, db: db, truth: epoch}
	h.box = &box{hands: y.clock}
	y.time = h.box
	h.boot()
	return h
}

func (h *history) say(format string, args ...any) {
	h.past = append(h.past, fmt.Sprintf("%s (shown %s) %s", h.really().Format("01-02 15:04:05"), h.clock.Wall().Format("2006-01-02 15:04:05"), fmt.Sprintf(format, args...)))
}

func (h *history) chance(percent int) bool { return h.rnd.IntN(100) < percent }

func (h *history) some(from, to time.Duration) time.Duration {
	return from + time.Duration(h.rnd.Int64N(int64(to-from)))
}

// starts a process, after one that ended without a word.
func (h *history) starts() {
	h.t.Helper()
	ctx := context.Background()
	h.bare.open(h.db)
	h.p = h.purgerOf()
	h.open = nil
	if h.chance(20) {
		h.step(10 * time.Second) // a disk that comes late
	}
	if _, err := h.Recover(ctx, h.disk); err != nil {
		h.t.Fatal(err)
	}
}

func (h *history) purgerOf() *Purger {
	p, err := NewPurger(context.Background(), PurgerOptions{
		Archive: h.Archive, Settle: -1,
		Retention: func(_ context.Context, camera string, _ Which) (int, error) { return keptFor[camera], nil },
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return p
}

// boot switches the machine on.
func (h *history) boot() {
	off := h.some(10*time.Second, time.Hour)
	if h.chance(30) {
		off = h.some(time.Hour, 20*24*time.Hour)
	}
	h.longest = max(h.longest, off)
	saved := h.clock.Wall()
	h.clock.run(off)
	h.boots++
	h.box.boot, h.on, h.synced = fmt.Sprint("boot", h.boots), h.clock.Mono(), false
	show := h.really()
	known := h.keeping.ever.Load() // else the date is believed within minutes, and must be right
	switch k := h.rnd.IntN(4); {
	case k == 0 || h.boots == 1:
		show = time.Unix(1, 0)
	case k == 1 && known && !h.astray:
		show = saved
	case k == 2 && known:
		show = show.Add(-h.some(time.Minute, 50*time.Minute))
	}
	if h.astray && h.chance(50) { // what has set it to a wrong year is gone with the power
		show = time.Unix(1, 0)
	}
	h.astray = false
	h.setTo(show)
	h.slow = h.really().Sub(show)
	h.say("boot %d, %v without power", h.boots, off)
	h.clock.run(20 * time.Second)
	h.starts()
}

// step lets some time pass, and the purger look.
func (h *history) step(d time.Duration) {
	h.t.Helper()
	h.clock.run(d)
	if d > 12*time.Hour {
		h.p.hour = h.really().Truncate(time.Hour) // roots are not what is looked at here
	}
	if err := h.p.Step(context.Background()); err != nil {
		h.t.Fatal(err)
	}
	h.look()
}

func (h *history) run() {
	for range 25 {
		h.happens()
		if h.t.Failed() {
			return
		}
	}
	h.ends()
}

func (h *history) happens() {
	// A clock that is wrong is not believed by its date alone as long as the test goes on: 6 h after a start it would be.
	if h.slow > time.Minute && h.clock.Mono()-h.on > 4*time.Hour {
		h.rights()
	}
	switch k := h.rnd.IntN(100); {
	case k < 35:
		h.records()
	case k < 45:
		h.pass()
	case k < 55:
		h.holdsSome()
	case k < 60:
		h.renews()
	case k < 68:
		h.rights()
	case k < 74:
		h.byHand()
	case k < 82:
		h.jumps()
	case k < 88:
		h.say("the process ends and starts again")
		h.starts()
		h.step(10 * time.Second)
	case k < 95:
		h.boot()
		h.step(10 * time.Second)
	case k < 98:
		h.loses()
	default:
		h.protects()
	}
}

// records some minutes of both cameras.
func (h *history) records() {
	ctx := context.Background()
	h.finish()
	n := 1 + h.rnd.IntN(4)
	h.say("records %d segments, trusted %v", n, h.ClockTrusted())
	for i := range n {
		doubt := !h.ClockTrusted()
		start, really := h.clock.Wall(), h.really()
		var segs []Segment
		var entries [][]Entry
		for camera := range keptFor {
			s, e, b := draft(camera, Main, h.disk, start.UnixMicro(), start, 2, 150*time.Second, 20)
			if doubt {
				doubtful(b, e)
			}
			s.Unconfirmed, s.Boot = doubt, h.Dating(start.Add(time.Second))
			h.write(s.Path, b)
			segs, entries = append(segs, s), append(entries, e)
			h.things[s.ID] = &thing{camera: camera, from: really, to: really.Add(5 * time.Minute), boot: h.boots}
			h.open = append(h.open, s.ID)
		}
		if err := h.Begin(ctx, segs...); err != nil {
			h.t.Fatal(err)
		}
		for k, s := range segs {
			h.Append(s.ID, entries[k]...)
			if h.chance(30) {
				if err := h.Checkpoint(ctx, Synced{s.ID, 1 + h.rnd.IntN(2)}); err != nil {
					h.t.Fatal(err)
				}
			}
		}
		h.step(5 * time.Minute)
		if i < n-1 || h.chance(50) {
			h.finish()
		}
	}
}

func (h *history) finish() {
	h.t.Helper()
	if err := h.Finish(context.Background(), h.open...); err != nil {
		h.t.Fatal(err)
	}
	h.open = nil
}

func (h *history) pass() {
	d := h.some(time.Minute, 2*time.Hour)
	if h.slow < time.Minute && h.chance(40) {
		d = h.some(2*time.Hour, 5*24*time.Hour)
	}
	h.finish()
	h.say("%v pass", d)
	for range 6 {
		h.step(d / 6)
	}
}

// rights: a time server sets the clock right, and whoever keeps the machine says so where that is asked for.
func (h *history) rights() {
	h.setTo(h.really())
	h.synced, h.astray, h.slow = true, false, 0
	h.say("the clock is set right")
	h.step(10 * time.Second)
	if stopped, _ := h.p.Stopped(); stopped || h.Clock().Reason == clockPast {
		h.say("somebody says that it is right: %v, %s", stopped, h.Clock().Reason)
		if err := h.p.Resume(context.Background(), "operator"); err != nil {
			h.t.Fatal(err)
		}
	}
	for range 4 {
		h.step(10 * time.Second)
	}
	h.known()
}

func (h *history) byHand() {
	if h.ClockTrusted() || h.astray {
		return
	}
	h.slow = h.some(-30*time.Second, 30*time.Second)
	h.setTo(h.really().Add(-h.slow))
	h.say("somebody sets the clock, %v behind", h.slow)
	h.step(10 * time.Second)
}

// jumps: what is believed sets the clock to a wrong year.
func (h *history) jumps() {
	if !h.ClockTrusted() || h.slow.Abs() > time.Minute {
		return
	}
	by := h.some(2*time.Hour, 5*365*24*time.Hour)
	if h.chance(30) {
		by = -h.some(2*time.Hour, 300*24*time.Hour)
	}
	h.setTo(h.really().Add(by))
	h.astray = true
	h.say("the clock jumps by %v", by)
	h.step(10 * time.Second)
	if h.chance(60) {
		h.records()
		if h.chance(50) {
			h.holdsSome()
		}
		if h.chance(50) { // back by itself
			h.setTo(h.really())
			h.say("the clock is back")
			h.astray = false
			h.step(10 * time.Second)
			h.finish()
			h.step(10 * time.Second)
		}
	}
}

// holdsSome: somebody presses the wall's key, or holds what is listed.
func (h *history) holdsSome() {
	ctx := context.Background()
	now, days := h.clock.Wall(), 1+h.rnd.IntN(30)
	var hold Hold
	list := h.listed()
	if len(list) > 0 && h.chance(70) {
		s := list[h.rnd.IntN(len(list))]
		hold = Hold{Camera: s.Camera, From: s.Start.Add(time.Minute), To: s.End.Add(time.Minute)}
	} else {
		hold, days = Hold{Camera: "gate", From: now.Add(-markSpan), To: now.Add(markSpan)}, 3
	}
	hold.Reason, hold.Owner, hold.Until = "bicycle", "li", now.AddDate(0, 0, days)
	made, err := h.AddHold(ctx, hold)
	if err != nil {
		return // what is listed in the future nobody can hold
	}
	h.covers(made, h.really().AddDate(0, 0, days))
}

// covers remembers what a hold covers now.
func (h *history) covers(hold Hold, until time.Time) {
	h.until[hold.ID] = until
	n := 0
	for _, s := range h.listed() {
		if s.Camera == hold.Camera && s.Start.Before(hold.To) && s.End.After(hold.From) {
			if x := h.things[s.ID]; until.After(x.heldUntil) && !x.lost {
				x.heldUntil = until
			}
			n++
		}
	}
	h.say("%s is held from %v to %v, until really %v: %d segments", hold.Camera, hold.From, hold.To, until, n)
}

func (h *history) renews() {
	ctx := context.Background()
	list, err := h.ListHolds(ctx, HoldFilter{})
	if err != nil {
		h.t.Fatal(err)
	}
	if len(list) == 0 {
		return
	}
	days := 1 + h.rnd.IntN(30)
	until := h.clock.Wall().AddDate(0, 0, days)
	x := list[h.rnd.IntN(len(list))]
	really := h.really().AddDate(0, 0, days)
	if was, ok := h.until[x.ID]; !ok || really.Before(was) {
		return // nobody takes time away
	}
	x, err = h.ChangeHold(ctx, x.ID, nil, &until, "wang")
	if err != nil {
		return
	}
	h.say("a hold is renewed")
	h.covers(x, really)
}

// loses: the database comes out of a backup, without a row.
func (h *history) loses() {
	ctx := context.Background()
	h.finish()
	list := h.listed()
	if len(list) == 0 {
		return
	}
	s := list[h.rnd.IntN(len(list))]
	x := h.things[s.ID]
	if x.heldUntil.After(h.really()) || x.protected {
		return // a hold is for a time, and nobody knows that of the file
	}
	h.say("the row of a segment of %v is lost, and made anew", x.from)
	for _, q := range []string{"DELETE FROM segments WHERE id = ?", "DELETE FROM segment_indexes WHERE segment = ?"} {
		if _, err := h.db.ExecContext(ctx, q, s.ID); err != nil {
			h.t.Fatal(err)
		}
	}
	x.lost = true
	h.swept(h.disk)
	if r, err := h.Fsck(ctx, FsckOptions{Mend: true, Quick: true}); err != nil || r.Differences[ExtraFile] == 0 {
		h.t.Fatalf("%+v, %v", r, err)
	}
	h.starts()
	h.step(10 * time.Second)
}

// protects: an administrator keeps a file from being deleted.
func (h *history) protects() {
	list := h.listed()
	if len(list) == 0 {
		return
	}
	s := list[h.rnd.IntN(len(list))]
	h.things[s.ID].protected = true
	h.broken.Protect(path.Join(h.cfg.Path, s.Path))
}
