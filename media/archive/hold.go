package archive

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"linli.dev/linli/fault"
	"linli.dev/linli/store"
)

// Bounds of a hold. It is an exception with an end, not a second archive.
const (
	MaxHoldSpan   = 7 * 24 * time.Hour
	MaxHoldUntil  = 180 * 24 * time.Hour // from now; whoever needs more renews it, and says so again
	maxHoldReason = 200
	markSpan      = 5 * time.Minute // on both sides of a marked moment
	usualHold     = 72 * time.Hour
)

// Hold keeps a span of footage past its retention.
type Hold struct {
	ID        string    `json:"id"`
	Camera    string    `json:"camera"`
	Stream    Which     `json:"stream" enum:"main,sub," doc:"\"\" = both."`
	From      time.Time `json:"from"`
	To        time.Time `json:"to"`
	Reason    string    `json:"reason"`
	Owner     string    `json:"owner" doc:"Account that answers for it."`
	OwnerName string    `json:"owner_name"`
	Made      time.Time `json:"made"`
	Until     time.Time `json:"until" doc:"When it ends by itself."`
}

// AddHold checks a hold and keeps it, for 72 hours where it says nothing else. Footage that it covers is not deleted from the
// moment this returns.
func (a *Archive) AddHold(ctx context.Context, h Hold) (Hold, error) {
	h.Reason = strings.TrimSpace(h.Reason)
	h.Made = a.now().Truncate(time.Microsecond)
	if h.Until.IsZero() {
		h.Until = h.Made.Add(usualHold)
	}
	h.From, h.To, h.Until = h.From.UTC().Truncate(time.Microsecond), h.To.UTC().Truncate(time.Microsecond), h.Until.UTC().Truncate(time.Microsecond)
	if err := a.checkHold(h); err != nil {
		return Hold{}, err
	}
	h.ID = store.NewID()
	boot := ""
	if !a.ClockTrusted() { // it moves with its footage
		boot = a.Dating(h.Made)
	}
	a.holding.Lock()
	defer a.holding.Unlock()
	var kept func()
	err := a.db.Change(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
		if kept, err = a.keepSettings(ctx, tx, boot); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO holds (id, camera, which, from_us, to_us, reason, owner, owner_name, made_us, until_us, boot)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, h.ID, h.Camera, h.Stream, store.Micros(h.From), store.Micros(h.To), h.Reason,
			h.Owner, h.OwnerName, store.Micros(h.Made), store.Micros(h.Until), boot); err != nil {
			return err
		}
		return tx.Emit("archive", "hold.made", h.ID, h)
	})
	if err != nil {
		return Hold{}, fault.Wrap(err, fault.KindOf(err), "archive.hold", "archive.not-stored")
	}
	kept()
	if boot != "" {
		a.doubts.Store(true)
	}
	return h, nil
}

// MarkMoment is the wall's one key: five minutes on both sides of a moment; zero: of now, by the clock that dates the footage,
// whatever the clock of the one who saw it says.
func (a *Archive) MarkMoment(ctx context.Context, h Hold, at time.Time) (Hold, error) {
	if at.IsZero() {
		at = a.now()
	}
	h.From, h.To = at.Add(-markSpan), at.Add(markSpan)
	return a.AddHold(ctx, h)
}

