package programme

import (
	"slices"
	"testing"
	"time"

	"linli.dev/linli/people/place"
)

// said is a fact about a day that became known on the morning of another one.
func said(kind Kind, about, known string, value int64, text ...string) Fact {
	f := Fact{Compound: "x", Moment: place.Moment{About: day(about), Known: at(known)}, Kind: kind, Value: value}
	if len(text) > 0 {
		f.Text = text[0]
	}
	return f
}

var mission = NewRules(clock, 30, []Milestone{
	{ID: "built", What: Built, Classes: []place.Class{place.Demonstration, place.Helped}, Due: day("2017-11-30"), Near: 30, Lead: 90, Known: at("2017-04-10")},
	{ID: "networked", What: Networked, Classes: []place.Class{place.Demonstration, place.Helped}, Due: day("2017-11-30"), Near: 30, Lead: 60, Known: at("2017-04-10")},
	{ID: "funds", What: Funds, Classes: []place.Class{place.Helped}, Due: day("2017-10-31"), Near: 14, Lead: 45, Known: at("2017-04-10")},
})

// A helped compound's year.
var year = []Fact{
	said(InCounty, "2017-04-20", "2017-04-20", 0, "lanshan"),
	said(TakesPart, "2017-04-20", "2017-04-20", 1),
	said(Weak, "2017-04-20", "2017-04-20", 1),
	said(InClass, "2017-05-02", "2017-05-02", 0, "helped"),
	said(Pairings, "2017-05-02", "2017-05-02", 1),
	said(Pledged, "2017-05-10", "2017-05-10", 1_000_000),
	said(Plan, "2017-06-01", "2017-06-01", 12),
	said(ChannelsInstalled, "2017-09-04", "2017-09-04", 8),
	said(InstalledSeen, "2017-09-04", "2017-09-04", 8),
	said(Received, "2017-09-20", "2017-09-22", 400_000),
	said(ChannelsInstalled, "2017-10-10", "2017-10-16", 4), // registered six days late
	said(InstalledSeen, "2017-10-10", "2017-10-16", 4),
	said(Received, "2017-11-03", "2017-11-03", 600_000), // three days too late
	said(ClaimsNetworked, "2017-11-20", "2017-11-26", 1),
	said(Seen, "2017-12-05", "2017-12-05", int64(day("2018-02-01"))),
	said(ClaimsNetworked, "2017-12-01", "2018-01-02", 0), // the county takes its word back
}

