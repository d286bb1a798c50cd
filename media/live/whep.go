package live

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"io"
	"mime"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"sync"

	"linli.dev/linli/access/grant"
	"linli.dev/linli/api"
	"linli.dev/linli/fault"
	"linli.dev/linli/media/stream"
	"linli.dev/linli/protocol/cmaf"
	"linli.dev/linli/protocol/whep"
)

// maxSessions is how many WebRTC sessions one lease may have: a page that reconnects makes a new one before the old
// one has fallen silent.
const maxSessions = 3

// sessions are the WHEP resources, by lease and id.
type sessions struct {
	mu      sync.Mutex
	byLease map[string][]*session
}

type session struct {
	id   string
	peer *whep.Peer

	mu   sync.Mutex
	over bool
	stop func() bool // takes back what the lease was to do at its end
}

// watch ends the viewer at the moment the lease ends.
func (s *session) watch(l *grant.Lease) {
	stop := l.OnEnd(func() { s.peer.Close() })
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.over {
		stop()
	}
	s.stop = stop
}

// forget lets the lease go on without this viewer.
func (s *session) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.over = true
	if s.stop != nil {
		s.stop()
	}
}

func (s *sessions) add(lease string, one *session) (oldest *session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := append(s.byLease[lease], one)
	if len(list) > maxSessions {
		oldest, list = list[0], list[1:]
	}
	s.byLease[lease] = list
	return oldest
}

func (s *sessions) find(lease, id string) *whep.Peer {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, one := range s.byLease[lease] {
		if one.id == id {
			return one.peer
		}
	}
	return nil
}

func (s *sessions) remove(lease, id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := slices.DeleteFunc(s.byLease[lease], func(one *session) bool { return one.id == id })
	if len(list) == 0 {
		delete(s.byLease, lease)
	} else {
		s.byLease[lease] = list
	}
}

// offer answers POST …/whep.
func (m *Room) offer(w http.ResponseWriter, r *http.Request) error {
	lease, err := m.lease(r, grant.Live)
	if err != nil {
		return err
	}
	if m.o.Port == nil {
		return fault.New(fault.Unsupported, "live.whep", "live.webrtc-off")
	}
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind != "application/sdp" {
		return fault.New(fault.Invalid, "live.whep", "live.want-sdp")
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 64<<10))
	if err != nil {
		return fault.Wrap(err, fault.TooLarge, "live.whep", "live.bad-offer")
	}
	offer, err := whep.ParseOffer(string(body))
	if err != nil {
		m.log.Info("an offer for WebRTC cannot be used", "look", lease.Look, "err", err)
		return fault.Wrap(err, fault.Invalid, "live.whep", "live.bad-offer")
	}
	id := stream.ID{Camera: string(lease.Camera), Which: stream.Which(lease.Stream)}
	shared, release, err := m.pictures.use(id)
	if err != nil {
		return err
	}
	if shared.source.Status().BFrames {
		release()
		return fault.New(fault.Unsupported, "live.whep", "live.b-frames")
	}
	one := &session{id: newID()}
	ready := make(chan struct{})
	peer, answer, err := m.o.Port.Answer(r.Context(), offer, shared.feed, shared.content(lease.Sound), whep.Viewer{
		Reached: reached(r),
		Beat:    lease.Beat,
		Ended: func(why error) {
			release()
			<-ready // it may end before it is in the list
			m.sessions.remove(lease.ID, one.id)
			one.forget()
			m.log.Debug("webrtc viewer left", "look", lease.Look, "why", why)
		},
	})
	if err != nil {
		close(ready)
		release()
		switch {
		case errors.Is(err, whep.ErrCodec) && shared.codec == cmaf.H265:
			return fault.Wrap(err, fault.Unsupported, "live.whep", "live.no-h265")
		case errors.Is(err, whep.ErrCodec):
			return fault.Wrap(err, fault.Unsupported, "live.whep", "live.no-codec", "codec", string(shared.codec))
		}
		return errClosing
	}
	one.peer = peer
	oldest := m.sessions.add(lease.ID, one)
	close(ready)
	if oldest != nil {
		oldest.peer.Close()
	}
	one.watch(lease)

	h := w.Header()
	h.Set("Content-Type", "application/sdp")
	h.Set("Location", "/media/"+lease.ID+"/whep/"+one.id)
	h.Set("ETag", peer.ETag())
	h.Set("Accept-Patch", "application/trickle-ice-sdpfrag")
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusCreated)
	_, _ = io.WriteString(w, answer)
	return nil
}

// peer is the viewer that a request's path names.
func (m *Room) peer(r *http.Request) (*whep.Peer, error) {
	lease, err := m.lease(r, grant.Live)
	if err != nil {
		return nil, err
	}
	peer := m.sessions.find(lease.ID, r.PathValue("id"))
	if peer == nil {
		return nil, fault.New(fault.NotFound, "live.whep", "live.no-session")
	}
	return peer, nil
}

// change answers PATCH …/whep/{id}: candidates are not needed by a server whose address is known; new credentials are
// an ICE restart (RFC 9725 §4.3).
func (m *Room) change(w http.ResponseWriter, r *http.Request) error {
	peer, err := m.peer(r)
	if err != nil {
		return err
	}
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind != "application/trickle-ice-sdpfrag" {
		return fault.New(fault.Invalid, "live.whep", "live.want-fragment")
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 64<<10))
	if err != nil {
		return fault.Wrap(err, fault.TooLarge, "live.whep", "live.bad-offer")
	}
	fragment, err := whep.ParseFragment(string(body))
	if err != nil {
		m.log.Info("a change of a WebRTC session cannot be used", "err", err)
		return fault.Wrap(err, fault.Invalid, "live.whep", "live.bad-offer")
	}
	match := r.Header.Get("If-Match")
	w.Header().Set("Cache-Control", "no-store")
	if match == "*" && fragment.Ufrag != "" && !peer.Offered(fragment.Ufrag) {
		answer, err := peer.Restart(fragment.Ufrag)
		if err != nil {
			return fault.New(fault.NotFound, "live.whep", "live.no-session")
		}
		w.Header().Set("ETag", peer.ETag())
		w.Header().Set("Content-Type", "application/trickle-ice-sdpfrag")
		w.WriteHeader(http.StatusOK)
		_, _ = io.WriteString(w, answer)
		return nil
	}
	switch {
	case match == "":
		api.FailAs(w, r, http.StatusPreconditionRequired, fault.New(fault.Invalid, "live.whep", "live.no-match"))
	case match != "*" && match != peer.ETag():
		return fault.New(fault.Stale, "live.whep", "live.other-match")
	default:
		w.WriteHeader(http.StatusNoContent)
	}
	return nil
}

// leave answers DELETE …/whep/{id}.
func (m *Room) leave(w http.ResponseWriter, r *http.Request) error {
	peer, err := m.peer(r)
	if err != nil {
		return err
	}
	peer.Close()
	w.WriteHeader(http.StatusOK)
	return nil
}

// reached is the address of this machine that the viewer's request came to: the best one to send from.
func reached(r *http.Request) netip.Addr {
	local, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	if !ok {
		return netip.Addr{}
	}
	at, err := netip.ParseAddrPort(local.String())
	if err != nil {
		return netip.Addr{}
	}
	return at.Addr().Unmap()
}

func newID() string {
	var b [12]byte
	_, _ = rand.Read(b[:])
	return base64.RawURLEncoding.EncodeToString(b[:])
}
