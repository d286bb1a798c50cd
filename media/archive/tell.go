package archive

import "context"

// What Recover finds wrong is told as a check tells it: on the page until a whole check has not found it again, and in the journal.

func (a *Archive) tellUnreadable(ctx context.Context, s *Segment, err error) (known bool, _ error) {
	return a.noteDifference(ctx, Difference{Kind: Unreadable, Disk: s.Disk, Path: s.Path, Segment: s.ID, Found: unreadableFor(err)})
}

func (a *Archive) tellMissing(ctx context.Context, r *row, n int) error {
	_, err := a.noteDifference(ctx, Difference{Kind: MissingFile, Disk: r.Disk, Path: r.Path, Segment: r.ID, Found: remark("differs.missing", "n", n, "at", r.Start)})
	return err
}

func (a *Archive) tellAside(ctx context.Context, r *row, n int) error {
	_, err := a.noteDifference(ctx, Difference{Kind: HashMismatch, Disk: r.Disk, Path: r.Path, Segment: r.ID, Found: remark("differs.aside", "n", n, "at", r.Start, "folder", lostPath)})
	return err
}
