package camera

import (
	"time"
)

// State of a stream, and at a glance of a camera.
type State string

const (
	Connecting   State = "connecting"
	Online       State = "online"
	NoPicture    State = "no-picture"
	WrongClock   State = "wrong-clock"
	Stalled      State = "stalled"
	Unauthorised State = "unauthorised"
	Unreachable  State = "unreachable"
	Disabled     State = "disabled"
)

// Usable is for those who count cameras that show something.
func (s State) Usable() bool { return s.usable() }

// usable: a person who looks sees the place as it is now.
func (s State) usable() bool { return s == Online || s == WrongClock }

// rank orders the states without a picture by what a person should hear
// first: a wrong password explains more than a silence.
func (s State) rank() int {
	switch s {
	case Unauthorised:
		return 5
	case Unreachable:
		return 4
	case Stalled:
		return 3
	case NoPicture:
		return 2
	case Connecting:
		return 1
	}
	return 0
}

// Status is what the running stream says about itself.
type Status struct {
	Camera ID
	Which  Which
	State  State
	Reason string // why, a key that the message files know
	Detail string // the error's text, for the operator
	Since  time.Time
	// NextTry is when the next attempt to connect is due; zero when none is.
	NextTry time.Time

	Video, Sound  string // codecs, "" when there is none
	Width, Height int
	BitRate       int64
	FrameRate     float64
	KeyInterval   time.Duration
	BFrames       bool
	Drift         time.Duration // per hour
	ClockOffset   time.Duration
	Lost          uint64
	Damaged       uint64
	Dropped       uint64
	LastPicture   time.Time
	Readers       int
}

// glance is a camera's state as one word and one reason.
type glance struct {
	State  State
	Part   bool // one stream works, another does not
	Which  Which
	Reason string
	Detail string
}

// same: nothing that a person would call a change.
func (g glance) same(o glance) bool {
	return g.State == o.State && g.Part == o.Part && g.Reason == o.Reason && (!g.Part || g.Which == o.Which)
}

// out: no usable picture from any stream.
func (g glance) out() bool { return !g.State.usable() && g.State != Disabled && g.State != "" }

// summarise makes the glance from the streams of a camera.
func summarise(streams map[Which]Status) glance {
	var best, worst *Status
	for _, which := range []Which{Main, Sub} {
		s, ok := streams[which]
		if !ok {
			continue
		}
		if s.State.usable() {
			if best == nil || s.State == WrongClock {
				best = &s
			}
		} else if s.State != Disabled && (worst == nil || s.State.rank() > worst.State.rank()) {
			worst = &s
		}
	}
	switch {
	case best == nil && worst == nil:
		return glance{State: Connecting}
	case best == nil:
		return glance{State: worst.State, Which: worst.Which, Reason: worst.Reason, Detail: worst.Detail}
	case worst != nil && worst.State != Connecting:
		return glance{State: best.State, Part: true, Which: worst.Which, Reason: worst.Reason, Detail: worst.Detail}
	}
	return glance{State: best.State, Which: best.Which, Reason: best.Reason, Detail: best.Detail}
}

// watched is what the tracker knows about one camera. It is owned by the
// tracker's lock.
type watched struct {
	streams map[Which]Status
	first   time.Time // first heard of in this process

	now   glance    // latest, undamped
	since time.Time // when now began

	told    glance    // what the journal last said
	toldAt  time.Time // when it did
	open    *outageRow
	gone    time.Time   // since when it gives no picture; zero while it gives one
	back    time.Time   // since when it gives a picture again
	partial time.Time   // since when part of it is missing
	whole   time.Time   // since when nothing is missing
	losses  []time.Time // recent losses of the picture: flapping
	resumed time.Time   // this process took the open outage over from a former one
	orphan  time.Time   // its recorder's outage ended then, and it is still out
}

// observe takes a status and says whether the glance changed.
func (w *watched) observe(s Status, now time.Time) {
	was, known := w.streams[s.Which]
	// A new attempt is not news: who was unreachable stays so until there is
	// a picture, else the page would flicker with each retry.
	if known && s.State == Connecting && was.State.rank() > Connecting.rank() {
		was.NextTry = s.NextTry
		w.streams[s.Which] = was
		return
	}
	w.streams[s.Which] = s
	w.look(now)
}

func (w *watched) look(now time.Time) {
	g := summarise(w.streams)
	if !g.same(w.now) {
		w.since = now
	}
	w.now = g
	if g.out() {
		if w.gone.IsZero() {
			w.gone = now
			w.losses = append(w.losses, now)
			if len(w.losses) > flapLosses {
				w.losses = w.losses[1:]
			}
		}
		w.back, w.partial, w.whole = time.Time{}, time.Time{}, time.Time{}
		return
	}
	w.gone = time.Time{}
	begin(&w.back, now)
	if g.Part {
		begin(&w.partial, now)
		w.whole = time.Time{}
	} else {
		begin(&w.whole, now)
		w.partial = time.Time{}
	}
}

func begin(t *time.Time, now time.Time) {
	if t.IsZero() {
		*t = now
	}
}

const (
	flapLosses = 4
	flapWithin = 10 * time.Minute
)

// flaps: four losses in ten minutes. Such a camera is out at once when it
// loses its picture, and has to hold it for longer before it counts as back:
// a loose plug is one outage, not forty, and not none.
func (w *watched) flaps(now time.Time) bool {
	return len(w.losses) == flapLosses && now.Sub(w.losses[0]) < flapWithin
}
