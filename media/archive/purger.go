package archive

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"linli.dev/linli/fault"
	"linli.dev/linli/store"
)

// Bounds that keep a wrong clock, or a wrong setting, from emptying the archive.
const (
	jumpLimit   = time.Hour      // a jump of the wall clock beyond this stops purging
	hourlyLimit = 48 * time.Hour // footage that is deleted of a stream within an hour at most
	settleTime  = 15 * time.Minute
	confirmTime = 20 * time.Second
)

// PurgerOptions of a Purger.
type PurgerOptions struct {
	Archive *Archive
	// Retention gives the days that a stream is kept. On an error nothing of the stream is deleted for its age.
	Retention func(ctx context.Context, camera string, which Which) (days int, err error)
	// Trusted says whether the wall clock was set. While it was not, nothing is deleted. nil = Archive.ClockTrusted.
	Trusted func() bool
	Settle  time.Duration // after a start, and after the clock was set, nothing is deleted for its age; 0 = 15 min, negative = none
	Confirm time.Duration // after the clock was set, footage is dated anew: who sets it by hand may do so twice; 0 = 20 s, negative = at once
	Every   time.Duration // between looks at the disks; 0 = 10 s
	Log     *slog.Logger
}

// Purger deletes footage when its retention ends or its disk is full, oldest first and never what is held, nor what was dated by
// a clock that nobody had set. It also has that dated anew once the clock is right, ends holds whose time has come and sums up the hours.
type Purger struct {
	o     PurgerOptions
	a     *Archive
	clock Clock
	watch *jumpWatch
	begun time.Duration // when this process began to trust the clock; until then, when it began

	shown atomic.Pointer[time.Duration]

	mu      sync.Mutex
	trusted bool // the clock was found to be set
	stopped bool
	watched bool // this process saw the jump, so it can see the clock come back
	jump    time.Duration
	spent   map[streamKey][]spending
	aged    time.Duration // when retention was last applied
	hour    time.Time     // hours before it are summed up; zero: from now on, once it is known when that is
	rooted  bool          // hour is written down
	seen    time.Duration // when the wall clock was last written down
}

type spending struct {
	at      time.Duration
	footage time.Duration
}

