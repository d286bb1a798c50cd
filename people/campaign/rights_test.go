package campaign_test

import (
	"testing"
	"time"

	"linli.dev/linli/people/campaign"
	"linli.dev/linli/people/place"
	"linli.dev/linli/role"
	"linli.dev/linli/store/storetest"
)

// places has the tree of one service, and the rights of another one, which cannot answer.
type places struct {
	*place.Service
	rights *place.Rights
}

func (p places) Rights() *place.Rights { return p.rights }

// Who cannot be asked is not somebody for whom nothing waits.
func TestARightThatCannotBeAskedIsNoAnswer(t *testing.T) {
	ctx, day := t.Context(), place.Date(2017, time.September, 27)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	clock := place.Clock{Now: func() time.Time { return place.Clock{}.Begin(day).Add(10 * time.Hour) }}
	db, away := storetest.SQLite(t), storetest.SQLite(t)
	c, err := role.OpenCity(ctx, db, clock)
	must(err)
	city, err := c.Places.Found(ctx, "li", []place.NewPlace{{Level: place.City, Name: "临沂市", From: day}})
	must(err)
	_, err = c.Campaign.Write(ctx, "li", 0, campaign.Notice{Place: city[0].Place, Title: "告居民书", Body: "第一段", Signed: "综治办", Day: day})
	must(err)
	if _, err := c.Campaign.Waiting(ctx); err != nil {
		t.Error("a caller without a right:", err)
	}
	other, err := place.New(ctx, away, place.Options{Clock: clock})
	must(err)
	must(away.Close())
	s, err := campaign.New(ctx, db, campaign.Options{Clock: clock, Places: places{c.Places, other.Rights()}})
	must(err)
	if list, err := s.Waiting(ctx); err == nil {
		t.Errorf("the database is away, and %d notices wait", len(list))
	}
}
