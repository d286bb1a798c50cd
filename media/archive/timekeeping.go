package archive

import (
	"context"
	"errors"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"linli.dev/linli/store"
)

// Timekeeping is what a machine knows of its own clock.
type Timekeeping struct {
	Known  bool          // the machine says whether its clock was set; a container may not be told
	Synced bool          // a time server, a receiver or a reference clock has set it and keeps it
	Up     time.Duration // since the machine was started
	Boot   string        // names that start; "" where the machine does not tell
}

// Timekeeper asks a machine.
type Timekeeper interface{ Timekeeping() Timekeeping }

// Kernel asks Linux: whoever sets the clock (chrony, timesyncd, ntpd, PTP, a GPS receiver) tells it.
type Kernel struct{}

// bootName names the boot of the machine.
var bootName = sync.OnceValue(func() string {
	raw, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(raw))
})

// Timekeeping reads; it sets nothing.
func (Kernel) Timekeeping() Timekeeping {
	var up unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_BOOTTIME, &up); err != nil {
		return Timekeeping{}
	}
	var tx unix.Timex
	state, err := unix.Adjtimex(&tx)
	return Timekeeping{
		Known: err == nil, Synced: err == nil && state != unix.TIME_ERROR && tx.Status&unix.STA_UNSYNC == 0,
		Up: time.Duration(up.Nano()), Boot: bootName(),
	}
}

// How long after its start a machine may take to have its clock set before the date alone is believed. A box that has been
// set before will be set again as soon as it reaches its server, so it is given longer: its line may be down. Then what it
// has recorded is confirmed as it stands; footage that stayed in doubt for ever would never be deleted, and fill the disks.
const (
	firstWait = 3 * time.Minute
	laterWait = 6 * time.Hour
)

// ClockState says what the wall clock is worth.
type ClockState struct {
	Trusted  bool       `json:"trusted" doc:"Footage is dated by it. While it is not, footage is marked unconfirmed and dated anew when the time is known; nothing is deleted."`
	Synced   string     `json:"synced" enum:"yes,no,unknown" doc:"Whether somebody sets the machine's clock: a time server, a receiver."`
	Reason   string     `json:"reason" enum:",clock.past,clock.jumped,clock.not-set-yet,clock.by-date,clock.not-told" doc:"Code; empty when all is well."`
	Sentence string     `json:"sentence" doc:"The reason in words."`
	Until    *time.Time `json:"until,omitempty" doc:"With clock.not-set-yet: when the date will be believed as it stands."`
}

// timekeeping is what an Archive remembers of it.
type timekeeping struct {
	keeper Timekeeper   // nil: nobody to ask
	ever   atomic.Bool  // this installation has seen its clock set
	synced atomic.Bool  // so has this process: a clock that was set and then only runs on is right for days
	asked  atomic.Int64 // monotonic ns of the last question
	last   atomic.Pointer[Timekeeping]
}

// look asks the machine, once a second at most: every stream wants to know.
func (k *timekeeping) look(mono time.Duration) Timekeeping {
	if k.keeper == nil {
		return Timekeeping{}
	}
	if t := k.last.Load(); t != nil && mono-time.Duration(k.asked.Load()) < time.Second {
		return *t
	}
	t := k.keeper.Timekeeping()
	k.asked.Store(int64(mono))
	k.last.Store(&t)
	if t.Synced {
		k.synced.Store(true)
	}
	return t
}

func (k *timekeeping) patience() time.Duration {
	if k.ever.Load() {
		return laterWait
	}
	return firstWait
}

const clockPast = "clock.past"

// earliest is a time before which this software did not exist.
var earliest = time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)

func tooEarly(t time.Time) bool { return t.Before(earliest) }

// Clock says what the wall clock is worth now.
func (a *Archive) Clock() ClockState {
	t := a.keeping.look(a.clock.Mono())
	s := ClockState{Synced: "unknown"}
	switch {
	case t.Synced:
		s.Synced = "yes"
	case t.Known:
		s.Synced = "no"
	}
	now := a.now()
	switch left := a.keeping.patience() - t.Up; {
	// A box without a battery wakes up in the past. The latest time that an earlier process has seen is the measure.
	case now.UnixMicro() <= a.wall.Load()-jumpLimit.Microseconds() || tooEarly(now):
		s.Reason = clockPast
	case a.jumped.Load():
		s.Reason = "clock.jumped"
	case a.keeping.synced.Load():
		s.Trusted = true
	case !t.Known:
		s.Trusted, s.Reason = true, "clock.not-told"
	case left > 0:
		until := now.Add(left)
		s.Reason, s.Until = "clock.not-set-yet", &until
	default:
		s.Trusted, s.Reason = true, "clock.by-date"
	}
	return s
}

// ClockTrusted says whether footage may be dated by the wall clock, and deleted for its age.
func (a *Archive) ClockTrusted() bool { return a.Clock().Trusted }

// keepTime writes down, for the next start, what was seen of the clock.
func (a *Archive) keepTime(ctx context.Context) error {
	return errors.Join(a.keepWall(ctx), a.keepSynced(ctx))
}

func (a *Archive) keepSynced(ctx context.Context) error {
	if !a.keeping.synced.Load() || a.keeping.ever.Load() {
		return nil
	}
	if err := a.setMark(ctx, markSynced, store.Micros(a.now())); err != nil {
		return err
	}
	a.keeping.ever.Store(true)
	return nil
}
