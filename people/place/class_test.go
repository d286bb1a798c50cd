package place

import (
	"testing"
	"time"
)

func TestClasses(t *testing.T) {
	var known int64
	var had []Entry
	enter := func(m Mark, in bool, about Day) string {
		known++
		e := Entry{Compound: "x", Mark: m, In: in, Moment: Moment{about, time.UnixMicro(known)}, Criteria: "标准三", Evidence: "验收单 12"}
		if p := e.check(AsOf{about, e.Known}, had); len(p) > 0 {
			return p[0].Code
		}
		had = append(had, e)
		return ""
	}
	for _, step := range []struct {
		mark  Mark
		in    bool
		about Day
		code  string
	}{
		{MarkHelped, true, 10, "place.class.helped-is-weak"},
		{MarkWeak, true, 10, ""},
		{MarkWeak, true, 11, "place.class.is-in"},
		{MarkHelped, true, 12, ""},
		{MarkDemonstration, true, 13, "place.class.one-only"},
		{MarkWeak, false, 14, "place.class.helped-is-weak"},
		{MarkHelped, false, 20, ""},
		{MarkHelped, false, 21, "place.class.is-not-in"},
		{MarkWeak, false, 20, ""},
		{MarkDemonstration, true, 30, ""},
		{"famous", true, 31, "place.field.mark"},
	} {
		if got := enter(step.mark, step.in, step.about); got != step.code {
			t.Errorf("%s %v on %d: %q, want %q", step.mark, step.in, step.about, got, step.code)
		}
	}
	now := time.UnixMicro(known)
	for day, want := range map[Day]Class{9: Other, 11: Other, 12: Helped, 19: Helped, 20: Other, 30: Demonstration, 99: Demonstration} {
		if got := ClassOf(AsOf{day, now}, had); got != want {
			t.Errorf("on %d it is %s, want %s", day, got, want)
		}
	}
	bare := Entry{Compound: "y", Mark: MarkWeak, In: true, Moment: Moment{About: 1}}
	if p := bare.check(AsOf{1, now}, nil); len(p) != 2 {
		t.Errorf("criteria and evidence are asked for: %+v", p)
	}
}

// What is entered about an earlier day holds on the later ones: a class is not left by entering another before it.
func TestAClassIsNotLeftByAnEarlierDay(t *testing.T) {
	said := func(m Mark, in bool, about Day) Entry {
		return Entry{Compound: "x", Mark: m, In: in, Moment: Moment{about, time.UnixMicro(int64(about))}, Criteria: "标准三", Evidence: "验收单 12"}
	}
	had := []Entry{said(MarkWeak, true, 50), said(MarkHelped, true, 60), said(MarkHelped, false, 80), said(MarkWeak, false, 80)}
	now := time.UnixMicro(100)
	for _, x := range []struct {
		e        Entry
		lightens bool
		code     string
	}{
		{said(MarkDemonstration, true, 30), true, "place.class.one-only-later"},
		{said(MarkDemonstration, true, 90), false, ""},
		{said(MarkWeak, true, 30), false, ""},
		{said(MarkWeak, true, 90), false, ""},
		{said(MarkHelped, false, 70), true, ""},
	} {
		if got := Lightens(now, had, []Entry{x.e}); got != x.lightens {
			t.Errorf("%s on %d lightens: %v", x.e.Mark, x.e.About, got)
		}
		got := ""
		if p := x.e.check(AsOf{x.e.About, now}, had); len(p) > 0 {
			got = p[0].Code
		}
		if got != x.code {
			t.Errorf("%s on %d: %q, want %q", x.e.Mark, x.e.About, got, x.code)
		}
	}
	// Weak was entered again before helped: to take back the first word of it changes nothing that helped stands on.
	had = []Entry{said(MarkWeak, true, 10), said(MarkWeak, false, 20), said(MarkWeak, true, 50), said(MarkHelped, true, 60)}
	leave := said(MarkWeak, false, 15)
	if p := leave.check(AsOf{15, now}, had); len(p) > 0 {
		t.Error(p)
	}
	leave.About = 55
	if p := leave.check(AsOf{55, now}, had); len(p) != 1 || p[0].Code != "place.class.helped-is-weak" {
		t.Error(p)
	}
}

func TestAssetsGrow(t *testing.T) {
	at := func(about Day, known int64) Moment { return Moment{about, time.UnixMicro(known)} }
	counts := []Count{
		{Sort: "light", Moment: at(10, 1), Number: 20, Condition: Good, Checked: 9},
		{Sort: "light", Moment: at(40, 2), Number: 32, Condition: Worn, Checked: 40},
		{Sort: "light", Moment: at(10, 3), Number: 22}, // a correction that became known later
		{Sort: "guard", Moment: at(15, 1), Number: 4},
		{Sort: "door", Building: "b1", Moment: at(15, 1), Number: 1},
	}
	got := Assets(AsOf{50, time.UnixMicro(2)}, 12, counts)
	want := []Asset{
		{Kind: People, Sort: "guard", Number: 4, Increase: 4},
		{Kind: Physical, Sort: "door", Building: "b1", Number: 1, Increase: 1},
		{Kind: Physical, Sort: "light", Number: 32, Increase: 12, Condition: Worn, Checked: 40, was: 20},
	}
	if len(got) != len(want) {
		t.Fatalf("%+v", got)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("%+v, want %+v", got[i], want[i])
		}
	}
	if later := Assets(AsOf{50, time.UnixMicro(3)}, 12, counts); later[2].Increase != 10 {
		t.Errorf("with the correction: %+v", later[2])
	}
}

func TestNothingAboutResidents(t *testing.T) {
	for text, code := range map[string]string{
		"金阳花园":                      "",
		"张某 11010519491231002X":     "place.field.identity-number",
		"联系 13805391234":            "place.field.phone-number",
		"物业 0539-8123456":           "place.field.phone-number",
		"１３８０５３９１２３４ 王":             "place.field.phone-number",
		"371302002004":              "",
		"北京路 100 号院 2 期 2017-09-27": "",
	} {
		var p Problems
		p.Text("name", text, 60, true)
		got := ""
		if len(p) > 0 {
			got = p[0].Code
		}
		if got != code {
			t.Errorf("%q: %q, want %q", text, got, code)
		}
	}
}
