package onvif

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"linli.dev/linli/protocol/lockout"
)

// Target is where a stream's key frames can be asked for.
type Target struct {
	URL            string // of the device service
	User, Password string
	Profile        string // token; "": it is looked for by Path
	Path           string // of the RTSP stream, with its query
	Certificate    string // of https: the fingerprint that it has to have; "": an authority vouches for it
	Device         string // key of lock-out
}

// String and GoString keep the secret out of logs.
func (t Target) String() string   { return "‹target›" }
func (t Target) GoString() string { return "‹target›" }

// KeysOptions of Keys.
type KeysOptions struct {
	HTTP func(certificate string) *http.Client // as for a Client; nil: the default one
	// Lockouts tells what a device has refused, here before a restart or over RTSP: that is not shown to it. nil: nothing is known.
	Lockouts *lockout.Memory
	Log      *slog.Logger
	Every    time.Duration    // between two requests for one stream; 0: 3 s
	Now      func() time.Time // nil: time.Now
}

const (
	afterRefusal = lockout.For      // recorders lock addresses out for half an hour
	afterSilence = time.Minute      // and twice as long each time
	afterCannot  = 30 * time.Minute // it does not know this, or not this profile
	clockGood    = 10 * time.Minute // a device's clock may be set
	clockSame    = 2 * time.Second  // it tells whole seconds
	oneJob       = 15 * time.Second
	atOnce       = 4 // devices that are spoken to
)

// Keys asks cameras for key frames by ONVIF: in the background, one request at
// a time to a device, and not where it has been refused or in vain. Whoever
// asks neither waits nor learns whether a key frame comes.
type Keys struct {
	o      KeysOptions
	room   chan struct{}
	ctx    context.Context
	cancel context.CancelFunc
	work   sync.WaitGroup

	mu      sync.Mutex
	streams map[string]*keyStream
	devices map[device]*keyDevice
}

// device is what has a secret; another password makes another one, so that
// what the old one earned is forgotten.
type device struct{ url, user, password, certificate string }

type keyStream struct {
	target Target
	device *keyDevice
	next   time.Time // not before
	queued bool
	found  string // token, looked for by the path; of the worker
}

func (s *keyStream) secret() lockout.Secret {
	return lockout.Secret{Device: s.target.Device, User: s.target.User, Password: s.target.Password}
}

type keyDevice struct {
	device
	queue   []*keyStream
	busy    bool
	until   time.Time // not before
	silent  time.Duration
	client  *Client // of the worker
	clocked time.Time
}

// NewKeys makes one that asks for nothing yet.
func NewKeys(o KeysOptions) *Keys {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Every == 0 {
		o.Every = 3 * time.Second
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	k := &Keys{o: o, room: make(chan struct{}, atOnce), streams: map[string]*keyStream{}, devices: map[device]*keyDevice{}}
	k.ctx, k.cancel = context.WithCancel(context.Background())
	return k
}

// Close ends requests that are under way.
func (k *Keys) Close() error {
	k.cancel()
	k.work.Wait()
	return nil
}

// Apply takes all streams that can be asked for. One that has not changed
// keeps what is known of it.
func (k *Keys) Apply(targets map[string]Target) {
	k.mu.Lock()
	defer k.mu.Unlock()
	streams, devices := map[string]*keyStream{}, map[device]*keyDevice{}
	for id, t := range targets {
		of := device{t.URL, t.User, t.Password, t.Certificate}
		d := devices[of]
		if d == nil {
			if d = k.devices[of]; d == nil {
				d = &keyDevice{device: of}
			}
			devices[of] = d
		}
		s := k.streams[id]
		if s == nil || s.target != t {
			s = &keyStream{target: t, device: d}
		}
		streams[id] = s
	}
	k.streams, k.devices = streams, devices
}

// Ask asks for a key frame of a stream, and tells whether a request goes out.
func (k *Keys) Ask(id string) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	s := k.streams[id]
	if s == nil || s.queued || k.ctx.Err() != nil {
		return false
	}
	d, now := s.device, k.o.Now()
	if now.Before(s.next) || k.barred(d, s, now) {
		return false
	}
	s.next, s.queued = now.Add(k.o.Every), true
	d.queue = append(d.queue, s)
	if !d.busy {
		d.busy = true
		k.work.Go(func() { k.serve(d) })
	}
	return true
}