func TestAYearOfACompound(t *testing.T) {
	facts := append([]Fact(nil), year...)
	inOrder(facts)
	for _, c := range []struct {
		day                    string
		built, networked       Reached
		builtL, netL, fundsL   Light
		builtW, netW, fundsW   string
		received               int64
		fundsInTime, fundsDone bool
	}{
		{
			"2017-08-31",
			Reached{},
			Reached{},
			Green, Green, Green,
			whyTime, whyTime, whyTime, 0, false, false,
		},
		{
			"2017-09-03", Reached{}, Reached{}, Yellow, Green, Green, // 88 days left, and nothing begun
			whyBehind, whyTime, whyTime, 0, false, false,
		},
		{
			"2017-09-27",
			Reached{},
			Reached{},
			Green, Green, Green,
			whyTime, whyTime, whyTime, 400_000, false, false,
		},
		{
			"2017-10-15", Reached{}, Reached{}, Green, Yellow, Green, // built, but nobody knows yet
			whyTime, whyBehind, whyTime, 400_000, false, false,
		},
		{
			"2017-10-16",
			Reached{true, day("2017-10-10"), ByEvidence},
			Reached{},
			Green, Green, Green,
			whyDone, whyTime, whyTime, 400_000, false, false,
		},
		{
			"2017-10-20",
			Reached{true, day("2017-10-10"), ByEvidence},
			Reached{},
			Green, Green, Blue,
			whyDone, whyTime, whyNear, 400_000, false, false,
		},
		{
			"2017-11-01",
			Reached{true, day("2017-10-10"), ByEvidence},
			Reached{},
			Green, Blue, Red,
			whyDone, whyNear, whyOverdue, 400_000, false, false,
		},
		{
			"2017-11-26",
			Reached{true, day("2017-10-10"), ByEvidence},
			Reached{true, day("2017-11-20"), ByReturn},
			Green, Green, Green,
			whyDone, whyDone, whyLate, 1_000_000, false, true,
		},
		{
			"2017-12-05",
			Reached{true, day("2017-10-10"), ByEvidence},
			Reached{true, day("2017-11-20"), ByEvidence},
			Green, Green, Green,
			whyDone, whyDone, whyLate, 1_000_000, false, true,
		},
		{
			"2018-01-15",
			Reached{true, day("2017-10-10"), ByEvidence},
			Reached{true, day("2017-12-05"), ByEvidence},
			Green, Green, Green,
			whyDone, whyLate, whyLate, 1_000_000, false, true,
		},
		{
			"2018-03-03",
			Reached{true, day("2017-10-10"), ByEvidence},
			Reached{true, day("2017-12-05"), ByEvidence},
			Green, Green, Green,
			whyDone, whyLate, whyLate, 1_000_000, false, true,
		},
		{ // thirty days after it was last seen it is not networked any longer
			"2018-03-04",
			Reached{true, day("2017-10-10"), ByEvidence},
			Reached{},
			Green, Red, Green,
			whyDone, whyOverdue, whyLate, 1_000_000, false, true,
		},
	} {
		s := Evaluate(clock.AtClose(day(c.day)), facts, mission)
		if s.Built != c.built || s.Networked != c.networked || s.Received != c.received || s.Funds.Done != c.fundsDone {
			t.Errorf("%s: built %+v networked %+v received %d funds %+v", c.day, s.Built, s.Networked, s.Received, s.Funds)
		}
		duties := map[MilestoneID]Duty{}
		for _, d := range s.Duties {
			duties[d.Milestone] = d
		}
		for id, want := range map[MilestoneID][2]string{"built": {string(c.builtL), c.builtW}, "networked": {string(c.netL), c.netW}, "funds": {string(c.fundsL), c.fundsW}} {
			if d := duties[id]; string(d.Light) != want[0] || d.Why != want[1] {
				t.Errorf("%s: %s is %s because %s, want %v", c.day, id, d.Light, d.Why, want)
			}
		}
		if d := duties["funds"]; d.InTime != c.fundsInTime {
			t.Errorf("%s: funds in time %v", c.day, d.InTime)
		}
	}
	// Asked again in December about the fifteenth of October, the late entry is seen; the report of then is not changed.
	s := Evaluate(place.AsOf{Day: day("2017-10-15"), Known: at("2017-12-01")}, facts, mission)
	if s.Built != (Reached{true, day("2017-10-10"), ByEvidence}) {
		t.Errorf("%+v", s.Built)
	}
}

