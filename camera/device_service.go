package camera

import (
	"context"
	"maps"
	"slices"

	"github.com/uptrace/bun"

	"linli.dev/linli/fault"
	"linli.dev/linli/store"
)

// DeviceEdit is what a caller says about a device; nil leaves a field alone.
type DeviceEdit struct {
	Kind      *DeviceKind `json:"kind,omitempty" enum:"camera,recorder"`
	Name      *string     `json:"name,omitempty"`
	Host      *string     `json:"host,omitempty" doc:"Name or address, without scheme"`
	Port      *int        `json:"port,omitempty"`
	TLS       *bool       `json:"tls,omitempty"`
	Transport *string     `json:"transport,omitempty" enum:"auto,tcp,udp"`
	// Certificate: see Device.
	Certificate *string `json:"certificate,omitempty" doc:"SHA-256 fingerprint of the certificate to believe; empty: an authority has to vouch for it"`
	OnvifPort   *int    `json:"onvif_port,omitempty" doc:"0: not known"`
	OnvifTLS    *bool   `json:"onvif_tls,omitempty"`
	Limit       *int    `json:"connection_limit,omitempty"`
	Channels    *int    `json:"channels,omitempty"`
	Vendor      *string `json:"vendor,omitempty"`
	Model       *string `json:"model,omitempty"`
	CallNote    *string `json:"call_note,omitempty"`
	User        *string `json:"user,omitempty" doc:"Never returned"`
	Password    *string `json:"password,omitempty" doc:"Never returned. Both empty: the device has no secret"`
}

func (e DeviceEdit) apply(d *Device) {
	put(&d.Kind, e.Kind)
	put(&d.Name, e.Name)
	put(&d.Host, e.Host)
	put(&d.Port, e.Port)
	put(&d.TLS, e.TLS)
	put(&d.Transport, e.Transport)
	put(&d.Certificate, e.Certificate)
	put(&d.OnvifPort, e.OnvifPort)
	put(&d.OnvifTLS, e.OnvifTLS)
	put(&d.Limit, e.Limit)
	put(&d.Channels, e.Channels)
	put(&d.Vendor, e.Vendor)
	put(&d.Model, e.Model)
	put(&d.CallNote, e.CallNote)
}

func put[T any](to *T, from *T) {
	if from != nil {
		*to = *from
	}
}

// AddDevice registers a device.
func (s *Service) AddDevice(ctx context.Context, by string, e DeviceEdit) (Warned[Device], error) {
	var out Warned[Device]
	err := s.db.Change(ctx, func(ctx context.Context, tx *store.Tx) error {
		row, ws, err := s.addDevice(ctx, tx, by, e)
		if err == nil {
			out = Warned[Device]{row.device(), ws}
		}
		return err
	})
	return out, dbError("camera.AddDevice", err)
}

func (s *Service) addDevice(ctx context.Context, tx *store.Tx, by string, e DeviceEdit) (*deviceRow, []Warning, error) {
	const op = "camera.AddDevice"
	var d Device
	e.apply(&d)
	d.normalise()
	p := d.check(s.o.Targets)
	secret := Secret{}
	put(&secret.User, e.User)
	put(&secret.Password, e.Password)
	secret.check(&p)
	if err := p.asFault(op); err != nil {
		return nil, nil, err
	}
	d.ID, d.Version, d.Created = DeviceID(store.NewID()), 1, s.clock.dated()
	d.Changed = d.Created
	row := rowOfDevice(d)
	if err := s.sealSecret(row, secret); err != nil {
		return nil, nil, err
	}
	ws, err := s.deviceWarnings(ctx, tx, row)
	if err != nil {
		return nil, nil, err
	}
	if _, err := tx.NewInsert().Model(row).Exec(ctx); err != nil {
		return nil, nil, dbError(op, err)
	}
	return row, ws, tx.Emit("camera", "device.created", string(d.ID), map[string]any{"name": d.Name, "kind": d.Kind, "by": by})
}

func (s *Service) sealSecret(row *deviceRow, secret Secret) error {
	row.Secret, row.SecretSetUS = nil, store.Micros(s.clock.dated())
	if secret.empty() {
		return nil
	}
	var err error
	row.Secret, err = s.seal(secretContext(row.ID), secret)
	return err
}

// deviceWarnings: the same host and port is registered already. It can be
// meant (one address, several paths), so it refuses nothing.
func (s *Service) deviceWarnings(ctx context.Context, db bun.IDB, row *deviceRow) ([]Warning, error) {
	var names []string
	err := db.NewSelect().Model((*deviceRow)(nil)).Column("name").Where("host = ?", row.Host).Where("port = ?", row.Port).
		Where("deleted_us = 0").Where("id <> ?", row.ID).Limit(1).Scan(ctx, &names)
	if err != nil {
		return nil, dbError("camera.Device", err)
	}
	var ws []Warning
	if len(names) > 0 {
		ws = append(ws, Warning{Path: "host", Code: "camera.warn.same-host", Args: map[string]any{"name": names[0]}})
	}
	if len(row.Secret) == 0 {
		ws = append(ws, Warning{Path: "password", Code: "camera.warn.no-secret"})
	}
	return ws, nil
}

