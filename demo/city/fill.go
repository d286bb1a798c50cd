package city

import (
	"context"
	"log/slog"
	"time"

	"linli.dev/linli/people/place"
	"linli.dev/linli/role"
	"linli.dev/linli/store"
)

// Fill plays the demo city into a database until a day has closed, on from where
// it was left.
func Fill(ctx context.Context, db *store.DB, until place.Day, log *slog.Logger) error {
	var hand Hand
	rooms, err := role.OpenCity(ctx, db, hand.Clock())
	if err != nil {
		return err
	}
	known, err := rooms.Places.LastKnown(ctx)
	if err != nil {
		return err
	}
	s, err := New(Seed)
	if err != nil {
		return err
	}
	if !known.IsZero() { // a day that was begun is played to its end, also one that the clock was moved on to
		until = max(until, min(hand.Clock().DayOf(known), Last))
	}
	if known.IsZero() {
		log.Info("the demo city is being filled in; this is done once", "until", until.String())
	}
	begin := time.Now()
	if err := s.Play(ctx, rooms, &hand, known, until); err != nil {
		return err
	}
	log.Info("the demo city is there", "until", until.String(), "took", time.Since(begin).Round(time.Millisecond))
	return nil
}
