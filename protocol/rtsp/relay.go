package rtsp

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/bluenviron/gortsplib/v5"
	"github.com/bluenviron/gortsplib/v5/pkg/base"
	"github.com/bluenviron/gortsplib/v5/pkg/description"
	"github.com/bluenviron/gortsplib/v5/pkg/format"
	"github.com/bluenviron/gortsplib/v5/pkg/liberrors"
	"github.com/pion/rtcp"
	"github.com/pion/rtp"
)

// relay is the second opinion: a camera that we do not understand, or with whom we agree on no transport, is tried with gortsplib, which
// knows multicast and a few odd ways more. What it receives is framed as if it came over TCP and goes the usual way; it costs
// many times more, so the log says that it is in use.
type relay struct {
	c    *gortsplib.Client
	desc *description.Session

	mu      sync.Mutex
	waiting []byte // framed, not yet taken
	spare   []byte
	posted  bool
	th      *thread
}

// dialRelay describes with gortsplib.
func dialRelay(ctx context.Context, o Options, a address) (*Session, error) {
	scheme := "rtsp"
	if a.TLS {
		scheme = "rtsps"
	}
	u, err := base.ParseURL(scheme + "://" + a.Host + a.Rest)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrProtocol, err)
	}
	r := &relay{c: &gortsplib.Client{Scheme: scheme, Host: a.Host, ReadTimeout: o.Timeout, WriteTimeout: o.Timeout, UserAgent: o.UserAgent, TLSConfig: o.TLS, AnyPortEnable: true, DialContext: (&net.Dialer{Control: o.allowed}).DialContext}}
	if o.Transport == "tcp" {
		tcp := gortsplib.ProtocolTCP
		r.c.Protocol = &tcp
	}
	if err := r.c.Start(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
	stop := context.AfterFunc(ctx, r.c.Close)
	defer stop()
	if o.User != "" || o.Password != "" {
		u.User = url.UserPassword(o.User, o.Password)
	}
	desc, res, err := r.c.Describe(u)
	if err != nil {
		r.c.Close()
		return nil, translate(err)
	}
	r.desc = desc
	s := &Session{o: o, addr: a, relay: r}
	s.Medias, s.Title, _ = parseSDP(res.Body)
	if len(s.Medias) == 0 || len(s.Medias) != len(desc.Medias) {
		r.c.Close()
		return nil, fmt.Errorf("%w: two readings of its description differ", ErrProtocol)
	}
	o.Log.Info("rtsp: by the second way", "host", a.Host)
	return s, nil
}

func translate(err error) error {
	var auth liberrors.ErrClientAuthSetup
	var status liberrors.ErrClientBadStatusCode
	switch {
	case errors.Is(err, ErrForbidden):
		return err
	case errors.As(err, &auth):
		return ErrUnauthorized
	case errors.As(err, &status) && status.Code == base.StatusUnauthorized:
		return ErrUnauthorized
	case errors.As(err, &status):
		return &StatusError{Method: "DESCRIBE", Code: int(status.Code), Reason: status.Message}
	}
	return fmt.Errorf("%w: %w", ErrProtocol, err)
}

// play sets up and starts; from here on the loop's thread has the packets.
func (r *relay) play(s *Session, medias []int, loop *Loop, h Handler) error {
	p := &s.state
	p.h, p.link, p.transport, p.timeout = h, r, "relay", time.Minute
	p.rx = make([]reception, len(s.Medias))
	number := map[*description.Media]int{}
	for _, i := range medias {
		if i < 0 || i >= len(r.desc.Medias) {
			r.c.Close()
			return fmt.Errorf("%w: no media %d", ErrProtocol, i)
		}
		number[r.desc.Medias[i]] = i
		p.rx[i] = reception{used: true, rate: s.Medias[i].ClockRate}
		p.chans[2*i], p.chans[2*i+1] = uint8(1+2*i), uint8(2+2*i)
		res, err := r.c.Setup(r.desc.BaseURL, r.desc.Medias[i], 0, 0)
		if err != nil {
			r.c.Close()
			return translate(err)
		}
		if v := res.Header["Session"]; len(v) > 0 {
			id, _, _ := strings.Cut(v[0], ";")
			p.id = strings.TrimSpace(id)
		}
	}
	if t := r.c.Transport().Session; s.o.Opened != nil && p.id != "" && (t == nil || t.Protocol != gortsplib.ProtocolTCP) {
		s.o.Opened(p.id)
	}
	th := loop.pick()
	r.th = th
	r.c.OnPacketRTPAny(func(m *description.Media, _ format.Format, pkt *rtp.Packet) {
		if b, err := pkt.Marshal(); err == nil {
			r.put(s, 2*number[m], b)
		}
	})
	r.c.OnPacketRTCPAny(func(m *description.Media, pkt rtcp.Packet) {
		if b, err := pkt.Marshal(); err == nil {
			r.put(s, 2*number[m]+1, b)
		}
	})
	s.mu.Lock()
	s.th = th
	posted := !s.closed && th.post(func() { s.arrive(th, nil) })
	s.closed = s.closed || !posted
	s.mu.Unlock()
	if !posted {
		th.load.Add(-1)
		r.c.Close()
		return ErrClosed
	}
	_, err := r.c.Play(nil)
	if err != nil {
		err = translate(err)
		th.post(func() { // h hears nothing of a session that never played
			p.h = deaf{}
			s.end(th, err)
		})
		return err
	}
	go func() {
		err := r.c.Wait()
		th.post(func() { s.end(th, brokenOff(err)) })
	}()
	return nil
}

// put frames a packet and brings it to the thread, together with what else waits.
func (r *relay) put(s *Session, channel int, pkt []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.waiting) > 8<<20 || len(pkt) > 1<<16-1 {
		return // the thread is stuck: lose packets, not memory
	}
	r.waiting = append(r.waiting, '$', byte(channel), byte(len(pkt)>>8), byte(len(pkt)))
	r.waiting = append(r.waiting, pkt...)
	if !r.posted {
		r.posted = r.th.post(func() { r.deliver(s) })
	}
}

func (r *relay) deliver(s *Session) {
	r.mu.Lock()
	b := r.waiting
	r.waiting, r.posted = r.spare[:0], false
	r.mu.Unlock()
	if !s.state.ended {
		s.take(r.th, b, r.th.loop.moment())
	}
	if !s.state.ended {
		s.state.h.Batch()
	}
	r.mu.Lock()
	r.spare = b
	r.mu.Unlock()
}

// askKey asks for a key frame of a media.
func (r *relay) askKey(media int) {
	m := r.desc.Medias[media]
	stats := r.c.Stats()
	if stats == nil {
		return
	}
	for _, f := range stats.Session.Medias[m].Formats {
		_ = r.c.WritePacketRTCP(m, &rtcp.PictureLossIndication{MediaSSRC: f.RemoteSSRC})
	}
}

// send: keep-alive and TEARDOWN are gortsplib's business.
func (r *relay) send(b []byte) (int, error) { return len(b), nil }

func (r *relay) close() { go r.c.Close() }

// deaf is the handler of a session whose own must not be called any more.
type deaf struct{}

func (deaf) Packet(int, int64, []byte)               {}
func (deaf) SenderReport(int, uint64, uint32, int64) {}
func (deaf) Batch()                                  {}
func (deaf) Closed(error)                            {}
