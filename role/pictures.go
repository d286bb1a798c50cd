package role

import (
	"context"
	"path/filepath"
	"time"

	"linli.dev/linli/camera"
	"linli.dev/linli/media/record"
	"linli.dev/linli/media/stream"
	"linli.dev/linli/people/place"
	"linli.dev/linli/protocol/lockout"
	"linli.dev/linli/protocol/onvif"
	"linli.dev/linli/protocol/rtsp"
	"linli.dev/linli/store"
)

// openCameras opens the register and what connects to the cameras.
func (a *All) openCameras(ctx context.Context) (err error) {
	if a.loop, err = rtsp.NewLoop(rtsp.LoopOptions{Log: a.log.With("room", "rtsp")}); err != nil {
		return err
	}
	if a.lockouts, err = lockout.Open(lockout.Options{
		File: filepath.Join(a.cfg.Data, "lockouts"),
		Seal: func(b []byte) ([]byte, error) { return a.vault.Seal(b, "lockouts") },
		Open: func(b []byte) ([]byte, error) { return a.vault.Open(b, "lockouts") },
	}); err != nil { // it works all the same
		a.log.Warn("what cameras have refused before is not known", "err", err)
	}
	a.cameras, err = camera.New(ctx, a.db, camera.Options{
		Vault: a.vault, Loop: a.loop, Log: a.log.With("room", "camera"),
		Targets: a.targets(), Lockouts: a.lockouts, Keep: a.cfg.KeepDays, NameRefused: place.NameRefused, Trusted: a.clockTrusted, Retry: a.retry,
	})
	a.keys = onvif.NewKeys(onvif.KeysOptions{HTTP: a.targets().Client, Lockouts: a.lockouts, Log: a.log.With("room", "camera")})
	if err == nil {
		a.city.Places.SetCameras(register{a.cameras})
	}
	return err
}

// targets says where cameras may be: asked when one is registered or tested, and again with each address that is called.
func (a *All) targets() camera.Targets {
	return camera.Targets{AllowLoopback: a.cfg.AllowLoopbackCameras}
}

// wanted tells the hub which streams are to run, now and after each change in the register.
func (a *All) wanted(ctx context.Context) error {
	list, err := a.cameras.Sources(ctx)
	if err != nil {
		return err
	}
	sources, keys := make([]stream.Source, len(list)), map[string]onvif.Target{}
	for i, s := range list {
		sources[i] = stream.Source{
			ID:  stream.ID{Camera: string(s.Camera), Which: stream.Which(s.Which)},
			URL: s.URL, User: s.User, Password: s.Password, Transport: s.Transport, Certificate: s.Certificate, Sound: s.Sound, Host: s.Host, Limit: s.Limit,
		}
		if o := s.Onvif; o != nil {
			keys[sources[i].ID.String()] = onvif.Target{URL: o.URL, User: s.User, Password: s.Password, Profile: o.Profile, Path: o.Path, Certificate: s.Certificate, Device: s.Host}
		}
	}
	a.keys.Apply(keys)
	a.hub.Apply(sources)
	return nil
}

// followRegister re-reads the wanted streams when cameras or devices change. A burst of changes, an import say, is
// answered once.
func (a *All) followRegister(ctx context.Context) error {
	after, err := a.db.LastSeq(ctx)
	if err != nil {
		return err
	}
	if err := a.wanted(ctx); err != nil {
		return err
	}
	dirty := make(chan struct{}, 1)
	go func() {
		for {
			select {
			case <-ctx.Done():
				return
			case <-dirty:
			}
			if err := a.wanted(ctx); err != nil && ctx.Err() == nil {
				a.log.Error("sources not read", "err", err)
			}
			select {
			case <-ctx.Done():
				return
			case <-time.After(200 * time.Millisecond):
			}
		}
	}()
	return a.db.Follow(ctx, after, func(e store.Event) error {
		a.endLooks(e)
		if e.Room == "camera" && e.Kind != "camera.health" {
			select {
			case dirty <- struct{}{}:
			default:
			}
		}
		return nil
	})
}

// retry has both streams of a camera connected at once.
func (a *All) retry(id camera.ID) {
	for _, w := range []stream.Which{stream.Main, stream.Sub} {
		a.hub.Retry(stream.ID{Camera: string(id), Which: w})
	}
}

// observe carries a stream's status over to the register's health.
func (a *All) observe(s stream.Status) {
	out := camera.Status{
		Camera: camera.ID(s.ID.Camera), Which: camera.Which(s.ID.Which), State: camera.State(s.State), Reason: s.Reason, Detail: s.Detail,
		Since: s.Since, NextTry: s.NextTry, BitRate: s.BitRate, FrameRate: s.FrameRate, KeyInterval: s.KeyInterval, BFrames: s.BFrames,
		Drift: s.Drift, ClockOffset: s.ClockOffset, Lost: s.Lost, Damaged: s.Damaged, Dropped: s.DroppedToReaders,
		LastPicture: s.LastPicture, Readers: s.Readers,
	}
	for _, t := range s.Tracks {
		if t.Codec.Video() {
			out.Video, out.Width, out.Height = string(t.Codec), t.Width, t.Height
		} else {
			out.Sound = string(t.Codec)
		}
	}
	a.cameras.Observe(out)
}

// disks are the configured ones, or the data folder.
func (a *All) disks() []record.Disk {
	if len(a.cfg.Disks) > 0 {
		return a.cfg.Disks
	}
	return []record.Disk{{Path: filepath.Join(a.cfg.Data, "disk")}}
}
