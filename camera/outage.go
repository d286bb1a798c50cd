package camera

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"linli.dev/linli/store"
)

// OutageID names an outage.
type OutageID string

type outageRow struct {
	bun.BaseModel `bun:"table:outages,alias:o"`

	ID      OutageID `bun:"id,pk"`
	Device  DeviceID `bun:"device"`
	Camera  ID       `bun:"camera"`
	Part    bool     `bun:"part"`
	State   State    `bun:"state"`
	Reason  string   `bun:"reason"`
	Detail  string   `bun:"detail"`
	FromUS  int64    `bun:"from_us"`
	UntilUS int64    `bun:"until_us"`
	Parent  OutageID `bun:"parent"`

	// Its ends that were dated by this process while the clock was in doubt, and move when somebody sets it.
	fromHere, untilHere bool
	unconfirmed         bool // in no table yet: see tracker.hold
}

// Outage is a span in which a camera gave no usable picture, or only one of
// its streams did (part). Without a camera it is a whole recorder's.
type Outage struct {
	ID     OutageID   `json:"id"`
	Device DeviceID   `json:"device"`
	Camera ID         `json:"camera,omitempty"`
	Part   bool       `json:"part"`
	State  State      `json:"state"`
	Reason string     `json:"reason"`
	Says   string     `json:"says" doc:"The reason in words"`
	Detail string     `json:"detail,omitempty" doc:"Only for those who may edit cameras"`
	From   time.Time  `json:"from"`
	Until  *time.Time `json:"until,omitempty" doc:"Left out while it lasts"`
	Parent OutageID   `json:"parent,omitempty" doc:"The recorder's outage that this is a piece of"`
	// Unconfirmed: the machine's clock was not set when it was noticed; its times are put right when it is.
	Unconfirmed bool `json:"unconfirmed,omitempty" doc:"Noticed while the machine's clock was not set: when it was is not known yet."`
}

func (r *outageRow) outage() Outage {
	o := Outage{
		ID: r.ID, Device: r.Device, Camera: r.Camera, Part: r.Part, State: r.State, Reason: r.Reason,
		Detail: r.Detail, From: store.Time(r.FromUS), Parent: r.Parent, Unconfirmed: r.unconfirmed,
	}
	if r.UntilUS != 0 {
		t := store.Time(r.UntilUS)
		o.Until = &t
	}
	return o
}

// Outages lists the spans that touch from–to, newest first. camera "": those
// of recorders and of single cameras, without the pieces of a recorder's.
func (s *Service) Outages(ctx context.Context, camera ID, from, to time.Time) ([]Outage, error) {
	rows, err := s.outageRows(ctx, camera, from, to)
	if err != nil {
		return nil, err
	}
	for _, row := range s.health.held(camera) { // what lasts is told, whatever the hour may be
		rows = slices.DeleteFunc(rows, func(r outageRow) bool { return r.ID == row.ID })
		if row.UntilUS == 0 || row.FromUS < store.Micros(to) && row.UntilUS > store.Micros(from) {
			rows = append(rows, row)
		}
	}
	slices.SortStableFunc(rows, func(a, b outageRow) int { return cmp.Compare(a.FromUS, b.FromUS) })
	out := make([]Outage, len(rows))
	for i := range rows {
		out[len(rows)-1-i] = rows[i].outage()
	}
	return out, nil
}

func (s *Service) outageRows(ctx context.Context, camera ID, from, to time.Time) ([]outageRow, error) {
	var rows []outageRow
	q := s.db.NewSelect().Model(&rows).Where("from_us < ?", store.Micros(to)).
		Where("(until_us = 0 OR until_us > ?)", store.Micros(from)).OrderExpr("from_us, id").Limit(10000)
	if camera != "" {
		q = q.Where("camera = ?", camera)
	} else {
		q = q.Where("parent = ''")
	}
	return rows, dbError("camera.Outages", q.Scan(ctx))
}

// closeOutages ends what is open for a camera, within the transaction that
// disables or deletes it.
func closeOutages(ctx context.Context, tx *store.Tx, id ID, atUS int64) error {
	_, err := tx.NewUpdate().Model((*outageRow)(nil)).
		Set("until_us = CASE WHEN from_us > ? THEN from_us ELSE ? END", atUS, atUS).
		Where("camera = ?", id).Where("until_us = 0").Exec(ctx)
	return err
}

type pauseRow struct {
	bun.BaseModel `bun:"table:camera_pauses,alias:p"`

	Camera  ID    `bun:"camera,pk"`
	FromUS  int64 `bun:"from_us,pk"`
	UntilUS int64 `bun:"until_us"`
}

// pause begins or ends the span in which a camera is not meant to work.
func (s *Service) pause(ctx context.Context, tx *store.Tx, id ID, disabled bool, atUS int64) error {
	if disabled {
		if err := closeOutages(ctx, tx, id, atUS); err != nil {
			return err
		}
		_, err := tx.NewInsert().Model(&pauseRow{Camera: id, FromUS: atUS}).Exec(ctx)
		return err
	}
	_, err := tx.NewUpdate().Model((*pauseRow)(nil)).Set("until_us = ?", atUS).
		Where("camera = ?", id).Where("until_us = 0").Exec(ctx)
	return err
}

// blankRow: from FromUS on nothing is known, until UntilUS. The one with
// UntilUS 0 is the sign of life of the process that looks: it moves its
// beginning along, so that a process that dies leaves the truth behind.
type blankRow struct {
	bun.BaseModel `bun:"table:camera_blanks,alias:b"`

	FromUS  int64 `bun:"from_us,pk"`
	UntilUS int64 `bun:"until_us"`
}
