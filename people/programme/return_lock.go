package programme

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"linli.dev/linli/people/place"
	"linli.dev/linli/store"
)

// Unlocked is an approved return that may be followed by a corrected one. What
// it said stays said, until the corrected one is approved and says otherwise.
const Unlocked ReturnState = "unlocked"

// Unlock is the act of opening a locked return. It stays on record.
type Unlock struct {
	Known  time.Time `json:"known"`
	By     string    `json:"by"`
	Reason string    `json:"reason"`
}

type unlockRow struct {
	bun.BaseModel `bun:"table:return_unlocks"`

	Return  ReturnID `bun:"return_id,pk"`
	KnownUS int64    `bun:"known_us"`
	By      string   `bun:"by_account"`
	Reason  string   `bun:"reason"`
}

// Unlock opens a locked return, with a reason. Nobody unlocks a return of their
// own.
func (s *Service) Unlock(ctx context.Context, by string, id ReturnID, reason string) (Return, error) {
	var r Return
	err := s.change(ctx, "programme.Unlock", by, func(ctx context.Context, w *writing) error {
		var err error
		if r, err = w.othersReturn(ctx, by, id, Approved, "programme.return.not-locked"); err != nil {
			return err
		}
		reason = place.Tidy(reason)
		var p place.Problems
		p.Text("reason", reason, 200, true)
		if err := p.Fault(w.op, "programme.invalid"); err != nil {
			return err
		}
		before := r
		r.State = Unlocked
		row := unlockRow{Return: id, KnownUS: store.Micros(w.known), By: by, Reason: reason}
		if _, err := w.tx.NewInsert().Model(&row).Exec(ctx); err != nil {
			return err
		}
		if _, err := w.tx.NewUpdate().Model((*returnRow)(nil)).Set("state = ?", r.State).Where("id = ?", id).Exec(ctx); err != nil {
			return err
		}
		after := r
		after.Opinion = reason
		if err := w.keepReturn(ctx, "unlocked", &before, after); err != nil {
			return err
		}
		return w.tx.Emit(room, evReturn, string(id), map[string]any{"state": r.State, "county": r.County, "month": r.Month, "reason": reason, "by": by})
	})
	return r, err
}

// unlocks are the acts of unlocking, by return. A return is unlocked once: the
// corrected one is another return.
func (s *Service) unlocks(ctx context.Context) (map[ReturnID]Unlock, error) {
	var rows []unlockRow
	if err := s.db.NewSelect().Model(&rows).Scan(ctx); err != nil {
		return nil, dbError("programme.unlocks", err)
	}
	out := map[ReturnID]Unlock{}
	for _, r := range rows {
		out[r.Return] = Unlock{Known: store.Time(r.KnownUS), By: r.By, Reason: r.Reason}
	}
	return out, nil
}
