package city

import (
	"fmt"
	"time"

	"linli.dev/linli/demo/data"
	"linli.dev/linli/people/place"
)

// exact chooses what is reached on the published day so that each of the six
// figures comes out to the digit, and what comes later.
func (g *generator) exact() error {
	f, err := data.Figures()
	if err != nil {
		return err
	}
	var there []*compound
	for _, x := range g.all {
		if x.joins <= published {
			there = append(there, x)
		}
	}
	if len(there) != int(f["compounds_taking_part"]) {
		return fmt.Errorf("%d compounds take part, %d were published", len(there), f["compounds_taking_part"])
	}
	eager := func(x *compound) float64 {
		b := pace[x.county]
		switch {
		case x.seenAlways:
			b += 9
		case x.class == place.Demonstration:
			b += 0.25
		case x.weak:
			b -= 0.05
		}
		return b
	}
	built := best(g.rand, there, int(f["compounds_with_video_built"]), eager)
	var on []*compound
	for _, x := range there {
		if built[x] {
			on = append(on, x)
		}
	}
	networked := best(g.rand, on, int(f["compounds_networked"]), eager)
	for _, x := range g.all {
		x.node = x.seenAlways || g.rand.Float64() < 0.16
		x.byReturn = !x.node && g.rand.Float64() < 0.22
		g.build(x, built[x])
		x.approve(built[x])
		g.network(x, networked[x])
		g.early(x)
	}
	if err := g.channelsAddUp(networked, int(f["channels_networked"])); err != nil {
		return err
	}
	return g.moneyAddsUp(there, int(f["weak_compounds_helped"]), f["help_funds_in_place"])
}

// returned is the day on which the city approves the return that first can
// speak of a day: the 26th, for everything until the 25th.
func returned(about place.Day) place.Day {
	y, m, d := about.Date()
	if d <= 25 {
		return place.Date(y, m, 26)
	}
	return place.Date(y, m, 26).AddMonths(1)
}

// build draws when a compound's video is built: until the published day, or
// later and perhaps never.
func (g *generator) build(x *compound, inTime bool) {
	from := x.joins + 6
	if inTime {
		about := g.spread(
			span{start, place.Date(2017, 4, 30), 4}, span{place.Date(2017, 5, 1), place.Date(2017, 5, 31), 11},
			span{place.Date(2017, 6, 1), place.Date(2017, 6, 30), 15}, span{place.Date(2017, 7, 1), place.Date(2017, 7, 31), 15},
			span{place.Date(2017, 8, 1), place.Date(2017, 8, 31), 20}, span{place.Date(2017, 9, 1), published - 2, 35}, // the drive month
		)
		x.built = g.known(max(about, from), x.byReturn)
		if x.built.known > published {
			x.built = stamp{min(x.built.about, published-2), published}
			if x.byReturn {
				x.built.known = published - 1
			}
		}
		return
	}
	if g.rand.Float64() < 0.03 {
		return // never, as far as this story goes
	}
	var about place.Day
	if x.class == place.Demonstration || x.weak {
		about = g.spread(span{published + 1, place.Date(2017, 10, 31), 45}, span{place.Date(2017, 11, 1), november - 4, 50}, span{november + 1, place.Date(2018, 1, 31), 5})
	} else {
		about = g.spread(
			span{published + 1, place.Date(2017, 12, 31), 35}, span{place.Date(2018, 1, 1), place.Date(2018, 3, 31), 30},
			span{place.Date(2018, 4, 1), june - 6, 32}, span{june - 5, june, 3},
		)
	}
	if !x.byReturn && about < published+20 && from <= published && g.rand.Float64() < 0.2 { // built before the meeting, registered after it
		x.built = stamp{max(published-place.Day(g.rand.IntN(8)), from), published + place.Day(1+g.rand.IntN(6))}
		return
	}
	x.built = g.known(max(about, from, published+1), x.byReturn)
}

// approve has the county say of what a compound has listed itself that it is built: until a return that says so is approved, it is not.
func (x *compound) approve(inTime bool) {
	x.listed = x.built
	if x.built.about == 0 || x.node || x.byReturn {
		return
	}
	x.built.known = returned(x.built.about)
	switch {
	case inTime && x.built.known > published:
		x.built = stamp{min(x.built.about, published-2), published - 1}
		x.listed = stamp{min(x.listed.about, x.built.about), min(x.listed.known, x.built.known)}
	case !inTime && x.built.known <= published:
		x.built.known = returned(published + 1)
	}
}