// NewPurger reads how the last process left things.
func NewPurger(ctx context.Context, o PurgerOptions) (*Purger, error) {
	if o.Settle == 0 {
		o.Settle = settleTime
	}
	if o.Confirm == 0 {
		o.Confirm = confirmTime
	}
	if o.Every == 0 {
		o.Every = 10 * time.Second
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	a := o.Archive
	if o.Trusted == nil {
		o.Trusted = a.ClockTrusted
	}
	p := &Purger{o: o, a: a, clock: a.clock, watch: newJumpWatch(a.clock), begun: a.clock.Mono(), spent: map[streamKey][]spending{}}
	p.aged = p.begun - 2*time.Hour // due at once
	p.seen = p.aged
	us, stopped, err := a.mark(ctx, markStopped)
	if err != nil {
		return nil, err
	}
	p.stopped, p.jump = stopped, time.Duration(us)*time.Microsecond
	p.show()
	rooted, found, err := a.mark(ctx, markRooted)
	if err != nil {
		return nil, err
	}
	switch {
	case found:
		p.hour, p.rooted = store.Time(rooted), true
	case o.Trusted():
		p.hour = a.now().Truncate(time.Hour)
	}
	return p, p.loadSpent(ctx)
}

// loadSpent counts what was deleted within the last hour before a restart. What was deleted in the future was so by a clock that was wrong.
func (p *Purger) loadSpent(ctx context.Context) error {
	rows, err := p.a.db.QueryContext(ctx, "SELECT camera, which, seconds FROM purges WHERE at_us > ? AND at_us <= ?",
		store.Micros(p.a.now().Add(-time.Hour)), store.Micros(p.a.now()))
	if err != nil {
		return unreadable(err, "archive.purge")
	}
	defer rows.Close()
	for rows.Next() {
		var k streamKey
		var seconds int64
		if err := rows.Scan(&k.camera, &k.which, &seconds); err != nil {
			return unreadable(err, "archive.purge")
		}
		p.spend(k, time.Duration(seconds)*time.Second)
	}
	return rows.Err()
}

// Run purges until ctx ends.
func (p *Purger) Run(ctx context.Context) error {
	tick := time.NewTicker(p.o.Every)
	defer tick.Stop()
	for {
		if err := p.Step(ctx); err != nil && ctx.Err() == nil {
			p.o.Log.Error("purge", "err", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		case <-p.a.crowded:
		}
	}
}

// Step does whatever is due.
func (p *Purger) Step(ctx context.Context) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.trusted && !p.stopped {
		p.watch.rebase() // a clock that nobody has set yet will jump when somebody does: that is no accident
		if p.trusted = p.o.Trusted(); !p.trusted {
			return nil
		}
		p.begun = p.clock.Mono()
	}
	if err := p.checkClock(ctx); err != nil || p.stopped {
		return err
	}
	now := p.clock.Mono()
	if now-p.seen >= time.Minute {
		p.seen = now
		if err := p.a.keepTime(ctx); err != nil {
			return err
		}
		if err := p.a.expireHolds(ctx); err != nil {
			return err
		}
		if err := p.a.sweepAll(ctx); err != nil {
			return err
		}
	}
	var confirm error // what is in doubt is not deleted meanwhile
	if now-p.begun >= p.o.Confirm {
		_, confirm = p.a.ConfirmDates(ctx)
	}
	if err := errors.Join(p.makeRoom(ctx), confirm); err != nil {
		return err
	}
	if now-p.aged >= time.Hour/4 && now-p.begun >= p.o.Settle {
		p.aged = now
		if err := p.applyRetention(ctx); err != nil {
			return err
		}
	}
	return p.sumHours(ctx)
}

// checkClock compares the wall clock with the machine's own.
func (p *Purger) checkClock(ctx context.Context) error {
	offset := p.watch.offset()
	jumped := offset > jumpLimit || offset < -jumpLimit
	switch {
	case jumped && !p.stopped:
		p.watched = true
		return p.stop(ctx, offset)
	case jumped && p.watched:
		p.jump = offset
		p.show()
	case p.stopped && p.watched:
		return p.resume(ctx, "clock-back", "")
	case !p.stopped:
		p.watch.rebase() // small steps do not add up
	}
	return nil
}

func (p *Purger) stop(ctx context.Context, jump time.Duration) error {
	p.stopped, p.jump = true, jump
	p.show()
	p.o.Log.Error("purging stops: the clock jumped", "by", jump)
	return p.record(ctx, "purge.stopped", map[string]any{"jump_s": int64(jump.Seconds())}, func(ctx context.Context, tx *store.Tx) error {
		return putMark(ctx, tx, markStopped, jump.Microseconds())
	})
}

func (p *Purger) resume(ctx context.Context, why, by string) error {
	streams, err := p.a.streams(ctx)
	if err != nil {
		return err
	}
	now := p.a.now()
	setting := p.a.dating(now)
	err = p.record(ctx, "purge.resumed", map[string]any{"why": why, "by": by}, func(ctx context.Context, tx *store.Tx) (err error) {
		if err := takeBackFuture(ctx, tx, streams, now); err != nil {
			return err
		}
		if err := takeBackBoot(ctx, tx, streams, setting); err != nil {
			return err
		}
		if why == confirmed { // later times that were seen before are a mistake of then
			if err := putMark(ctx, tx, markWall, store.Micros(now)); err != nil {
				return err
			}
		}
		_, err = tx.ExecContext(ctx, "DELETE FROM archive_marks WHERE name = ?", markStopped)
		return err
	})
	if err == nil {
		if why == confirmed {
			p.a.wall.Store(store.Micros(now))
		}
		p.a.doubts.Store(true)
		p.stopped, p.watched, p.jump = false, false, 0
		p.show()
		p.watch.rebase()
		p.seen = p.clock.Mono() - time.Hour
	}
	return err
}

func (p *Purger) record(ctx context.Context, kind string, data any, also func(context.Context, *store.Tx) error) error {
	err := p.a.db.Change(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := also(ctx, tx); err != nil {
			return err
		}
		return tx.Emit("archive", kind, "", data)
	})
	if err != nil {
		return fault.Wrap(err, fault.KindOf(err), "archive.purge", "archive.not-stored")
	}
	return nil
}

// Stopped says whether a jump of the clock has stopped purging, and by how much it jumped.
func (p *Purger) Stopped() (bool, time.Duration) {
	if j := p.shown.Load(); j != nil { // not behind p.mu: a disk that hangs may hold up a step
		return true, *j
	}
	return false, 0
}

// show tells Stopped, and whoever dates by the clock.
func (p *Purger) show() {
	p.a.jumped.Store(p.stopped)
	if !p.stopped {
		p.shown.Store(nil)
		return
	}
	j := p.jump
	p.shown.Store(&j)
}

// confirmed is why purging goes on when a person says so.
const confirmed = "confirmed"

