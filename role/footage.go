package role

import (
	"context"
	"errors"
	"path/filepath"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"linli.dev/linli/access/grant"
	"linli.dev/linli/camera"
	"linli.dev/linli/media/archive"
	"linli.dev/linli/media/archive/file"
	"linli.dev/linli/media/archive/file/filetest"
	"linli.dev/linli/media/live"
	"linli.dev/linli/media/play"
	"linli.dev/linli/media/record"
	"linli.dev/linli/media/stream"
	"linli.dev/linli/protocol/cmaf"
	"linli.dev/linli/protocol/lockout"
	"linli.dev/linli/protocol/whep"
)

// openFootage opens the archive, the recorder, and the hub whose streams it records.
func (a *All) openFootage(ctx context.Context) (err error) {
	if a.archive, err = archive.New(ctx, archive.Options{DB: a.db, Time: archive.Kernel{}, Metrics: a.server.Metrics(), Log: a.log.With("room", "archive")}); err != nil {
		return err
	}
	a.recorder, err = record.New(record.Options{
		Archive: a.archive, Disks: a.disks(), FS: a.layer(), SyncEvery: a.cfg.SyncEvery, NoHash: a.cfg.NoHash,
		Log: a.log.With("room", "record"), Metrics: a.server.Metrics(),
	})
	if err != nil {
		return err
	}
	if a.purger, err = archive.NewPurger(ctx, archive.PurgerOptions{Archive: a.archive, Retention: a.retention, Log: a.log.With("room", "archive")}); err != nil {
		return err
	}
	if a.cfg.CheckRate >= 0 {
		if a.checker, err = archive.NewChecker(ctx, archive.CheckerOptions{
			Archive: a.archive, Rate: a.cfg.CheckRate, Log: a.log.With("room", "archive"), Metrics: a.server.Metrics(),
		}); err != nil {
			return err
		}
	}
	a.hub = stream.New(stream.Options{
		Loop: a.loop, Log: a.log.With("room", "stream"), Observe: a.observe, Sink: a.recorded, ClockTrusted: a.archive.ClockTrusted,
		Metrics: a.server.Metrics(), Control: a.targets().Control, AskKey: func(id stream.ID) bool { return a.keys.Ask(id.String()) },
		Sessions: filepath.Join(a.cfg.Data, "sessions.json"), Lockouts: a.lockouts,
	})
	return nil
}

// armRate is how fast a hard disk reads and writes once its arm stands where it should, bytes per second.
const armRate = 150 << 20

// layer is what lies under the footage; nil is the system's own.
func (a *All) layer() file.Layer {
	if a.cfg.Arm <= 0 {
		return nil
	}
	disk := &filetest.Seek{Layer: file.OS{}, Each: a.cfg.Arm, Rate: armRate}
	a.server.Metrics().MustRegister(prometheus.NewCounterFunc(
		prometheus.CounterOpts{Name: "linli_arm_movements_total", Help: "Movements of the arm that --arm charges for."},
		func() float64 { return float64(disk.Count.Load()) },
	))
	return disk
}

// recorded gives a stream its place in the recorder.
func (a *All) recorded(id stream.ID) stream.Sink {
	if a.cfg.NoRecord {
		return nil
	}
	return a.recorder.Sink(id)
}

// openViews opens the two rooms that show pictures, and tells the door where they are.
func (a *All) openViews(context.Context) (err error) {
	if a.cfg.WebRTC != "" {
		if a.port, err = whep.Listen(whep.Options{Listen: a.cfg.WebRTC, Announce: a.cfg.Announce, Log: a.log.With("room", "live")}); err != nil {
			return err
		}
	}
	a.live, err = live.New(live.Options{
		Door: a.door, Sources: live.FromHub(a.hub), Port: a.port, Session: a.identity.SessionOf, Log: a.log, Metrics: a.server.Metrics(),
	})
	if err != nil {
		return err
	}
	a.play, err = play.New(play.Options{
		Door: a.door, Footage: play.FromArchive(a.archive), Log: a.log, Version: a.cfg.Version, Session: a.identity.SessionOf,
		Clock: a.cameraClock, Snapshots: snapshots{a}, Control: a.targets().Control, Lockouts: a.lockouts,
	})
	if err != nil {
		return err
	}
	a.door.AddURLs(grant.Live, a.live.URLs)
	for _, kind := range []grant.Kind{grant.Playback, grant.Export, grant.Snapshot} {
		a.door.AddURLs(kind, a.play.URLs)
	}
	a.door.AddURLs(grant.RTSP, a.desktopURL)
	return nil
}

// cameraClock is how a camera's clock runs, for an export's manifest.
func (a *All) cameraClock(id string, which archive.Which) (play.Clock, bool) {
	s, ok := a.hub.Get(stream.ID{Camera: id, Which: stream.Which(which)})
	if !ok {
		return play.Clock{}, false
	}
	status := s.Status()
	return play.Clock{Offset: status.ClockOffset, Drift: status.Drift}, true
}

// snapshots finds pictures of what happens now.
type snapshots struct{ all *All }

func (s snapshots) SnapshotAt(ctx context.Context, id string) (play.SnapshotAt, bool) {
	src, ok, err := s.all.cameras.Snapshot(ctx, camera.ID(id))
	if err != nil || !ok {
		return play.SnapshotAt{}, false
	}
	return play.SnapshotAt{
		URL: src.URL, Certificate: src.Certificate, Secret: lockout.Secret{Device: src.Host, User: src.User, Password: src.Password},
	}, true
}

var errNoStream = errors.New("the stream is not running")

func (s snapshots) KeyFrame(ctx context.Context, id string, which archive.Which) (cmaf.Track, []byte, time.Time, error) {
	st, ok := s.all.hub.Get(stream.ID{Camera: id, Which: stream.Which(which)})
	if !ok {
		return cmaf.Track{}, nil, time.Time{}, errNoStream
	}
	r := st.Frames(stream.FrameOptions{NoSound: true})
	defer r.Close()
	for {
		f, err := r.Next(ctx)
		if err != nil {
			return cmaf.Track{}, nil, time.Time{}, err
		}
		if !f.Key {
			continue
		}
		for _, t := range st.Tracks() {
			if t.ID == f.Track {
				return t, f.Data, f.Wall, nil
			}
		}
	}
}
