package grant

import (
	"sync"
	"sync/atomic"
	"time"

	"linli.dev/linli/fault"
)

// CameraID names a camera; the register of cameras stands above the door.
type CameraID string

// LookID names a look in rows, lists and logs. It opens nothing.
type LookID string

// Kind is a way of looking.
type Kind string

// The ways of looking. RTSP is live in a desktop player.
const (
	Live     Kind = "live"
	Playback Kind = "playback"
	Export   Kind = "export"
	Snapshot Kind = "snapshot"
	RTSP     Kind = "rtsp"
)

// Kinds lists them all.
func Kinds() []Kind { return []Kind{Live, Playback, Export, Snapshot, RTSP} }

// Stream is one of the two things a camera sends.
type Stream string

// Main is the large picture, Sub the small one.
const (
	Main Stream = "main"
	Sub  Stream = "sub"
)

// Why a lease ended, as rows, events and pages tell it.
const (
	EndDeleted     = "deleted"       // the viewer closed it
	EndIdle        = "idle"          // nobody used it for a while
	EndExpired     = "expired"       // its time was over
	EndSession     = "session-ended" // signed out, another role or password, account disabled
	EndRevoked     = "revoked"       // taken back by an operator, or what allowed it no longer holds
	EndCamera      = "camera-gone"   // the camera was disabled or deleted
	EndShutdown    = "shutdown"      // the server stopped
	EndInterrupted = "interrupted"   // the server stopped without a word, found at the next start
)

// Lease is a right to look that ends. It is made by Door.Begin; its fields do not change.
type Lease struct {
	ID   string // secret, part of the media URLs: never log it
	Look LookID // for logs

	Camera     CameraID
	CameraName string
	Area       string
	Kind       Kind
	Stream     Stream
	Purpose    string
	Reason     string
	Account    string
	Name       string // of the account, as others see it
	Role       string // as what it looks
	Unit       string // for which units
	Session    string
	Policy     string
	Begin      time.Time
	Until      time.Time
	From, To   time.Time // span of the footage; zero for what happens now
	Speed      float64   // asked for at the beginning; Pacer has what holds now
	Sound      bool      // the camera's register gives sound a purpose

	door  *Door
	pacer *Pacer
	done  chan struct{}
	beat  atomic.Int64 // last use, nanoseconds after Begin, monotonic

	doubt     string // how the clock stood when it began, where that could not be believed
	corrected atomic.Pointer[correction]

	// Of the door, under its lock.
	committed bool // its row is there: before that it opens nothing

	mu    sync.Mutex
	over  bool
	why   string // set before done closes, then never changed
	ended time.Time
	after map[int]func()

	played    []Span // footage sent, in order
	playedNew bool   // not yet written down
	next      int
}

// Done closes at the moment the lease ends.
func (l *Lease) Done() <-chan struct{} { return l.done }

// Err is nil while the lease holds; then Gone "door.lease-ended" with the reason.
func (l *Lease) Err() error {
	select {
	case <-l.done:
		return fault.New(fault.Gone, "door.use", "door.lease-ended", "why", l.why)
	default:
		return nil
	}
}

// Why says why the lease ended; "" while it holds.
func (l *Lease) Why() string {
	select {
	case <-l.done:
		return l.why
	default:
		return ""
	}
}

// Beat tells that somebody is still looking. Every media request does; a room with a connection that
// lives on calls it when the viewer gives a sign. A desktop player is no sign of a person: a lease of
// kind rtsp is kept by the signed-in page only.
func (l *Lease) Beat() {
	if l.Kind != RTSP {
		l.keep()
	}
}

func (l *Lease) keep() { l.beat.Store(int64(time.Since(l.Begin))) }

// Pacer limits how far ahead of the viewer media is sent.
func (l *Lease) Pacer() *Pacer { return l.pacer }

// OnEnd has f called once at the moment the lease ends, at once when it has ended already. f must be
// quick. stop takes f back; it is false when f was or is being called.
func (l *Lease) OnEnd(f func()) (stop func() bool) {
	l.mu.Lock()
	if l.over {
		l.mu.Unlock()
		f()
		return func() bool { return false }
	}
	l.next++
	n := l.next
	if l.after == nil {
		l.after = map[int]func(){}
	}
	l.after[n] = f
	l.mu.Unlock()
	return func() bool {
		l.mu.Lock()
		defer l.mu.Unlock()
		_, waiting := l.after[n]
		delete(l.after, n)
		return waiting
	}
}

// finish ends the lease for whoever holds it; false when it had ended.
func (l *Lease) finish(why string) bool {
	l.mu.Lock()
	if l.over {
		l.mu.Unlock()
		return false
	}
	l.over, l.why, l.ended = true, why, time.Now()
	close(l.done)
	after := l.after
	l.after = nil
	l.mu.Unlock()
	for _, f := range after {
		f()
	}
	return true
}

// arm starts the one timer of a lease: it looks whether the time is over or nobody was there, and
// else sleeps until that could next be so. A beat costs no timer.
func (l *Lease) arm(idle time.Duration) {
	left := func() time.Duration { return l.Until.Sub(l.Begin) - time.Since(l.Begin) }
	quiet := func() time.Duration { return idle - (time.Since(l.Begin) - time.Duration(l.beat.Load())) }
	var timer *time.Timer
	timer = time.AfterFunc(time.Hour, func() {
		switch d := min(left(), quiet()); {
		case l.Err() != nil:
		case d > 0:
			timer.Reset(d)
		case left() <= 0:
			l.door.end(l, EndExpired)
		default:
			l.door.end(l, EndIdle)
		}
	})
	timer.Reset(min(left(), quiet())) // not before timer is set: what it runs needs it
}
