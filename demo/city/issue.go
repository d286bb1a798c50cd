package city

import (
	"context"
	"fmt"
	"slices"
	"time"

	"linli.dev/linli/people/bulletin"
	"linli.dev/linli/people/place"
	"linli.dev/linli/role"
)

// letterhead is how an office's bulletins are numbered and signed. The signature
// says that it is a demonstration's.
type letterhead struct {
	office place.ID
	words  bulletin.OfficeWords
}

func (a letterhead) play(ctx context.Context, c role.City) error {
	_, err := c.Bulletin.SetOffice(ctx, clerk, 0, a.office, a.words)
	return err
}

func (a letterhead) tell(*Memory, time.Time) {}

// draft is the clerk's draft of a bulletin.
type draft struct {
	office place.ID
	words  bulletin.Words
}

func (a draft) play(ctx context.Context, c role.City) error {
	_, err := c.Bulletin.Begin(ctx, clerk, a.office, a.words, "")
	return err
}

func (a draft) tell(*Memory, time.Time) {}

// carry takes an office's bulletin of a day one step on, as an office does:
// somebody else reviews it, and later it gets its number.
type carry struct {
	office place.ID
	of     place.Day
	to     bulletin.State
}

func (a carry) play(ctx context.Context, c role.City) error {
	list, err := c.Bulletin.List(ctx, bulletin.Filter{Office: a.office})
	if err != nil {
		return err
	}
	i := slices.IndexFunc(list, func(b bulletin.Bulletin) bool { return b.Day == a.of && b.State != bulletin.Issued })
	if i < 0 {
		return fmt.Errorf("no draft of %s", a.of)
	}
	b := list[i]
	if a.to == bulletin.Reviewed {
		_, err = c.Bulletin.Review(ctx, approver, b.Version, b.ID, "")
	} else {
		_, err = c.Bulletin.Issue(ctx, clerk, b.Version, b.ID)
	}
	return err
}

func (a carry) tell(*Memory, time.Time) {}

// issued are the steps of a bulletin that comes out: each has its own time.
func issued(office place.ID, words bulletin.Words) []act {
	return []act{draft{office, words}, carry{office, words.Day, bulletin.Reviewed}, carry{office, words.Day, bulletin.Issued}}
}

// bulletins writes those of September 2017: two of the city, one of Lanshan, and
// the draft of the published day.
func (g *generator) bulletins() {
	on := func(day int, acts ...act) {
		d := g.on(place.Date(2017, 9, day))
		d.office = append(d.office, acts...)
	}
	lanshan := g.counties[0]
	for _, c := range g.counties {
		if c.name == "兰山区" {
			lanshan = c
		}
	}
	ask := []bulletin.Addition{{After: "late", Text: "截至{date}，全市联网率为{networked_rate}。各县区要对照时限逐个小区抓好落实。（演示）"}}
	on(1, append([]act{
		letterhead{g.city, bulletin.OfficeWords{Prefix: "临综治通报", Signer: "临沂市综治办（演示）"}},
		letterhead{lanshan.id, bulletin.OfficeWords{Prefix: "兰综治通报", Signer: "兰山区综治办（演示）"}},
	}, issued(g.city, bulletin.Words{Day: place.Date(2017, 8, 31)})...)...)
	on(18, issued(g.city, bulletin.Words{Day: place.Date(2017, 9, 15), Added: ask})...)
	on(26, issued(lanshan.id, bulletin.Words{Day: place.Date(2017, 9, 25), Since: place.Date(2017, 8, 31)})...)
	on(26, draft{g.city, bulletin.Words{Day: place.Date(2017, 9, 26), Added: ask}})
}
