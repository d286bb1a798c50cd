package play

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"linli.dev/linli/access/grant"
	"linli.dev/linli/fault"
	"linli.dev/linli/media/archive"
	"linli.dev/linli/protocol/cmaf"
	"linli.dev/linli/protocol/lockout"
)

// Snapshots says where pictures of what happens now come from.
type Snapshots interface {
	// SnapshotAt gives the camera's own snapshot address and its secret; ok false: it has none.
	SnapshotAt(ctx context.Context, camera string) (at SnapshotAt, ok bool)
	// KeyFrame gives the newest key frame of the running stream: length-prefixed NAL units.
	KeyFrame(ctx context.Context, camera string, which archive.Which) (track cmaf.Track, avcc []byte, at time.Time, err error)
}

// SnapshotAt is where a camera gives its own picture, and what it is shown.
type SnapshotAt struct {
	URL         string // without user and password
	Certificate string // of https: the fingerprint that it has to have; "": an authority vouches for it
	Secret      lockout.Secret
}

const maxPicture = 8 << 20

// snapshot answers GET …/snapshot.jpg: the camera's own picture, else the newest key frame of the running stream, else
// of the recording, drawn by ffmpeg; else it says why not.
func (m *Room) snapshot(w http.ResponseWriter, r *http.Request) error {
	l, err := m.lease(r, grant.Snapshot)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(r.Context(), 15*time.Second)
	defer cancel()
	stop := l.OnEnd(cancel)
	defer stop()
	picture, at, origin, err := m.picture(ctx, l)
	if err != nil {
		return err
	}
	if err := l.Err(); err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "image/jpeg")
	h.Set("Content-Length", strconv.Itoa(len(picture)))
	h.Set("Cache-Control", "no-store")
	h.Set("Last-Modified", at.UTC().Format(http.TimeFormat))
	h.Set("Linli-Origin", origin)
	_, _ = grant.Writer(l, w).Write(picture)
	grant.Cut(l, w)
	return nil
}

func (m *Room) picture(ctx context.Context, l *grant.Lease) (jpeg []byte, at time.Time, origin string, err error) {
	camera, which := string(l.Camera), archive.Which(l.Stream)
	if m.o.Snapshots != nil {
		if at, ok := m.o.Snapshots.SnapshotAt(ctx, camera); ok {
			jpeg, err := m.fetchPicture(ctx, at)
			if err == nil {
				return jpeg, time.Now(), "camera", nil
			}
			m.log.Info("the camera's own snapshot failed", "camera", camera, "err", err)
		}
	}
	track, avcc, at, err := m.keyFrame(ctx, camera, which)
	if err != nil {
		return nil, at, "", err
	}
	jpeg, err = m.drawer.draw(ctx, track, avcc)
	return jpeg, at, "key-frame", err
}

// keyFrame finds the newest key frame: of the running stream, else of what was recorded in the last ten minutes.
func (m *Room) keyFrame(ctx context.Context, camera string, which archive.Which) (cmaf.Track, []byte, time.Time, error) {
	if m.o.Snapshots != nil {
		track, avcc, at, err := m.o.Snapshots.KeyFrame(ctx, camera, which)
		if err == nil {
			return track, avcc, at, nil
		}
	}
	now := time.Now()
	runs, err := collect(ctx, m.o.Footage, camera, which, now.Add(-10*time.Minute), now)
	if err != nil {
		return cmaf.Track{}, nil, now, err
	}
	for i := len(runs) - 1; i >= 0; i-- {
		for j := len(runs[i].pieces) - 1; j >= 0; j-- {
			p := runs[i].pieces[j]
			video, ok := videoOf(runs[i].tracks)
			if !p.entry.Key || !ok {
				continue
			}
			avcc, err := m.firstSample(ctx, p, video.ID)
			return video, avcc, p.entry.Start, err
		}
	}
	return cmaf.Track{}, nil, now, fault.New(fault.Unavailable, "play.snapshot", "play.no-picture")
}

// firstSample reads the first frame of a fragment.
func (m *Room) firstSample(ctx context.Context, p piece, track uint32) ([]byte, error) {
	file, err := m.o.Footage.OpenSegment(ctx, p.segment.ID)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	head := new(heads).from(file)
	for c, err := range cmaf.ScanChunks(head, p.entry.Offset, p.entry.Offset+int64(p.entry.Size)) {
		if err != nil {
			return nil, fault.Wrap(err, fault.Internal, "play.snapshot", "play.damaged")
		}
		if c.Track == track && len(c.Samples) > 0 {
			b := make([]byte, c.Samples[0].Size)
			if n, err := head.ReadAt(b, c.PayloadOffset); n < len(b) {
				return nil, fault.Wrap(err, fault.Unavailable, "play.read", "play.unreadable")
			}
			return b, nil
		}
	}
	return nil, fault.New(fault.Unavailable, "play.snapshot", "play.no-picture")
}
