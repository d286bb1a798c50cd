package programme

import (
	"encoding/json"
	"maps"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"linli.dev/linli/people/place"
)

// The names are those by which the city's page knows the figures, one for each.
func TestFiguresHaveTheirNames(t *testing.T) {
	var tally Tally
	for i := range tally {
		tally[i] = int64(i) + 1
	}
	b, err := json.Marshal(tally.Numbers())
	if err != nil {
		t.Fatal(err)
	}
	named := map[string]int64{}
	if err := json.Unmarshal(b, &named); err != nil {
		t.Fatal(err)
	}
	for f, name := range figureNames {
		if name == "" && Figure(f) == WeakCompounds {
			continue
		}
		if named[name] != int64(f)+1 {
			t.Errorf("%q is %d, want %d", name, named[name], f+1)
		}
		delete(named, name)
	}
	if len(named) > 0 {
		t.Errorf("without a name: %v", slices.Collect(maps.Keys(named)))
	}
}

// What the compounds change adds up to what the city and each county changed, whatever was said late or corrected.
func TestWhatMovedIsWhatChanged(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := NewBook(clock, drawRules(t), drawFacts(t))
		from := first + place.Day(rapid.IntRange(0, 12).Draw(t, "from"))
		to := from + place.Day(rapid.IntRange(1, 13).Draw(t, "days"))
		for _, county := range []place.ID{"", "lanshan", "luozhuang"} {
			q := clock.AtClose(to)
			q.Known = q.Known.Add(time.Duration(rapid.SampledFrom([]int{0, 0, 36, 240}).Draw(t, "later")) * time.Hour) // a paper may know more than its day did
			list, sum := b.Move(clock.AtClose(from), q, county)
			before, after := b.Counties(clock.AtClose(from))[county], b.Counties(q)[county]
			if county == "" {
				before, after = b.City(clock.AtClose(from)), b.City(q)
			}
			if want := differ(&before, &after); !slices.Equal(sum, want) {
				t.Errorf("%q: %v, want %v", county, sum, want)
			}
			total := map[string]int64{}
			for _, m := range list {
				for _, f := range m.Figures {
					total[f.Figure] += f.After - f.Before
				}
				for _, e := range m.Evidence {
					if seen := clock.AtClose(from).Sees(e.Moment); seen || !q.Sees(e.Moment) {
						t.Errorf("%s: evidence %v of another time", m.Compound, e)
					}
				}
			}
			for _, f := range sum {
				if total[f.Figure] != f.After-f.Before {
					t.Errorf("%q: the compounds change %s by %d, the sum by %d", county, f.Figure, total[f.Figure], f.After-f.Before)
				}
				delete(total, f.Figure)
			}
			for name, n := range total {
				if n != 0 {
					t.Errorf("%q: the compounds change %s by %d, the sum does not", county, name, n)
				}
			}
		}
	})
}

func TestWhyANumberChanged(t *testing.T) {
	b := NewBook(clock, mission, append([]Fact(nil), year...))
	ask := func(from, to string) ([]Moved, []FigureMove) {
		return b.Move(clock.AtClose(day(from)), clock.AtClose(day(to)), "")
	}
	// On the sixteenth a registration of the tenth became known, and the compound is built.
	list, _ := ask("2017-10-15", "2017-10-16")
	if len(list) != 1 || len(list[0].Evidence) != 2 || list[0].Evidence[0].Kind != ChannelsInstalled || list[0].Evidence[1].Kind != InstalledSeen || list[0].Evidence[0].About != day("2017-10-10") {
		t.Fatalf("%+v", list)
	}
	if !slices.Contains(list[0].Figures, FigureMove{Figure: "built", After: 1}) {
		t.Error(list[0].Figures)
	}
	if l := list[0].Lights; len(l) != 2 || l[0].What != Built || l[0].After != Green || l[1].What != Networked || l[1].Before != Yellow {
		t.Errorf("%+v", l)
	}
	// In the night after the last day the money is overdue: nothing was said, time went by.
	list, sum := ask("2017-10-31", "2017-11-01")
	if len(list) != 1 || len(list[0].Evidence) != 0 || !slices.Contains(sum, FigureMove{Figure: "overdue", After: 1}) {
		t.Errorf("%+v %+v", list, sum)
	}
	if list, sum := ask("2017-08-01", "2017-08-02"); len(list) != 0 || len(sum) != 0 {
		t.Errorf("%+v %+v", list, sum)
	}
}
