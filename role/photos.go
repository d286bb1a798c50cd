package role

import (
	"context"
	"time"

	"linli.dev/linli/people/place"
)

// purgePhotos deletes the photos of activities and inspections whose time is over, once a day of the programme. What else lies
// there is footage, which the archive's own purger deletes, and vouchers of money, which stay with the money.
func (a *All) purgePhotos(ctx context.Context) error {
	every := time.NewTicker(time.Hour)
	defer every.Stop()
	done := map[string]place.Day{}
	for {
		today := a.city.Places.Clock().Today()
		for _, room := range []struct {
			name  string
			purge func(context.Context) (int, error)
		}{{"activities", a.city.Campaign.Purge}, {"inspections", a.city.Inspection.Purge}} {
			if done[room.name] == today {
				continue
			}
			n, err := room.purge(ctx)
			if err == nil {
				done[room.name] = today
			}
			switch {
			case ctx.Err() != nil:
				return ctx.Err()
			case err != nil:
				a.log.Warn("photos whose time is over were not deleted; it will be tried again", "of", room.name, "err", err)
			case n > 0:
				a.log.Info("photos whose time is over were deleted", "of", room.name, "photos", n)
			}
		}
		select {
		case <-every.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
