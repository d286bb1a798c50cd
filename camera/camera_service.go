package camera

import (
	"context"
	"slices"

	"github.com/uptrace/bun"

	"linli.dev/linli/fault"
	"linli.dev/linli/store"
)

// Edit is what a caller says about a camera; nil leaves a field alone.
type Edit struct {
	Device  *DeviceID `json:"device,omitempty" doc:"Left out when main is a whole URL: a device is made from it"`
	Channel *int      `json:"channel,omitempty"`
	Name    *string   `json:"name,omitempty"`

	Area           *string   `json:"area,omitempty"`
	AreaKind       *AreaKind `json:"area_kind,omitempty"`
	Angle          *string   `json:"angle,omitempty"`
	Range          *string   `json:"range,omitempty"`
	Reason         *string   `json:"reason,omitempty"`
	Common         *bool     `json:"common,omitempty"`
	FacesUp        *bool     `json:"faces_up,omitempty"`
	LooksAtOutside *bool     `json:"looks_at_outside,omitempty" doc:"Confirms that the words of a forbidden place speak of its outside"`
	Basis          *Basis    `json:"basis,omitempty"`

	RetentionMain *int    `json:"retention_main_days,omitempty"`
	RetentionSub  *int    `json:"retention_sub_days,omitempty"`
	SoundReason   *string `json:"sound_reason,omitempty" doc:"A purpose of its own switches sound on; empty switches it off"`
	Sign          *string `json:"sign,omitempty"`
	CallNote      *string `json:"call_note,omitempty"`

	Disabled       *bool   `json:"disabled,omitempty"`
	DisabledReason *string `json:"disabled_reason,omitempty"`

	Main     *string `json:"main,omitempty" doc:"Path or URL of the main stream. Never returned"`
	Sub      *string `json:"sub,omitempty" doc:"Path or URL of the sub stream; empty removes it. Never returned"`
	Snapshot *string `json:"snapshot,omitempty" doc:"Path or URL of a still picture; empty removes it. Never returned"`

	// The profiles belong to the addresses: with a new address without its profile the old profile goes.
	MainProfile *string `json:"main_profile,omitempty" doc:"Token of the ONVIF profile that main is; never returned"`
	SubProfile  *string `json:"sub_profile,omitempty" doc:"Token of the ONVIF profile that sub is; never returned"`

	// User and Password are for the device that is made from a whole URL.
	User     *string `json:"user,omitempty" doc:"Never returned"`
	Password *string `json:"password,omitempty" doc:"Never returned"`
	// Certificate is for that device too.
	Certificate *string `json:"certificate,omitempty" doc:"SHA-256 fingerprint of the certificate to believe, of a device that is made from an rtsps address"`
	OnvifPort   *int    `json:"onvif_port,omitempty" doc:"Of that device: port of its ONVIF service"`
	OnvifTLS    *bool   `json:"onvif_tls,omitempty"`
}

func (e Edit) apply(c *Camera) {
	put(&c.Device, e.Device)
	put(&c.Channel, e.Channel)
	put(&c.Name, e.Name)
	put(&c.Area, e.Area)
	put(&c.AreaKind, e.AreaKind)
	put(&c.Angle, e.Angle)
	put(&c.Range, e.Range)
	put(&c.Reason, e.Reason)
	put(&c.Common, e.Common)
	put(&c.FacesUp, e.FacesUp)
	put(&c.LooksAtOutside, e.LooksAtOutside)
	put(&c.Basis, e.Basis)
	put(&c.RetentionMain, e.RetentionMain)
	put(&c.RetentionSub, e.RetentionSub)
	put(&c.SoundReason, e.SoundReason)
	put(&c.Sign, e.Sign)
	put(&c.CallNote, e.CallNote)
	put(&c.Disabled, e.Disabled)
	put(&c.DisabledReason, e.DisabledReason)
	c.Sound = c.SoundReason != ""
}

