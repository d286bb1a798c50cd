package programme

import (
	"bytes"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"linli.dev/linli/api"
	"linli.dev/linli/people/place"
)

func voice(t *testing.T, lang string) *api.Voice {
	t.Helper()
	v, err := api.NewVoice(lang, Sentences())
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestMoneyIsExact(t *testing.T) {
	zh, en := &writer{Speaker: voice(t, "zh")}, &writer{Speaker: voice(t, "en")}
	for fen, want := range map[int64][2]string{
		374_500_000:    {"374.5万元", "3.745 million yuan"},
		0:              {"0万元", "0 yuan"},
		1:              {"0.000001万元", "0.01 yuan"},
		100_000:        {"0.1万元", "1,000 yuan"},
		123_456_789:    {"123.456789万元", "1.23456789 million yuan"},
		12_345_678:     {"12.345678万元", "123,456.78 yuan"},
		10_000_000_000: {"10000万元", "100 million yuan"},
	} {
		if got := [2]string{zh.money(fen), en.money(fen)}; got != want {
			t.Errorf("%d fen: %q, want %q", fen, got, want)
		}
	}
}

func TestShares(t *testing.T) {
	for _, c := range []struct {
		part, whole int64
		want        string
	}{{1524, 2366, "64.4%"}, {930, 2366, "39.3%"}, {0, 5, "0.0%"}, {5, 5, "100.0%"}, {1, 2000, "0.1%"}, {1, 2001, "0.0%"}, {1, 0, "—"}} {
		if got := percent(Share(c.part, c.whole)); got != c.want {
			t.Errorf("%d of %d: %s, want %s", c.part, c.whole, got, c.want)
		}
	}
}

func TestRanks(t *testing.T) {
	now := map[place.ID]Tally{
		"a": {Duties: 10, Done: 5, DoneInTime: 5},
		"b": {Duties: 20, Done: 10, DoneInTime: 10},
		"c": {Duties: 10, Done: 5, DoneInTime: 4},
		"d": {Duties: 10, Done: 9, DoneInTime: 1, Overdue: 1},
		"e": {},
	}
	before := map[place.ID]Tally{"a": {Duties: 10, Done: 1, DoneInTime: 1}, "b": {Duties: 10}}
	var got []string
	for _, r := range Table(now, before, func(id place.ID) place.Version { return place.Version{Name: string(id)} }) {
		got = append(got, r.Name+strings.Repeat("'", r.Rank))
	}
	if s := strings.Join(got, " "); s != "d' a'' b'' c'''' e'''''" {
		t.Error(s)
	}
	for _, r := range Table(now, before, func(id place.ID) place.Version { return place.Version{Name: string(id)} }) {
		switch r.Name {
		case "a":
			if r.RankBefore != 1 || r.DoneMore != 4 || r.Rate != 500 || r.InTimeRate != 1000 {
				t.Errorf("%+v", r)
			}
		case "e":
			if r.Rate != -1 || r.InTimeRate != -1 || r.RankBefore != 0 {
				t.Errorf("%+v", r)
			}
		}
	}
}

func bulletin() Bulletin {
	city := Tally{Compounds: 2366, BuiltCompounds: 1524, NetworkedCompound: 930, Channels: 17475, WeakCompounds: 600, Paired: 522, FundsPledged: 568_500_000, FundsReceived: 374_500_000, Duties: 10, Done: 4, DoneInTime: 4}
	return Bulletin{
		Programme: "“平安小区”创建", Edition: Office, City: "临沂市", Date: day("2017-09-27"), Since: day("2017-08-27"), Numbers: city.Numbers(),
		Help:     Help{Paired: 522, Pledged: 568_500_000, Received: 374_500_000, Rate: 659},
		Counties: Table(map[place.ID]Tally{"x": city}, nil, func(place.ID) place.Version { return place.Version{Name: "=1+1|区"} }),
		Late:     []Late{{Name: "金阳*花园*", County: "兰山区", Light: Red, Duties: []Duty{{What: Built, Due: day("2017-09-20"), Why: whyOverdue, Days: -7}}}},
		Invented: true, Published: day("2017-09-27"),
	}
}

// Every format says the same figures, and none is torn over two lines.
func TestEveryFormatSaysTheSame(t *testing.T) {
	b := bulletin()
	for lang, figures := range map[string][]string{
		"zh": {"2017年9月27日", "2366", "1524", "930", "17475", "522", "374.5万元", "64.4%", "39.3%", "逾期7天", "虚构"},
		"en": {"27 September 2017", "2,366", "1,524", "930", "17,475", "522", "3.745 million yuan", "64.4%", "39.3%", "Overdue by 7 days", "invented"},
	} {
		doc := b.Document(voice(t, lang))
		var text, md, book bytes.Buffer
		for _, err := range []error{doc.WriteText(&text), doc.WriteMarkdown(&md), doc.WriteWorkbook(&book)} {
			if err != nil {
				t.Fatal(err)
			}
		}
		for _, f := range figures {
			for name, s := range map[string]string{"text": text.String(), "md": md.String()} {
				if !strings.Contains(s, f) {
					t.Errorf("%s %s: %q is missing\n%s", lang, name, f, s)
				}
			}
		}
		if strings.Contains(md.String(), "*花园*") || strings.Contains(md.String(), "1|区") {
			t.Error("a name is read as Markdown")
		}
		x, err := excelize.OpenReader(&book)
		if err != nil {
			t.Fatal(err)
		}
		sheets := x.GetSheetList()
		if len(sheets) != 4 {
			t.Fatalf("%q", sheets)
		}
		raw := func(sheet, cell string) string {
			v, err := x.GetCellValue(sheet, cell, excelize.Options{RawCellValue: true})
			if err != nil {
				t.Fatal(err)
			}
			return v
		}
		if got := []string{raw(sheets[1], "B4"), raw(sheets[1], "D4"), raw(sheets[1], "G4"), raw(sheets[1], "H5")}; strings.Join(got, " ") != "2366 0.644 17475 522" {
			t.Errorf("%q", got)
		}
		// A name that looks like a formula is none.
		if f, _ := x.GetCellFormula(sheets[1], "A4"); f != "" || raw(sheets[1], "A4") != map[string]string{"zh": "=1+1|区", "en": "=1+1| District"}[lang] {
			t.Errorf("formula %q, text %q", f, raw(sheets[1], "A4"))
		}
		if !strings.Contains(raw(sheets[0], "A5"), figures[1]) {
			t.Errorf("%q", raw(sheets[0], "A5"))
		}
		_ = x.Close()
	}
}

func TestThePublicEditionNamesNobody(t *testing.T) {
	b := bulletin()
	b.Edition, b.Late = Public, nil
	doc := b.Document(voice(t, "zh"))
	var text bytes.Buffer
	if err := doc.WriteText(&text); err != nil {
		t.Fatal(err)
	}
	if s := text.String(); strings.Contains(s, "金阳") || strings.Contains(s, "内部") || strings.Contains(s, "附表3") {
		t.Error(s)
	}
}
