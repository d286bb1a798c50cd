package place

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"linli.dev/linli/fault"
	"linli.dev/linli/store"
)

// Record is what an office says of a compound on one line of its list.
type Record struct {
	Name, Code string
	Parent     ID
	Class      Class
	Weak       bool
	Point      LonLat
	Numbers    map[Sort]int // of the compound as a whole; a sort of which nothing is said is left out
}

// RecordAt is the record that holds for a question; the zero Record when the
// compound is not there then.
func RecordAt(q AsOf, versions []Version, entries []Entry, counts []Count, points []Point) Record {
	i := Picks(q, versions, (*Version).moment)
	if i < 0 || !versions[i].Open {
		return Record{}
	}
	v := versions[i]
	r := Record{Name: v.Name, Code: v.Code, Parent: v.Parent, Class: ClassOf(q, entries), Weak: Marked(q, entries, MarkWeak), Point: PointAt(q, points), Numbers: map[Sort]int{}}
	for _, a := range Assets(q, q.Day, counts) {
		if a.Building == "" {
			r.Numbers[a.Sort] = a.Number
		}
	}
	return r
}

// RecordEdit is what a caller says of a compound from a day on; nil leaves a
// field alone.
type RecordEdit struct {
	From     Day          `json:"from"`
	Name     *string      `json:"name,omitempty"`
	Code     *string      `json:"code,omitempty"`
	Parent   *ID          `json:"parent,omitempty" doc:"The community that it belongs to"`
	Class    *Class       `json:"class,omitempty" enum:"demonstration,helped,other"`
	Weak     *bool        `json:"weak,omitempty"`
	Point    *LonLat      `json:"point,omitempty" doc:"Where it lies, in WGS-84; 0, 0 when that is not known"`
	Criteria string       `json:"criteria,omitempty" doc:"Needed to enter a class, or the list of weak ones"`
	Evidence string       `json:"evidence,omitempty" doc:"Needed likewise"`
	Numbers  map[Sort]int `json:"numbers,omitempty" doc:"How many there are of a sort of protection"`
	Note     string       `json:"note,omitempty"`
}

// Entering lists what a compound must enter and leave so that its class and its
// weakness are as wished on a day. Helped is for weak ones, so it enters weak
// with it unless that is said to be wrong.
func Entering(q AsOf, compound ID, before []Entry, class *Class, weak *bool, criteria, evidence string) []Entry {
	is := map[Mark]bool{}
	for _, m := range Marks {
		is[m] = Marked(q, before, m)
	}
	want := map[Mark]bool{MarkDemonstration: is[MarkDemonstration], MarkHelped: is[MarkHelped], MarkWeak: is[MarkWeak]}
	if class != nil {
		want[MarkDemonstration], want[MarkHelped] = *class == Demonstration, *class == Helped
		want[MarkWeak] = want[MarkWeak] || want[MarkHelped]
	}
	if weak != nil {
		want[MarkWeak] = *weak
	}
	var out []Entry
	say := func(m Mark, in bool) {
		if want[m] == in && is[m] != in {
			out = append(out, Entry{Compound: compound, Mark: m, In: in, Moment: Moment{About: q.Day}, Criteria: criteria, Evidence: evidence})
		}
	}
	// One class is left before another is entered, and helped stands within weak.
	say(MarkHelped, false)
	say(MarkDemonstration, false)
	say(MarkWeak, true)
	say(MarkHelped, true)
	say(MarkDemonstration, true)
	say(MarkWeak, false)
	return out
}

// EntryProblems says what is wrong with entries of one compound, one after the
// other.
func EntryProblems(known time.Time, before, list []Entry) (p Problems) {
	had := slices.Clone(before)
	for _, e := range list {
		e.Known = known
		e.Criteria, e.Evidence = Tidy(e.Criteria), Tidy(e.Evidence)
		p = append(p, e.check(AsOf{e.About, known}, had)...)
		had = append(had, e)
	}
	return p
}

// Recounting lists the counts that change numbers to the wished ones; condition
// and last check stay what they were.
func Recounting(q AsOf, compound ID, before []Count, numbers map[Sort]int) []Count {
	return RecountingIn(q, compound, "", before, numbers)
}

