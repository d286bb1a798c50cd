package city

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"linli.dev/linli/people/place"
	"linli.dev/linli/people/programme"
	"linli.dev/linli/role"
)

// Mover lets the story go on while the demo runs: its steps are told to the rooms of the running server, whose clock is moved
// on to each.
type Mover struct {
	rooms role.City
	stand func(time.Time)
	after time.Time // what was said until then has happened
	log   *slog.Logger
	ctx   context.Context

	mu  sync.Mutex
	now programme.Moving
}

// NewMover takes rooms on the database of a server whose story has happened as far as its clock says; they share its clock,
// and know no accounts, as the story's people have none. stand puts the clock, never back. What moves stops with ctx.
func NewMover(ctx context.Context, rooms role.City, stand func(time.Time), log *slog.Logger) *Mover {
	clock := rooms.Places.Clock()
	return &Mover{rooms: rooms, stand: stand, after: clock.Close(min(clock.Today(), Last)), log: log, ctx: ctx}
}

// Last is the last day that is written.
func (m *Mover) Last() place.Day { return Last }

// Moving tells how far it is.
func (m *Mover) Moving() programme.Moving {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.now
}

// Move lets the days until one has closed happen. One thing moves at a time.
func (m *Mover) Move(to place.Day) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.now.To != 0 {
		return programme.StoryMoves("city.Move")
	}
	m.now = programme.Moving{To: to, At: m.rooms.Places.Clock().Today()}
	go func() {
		err := m.play(to)
		m.mu.Lock()
		defer m.mu.Unlock()
		at := m.now.At
		m.now = programme.Moving{}
		if err != nil && m.ctx.Err() == nil {
			m.log.Error("the demo's story stopped", "on", at.String(), "err", err)
			m.now.At, m.now.Failed = at, programme.StoryStopped
		}
	}()
	return nil
}

func (m *Mover) play(to place.Day) error {
	s, err := New(Seed)
	if err != nil {
		return err
	}
	clock := m.rooms.Places.Clock()
	begin := time.Now()
	hand := Hand{Moved: func(at time.Time) {
		m.stand(at)
		m.after = at.Add(-time.Microsecond) // should this step fail, the next try begins with it
		m.mu.Lock()
		m.now.At = clock.DayOf(at)
		m.mu.Unlock()
	}}
	for day := clock.DayOf(m.after) + 1; day <= to; day++ {
		if err := s.Play(m.ctx, m.rooms, &hand, m.after, day); err != nil {
			return err
		}
		m.after = clock.Close(day)
		m.stand(clock.Begin(day).Add(role.OfficeCloses))
	}
	m.log.Info("the demo's story went on", "until", to.String(), "took", time.Since(begin).Round(time.Millisecond))
	return nil
}
