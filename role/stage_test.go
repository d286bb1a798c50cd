package role

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestStagesStopInReverse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		var ended []string
		s := newStages(slog.New(slog.DiscardHandler))
		for _, name := range []string{"database", "recorder", "cameras", "pages"} {
			s.start(name, func(ctx context.Context) error {
				<-ctx.Done()
				time.Sleep(100 * time.Millisecond)
				mu.Lock()
				ended = append(ended, name)
				mu.Unlock()
				return nil
			})
		}
		if err := s.stop(time.Second); err != nil {
			t.Fatal(err)
		}
		if want := []string{"pages", "cameras", "recorder", "database"}; !slices.Equal(ended, want) {
			t.Errorf("ended in the order %v, want %v", ended, want)
		}
	})
}

func TestOneFailedStageIsNamed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStages(slog.New(slog.DiscardHandler))
		s.start("recorder", func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() })
		s.start("pages", func(context.Context) error { return errors.New("the port is taken") })
		err := s.wait(t.Context())
		if err == nil || err.Error() != "pages: the port is taken" {
			t.Errorf("got %v", err)
		}
		if err := s.stop(time.Second); err != nil {
			t.Errorf("told twice: %v", err)
		}
	})
}

func TestAStuckStageDoesNotHoldTheRest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStages(slog.New(slog.DiscardHandler))
		release := make(chan struct{})
		s.start("recorder", func(ctx context.Context) error { <-ctx.Done(); return nil })
		s.start("stuck", func(context.Context) error { <-release; return nil })
		begin := time.Now()
		if err := s.stop(2 * time.Second); err == nil {
			t.Error("the stuck stage was not reported")
		}
		if took := time.Since(begin); took > 3*time.Second {
			t.Errorf("stopping took %v", took)
		}
		close(release)
	})
}

// Pages that hang leave the recorder its time, and everything that hangs together does not hold up the end.
func TestTheEndIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStages(slog.New(slog.DiscardHandler))
		release := make(chan struct{})
		stuck := func(context.Context) error { <-release; return nil }
		var closed time.Duration
		begin := time.Now()
		s.start("door", stuck)
		s.startWriter("recorder", func(ctx context.Context) error {
			<-ctx.Done()
			time.Sleep(1500 * time.Millisecond) // longer than a stage may, and shorter than what is left
			closed = time.Since(begin)
			return nil
		})
		s.start("streams", stuck)
		s.start("pages", stuck)
		err := s.stop(stagesLimit)
		if err == nil || strings.Contains(err.Error(), "recorder") || closed == 0 {
			t.Errorf("the recorder had no time to close its fragments (%v): %v", closed, err)
		}
		err = within(begin.Add(stopLimit), "closing", func() error { <-release; return nil })
		if took := time.Since(begin); err == nil || took > 5*time.Second {
			t.Errorf("the end took %v: %v", took, err)
		}
		close(release)
		synctest.Wait()
	})
}
