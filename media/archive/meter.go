package archive

import (
	"context"
	"time"
)

// meter lets so many bytes through per second.
type meter struct {
	rate int64
	owed time.Duration
	last time.Time
}

func (m *meter) wait(ctx context.Context, n int) error {
	if m.rate <= 0 {
		return ctx.Err()
	}
	now := time.Now()
	m.owed = max(0, m.owed-now.Sub(m.last)) + time.Duration(float64(n)/float64(m.rate)*float64(time.Second))
	m.last = now
	if m.owed < 20*time.Millisecond {
		return ctx.Err()
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(m.owed):
		return nil
	}
}