func (a *Archive) checkHold(h Hold) error {
	f := fault.New(fault.Invalid, "archive.hold", "archive.bad-hold")
	bad := func(path, code string, args ...any) { f.Fields = append(f.Fields, fault.At(path, code, args...)) }
	if h.Camera == "" {
		bad("camera", "archive.hold-camera")
	}
	if h.Stream != "" && !h.Stream.Valid() {
		bad("stream", "archive.bad-stream")
	}
	switch {
	case !h.To.After(h.From):
		bad("to", "archive.bad-span")
	case h.To.Sub(h.From) > MaxHoldSpan:
		bad("to", "archive.hold-too-long", "days", int(MaxHoldSpan/(24*time.Hour)))
	case h.From.After(h.Made.Add(24 * time.Hour)):
		bad("from", "archive.hold-future")
	}
	if n := utf8.RuneCountInString(h.Reason); n == 0 || n > maxHoldReason {
		bad("reason", "archive.hold-reason", "most", maxHoldReason)
	}
	if h.Owner == "" {
		bad("owner", "archive.hold-owner")
	}
	// A minute of tolerance: the caller's "180 days from now" was computed a moment ago, on another clock.
	if !h.Until.After(h.Made) || h.Until.After(h.Made.Add(MaxHoldUntil+time.Minute)) {
		bad("until", "archive.hold-until", "days", int(MaxHoldUntil/(24*time.Hour)))
	}
	if len(f.Fields) > 0 {
		return f
	}
	return nil
}

// HoldFilter narrows a list; zero values do not.
type HoldFilter struct {
	Camera   string
	From, To time.Time // holds that touch this span
	ID       string
}

// ListHolds lists the holds that stand, the newest first.
func (a *Archive) ListHolds(ctx context.Context, f HoldFilter) ([]Hold, error) {
	const op = "archive.holds"
	query := "SELECT id, camera, which, from_us, to_us, reason, owner, owner_name, made_us, until_us FROM holds WHERE ended_us = 0 AND (until_us > ? OR boot <> '')"
	args := []any{store.Micros(a.now())}
	if f.ID != "" {
		query, args = query+" AND id = ?", append(args, f.ID)
	}
	if f.Camera != "" {
		query, args = query+" AND camera = ?", append(args, f.Camera)
	}
	if !f.From.IsZero() {
		query, args = query+" AND to_us > ?", append(args, store.Micros(f.From))
	}
	if !f.To.IsZero() {
		query, args = query+" AND from_us < ?", append(args, store.Micros(f.To))
	}
	rows, err := a.db.QueryContext(ctx, query+" ORDER BY made_us DESC, id DESC LIMIT 1000", args...)
	if err != nil {
		return nil, unreadable(err, op)
	}
	defer rows.Close()
	list := []Hold{}
	for rows.Next() {
		var h Hold
		var from, to, made, until int64
		if err := rows.Scan(&h.ID, &h.Camera, &h.Stream, &from, &to, &h.Reason, &h.Owner, &h.OwnerName, &made, &until); err != nil {
			return nil, unreadable(err, op)
		}
		h.From, h.To, h.Made, h.Until = store.Time(from), store.Time(to), store.Time(made), store.Time(until)
		list = append(list, h)
	}
	if err := rows.Err(); err != nil {
		return nil, unreadable(err, op)
	}
	return list, nil
}

func (a *Archive) hold(ctx context.Context, id string) (Hold, error) {
	list, err := a.ListHolds(ctx, HoldFilter{ID: id})
	if err == nil && len(list) == 0 {
		err = fault.New(fault.NotFound, "archive.hold", "archive.hold-unknown")
	}
	if err != nil {
		return Hold{}, err
	}
	return list[0], nil
}

// ChangeHold gives a hold another reason or another end.
func (a *Archive) ChangeHold(ctx context.Context, id string, reason *string, until *time.Time, by string) (Hold, error) {
	a.holding.Lock() // its footage may be dated anew
	defer a.holding.Unlock()
	h, err := a.hold(ctx, id)
	if err != nil {
		return h, err
	}
	was := h
	if reason != nil {
		h.Reason = strings.TrimSpace(*reason)
	}
	if until != nil {
		h.Until = until.UTC().Truncate(time.Microsecond)
	}
	made := h.Made
	h.Made = a.now() // the bounds count from now
	now := a.dating(h.Made)
	err = a.checkHold(h)
	h.Made = made
	if err != nil {
		return h, err
	}
	kept := func() {}
	err = a.db.Change(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
		if until != nil {
			if kept, err = a.restate(ctx, tx, &h, now); err != nil {
				return err
			}
		}
		if _, err := tx.ExecContext(ctx, "UPDATE holds SET reason = ?, until_us = ? WHERE id = ?", h.Reason, store.Micros(h.Until), id); err != nil {
			return err
		}
		return tx.Emit("archive", "hold.changed", id, map[string]any{
			"camera": h.Camera, "from": h.From, "to": h.To, "owner": h.Owner, "by": by, "reason": h.Reason, "until": h.Until, "reason_before": was.Reason, "until_before": was.Until,
		})
	})
	if err != nil {
		return h, fault.Wrap(err, fault.KindOf(err), "archive.hold", "archive.not-stored")
	}
	kept()
	return h, nil
}

