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
	whole  bool // may take all of the time that is left to end
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
func (s *stages) start(name string, f func(ctx context.Context) error) { s.run(name, false, f) }

// startWriter is start for the one stage that has something to lose: its end may take all the time that is left.
func (s *stages) startWriter(name string, f func(ctx context.Context) error) { s.run(name, true, f) }

func (s *stages) run(name string, whole bool, f func(ctx context.Context) error) {
	ctx, cancel := context.WithCancel(context.Background())
	st := &stage{name: name, whole: whole, cancel: cancel, done: make(chan struct{})}
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

// stop ends the stages, last started first, and gives the whole at most the limit and a moment for each. All but the writer share
// half of it: pages that hang are left behind, so that the recorder has its time to close its fragments.
func (s *stages) stop(limit time.Duration) error {
	deadline, patience := time.Now().Add(limit), limit/2
	var errs []error
	for i := len(s.list) - 1; i >= 0; i-- {
		st, begin := s.list[i], time.Now()
		st.cancel()
		wait := time.Until(deadline)
		if !st.whole {
			wait = min(wait, patience)
		}
		select {
		case <-st.done:
			if st.err != nil {
				errs = append(errs, fmt.Errorf("%s: %w", st.name, st.err))
			}
		case <-time.After(max(wait, 10*time.Millisecond)):
			s.log.Error("did not stop in time", "stage", st.name)
			errs = append(errs, fmt.Errorf("%s did not stop in time", st.name))
		}
		if !st.whole {
			patience -= time.Since(begin)
		}
	}
	s.list = nil
	return errors.Join(errs...)
}

// within waits for f until a moment; what has not ended by then is left behind.
func within(until time.Time, name string, f func() error) error {
	done := make(chan error, 1)
	go func() { done <- f() }()
	select {
	case err := <-done:
		return err
	case <-time.After(max(time.Until(until), 10*time.Millisecond)):
		return fmt.Errorf("%s did not end in time", name)
	}
}
