package stream

import (
	"context"
	"errors"
	"time"

	"linli.dev/linli/protocol/lockout"
	"linli.dev/linli/protocol/rtsp"
)

const (
	dialTime = 20 * time.Second
	goodTime = 30 * time.Second // online for so long: the next failure is a first one
)

// runOn keeps the stream connected until ctx ends.
func (s *Stream) runOn(ctx context.Context) {
	defer s.end()
	fails := 0
	for ctx.Err() == nil {
		s.mu.Lock()
		src := s.src
		s.mu.Unlock()
		h := s.hub.host(src.host())
		try, c, wait, changed := h.admit(s.hub.o.Lockouts, src.secret(), time.Now())
		if try == 0 {
			s.due(wait)
			s.set(c.state, c.reason, c.detail)
			s.pause(ctx, wait, changed)
			continue
		}
		s.due(0)
		began := time.Now()
		c, again := s.attempt(ctx, src, h)
		h.leave(src.secret(), try)
		if ctx.Err() != nil {
			return
		}
		if again { // another source: no failure
			fails = 0
			s.set(Connecting, ReasonConnecting, "")
			continue
		}
		s.mu.Lock()
		played := s.pictured.After(began)
		s.mu.Unlock()
		if played && time.Since(began) > goodTime {
			fails = 0
		}
		fails++
		wait = backoff(fails)
		if c.reason == ReasonUnauthorised {
			s.due(lockout.For)
		} else {
			s.due(wait)
		}
		s.set(c.state, c.reason, c.detail)
		s.pause(ctx, wait, nil)
	}
}

// due notes when the next attempt is; 0: now.
func (s *Stream) due(wait time.Duration) {
	s.mu.Lock()
	s.status.NextTry = time.Time{}
	if wait > 0 {
		s.status.NextTry = time.Now().Add(wait)
	}
	s.mu.Unlock()
}

// pause waits, until the source changes at the latest.
func (s *Stream) pause(ctx context.Context, d time.Duration, changed <-chan struct{}) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	case <-changed:
	case <-s.changed:
	}
}

// attempt connects and stays until the connection ends. again: because another source is wanted.
func (s *Stream) attempt(ctx context.Context, src Source, h *host) (c cause, again bool) {
	s.mu.Lock()
	s.status.Connects++
	s.mu.Unlock()
	if badURL(src.URL) {
		return cause{Unreachable, ReasonBadURL, ""}, false
	}
	dialing, stop := context.WithTimeout(ctx, dialTime)
	defer stop()
	o := rtsp.Options{
		URL: src.URL, User: src.User, Password: src.Password, Transport: src.Transport, TLS: rtsp.Believe(src.Certificate),
		Control: s.hub.o.Control, Log: s.log,
	}
	if err := s.tidyUp(dialing, o); err != nil {
		return s.fail(err, src, h), false
	}
	// Over TCP a session ends with its connection, whatever becomes of this process. Over UDP the camera would go on sending to nobody: it is
	// written down at once, before it plays, not within a second as the others.
	o.Opened = func(id string) {
		s.hub.sessions.began(s.id, id)
		s.hub.remember()
	}
	defer s.hub.sessions.began(s.id, "")
	sess, medias, err := s.hub.o.Dial(dialing, o)
	if err != nil {
		return s.fail(err, src, h), false
	}
	defer sess.Close()
	h.took(src.secret())
	picture, sound, c := choose(medias, src.Sound)
	if picture < 0 {
		h.answered()
		return c, false
	}
	in := newIntake(s, medias, picture, sound)
	s.attach(in, sess)
	defer s.detach(in)
	wanted := []int{picture}
	if sound >= 0 {
		wanted = append(wanted, sound)
	}
	if err := sess.Play(dialing, wanted, in); err != nil {
		in.finish(ReasonProtocol)
		c, _ := blame(err) // this channel's trouble: the host has described it
		h.answered()
		if c.reason == ReasonUnauthorised {
			s.refused(src, h)
		}
		return c, false
	}
	s.hub.sessions.began(s.id, sess.ID())
	if x, ok := sess.(interface{ Transport() string }); ok && x.Transport() != "tcp" {
		s.hub.remember()
	}
	h.answered()
	h.played(1)
	defer h.played(-1)
	stop()
	select {
	case c = <-in.kill:
	case <-ctx.Done():
		c = cause{Disabled, ReasonShutdown, ""}
	case <-s.changed:
		again = true
		c = cause{Connecting, ReasonConnecting, ""}
	}
	sess.Close()
	wait := time.NewTimer(3 * time.Second)
	select {
	case <-in.closed:
	case <-wait.C:
	}
	wait.Stop()
	s.mu.Lock()
	s.startled(c)
	s.mu.Unlock()
	in.finish(c.reason)
	return c, again
}

// tidyUp ends the session that an earlier process left with this camera. An error is one that the next request would have too: the host does not
// answer, or the password is wrong, which must not be tried twice.
func (s *Stream) tidyUp(ctx context.Context, o rtsp.Options) error {
	session := s.hub.sessions.leftBehind(s.id)
	if session == "" {
		return nil
	}
	o.Timeout = 5 * time.Second
	err := s.hub.o.TearDown(ctx, o, session)
	if err != nil {
		if c, whole := blame(err); whole || c.reason == ReasonUnauthorised || ctx.Err() != nil {
			return err
		}
	}
	s.log.Info("ended the session of an earlier process", "err", err) // a camera that has ended it itself says so
	s.hub.sessions.ended(s.id)
	return nil
}

// fail sorts an error of dialling: the host's fault, the secret's or the channel's.
func (s *Stream) fail(err error, src Source, h *host) cause {
	if errors.Is(err, context.Canceled) {
		return cause{Disabled, ReasonShutdown, ""}
	}
	c, whole := blame(err)
	switch {
	case c.reason == ReasonUnauthorised:
		s.refused(src, h)
	case whole:
		h.failed(c, time.Now())
	default:
		h.answered()
	}
	return c
}

// refused notes that the device does not take the source's secret.
func (s *Stream) refused(src Source, h *host) {
	if err := s.hub.o.Lockouts.Refused(lockout.RTSP, src.secret()); err != nil {
		s.log.Warn("a refused password is forgotten with the next restart", "err", err)
	}
	h.refused(src.secret())
}

func (s *Stream) attach(in *intake, sess Session) {
	s.mu.Lock()
	s.in, s.sess, s.lazy, s.asked = in, sess, 0, time.Time{}
	s.forget()
	s.mu.Unlock()
}

func (s *Stream) detach(in *intake) {
	s.mu.Lock()
	if s.in == in {
		s.in = nil
	}
	s.sess = nil
	s.mu.Unlock()
}