// What a compound only lists is shown and fulfils nothing, until a county's approved return or its own machine says so; the machine
// weighs most.
func TestBuiltSaysWhatItRestsOn(t *testing.T) {
	facts := []Fact{
		said(InCounty, "2017-04-20", "2017-04-20", 0, "lanshan"), said(TakesPart, "2017-04-20", "2017-04-20", 1), said(Plan, "2017-04-20", "2017-04-20", 4),
		said(InClass, "2017-04-20", "2017-04-20", 0, "helped"),
		said(ChannelsInstalled, "2017-05-01", "2017-05-01", 4), said(ChannelsNetworked, "2017-05-01", "2017-05-01", 3),
		said(ClaimsBuilt, "2017-06-01", "2017-06-05", 1),
		said(InstalledSeen, "2017-07-01", "2017-07-01", 3), said(NetworkedSeen, "2017-07-01", "2017-07-01", 2),
		said(InstalledSeen, "2017-08-01", "2017-08-01", 1),
		said(InstalledSeen, "2017-09-01", "2017-09-01", -1), // somebody typed over what was seen
		said(ClaimsBuilt, "2017-10-01", "2017-10-01", 0),
	}
	inOrder(facts)
	for _, c := range []struct {
		on    string
		built Reached
		seen  int64
	}{
		{"2017-05-02", Reached{false, day("2017-05-01"), Typed}, 0},
		{"2017-06-05", Reached{true, day("2017-06-01"), ByReturn}, 0},
		{"2017-07-02", Reached{true, day("2017-06-01"), ByReturn}, 2},
		{"2017-08-02", Reached{true, day("2017-06-01"), ByEvidence}, 2},
		{"2017-09-02", Reached{true, day("2017-06-01"), ByReturn}, 2},
		{"2017-10-02", Reached{false, day("2017-05-01"), Typed}, 2},
	} {
		s := Evaluate(clock.AtClose(day(c.on)), facts, mission)
		n := s.Count()
		if s.Built != c.built || n[ChannelsSeen] != c.seen || n[Channels] != c.seen || s.Channels != 3 || (n[BuiltCompounds] == 1) != c.built.Done ||
			(n[ListedCompounds] == 1) != (c.built.Basis == Typed) || (n[BuiltByReturn] == 1) != (c.built.Basis == ByReturn) {
			t.Errorf("%s: %+v, seen %d of %d, want %+v", c.on, s.Built, n[ChannelsSeen], n[Channels], c)
		}
		for _, d := range s.Duties {
			if d.What == Built && d.Done != c.built.Done {
				t.Errorf("%s: the duty is done: %v, the state is %+v", c.on, d.Done, s.Built)
			}
		}
	}
}

// A return speaks for a compound until the compound's own machine is first seen, and not again when the machine falls silent. What it
// had said keeps its day for as long as the machine does not.
func TestAReturnDoesNotSpeakForAMachine(t *testing.T) {
	facts := []Fact{
		said(InCounty, "2017-04-20", "2017-04-20", 0, "lanshan"), said(TakesPart, "2017-04-20", "2017-04-20", 1), said(Plan, "2017-04-20", "2017-04-20", 4),
		said(InClass, "2017-04-20", "2017-04-20", 0, "helped"),
		said(ClaimsNetworked, "2017-06-01", "2017-06-05", 1), said(ClaimsBuilt, "2017-06-01", "2017-06-05", 1),
		said(Seen, "2017-08-07", "2017-08-07", int64(day("2017-08-20"))),
		said(InstalledSeen, "2017-08-07", "2017-08-07", 3), said(InstalledSeen, "2017-08-10", "2017-08-10", 1),
		said(ClaimsNetworked, "2017-09-25", "2017-09-26", 1), // the machine has fallen silent
		said(ClaimsBuilt, "2017-08-07", "2017-09-26", 0),     // about the very day of its first picture
		said(Seen, "2017-10-10", "2017-10-10", int64(day("2017-10-12"))),
	}
	inOrder(facts)
	for _, c := range []struct {
		on               string
		built, networked Reached
	}{
		{"2017-08-06", Reached{true, day("2017-06-01"), ByReturn}, Reached{true, day("2017-06-01"), ByReturn}},
		{"2017-08-08", Reached{}, Reached{true, day("2017-06-01"), ByEvidence}}, // the machine has three of four channels
		{"2017-08-11", Reached{true, day("2017-06-01"), ByEvidence}, Reached{true, day("2017-06-01"), ByEvidence}},
		{"2017-09-19", Reached{true, day("2017-06-01"), ByEvidence}, Reached{true, day("2017-06-01"), ByEvidence}},
		{"2017-09-20", Reached{true, day("2017-06-01"), ByEvidence}, Reached{}},
		{"2017-09-27", Reached{true, day("2017-06-01"), ByEvidence}, Reached{}},
		{"2017-10-11", Reached{true, day("2017-06-01"), ByEvidence}, Reached{true, day("2017-10-10"), ByEvidence}},
		{"2017-12-01", Reached{true, day("2017-06-01"), ByEvidence}, Reached{}},
	} {
		s := Evaluate(clock.AtClose(day(c.on)), facts, mission)
		if s.Built != c.built || s.Networked != c.networked || (s.Machine != 0) != (c.on >= "2017-08-07") {
			t.Errorf("%s: built %+v, networked %+v, machine since %s", c.on, s.Built, s.Networked, s.Machine)
		}
	}
	// The ledgers say the same, day by day.
	b := NewBook(clock, mission, facts)
	for d := day("2017-08-01"); d < day("2017-12-05"); d++ {
		s, _ := b.Compound(clock.AtClose(d), "x")
		if one := s.Count(); b.City(clock.AtClose(d)) != one {
			t.Fatalf("%s: %v, the compound %v", d, b.City(clock.AtClose(d)), one)
		}
	}
}

