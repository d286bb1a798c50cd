package city

import (
	"context"
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

// issue takes a bulletin all the way as an office does: the clerk drafts it,
// somebody else reviews it, it gets its number. Of a draft the story ends before
// the review.
type issue struct {
	office place.ID
	words  bulletin.Words
	draft  bool
}

func (a issue) play(ctx context.Context, c role.City) error {
	b, err := c.Bulletin.Begin(ctx, clerk, a.office, a.words, "")
	if err != nil || a.draft {
		return err
	}
	if b, err = c.Bulletin.Review(ctx, approver, b.Version, b.ID, ""); err != nil {
		return err
	}
	_, err = c.Bulletin.Issue(ctx, clerk, b.Version, b.ID)
	return err
}

func (a issue) tell(*Memory, time.Time) {}

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
	on(1,
		letterhead{g.city, bulletin.OfficeWords{Prefix: "临综治通报", Signer: "临沂市综治办（演示）"}},
		letterhead{lanshan.id, bulletin.OfficeWords{Prefix: "兰综治通报", Signer: "兰山区综治办（演示）"}},
		issue{office: g.city, words: bulletin.Words{Day: place.Date(2017, 8, 31)}})
	on(18, issue{office: g.city, words: bulletin.Words{Day: place.Date(2017, 9, 15), Added: ask}})
	on(26,
		issue{office: lanshan.id, words: bulletin.Words{Day: place.Date(2017, 9, 25), Since: place.Date(2017, 8, 31)}},
		issue{office: g.city, words: bulletin.Words{Day: place.Date(2017, 9, 26), Added: ask}, draft: true})
}
