package inspection

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func starterForm(t testing.TB) FormWords {
	t.Helper()
	f, err := Starter()
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// best is the answer to an item that gives all its points; worst none.
func best(it *Item) string {
	switch it.Kind {
	case YesNo:
		return yes
	case Choose:
		return it.Choices[slices.IndexFunc(it.Choices, func(c Choice) bool { return c.Share == 100 })].Name
	case Give:
		return fmt.Sprint(it.Weight)
	case Integer, Decimal:
		return it.Full
	case Text:
		return "无"
	}
	return ""
}

func worst(it *Item) string {
	switch it.Kind {
	case YesNo:
		return no
	case Choose:
		return it.Choices[slices.IndexFunc(it.Choices, func(c Choice) bool { return c.Share == 0 })].Name
	case Give:
		return "0"
	case Integer, Decimal:
		return it.Zero
	}
	return ""
}

func each(f *FormWords, do func(*Item)) {
	for i := range f.Sections {
		for j := range f.Sections[i].Items {
			do(&f.Sections[i].Items[j])
		}
	}
}

// told is what one inspector says of each item.
func told(f *FormWords, say func(*Item) Answer) map[string]Settled {
	var sent []Answer
	each(f, func(it *Item) {
		if it.Kind != Note {
			a := say(it)
			a.ID, a.Item, a.By = "answer-"+it.Name, it.Name, "li"
			sent = append(sent, a)
		}
	})
	return Settle(sent)
}

func TestTheStarterFormIsAForm(t *testing.T) {
	f := starterForm(t)
	if p := f.check(); len(p) > 0 {
		t.Fatalf("%+v", p)
	}
	if len(f.Sections) != 4 || f.Pass != 90 {
		t.Errorf("%d sections, %d to pass", len(f.Sections), f.Pass)
	}
	each(&f, func(it *Item) {
		if it.Title.ZH == "" || it.Title.EN == "" {
			t.Errorf("%s is not in both languages", it.Name)
		}
	})
}

func TestScores(t *testing.T) {
	f := starterForm(t)
	for _, c := range []struct {
		says   string
		change map[string]string // item: value; "na" is not applicable, "-" no answer
		score  Points
		judged int
		result Result
	}{
		{"all is well", nil, 10000, 100, Passed},
		{"nine points less by points", map[string]string{"rounds": "3", "gates": "1", "hydrants": "2"}, 9100, 100, Passed},
		{"ten points less pass", map[string]string{"rounds": "2", "gates": "1", "hydrants": "2"}, 9000, 100, Passed},
		{"one more does not", map[string]string{"rounds": "2", "gates": "1", "hydrants": "1"}, 8900, 100, ToBeMended},
		{"a choice in part", map[string]string{"fence": "damaged"}, 9760, 100, Passed},
		{"five lamps out are half", map[string]string{"lights_off": "5"}, 9800, 100, Passed},
		{"fifty are not below none", map[string]string{"lights_off": "50"}, 9600, 100, Passed},
		{"footage for 20 days", map[string]string{"retention": "20"}, 9826, 100, Passed}, // 4 × 13/23, rounded down
		{"footage for a year is no more than all", map[string]string{"retention": "365"}, 10000, 100, Passed},
		{"a veto fails it", map[string]string{"fire_lane": "no"}, 9300, 100, Failed},
		{"no lift: its two points go to the section", map[string]string{"lift": "na"}, 10000, 98, Passed},
		{"… so that the others weigh more", map[string]string{"lift": "na", "fence": "missing"}, 9363, 98, Passed}, // 35 × 27/33 + 65
		{"no car park: its item is not asked", map[string]string{"has_car_park": "no", "car_park": "-"}, 10000, 98, Passed},
		{"said of an item that is not asked counts for nothing", map[string]string{"has_car_park": "no", "car_park": "no"}, 10000, 98, Passed},
		{"without an answer there is no point", map[string]string{"alarm": "-"}, 9800, 100, Passed},
		{"not applicable where that must not be said gives nothing", map[string]string{"alarm": "na"}, 9800, 100, Passed},
		{"below seventy", map[string]string{"rounds": "0", "gates": "0", "fence": "missing", "video_gates": "few", "video_roads": "few", "hydrants": "3"}, 6900, 100, Failed},
	} {
		settled := told(&f, func(it *Item) Answer {
			switch v, ok := c.change[it.Name]; {
			case !ok:
				return Answer{Value: best(it)}
			case v == "na":
				return Answer{NA: true, Reason: "没有电梯"}
			case v == "-":
				return Answer{}
			default:
				return Answer{Value: v}
			}
		})
		o := f.Score(settled)
		if o.Score != c.score || o.Judged != c.judged || o.Result != c.result {
			t.Errorf("%s: %v of 100, %d%% judged, %s; want %v, %d%%, %s", c.says, o.Score, o.Judged, o.Result, c.score, c.judged, c.result)
		}
	}
}

// The score lies between 0 and 100, is what its lines add up to but for rounding, and grows with each better answer; emptiness
// never passes.
func TestScoreProperties(t *testing.T) {
	base := starterForm(t)
	each(&base, func(it *Item) { it.MayNot = it.Weight > 0 })
	rapid.Check(t, func(t *rapid.T) {
		f := clone(base)
		f.Judged = rapid.IntRange(1, 100).Draw(t, "judged")
		na := 0
		settled := told(&f, func(it *Item) Answer {
			switch rapid.IntRange(0, 3).Draw(t, it.Name) {
			case 0:
				return Answer{Value: best(it)}
			case 1:
				return Answer{Value: worst(it)}
			case 2:
				if it.MayNot {
					na++
					return Answer{NA: true, Reason: "没有"}
				}
			}
			return Answer{}
		})
		o := f.Score(settled)
		if o.Score < 0 || o.Score > 10000 {
			t.Fatalf("%v", o.Score)
		}
		sum, of := Points(0), Points(0)
		for _, l := range o.Lines {
			sum += l.Points
			of += l.Of
			if l.Points > l.Of || l.Points < 0 {
				t.Fatalf("%+v", l)
			}
		}
		if sum > o.Score || o.Score-sum > Points(len(o.Lines)) {
			t.Fatalf("lines %v, score %v", sum, o.Score)
		}
		if o.Judged > 0 && (of > 10000 || 10000-of > Points(len(o.Lines))) {
			t.Fatalf("what is judged is worth %v", of)
		}
		if o.Result == Passed && (o.Score < 9000 || o.Judged < f.Judged || len(o.Vetoes) > 0) {
			t.Fatalf("%+v passes", o)
		}
		// Answering one more thing well never takes points away.
		each(&f, func(it *Item) {
			if s, ok := settled[it.Name]; ok && it.Weight > 0 && s.Answer.Empty() {
				better := map[string]Settled{}
				for k, v := range settled {
					better[k] = v
				}
				better[it.Name] = Settled{Item: it.Name, Answer: Answer{Value: best(it)}}
				if f.asked(it, values(better)) && f.Score(better).Score < o.Score {
					t.Fatalf("%s answered well: %v after %v", it.Name, f.Score(better).Score, o.Score)
				}
			}
		})
	})
	// Nothing applies, or nothing is said.
	for _, a := range []Answer{{NA: true, Reason: "无"}, {}} {
		o := base.Score(told(&base, func(*Item) Answer { return a }))
		if o.Score != 0 || o.Result != Failed || !a.NA == o.Thin {
			t.Errorf("%+v", o)
		}
	}
}

// Two phones, in whatever order what they send arrives, and however often: the same stands, and nobody's answer is lost unseen.
func TestTheOrderOfArrivalDoesNotMatter(t *testing.T) {
	f := starterForm(t)
	items := []string{"fence", "gates", "lift"}
	rapid.Check(t, func(t *rapid.T) {
		var sent []Answer
		n := rapid.IntRange(1, 12).Draw(t, "n")
		for i := range n {
			a := Answer{
				ID: fmt.Sprintf("answer-%02d", i), Item: rapid.SampledFrom(items).Draw(t, "item"), By: rapid.SampledFrom([]string{"li", "wang", "chen"}).Draw(t, "by"),
				Value: rapid.SampledFrom([]string{"", "1", "2"}).Draw(t, "value"), At: time.Unix(int64(rapid.IntRange(0, 3).Draw(t, "at")), 0).UTC(),
			}
			for _, b := range sent { // what was on the page
				if b.Item == a.Item && rapid.Bool().Draw(t, "seen") {
					a.Replaces = append(a.Replaces, b.ID)
				}
			}
			sent = append(sent, a)
		}
		want := Settle(sent)
		mixed := slices.Clone(sent)
		rand.Shuffle(len(mixed), func(i, j int) { mixed[i], mixed[j] = mixed[j], mixed[i] })
		got := Settle(mixed)
		if Digest(got) != Digest(want) || fmt.Sprint(f.Score(got)) != fmt.Sprint(f.Score(want)) {
			t.Fatalf("%v\n%v", got, want)
		}
		for _, a := range sent {
			s := got[a.Item]
			if len(s.Answers) == 0 {
				t.Fatalf("nothing stands of %s", a.Item)
			}
			// The last thing that somebody said stands, unless somebody replaced it, or it takes back.
			last := !slices.ContainsFunc(sent, func(b Answer) bool { return b.Item == a.Item && b.By == a.By && newer(&b, &a) })
			replaced := slices.ContainsFunc(sent, func(b Answer) bool { return slices.Contains(b.Replaces, a.ID) })
			stands := slices.ContainsFunc(s.Answers, func(b Answer) bool { return b.ID == a.ID })
			if last && !replaced && !a.Empty() && !stands {
				t.Fatalf("%+v is lost: %+v", a, s)
			}
		}
	})
}

func TestTwoInspectors(t *testing.T) {
	at := func(s int64) time.Time { return time.Unix(s, 0).UTC() }
	li := Answer{ID: "li-000001", Item: "fire_lane", By: "li", Value: yes, At: at(10), Photos: []string{"photo-01"}}
	wang := Answer{ID: "wang-0001", Item: "fire_lane", By: "wang", Value: no, At: at(5), Photos: []string{"photo-02"}}
	s := Settle([]Answer{li, wang})["fire_lane"]
	if !s.Differ || len(s.Answers) != 2 {
		t.Fatalf("%+v", s)
	}
	// Wang saw Li's and settles it; Li's phone sends an earlier one late.
	settles := Answer{ID: "wang-0002", Item: "fire_lane", By: "wang", Value: no, At: at(20), Replaces: []string{"li-000001", "wang-0001"}}
	late := Answer{ID: "li-000000", Item: "fire_lane", By: "li", Value: yes, At: at(3)}
	s = Settle([]Answer{late, settles, li, wang})["fire_lane"]
	if s.Differ || s.Answer.ID != "wang-0002" {
		t.Fatalf("%+v", s)
	}
	// Li says something new without having seen that: again they differ.
	again := Answer{ID: "li-000002", Item: "fire_lane", By: "li", Value: yes, At: at(30)}
	if s = Settle([]Answer{late, settles, li, wang, again})["fire_lane"]; !s.Differ {
		t.Fatalf("%+v", s)
	}
	// They agree: the photos of both belong to it.
	wang.Value = yes
	if s = Settle([]Answer{li, wang})["fire_lane"]; s.Differ || len(s.Answer.Photos) != 2 {
		t.Fatalf("%+v", s)
	}
	// Ids made up to replace each other make nothing vanish.
	li.Replaces, wang.Replaces = []string{wang.ID}, []string{li.ID}
	if s = Settle([]Answer{li, wang})["fire_lane"]; len(s.Answers) != 2 {
		t.Fatalf("%+v", s)
	}
}

func TestWhatAnItemTakes(t *testing.T) {
	f := starterForm(t)
	for _, c := range []struct {
		item, value string
		na          bool
		reason      string
		code        string
	}{
		{"fire_lane", "yes", false, "", ""},
		{"fire_lane", "maybe", false, "", "inspection.answer.value"},
		{"fire_lane", "", true, "没有", "inspection.answer.must-apply"},
		{"lift", "", true, "", "place.field.required"},
		{"lift", "", true, "没有电梯", ""},
		{"lift", "yes", true, "没有电梯", "inspection.answer.both"},
		{"lift", "", true, "找张三 13812345678", "place.field.phone-number"},
		{"fence", "whole", false, "", ""},
		{"fence", "unknown", false, "", "inspection.answer.value"},
		{"rounds", "6", false, "", ""},
		{"rounds", "7", false, "", "inspection.answer.value"},
		{"rounds", "5.5", false, "", "inspection.answer.value"},
		{"rounds", "-1", false, "", "inspection.answer.value"},
		{"lights_off", "3", false, "", ""},
		{"lights_off", "501", false, "", "inspection.answer.value"},
		{"lights_off", "13812345678", false, "", "place.field.phone-number"},
		{"lights_off", "371302199001011234", false, "", "place.field.identity-number"},
		{"remarks", "围墙北侧需修补", false, "", ""},
		{"remarks", "业主 371302199001011234", false, "", "place.field.identity-number"},
		{"none", "1", false, "", "inspection.answer.item"},
	} {
		a := Answer{ID: "answer-01", Item: c.item, Value: c.value, NA: c.na, Reason: c.reason}
		a.tidy()
		p := f.checkAnswer(&a)
		if code := ""; len(p) > 0 && p[0].Code != c.code || len(p) == 0 && code != c.code {
			t.Errorf("%s = %q: %+v, want %q", c.item, c.value, p, c.code)
		}
	}
}

// Red line 7: nothing that gives points, is a veto, a number or a choice is about taking part; what those on duty do is.
func TestNoPointsForTakingPart(t *testing.T) {
	for name, c := range map[string]struct {
		change func(f *FormWords)
		path   string
	}{
		"a number with points":    {func(f *FormWords) { f.item("lights_off").Title.ZH = "平安员人数" }, "title"},
		"a veto":                  {func(f *FormWords) { f.item("fire_lane").Title.ZH = "志愿者不少于20名" }, "title"},
		"home patrol":             {func(f *FormWords) { f.item("retention").Title.ZH = "居家视频巡查户次" }, "title"},
		"in English":              {func(f *FormWords) { f.item("retention").Title.EN = "Number of volunteers" }, "title"},
		"reports":                 {func(f *FormWords) { f.item("retention").Title.ZH = "群众上报数" }, "title"},
		"in the hint":             {func(f *FormWords) { f.item("rounds").Hint.ZH = "按平安员名册清点" }, "title"},
		"in its name":             {func(f *FormWords) { f.item("rounds").Name = "volunteers" }, "name"},
		"in a choice":             {func(f *FormWords) { f.item("fence").Choices[0].Title.ZH = "平安员二十名以上" }, "title"},
		"over a section":          {func(f *FormWords) { f.Sections[0].Title.ZH = "平安员队伍" }, "title"},
		"points rest on a yes":    {func(f *FormWords) { f.item("has_car_park").Title.ZH = "志愿者不少于20名" }, "title"},
		"an incident is counted":  {func(f *FormWords) { f.item("retention").Title.ZH = "本年度发案数" }, "title"},
		"guards are on duty":      {func(f *FormWords) { f.item("lights_off").Title.ZH = "保安人数" }, ""},
		"a plan for incidents":    {func(f *FormWords) { f.item("drill").Title.ZH = "有突发事件应急预案" }, ""},
		"faults are reported":     {func(f *FormWords) { f.item("drill").Title.ZH = "设施故障及时上报维修" }, ""},
		"they are only spoken of": {func(f *FormWords) { f.item("has_car_park").Title.ZH = "有平安员休息室" }, ""},
	} {
		f := clone(starterForm(t))
		c.change(&f)
		f.tidy()
		var got []string
		for _, p := range f.check() {
			if p.Code != "inspection.form.taking-part" {
				t.Errorf("%s: %+v", name, p)
			}
			got = append(got, p.Path[strings.LastIndexByte(p.Path, '.')+1:])
		}
		if want := c.path; strings.Join(got, " ") != want {
			t.Errorf("%s: found at %q, want %q", name, got, want)
		}
	}
}
