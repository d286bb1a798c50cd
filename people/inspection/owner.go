package inspection

import (
	"context"

	"linli.dev/linli/people/place"
)

// FindOwners finds out for whom inspections were planned that are older than the note of it (migration 4). What nobody can tell stays
// open, and the page says so.
func (s *Service) FindOwners(ctx context.Context, of place.OfficeOf) error {
	return dbError("inspection.FindOwners", place.FindOwners(ctx, s.db, "inspections", "inspection_steps", "inspection", of))
}
