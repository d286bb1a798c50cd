package camera

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"time"

	"github.com/uptrace/bun"

	"linli.dev/linli/fault"
	"linli.dev/linli/store"
)

type deviceRow struct {
	bun.BaseModel `bun:"table:devices,alias:d"`

	ID          DeviceID   `bun:"id,pk"`
	Kind        DeviceKind `bun:"kind"`
	Name        string     `bun:"name"`
	Host        string     `bun:"host"`
	Port        int        `bun:"port"`
	TLS         bool       `bun:"tls"`
	Transport   string     `bun:"transport"`
	Certificate string     `bun:"certificate"`
	OnvifPort   int        `bun:"onvif_port"`
	OnvifTLS    bool       `bun:"onvif_tls"`
	Limit       int        `bun:"connection_limit"`
	Channels    int        `bun:"channels"`
	Vendor      string     `bun:"vendor"`
	Model       string     `bun:"model"`
	CallNote    string     `bun:"call_note"`
	Secret      []byte     `bun:"secret"`
	SecretSetUS int64      `bun:"secret_set_us"`
	Version     int64      `bun:"version"`
	CreatedUS   int64      `bun:"created_us"`
	ChangedUS   int64      `bun:"changed_us"`
	DeletedUS   int64      `bun:"deleted_us"`
}

func (r *deviceRow) device() Device {
	d := Device{
		ID: r.ID, Kind: r.Kind, Name: r.Name, Host: r.Host, Port: r.Port, TLS: r.TLS, Transport: r.Transport, Certificate: r.Certificate,
		OnvifPort: r.OnvifPort, OnvifTLS: r.OnvifTLS, Limit: r.Limit, Channels: r.Channels, Vendor: r.Vendor, Model: r.Model, CallNote: r.CallNote,
		HasSecret: len(r.Secret) > 0, Version: r.Version, Created: store.Time(r.CreatedUS), Changed: store.Time(r.ChangedUS),
	}
	if d.HasSecret {
		d.SecretSet = store.Time(r.SecretSetUS)
	}
	return d
}

func rowOfDevice(d Device) *deviceRow {
	return &deviceRow{
		ID: d.ID, Kind: d.Kind, Name: d.Name, Host: d.Host, Port: d.Port, TLS: d.TLS, Transport: d.Transport, Certificate: d.Certificate,
		OnvifPort: d.OnvifPort, OnvifTLS: d.OnvifTLS, Limit: d.Limit, Channels: d.Channels, Vendor: d.Vendor, Model: d.Model, CallNote: d.CallNote,
		Version: d.Version, CreatedUS: store.Micros(d.Created), ChangedUS: store.Micros(d.Changed),
	}
}

// seal binds a value to its row: a sealed secret copied to another device
// does not open there.
func (s *Service) seal(context string, v any) ([]byte, error) {
	plain, err := json.Marshal(v)
	if err != nil {
		return nil, fault.Wrap(err, fault.Internal, "camera.seal", "camera.seal")
	}
	b, err := s.vault.Seal(plain, context)
	if err != nil {
		return nil, fault.Wrap(err, fault.Internal, "camera.seal", "camera.seal")
	}
	return b, nil
}

func (s *Service) open(sealed []byte, context string, v any) error {
	if len(sealed) == 0 {
		return nil
	}
	plain, err := s.vault.Open(sealed, context)
	if err != nil {
		return fault.Wrap(err, fault.Internal, "camera.open", "camera.secret-unreadable")
	}
	if err := json.Unmarshal(plain, v); err != nil {
		// The message of encoding/json repeats pieces of its input.
		return fault.New(fault.Internal, "camera.open", "camera.secret-unreadable")
	}
	return nil
}

// HoldsSecrets says whether the register holds anything that was sealed, with whatever key: passwords or addresses.
func HoldsSecrets(ctx context.Context, db *store.DB) (bool, error) {
	if err := db.Migrate(ctx, "camera", migrations); err != nil {
		return false, err
	}
	var n int
	err := db.QueryRowContext(ctx, "SELECT (SELECT COUNT(*) FROM devices WHERE deleted_us = 0 AND secret IS NOT NULL) + "+
		"(SELECT COUNT(*) FROM cameras WHERE deleted_us = 0 AND (main IS NOT NULL OR sub IS NOT NULL OR snapshot IS NOT NULL))").Scan(&n)
	return n > 0, err
}

func secretContext(id DeviceID) string         { return "camera/device/" + string(id) }
func addressContext(id ID, what string) string { return "camera/camera/" + string(id) + "/" + what }

func (s *Service) deviceRow(ctx context.Context, db bun.IDB, id DeviceID) (*deviceRow, error) {
	row := new(deviceRow)
	err := db.NewSelect().Model(row).Where("id = ?", id).Where("deleted_us = 0").Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fault.New(fault.NotFound, "camera.Device", "camera.no-device")
	}
	if err != nil {
		return nil, dbError("camera.Device", err)
	}
	return row, nil
}

func dbError(op string, err error) error {
	return fault.Ensure(err, fault.Unavailable, op, "camera.store")
}

// Devices lists the devices with the number of their cameras.
func (s *Service) Devices(ctx context.Context) ([]Device, error) {
	var rows []struct {
		deviceRow `bun:",extend"`
		Cameras   int `bun:"cameras"`
	}
	err := s.db.NewSelect().Model(&rows).ColumnExpr("d.*").
		ColumnExpr("(SELECT COUNT(*) FROM cameras c WHERE c.device = d.id AND c.deleted_us = 0) AS cameras").
		Where("d.deleted_us = 0").OrderExpr("d.name, d.id").Scan(ctx)
	if err != nil {
		return nil, dbError("camera.Devices", err)
	}
	out := make([]Device, 0, len(rows))
	for i := range rows {
		d := rows[i].device()
		d.Cameras = rows[i].Cameras
		out = append(out, d)
	}
	return out, nil
}

// Device gives one.
func (s *Service) Device(ctx context.Context, id DeviceID) (Device, error) {
	row, err := s.deviceRow(ctx, s.db, id)
	if err != nil {
		return Device{}, err
	}
	d := row.device()
	n, err := s.db.NewSelect().Model((*cameraRow)(nil)).Where("device = ?", id).Where("deleted_us = 0").Count(ctx)
	d.Cameras = int(n)
	return d, dbError("camera.Device", err)
}

func (s *Service) now() time.Time { return s.o.Now() }