// restate says by the clock as it is now when a hold was made, since its end is set by it: both are by one setting.
func (a *Archive) restate(ctx context.Context, tx *store.Tx, h *Hold, now setting) (kept func(), err error) {
	var boot string
	var made int64
	if err := tx.QueryRowContext(ctx, "SELECT boot, made_us FROM holds WHERE id = ?", h.ID).Scan(&boot, &made); err != nil {
		return nil, err
	}
	stored, err := loadSettings(ctx, tx)
	if err != nil {
		return nil, err
	}
	if s, ok := stored[boot]; ok && s.boot == now.boot {
		made += now.zero - s.zero
	}
	made = min(made, store.Micros(a.now())) // of another boot it is not known, but it was not later than now
	h.Made = store.Time(made)
	boot = ""
	if !a.ClockTrusted() {
		boot = now.id
		a.doubts.Store(true)
	}
	if kept, err = a.keepSettings(ctx, tx, boot); err != nil {
		return nil, err
	}
	_, err = tx.ExecContext(ctx, "UPDATE holds SET made_us = ?, boot = ? WHERE id = ?", made, boot, h.ID)
	return kept, err
}

// EndHold ends one now. Its footage goes when its retention says so.
func (a *Archive) EndHold(ctx context.Context, id, by string) error {
	h, err := a.hold(ctx, id)
	if err != nil {
		return err
	}
	return a.endHold(ctx, h, by, "ended")
}

func (a *Archive) endHold(ctx context.Context, h Hold, by, why string) error {
	err := a.db.Change(ctx, func(ctx context.Context, tx *store.Tx) error {
		if _, err := tx.ExecContext(ctx, "UPDATE holds SET ended_us = ?, ended_by = ?, ended_why = ? WHERE id = ? AND ended_us = 0",
			store.Micros(a.now()), by, why, h.ID); err != nil {
			return err
		}
		return tx.Emit("archive", "hold.ended", h.ID, map[string]any{
			"camera": h.Camera, "from": h.From, "to": h.To, "until": h.Until, "reason": h.Reason, "owner": h.Owner, "by": by, "why": why,
		})
	})
	if err != nil {
		return fault.Wrap(err, fault.KindOf(err), "archive.hold", "archive.not-stored")
	}
	return nil
}

// expireHolds closes those whose end has come. Of one that was made while the clock was in doubt that is not known yet.
func (a *Archive) expireHolds(ctx context.Context) error {
	rows, err := a.db.QueryContext(ctx, "SELECT id, camera, from_us, to_us, owner FROM holds WHERE ended_us = 0 AND boot = '' AND until_us <= ? LIMIT 100", store.Micros(a.now()))
	if err != nil {
		return unreadable(err, "archive.holds")
	}
	defer rows.Close()
	var list []Hold
	for rows.Next() {
		var h Hold
		var from, to int64
		if err := rows.Scan(&h.ID, &h.Camera, &from, &to, &h.Owner); err != nil {
			return unreadable(err, "archive.holds")
		}
		h.From, h.To = store.Time(from), store.Time(to)
		list = append(list, h)
	}
	rows.Close()
	for _, h := range list {
		if err := a.endHold(ctx, h, "", "expired"); err != nil {
			return err
		}
	}
	return rows.Err()
}
