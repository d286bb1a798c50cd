package city

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/oklog/ulid/v2"

	"linli.dev/linli/people/pairing"
	"linli.dev/linli/people/place"
	"linli.dev/linli/people/programme"
)

// Script is the whole story, in the order in which things became known.
type Script struct {
	Seed  uint64
	Steps []Step

	counties []place.ID // in the order of the divisions
}

// Seed is that of the demo city.
const Seed = 20170927

// Last is the last day of the story.
var Last = place.Date(2018, time.June, 30)

// New writes the script of a seed: the same one always.
func New(seed uint64) (*Script, error) {
	g := &generator{rand: rand.New(rand.NewPCG(seed, 0x6c696e6c69)), named: map[string]place.ID{}, days: map[place.Day]*day{}, purse: newPurse(seed)}
	tree, err := g.divisions()
	if err != nil {
		return nil, err
	}
	g.compounds()
	if err := g.exact(); err != nil {
		return nil, err
	}
	for _, x := range g.all {
		g.tell(x)
	}
	g.weekly()
	if err := g.points(seed); err != nil {
		return nil, err
	}
	g.monthly()
	g.office()
	g.bulletins()
	g.campaign()
	g.trial(seed)
	g.inspections(seed)
	g.indicators()
	return g.write(seed, tree), nil
}

// generator holds what is drawn so far.
type generator struct {
	rand     *rand.Rand
	made     uint64
	city     place.ID
	counties []county
	named    map[string]place.ID
	all      []*compound
	units    []pairing.Unit
	purse    *purse
	days     map[place.Day]*day
}

// id makes an id in the form of a ULID, sortable, the same for the same seed.
func (g *generator) id() string {
	var u ulid.ULID
	_ = u.SetTime(uint64(time.Date(2017, 4, 5, 0, 0, 0, 0, time.UTC).UnixMilli()) + g.made)
	g.made++
	for i := 6; i < len(u); i++ {
		u[i] = byte(g.rand.Uint32())
	}
	return u.String()
}

// day is what becomes known on one.
type day struct {
	found    found
	areas    areas
	located  located
	enrol    enrol
	enter    enter
	count    count
	pair     pair
	money    money
	tasks    tasks
	finish   finish
	channels channels
	net      networked
	saw      []place.ID
	returns  []programme.Return
	office   []act
}

func (g *generator) on(d place.Day) *day {
	if g.days[d] == nil {
		g.days[d] = &day{finish: finish{}}
	}
	return g.days[d]
}

func about(d place.Day) place.Moment { return place.Moment{About: d} }

// tell puts a compound's year into the days on which it becomes known.
func (g *generator) tell(x *compound) {
	d := g.on(x.joins)
	d.found = append(d.found, place.NewPlace{ID: x.id, Level: place.Compound, Parent: x.under, Name: x.name, From: x.joins})
	e := programme.Enrolment{Compound: x.id, From: x.joins, Part: true}
	if !x.byReturn {
		e.Plan = x.number
	}
	d.enrol = append(d.enrol, e)
	d.count = append(d.count,
		place.Count{Compound: x.id, Sort: "guard", Moment: about(x.joins), Number: 1 + g.rand.IntN(5)},
		place.Count{Compound: x.id, Sort: "light", Moment: about(x.joins), Number: 6 + g.rand.IntN(30), Condition: place.Good, Checked: x.joins},
		place.Count{Compound: x.id, Sort: "gate", Moment: about(x.joins), Number: 1 + g.rand.IntN(3), Condition: place.Good, Checked: x.joins})
	if x.joins <= published && g.rand.Float64() < 0.4 { // the drive month raises all three kinds
		on := g.day(place.Date(2017, 9, 4), published-1)
		g.on(on).count = append(g.on(on).count,
			place.Count{Compound: x.id, Sort: "volunteer", Moment: about(on), Number: 3 + g.rand.IntN(20)},
			place.Count{Compound: x.id, Sort: "fire-lane", Moment: about(on), Number: 1 + g.rand.IntN(4), Condition: place.Good, Checked: on},
			place.Count{Compound: x.id, Sort: "access-control", Moment: about(on), Number: 1 + g.rand.IntN(6), Condition: place.Good, Checked: on})
	}
	if x.class == place.Demonstration {
		g.on(x.marked).enter = append(g.on(x.marked).enter, place.Entry{
			Compound: x.id, Mark: place.MarkDemonstration, In: true, Moment: about(x.marked), Criteria: "人防、物防、技防条件较好，具备示范带动作用", Evidence: "县区推荐表（演示）",
		})
	}
	if x.weak {
		g.on(x.weakly).enter = append(g.on(x.weakly).enter, place.Entry{
			Compound: x.id, Mark: place.MarkWeak, In: true, Moment: about(x.weakly), Criteria: "无物业管理或技防设施不足", Evidence: "治安状况摸底表（演示）",
		})
	}
	if x.seenAlways {
		g.furnish(x)
	}
	g.tellHelp(x)
	g.tellVideo(x)
}

