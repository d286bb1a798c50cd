package city

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"linli.dev/linli/people/place"
)

// The days that matter.
var (
	start     = place.Date(2017, time.April, 12)     // the programme is deployed
	published = place.Date(2017, time.September, 27) // the meeting whose figures were published
	november  = place.Date(2017, time.November, 30)
	june      = place.Date(2018, time.June, 30)
)

// How many compounds there are in each county on the published day, in the
// order of the divisions, the two zones last. Invented; their sum is not.
var inCounty = []int{520, 260, 210, 130, 140, 170, 150, 140, 140, 130, 90, 110, 70, 70, 36}

// pace is how fast a county is, 0 for the average.
var pace = []float64{0.16, 0.08, 0.03, -0.04, -0.10, 0.09, -0.12, 0.07, -0.08, 0.00, -0.03, 0.10, 0.12, 0.05, -0.15}

// later is how many compounds join after the published day.
const later = 34

// compound is one compound and its whole year. Days that never come are 0.
type compound struct {
	id     place.ID
	county int
	under  place.ID
	name   string
	class  place.Class
	weak   bool
	joins  place.Day
	marked place.Day // enters its class
	weakly place.Day // is found weak
	number int       // of channels

	listed     stamp // somebody has listed its channels, or its own machine has registered them
	built      stamp // what is listed counts from when the county's return was approved, where no machine says it
	byReturn   bool  // nobody lists its channels: the county's return says that it is built
	networked  stamp
	node       bool // its connection is seen, not said
	seenAlways bool
	pledge     int64 // in thousands of yuan
	received   int64 // of it, until the published day
}

// stamp is a day that something is about and the day on which it became known.
type stamp struct{ about, known place.Day }

// Live is the compound whose cameras the demo shows.
const Live = "金阳花园"

// The compounds of the exchange of experience in September 2017, in Lanshan.
// Only their names and places are real.
var visited = []struct{ name, community string }{
	{Live, "东苗庄社区"},
	{"银河湾3号院", "银河湾社区"},
	{"三孔桥小区", "煤山社区"},
	{"金雀新城小区", "金泰社区"},
}

var (
	firsts = []string{
		"安泰", "百合", "翠湖", "丰华", "福临", "光明", "海棠", "和谐", "红旗", "华苑", "惠民", "嘉和", "建安", "锦绣", "静雅", "康居",
		"兰亭", "乐居", "丽景", "龙泉", "明珠", "南湖", "平安", "青年", "荣盛", "瑞祥", "赛纳", "盛世", "水岸", "天泽", "桐林", "万和",
		"文苑", "吴桥", "祥和", "新华", "馨园", "阳光", "怡景", "银杏", "永安", "玉兰", "园丁", "长春", "正阳", "紫薇",
	}
	lasts = []string{"花园", "小区", "家园", "新村", "嘉园", "佳苑", "名苑", "馨苑", "公寓", "新城", "雅居", "华庭"}
)

// compounds makes them all: named ones first, then invented ones.
func (g *generator) compounds() {
	for n, v := range visited {
		under := g.named[v.community+"371302"]
		g.all = append(g.all, &compound{id: place.ID(g.id()), under: under, name: v.name, class: place.Demonstration, seenAlways: true, number: 32 + 8*(n%3)})
	}
	for c := range g.counties {
		names := g.names()
		for i := range inCounty[c] {
			if c == 0 && i < len(visited) {
				continue
			}
			g.invent(c, names[i])
		}
	}
	for i := range later {
		c := i % len(g.counties)
		x := g.invent(c, fmt.Sprintf("%s二期", g.names()[i]))
		x.joins = g.day(published+1, place.Date(2018, time.March, 20))
	}
	for _, x := range g.all {
		if x.joins == 0 {
			x.joins = g.spread(
				span{start + 1, place.Date(2017, 4, 30), 60},
				span{place.Date(2017, 5, 1), place.Date(2017, 5, 31), 22},
				span{place.Date(2017, 6, 1), place.Date(2017, 6, 30), 10},
				span{place.Date(2017, 7, 1), place.Date(2017, 8, 20), 8},
			)
		}
	}
	g.classes()
}

func (g *generator) invent(c int, name string) *compound {
	communities := g.counties[c].communities
	// A few communities in town have many compounds, most have few.
	at := int(float64(len(communities)) * g.rand.Float64() * g.rand.Float64())
	x := &compound{id: place.ID(g.id()), county: c, under: communities[at], name: name, class: place.Other, number: g.size()}
	g.all = append(g.all, x)
	return x
}

// names are all names there are, in an order of this county's own.
func (g *generator) names() []string {
	var out []string
	for _, f := range firsts {
		for _, l := range lasts {
			out = append(out, f+l)
		}
	}
	g.rand.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	return out
}

// size is a number of channels: many small compounds, few large ones.
func (g *generator) size() int { return min(64, 6+int(g.rand.ExpFloat64()*12)) }

// classes makes demonstration compounds and weak ones; which of the weak are
// helped on the published day is for exact.go.
func (g *generator) classes() {
	for _, x := range g.all {
		switch {
		case x.class == place.Demonstration:
		case x.joins > published:
		case g.rand.Float64() < 0.11:
			x.class = place.Demonstration
		case g.rand.Float64() < 0.285+pace[x.county]*-0.4:
			x.weak = true
		}
		if x.class == place.Demonstration {
			x.marked = min(x.joins+place.Day(7+g.rand.IntN(40)), place.Date(2017, 8, 31))
		}
		if x.weak {
			x.weakly = min(x.joins+place.Day(3+g.rand.IntN(25)), place.Date(2017, 8, 31))
		}
	}
}

// span is a stretch of days with its weight.
type span struct {
	from, to place.Day
	weight   int
}

// spread draws a day: first the stretch by its weight, then the day in it.
func (g *generator) spread(spans ...span) place.Day {
	sum := 0
	for _, s := range spans {
		sum += s.weight
	}
	n := g.rand.IntN(sum)
	for _, s := range spans {
		if n < s.weight {
			return g.day(s.from, s.to)
		}
		n -= s.weight
	}
	return 0
}

func (g *generator) day(from, to place.Day) place.Day {
	if to <= from {
		return from
	}
	return from + place.Day(g.rand.IntN(int(to-from)+1))
}

// best orders compounds by a drawn score and the given bias, and takes n.
func best(r *rand.Rand, list []*compound, n int, bias func(*compound) float64) map[*compound]bool {
	score := map[*compound]float64{}
	for _, x := range list {
		score[x] = r.Float64() + bias(x)
	}
	sorted := slices.Clone(list)
	slices.SortStableFunc(sorted, func(a, b *compound) int {
		switch {
		case score[a] > score[b]:
			return -1
		case score[a] < score[b]:
			return 1
		}
		return 0
	})
	out := map[*compound]bool{}
	for _, x := range sorted[:n] {
		out[x] = true
	}
	return out
}
