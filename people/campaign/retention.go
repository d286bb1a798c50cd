package campaign

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/uptrace/bun"

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
// the history of their activity; and bytes that no activity shows any more. It
// answers how many photos there were.
func (s *Service) Purge(ctx context.Context) (n int, err error) {
	const op = "campaign.Purge"
	today := s.o.Clock.Today()
	// It is looked for outside of the transaction, which other writers wait for.
	due, err := s.overdue(ctx, today)
	if err != nil {
		return 0, dbError(op, err)
	}
	loose, err := s.unshown(ctx)
	if err != nil {
		return 0, dbError(op, err)
	}
	err = s.change(ctx, op, func(ctx context.Context, tx *store.Tx, known time.Time) error {
		steady, err := place.Steady(ctx, tx, "campaign.photos", today)
		if err != nil || !steady {
			return err
		}
		n = 0 // a transaction may run twice
		hashes := slices.Clone(loose)
		if len(due) > 0 {
			list, err := s.activities(ctx, s.db.NewSelect().Where("id IN (?)", bun.List(due)))
			if err != nil {
				return err
			}
			for i := range list {
				gone, err := s.purge(ctx, tx, &list[i], today, known)
				if err != nil {
					return err
				}
				n += len(gone)
				hashes = append(hashes, gone...)
			}
		}
		return s.drop(ctx, tx, hashes...)
	})
	return n, err
}

// purge marks the photos of an activity as deleted; their bytes are dropped by who calls.
func (s *Service) purge(ctx context.Context, tx *store.Tx, a *Activity, today place.Day, known time.Time) (gone []string, err error) {
	before := *a
	before.Photos = slices.Clone(a.Photos)
	for i := range a.Photos {
		if p := &a.Photos[i]; p.Purged == 0 && a.PhotosUntil() < today {
			p.Purged = today
			gone = append(gone, p.Hash)
		}
	}
	if len(gone) == 0 {
		return nil, nil
	}
	a.Version, a.Known = a.Version+1, known
	if err := place.Keep(ctx, tx, place.Kept{Record: "activity:" + string(a.ID), Act: "photos-purged", About: today, Known: known, Before: before, After: *a}); err != nil {
		return nil, err
	}
	row, err := a.row()
	if err != nil {
		return nil, err
	}
	if _, err := tx.NewUpdate().Model(&row).WherePK().Exec(ctx); err != nil {
		return nil, err
	}
	return gone, tx.Emit(room, evPurged, string(a.ID), map[string]any{"photos": gone, "kept_until": a.PhotosUntil()})
}

// overdue are the activities with photos whose time is over.
func (s *Service) overdue(ctx context.Context, today place.Day) (out []ActivityID, err error) {
	var rows []activityRow
	q := s.db.NewSelect().Model(&rows).Column("id", "day", "photos").Where("photos <> '[]'").Where("day <= ?", today.AddMonths(-12*PhotoYears))
	if err := q.Scan(ctx); err != nil {
		return nil, err
	}
	for i := range rows {
		photos, err := rows[i].shown()
		if err != nil {
			return nil, err
		}
		if a := (Activity{Day: rows[i].Day}); len(photos) > 0 && a.PhotosUntil() < today {
			out = append(out, rows[i].ID)
		}
	}
	return out, nil
}

// shown are the photos of an activity that are still there.
func (r *activityRow) shown() (photos []Photo, err error) {
	err = json.Unmarshal([]byte(r.Photos), &photos)
	return slices.DeleteFunc(photos, func(p Photo) bool { return p.Purged != 0 }), err
}

// named are the hashes of all photos that activities show, read at once.
func (s *Service) named(ctx context.Context) (map[string]bool, error) {
	var rows []activityRow
	if err := s.db.NewSelect().Model(&rows).Column("photos").Where("photos <> '[]'").Scan(ctx); err != nil {
		return nil, err
	}
	named := map[string]bool{}
	for i := range rows {
		photos, err := rows[i].shown()
		if err != nil {
			return nil, err
		}
		for _, p := range photos {
			named[p.Hash] = true
		}
	}
	return named, nil
}

// unshown are the hashes of bytes that no activity shows.
func (s *Service) unshown(ctx context.Context) ([]string, error) {
	var hashes []string
	if err := s.db.NewSelect().Model((*photoRow)(nil)).Column("hash").Scan(ctx, &hashes); err != nil || len(hashes) == 0 {
		return nil, err
	}
	named, err := s.named(ctx)
	return slices.DeleteFunc(hashes, func(h string) bool { return named[h] }), err
}

// shows reports whether any activity shows a photo. One that only says that the photo was there does not.
func (s *Service) shows(ctx context.Context, hash string) (bool, error) {
	var rows []activityRow
	if err := s.db.NewSelect().Model(&rows).Column("photos").Where("photos LIKE ?", "%"+hash+"%").Scan(ctx); err != nil {
		return false, err
	}
	for i := range rows {
		photos, err := rows[i].shown()
		if err != nil {
			return false, err
		}
		if slices.ContainsFunc(photos, func(p Photo) bool { return p.Hash == hash }) {
			return true, nil
		}
	}
	return false, nil
}

// atOnce is of how many photos the bytes are deleted by one statement.
const atOnce = 400

// drop deletes the bytes of photos that no activity shows: the same photo lies here once. What is shown is read once, however many
// there are: other writers wait for this.
func (s *Service) drop(ctx context.Context, tx *store.Tx, hashes ...string) error {
	if len(hashes) == 0 {
		return nil
	}
	shown := map[string]bool{}
	var err error
	if len(hashes) == 1 {
		shown[hashes[0]], err = s.shows(ctx, hashes[0])
	} else {
		shown, err = s.named(ctx)
	}
	if err != nil {
		return err
	}
	loose := slices.DeleteFunc(slices.Clone(hashes), func(h string) bool { return shown[h] })
	for part := range slices.Chunk(loose, atOnce) {
		if _, err := tx.NewDelete().Model((*photoRow)(nil)).Where("hash IN (?)", bun.List(part)).Exec(ctx); err != nil {
			return err
		}
	}
	return nil
}
