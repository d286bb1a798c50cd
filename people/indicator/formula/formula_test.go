package formula_test

import (
	"errors"
	"math"
	"strings"
	"testing"

	"linli.dev/linli/people/indicator/formula"
)

var facts = map[string]float64{"built": 30, "compounds": 40, "none": 0}

func known(n string) bool { _, ok := facts[n]; return ok }

func of(n string) float64 { return facts[n] }

func TestValues(t *testing.T) {
	for text, want := range map[string]float64{
		"1":                        1,
		"built / compounds * 100":  75,
		"1 + 2 * 3":                7,
		"(1 + 2) * 3":              9,
		"8 / 4 / 2":                1,
		"10 - 4 - 3":               3,
		"-built + -(2)":            -32,
		"- -1.5":                   1.5,
		" ( built+compounds ) /70": 1,
	} {
		f, err := formula.Parse(text, known)
		if err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		if got, err := f.Value(of); err != nil || math.Abs(got-want) > 1e-9 {
			t.Errorf("%q: %v %v, want %v", text, got, err, want)
		}
	}
	f, err := formula.Parse("built/none", known)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Value(of); !errors.Is(err, formula.ErrNoValue) {
		t.Error("divided by nothing:", err)
	}
	f, _ = formula.Parse("built + built / compounds", known)
	if got := strings.Join(f.Names(), " "); got != "built compounds" {
		t.Error(got)
	}
}

func TestErrorsNameTheirPlace(t *testing.T) {
	for _, c := range []struct {
		text, code, word string
		at               int
	}{
		{"", "formula.end", "", 1},
		{"built +", "formula.end", "", 8},
		{"built residents", "formula.unexpected", "residents", 7},
		{"built / residents", "formula.name", "residents", 9},
		{"(built", "formula.bracket", "", 7},
		{"built)", "formula.unexpected", ")", 6},
		{"1.2.3", "formula.number", "1", 1},
		{"built ^ 2", "formula.unexpected", "^", 7},
		{"建成 / 2", "formula.unexpected", "建", 1},
		{"* 2", "formula.unexpected", "*", 1},
		{strings.Repeat("(", 40) + "1", "formula.deep", "(", 32},
		{strings.Repeat("1+", 200) + "1", "formula.long", "1", 301},
	} {
		_, err := formula.Parse(c.text, known)
		var e *formula.Error
		if !errors.As(err, &e) || e.Code != c.code || e.At != c.at || e.Word != c.word {
			t.Errorf("%.20q: %v, want %s at %d %q", c.text, err, c.code, c.at, c.word)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"built/compounds*100", "-(1+2)", "((", "1..2", "建"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		x, err := formula.Parse(s, known)
		if err != nil {
			var e *formula.Error
			if !errors.As(err, &e) || e.At < 1 || e.At > len([]rune(s))+1 {
				t.Fatalf("%q: %v", s, err)
			}
			return
		}
		if v, err := x.Value(of); err == nil && (math.IsNaN(v) || math.IsInf(v, 0)) {
			t.Fatalf("%q: %v", s, v)
		}
	})
}
