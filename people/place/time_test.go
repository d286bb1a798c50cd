package place

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestDay(t *testing.T) {
	d := Date(2017, time.September, 27)
	if d.String() != "2017-09-27" || Day(0).String() != "" {
		t.Error(d)
	}
	raw, _ := json.Marshal(map[string]Day{"d": d, "none": 0})
	if string(raw) != `{"d":"2017-09-27","none":""}` {
		t.Errorf("%s", raw)
	}
	var back map[string]Day
	if err := json.Unmarshal(raw, &back); err != nil || back["d"] != d || back["none"] != 0 {
		t.Error(back, err)
	}
	for _, bad := range []string{"2017-9-27", "27.9.2017", "2017-02-30", "1970-01-01", "9999-01-01", "x"} {
		if _, err := ParseDay(bad); err == nil {
			t.Errorf("%q is a day", bad)
		}
	}
	for from, want := range map[Day]Day{
		Date(2017, 8, 31): Date(2017, 9, 30), Date(2018, 1, 31): Date(2018, 2, 28), Date(2017, 12, 27): Date(2018, 1, 27),
	} {
		if got := from.AddMonths(1); got != want {
			t.Errorf("a month after %s is %s", from, got)
		}
	}
}

func TestClockKnowsWhatBelongsToADay(t *testing.T) {
	var c Clock
	d := Date(2017, 9, 27)
	late := time.Date(2017, 9, 27, 15, 59, 59, 999999000, time.UTC) // one microsecond before midnight in Linyi
	if c.DayOf(late) != d || c.DayOf(late.Add(time.Microsecond)) != d+1 || !c.Close(d).Equal(late) {
		t.Error(c.DayOf(late), c.Close(d))
	}
	if q := c.AtClose(d); !q.Sees(Moment{d, late}) || q.Sees(Moment{d, late.Add(time.Microsecond)}) || q.Sees(Moment{d + 1, late}) {
		t.Error("what is known at the close of a day")
	}
}

// The sum of what Grow says is what counting each channel says: for every day and
// every instant, however late or out of order things became known.
func TestGrowthSumsToTheCount(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var steps []ChannelStep
		for i := range rapid.IntRange(0, 12).Draw(t, "steps") {
			steps = append(steps, ChannelStep{
				Channel:  ChannelID(rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "channel")),
				Compound: "x",
				State:    rapid.SampledFrom([]ChannelState{Installed, Networked, Removed}).Draw(t, "state"),
				Moment:   Moment{Day(rapid.IntRange(100, 110).Draw(t, "about")), time.UnixMicro(int64(1000 + i/2)).UTC()},
				By:       rapid.SampledFrom([]string{"li", Register}).Draw(t, "by"),
			})
		}
		// Two sayings about the same channel and day in one transaction are refused by the table's key.
		seen := map[any]bool{}
		kept := steps[:0]
		for _, s := range steps {
			k := [3]any{s.Channel, s.About, s.Known}
			if !seen[k] {
				seen[k] = true
				kept = append(kept, s)
			}
		}
		growth := Grow(kept)
		for day := Day(99); day <= 111; day++ {
			for k := int64(999); k <= 1007; k++ {
				q := AsOf{day, time.UnixMicro(k)}
				var sum Tally
				for _, g := range growth {
					if q.Sees(g.Moment) {
						sum = sum.plus(g.Tally)
					}
				}
				if want := Channels(q, kept); sum != want {
					t.Fatalf("on %d known at %d: %+v by sums, %+v by counting; %+v", day, k, sum, want, growth)
				}
			}
		}
	})
}

