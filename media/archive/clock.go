package archive

import (
	"context"
	"time"

	"linli.dev/linli/store"
)

// Clock tells the two kinds of time apart: the wall's, which somebody may set, and the machine's own, which only runs on.
type Clock interface {
	Wall() time.Time
	Mono() time.Duration // since some fixed moment
}

// SystemClock is the machine's.
func SystemClock() Clock { return systemClock{start: time.Now()} }

type systemClock struct{ start time.Time }

func (systemClock) Wall() time.Time       { return time.Now().Round(0).UTC() }
func (c systemClock) Mono() time.Duration { return time.Since(c.start) }

// jumpWatch sees when the wall clock moves by itself.
type jumpWatch struct {
	clock Clock
	wall  time.Time
	mono  time.Duration
}

func newJumpWatch(c Clock) *jumpWatch { return &jumpWatch{clock: c, wall: c.Wall(), mono: c.Mono()} }

// offset is how far the wall clock has run away from the machine's since rebase.
func (w *jumpWatch) offset() time.Duration {
	return w.clock.Wall().Sub(w.wall) - (w.clock.Mono() - w.mono)
}

func (w *jumpWatch) rebase() { w.wall, w.mono = w.clock.Wall(), w.clock.Mono() }

// keepWall writes down the time, for the next start.
func (a *Archive) keepWall(ctx context.Context) error {
	us := store.Micros(a.now())
	if us <= a.wall.Load() {
		return nil
	}
	a.wall.Store(us)
	return a.setMark(ctx, markWall, us)
}
