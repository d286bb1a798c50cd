package stream

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"linli.dev/linli/protocol/cmaf"
	"linli.dev/linli/protocol/lockout"
	"linli.dev/linli/protocol/rtsp"
)

// street is a row of cameras without a network, one behaviour per URL.
type street struct {
	mu    sync.Mutex
	calls []call
	on    func(o rtsp.Options) error // nil error: the camera plays
	play  func(h rtsp.Handler, lines *line1)
	open  int
	most  int
	lazy  map[string]time.Duration
	asked []time.Time // for a key frame
	clip  clip
}

type call struct {
	at  time.Time
	url string
}

type line1 struct {
	st   *street
	url  string
	once sync.Once
	h    rtsp.Handler
	end  chan struct{}
}

func (st *street) dial(ctx context.Context, o rtsp.Options) (Session, []rtsp.Media, error) {
	st.mu.Lock()
	st.calls = append(st.calls, call{time.Now(), o.URL})
	st.mu.Unlock()
	if st.on != nil {
		if err := st.on(o); err != nil {
			return nil, nil, err
		}
	}
	st.mu.Lock()
	st.open++
	st.most = max(st.most, st.open)
	st.mu.Unlock()
	return &line1{st: st, url: o.URL, end: make(chan struct{})}, st.clip.medias("", true), nil
}

func (l *line1) Play(ctx context.Context, medias []int, h rtsp.Handler) error {
	l.h = h
	if l.st.play != nil {
		go func() {
			l.st.play(h, l)
			select {
			case <-l.end:
			default:
				l.hang(errors.New("the camera hung up"))
			}
		}()
	}
	return nil
}

func (l *line1) SetLazy(d time.Duration) {
	l.st.mu.Lock()
	if l.st.lazy != nil {
		l.st.lazy[l.url] = d
	}
	l.st.mu.Unlock()
}

func (l *line1) ID() string { return "session of " + l.url }

func (l *line1) RequestKey() {
	l.st.mu.Lock()
	l.st.asked = append(l.st.asked, time.Now())
	l.st.mu.Unlock()
}

func (l *line1) Close() error { l.hang(rtsp.ErrClosed); return nil }

func (l *line1) hang(err error) {
	l.once.Do(func() {
		close(l.end)
		l.st.mu.Lock()
		l.st.open--
		l.st.mu.Unlock()
		if l.h != nil {
			go l.h.Closed(err)
		}
	})
}

// connected counts the connections: now, and at most so far.
func (st *street) connected() (now, most int) {
	st.mu.Lock()
	defer st.mu.Unlock()
	return st.open, st.most
}

func (st *street) times(url string, since time.Time) (out []time.Duration) {
	st.mu.Lock()
	defer st.mu.Unlock()
	for _, c := range st.calls {
		if url == "" || c.url == url {
			out = append(out, c.at.Sub(since))
		}
	}
	return out
}

func channel(n int) Source {
	return Source{
		ID: ID{fmt.Sprintf("cam%02d", n), Main}, URL: fmt.Sprintf("rtsp://10.0.0.7/%d", n), User: "u", Password: "p", Host: "recorder",
	}
}