// Counties answers like walking up the tree, whatever moved, merged, ended or was corrected.
func TestCountiesIsThePath(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var all []Version
		number := map[ID]int64{}
		say := func(id ID, level Level, parent ID, open bool, about Day, known int64) {
			number[id]++
			all = append(all, Version{Place: id, Level: level, Number: number[id], Moment: Moment{about, time.UnixMicro(known).UTC()}, Parent: parent, Open: open})
		}
		say("city", City, "", true, 1, 1)
		say("c1", County, "city", true, 1, 1)
		say("c2", County, "city", true, 1, 1)
		say("s1", Street, "c1", true, 1, 1)
		say("s2", Street, "c2", true, 1, 1)
		say("m1", Community, "s1", true, 1, 1)
		say("m2", Community, "s2", true, 1, 1)
		say("x", Compound, "m1", true, 3, 2)
		say("y", Compound, "m2", true, 1, 2)
		for i := range rapid.IntRange(0, 6).Draw(t, "changes") {
			about, known := Day(rapid.IntRange(1, 9).Draw(t, "about")), int64(3+i)
			open := rapid.IntRange(0, 4).Draw(t, "open") > 0
			switch rapid.IntRange(0, 4).Draw(t, "what") {
			case 3:
				say("x", Compound, "m1", false, about, known)
				all[len(all)-1].Why, all[len(all)-1].Other = Merged, "y"
			case 4:
				say("y", Compound, rapid.SampledFrom([]ID{"m1", "m2"}).Draw(t, "to"), true, about, known)
			case 0:
				say("x", Compound, rapid.SampledFrom([]ID{"m1", "m2"}).Draw(t, "to"), open, about, known)
			case 1:
				say("m1", Community, rapid.SampledFrom([]ID{"s1", "s2"}).Draw(t, "to"), open, about, known)
			case 2:
				say("s2", Street, rapid.SampledFrom([]ID{"c1", "c2"}).Draw(t, "to"), open, about, known)
			}
		}
		tree := NewTree(all)
		said := tree.Counties("x")
		// Grown version by version it is the same tree, and no tree of before has changed.
		cut := rapid.IntRange(0, len(all)).Draw(t, "cut")
		half := NewTree(all[:cut])
		before := fmt.Sprint(half)
		touched := map[ID]bool{}
		for _, v := range all[cut:] {
			touched[v.Place] = true
		}
		var again []Version
		for _, v := range all {
			if touched[v.Place] {
				again = append(again, v)
			}
		}
		grown := half.With(again)
		if fmt.Sprint(half) != before {
			t.Fatal("With changed the tree of before")
		}
		for day := Day(0); day <= 10; day++ {
			q := AsOf{day, time.UnixMicro(10)}
			for _, id := range []ID{"city", "c1", "c2", "s1", "s2", "m1", "m2", "x"} {
				if a, b := grown.Path(q, id), tree.Path(q, id); !slices.Equal(a, b) {
					t.Fatalf("%s on %d: grown %v, made at once %v", id, day, a, b)
				}
				if a, b := grown.Under(q, id), tree.Under(q, id); !slices.Equal(a, b) {
					t.Fatalf("under %s on %d: grown %v, made at once %v", id, day, a, b)
				}
			}
		}
		for day := Day(0); day <= 10; day++ {
			for k := int64(0); k <= 10; k++ {
				q := AsOf{day, time.UnixMicro(k)}
				got := Holds(q, said)
				if want, ok := tree.Above(q, "x", County); ok != (got.County != "" && !got.Ended) || ok && got.County != want.Place {
					t.Fatalf("on %d known at %d: %v, the path says %q\n%+v", day, k, got, want.Place, said)
				}
				// What has ended stays where it lay last, and goes with what it was merged into.
				last, known := tree.said(q, "x")
				survivor, there := tree.Above(q, "y", County)
				if known && !last.Open && last.Why == Merged && there && got != (Booking{survivor.Place, true}) {
					t.Fatalf("on %d known at %d: %v, its survivor lies in %s", day, k, got, survivor.Place)
				}
				if known && got.County == "" || !known && got != (Booking{}) {
					t.Fatalf("on %d known at %d: %v, known of then: %v", day, k, got, known)
				}
			}
		}
	})
}

// ClassesOf answers like ClassOf, and WeakOf like Marked, whatever was entered late or taken back.
func TestClassesOfIsClassOf(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var entries []Entry
		for i := range rapid.IntRange(0, 8).Draw(t, "entries") {
			entries = append(entries, Entry{
				Mark: rapid.SampledFrom(Marks).Draw(t, "mark"), In: rapid.Bool().Draw(t, "in"),
				Moment: Moment{Day(rapid.IntRange(1, 5).Draw(t, "about")), time.UnixMicro(int64(i + 1)).UTC()},
			})
			if rapid.Bool().Draw(t, "mistake") {
				at := time.UnixMicro(int64(rapid.IntRange(i+2, 9).Draw(t, "taken back"))).UTC()
				entries[i].Void = &at
			}
		}
		said, weak := ClassesOf(entries), WeakOf(entries)
		for day := Day(0); day <= 6; day++ {
			for k := int64(0); k <= 9; k++ {
				q := AsOf{day, time.UnixMicro(k)}
				got := Holds(q, said)
				if got == "" {
					got = Other
				}
				if want := ClassOf(q, entries); got != want {
					t.Fatalf("on %d known at %d: %s, want %s", day, k, got, want)
				}
				if got, want := Holds(q, weak), Marked(q, entries, MarkWeak); got != want {
					t.Fatalf("on %d known at %d: weak %v, want %v", day, k, got, want)
				}
			}
		}
	})
}
