package archive

import (
	"context"
	"fmt"
	"time"
)

// What Recover finds wrong is told as a check tells it: on the page until a whole check has not found it again, and in the journal.

func (a *Archive) tellUnreadable(ctx context.Context, s *Segment, err error) (known bool, _ error) {
	return a.noteDifference(ctx, Difference{Kind: Unreadable, Disk: s.Disk, Path: s.Path, Segment: s.ID, Detail: err.Error()})
}

func (a *Archive) tellMissing(ctx context.Context, r *row, n int) error {
	_, err := a.noteDifference(ctx, Difference{Kind: MissingFile, Disk: r.Disk, Path: r.Path, Segment: r.ID, Detail: fmt.Sprintf("%d fragments from %s", n, r.Start.Format(time.RFC3339))})
	return err
}

func (a *Archive) tellAside(ctx context.Context, r *row, n int) error {
	_, err := a.noteDifference(ctx, Difference{Kind: HashMismatch, Disk: r.Disk, Path: r.Path, Segment: r.ID, Detail: fmt.Sprintf("%d fragments from %s; moved to %s/%s", n, r.Start.Format(time.RFC3339), footage, lostFolder)})
	return err
}
