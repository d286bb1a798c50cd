package place

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"linli.dev/linli/store"
)

// Mine reports whether the caller said something today: a slip of the pen is mended by who made it, on the day on which it was made.
func (r *Rights) Mine(ctx context.Context, account string, known time.Time) bool {
	who := by(ctx)
	return who != "" && account == who && r.s.clock.DayOf(known) == r.s.clock.Today()
}

// MayMend is MayRelieve for taking back what an account said, which makes the duties of a compound less: a slip of the pen is
// mended by who made it, on the same day, alone; later, or by another, it is for the level above.
func (r *Rights) MayMend(ctx context.Context, compound ID, account string, known time.Time) error {
	if r.Mine(ctx, account, known) {
		return nil
	}
	return r.MayRelieve(ctx, compound, "")
}

// SetSince plugs in what other rooms keep of places after an instant under subjects of their own: tasks, notices, returns. Before
// anything is served.
func (s *Service) SetSince(f func(ctx context.Context, at time.Time, places []ID) (map[ID]string, error)) {
	s.since = f
}

// onlyBy reports whether nobody but who founded a place has said anything of it since: a slip of the pen ends with what hangs
// on it, so nothing of somebody else's may.
func (s *Service) onlyBy(ctx context.Context, history []Version) (bool, error) {
	id, who := history[0].Place, history[0].By
	if len(history) > 1 {
		return false, nil
	}
	merged, err := s.db.NewSelect().Model((*placeRow)(nil)).Where("other = ?", id).Where("why = ?", Merged).Exists(ctx)
	if err != nil || merged {
		return false, dbError("place.onlyBy", err)
	}
	if s.since != nil {
		kept, err := s.since(ctx, history[0].Known, []ID{id})
		if err != nil || len(kept) > 0 {
			return false, err
		}
	}
	for before := int64(0); ; {
		events, err := s.db.History(ctx, before, 500)
		if err != nil || len(events) == 0 {
			return err == nil, err
		}
		for _, e := range events {
			said, of := saidOf(e)
			if !slices.Contains(of, id) {
				continue
			}
			if e.Room == room && e.Kind == evFounded {
				return said == who, nil
			}
			if said != "" && said != who {
				return false, nil
			}
		}
		before = events[len(events)-1].Seq
	}
}

// saidOf is who made an event of any room, "" when it only follows from others, and the places that it is about.
func saidOf(e store.Event) (by string, of []ID) {
	var data struct {
		By                string
		Compounds, Places []ID
	}
	if json.Unmarshal(e.Data, &data) != nil {
		data.Compounds, data.Places = nil, nil
	}
	return data.By, append(append(data.Compounds, data.Places...), ID(e.Subject))
}