// known draws when something became known that is about a day.
func (g *generator) known(about place.Day, byReturn bool) stamp {
	if byReturn {
		return stamp{about, returned(about)}
	}
	return stamp{about, about + place.Day(g.rand.IntN(3))}
}

// network draws when a compound's video is networked, after it is built.
func (g *generator) network(x *compound, inTime bool) {
	if x.built.about == 0 {
		return
	}
	from := x.built.about + 2
	var about place.Day
	switch {
	case inTime:
		about = g.spread(
			span{place.Date(2017, 5, 1), place.Date(2017, 5, 31), 8}, span{place.Date(2017, 6, 1), place.Date(2017, 6, 30), 15},
			span{place.Date(2017, 7, 1), place.Date(2017, 7, 31), 18}, span{place.Date(2017, 8, 1), place.Date(2017, 8, 31), 23},
			span{place.Date(2017, 9, 1), published - 2, 36},
		)
		about = min(max(about, from), published-2)
	case g.rand.Float64() < 0.03:
		return
	case x.class == place.Demonstration || x.weak:
		about = max(g.spread(span{published + 1, place.Date(2017, 10, 31), 40}, span{place.Date(2017, 11, 1), november - 6, 54}, span{november + 1, place.Date(2018, 2, 10), 6}), from)
	default:
		about = max(g.spread(span{published + 1, place.Date(2017, 12, 31), 30}, span{place.Date(2018, 1, 1), place.Date(2018, 3, 31), 30}, span{place.Date(2018, 4, 1), june - 6, 40}), from)
	}
	if !x.node {
		x.networked = g.known(about, true)
		if !inTime && x.networked.known <= published {
			x.networked = stamp{published + 1, returned(published + 1)}
		}
		return
	}
	// Nodes are plugged in on Mondays.
	monday := about - place.Day((int(about)+3)%7)
	if inTime {
		monday = min(max(monday, start), published-2)
	} else if monday <= published {
		monday += 7
	}
	x.networked = stamp{monday, monday}
}

// channelsAddUp sizes the networked compounds so that their channels are the
// published number.
func (g *generator) channelsAddUp(networked map[*compound]bool, want int) error {
	var list []*compound
	sum := 0
	for _, x := range g.all {
		if networked[x] {
			list = append(list, x)
			sum += x.number
		}
	}
	for sum != want {
		x := list[g.rand.IntN(len(list))]
		switch {
		case sum < want && x.number < 64:
			x.number++
			sum++
		case sum > want && x.number > 4:
			x.number--
			sum--
		case want > 64*len(list) || want < 4*len(list):
			return fmt.Errorf("%d channels do not fit into %d compounds", want, len(list))
		}
	}
	return nil
}

// moneyAddsUp chooses which weak compounds are helped on the published day, and
// how much of what their helpers pledged is there.
func (g *generator) moneyAddsUp(there []*compound, want int, fen int64) error {
	var weak []*compound
	for _, x := range there {
		if x.weak {
			weak = append(weak, x)
		}
	}
	if len(weak) < want {
		return fmt.Errorf("%d weak compounds, %d are helped", len(weak), want)
	}
	helped := best(g.rand, weak, want, func(x *compound) float64 { return pace[x.county] })
	var list []*compound
	total := fen / 100_000 // thousands of yuan
	var sum int64
	for _, x := range weak {
		if !helped[x] {
			continue
		}
		list = append(list, x)
		x.class = place.Helped
		x.marked = max(x.weakly+3, g.spread(
			span{place.Date(2017, 5, 5), place.Date(2017, 5, 31), 15}, span{place.Date(2017, 6, 1), place.Date(2017, 6, 30), 20},
			span{place.Date(2017, 7, 1), place.Date(2017, 8, 31), 30}, span{place.Date(2017, 9, 1), published - 4, 35}))
		x.pledge = int64(5 + g.rand.IntN(13))
		switch n := g.rand.IntN(10); {
		case n < 6:
			x.received = x.pledge
		case n < 8:
			x.received = x.pledge / 2
		}
		sum += x.received
	}
	for turns := 0; sum != total; turns++ {
		x := list[g.rand.IntN(len(list))]
		switch {
		case sum < total && x.received < x.pledge:
			x.received++
			sum++
		case sum > total && x.received > 0:
			x.received--
			sum--
		case turns > 1_000_000:
			return fmt.Errorf("%d of the %d thousand yuan that were published", sum, total)
		}
	}
	return nil
}

var october = place.Date(2017, time.October, 31)
