package role

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"
)

// stage is one running thing. Stages stop in the reverse of their start, each with its own context, so that what
// feeds ends before what is fed.
type stage struct {
	name   string
	cancel context.CancelFunc
	done   chan struct{}
	err    error
}

type stages struct {
	log    *slog.Logger
	list   []*stage
	failed chan *stage
}

func newStages(log *slog.Logger) *stages {
	return &stages{log: log, failed: make(chan *stage, 16)}
}

// start runs f until its stage is stopped. A stage that ends by itself brings the whole process down: half a
// system that looks alive is worse than one that is restarted.
func (s *stages) start(name string, f func(ctx context.Context) error) {
	ctx, cancel := context.WithCancel(context.Background())
	st := &stage{name: name, cancel: cancel, done: make(chan struct{})}
	s.list = append(s.list, st)
	go func() {
		defer close(st.done)
		err := f(ctx)
		if ctx.Err() != nil && (err == nil || errors.Is(err, context.Canceled)) {
			return
		}
		st.err = err
		if err == nil && ctx.Err() == nil {
			st.err = errors.New("ended by itself")
		}
		if ctx.Err() == nil {
			select {
			case s.failed <- st:
			default:
			}
		}
	}()
}

// wait returns when ctx ends (nil) or a stage fails.
func (s *stages) wait(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return nil
	case st := <-s.failed:
		<-st.done
		err := st.err
		st.err = nil // told now, not once more by stop
		return fmt.Errorf("%s: %w", st.name, err)
	}
}

// stop ends the stages, last started first, and gives the whole at most the limit.
func (s *stages) stop(limit time.Duration) error {
	deadline := time.Now().Add(limit)
	var errs []error
	for i := len(s.list) - 1; i >= 0; i-- {
		st := s.list[i]
		st.cancel()
		select {
		case <-st.done:
			if st.err != nil {
				errs = append(errs, fmt.Errorf("%s: %w", st.name, st.err))
			}
		case <-time.After(max(time.Until(deadline), 50*time.Millisecond)):
			s.log.Error("did not stop in time", "stage", st.name)
			errs = append(errs, fmt.Errorf("%s did not stop in time", st.name))
		}
	}
	s.list = nil
	return errors.Join(errs...)
}