// furnish gives the visited compounds buildings and areas.
func (g *generator) furnish(x *compound) {
	d := g.on(x.joins)
	for i := range 6 {
		name := fmt.Sprintf("%d号楼", i+1)
		b := place.NewPlace{ID: place.ID(g.id()), Level: place.Building, Parent: x.id, Name: name, From: x.joins}
		d.found = append(d.found, b)
		d.areas = append(d.areas, place.Area{Compound: x.id, Building: b.ID, Kind: place.Entrance, Name: name + "出入口", From: x.joins})
	}
	for _, a := range []place.Area{
		{Kind: place.Gate, Name: "大门"}, {Kind: place.Road, Name: "中心道路"}, {Kind: place.CarPark, Name: "东侧停车场"}, {Kind: place.Yard, Name: "中心休闲广场"},
	} {
		a.Compound, a.From = x.id, x.joins
		d.areas = append(d.areas, a)
	}
}

// tellHelp is the pairing of a helped compound, its money and its tasks.
func (g *generator) tellHelp(x *compound) {
	if x.class != place.Helped {
		return
	}
	d := g.on(x.marked)
	d.enter = append(d.enter, place.Entry{
		Compound: x.id, Mark: place.MarkHelped, In: true, Moment: about(x.marked), Criteria: "列入结对帮扶范围", Evidence: "结对帮扶名单（演示）",
	})
	p := pairing.Pairing{ID: pairing.ID(g.id()), Compound: x.id, Unit: g.unit(), Moment: about(x.marked)}
	d.pair = append(d.pair, p)
	book := func(kind pairing.EntryKind, thousands int64, on place.Day) {
		if thousands > 0 {
			e := pairing.Entry{ID: pairing.EntryID(g.id()), Pairing: p.ID, Compound: x.id, Kind: kind, Fen: thousands * 100_000, Moment: about(on)}
			if kind == pairing.Pledge {
				e.Due = due(on)
			}
			g.on(on).money = append(g.on(on).money, e)
			if kind == pairing.Receipt {
				g.spend(p, e.Fen, on)
			}
		}
	}
	book(pairing.Pledge, x.pledge, x.marked)
	if x.received > 0 {
		first := x.received
		if first > 6 && g.rand.IntN(3) == 0 {
			first = x.received / 2
			book(pairing.Receipt, x.received-first, g.day(max(x.marked, place.Date(2017, 9, 5)), published))
		}
		book(pairing.Receipt, first, g.day(x.marked+1, min(published, x.marked+70)))
	}
	book(pairing.Receipt, x.pledge-x.received, g.spread(span{published + 1, october, 94}, span{october + 1, place.Date(2017, 11, 20), 6}))
	for i, title := range []string{"修缮围墙和大门", "增设照明和监控"} {
		if i > 0 && g.rand.IntN(2) == 0 {
			continue
		}
		t := pairing.Task{ID: pairing.TaskID(g.id()), Pairing: p.ID, Compound: x.id, Title: title, Due: place.Date(2017, 11, 15), Moment: about(x.marked)}
		d.tasks = append(d.tasks, t)
		done := g.spread(span{max(x.marked+10, place.Date(2017, 8, 1)), published, 25}, span{published + 1, place.Date(2017, 11, 15), 70}, span{place.Date(2017, 11, 16), place.Date(2017, 12, 10), 5})
		g.on(done).finish[t.ID] = done
	}
}