// ChangeDevice edits a device that is still at the version the caller saw.
func (s *Service) ChangeDevice(ctx context.Context, by string, id DeviceID, version int64, e DeviceEdit) (Warned[Device], error) {
	const op = "camera.ChangeDevice"
	var out Warned[Device]
	err := s.db.Change(ctx, func(ctx context.Context, tx *store.Tx) error {
		row, err := s.deviceRow(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := sameVersion(op, version, row.Version); err != nil {
			return err
		}
		before := row.device()
		d := before
		e.apply(&d)
		d.normalise()
		p := d.check(s.o.Targets)
		if max, err := s.highestChannel(ctx, tx, id); err != nil {
			return err
		} else if d.Channels < max {
			p.add("channels", "camera.field.channels-in-use", "is", d.Channels, "used", max)
		}
		next := rowOfDevice(d)
		next.Secret, next.SecretSetUS = row.Secret, row.SecretSetUS
		secretChanged, err := s.changeSecret(row, next, e, &p)
		if err != nil {
			return err
		}
		if err := p.asFault(op); err != nil {
			return err
		}
		fields := changedFields(deviceFields(before), deviceFields(d))
		if secretChanged {
			fields = append(fields, "secret")
		}
		if len(fields) == 0 {
			out.Value = before
			return nil
		}
		next.Version, next.ChangedUS = row.Version+1, store.Micros(s.clock.dated())
		if out.Warnings, err = s.deviceWarnings(ctx, tx, next); err != nil {
			return err
		}
		if err := updateVersion(ctx, tx.NewUpdate().Model(next), row.Version, op); err != nil {
			return err
		}
		out.Value = next.device()
		return tx.Emit("camera", "device.changed", string(id), map[string]any{"name": d.Name, "fields": fields, "by": by, "version": next.Version})
	})
	return out, dbError(op, err)
}

// changeSecret: a secret is given to nobody new by moving the device. Who
// points it at another host, or takes its encryption away, must know the
// secret.
func (s *Service) changeSecret(was, next *deviceRow, e DeviceEdit, p *problems) (bool, error) {
	if e.User == nil && e.Password == nil {
		moved := was.Host != next.Host || was.Port != next.Port || was.TLS && !next.TLS
		if moved && len(was.Secret) > 0 {
			p.add("password", "camera.field.secret-again")
		}
		return false, nil
	}
	var secret Secret
	if e.User == nil || e.Password == nil {
		if was.Host != next.Host || was.Port != next.Port {
			p.add("password", "camera.field.secret-again")
			return false, nil
		}
		if err := s.open(was.Secret, secretContext(was.ID), &secret); err != nil {
			return false, err
		}
	}
	old := secret
	put(&secret.User, e.User)
	put(&secret.Password, e.Password)
	secret.check(p)
	if e.User == nil || e.Password == nil {
		if old == secret {
			return false, nil
		}
	}
	return true, s.sealSecret(next, secret)
}

// RemoveDevice takes a device without cameras out of the register.
func (s *Service) RemoveDevice(ctx context.Context, by string, id DeviceID) error {
	const op = "camera.RemoveDevice"
	err := s.db.Change(ctx, func(ctx context.Context, tx *store.Tx) error {
		row, err := s.deviceRow(ctx, tx, id)
		if err != nil {
			return err
		}
		n, err := tx.NewSelect().Model((*cameraRow)(nil)).Where("device = ?", id).Where("deleted_us = 0").Count(ctx)
		if err != nil {
			return err
		}
		if n > 0 {
			return fault.New(fault.Conflict, op, "camera.device-in-use", "cameras", n)
		}
		return s.removeDevice(ctx, tx, by, row)
	})
	return dbError(op, err)
}

func (s *Service) removeDevice(ctx context.Context, tx *store.Tx, by string, row *deviceRow) error {
	row.Secret, row.DeletedUS = nil, store.Micros(s.clock.dated())
	if _, err := tx.NewUpdate().Model(row).Column("secret", "deleted_us").WherePK().Exec(ctx); err != nil {
		return err
	}
	return tx.Emit("camera", "device.deleted", string(row.ID), map[string]any{"name": row.Name, "by": by})
}

func (s *Service) highestChannel(ctx context.Context, db bun.IDB, id DeviceID) (int, error) {
	var n int
	err := db.NewSelect().Model((*cameraRow)(nil)).ColumnExpr("COALESCE(MAX(channel), 0)").
		Where("device = ?", id).Where("deleted_us = 0").Scan(ctx, &n)
	return n, err
}

func sameVersion(op string, seen, is int64) error {
	if seen == 0 {
		return fault.New(fault.Invalid, op, "camera.version-needed")
	}
	if seen != is {
		return fault.New(fault.Conflict, op, "camera.changed-meanwhile", "version", is)
	}
	return nil
}

// updateVersion writes the whole row where nobody was faster.
func updateVersion(ctx context.Context, q *bun.UpdateQuery, was int64, op string) error {
	res, err := q.WherePK().Where("version = ?", was).Where("deleted_us = 0").Exec(ctx)
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err == nil && n == 0 {
		return fault.New(fault.Conflict, op, "camera.changed-meanwhile")
	}
	return nil
}

func deviceFields(d Device) map[string]any {
	return map[string]any{
		"kind": d.Kind, "name": d.Name, "host": d.Host, "port": d.Port, "tls": d.TLS, "transport": d.Transport, "certificate": d.Certificate,
		"connection_limit": d.Limit, "onvif_port": d.OnvifPort, "onvif_tls": d.OnvifTLS, "channels": d.Channels, "vendor": d.Vendor, "model": d.Model, "call_note": d.CallNote,
	}
}

// changedFields names what differs, never the values: the journal travels.
func changedFields(a, b map[string]any) []string {
	var out []string
	for _, k := range slices.Sorted(maps.Keys(b)) {
		if a[k] != b[k] {
			out = append(out, k)
		}
	}
	return out
}
