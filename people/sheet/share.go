package sheet

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"

	"linli.dev/linli/fault"
	"linli.dev/linli/people/place"
	"linli.dev/linli/store"
)

// Share is a compound's part in the programme from a day on. What is kept of it
// is another room's; it is asked for through Programme.
type Share struct {
	Compound place.ID  `json:"-"`
	From     place.Day `json:"-"`
	Part     bool      `json:"part"`
	Plan     int       `json:"plan"` // channels that it is to have; 0: nothing is said
}

// Programme is what the room asks of the programme. role plugs it in; without
// it lists say nothing of who takes part.
type Programme interface {
	// Shares tells what holds of compounds; the function answers for any day.
	Shares(ctx context.Context, compounds ...place.ID) (func(q place.AsOf, id place.ID) Share, error)
	// Relieves tells which shares would leave their compound with less to do, on the day that they are about or any later one;
	// restored: as Restore would say them.
	Relieves(ctx context.Context, list []Share, restored bool) ([]bool, error)
	// Take says what holds from a day on.
	Take(ctx context.Context, by string, list []Share) error
	// Restore says again what held before an import that is undone.
	Restore(ctx context.Context, by, note string, list []Share) error
	// Where tells of which places the caller may say that a compound takes part.
	Where(ctx context.Context) (func(place.ID) bool, error)
}

// The keys of the columns about a compound's part in the programme.
const (
	Part Key = "takes-part"
	Plan Key = "plan"
)

const maxPlan = 10_000 // as the programme takes it

var shareColumns = []column{
	{key: Part, form: aYes, zh: "纳入创建", en: "Takes part", also: []string{"开展创建", "是否开展创建", "开展平安小区创建", "参加专项", "是否参加专项", "参加专项行动", "是否参加专项行动", "参加创建", "是否参加创建", "是否纳入创建", "takes part"}, exact: true, width: 12, helpZH: "是或否；不填则不变，新小区不填为所选设置。只有纳入创建的小区计入进度和通报", helpEN: "Yes or no; empty leaves it alone. Only compounds that take part are counted and reported", example: "是"},
	{key: Plan, form: aPlan, zh: "计划安装路数", en: "Planned channels", also: []string{"计划路数", "计划安装数", "计划监控路数", "计划安装监控路数", "应装路数", "应建路数", "计划数（路）", "plan", "planned"}, exact: true, width: 14, helpZH: "计划安装的视频监控路数，1 至 10000 的整数；不填则不变", helpEN: "Cameras that it is to have, a whole number from 1 to 10000; empty leaves it alone", example: "24"},
}

var partWords = []word{
	{"yes", "是", "yes", []string{"y", "true", "1", "√", "✓", "✔", "对", "参加", "参与", "已参加", "纳入", "已纳入"}},
	{"no", "否", "no", []string{"n", "false", "0", "×", "x", "✗", "不是", "不参加", "未参加", "未纳入", "退出", "已退出"}},
}

// share reads what a row says of its compound's part.
func (c *checker) share(l *line) {
	if v := l.value(Part); v != "" && !l.said(Part) {
		if w, ok := choose(partWords, v); ok {
			yes := w == "yes"
			l.part = &yes
		} else {
			c.bad(l, Part, kindChoice, "sheet.not-a-choice", right{words: labels(partWords, c.lang)})
		}
	}
	if v := l.value(Plan); v != "" && !l.said(Plan) {
		switch n, whole, ok := number(v); {
		case c.sharesNumber(l, l.t.of.at[Plan]):
			c.bad(l, Plan, kindMerged, "sheet.merged-number", right{code: "sheet.right.split"})
		case !ok:
			c.bad(l, Plan, kindNumber, "sheet.not-a-number", right{code: "sheet.right.plan"})
		case !whole:
			c.bad(l, Plan, kindNumber, "sheet.fraction", right{code: "sheet.right.plan"})
		case n < 1 || n > maxPlan:
			c.bad(l, Plan, kindNumber, "sheet.no-plan", right{code: "sheet.right.plan"})
		default:
			l.plan = n
		}
	}
}

// shares compares what good rows say with what holds.
func (c *checker) shares(ctx context.Context, p Programme, q place.AsOf, deeds []*deed) error {
	var ids []place.ID
	for _, d := range deeds {
		if d.level == place.Compound && d.found == nil {
			ids = append(ids, d.id)
		}
	}
	if p == nil {
		return nil
	}
	at := func(place.AsOf, place.ID) Share { return Share{} }
	if len(ids) > 0 {
		var err error
		if at, err = p.Shares(ctx, ids...); err != nil {
			return err
		}
	}
	for _, d := range deeds {
		if d.level == place.Compound {
			c.shareOf(d, at(place.AsOf{Day: d.from, Known: q.Known}, d.id))
		}
	}
	return c.relieving(ctx, p, deeds)
}