// RecountingIn is Recounting for a building of a compound; "": for the compound as a whole.
func RecountingIn(q AsOf, compound, building ID, before []Count, numbers map[Sort]int) []Count {
	var out []Count
	for _, sort := range Sorts() {
		n, ok := numbers[sort]
		if !ok {
			continue
		}
		mine := OfSortIn(before, building, sort)
		if n == Unsaid && len(mine) == 0 {
			continue
		}
		c := Count{Compound: compound, Building: building, Sort: sort, Moment: Moment{About: q.Day}, Number: n}
		if i := Picks(q, mine, (*Count).moment); i >= 0 {
			if mine[i].Number == n {
				continue
			}
			if n == Unsaid {
				out = append(out, c)
				continue
			}
			c.Condition, c.Checked = mine[i].Condition, mine[i].Checked
		}
		out = append(out, c)
	}
	return out
}

func (c *Count) moment() Moment { return c.Moment }

// OfSort are the counts of one sort of a compound as a whole.
func OfSort(list []Count, sort Sort) []Count { return OfSortIn(list, "", sort) }

// OfSortIn are the counts of one sort of a building; "": of the compound as a whole.
func OfSortIn(list []Count, building ID, sort Sort) []Count {
	var out []Count
	for _, c := range list {
		if c.Building == building && c.Sort == sort {
			out = append(out, c)
		}
	}
	return out
}

// RecordTag is what a caller has seen of a compound: the version of the place,
// and the last instant at which anything of its record became known. As nothing
// is overwritten, the server can say later what the caller saw.
type RecordTag struct {
	Version int64
	Known   time.Time
}

// String is the ETag.
func (t RecordTag) String() string {
	if t.Known.IsZero() {
		return ETag(t.Version)
	}
	return `"` + strconv.FormatInt(t.Version, 10) + "." + strconv.FormatInt(store.Micros(t.Known), 10) + `"`
}

func recordTag(versions []Version, entries []Entry, counts []Count, points []Point) (t RecordTag) {
	later := func(known time.Time) {
		if known.After(t.Known) {
			t.Known = known
		}
	}
	for _, v := range versions {
		t.Version = max(t.Version, v.Number)
		later(v.Known)
	}
	for _, e := range entries {
		later(e.Known)
		if e.Void != nil {
			later(*e.Void)
		}
	}
	for _, c := range counts {
		later(c.Known)
	}
	for _, p := range points {
		later(p.Known)
	}
	return t
}

// SeenRecord is the record that the caller saw; Known is zero when only a
// version was said.
func (v Versioned) SeenRecord() (t RecordTag, err error) {
	if t.Version, err = v.Seen(); err != nil || t.Version == 0 {
		return t, err
	}
	if _, known, ok := strings.Cut(strings.Trim(strings.TrimPrefix(strings.TrimSpace(v.IfMatch), "W/"), `"`), "."); ok {
		us, err := strconv.ParseInt(known, 10, 64)
		if err != nil || us < 1 {
			return t, fault.New(fault.Invalid, "place.version", "place.version-needed")
		}
		t.Known = store.Time(us)
	}
	return t, nil
}

// Difference is one field of a record that is not what somebody saw.
type Difference struct {
	Field   string
	Was, Is any
}

// Differences lists in what a record differs from another.
func (r Record) Differences(was Record) (out []Difference) {
	add := func(field string, a, b any) {
		if a != b {
			out = append(out, Difference{field, a, b})
		}
	}
	add("name", was.Name, r.Name)
	add("code", was.Code, r.Code)
	add("parent", was.Parent, r.Parent)
	add("class", was.Class, r.Class)
	add("weak", was.Weak, r.Weak)
	add("point", was.Point.String(), r.Point.String())
	number := func(n map[Sort]int, s Sort) int {
		if x, ok := n[s]; ok {
			return x
		}
		return Unsaid
	}
	for _, s := range Sorts() {
		add("numbers."+string(s), number(was.Numbers, s), number(r.Numbers, s))
	}
	return out
}

// lastSaid is who said the latest of a compound's record.
func lastSaid(versions []Version, entries []Entry, counts []Count, points []Point) string {
	type saying struct {
		known time.Time
		by    string
	}
	var all []saying
	for _, v := range versions {
		all = append(all, saying{v.Known, v.By})
	}
	for _, e := range entries {
		all = append(all, saying{e.Known, e.By})
		if e.Void != nil {
			all = append(all, saying{*e.Void, e.VoidBy})
		}
	}
	for _, c := range counts {
		all = append(all, saying{c.Known, c.By})
	}
	for _, p := range points {
		all = append(all, saying{p.Known, p.By})
	}
	if len(all) == 0 {
		return ""
	}
	return slices.MaxFunc(all, func(a, b saying) int { return cmp.Compare(a.known.UnixMicro(), b.known.UnixMicro()) }).by
}
