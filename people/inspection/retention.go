package inspection

import (
	"context"
	"slices"

	"github.com/uptrace/bun"

	"linli.dev/linli/people/place"
)

// PhotoYears is for how long photos of an inspection are kept after the last
// thing that was done about it: as long as somebody may still ask on what its
// result rests. What it found, and that there were photos, stays (red line 9).
const PhotoYears = 3

const evPurged = "photo.purged"

// photosUntil is the last day on which the photos of an inspection are there; 0
// while it is planned, or something of it is still to be mended.
func (x *Inspection) photosUntil(c place.Clock, mendings []Mending) place.Day {
	if x.State == Planned {
		return 0
	}
	last := x.Day
	for _, s := range x.Steps {
		last = max(last, c.DayOf(s.Known))
	}
	for _, m := range mendings {
		m.replay(c, 0)
		if m.State != Accepted {
			return 0
		}
		for _, s := range m.Steps {
			last = max(last, c.DayOf(s.Known))
		}
	}
	return last.AddMonths(12 * PhotoYears)
}

// Purge deletes the bytes of photos whose time is over, and says so in the
// journal. It answers how many there were.
func (s *Service) Purge(ctx context.Context) (n int, err error) {
	err = s.change(ctx, "inspection.Purge", "", func(ctx context.Context, w *writing) error {
		today := s.o.Clock.Today()
		steady, err := place.Steady(ctx, w.tx, "inspection.photos", today)
		if err != nil || !steady {
			return err
		}
		list, err := s.read(ctx, s.db.NewSelect().Where("id IN (SELECT inspection FROM inspection_photos WHERE purged = 0)"))
		if err != nil || len(list) == 0 {
			return err
		}
		ids := make([]ID, len(list))
		for i := range list {
			ids[i] = list[i].ID
		}
		mendings, err := s.mendings(ctx, ids...)
		if err != nil {
			return err
		}
		for i := range list {
			x := &list[i]
			until := x.photosUntil(s.o.Clock, mendings[x.ID])
			if until == 0 || until >= today {
				continue
			}
			photos, err := s.photos(ctx, x.ID)
			if err != nil {
				return err
			}
			photos = slices.DeleteFunc(photos, func(r photoRow) bool { return r.Purged != 0 })
			if _, err := w.tx.NewUpdate().Model((*photoRow)(nil)).Set("purged = ?", today).Where("inspection = ?", x.ID).Where("purged = 0").Exec(ctx); err != nil {
				return err
			}
			gone := make([]string, len(photos))
			for j, p := range photos {
				gone[j] = p.Hash
			}
			// The same photo lies here once: one that another inspection still shows stays.
			_, err = w.tx.NewDelete().Model((*bytesRow)(nil)).Where("hash IN (?)", bun.List(gone)).
				Where("NOT EXISTS (SELECT 1 FROM inspection_photos p WHERE p.hash = bytes_row.hash AND p.purged = 0)").Exec(ctx)
			if err != nil {
				return err
			}
			if err := w.tx.Emit(room, evPurged, string(x.Compound), map[string]any{"inspection": x.ID, "photos": gone, "kept_until": until}); err != nil {
				return err
			}
			n += len(gone)
		}
		return nil
	})
	return n, err
}
