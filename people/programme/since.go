package programme

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"linli.dev/linli/people/place"
	"linli.dev/linli/store"
)

// ClaimedSince lists those of some compounds that stand in a county's return
// that was handed in after an instant, whatever became of it.
func (s *Service) ClaimedSince(ctx context.Context, at time.Time, compounds []place.ID) (out []place.ID, err error) {
	err = s.db.NewSelect().TableExpr("return_claims AS c").ColumnExpr("DISTINCT c.compound").Join("JOIN county_returns AS r ON r.id = c.return_id").
		Where("c.compound IN (?)", bun.List(compounds)).Where("r.submitted_us > ?", store.Micros(at)).Scan(ctx, &out)
	return out, dbError("programme.ClaimedSince", err)
}