// Add registers a camera, with a device of its own when main is a whole URL
// and no device is named.
func (s *Service) Add(ctx context.Context, by string, e Edit) (Warned[Camera], error) {
	const op = "camera.Add"
	var out Warned[Camera]
	err := s.db.Change(ctx, func(ctx context.Context, tx *store.Tx) error {
		var c Camera
		e.apply(&c)
		c.normalise()
		p := c.check() // the place before anything else: nothing is made for a refused one
		p = append(p, s.named(c.Name)...)
		if e.Common == nil {
			p.unsaid("common", "camera.forbidden.not-common", "camera.field.common-unsaid")
		}
		if err := p.asFault(op); err != nil && fault.CodeOf(err) != "camera.invalid" {
			return err
		}
		dev, ws, err := s.deviceFor(ctx, tx, by, &c, e, &p)
		if err != nil {
			return err
		}
		if e.Main == nil || *e.Main == "" {
			p.add("main", "camera.field.required")
		}
		c.ID, c.Version = ID(store.NewID()), 1
		row := &cameraRow{ID: c.ID, Version: 1, CreatedUS: store.Micros(s.clock.dated())}
		row.ChangedUS = row.CreatedUS
		if _, err := s.setAddresses(row, dev, c.Channel, e, &p); err != nil {
			return err
		}
		if err := p.asFault(op); err != nil {
			return err
		}
		row.set(c)
		more, err := s.cameraWarnings(ctx, tx, row, dev)
		if err != nil {
			return err
		}
		if _, err := tx.NewInsert().Model(row).Exec(ctx); err != nil {
			return err
		}
		if err := s.pause(ctx, tx, row.ID, c.Disabled, row.CreatedUS); err != nil {
			return err
		}
		out = Warned[Camera]{row.camera(), append(ws, more...)}
		return tx.Emit("camera", "camera.created", string(c.ID), describe(c, map[string]any{"by": by, "version": 1}))
	})
	if err == nil {
		s.health.forget(out.Value.ID)
	}
	return out, dbError(op, err)
}

// deviceFor finds the device of a new camera or makes it from the URL.
func (s *Service) deviceFor(ctx context.Context, tx *store.Tx, by string, c *Camera, e Edit, p *problems) (*deviceRow, []Warning, error) {
	if c.Device != "" {
		dev, err := s.deviceRow(ctx, tx, c.Device)
		if fault.KindOf(err) == fault.NotFound {
			p.add("device", "camera.field.no-such-device")
			return nil, nil, nil
		}
		if err == nil && c.Channel > dev.Channels {
			p.add("channel", "camera.field.channel", "most", dev.Channels)
		}
		if e.User != nil || e.Password != nil {
			p.add("password", "camera.field.secret-is-the-device's")
		}
		if e.Certificate != nil {
			p.add("certificate", "camera.field.secret-is-the-device's")
		}
		if e.OnvifPort != nil || e.OnvifTLS != nil {
			p.add("onvif_port", "camera.field.secret-is-the-device's")
		}
		return dev, nil, err
	}
	if e.Main == nil || *e.Main == "" {
		p.add("main", "camera.field.required")
		return nil, nil, nil
	}
	g, code := parseGiven(*e.Main)
	if code == "" && g.scheme == "" {
		code = "camera.source.device-or-url"
	}
	if code == "" && g.scheme != "rtsp" && g.scheme != "rtsps" {
		code = "camera.source.scheme"
	}
	if code != "" {
		p.add("main", code)
		return nil, nil, nil
	}
	if len(*p) > 0 {
		return nil, nil, nil // say everything about the camera first
	}
	secret := g.secret
	put(&secret.User, e.User)
	put(&secret.Password, e.Password)
	tls, port := g.scheme == "rtsps", g.portOr()
	dev, ws, err := s.addDevice(ctx, tx, by, DeviceEdit{
		Name: &c.Name, Host: &g.host, Port: &port, TLS: &tls, Certificate: e.Certificate, OnvifPort: e.OnvifPort, OnvifTLS: e.OnvifTLS, CallNote: &c.CallNote,
		User: &secret.User, Password: &secret.Password,
	})
	if err != nil {
		return nil, nil, err
	}
	c.Device = dev.ID
	return dev, ws, nil
}

