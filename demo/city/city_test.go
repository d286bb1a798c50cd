package city

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"linli.dev/linli/demo/data"
	"linli.dev/linli/people/pairing"
	"linli.dev/linli/people/place"
	"linli.dev/linli/people/programme"
)

// The story is made and told once: with the race detector that takes seconds.
var (
	madeOnce = sync.OnceValues(func() (*Script, error) { return New(Seed) })
	toldOnce = sync.OnceValue(func() *programme.Book {
		s, err := madeOnce()
		if err != nil {
			panic(err)
		}
		b, _, _ := s.Tell(Last)
		return b
	})
)

func script(t testing.TB) *Script {
	t.Helper()
	s, err := madeOnce()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// The first acceptance test: the demo city adds up to the published figures, to the digit.
func TestThePublishedFigures(t *testing.T) {
	want, err := data.Figures()
	if err != nil {
		t.Fatal(err)
	}
	var clock place.Clock
	type asked struct {
		seed  uint64
		until place.Day
	}
	// On the day itself, and asked much later about the day; and so in cities of other seeds.
	for _, x := range []asked{{Seed, published}, {Seed, Last}, {1, published}, {2, published}, {3, published}, {4, published}} {
		s := script(t)
		if x.seed != Seed {
			if s, err = New(x.seed); err != nil {
				t.Fatal(err)
			}
		}
		until := x.until
		b, _, _ := s.Tell(until)
		city := b.City(clock.AtClose(published))
		for name, got := range map[string]int64{
			"compounds_taking_part":      city[programme.Compounds],
			"compounds_with_video_built": city[programme.BuiltCompounds],
			"compounds_networked":        city[programme.NetworkedCompound],
			"channels_networked":         city[programme.Channels],
			"weak_compounds_helped":      city[programme.Paired],
			"help_funds_in_place":        city[programme.FundsReceived],
		} {
			if got != want[name] {
				t.Errorf("seed %d told until %s: %s is %d, %d was published", x.seed, until, name, got, want[name])
			}
		}
		var compounds programme.Tally
		b.Each(clock.AtClose(published), func(s *programme.State) {
			one := s.Count()
			compounds.Add(&one)
		})
		if compounds != city {
			t.Errorf("seed %d: city %v, compounds %v", x.seed, city, compounds)
		}
	}
}

// City = Σ counties = Σ compounds, for every figure, through the whole story.
func TestTheCityAddsUp(t *testing.T) {
	b := toldOnce()
	var clock place.Clock
	for d := start - 3; d <= Last; d++ {
		q := clock.AtClose(d)
		var compounds programme.Tally
		b.Each(q, func(s *programme.State) {
			one := s.Count()
			compounds.Add(&one)
		})
		var counties programme.Tally
		for _, c := range b.Counties(q) {
			counties.Add(&c)
		}
		if city := b.City(q); city != counties || city != compounds {
			t.Fatalf("%s: city %v, counties %v, compounds %v", d, city, counties, compounds)
		}
	}
}

// What only ever grows in the story grows, the drive month shows, and the end is near the goal.
func TestTrendsHaveAShape(t *testing.T) {
	b := toldOnce()
	var days []place.Day
	for d := start - 1; d <= Last; d++ {
		days = append(days, d)
	}
	trend := b.Trend(days)
	grows := []programme.Figure{programme.Compounds, programme.BuiltCompounds, programme.NetworkedCompound, programme.Channels, programme.Paired, programme.FundsReceived}
	for i := 1; i < len(trend); i++ {
		for _, f := range grows {
			if trend[i][f] < trend[i-1][f] {
				t.Errorf("%s: figure %d fell from %d to %d", days[i], f, trend[i-1][f], trend[i][f])
			}
		}
	}
	at := func(y int, m time.Month, d int, f programme.Figure) int64 {
		return trend[place.Date(y, m, d)-days[0]][f]
	}
	for _, f := range []programme.Figure{programme.BuiltCompounds, programme.NetworkedCompound, programme.Channels} {
		july := at(2017, 7, 27, f) - at(2017, 6, 27, f)
		drive := at(2017, 9, 27, f) - at(2017, 8, 27, f)
		if drive < 2*july {
			t.Errorf("figure %d: %d in the drive month, %d in July", f, drive, july)
		}
	}
	if n := trend[0][programme.Compounds]; n != 0 {
		t.Errorf("%d compounds before it began", n)
	}
	end := trend[len(trend)-1]
	if end[programme.BuiltCompounds]*100 < end[programme.Compounds]*90 || end[programme.NetworkedCompound]*100 < end[programme.Compounds]*85 {
		t.Errorf("at the end %d of %d are built, %d networked", end[programme.BuiltCompounds], end[programme.Compounds], end[programme.NetworkedCompound])
	}
	// Somebody is late, or the red light would never be seen.
	if after := at(2017, 12, 5, programme.Overdue); after == 0 || at(2017, 9, 27, programme.Overdue) != 0 {
		t.Errorf("%d overdue on 2017-12-05, %d on 2017-09-27", after, at(2017, 9, 27, programme.Overdue))
	}
}

// Told until a day, the book says of that day and all before what it says when it is told everything.
func TestTheStoryDoesNotRewriteItself(t *testing.T) {
	s := script(t)
	var clock place.Clock
	all := toldOnce()
	for _, until := range []place.Day{start, place.Date(2017, 7, 1), published, november, place.Date(2018, 3, 1)} {
		then, _, _ := s.Tell(until)
		for d := start; d <= until; d += 12 {
			if a, b := then.Counties(clock.AtClose(d)), all.Counties(clock.AtClose(d)); fmt.Sprint(a) != fmt.Sprint(b) {
				t.Fatalf("told until %s, of %s: %v; told everything: %v", until, d, a, b)
			}
		}
	}
}

// Nobody speaks of a compound before it is there: the register refuses that, and with it the rest of the story.
func TestACompoundIsThereBeforeAnythingIsSaidOfIt(t *testing.T) {
	for _, seed := range []uint64{Seed, 1, 2, 3} {
		s, err := New(seed)
		if err != nil {
			t.Fatal(err)
		}
		there := map[place.ID]bool{}
		said := 0
		of := func(st Step, id place.ID) {
			if said++; !there[id] {
				t.Fatalf("seed %d, %s: %T of %s, which is not there yet", seed, st.At, st.act, id)
			}
		}
		for _, st := range s.Steps {
			switch a := st.act.(type) {
			case found:
				for _, p := range a {
					there[p.ID] = true
				}
			case enrol:
				for _, e := range a {
					of(st, e.Compound)
				}
			case enter:
				for _, e := range a {
					of(st, e.Compound)
				}
			case count:
				for _, c := range a {
					of(st, c.Compound)
				}
			case channels:
				for _, c := range a.list {
					of(st, c.Compound)
				}
			}
		}
		if said < 30_000 {
			t.Errorf("seed %d: only %d things are said: the search is broken", seed, said)
		}
	}
}

// Of the money that is in place on the published day some is spent, never more than is there, and most of that is public.
func TestWhatHelpMoneyBecame(t *testing.T) {
	m := script(t).tell(published)
	var clock place.Clock
	by := map[pairing.ID][]pairing.Entry{}
	for _, e := range m.money {
		by[e.Pairing] = append(by[e.Pairing], e)
	}
	var all pairing.Sums
	overdue := 0
	for d := start; d <= published; d += 7 {
		all, overdue = pairing.Sums{}, 0
		for id, list := range by {
			s := pairing.Sum(clock.AtClose(d), list)
			if s.Spent > s.Received || s.Disclosed > s.Spent {
				t.Fatalf("%s, %s: %+v", d, id, s)
			}
			all.Received, all.Spent, all.Disclosed = all.Received+s.Received, all.Spent+s.Spent, all.Disclosed+s.Disclosed
			if s.Overdue > 0 {
				overdue++
			}
		}
	}
	for _, e := range m.money {
		if e.Kind == pairing.Spend && !strings.Contains(e.Note, "演示") {
			t.Errorf("%s is not marked as invented", e.Note)
		}
	}
	t.Logf("in place %s, spent %s, disclosed %s; %d pairings overdue", pairing.Yuan(all.Received), pairing.Yuan(all.Spent), pairing.Yuan(all.Disclosed), overdue)
	if all.Spent*100 < all.Received*25 || all.Disclosed*100 < all.Spent*40 || overdue == 0 {
		t.Error("the story of the money has no shape")
	}
}

func TestTheSameSeedIsTheSameCity(t *testing.T) {
	a := script(t)
	b, err := New(Seed)
	if err != nil {
		t.Fatal(err)
	}
	if len(a.Steps) != len(b.Steps) {
		t.Fatal(len(a.Steps), len(b.Steps))
	}
	for i := range a.Steps {
		if fmt.Sprint(a.Steps[i]) != fmt.Sprint(b.Steps[i]) {
			t.Fatalf("step %d differs", i)
		}
	}
	for i := 1; i < len(a.Steps); i++ {
		if !a.Steps[i].At.After(a.Steps[i-1].At) {
			t.Fatalf("step %d is not after the one before", i)
		}
	}
	// Another seed is another city, and adds up as well.
	s, err := New(1)
	if err != nil {
		t.Fatal(err)
	}
	x, _, _ := s.Tell(published)
	y, _, _ := a.Tell(published)
	var clock place.Clock
	if cx, cy := x.City(clock.AtClose(published)), y.City(clock.AtClose(published)); cx[programme.Channels] != cy[programme.Channels] || cx == cy {
		t.Error(cx, cy)
	}
}

func TestTheVisitedCompoundsAreWhereTheyWere(t *testing.T) {
	b, tree, _ := script(t).Tell(published)
	var clock place.Clock
	q := clock.AtClose(published)
	found := map[string]string{}
	for _, v := range tree.Of(q, place.Compound) {
		for _, x := range visited {
			if v.Name == x.name {
				path := tree.Path(q, v.Place)
				found[v.Name] = path[1].Name + path[3].Name
				s, _ := b.Compound(q, v.Place)
				if s.Class != place.Demonstration || !s.Networked.Done || s.Networked.Basis != programme.ByEvidence {
					t.Errorf("%s: %+v", v.Name, s)
				}
			}
		}
	}
	for name, want := range map[string]string{
		"金阳花园": "兰山区东苗庄社区", "银河湾3号院": "兰山区银河湾社区", "三孔桥小区": "兰山区煤山社区", "金雀新城小区": "兰山区金泰社区",
	} {
		if found[name] != want {
			t.Errorf("%s is in %q", name, found[name])
		}
	}
	// 15 counties, 156 streets and towns, 4,186 communities; every compound has its path.
	for level, want := range map[place.Level]int{place.City: 1, place.County: 15, place.Street: 156, place.Community: 4186, place.Compound: 2366, place.Building: 24} {
		if got := len(tree.Of(q, level)); got != want {
			t.Errorf("%d of the level %s, want %d", got, level, want)
		}
	}
}
