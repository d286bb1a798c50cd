package record

import (
	"sync"
	"time"
)

// dates watches for the moment at which a clock that nobody had set becomes trusted: then what was recorded before it is
// moved by as much as the clock was.
type dates struct {
	r     *Recorder
	mu    sync.Mutex
	doubt bool
	from  time.Time // when doubt began, by both clocks
}

func newDates(r *Recorder) *dates { return &dates{r: r} }

// saw is told of every fragment that is written.
func (d *dates) saw(unconfirmed bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	switch {
	case unconfirmed && !d.doubt:
		d.doubt, d.from = true, time.Now()
	case !unconfirmed && d.doubt:
		d.doubt = false
		d.r.desk.redate(step(d.from, time.Now()))
	}
}

// step is how far the wall clock has moved by itself between two readings.
func step(from, to time.Time) time.Duration {
	return to.Round(0).Sub(from.Round(0)) - to.Sub(from)
}
