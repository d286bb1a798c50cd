package campaign

import (
	"context"

	"linli.dev/linli/people/place"
)

// Everybody who may read campaigns reads all of them: they are there to be learnt from. Who writes does so for places of the
// own area, and where something is moved from one place to another, for both.

func (s *Service) mayPut(ctx context.Context, a Activity, id ActivityID) error {
	rights := s.o.Places.Rights()
	if id != "" {
		was, err := s.Activity(ctx, id)
		if err != nil {
			return err
		}
		if err := rights.MayChange(ctx, MayWrite, was.Place); err != nil {
			return err
		}
	}
	return rights.MayChange(ctx, MayWrite, a.Place, a.Day)
}

func (s *Service) mayIllustrate(ctx context.Context, id ActivityID) error {
	a, err := s.Activity(ctx, id)
	if err != nil {
		return err
	}
	return s.o.Places.Rights().MayChange(ctx, MayWrite, a.Place)
}

// mayWrite reports whether the caller may write at a place: pages offer no more than that.
func (s *Service) mayWrite(ctx context.Context, id place.ID) (bool, error) {
	return place.Permitted(s.o.Places.Rights().MayChange(ctx, MayWrite, id))
}

// mayRaise asks for every place that is to follow something up.
func (s *Service) mayRaise(ctx context.Context, places []place.ID) error {
	for _, id := range places {
		if err := s.o.Places.Rights().MayChange(ctx, "supervision.raise", id); err != nil {
			return err
		}
	}
	return nil
}

// mayGive asks for publishing a notice, or for withdrawing it, which who wrote it may do, too.
func (s *Service) mayGive(ctx context.Context, n *Notice, withdraw bool) error {
	writers := n.writers
	if withdraw {
		writers = nil
	}
	return s.o.Places.Rights().MayPublishAt(ctx, MayGive, n.Place, writers)
}

// Waiting lists the drafts of others that the caller may publish.
func (s *Service) Waiting(ctx context.Context) ([]Notice, error) {
	list, err := s.notices(ctx, s.db.NewSelect().Where("state = ?", Draft))
	if err != nil {
		return nil, err
	}
	out := []Notice{}
	for i := range list {
		may, err := place.Permitted(s.mayGive(ctx, &list[i], false))
		if err != nil {
			return nil, err
		}
		if may {
			out = append(out, list[i])
		}
	}
	return out, nil
}

func (s *Service) mayNotice(ctx context.Context, id NoticeID, places ...place.ID) error {
	if id != "" {
		was, err := s.notice(ctx, "campaign.Notice", id)
		if err != nil {
			return err
		}
		places = append(places, was.Place)
	}
	for _, p := range places {
		if err := s.o.Places.Rights().MayChange(ctx, MayWrite, p); err != nil {
			return err
		}
	}
	return nil
}

// readable are the notices that the caller may see: what is published is for everybody, a draft for who may read there.
func (s *Service) readable(ctx context.Context, list []Notice) ([]Notice, error) {
	scope, err := s.o.Places.Rights().Scope(ctx, MayRead, s.o.Clock.AtClose(s.o.Clock.Today()))
	if err != nil {
		return nil, err
	}
	out := []Notice{}
	for _, n := range list {
		if n.State == Published || scope.Has(n.Place) {
			out = append(out, n)
		}
	}
	return out, nil
}