// Unions is the member unit that signs in to the demo.
const Unions = "市总工会"

// helpers are invented but for the two that spoke in September 2017.
var helpers = []string{
	Unions, "市工商局", "市直机关一单位", "市直机关二单位", "市直机关三单位", "市直机关四单位", "市直机关五单位", "市直机关六单位", "市直机关七单位", "市直机关八单位",
	"市直机关九单位", "市直机关十单位", "市属企业一单位", "市属企业二单位", "市属企业三单位", "市属企业四单位", "市属企业五单位", "市属企业六单位",
}

func (g *generator) unit() pairing.UnitID {
	if len(g.units) == 0 {
		for _, name := range helpers {
			g.units = append(g.units, pairing.Unit{ID: pairing.UnitID(g.id()), Name: name, Level: "city"})
		}
	}
	return g.units[g.rand.IntN(len(g.units))].ID
}

// tellVideo lists a compound's channels as they are installed and networked.
func (g *generator) tellVideo(x *compound) {
	if x.built.about == 0 {
		return
	}
	kinds := []place.AreaKind{place.Gate, place.Road, place.Entrance, place.CarPark, place.Yard}
	names := map[place.AreaKind]string{place.Gate: "大门", place.Road: "道路", place.Entrance: "楼栋出入口", place.CarPark: "停车场", place.Yard: "公共活动区"}
	// Half of them come some weeks before the last, where somebody looks.
	early := stamp{max(x.joins, x.listed.about-place.Day(8+g.rand.IntN(20))), 0}
	early.known = min(early.about+1, x.listed.known)
	by := clerk
	if x.node { // its own machine says so
		by = place.Register
	}
	var ids []place.ChannelID
	for i := range x.number {
		kind := kinds[i%len(kinds)]
		c := place.Channel{ID: place.ChannelID(g.id()), Compound: x.id, Name: fmt.Sprintf("%s %d", names[kind], i/len(kinds)+1), Area: kind}
		at, state := x.listed, place.Installed
		switch {
		case x.byReturn && x.networked.about == 0:
			continue // the county says so; nobody has listed them
		case x.byReturn:
			at, state = x.networked, place.Networked
		case i < x.number/2:
			at = early
		}
		d := g.on(at.known)
		d.channels.list = append(d.channels.list, c)
		d.channels.steps = append(d.channels.steps, place.ChannelStep{Channel: c.ID, Compound: x.id, State: state, Moment: about(at.about), By: by})
		if !x.byReturn {
			ids = append(ids, c.ID)
		}
	}
	if x.networked.about == 0 {
		return
	}
	known := max(x.networked.known, x.listed.known)
	d := g.on(known)
	for _, id := range ids {
		d.net = append(d.net, place.ChannelStep{Channel: id, Compound: x.id, State: place.Networked, Moment: about(max(x.networked.about, x.built.about)), By: by})
	}
}

// weekly is the sight of the nodes, each Monday.
func (g *generator) weekly() {
	for d := start - place.Day((int(start)+3)%7) + 7; d <= Last; d += 7 {
		for _, x := range g.all {
			if x.node && x.networked.about != 0 && x.networked.about <= d {
				g.on(d).saw = append(g.on(d).saw, x.id)
			}
		}
	}
}