// barred: a device is not to be asked now. What it has refused is remembered beyond this process, and until somebody has it tried again.
func (k *Keys) barred(d *keyDevice, s *keyStream, now time.Time) bool {
	return now.Before(d.until) || k.o.Lockouts != nil && k.o.Lockouts.Wait(lockout.ONVIF, s.secret()) > 0
}

// serve asks for one stream after another until nobody waits.
func (k *Keys) serve(d *keyDevice) {
	select {
	case k.room <- struct{}{}:
		defer func() { <-k.room }()
	case <-k.ctx.Done():
	}
	for {
		k.mu.Lock()
		if len(d.queue) == 0 || k.barred(d, d.queue[0], k.o.Now()) || k.ctx.Err() != nil {
			for _, s := range d.queue {
				s.queued = false
			}
			d.queue, d.busy = nil, false
			k.mu.Unlock()
			return
		}
		s := d.queue[0]
		d.queue, s.queued = d.queue[1:], false
		k.mu.Unlock()
		ctx, stop := context.WithTimeout(k.ctx, oneJob)
		k.judge(d, s, k.one(ctx, d, s))
		stop()
	}
}

// judge notes what an answer means for the next time.
func (k *Keys) judge(d *keyDevice, s *keyStream, err error) {
	if k.ctx.Err() != nil {
		return
	}
	if errors.Is(err, ErrRefused) && k.o.Lockouts != nil { // without mu: a disk that hangs must not make those wait who ask
		if err := k.o.Lockouts.Refused(lockout.ONVIF, s.secret()); err != nil {
			k.o.Log.Warn("a refused password is forgotten with the next restart", "err", err)
		}
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	now := k.o.Now()
	switch {
	case err == nil:
		d.silent = 0
		return
	case errors.Is(err, ErrRefused) && k.o.Lockouts != nil:
	case errors.Is(err, ErrUnauthorized):
		d.until = now.Add(afterRefusal)
	case errors.Is(err, ErrUnreachable):
		d.silent = min(max(2*d.silent, afterSilence), afterCannot)
		d.until = now.Add(d.silent)
	default:
		s.next = now.Add(afterCannot)
	}
	k.o.Log.Info("a camera gives no key frame by ONVIF", "err", err)
}

// one sends one request. A client that was at hand and is refused may have an old idea of the device's clock: only where that has been set
// a fresh one asks once more.
func (k *Keys) one(ctx context.Context, d *keyDevice, s *keyStream) error {
	fresh := d.client == nil || k.o.Now().Sub(d.clocked) > clockGood
	if fresh {
		if err := k.meet(ctx, d); err != nil {
			return err
		}
	}
	old := d.client
	err := k.synchronize(ctx, old, s)
	if err == nil {
		return nil
	}
	d.client = nil
	if fresh || !errors.Is(err, ErrUnauthorized) || old.digest != nil {
		return err
	}
	if met := k.meet(ctx, d); met != nil {
		return met
	}
	if (d.client.offset - old.offset).Abs() <= clockSame {
		return err
	}
	return k.synchronize(ctx, d.client, s)
}

func (k *Keys) meet(ctx context.Context, d *keyDevice) error {
	var client *http.Client
	if k.o.HTTP != nil {
		client = k.o.HTTP(d.certificate)
	}
	c, err := New(Options{URL: d.url, User: d.user, Password: d.password, HTTP: client, Now: k.o.Now})
	if err != nil {
		return err
	}
	// Some want a password even for the time: then tokens go by our clock.
	if _, _, err := c.Clock(ctx); errors.Is(err, ErrUnreachable) || errors.Is(err, ErrRefused) {
		return err
	}
	d.client, d.clocked = c, k.o.Now()
	return nil
}

// synchronize uses the token of the register while it is good, else the one
// whose stream is at the path: profiles get new tokens when a device is set
// anew, and a device that was registered by hand never told any.
func (k *Keys) synchronize(ctx context.Context, c *Client, s *keyStream) error {
	token := s.found
	if token == "" {
		token = s.target.Profile
	}
	if token != "" {
		err := c.Synchronize(ctx, token)
		var f *Fault
		if err == nil || s.found != "" || !errors.As(err, &f) || errors.Is(err, ErrUnauthorized) || s.target.Path == "" {
			return err
		}
	}
	token, err := c.ProfileAt(ctx, s.target.Path)
	if err != nil || token == s.target.Profile {
		if err == nil {
			err = ErrProtocol
		}
		return err
	}
	if err := c.Synchronize(ctx, token); err != nil {
		return err
	}
	s.found = token
	return nil
}
