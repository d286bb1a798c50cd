package campaign

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"linli.dev/linli/people/place"
	"linli.dev/linli/store"
)

// Since lists those of some places of which an activity or a notice was written
// after an instant.
func (s *Service) Since(ctx context.Context, at time.Time, places []place.ID) ([]place.ID, error) {
	var out []place.ID
	for _, table := range []string{"activities", "notices"} {
		var some []place.ID
		err := s.db.NewSelect().TableExpr(table).ColumnExpr("DISTINCT place").Where("place IN (?)", bun.List(places)).Where("known_us > ?", store.Micros(at)).Scan(ctx, &some)
		if err != nil {
			return nil, dbError("campaign.Since", err)
		}
		out = append(out, some...)
	}
	return out, nil
}