// setAddresses seals what was given and reports which of them are new.
func (s *Service) setAddresses(row *cameraRow, dev *deviceRow, channel int, e Edit, p *problems) ([]string, error) {
	if dev == nil {
		return nil, nil
	}
	d := dev.device()
	var changed []string
	for _, f := range []struct {
		what    string
		value   *string
		schemes []string
	}{{"main", e.Main, rtspSchemes}, {"sub", e.Sub, rtspSchemes}, {"snapshot", e.Snapshot, httpSchemes}} {
		if f.value == nil {
			continue
		}
		at := row.where(f.what)
		if tidy(*f.value, false) == "" {
			if len(*at) > 0 && f.what != "main" {
				*at, changed = nil, append(changed, f.what)
			}
			continue
		}
		g, code := parseGiven(*f.value)
		var a address
		if code == "" {
			a, code = g.onDevice(&d, channel, f.schemes...)
		}
		if code == "" && !g.secret.empty() {
			// Credentials in a URL belong to the device, where they are sealed.
			var own Secret
			if err := s.open(dev.Secret, secretContext(dev.ID), &own); err != nil {
				return nil, err
			}
			if own != g.secret {
				code = "camera.source.other-secret"
			}
		}
		if code != "" {
			p.add(f.what, code)
			continue
		}
		var was address
		if err := s.open(*at, addressContext(row.ID, f.what), &was); err == nil && len(*at) > 0 && sameAddress(was, a) {
			continue
		}
		sealed, err := s.seal(addressContext(row.ID, f.what), a)
		if err != nil {
			return nil, err
		}
		*at, changed = sealed, append(changed, f.what)
	}
	return row.setProfiles(changed, e, p), nil
}

const maxToken = 64 // ONVIF's own limit of a token

// setProfiles keeps the tokens beside their addresses.
func (r *cameraRow) setProfiles(changed []string, e Edit, p *problems) []string {
	for _, f := range []struct {
		what  string
		value *string
		at    *string
	}{{"main", e.MainProfile, &r.MainProfile}, {"sub", e.SubProfile, &r.SubProfile}} {
		was := *f.at
		if slices.Contains(changed, f.what) {
			*f.at = ""
		}
		put(f.at, f.value)
		if len(*f.at) > maxToken {
			p.add(f.what+"_profile", "camera.field.too-long", "most", maxToken, "is", len(*f.at))
		}
		if *f.at != was && !slices.Contains(changed, f.what) {
			changed = append(changed, f.what+"_profile")
		}
	}
	return changed
}

var (
	rtspSchemes = []string{"rtsp", "rtsps"}
	httpSchemes = []string{"http", "https"}
)

func sameAddress(a, b address) bool {
	return a.Path == b.Path && a.Port == b.Port && (a.TLS == nil) == (b.TLS == nil) && (a.TLS == nil || *a.TLS == *b.TLS)
}

