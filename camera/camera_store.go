package camera

import (
	"context"
	"database/sql"
	"errors"
	"slices"

	"github.com/uptrace/bun"

	"linli.dev/linli/fault"
	"linli.dev/linli/store"
)

type cameraRow struct {
	bun.BaseModel `bun:"table:cameras,alias:c"`

	ID             ID       `bun:"id,pk"`
	Device         DeviceID `bun:"device"`
	Channel        int      `bun:"channel"`
	Name           string   `bun:"name"`
	Area           string   `bun:"area"`
	AreaKind       AreaKind `bun:"area_kind"`
	Angle          string   `bun:"angle"`
	Reach          string   `bun:"reach"`
	Reason         string   `bun:"reason"`
	Common         bool     `bun:"common"`
	FacesUp        bool     `bun:"faces_up"`
	LooksAtOutside bool     `bun:"looks_at_outside"`
	Basis          Basis    `bun:"basis"`
	RetentionMain  int      `bun:"retention_main"`
	RetentionSub   int      `bun:"retention_sub"`
	SoundReason    string   `bun:"sound_reason"`
	Sign           string   `bun:"sign"`
	CallNote       string   `bun:"call_note"`
	Disabled       bool     `bun:"disabled"`
	DisabledReason string   `bun:"disabled_reason"`
	Main           []byte   `bun:"main"`
	Sub            []byte   `bun:"sub"`
	Snapshot       []byte   `bun:"snapshot"`
	MainProfile    string   `bun:"main_profile"`
	SubProfile     string   `bun:"sub_profile"`
	Version        int64    `bun:"version"`
	CreatedUS      int64    `bun:"created_us"`
	ChangedUS      int64    `bun:"changed_us"`
	DeletedUS      int64    `bun:"deleted_us"`
}

func (r *cameraRow) camera() Camera {
	return Camera{
		ID: r.ID, Device: r.Device, Channel: r.Channel, Name: r.Name, Area: r.Area, AreaKind: r.AreaKind,
		Angle: r.Angle, Range: r.Reach, Reason: r.Reason, Common: r.Common, FacesUp: r.FacesUp,
		LooksAtOutside: r.LooksAtOutside, Basis: r.Basis, RetentionMain: r.RetentionMain, RetentionSub: r.RetentionSub,
		Sound: r.SoundReason != "", SoundReason: r.SoundReason, Sign: r.Sign, CallNote: r.CallNote,
		Disabled: r.Disabled, DisabledReason: r.DisabledReason,
		HasMain: len(r.Main) > 0, HasSub: len(r.Sub) > 0, HasSnapshot: len(r.Snapshot) > 0,
		Version: r.Version, Created: store.Time(r.CreatedUS), Changed: store.Time(r.ChangedUS),
	}
}

// set copies what a person may edit; sources, version and times stay.
func (r *cameraRow) set(c Camera) {
	r.Device, r.Channel, r.Name, r.Area, r.AreaKind = c.Device, c.Channel, c.Name, c.Area, c.AreaKind
	r.Angle, r.Reach, r.Reason, r.Common, r.FacesUp = c.Angle, c.Range, c.Reason, c.Common, c.FacesUp
	r.LooksAtOutside, r.Basis = c.LooksAtOutside, c.Basis
	r.RetentionMain, r.RetentionSub, r.SoundReason = c.RetentionMain, c.RetentionSub, c.SoundReason
	r.Sign, r.CallNote, r.Disabled, r.DisabledReason = c.Sign, c.CallNote, c.Disabled, c.DisabledReason
}

// where names one of the three sealed addresses of a row.
func (r *cameraRow) where(what string) *[]byte {
	switch what {
	case "main":
		return &r.Main
	case "sub":
		return &r.Sub
	}
	return &r.Snapshot
}

func (s *Service) cameraRow(ctx context.Context, db bun.IDB, id ID) (*cameraRow, error) {
	row := new(cameraRow)
	err := db.NewSelect().Model(row).Where("id = ?", id).Where("deleted_us = 0").Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fault.New(fault.NotFound, "camera.Camera", "camera.no-camera")
	}
	if err != nil {
		return nil, dbError("camera.Camera", err)
	}
	return row, nil
}

// Camera gives one registered camera.
func (s *Service) Camera(ctx context.Context, id ID) (Camera, error) {
	row, err := s.cameraRow(ctx, s.db, id)
	if err != nil {
		return Camera{}, err
	}
	return row.camera(), nil
}

// Cameras lists the registered cameras by name.
func (s *Service) Cameras(ctx context.Context) ([]Camera, error) {
	var rows []cameraRow
	if err := s.db.NewSelect().Model(&rows).Where("deleted_us = 0").OrderExpr("name, id").Scan(ctx); err != nil {
		return nil, dbError("camera.Cameras", err)
	}
	out := make([]Camera, len(rows))
	for i := range rows {
		out[i] = rows[i].camera()
	}
	slices.SortStableFunc(out, func(a, b Camera) int { return naturally(a.Name, b.Name) })
	return out, nil
}
