package supervision

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"linli.dev/linli/people/place"
	"linli.dev/linli/store"
)

// Since lists those of some places for which a task was raised, or went on,
// after an instant.
func (s *Service) Since(ctx context.Context, at time.Time, places []place.ID) (out []place.ID, err error) {
	err = s.db.NewSelect().TableExpr("supervision_tasks AS t").ColumnExpr("DISTINCT t.place").Join("JOIN supervision_steps AS s ON s.task = t.id").
		Where("t.place IN (?)", bun.List(places)).Where("s.known_us > ?", store.Micros(at)).Scan(ctx, &out)
	return out, dbError("supervision.Since", err)
}