// cameraWarnings looks for what is probably a slip: the same name, the same
// channel, the same stream, a device that bears fewer connections.
func (s *Service) cameraWarnings(ctx context.Context, db bun.IDB, row *cameraRow, dev *deviceRow) ([]Warning, error) {
	c := row.camera()
	ws := c.warnings()
	var same []string
	if err := db.NewSelect().Model((*cameraRow)(nil)).Column("id").Where("name = ?", row.Name).Where("deleted_us = 0").
		Where("id <> ?", row.ID).Limit(1).Scan(ctx, &same); err != nil {
		return nil, err
	}
	if len(same) > 0 {
		ws = append(ws, Warning{Path: "name", Code: "camera.warn.same-name", Args: map[string]any{"name": row.Name}})
	}
	if dev == nil {
		return ws, nil
	}
	var siblings []cameraRow
	if err := db.NewSelect().Model(&siblings).Where("device = ?", dev.ID).Where("deleted_us = 0").Where("id <> ?", row.ID).Scan(ctx); err != nil {
		return nil, err
	}
	var mine address
	if err := s.open(row.Main, addressContext(row.ID, "main"), &mine); err != nil {
		return nil, err
	}
	streams := count(c)
	for i := range siblings {
		o := &siblings[i]
		streams += count(o.camera())
		var theirs address
		if s.open(o.Main, addressContext(o.ID, "main"), &theirs) == nil && sameAddress(mine, theirs) {
			ws = append(ws, Warning{Path: "main", Code: "camera.warn.same-source", Args: map[string]any{"name": o.Name}})
		} else if dev.Kind == KindRecorder && o.Channel == row.Channel {
			ws = append(ws, Warning{Path: "channel", Code: "camera.warn.same-channel", Args: map[string]any{"name": o.Name, "channel": row.Channel}})
		}
	}
	if dev.Limit > 0 && streams > dev.Limit {
		ws = append(ws, Warning{Path: "device", Code: "camera.warn.limit", Args: map[string]any{"limit": dev.Limit, "streams": streams}})
	}
	return ws, nil
}

func count(c Camera) (n int) {
	if c.Disabled {
		return 0
	}
	for _, has := range []bool{c.HasMain, c.HasSub} {
		if has {
			n++
		}
	}
	return n
}

