package place

import (
	"cmp"
	"slices"
	"strconv"
)

// Protection is one of the three kinds of it.
type Protection string

// People 人防, physical 物防, technical 技防.
const (
	People    Protection = "people"
	Physical  Protection = "physical"
	Technical Protection = "technical"
)

// Sort is what sort of asset it is. People are numbers only: nobody is named.
type Sort string

// sorts is the closed list, in the order of reports.
var sorts = []struct {
	sort Sort
	kind Protection
}{
	{"guard", People},
	{"volunteer", People},
	{"fence", Physical},
	{"gate", Physical},
	{"door", Physical},
	{"light", Physical},
	{"fire-lane", Physical},
	{"camera", Technical},
	{"alarm", Technical},
	{"intercom", Technical},
	{"access-control", Technical},
}

// Sorts lists the sorts of asset.
func Sorts() []Sort {
	out := make([]Sort, len(sorts))
	for i, s := range sorts {
		out[i] = s.sort
	}
	return out
}

// Kind is the kind of protection that a sort belongs to; "" for no sort.
func (s Sort) Kind() Protection {
	for _, x := range sorts {
		if x.sort == s {
			return x.kind
		}
	}
	return ""
}

// Condition is the state that an asset was last found in.
type Condition string

// The conditions. People have none.
const (
	Good   Condition = "good"
	Worn   Condition = "worn"
	Broken Condition = "broken"
)

// Count says how many of a sort a compound, or one building of it, has.
type Count struct {
	Compound ID   `json:"compound"`
	Building ID   `json:"building,omitempty" doc:"Left out: the compound as a whole"`
	Sort     Sort `json:"sort"`
	Moment
	Number    int       `json:"number" minimum:"0" maximum:"100000"`
	Condition Condition `json:"condition,omitempty" enum:"good,worn,broken"`
	Checked   Day       `json:"checked,omitempty" doc:"Last check"`
	By        string    `json:"by"`
}

const maxNumber = 100_000

// Unsaid as a number takes back what was counted from a day on: from then on
// nothing is said of the sort. Only an import that is undone says it.
const Unsaid = -1

func (c *Count) check() (p Problems) {
	kind := c.Sort.Kind()
	switch {
	case kind == "":
		p.Add("sort", "place.field.sort", "is", clip(string(c.Sort)))
	case kind == People && (c.Condition != "" || c.Building != ""):
		p.Add("condition", "place.asset.people-are-numbers")
	case kind != People && !slices.Contains([]Condition{"", Good, Worn, Broken}, c.Condition):
		p.Add("condition", "place.field.condition", "is", clip(string(c.Condition)))
	}
	if c.Number < Unsaid || c.Number > maxNumber {
		p.Add("number", "place.field.number", "most", maxNumber)
	}
	if c.About == 0 {
		p.Add("from", "place.field.required")
	}
	if c.Checked > c.About {
		p.Add("checked", "place.asset.checked-later")
	}
	return p
}

// turns says what of a sort a count changes.
func (c *Count) turns(was Count) []Turn {
	number := func(n int) string {
		if n == Unsaid {
			return ""
		}
		return strconv.Itoa(n)
	}
	day := func(d Day) string {
		if d == 0 {
			return ""
		}
		return d.String()
	}
	out := []Turn{{"sort." + string(c.Sort), number(was.Number), number(c.Number)}}
	for _, t := range []Turn{{"condition", string(was.Condition), string(c.Condition)}, {"checked", day(was.Checked), day(c.Checked)}} {
		if t.Was != t.Is {
			out = append(out, t)
		}
	}
	return out
}

// Asset is what there is of a sort on a day, and how much more than before.
type Asset struct {
	Kind      Protection `json:"kind"`
	Sort      Sort       `json:"sort"`
	Building  ID         `json:"building,omitempty"`
	Number    int        `json:"number"`
	Few       bool       `json:"few,omitempty" doc:"There are 1 to 9: so few volunteers are told to the compound itself only, and the number is given as 0"`
	Increase  int        `json:"increase" doc:"Against the day compared with; 0 where it would tell of fewer than 10 volunteers"`
	Condition Condition  `json:"condition,omitempty"`
	Checked   Day        `json:"checked,omitempty"`
	Listed    bool       `json:"listed,omitempty" doc:"Of cameras: the number is that of the channels that are listed, and is not typed"`

	was int // on the day compared with
}

// Assets are the counts that hold, with their increase since another day: both
// as they were known at q's instant.
func Assets(q AsOf, since Day, counts []Count) []Asset {
	type key struct {
		building ID
		sort     Sort
	}
	by := map[key][]Count{}
	for _, c := range counts {
		k := key{c.Building, c.Sort}
		by[k] = append(by[k], c)
	}
	at := func(c *Count) Moment { return c.Moment }
	var out []Asset
	for k, list := range by {
		i := Picks(q, list, at)
		if i < 0 || list[i].Number == Unsaid {
			continue
		}
		a := Asset{
			Kind: k.sort.Kind(), Sort: k.sort, Building: k.building, Number: list[i].Number, Increase: list[i].Number,
			Condition: list[i].Condition, Checked: list[i].Checked,
		}
		if j := Picks(AsOf{since, q.Known}, list, at); j >= 0 && list[j].Number != Unsaid {
			a.was = list[j].Number
			a.Increase -= a.was
		}
		out = append(out, a)
	}
	order := Sorts()
	slices.SortFunc(out, func(a, b Asset) int {
		return cmp.Or(cmp.Compare(slices.Index(order, a.Sort), slices.Index(order, b.Sort)), cmp.Compare(a.Building, b.Building))
	})
	return out
}