// open runs a hub on a street inside a bubble of time.
func (st *street) open1(t *testing.T, o Options, f func(h *Hub, begun time.Time)) {
	synctest.Test(t, func(t *testing.T) {
		o.Dial = st.dial
		h := New(o)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- h.Run(ctx) }()
		f(h, time.Now())
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

func status(h *Hub, n int) Status {
	s, ok := h.Get(channel(n).ID)
	if !ok {
		return Status{}
	}
	return s.Status()
}

// A recorder of 16 channels that is off: one channel knocks, with 1, 2, 5, 10, 30 s between, and all say why.
func TestBackOffIsPerHost(t *testing.T) {
	var down atomic.Bool
	down.Store(true)
	st := &street{clip: clip{codec: cmaf.H264}}
	st.on = func(rtsp.Options) error {
		time.Sleep(50 * time.Millisecond)
		if down.Load() {
			return fmt.Errorf("%w: %w", rtsp.ErrUnreachable, syscall.ECONNREFUSED)
		}
		return nil
	}
	st.open1(t, Options{}, func(h *Hub, begun time.Time) {
		var src []Source
		for n := range 16 {
			src = append(src, channel(n))
		}
		h.Apply(src)
		time.Sleep(110 * time.Second)
		calls := st.times("", begun)
		if len(calls) < 5 || len(calls) > 9 {
			t.Errorf("%d attempts in 110 s: %v", len(calls), calls)
		}
		for n := range 16 {
			if got := status(h, n); got.State != Unreachable || got.Reason != ReasonRefused {
				t.Errorf("channel %d: %s, %s", n, got.State, got.Reason)
			}
		}
		down.Store(false)
		time.Sleep(40 * time.Second)
		if _, most := st.connected(); most != 16 {
			t.Errorf("%d channels came back with the recorder", most)
		}
	})
}

// A recorder is off, and the one channel that knocks is taken out while it does, or cannot even knock: the others do it.
func TestWhoKnocksIsTakenOut(t *testing.T) {
	nonsense := channel(0)
	nonsense.URL = "rtsp://"
	for name, c := range map[string]struct {
		while []Source // the recorder is off
		then  []Source
	}{
		"it is taken out":                 {[]Source{channel(0)}, []Source{channel(1)}},
		"its address comes to be rubbish": {[]Source{nonsense}, []Source{nonsense, channel(1)}},
	} {
		t.Run(name, func(t *testing.T) {
			var down atomic.Bool
			down.Store(true)
			st := &street{clip: clip{codec: cmaf.H264}}
			st.on = func(o rtsp.Options) error {
				if down.Load() {
					return fmt.Errorf("%w: %w", rtsp.ErrUnreachable, syscall.EHOSTUNREACH)
				}
				return nil
			}
			st.play = func(h rtsp.Handler, l *line1) { alive(h, l) }
			synctest.Test(t, func(t *testing.T) {
				h := New(Options{Dial: func(ctx context.Context, o rtsp.Options) (Session, []rtsp.Media, error) {
					if o.URL != channel(0).URL || len(st.times("", time.Now())) == 0 {
						return st.dial(ctx, o)
					}
					<-ctx.Done() // the second time on nobody answers
					return nil, nil, ctx.Err()
				}})
				ctx, cancel := context.WithCancel(t.Context())
				done := make(chan error)
				go func() { done <- h.Run(ctx) }()
				h.Apply([]Source{channel(0)})
				time.Sleep(100 * time.Millisecond) // it has failed once
				h.Apply(c.while)
				time.Sleep(5 * time.Second) // it knocks again
				down.Store(false)
				h.Apply(c.then)
				time.Sleep(15 * time.Second)
				if now, _ := st.connected(); now != 1 {
					t.Errorf("%s, %s: %d of 1 connected", status(h, 1).State, status(h, 1).Reason, now)
				}
				cancel()
				<-done
			})
		})
	}
}

// A recorder is well, one of its channels never answers: the others are not held up by it.
func TestDeadChannelHoldsUpNobody(t *testing.T) {
	st := &street{clip: clip{codec: cmaf.H264}}
	st.on = func(o rtsp.Options) error {
		if o.URL == channel(0).URL {
			time.Sleep(10 * time.Second)
			return rtsp.ErrTimeout
		}
		return nil
	}
	st.play = func(h rtsp.Handler, l *line1) { alive(h, l) }
	st.open1(t, Options{}, func(h *Hub, begun time.Time) {
		h.Apply([]Source{channel(0), channel(1)})
		time.Sleep(50 * time.Second)
		h.Apply([]Source{channel(0), channel(1), channel(2), channel(3)})
		time.Sleep(time.Second)
		if now, _ := st.connected(); now < 3 {
			t.Errorf("%d of 3 good channels play", now)
		}
		if got := status(h, 0); got.State != Unreachable || got.Reason != ReasonTimeout {
			t.Errorf("%s, %s", got.State, got.Reason)
		}
	})
}

// A wrong password is tried once for all channels of a device, then not for 35 minutes — unless the secret changes.
func TestWrongPasswordIsNotRepeated(t *testing.T) {
	st := &street{clip: clip{codec: cmaf.H264}}
	st.on = func(o rtsp.Options) error {
		if o.Password != "right" {
			return rtsp.ErrUnauthorized
		}
		return nil
	}
	st.open1(t, Options{}, func(h *Hub, begun time.Time) {
		one := channel(0)
		h.Apply([]Source{one, channel(1), channel(2)}) // a recorder's channels begin together
		time.Sleep(34 * time.Minute)
		if calls := st.times("", begun); len(calls) != 1 {
			t.Errorf("%d attempts in 34 minutes: %v", len(calls), calls)
		}
		for n := range 3 {
			if got := status(h, n); got.State != Unauthorised || got.Reason != ReasonUnauthorised {
				t.Errorf("channel %d: %s, %s", n, got.State, got.Reason)
			}
		}
		time.Sleep(2 * time.Minute)
		if calls := st.times("", begun); len(calls) != 2 {
			t.Errorf("%d attempts after 36 minutes", len(calls))
		}
		before := len(st.times("", begun))
		one.Password = "right"
		h.Apply([]Source{one, channel(1), channel(2)})
		time.Sleep(3 * time.Second)
		if calls := st.times("", begun); len(calls) != before+1 {
			t.Errorf("%d attempts after the secret changed, want one", len(calls)-before)
		}
		if now, _ := st.connected(); now != 1 {
			t.Error("the right password does not play")
		}
	})
}

// The password is put right at the camera, and somebody says so: all channels of the device play at once.
func TestPutRightAtTheCamera(t *testing.T) {
	st := &street{clip: clip{codec: cmaf.H264}}
	var right atomic.Bool
	st.on = func(rtsp.Options) error {
		if !right.Load() {
			return rtsp.ErrUnauthorized
		}
		return nil
	}
	st.play = func(h rtsp.Handler, l *line1) { alive(h, l) }
	refused, err := lockout.Open(lockout.Options{})
	if err != nil {
		t.Fatal(err)
	}
	st.open1(t, Options{Lockouts: refused}, func(h *Hub, begun time.Time) {
		h.Apply([]Source{channel(0), channel(1)})
		time.Sleep(5 * time.Minute)
		right.Store(true)
		h.Retry(channel(0).ID) // nobody has said that it may be shown
		time.Sleep(time.Minute)
		if calls := st.times("", begun); len(calls) != 1 {
			t.Errorf("%d attempts: %v", len(calls), calls)
		}
		if wait, err := refused.Again(channel(0).secret()); wait != 0 || err != nil {
			t.Fatal(wait, err)
		}
		h.Retry(channel(0).ID)
		time.Sleep(10 * time.Second)
		if now, _ := st.connected(); now != 2 {
			t.Errorf("%d of 2 channels play", now)
		}
	})
}

// What is wanted while the hub begins stays wanted: its own beginning does not take it back.
func TestWantedWhileTheHubBegins(t *testing.T) {
	for range 300 {
		st := &street{clip: clip{codec: cmaf.H264}}
		synctest.Test(t, func(t *testing.T) {
			h := New(Options{Dial: st.dial})
			ctx, cancel := context.WithCancel(t.Context())
			done := make(chan error)
			go func() { done <- h.Run(ctx) }()
			go h.Apply([]Source{channel(0)})
			time.Sleep(time.Second)
			if _, ok := h.Get(channel(0).ID); !ok {
				t.Error("the camera is not wanted any more")
			}
			cancel()
			<-done
		})
		if t.Failed() {
			return
		}
	}
}

// A device that takes two connections gets two, and the third channel says why it waits.
func TestConnectionLimit(t *testing.T) {
	st := &street{clip: clip{codec: cmaf.H264}}
	st.play = func(h rtsp.Handler, l *line1) { alive(h, l) }
	st.open1(t, Options{}, func(h *Hub, begun time.Time) {
		var src []Source
		for n := range 4 {
			s := channel(n)
			s.Limit = 2
			src = append(src, s)
		}
		h.Apply(src)
		time.Sleep(20 * time.Second)
		if _, most := st.connected(); most != 2 {
			t.Errorf("%d connections at a time", most)
		}
		waits := 0
		for n := range 4 {
			if status(h, n).Reason == ReasonLimit {
				waits++
			}
		}
		if waits != 2 {
			t.Errorf("%d channels wait for a place", waits)
		}
		h.Apply(src[2:]) // two places come free
		time.Sleep(5 * time.Second)
		if now, _ := st.connected(); now != 2 {
			t.Errorf("%d connections after places came free", now)
		}
	})
}

// alive sends rubbish that is at least packets.
func alive(h rtsp.Handler, l *line1) {
	for {
		select {
		case <-l.end:
			return
		case <-time.After(500 * time.Millisecond):
			h.Packet(0, time.Now().UnixNano(), []byte{0x80, 96, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 9, 9})
			h.Batch()
		}
	}
}

// A camera that goes silent is stalled after 10 s and dialled anew; one without a picture says so after 15 s.
func TestSilentAndDark(t *testing.T) {
	st := &street{clip: clip{codec: cmaf.H264}}
	st.play = func(h rtsp.Handler, l *line1) {
		if l.url == channel(1).URL {
			alive(h, l)
			return
		}
		<-l.end
	}
	var seen []Status
	var mu sync.Mutex
	st.open1(t, Options{Observe: func(s Status) { mu.Lock(); seen = append(seen, s); mu.Unlock() }}, func(h *Hub, begun time.Time) {
		h.Apply([]Source{channel(0), channel(1)})
		time.Sleep(11500 * time.Millisecond)
		if got := status(h, 0); got.State != Stalled || got.Reason != ReasonSilent {
			t.Errorf("silent: %s, %s", got.State, got.Reason)
		}
		time.Sleep(3 * time.Second)
		if n := len(st.times(channel(0).URL, begun)); n != 2 {
			t.Errorf("%d attempts at the silent one", n)
		}
		time.Sleep(5 * time.Second)
		if got := status(h, 1); got.State != NoPicture || got.Reason == "" {
			t.Errorf("dark: %s, %s", got.State, got.Reason)
		}
		mu.Lock()
		defer mu.Unlock()
		found := false
		for _, s := range seen {
			found = found || s.State == Stalled && s.ID == channel(0).ID
		}
		if !found {
			t.Error("nobody was told of the stall")
		}
	})
}

// A camera that floods is put off; and one that is not wanted any more ends for its readers.
func TestFloodAndStop(t *testing.T) {
	st := &street{clip: clip{codec: cmaf.H264}}
	st.play = func(h rtsp.Handler, l *line1) {
		pkt := make([]byte, 60000)
		pkt[0] = 0x80
		for {
			select {
			case <-l.end:
				return
			case <-time.After(time.Millisecond):
				for range 10 {
					h.Packet(0, time.Now().UnixNano(), pkt)
				}
				h.Batch()
			}
		}
	}
	st.open1(t, Options{}, func(h *Hub, begun time.Time) {
		h.Apply([]Source{channel(0)})
		time.Sleep(6 * time.Second)
		if got := status(h, 0); got.Reason != ReasonFlood {
			t.Errorf("%s, %s", got.State, got.Reason)
		}
		s, _ := h.Get(channel(0).ID)
		r := s.Frames(FrameOptions{})
		h.Apply(nil)
		if _, err := r.Next(context.Background()); err == nil {
			t.Error("a frame from a stream that is over")
		}
		time.Sleep(time.Second)
		if got := s.Status(); got.State != Disabled {
			t.Errorf("%s", got.State)
		}
	})
}

// Nobody watches: lazily. Somebody does: at once. The last one leaves: lazily again.
func TestPace(t *testing.T) {
	c := encode(t, cmaf.H264, 6, "-g", "25", "-bf", "0")
	st := &street{clip: c, lazy: map[string]time.Duration{}}
	st.play = func(h rtsp.Handler, l *line1) {
		f := &feeder{codec: c.codec, medias: c.medias("", true), in: h.(*intake)}
		f.video.Channel = -1
		for n := int64(0); ; n++ {
			p := c.units[n%int64(len(c.units))]
			select {
			case <-l.end:
				return
			case <-time.After(40 * time.Millisecond):
				f.picture(p, n*3600, time.Now().UnixNano())
			}
		}
	}
	st.open1(t, Options{}, func(h *Hub, begun time.Time) {
		lazy := func() time.Duration {
			st.mu.Lock()
			defer st.mu.Unlock()
			return st.lazy[channel(0).URL]
		}
		h.Apply([]Source{channel(0)})
		time.Sleep(8 * time.Second)
		if got := lazy(); got != 400*time.Millisecond {
			t.Errorf("nobody watches: %v", got)
		}
		s, _ := h.Get(channel(0).ID)
		r, k := s.Frames(FrameOptions{}), s.Chunks()
		if got := lazy(); got != 0 {
			t.Errorf("somebody watches: %v", got)
		}
		r.Close()
		if got := lazy(); got != 0 {
			t.Errorf("one is left: %v", got)
		}
		k.Close()
		k.Close()
		if got := lazy(); got != 400*time.Millisecond {
			t.Errorf("nobody is left: %v", got)
		}
		st := s.Status()
		if st.State != Online || st.FrameRate < 24 || st.FrameRate > 26 || st.KeyInterval != time.Second || st.BitRate == 0 {
			t.Errorf("%+v", st)
		}
	})
}

func TestBlame(t *testing.T) {
	for _, c := range []struct {
		err    error
		state  State
		reason string
		whole  bool
	}{
		{rtsp.ErrUnauthorized, Unauthorised, ReasonUnauthorised, false},
		{&rtsp.StatusError{Code: 404}, Unreachable, ReasonNoChannel, false},
		{&rtsp.StatusError{Code: 453}, Unreachable, ReasonBusy, false},
		{&rtsp.StatusError{Code: 403}, Unauthorised, ReasonForbidden, false},
		{&rtsp.StatusError{Code: 500}, Unreachable, ReasonProtocol, false},
		{fmt.Errorf("%w: %w", rtsp.ErrUnreachable, syscall.ECONNREFUSED), Unreachable, ReasonRefused, true},
		{fmt.Errorf("%w: %w", rtsp.ErrUnreachable, syscall.EHOSTUNREACH), Unreachable, ReasonNoRoute, true},
		{context.DeadlineExceeded, Unreachable, ReasonTimeout, true},
	} {
		got, whole := blame(c.err)
		if got.state != c.state || got.reason != c.reason || whole != c.whole {
			t.Errorf("%v: %+v, %v", c.err, got, whole)
		}
	}
	if got := text(errors.New(`dial rtsp://admin:secret@10.0.0.1/x: refused`)); got != "dial rtsp://10.0.0.1/x: refused" {
		t.Errorf("a secret is told: %q", got)
	}
}
