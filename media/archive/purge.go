package archive

import "context"

func (a *Archive) finishPurge(ctx context.Context, id DiskID) (int, error)      { return 0, nil }
func (a *Archive) purgeLost(ctx context.Context, id DiskID, n int) (int, error) { return 0, nil }

// Reserve is what stays free on a disk of a size: one part in a hundred, between 256 MiB and 10 GiB, and a tenth at most.
func Reserve(total int64) int64 {
	return min(max(total/100, 256<<20), 10<<30, total/10)
}

func (a *Archive) MakeRoom(id DiskID) {}