// Resume lets purging go on: a person has looked at the clock and finds it right. That holds against later times that were seen
// before, too: a server that was once started in 2031 would else believe no clock until then.
func (p *Purger) Resume(ctx context.Context, by string) error {
	const op = "archive.purge"
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case tooEarly(p.a.now()):
		return fault.New(fault.Conflict, op, "archive.clock-too-early")
	case !p.stopped && p.a.Clock().Reason != clockPast:
		return fault.New(fault.Conflict, op, "archive.purge-not-stopped")
	}
	return p.resume(ctx, confirmed, by)
}

// allowance is how much of a stream may still be deleted within this hour.
func (p *Purger) allowance(k streamKey) time.Duration {
	now := p.clock.Mono()
	left := hourlyLimit
	keep := p.spent[k][:0]
	for _, s := range p.spent[k] {
		if now-s.at < time.Hour {
			keep = append(keep, s)
			left -= s.footage
		}
	}
	p.spent[k] = keep
	return left
}

func (p *Purger) spend(k streamKey, footage time.Duration) {
	p.spent[k] = append(p.spent[k], spending{p.clock.Mono(), footage})
}

// affordable takes from the front of a list what the hour's allowance covers.
func (p *Purger) affordable(list []victim) []victim {
	left := map[streamKey]time.Duration{}
	out := make([]victim, 0, len(list))
	for _, v := range list {
		l, ok := left[v.key]
		if !ok {
			l = p.allowance(v.key)
		}
		if l -= v.to.Sub(v.from); l >= 0 {
			out = append(out, v)
		} else {
			l = -1 // nothing younger of this stream either: oldest first
		}
		left[v.key] = l
	}
	return out
}

// purgeBatch bounds one transaction.
const purgeBatch = 100

// purged is what one purge did.
type purged struct {
	segments int
	bytes    int64
	last     time.Time // where the youngest that was looked at begins
	found    bool
}

// purge deletes of what pick finds as much as is allowed.
func (p *Purger) purge(ctx context.Context, why string, pick func() ([]victim, error)) (purged, error) {
	list, done, err := p.purgeRows(ctx, why, pick)
	for _, id := range disksOf(list) {
		p.a.sweep(ctx, id)
	}
	return done, err
}

func (p *Purger) purgeRows(ctx context.Context, why string, pick func() ([]victim, error)) ([]victim, purged, error) {
	p.a.holding.Lock()
	defer p.a.holding.Unlock()
	var done purged
	list, err := pick()
	if err != nil || len(list) == 0 {
		return nil, done, err
	}
	done.found, done.last = true, list[len(list)-1].from
	list = p.affordable(list)
	if _, err = p.a.delete(ctx, why, list); err != nil {
		return nil, done, err
	}
	for _, v := range list {
		p.spend(v.key, v.to.Sub(v.from))
		done.bytes += v.bytes
	}
	done.segments = len(list)
	return list, done, nil
}

// applyRetention deletes what is older than promised.
func (p *Purger) applyRetention(ctx context.Context) error {
	streams, err := p.a.streams(ctx)
	if err != nil {
		return err
	}
	for _, k := range streams {
		days, err := p.o.Retention(ctx, k.camera, k.which)
		if err != nil {
			p.o.Log.Warn("retention is not known; nothing is deleted", "camera", k.camera, "stream", k.which, "err", err)
			continue
		}
		before := p.a.now().Add(-time.Duration(days) * 24 * time.Hour)
		for {
			done, err := p.purge(ctx, byRetention, func() ([]victim, error) { return p.a.expired(ctx, k, before, purgeBatch) })
			if err != nil {
				return err
			}
			if done.segments == 0 { // all is gone, or this hour's allowance is used up
				break
			}
		}
	}
	p.a.purgeAside(ctx, p.o.Retention)
	return nil
}

// sumHours computes the roots of hours that are complete.
func (p *Purger) sumHours(ctx context.Context) (err error) {
	if p.a.InDoubt() { // of some footage it is not known yet to which hours it belongs
		return nil
	}
	if p.hour.IsZero() || p.hour.After(p.a.now().Add(jumpLimit)) { // or hours were summed up in the future
		if p.hour, err = p.a.unrooted(ctx); err != nil {
			return err
		}
	}
	for range 48 {
		if p.a.now().Before(p.hour.Add(time.Hour + rootAfter)) {
			break
		}
		roots, err := p.a.SumHour(ctx, p.hour)
		if err != nil {
			return err
		}
		p.hour = p.hour.Add(time.Hour)
		p.rooted = false
		if len(roots) > 0 {
			if err := p.markHour(ctx); err != nil {
				return err
			}
		}
	}
	return p.markHour(ctx) // once for hours in which there was nothing
}

func (p *Purger) markHour(ctx context.Context) error {
	if p.rooted {
		return nil
	}
	if err := p.a.setMark(ctx, markRooted, store.Micros(p.hour)); err != nil {
		return err
	}
	p.rooted = true
	return nil
}