// monthly is each county's return: what is built and networked without anybody
// having seen it.
func (g *generator) monthly() {
	for month := place.Date(2017, time.April, 1); month <= Last; month = month.AddMonths(1) {
		known := month + 25
		for i, c := range g.counties {
			r := programme.Return{County: c.id, Month: month}
			for _, x := range g.all {
				if x.county != i {
					continue
				}
				if !x.node && x.built.about != 0 && x.built.known == known {
					r.Claims = append(r.Claims, programme.Claim{Compound: x.id, What: programme.Built, From: x.built.about, Holds: true})
				}
				if !x.node && x.networked.about != 0 && x.networked.known == known {
					r.Claims = append(r.Claims, programme.Claim{Compound: x.id, What: programme.Networked, From: x.networked.about, Holds: true})
				}
			}
			if month == september {
				if how, ok := tardy[i]; ok {
					g.handIn(r, how)
					continue
				}
			}
			on := known
			if month < place.Date(2017, time.September, 1) && (7*i+int(month.AddMonths(1)-month)+int(month)/28)%6 == 0 {
				on = month.AddMonths(1) + 6 + place.Day(i%5) // after the 5th: late, so that the offices' table has a shape
			}
			g.on(on).returns = append(g.on(on).returns, r)
		}
	}
}

// milestones are the mission's.
func milestones() []programme.Milestone {
	key := []place.Class{place.Demonstration, place.Helped}
	other := []place.Class{place.Other}
	helped := []place.Class{place.Helped}
	return []programme.Milestone{
		{ID: "funds-in-october", What: programme.Funds, Classes: helped, Due: october, Near: 20, Lead: 40},
		{ID: "tasks-in-november", What: programme.Tasks, Classes: helped, Due: place.Date(2017, 11, 15), Near: 20, Lead: 40},
		{ID: "built-in-november", What: programme.Built, Classes: key, Due: november, Near: 30, Lead: 60},
		{ID: "networked-in-november", What: programme.Networked, Classes: key, Due: november, Near: 30, Lead: 75},
		{ID: "built-in-june", What: programme.Built, Classes: other, Due: june, Near: 45, Lead: 120},
		{ID: "networked-in-june", What: programme.Networked, Classes: other, Due: june, Near: 45, Lead: 90},
	}
}

// write puts the days in order and gives each act its instant.
func (g *generator) write(seed uint64, tree found) *Script {
	s := &Script{Seed: seed}
	for _, c := range g.counties {
		s.counties = append(s.counties, c.id)
	}
	var clock place.Clock
	var at time.Time
	say := func(a act) {
		s.Steps = append(s.Steps, Step{at, a})
		at = at.Add(time.Minute)
	}
	at = clock.Begin(place.Date(2017, 4, 5)).Add(9 * time.Hour)
	say(tree)
	at = clock.Begin(start).Add(8 * time.Hour)
	say(setUp{programme.Programme{Name: "“平安小区”创建", NameEN: "the Safe Compound programme", City: g.city, Start: start, Invented: place.County, Published: published}})
	for _, m := range milestones() {
		say(milestone{m})
	}
	say(units(g.units))
	say(outlined{})
	days := make([]place.Day, 0, len(g.days))
	for d := range g.days {
		days = append(days, d)
	}
	slices.Sort(days)
	for _, on := range days {
		d := g.days[on]
		at = clock.Begin(on).Add(9 * time.Hour)
		g.writeDay(on, d, say)
	}
	return s
}

func (g *generator) writeDay(on place.Day, d *day, say func(act)) {
	for _, x := range []struct {
		any bool
		act act
	}{
		{len(d.found) > 0, d.found},
		{len(d.areas) > 0, d.areas},
		{len(d.located) > 0, d.located},
		{len(d.enrol) > 0, d.enrol},
		{len(d.enter) > 0, d.enter},
		{len(d.count) > 0, d.count},
		{len(d.pair) > 0, d.pair},
		{len(d.money) > 0, d.money},
		{len(d.tasks) > 0, d.tasks},
		{len(d.finish) > 0, d.finish},
		{len(d.channels.list) > 0, d.channels},
		{len(d.net) > 0, d.net},
		{len(d.saw) > 0, saw{on, d.saw}},
	} {
		if x.any {
			say(x.act)
		}
	}
	for _, r := range d.returns {
		say(submit{r})
	}
	for _, r := range d.returns {
		say(approve{r})
	}
	for _, x := range d.office {
		say(x)
	}
}
