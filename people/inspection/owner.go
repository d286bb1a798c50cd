package inspection

import (
	"context"

	"github.com/uptrace/bun"

	"linli.dev/linli/store"
)

// OfficeOf tells whether an account is of the city's office. known is false where nobody can say: it holds and held none, or both
// sorts.
type OfficeOf func(ctx context.Context, account string) (city, known bool, err error)

// FindOwners finds out for whom inspections were planned that are older than the note of it (migration 4): who planned one at the city's
// office planned it for the city. What nobody can tell stays open, and the page says so.
func (s *Service) FindOwners(ctx context.Context, of OfficeOf) error {
	const op = "inspection.FindOwners"
	var rows []struct {
		ID ID     `bun:"id"`
		By string `bun:"by_account"`
	}
	err := s.db.NewSelect().TableExpr("inspections AS t").Join("JOIN inspection_steps AS s ON s.inspection = t.id AND s.number = 1").
		ColumnExpr("t.id, s.by_account").Where("t.owner_open").Order("t.id").Scan(ctx, &rows)
	if err != nil {
		return dbError(op, err)
	}
	by := map[string][]ID{}
	for _, r := range rows {
		by[r.By] = append(by[r.By], r.ID)
	}
	for account, ids := range by {
		city, known, err := of(ctx, account)
		if err != nil {
			return err
		}
		if !known {
			continue
		}
		err = s.db.Change(ctx, func(ctx context.Context, tx *store.Tx) error {
			for len(ids) > 0 {
				n := min(batch, len(ids))
				_, err := tx.NewUpdate().Model((*inspectionRow)(nil)).Set("by_city = ?", city).Set("owner_open = ?", false).
					Where("id IN (?)", bun.List(ids[:n])).Exec(ctx)
				if err != nil {
					return err
				}
				ids = ids[n:]
			}
			return nil
		})
		if err != nil {
			return dbError(op, err)
		}
	}
	return nil
}