// Change edits a camera that is still at the version the caller saw.
func (s *Service) Change(ctx context.Context, by string, id ID, version int64, e Edit) (Warned[Camera], error) {
	const op = "camera.Change"
	var out Warned[Camera]
	moved := false
	err := s.db.Change(ctx, func(ctx context.Context, tx *store.Tx) error {
		row, err := s.cameraRow(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := sameVersion(op, version, row.Version); err != nil {
			return err
		}
		before := row.camera()
		c := before
		e.apply(&c)
		if c.Device != before.Device && (e.Main == nil || before.HasSub && e.Sub == nil || before.HasSnapshot && e.Snapshot == nil) {
			// A path of one device means something else on another.
			p := problems{}
			p.add("main", "camera.field.source-again")
			return p.asFault(op)
		}
		if placeWordsChanged(before, c) && e.LooksAtOutside == nil {
			c.LooksAtOutside = false // the confirmation was for other words
		}
		c.normalise()
		p := c.check()
		if c.Name != before.Name { // one that has such a name from before can be mended in all else
			p = append(p, s.named(c.Name)...)
		}
		dev, _, err := s.deviceFor(ctx, tx, by, &c, Edit{User: e.User, Password: e.Password}, &p)
		if err != nil {
			return err
		}
		sources, err := s.setAddresses(row, dev, c.Channel, e, &p)
		if err != nil {
			return err
		}
		if err := p.asFault(op); err != nil {
			return err
		}
		fields := append(changedFields(cameraFields(before), cameraFields(c)), sources...)
		if len(fields) == 0 {
			out.Value = before
			return nil
		}
		row.set(c)
		row.Version, row.ChangedUS = row.Version+1, store.Micros(s.clock.dated())
		if out.Warnings, err = s.cameraWarnings(ctx, tx, row, dev); err != nil {
			return err
		}
		if err := updateVersion(ctx, tx.NewUpdate().Model(row), before.Version, op); err != nil {
			return err
		}
		kind := "camera.changed"
		if c.Disabled != before.Disabled {
			if err := s.pause(ctx, tx, id, c.Disabled, row.ChangedUS); err != nil {
				return err
			}
			if c.Disabled {
				kind = "camera.disabled"
			}
		}
		moved = c.Disabled != before.Disabled || c.Device != before.Device
		if c.Device != before.Device { // what was wrong was wrong with the other one
			if err := closeOutages(ctx, tx, id, row.ChangedUS); err != nil {
				return err
			}
		}
		out.Value = row.camera()
		data := describe(c, map[string]any{"fields": fields, "by": by, "version": row.Version})
		if c.RetentionMain != before.RetentionMain || c.RetentionSub != before.RetentionSub {
			// A shorter promise deletes footage: who changed it from what.
			data["retention_days_before"] = []int{before.RetentionMain, before.RetentionSub}
		}
		if placeWordsChanged(before, c) || c.AreaKind != before.AreaKind { // it looks at something else now
			data["name_before"], data["area_before"], data["area_kind_before"] = before.Name, before.Area, before.AreaKind
		}
		return tx.Emit("camera", kind, string(id), data)
	})
	if err == nil && moved {
		s.health.forget(id)
	}
	return out, dbError(op, err)
}

// describe adds what an event tells of a camera beside who did what: what it looks at, and for how long that is kept.
func describe(c Camera, data map[string]any) map[string]any {
	data["name"], data["area"], data["area_kind"] = c.Name, c.Area, c.AreaKind
	data["retention_days"] = []int{c.RetentionMain, c.RetentionSub}
	return data
}

func placeWordsChanged(a, b Camera) bool {
	return a.Name != b.Name || a.Area != b.Area || a.Angle != b.Angle || a.Range != b.Range
}

// Remove takes a camera out of the register. Its footage keeps its retention,
// so the row stays, without what opens the camera.
func (s *Service) Remove(ctx context.Context, by string, id ID) error {
	const op = "camera.Remove"
	err := s.db.Change(ctx, func(ctx context.Context, tx *store.Tx) error {
		row, err := s.cameraRow(ctx, tx, id)
		if err != nil {
			return err
		}
		row.Main, row.Sub, row.Snapshot, row.DeletedUS = nil, nil, nil, store.Micros(s.clock.dated())
		if _, err := tx.NewUpdate().Model(row).Column("main", "sub", "snapshot", "deleted_us").WherePK().Exec(ctx); err != nil {
			return err
		}
		if err := closeOutages(ctx, tx, id, row.DeletedUS); err != nil {
			return err
		}
		if err := s.pause(ctx, tx, id, false, row.DeletedUS); err != nil {
			return err
		}
		if err := tx.Emit("camera", "camera.deleted", string(id), map[string]any{"name": row.Name, "by": by}); err != nil {
			return err
		}
		return s.dropLoneDevice(ctx, tx, by, row.Device)
	})
	if err == nil {
		s.health.forget(id)
	}
	return dbError(op, err)
}

// dropLoneDevice: a camera's own device goes with it, and its secret.
func (s *Service) dropLoneDevice(ctx context.Context, tx *store.Tx, by string, id DeviceID) error {
	dev, err := s.deviceRow(ctx, tx, id)
	if err != nil || dev.Kind == KindRecorder {
		return err
	}
	n, err := tx.NewSelect().Model((*cameraRow)(nil)).Where("device = ?", id).Where("deleted_us = 0").Count(ctx)
	if err != nil || n > 0 {
		return err
	}
	return s.removeDevice(ctx, tx, by, dev)
}

func cameraFields(c Camera) map[string]any {
	return map[string]any{
		"device": c.Device, "channel": c.Channel, "name": c.Name, "area": c.Area, "area_kind": c.AreaKind,
		"angle": c.Angle, "range": c.Range, "reason": c.Reason, "common": c.Common, "faces_up": c.FacesUp,
		"looks_at_outside": c.LooksAtOutside, "basis": c.Basis, "retention_main_days": c.RetentionMain,
		"retention_sub_days": c.RetentionSub, "sound_reason": c.SoundReason, "sign": c.Sign, "call_note": c.CallNote,
		"disabled": c.Disabled, "disabled_reason": c.DisabledReason,
	}
}
