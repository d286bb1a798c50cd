package campaign

import (
	"context"
	"slices"
	"time"

	"linli.dev/linli/people/place"
	"linli.dev/linli/store"
)

// PhotoYears is for how long photos of an activity are kept, from its day on:
// as long as a programme of two years asks what was done in it. Then the pictures
// go, and the activity says that they were there (red line 9).
const PhotoYears = 2

// PhotosUntil is the last day on which the photos of an activity are there.
func (a *Activity) PhotosUntil() place.Day { return a.Day.AddMonths(12 * PhotoYears) }

const evPurged = "photo.purged"

// Purge deletes the photos whose time is over, and says so in the journal and in
// the history of their activity. It answers how many there were.
func (s *Service) Purge(ctx context.Context) (n int, err error) {
	err = s.change(ctx, "campaign.Purge", func(ctx context.Context, tx *store.Tx, known time.Time) error {
		today := s.o.Clock.Today()
		steady, err := place.Steady(ctx, tx, "campaign.photos", today)
		if err != nil || !steady {
			return err
		}
		list, err := s.activities(ctx, s.db.NewSelect().Where("photos <> '[]'"))
		if err != nil {
			return err
		}
		over := func(a *Activity) bool { return a.PhotosUntil() < today }
		kept := map[string]bool{} // by an activity of later: the same photo lies here once
		for i := range list {
			for _, p := range list[i].Photos {
				if p.Purged == 0 && !over(&list[i]) {
					kept[p.Hash] = true
				}
			}
		}
		for i := range list {
			a := &list[i]
			if !over(a) || !slices.ContainsFunc(a.Photos, func(p Photo) bool { return p.Purged == 0 }) {
				continue
			}
			before := *a
			before.Photos = slices.Clone(a.Photos)
			var gone []string
			for j := range a.Photos {
				p := &a.Photos[j]
				if p.Purged != 0 {
					continue
				}
				p.Purged = today
				gone = append(gone, p.Hash)
				if kept[p.Hash] {
					continue
				}
				if _, err := tx.NewDelete().Model((*photoRow)(nil)).Where("hash = ?", p.Hash).Exec(ctx); err != nil {
					return err
				}
			}
			a.Version, a.Known = a.Version+1, known
			if err := place.Keep(ctx, tx, place.Kept{Record: "activity:" + string(a.ID), Act: "photos-purged", About: today, Known: known, Before: before, After: *a}); err != nil {
				return err
			}
			row, err := a.row()
			if err != nil {
				return err
			}
			if _, err := tx.NewUpdate().Model(&row).WherePK().Exec(ctx); err != nil {
				return err
			}
			if err := tx.Emit(room, evPurged, string(a.ID), map[string]any{"photos": gone, "kept_until": a.PhotosUntil()}); err != nil {
				return err
			}
			n += len(gone)
		}
		return nil
	})
	return n, err
}