// A machine that was said to be the compound's by mistake is let go: on the same day as though it had not been; later, what returns had
// said before it is over, and they speak of the days from then on. The days of before are answered as they were.
func TestAMachineThatIsLetGoSpeaksNoLonger(t *testing.T) {
	begin := []Fact{
		said(InCounty, "2017-04-20", "2017-04-20", 0, "lanshan"), said(TakesPart, "2017-04-20", "2017-04-20", 1), said(Plan, "2017-04-20", "2017-04-20", 4),
		said(InClass, "2017-04-20", "2017-04-20", 0, "helped"),
		said(ClaimsNetworked, "2017-06-01", "2017-06-05", 1), said(ClaimsBuilt, "2017-06-01", "2017-06-05", 1),
	}
	late := func(f Fact, hours int) Fact {
		f.Known = f.Known.Add(time.Duration(hours) * time.Hour)
		return f
	}
	byReturn, none := Reached{true, day("2017-06-01"), ByReturn}, Reached{}
	type want struct {
		on               string
		built, networked Reached
		machine          string
	}
	for name, c := range map[string]struct {
		facts []Fact
		want  []want
	}{
		"the same hour": {
			[]Fact{said(Seen, "2017-08-07", "2017-08-07", int64(day("2017-08-07"))), late(said(Released, "2017-08-07", "2017-08-07", 1), 1)},
			[]want{{"2017-08-06", byReturn, byReturn, ""}, {"2017-08-07", byReturn, byReturn, ""}, {"2017-10-01", byReturn, byReturn, ""}},
		},
		"after some days": {
			[]Fact{
				said(Seen, "2017-08-07", "2017-08-07", int64(day("2017-08-20"))), said(Released, "2017-08-20", "2017-08-20", 1),
				said(ClaimsBuilt, "2017-08-18", "2017-09-01", 1), // about a day of the machine
				said(ClaimsNetworked, "2017-08-25", "2017-09-01", 1),
			},
			[]want{
				{"2017-08-06", byReturn, byReturn, ""},
				{"2017-08-19", none, Reached{true, day("2017-06-01"), ByEvidence}, "2017-08-07"},
				{"2017-08-20", none, none, ""},
				{"2017-09-02", none, Reached{true, day("2017-08-25"), ByReturn}, ""},
			},
		},
		"and another one that day": {
			[]Fact{
				said(Seen, "2017-08-07", "2017-08-07", int64(day("2017-08-09"))), late(said(Released, "2017-08-07", "2017-08-07", 1), 1), late(said(Released, "2017-08-07", "2017-08-07", 0), 2),
			},
			[]want{{"2017-08-08", none, Reached{true, day("2017-06-01"), ByEvidence}, "2017-08-07"}, {"2017-09-08", none, Reached{true, day("2017-06-01"), ByEvidence}, "2017-08-07"}, {"2017-09-09", none, none, "2017-08-07"}},
		},
		"and another one later": {
			[]Fact{
				said(Seen, "2017-08-07", "2017-08-07", int64(day("2017-08-20"))), said(Released, "2017-08-20", "2017-08-20", 1), said(Seen, "2017-08-22", "2017-08-22", int64(day("2017-08-30"))),
			},
			[]want{{"2017-08-21", none, none, ""}, {"2017-08-22", none, Reached{true, day("2017-08-22"), ByEvidence}, "2017-08-22"}, {"2017-10-01", none, none, "2017-08-22"}},
		},
	} {
		facts := append(slices.Clone(begin), c.facts...)
		inOrder(facts)
		for _, x := range c.want {
			s := Evaluate(clock.AtClose(day(x.on)), facts, mission)
			since := ""
			if s.Machine != 0 {
				since = s.Machine.String()
			}
			if s.Built != x.built || s.Networked != x.networked || since != x.machine {
				t.Errorf("%s, %s: built %+v, networked %+v, machine since %q", name, x.on, s.Built, s.Networked, since)
			}
		}
		b := NewBook(clock, mission, facts)
		for d := day("2017-08-01"); d < day("2017-10-05"); d++ {
			s, _ := b.Compound(clock.AtClose(d), "x")
			if one := s.Count(); b.City(clock.AtClose(d)) != one {
				t.Fatalf("%s, %s: %v, the compound %v", name, d, b.City(clock.AtClose(d)), one)
			}
		}
	}
}

