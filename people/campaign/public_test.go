package campaign_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"linli.dev/linli/people/campaign"
	"linli.dev/linli/people/place"
	"linli.dev/linli/role"
	"linli.dev/linli/store"
	"linli.dev/linli/store/storetest"
)

// asked keeps the queries that read notices.
type asked []string

func (a *asked) BeforeQuery(ctx context.Context, _ *bun.QueryEvent) context.Context { return ctx }

func (a *asked) AfterQuery(_ context.Context, e *bun.QueryEvent) {
	if strings.HasPrefix(e.Query, "SELECT") && strings.Contains(e.Query, `"notices"`) {
		*a = append(*a, e.Query)
	}
}

// Anybody may ask for what is published, as often as they like: no draft is read for it, and no more than is answered.
func TestWhatAnybodyAsksForIsCheap(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx, day := t.Context(), place.Date(2017, time.September, 27)
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		now := place.Clock{}.Begin(day).Add(10 * time.Hour)
		queries := &asked{}
		db.DB = db.WithQueryHook(queries)
		c, err := role.OpenCity(ctx, db, place.Clock{Now: func() time.Time { return now }})
		must(err)
		city, err := c.Places.Found(ctx, "li", []place.NewPlace{{Level: place.City, Name: "临沂市", From: day - 300}})
		must(err)
		counties, err := c.Places.Found(ctx, "li", []place.NewPlace{
			{Level: place.County, Name: "兰山区", Parent: city[0].Place, From: day - 300},
			{Level: place.County, Name: "罗庄区", Parent: city[0].Place, From: day - 300},
		})
		must(err)
		for i := range 205 {
			at := counties[i%2].Place
			if i > 200 {
				at = city[0].Place
			}
			n, err := c.Campaign.Write(ctx, "li", 0, campaign.Notice{Place: at, Title: fmt.Sprint("告居民书 ", i), Body: "第一段", Signed: "综治办", Day: day - 205 + place.Day(i)})
			must(err)
			if i != 204 { // the newest one is a draft
				_, err = c.Campaign.Publish(ctx, "chen", n.Version, n.ID, false)
				must(err)
			}
		}
		*queries = nil
		for at, want := range map[place.ID]int{"": 200, counties[0].Place: 104, counties[1].Place: 103, city[0].Place: 3} {
			_, _, list, err := c.Campaign.Published(ctx, at)
			must(err)
			if len(list) != want || list[0].Title != "告居民书 203" {
				t.Errorf("%d notices, want %d, the first is %s", len(list), want, list[0].Title)
			}
		}
		for _, q := range *queries {
			if !strings.Contains(q, "LIMIT 200") || !strings.Contains(q, "'published'") {
				t.Errorf("more is read than is answered: %s", q)
			}
		}
		if len(*queries) != 4 {
			t.Errorf("%d queries for four questions", len(*queries))
		}
	})
}
