package record

import (
	"sync"
	"time"
)

// dates watches for the moment at which a clock that nobody had set becomes trusted: then what was recorded before it is
// moved by as much as the clock was.
type dates struct {
	r       *Recorder
	settle  time.Duration
	mu      sync.Mutex
	doubt   bool
	from    time.Time // when doubt began, by both clocks
	trusted time.Time // when the first fragment with a confirmed date came; zero: not yet
}

// streamsSettle is how long streams may differ in whether they trust the clock: each finds out at its next key frame.
const streamsSettle = 20 * time.Second

func newDates(r *Recorder) *dates { return &dates{r: r, settle: streamsSettle} }

// saw is told of every fragment that is written.
func (d *dates) saw(unconfirmed bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	switch {
	case unconfirmed && !d.doubt:
		d.doubt, d.from, d.trusted = true, time.Now(), time.Time{}
	case !unconfirmed && d.doubt && d.trusted.IsZero():
		d.trusted = time.Now()
	}
}

// watch re-dates once all streams have settled; at the end of the process at once.
func (d *dates) watch(ending bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.doubt || d.trusted.IsZero() || !ending && time.Since(d.trusted) < d.settle {
		return
	}
	d.doubt = false
	d.r.desk.redate(step(d.from, time.Now()))
}

// step is how far the wall clock has moved by itself between two readings.
func step(from, to time.Time) time.Duration {
	return to.Round(0).Sub(from.Round(0)) - to.Sub(from)
}