// What is believed by the day that somebody types counts as in time where it was known by the last day; later it is done, and says
// when it was entered. Only the level above puts the last day off.
func TestWhatIsEnteredLateIsNotInTime(t *testing.T) {
	rules := NewRules(clock, 30, []Milestone{
		{ID: "funds", What: Funds, Classes: place.Classes, Due: day("2017-10-31"), Near: 14, Lead: 45, Known: at("2017-04-10")},
		{ID: "tasks", What: Tasks, Classes: place.Classes, Due: day("2017-10-31"), Near: 14, Lead: 45, Known: at("2017-04-10")},
		{ID: "accepted", What: Accepted, Classes: place.Classes, Due: day("2017-10-31"), Near: 14, Lead: 45, Known: at("2017-04-10")},
	})
	begin := []Fact{
		said(InCounty, "2017-04-20", "2017-04-20", 0, "lanshan"), said(TakesPart, "2017-04-20", "2017-04-20", 1),
		said(Pledged, "2017-05-10", "2017-05-10", 1000), said(TasksSet, "2017-05-10", "2017-05-10", 2),
		said(Received, "2017-09-20", "2017-09-22", 400), said(TasksEnd, "2017-09-20", "2017-09-22", 1),
		said(Inspected, "2017-09-20", "2017-09-22", 0, "mend"),
	}
	type want struct {
		on      string
		light   Light
		why     string
		entered string
	}
	for name, c := range map[string]struct {
		facts []Fact
		want  []want // of each of the three
	}{
		"entered in time": {
			[]Fact{said(Received, "2017-10-31", "2017-10-31", 600), said(TasksEnd, "2017-10-31", "2017-10-31", 1), said(Inspected, "2017-10-31", "2017-10-31", 1, "pass")},
			[]want{{"2017-10-30", Blue, whyNear, ""}, {"2017-10-31", Green, whyDone, ""}, {"2017-12-01", Green, whyDone, ""}},
		},
		"entered five days later": {
			[]Fact{said(Received, "2017-10-31", "2017-11-05", 600), said(TasksEnd, "2017-10-31", "2017-11-05", 1), said(Inspected, "2017-10-31", "2017-11-05", 1, "pass")},
			[]want{{"2017-11-04", Red, whyOverdue, ""}, {"2017-11-05", Green, whyEntered, "2017-11-05"}, {"2017-12-01", Green, whyEntered, "2017-11-05"}},
		},
		"in two parts, and put right after that": {
			[]Fact{
				said(Received, "2017-10-20", "2017-11-02", 500), said(Received, "2017-10-31", "2017-11-05", 100), said(Received, "2017-10-20", "2017-12-03", -500), said(Received, "2017-10-20", "2017-12-03", 500),
				said(TasksEnd, "2017-10-31", "2017-11-05", 1), said(Inspected, "2017-10-20", "2017-11-02", 0, "mend"), said(Inspected, "2017-10-31", "2017-11-05", 1, "mended"),
			},
			[]want{{"2017-11-04", Red, whyOverdue, ""}, {"2017-11-05", Green, whyEntered, "2017-11-05"}, {"2017-12-04", Green, whyEntered, "2017-11-05"}},
		},
		"entered in time, and put right later": {
			[]Fact{
				said(Received, "2017-10-30", "2017-10-30", 600), said(Received, "2017-10-30", "2017-11-20", -600), said(Received, "2017-10-29", "2017-11-20", 600),
				said(TasksEnd, "2017-10-30", "2017-10-30", 1), said(TasksEnd, "2017-10-30", "2017-11-20", -1), said(TasksEnd, "2017-10-29", "2017-11-20", 1),
				said(Inspected, "2017-10-30", "2017-10-30", 1, "pass"), said(Inspected, "2017-10-31", "2017-11-20", 1, "mended"),
			},
			[]want{{"2017-11-01", Green, whyDone, ""}, {"2017-12-01", Green, whyDone, ""}},
		},
		"put off by the level above": {
			[]Fact{
				said(Received, "2017-10-31", "2017-11-05", 600), said(TasksEnd, "2017-10-31", "2017-11-05", 1), said(Inspected, "2017-10-31", "2017-11-05", 1, "pass"),
				said(Extended, "2017-11-08", "2017-11-08", int64(day("2017-11-10")), "funds"), said(Extended, "2017-11-08", "2017-11-08", int64(day("2017-11-10")), "tasks"),
				said(Extended, "2017-11-08", "2017-11-08", int64(day("2017-11-10")), "accepted"),
			},
			[]want{{"2017-11-07", Green, whyEntered, "2017-11-05"}, {"2017-11-08", Green, whyDone, ""}},
		},
	} {
		facts := append(slices.Clone(begin), c.facts...)
		inOrder(facts)
		b := NewBook(clock, rules, facts)
		for _, x := range c.want {
			q := clock.AtClose(day(x.on))
			s, _ := b.Compound(q, "x")
			for _, d := range s.Duties {
				entered := ""
				if d.Entered != 0 {
					entered = d.Entered.String()
				}
				if d.Light != x.light || d.Why != x.why || entered != x.entered || d.InTime != (x.why == whyDone) {
					t.Errorf("%s, %s: %s is %s by %s, entered %q, in time %v; want %+v", name, x.on, d.What, d.Light, d.Why, entered, d.InTime, x)
				}
			}
		}
		for d := day("2017-10-25"); d < day("2017-12-10"); d++ {
			s, _ := b.Compound(clock.AtClose(d), "x")
			if one := s.Count(); b.City(clock.AtClose(d)) != one {
				t.Fatalf("%s, %s: the ledgers say %v, the compound %v", name, d, b.City(clock.AtClose(d)), one)
			}
		}
	}
}

