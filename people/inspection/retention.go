package inspection

import (
	"context"
	"slices"

	"github.com/uptrace/bun"

	"linli.dev/linli/people/place"
	"linli.dev/linli/store"
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
	today := s.o.Clock.Today()
	// It is looked for outside of the transaction, which other writers wait for.
	due, err := s.overdue(ctx, today)
	if err != nil {
		return 0, err
	}
	err = s.change(ctx, "inspection.Purge", "", func(ctx context.Context, w *writing) error {
		steady, err := place.Steady(ctx, w.tx, "inspection.photos", today)
		if err != nil || !steady || len(due) == 0 {
			return err
		}
		ids := make([]ID, len(due))
		for i := range due {
			ids[i] = due[i].ID
		}
		// Somebody may have done something about one of them meanwhile.
		still, err := s.over(ctx, s.db.NewSelect().Where("id IN (?)", bun.List(ids)), today)
		if err != nil {
			return err
		}
		n = 0 // a transaction may run twice
		for _, x := range still {
			gone, err := w.purge(ctx, x, today)
			if err != nil {
				return err
			}
			n += gone
		}
		return nil
	})
	return n, err
}

// ended is an inspection whose photos are over.
type ended struct {
	ID
	compound place.ID
	until    place.Day
}

// overdue are the inspections with photos whose time is over. About most of those with photos something was done within the
// years that photos are kept: they are not read.
func (s *Service) overdue(ctx context.Context, today place.Day) ([]ended, error) {
	since := store.Micros(s.o.Clock.Close(today.AddMonths(-12 * PhotoYears)))
	return s.over(ctx, s.db.NewSelect().Where("id IN (SELECT inspection FROM inspection_photos WHERE purged = 0)").
		Where("id NOT IN (SELECT inspection FROM inspection_steps WHERE known_us > ?)", since).
		Where("id NOT IN (SELECT inspection FROM inspection_mend_steps WHERE known_us > ?)", since), today)
}

func (s *Service) over(ctx context.Context, q *bun.SelectQuery, today place.Day) (out []ended, err error) {
	list, err := s.read(ctx, q)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	ids := make([]ID, len(list))
	for i := range list {
		ids[i] = list[i].ID
	}
	mendings, err := s.mendings(ctx, ids...)
	if err != nil {
		return nil, err
	}
	for i := range list {
		x := &list[i]
		if until := x.photosUntil(s.o.Clock, mendings[x.ID]); until != 0 && until < today {
			out = append(out, ended{x.ID, x.Compound, until})
		}
	}
	return out, nil
}

func (w *writing) purge(ctx context.Context, x ended, today place.Day) (int, error) {
	photos, err := w.s.photos(ctx, x.ID)
	if err != nil {
		return 0, err
	}
	photos = slices.DeleteFunc(photos, func(r photoRow) bool { return r.Purged != 0 })
	if len(photos) == 0 {
		return 0, nil
	}
	if _, err := w.tx.NewUpdate().Model((*photoRow)(nil)).Set("purged = ?", today).Where("inspection = ?", x.ID).Where("purged = 0").Exec(ctx); err != nil {
		return 0, err
	}
	gone := make([]string, len(photos))
	for j, p := range photos {
		gone[j] = p.Hash
	}
	// The same photo lies here once: one that another inspection still shows stays.
	_, err = w.tx.NewDelete().Model((*bytesRow)(nil)).Where("hash IN (?)", bun.List(gone)).
		Where("NOT EXISTS (SELECT 1 FROM inspection_photos p WHERE p.hash = bytes_row.hash AND p.purged = 0)").Exec(ctx)
	if err != nil {
		return 0, err
	}
	return len(gone), w.tx.Emit(room, evPurged, string(x.compound), map[string]any{"inspection": x.ID, "photos": gone, "kept_until": x.until})
}
