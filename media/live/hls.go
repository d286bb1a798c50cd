package live

import (
	"net/http"
	"sync"
	"time"

	"linli.dev/linli/access/grant"
	"linli.dev/linli/fault"
	"linli.dev/linli/media/stream"
	"linli.dev/linli/protocol/hls"
)

// readers remembers which lease reads which playlist, so that a request costs no more than finding it. An entry goes
// when its lease ends.
type readers struct {
	mu      sync.RWMutex
	byLease map[string]*reader
}

type reader struct {
	playlist *playlist
	release  func()
}

// reader finds or makes the entry of a lease.
func (m *Room) reader(l *grant.Lease) (*reader, error) {
	m.readers.mu.RLock()
	one := m.readers.byLease[l.ID]
	m.readers.mu.RUnlock()
	if one != nil && !one.playlist.live.Ended() {
		return one, nil
	}
	shared, release, err := m.playlists.use(stream.ID{Camera: string(l.Camera), Which: stream.Which(l.Stream)})
	if err != nil {
		return nil, err
	}
	fresh := &reader{playlist: shared, release: release}
	m.readers.mu.Lock()
	old := m.readers.byLease[l.ID]
	if old != nil && old != one { // another request of the same page was first
		m.readers.mu.Unlock()
		release()
		return old, nil
	}
	m.readers.byLease[l.ID] = fresh
	m.readers.mu.Unlock()
	if old != nil { // the stream had ended: the lease's end is watched already
		old.release()
		return fresh, nil
	}
	l.OnEnd(func() {
		m.readers.mu.Lock()
		last := m.readers.byLease[l.ID]
		delete(m.readers.byLease, l.ID)
		m.readers.mu.Unlock()
		if last != nil {
			last.release()
		}
	})
	return fresh, nil
}

// playlist answers GET …/live.m3u8.
func (m *Room) playlist(w http.ResponseWriter, r *http.Request) error {
	lease, err := m.lease(r, grant.Live)
	if err != nil {
		return err
	}
	one, err := m.reader(lease)
	if err != nil {
		return err
	}
	if boards(r) {
		b, _, err := one.playlist.live.Wire(r.Context(), lease.Done(), "", r.URL.RawQuery)
		if err != nil {
			return m.hlsFault(err, lease)
		}
		lease.Beat()
		if m.express.board(w, r, lease, b) {
			return nil
		}
	}
	if err := one.playlist.live.ServePlaylist(w, r, lease.Done()); err != nil {
		return m.hlsFault(err, lease)
	}
	lease.Beat() // a request may have waited for seconds
	return nil
}

// media answers GET …/live/{name}.
func (m *Room) media(w http.ResponseWriter, r *http.Request) error {
	lease, err := m.lease(r, grant.Live)
	if err != nil {
		return err
	}
	one, err := m.reader(lease)
	if err != nil {
		return err
	}
	err = one.playlist.live.ServeMedia(grant.Writer(lease, w), r, r.PathValue("name"), lease.Done())
	if err == nil {
		grant.Cut(lease, w) // a reader that takes its bytes slowly gets none of what is left
	}
	if err != nil {
		return m.hlsFault(err, lease)
	}
	return nil
}

func (m *Room) hlsFault(err error, l *grant.Lease) error {
	if ended := l.Err(); ended != nil {
		return ended
	}
	switch hls.Status(err) {
	case http.StatusNotFound:
		return fault.Wrap(err, fault.NotFound, "live.hls", "live.part-gone")
	case http.StatusBadRequest:
		return fault.Wrap(err, fault.Invalid, "live.hls", "live.part-future")
	case 499:
		return err
	default:
		f := fault.Wrap(err, fault.Unavailable, "live.hls", "live.no-picture")
		f.RetryAfter = time.Second
		return f
	}
}
