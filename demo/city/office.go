package city

import (
	"context"
	"fmt"
	"slices"
	"time"

	"linli.dev/linli/people/place"
	"linli.dev/linli/people/supervision"
	"linli.dev/linli/role"
)

// What the offices do in the story besides telling facts: nothing here changes a
// figure, so a book in memory learns nothing from it.

// supervise raises one task for each of some places.
type supervise supervision.Raising

func (a supervise) play(ctx context.Context, c role.City) error {
	r := supervision.Raising(a)
	r.City = true // the approver is of the city's office
	_, err := c.Tasks.Raise(ctx, approver, r)
	return err
}

func (a supervise) tell(*Memory, time.Time) {}

// rule is a rule of supervision; it looks at the same time.
type rule supervision.Rule

func (a rule) play(ctx context.Context, c role.City) error {
	if _, err := c.Tasks.SetRule(ctx, approver, 0, supervision.Rule(a)); err != nil {
		return err
	}
	_, _, err := c.Tasks.Daily(ctx)
	return err
}

func (a rule) tell(*Memory, time.Time) {}

// look is a day on which rules look and reminders are given.
type look struct{}

func (a look) play(ctx context.Context, c role.City) error {
	_, _, err := c.Tasks.Daily(ctx)
	return err
}

func (a look) tell(*Memory, time.Time) {}

// handle takes steps with the tasks of a title, but for every so many of them.
type handle struct {
	title string
	act   supervision.Act
	note  string
	but   int // every so many are left where they are; 0: none
}

func (a handle) play(ctx context.Context, c role.City) error {
	clock := c.Places.Clock()
	list, _, err := c.Tasks.List(ctx, clock.AtClose(clock.Today()), supervision.Filter{})
	if err != nil {
		return err
	}
	by := clerk
	if a.act == supervision.Strike || a.act == supervision.Return || a.act == supervision.Withdraw {
		by = approver
	}
	slices.SortFunc(list, func(x, y supervision.Entry) int { return slices.Compare([]byte(x.Place), []byte(y.Place)) })
	var taken []supervision.Taken
	n := 0
	for _, e := range list {
		if e.Title != a.title || !slices.Contains(e.Next, a.act) {
			continue
		}
		if n++; a.but == 0 || n%a.but != 0 {
			taken = append(taken, supervision.Taken{ID: e.ID, Version: e.Version})
		}
	}
	if len(taken) == 0 {
		return fmt.Errorf("%s: no task %q", a.act, a.title)
	}
	_, err = c.Tasks.Take(ctx, by, a.act, taken, a.note, 0)
	return err
}

func (a handle) tell(*Memory, time.Time) {}

// office writes what the offices do.
func (g *generator) office() {
	const publicity, networking = "集中宣传发动进展情况上报", "重点小区视频联网督办"
	on := func(month time.Month, day int, acts ...act) {
		d := g.on(place.Date(2017, month, day))
		d.office = append(d.office, acts...)
	}
	counties := make([]place.ID, len(g.counties))
	for i, c := range g.counties {
		counties[i] = c.id
	}
	on(time.September, 4, supervise{Places: counties, Title: publicity, Ask: "报送集中宣传的场次、点位和发放材料数量", Due: place.Date(2017, 9, 15)})
	on(time.September, 5, handle{title: publicity, act: supervision.Sign})
	on(time.September, 6, handle{title: publicity, act: supervision.Begin})
	on(time.September, 12, look{}, handle{title: publicity, act: supervision.Report, note: "已报送宣传台账（演示）", but: 5})
	on(time.September, 14, handle{title: publicity, act: supervision.Strike, but: 6})
	on(time.September, 18, handle{title: publicity, act: supervision.Return, note: "台账缺少点位照片，请补充（演示）"})
	on(time.September, 20, supervise{Places: counties, Title: networking, Ask: "逐个小区核实联网状态，列出未联网原因和完成时限", Due: place.Date(2017, 9, 29)})
	on(time.September, 21, handle{title: networking, act: supervision.Sign, but: 4})
	on(time.September, 22, rule{ID: "funds-yellow", Light: "yellow", What: "funds", Title: "帮扶资金尚未到位督办", Ask: "商帮扶单位于十月底前落实资金", Days: 20, Active: true})
	on(time.September, 25, handle{title: networking, act: supervision.Begin, but: 3}, look{})
	on(time.September, 26, handle{title: networking, act: supervision.Report, note: "已逐个核实（演示）", but: 2}, look{})
}