// relieving refuses what leaves a compound with less to do: a list has no reason
// for it, and nobody approves it.
func (c *checker) relieving(ctx context.Context, p Programme, deeds []*deed) error {
	var of []*deed
	var list []Share
	for _, d := range deeds {
		if d.share != nil && d.found == nil {
			is := *d.share
			is.Compound = d.id
			of, list = append(of, d), append(list, is)
		}
	}
	if len(list) == 0 {
		return nil
	}
	less, err := p.Relieves(ctx, list, false)
	if err != nil {
		return err
	}
	for i, d := range of {
		if less[i] {
			c.bad(d.line, shareKey(*d.before.Share, list[i]), kindRights, "sheet.owes-less", right{code: "sheet.right.ask"})
		}
	}
	return nil
}

// shareKey is the column that a change of a share is laid to.
func shareKey(was, is Share) Key {
	if is.Part != was.Part {
		return Part
	}
	return Plan
}

// shareOf says what of a compound's part a row changes.
func (c *checker) shareOf(d *deed, was Share) {
	is := Share{From: d.from, Part: was.Part, Plan: was.Plan}
	switch {
	case d.part != nil:
		is.Part = *d.part
	case c.take:
		is.Part = true
	}
	if d.plan > 0 {
		is.Plan = d.plan
	}
	d.apart = !is.Part
	if is.Part == was.Part && is.Plan == was.Plan {
		return
	}
	at := d.id
	if d.found != nil {
		at = d.parent
	}
	if c.who.Take != nil && !c.who.Take(at) {
		c.bad(d.line, shareKey(was, is), kindRights, "sheet.not-yours-to-take", right{})
		return
	}
	d.share = &is
	if d.found != nil {
		d.before.Share = &Share{} // it ends, and nobody counts on it any more
		return
	}
	d.before.Share = &Share{Part: was.Part, Plan: was.Plan}
	if is.Part != was.Part {
		yes := map[bool]string{true: "yes", false: "no"}
		d.changes = append(d.changes, c.change(d, Part, wordOf(partWords, yes[was.Part], c.lang), wordOf(partWords, yes[is.Part], c.lang)))
	}
	if is.Plan != was.Plan {
		d.changes = append(d.changes, c.change(d, Plan, planIn(was.Plan), planIn(is.Plan)))
	}
}

// planIn is a plan as a cell has it.
func planIn(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// badOnes takes out deeds whose row got a problem after all.
func badOnes(deeds []*deed) []*deed {
	return slices.DeleteFunc(deeds, func(d *deed) bool { return len(d.problems) > 0 })
}

// mayRestore: on its own day an import is a slip of its sender's pen; later, or
// by another, compounds would owe less by its undoing, which a list cannot say
// either.
func (s *Service) mayRestore(ctx context.Context, who Sender, imp importRow, rows []rowRow) error {
	if imp.By == who.Account && s.o.Clock.DayOf(store.Time(imp.AtUS)) == s.o.Clock.Today() {
		return nil
	}
	for part := range slices.Chunk(rows, rowsAtOnce) {
		var back []Share
		var of []*rowRow
		for i := range part {
			var b Before
			if err := json.Unmarshal([]byte(part[i].Before), &b); err != nil {
				return err
			}
			if slices.ContainsFunc(b.Entries, func(e place.Entry) bool { return e.In && e.Mark != place.MarkWeak }) {
				return fault.New(fault.Conflict, "sheet.Undo", "sheet.undo-leaves-class", "name", part[i].Name)
			}
			if b.Share != nil {
				back = append(back, Share{Compound: part[i].Compound, From: b.From, Part: b.Share.Part, Plan: b.Share.Plan})
				of = append(of, &part[i])
			}
		}
		if len(back) == 0 || s.o.Programme == nil {
			continue
		}
		less, err := s.o.Programme.Relieves(ctx, back, true)
		if err != nil {
			return err
		}
		if i := slices.Index(less, true); i >= 0 {
			return fault.New(fault.Conflict, "sheet.Undo", "sheet.undo-owes-less", "name", of[i].Name)
		}
	}
	return nil
}