func TestExtension(t *testing.T) {
	facts := append(append([]Fact(nil), year...), said(Extended, "2017-10-28", "2017-10-28", int64(day("2017-11-10")), "funds"))
	inOrder(facts)
	for on, want := range map[string]Light{"2017-10-27": Blue, "2017-10-29": Blue, "2017-11-02": Blue, "2017-11-03": Green} {
		s := Evaluate(clock.AtClose(day(on)), facts, mission)
		for _, d := range s.Duties {
			if d.Milestone == "funds" && (d.Light != want || d.Extended != (on > "2017-10-28") || on == "2017-11-03" && !d.InTime) {
				t.Errorf("%s: %+v", on, d)
			}
		}
	}
}

func TestOnlyWhoTakesPartOwesAndCounts(t *testing.T) {
	facts := append(append([]Fact(nil), year...), said(TakesPart, "2017-10-01", "2017-10-01", 0))
	inOrder(facts)
	s := Evaluate(clock.AtClose(day("2017-10-02")), facts, mission)
	if len(s.Duties) != 0 || s.Count() != (Tally{}) {
		t.Errorf("%+v", s)
	}
}

func TestCountyLight(t *testing.T) {
	for want, tally := range map[Light]Tally{
		Red:    {Duties: 100, Done: 99, Overdue: 1},
		Yellow: {Duties: 100, Done: 50, Behind: 5, Near: 9},
		Blue:   {Duties: 100, Done: 50, Behind: 4, Near: 9},
		Green:  {Duties: 100, Done: 50, Behind: 4},
	} {
		if got, why := CountyLight(tally); got != want || why == "" {
			t.Errorf("%v is %s", tally, got)
		}
	}
}
