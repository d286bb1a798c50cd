package supervision

import (
	"context"

	"linli.dev/linli/people/place"
)

// FindOwners finds out for whom tasks were raised that are older than the note of it (migration 4). What nobody can tell stays
// open, and the page says so.
func (s *Service) FindOwners(ctx context.Context, of place.OfficeOf) error {
	return dbError("supervision.FindOwners", place.FindOwners(ctx, s.db, "supervision_tasks", "supervision_steps", "task", of))
}
