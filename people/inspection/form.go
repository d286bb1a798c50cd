package inspection

import (
	"strconv"
	"strings"
	"time"

	"linli.dev/linli/people/place"
)

// FormID names a form over all its versions; a person chooses it: "safe-compound".
type FormID string

// Words is a text in both languages of the house. One of them may be missing.
type Words struct {
	ZH string `json:"zh"`
	EN string `json:"en,omitempty"`
}

// In is the text in a language, "zh" or "en", else in the other.
func (w Words) In(lang string) string {
	if lang == "en" && w.EN != "" || w.ZH == "" {
		return w.EN
	}
	return w.ZH
}

func (w *Words) tidy() { w.ZH, w.EN = place.Tidy(w.ZH), place.Tidy(w.EN) }

// Kind is how an item is answered.
type Kind string

// The kinds. Points: the inspector gives points, whole ones, up to the weight.
// Integer and Decimal: a number, from which points follow where Full is given.
// Text, Photo and Note are worth nothing; a note is only read.
const (
	YesNo   Kind = "yes-no"
	Choose  Kind = "choice"
	Give    Kind = "points"
	Integer Kind = "integer"
	Decimal Kind = "decimal"
	Text    Kind = "text"
	Photo   Kind = "photo"
	Note    Kind = "note"
)

// Kinds in the order in which a page offers them.
var Kinds = []Kind{YesNo, Choose, Give, Integer, Decimal, Text, Photo, Note}

// Choice is one of the answers that an item offers.
type Choice struct {
	Name  string `json:"name"`
	Title Words  `json:"title"`
	Share int    `json:"share" minimum:"0" maximum:"100" doc:"Percent of the item's points that it gives"`
}

// When says that an item is asked only where another one, before it, was
// answered so.
type When struct {
	Item  string `json:"item"`
	Value string `json:"value"`
}

// Item is one thing that inspectors look at.
type Item struct {
	Name     string   `json:"name" doc:"Small letters, digits, _; one of its kind in the form"`
	Title    Words    `json:"title"`
	Hint     Words    `json:"hint,omitzero"`
	Kind     Kind     `json:"kind" enum:"yes-no,choice,points,integer,decimal,text,photo,note"`
	Weight   int      `json:"weight" minimum:"0" maximum:"100" doc:"Points that it is worth; 0: none"`
	Veto     bool     `json:"veto,omitempty" doc:"Without any point here the inspection has failed, whatever its score"`
	MayNot   bool     `json:"may_not_apply,omitempty" doc:"It may be left out as not applicable, with a reason"`
	Required bool     `json:"required,omitempty" doc:"An item without points that must be answered; those with points must be anyway"`
	Photo    string   `json:"photo,omitempty" enum:",optional,required" doc:"Whether photos go with the answer"`
	Choices  []Choice `json:"choices,omitempty" maxItems:"30"`
	When     *When    `json:"when,omitempty"`
	Least    string   `json:"least,omitempty" doc:"Of a number: what it is at least; two decimals at most"`
	Most     string   `json:"most,omitempty"`
	Zero     string   `json:"zero,omitempty" doc:"Of a number: at which it gives no point"`
	Full     string   `json:"full,omitempty" doc:"Of a number: at which it gives all points; between them in proportion"`
}

// Section is a part of a form.
type Section struct {
	Name   string `json:"name"`
	Title  Words  `json:"title"`
	Weight int    `json:"weight" doc:"Points of its items together"`
	Items  []Item `json:"items" minItems:"1" maxItems:"100"`
}

// FormState is how far a version of a form has come.
type FormState string

// A published version never changes.
const (
	Draft     FormState = "draft"
	Published FormState = "published"
)

