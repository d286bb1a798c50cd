package sheet

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"

	"linli.dev/linli/people/place"
)

// Problem is a bad cell, or one to look at: where, what is wrong, what would
// be right.
type Problem struct {
	Sheet  string `json:"sheet,omitempty" doc:"Name of the sheet; empty for a text"`
	Cell   string `json:"cell,omitempty" doc:"As the spreadsheet calls it, C17; empty when the row has no such column"`
	Row    int    `json:"row" doc:"From 1"`
	Name   string `json:"name,omitempty" doc:"The compound that the row names"`
	Column string `json:"column,omitempty" doc:"Heading of the column"`
	Kind   Kind   `json:"kind"`
	Code   string `json:"code"`
	Says   string `json:"says" doc:"What is wrong"`
	Is     string `json:"is,omitempty" doc:"What stands there"`
	Right  string `json:"right,omitempty" doc:"What would be right"`

	args  map[string]any
	right right
	col   int // of the cell, from 0; -1: none
}

// Kind is a sort of trouble, for lists to be narrowed by.
type Kind string

// The kinds: of bad cells, then of cells to look at.
const (
	kindRequired Kind = "required"
	kindText     Kind = "text"
	kindNumber   Kind = "number"
	kindDay      Kind = "day"
	kindChoice   Kind = "choice"
	kindPlace    Kind = "place"
	kindClass    Kind = "class"
	kindTwice    Kind = "twice"
	kindPerson   Kind = "person"
	kindFormula  Kind = "formula"
	kindMerged   Kind = "merged"
	kindID       Kind = "id"
	kindRights   Kind = "rights"
	kindSimilar  Kind = "similar"
	kindChanged  Kind = "changed"
	kindSkipped  Kind = "skipped"
)

// right is what would be right: a sentence, or a list of words.
type right struct {
	code  string
	args  map[string]any
	words []string
}

func clip(s string) string {
	s = place.Tidy(s)
	if r := []rune(s); len(r) > 60 {
		return string(r[:60]) + "…"
	}
	return s
}

var blanks = strings.NewReplacer("\u3000", " ", "\u00a0", " ")

// tidy is a cell as text: without blanks around, in ordinary width, without the
// apostrophe by which a spreadsheet is told that it is one.
func tidy(s string) string {
	if s == "" {
		return ""
	}
	s = place.Tidy(blanks.Replace(s))
	if len(s) > 1 && s[0] == '\'' && place.IsFormula(s[1:]) {
		s = s[1:]
	}
	// Letters and digits in full width are what a keyboard left, Chinese marks are not.
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if r >= '０' && r <= '９' || r >= 'Ａ' && r <= 'Ｚ' || r >= 'ａ' && r <= 'ｚ' {
			return r - 0xfee0
		}
		return r
	}, s))
}

var formulaErrors = []string{"#REF!", "#N/A", "#NAME?", "#VALUE!", "#DIV/0!", "#NUM!", "#NULL!"}

func isFormulaError(s string) bool { return slices.Contains(formulaErrors, strings.ToUpper(s)) }

// isFormula reports whether a text would be reckoned by a spreadsheet.
func isFormula(s string) bool { return place.IsFormula(s) }

var unit = regexp.MustCompile(`(人|名|个|处|樘|扇|盏|条|路|台|套|部|栋|persons?|pcs)$`)

// number reads a whole number as people type it: 12, 12.0, 1,200, "12 人", full
// width. ok is false for no number, whole for a fraction.
func number(s string) (n int, whole, ok bool) {
	s = strings.TrimSpace(norm.NFKC.String(s))
	s = strings.TrimSpace(unit.ReplaceAllString(s, ""))
	s = strings.ReplaceAll(s, ",", "")
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || f != f || f > 1e15 || f < -1e15 || strings.ContainsAny(s, "xXpPnN") {
		return 0, false, false
	}
	return int(f), f == float64(int(f)), true
}

var dayForms = []string{
	"2006-1-2", "2006/1/2", "2006.1.2", "2006年1月2日", "20060102", "2006-1-2 15:04:05", "2006/1/2 15:04:05", "2006-1-2 15:04", "2006/1/2 15:04", "2006-01-02T15:04:05Z", "1/2/06 15:04", "2 Jan 2006", "2-Jan-06",
}

// day reads a day as people type it, or as a spreadsheet counts it.
func day(s string) (place.Day, bool) {
	s = strings.ReplaceAll(strings.TrimSpace(norm.NFKC.String(s)), " 年", "年")
	s = strings.TrimSuffix(strings.ReplaceAll(strings.ReplaceAll(s, "年 ", "年"), "月 ", "月"), "号")
	for _, f := range dayForms {
		if t, err := time.Parse(f, s); err == nil {
			return place.Date(t.Date()), t.Year() > 1971 && t.Year() < 2200
		}
	}
	if n, whole, ok := number(s); ok && whole && n > 26_300 && n < 109_600 { // 1972 to 2200
		return place.Date(1899, time.December, 30) + place.Day(n), true
	}
	return 0, false
}
