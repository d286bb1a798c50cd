package place

import (
	"context"

	"github.com/uptrace/bun"

	"linli.dev/linli/store"
)

// OfficeOf tells whether an account is of the city's office. known is false where nobody can say: it holds and held none, or both
// sorts.
type OfficeOf func(ctx context.Context, account string) (city, known bool, err error)

// FindOwners finds out for whom the rows of a room's table were made that are older than the note of it (owner_open): whoever took
// the first step at the city's office took it for the city. What nobody can tell stays open. key names the table's id in the table of
// its steps.
func FindOwners(ctx context.Context, db *store.DB, table, steps, key string, of OfficeOf) error {
	var rows []struct {
		ID string `bun:"id"`
		By string `bun:"by_account"`
	}
	err := db.NewSelect().TableExpr("? AS t", bun.Ident(table)).Join("JOIN ? AS s ON s.? = t.id AND s.number = 1", bun.Ident(steps), bun.Ident(key)).
		ColumnExpr("t.id, s.by_account").Where("t.owner_open").Order("t.id").Scan(ctx, &rows)
	if err != nil {
		return err
	}
	by := map[string][]string{}
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
		err = db.Change(ctx, func(ctx context.Context, tx *store.Tx) error {
			for len(ids) > 0 {
				n := min(batch, len(ids))
				_, err := tx.NewUpdate().TableExpr("?", bun.Ident(table)).Set("by_city = ?", city).Set("owner_open = ?", false).
					Where("id IN (?)", bun.List(ids[:n])).Exec(ctx)
				if err != nil {
					return err
				}
				ids = ids[n:]
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}