// FormWords are what a person decides about a form.
type FormWords struct {
	Title    Words     `json:"title"`
	Note     Words     `json:"note,omitzero"`
	Pass     int       `json:"pass" minimum:"1" maximum:"100" doc:"Points from which it is a pass"`
	Mend     int       `json:"mend" minimum:"0" maximum:"100" doc:"Points from which it is to be mended; below: fail"`
	Judged   int       `json:"judged" minimum:"1" maximum:"100" doc:"Percent of the points that must be judged, not left out as not applicable, for a pass or a mend"`
	MendDays int       `json:"mend_days" minimum:"1" maximum:"365" doc:"Days until what is lacking must be mended, where the team says nothing else"`
	Sections []Section `json:"sections" minItems:"1" maxItems:"30"`
}

// Form is one version of a form.
type Form struct {
	ID      FormID    `json:"id"`
	Number  int       `json:"number" doc:"Of the version, from 1"`
	Version int64     `json:"version" doc:"Of the draft; for If-Match"`
	State   FormState `json:"state" enum:"draft,published"`
	FormWords
	Editors     []string   `json:"editors" doc:"Accounts that wrote this version; none of them publishes it"`
	Known       time.Time  `json:"known"`
	By          string     `json:"by"`
	Published   *time.Time `json:"published,omitempty"`
	PublishedBy string     `json:"published_by,omitempty"`
}

func (f *FormWords) tidy() {
	f.Title.tidy()
	f.Note.tidy()
	for i := range f.Sections {
		s := &f.Sections[i]
		s.Name = strings.TrimSpace(s.Name)
		s.Title.tidy()
		s.Weight = 0
		for j := range s.Items {
			it := &s.Items[j]
			it.Name = strings.TrimSpace(it.Name)
			it.Title.tidy()
			it.Hint.tidy()
			for k := range it.Choices {
				it.Choices[k].Name = strings.TrimSpace(it.Choices[k].Name)
				it.Choices[k].Title.tidy()
			}
			for _, n := range []*string{&it.Least, &it.Most, &it.Zero, &it.Full} {
				if h, ok := hundredths(*n); ok {
					*n = decimal(h)
				}
			}
			s.Weight += it.Weight
		}
	}
}

// item finds an item by its name.
func (f *FormWords) item(name string) *Item {
	for i := range f.Sections {
		for j := range f.Sections[i].Items {
			if it := &f.Sections[i].Items[j]; it.Name == name {
				return it
			}
		}
	}
	return nil
}

// order is where in the form each item stands.
func (f *FormWords) order() map[string]int {
	out := map[string]int{}
	for i := range f.Sections {
		for j := range f.Sections[i].Items {
			out[f.Sections[i].Items[j].Name] = len(out)
		}
	}
	return out
}

// choice finds a choice by its name.
func (it *Item) choice(name string) *Choice {
	for i := range it.Choices {
		if it.Choices[i].Name == name {
			return &it.Choices[i]
		}
	}
	return nil
}

// mostNumber bounds what a number may be: nothing that is counted in a compound
// is larger, and a telephone number is.
const mostNumber = 100_000_000 // hundredths

// hundredths reads a decimal of at most two places.
func hundredths(s string) (int64, bool) {
	whole, part, dot := strings.Cut(s, ".")
	neg := strings.HasPrefix(whole, "-")
	whole = strings.TrimPrefix(whole, "-")
	if len(whole) == 0 || len(whole) > 7 || dot && (len(part) == 0 || len(part) > 2) {
		return 0, false
	}
	for _, r := range whole + part {
		if r < '0' || r > '9' {
			return 0, false
		}
	}
	n, err := strconv.ParseInt(whole+(part + "00")[:2], 10, 64)
	if err != nil || n > mostNumber {
		return 0, false
	}
	if neg {
		n = -n
	}
	return n, true
}

// decimal writes hundredths without zeros that say nothing.
func decimal(n int64) string {
	sign := ""
	if n < 0 {
		sign, n = "-", -n
	}
	s := sign + strconv.FormatInt(n/100, 10)
	if f := n % 100; f%10 != 0 {
		s += "." + strconv.FormatInt(100+f, 10)[1:]
	} else if f != 0 {
		s += "." + strconv.FormatInt(f/10, 10)
	}
	return s
}
