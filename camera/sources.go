package camera

import (
	"context"
	"net"
	"strconv"

	"linli.dev/linli/fault"
)

// Source is where a stream comes from, with what opens it. Only role gets it,
// to hand it to the running streams.
type Source struct {
	Camera    ID
	Which     Which
	URL       string // without user and password
	User      string
	Password  string
	Transport string
	// Certificate is the fingerprint that rtsps has to show; "": an authority vouches for it.
	Certificate string
	Sound       bool
	// Host is the key of back-off, lock-out and connection limit.
	Host  string
	Limit int
	// Onvif is where a key frame can be asked for; nil: nowhere.
	Onvif *Onvif
}

// Onvif is a stream in the words of its device's ONVIF service.
type Onvif struct {
	URL     string // of the device service
	Profile string // token; "": not known
	Path    string // of the stream, to find the profile by
}

// String and GoString keep the secret out of logs.
func (s Source) String() string   { return "source of " + string(s.Camera) + "/" + string(s.Which) }
func (s Source) GoString() string { return s.String() }

// Sources gives the whole wanted set: the streams of all enabled cameras. A
// camera whose seal does not open is left out and logged; it must not keep
// the others from running.
func (s *Service) Sources(ctx context.Context) ([]Source, error) {
	var rows []cameraRow
	if err := s.db.NewSelect().Model(&rows).Where("deleted_us = 0").Where("disabled = ?", false).OrderExpr("id").Scan(ctx); err != nil {
		return nil, dbError("camera.Sources", err)
	}
	var devices []deviceRow
	if err := s.db.NewSelect().Model(&devices).Where("deleted_us = 0").Scan(ctx); err != nil {
		return nil, dbError("camera.Sources", err)
	}
	type opened struct {
		Device
		Secret
	}
	byID := map[DeviceID]opened{}
	for i := range devices {
		o := opened{Device: devices[i].device()}
		if err := s.open(devices[i].Secret, secretContext(o.ID), &o.Secret); err != nil {
			s.log.Error("secret of a device does not open", "device", o.ID, "err", err)
			continue
		}
		byID[o.ID] = o
	}
	var out []Source
	for i := range rows {
		r := &rows[i]
		d, ok := byID[r.Device]
		if !ok {
			continue
		}
		for _, which := range []Which{Main, Sub} {
			sealed := *r.where(string(which))
			if len(sealed) == 0 {
				continue
			}
			var a address
			if err := s.open(sealed, addressContext(r.ID, string(which)), &a); err != nil {
				s.log.Error("source of a camera does not open", "camera", r.ID, "err", err)
				continue
			}
			var onvif *Onvif
			if d.OnvifPort > 0 {
				onvif = &Onvif{URL: d.onvifURL(), Path: a.Path, Profile: map[Which]string{Main: r.MainProfile, Sub: r.SubProfile}[which]}
			}
			out = append(out, Source{
				Camera: r.ID, Which: which, URL: a.url(&d.Device, "rtsp"), User: d.User, Password: d.Password,
				Transport: d.Transport, Certificate: d.Certificate, Sound: r.SoundReason != "",
				Host: net.JoinHostPort(d.Host, strconv.Itoa(d.Port)), Limit: d.Limit, Onvif: onvif,
			})
		}
	}
	return out, nil
}

// SnapshotSource is a camera's own still picture.
type SnapshotSource struct {
	URL            string // without user and password
	User, Password string
	// Certificate is the fingerprint that https has to show; "": an authority vouches for it.
	Certificate string
	// Host is the key of lock-out, as a Source's.
	Host string
}

func (s SnapshotSource) String() string   { return "‹snapshot source›" }
func (s SnapshotSource) GoString() string { return s.String() }

// Snapshot gives the snapshot source of an enabled camera; ok is false where
// it has none.
func (s *Service) Snapshot(ctx context.Context, id ID) (src SnapshotSource, ok bool, err error) {
	row, err := s.cameraRow(ctx, s.db, id)
	if err != nil || len(row.Snapshot) == 0 || row.Disabled {
		return src, false, err
	}
	dev, err := s.deviceRow(ctx, s.db, row.Device)
	if err != nil {
		return src, false, err
	}
	var a address
	var secret Secret
	if err := s.open(row.Snapshot, addressContext(id, "snapshot"), &a); err != nil {
		return src, false, err
	}
	if err := s.open(dev.Secret, secretContext(dev.ID), &secret); err != nil {
		return src, false, err
	}
	d := dev.device()
	return SnapshotSource{a.url(&d, "http"), secret.User, secret.Password, d.Certificate, net.JoinHostPort(d.Host, strconv.Itoa(d.Port))}, true, nil
}

// Facts are what a decision about a look needs to know.
type Facts struct {
	ID           ID
	Name, Area   string
	AreaKind     AreaKind
	Common       bool
	Disabled     bool
	HasSub       bool
	SoundAllowed bool
}

// LookCamera gives the facts of a registered camera. Role maps them to the
// door's own type.
func (s *Service) LookCamera(ctx context.Context, id ID) (Facts, error) {
	row, err := s.cameraRow(ctx, s.db, id)
	if err != nil {
		return Facts{}, err
	}
	return Facts{row.ID, row.Name, row.Area, row.AreaKind, row.Common, row.Disabled, len(row.Sub) > 0, row.SoundReason != ""}, nil
}

// Retention gives the days a stream is kept, for deleted cameras as well:
// their footage ends by the same rule. A camera that nobody knows gets the
// default, so that footage found without a row still ends.
func (s *Service) Retention(ctx context.Context, id ID, which Which) (int, error) {
	var rows []cameraRow
	err := s.db.NewSelect().Model(&rows).Column("retention_main", "retention_sub").Where("id = ?", id).Scan(ctx)
	switch {
	case err != nil:
		return 0, dbError("camera.Retention", err)
	case len(rows) == 0:
		return DefaultRetention, nil
	case which == Sub:
		return rows[0].RetentionSub, nil
	case which == Main:
		return rows[0].RetentionMain, nil
	}
	return 0, fault.New(fault.Invalid, "camera.Retention", "camera.no-stream")
}

// Recorded says whether a stream is recorded now: its camera is registered, switched on, and has that source.
func (s *Service) Recorded(ctx context.Context, id ID, which Which) (bool, error) {
	var rows []cameraRow
	if err := s.db.NewSelect().Model(&rows).Column("main", "sub").Where("id = ? AND deleted_us = 0", id).Where("disabled = ?", false).Scan(ctx); err != nil {
		return false, dbError("camera.Recorded", err)
	}
	return len(rows) > 0 && len(*rows[0].where(string(which))) > 0, nil
}
