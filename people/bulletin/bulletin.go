package bulletin

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"linli.dev/linli/people/place"
)

// ID names a bulletin.
type ID string

// State is how far a bulletin has come.
type State string

// An issued bulletin never changes; a draft that is thrown away stays on record.
const (
	Draft    State = "draft"
	Reviewed State = "reviewed"
	Issued   State = "issued"
	Dropped  State = "dropped"
)

// Bulletin is one of an office: the city's, or a county's.
type Bulletin struct {
	ID         ID       `json:"id"`
	Version    int64    `json:"version"`
	State      State    `json:"state" enum:"draft,reviewed,issued,dropped"`
	Office     place.ID `json:"office" doc:"The city or the county that speaks"`
	OfficeName string   `json:"office_name"`
	Words

	Corrects       ID     `json:"corrects,omitempty"`
	CorrectsNumber string `json:"corrects_number,omitempty"`
	CorrectedBy    ID     `json:"corrected_by,omitempty" doc:"An issued one that corrects this one"`

	Written  Act    `json:"written" doc:"When it was last written, and by whom"`
	Checked  Act    `json:"checked,omitzero"`
	Given    Act    `json:"issued,omitzero"`
	SentBack string `json:"sent_back,omitempty" doc:"Why it was sent back last"`

	Number string    `json:"number,omitempty"`
	On     place.Day `json:"on,omitempty" doc:"The day on which it was issued"`
	Hash   string    `json:"sha256,omitempty" doc:"While it is reviewed: of its content, the office's Word template and its numbers. Once issued: of the content"`

	writers []string
	known   time.Time // up to when what is known counts; zero: until it is reviewed
}

// Act is who did something, and when.
type Act struct {
	By string    `json:"by"`
	At time.Time `json:"at"`
}

// Words are what an office decides.
type Words struct {
	Day   place.Day  `json:"day" doc:"The day that it is about"`
	Since place.Day  `json:"since" doc:"The day that changes are counted from"`
	Title string     `json:"title,omitempty" doc:"In place of the computed one"`
	InEn  string     `json:"title_en,omitempty" doc:"The same of the English edition"`
	Added []Addition `json:"added" maxItems:"20"`
}

// Addition is a paragraph of the office's own. A figure stands in it as its name
// in braces, {networked}, and is computed like all others.
type Addition struct {
	After   string `json:"after" maxLength:"40" doc:"The section that it follows; start or end"`
	Heading string `json:"heading,omitempty"`
	Text    string `json:"text"`
}

// The most that an office may add to one bulletin.
const (
	maxHeading = 40
	maxText    = 800
	maxTitle   = 60  // two lines of a Chinese title
	maxTitleEn = 120 // and of an English one
)

// check tidies the words. figures are the names that may stand in braces.
func (w *Words) check(today place.Day, figures []string) (p place.Problems) {
	switch {
	case w.Day == 0:
		p.Add("day", "place.field.required")
	case w.Day > today:
		p.Add("day", "bulletin.day-to-come")
	}
	if w.Since >= w.Day && w.Day != 0 {
		p.Add("since", "bulletin.since-later")
	}
	w.Title, w.InEn = place.Tidy(w.Title), place.Tidy(w.InEn)
	p.Text("title", w.Title, maxTitle, false)
	p.Text("title_en", w.InEn, maxTitleEn, false)
	w.Added = append([]Addition{}, w.Added...)
	for i := range w.Added {
		a := &w.Added[i]
		a.After, a.Heading, a.Text = place.Tidy(a.After), place.Tidy(a.Heading), place.Tidy(a.Text)
		p.Text(place.Item("added", i, "heading"), a.Heading, maxHeading, false)
		p.Text(place.Item("added", i, "text"), a.Text, maxText, true)
		for _, name := range names(a.Text) {
			if figures != nil && !slices.Contains(figures, name) {
				p.Add(place.Item("added", i, "text"), "bulletin.no-figure", "is", name)
			}
		}
	}
	return p
}

// names are those that stand in braces in a text.
func names(text string) (out []string) {
	for {
		_, rest, ok := strings.Cut(text, "{")
		if !ok {
			return out
		}
		name, after, ok := strings.Cut(rest, "}")
		if !ok {
			return append(out, clip(rest))
		}
		out, text = append(out, clip(name)), after
	}
}

func clip(s string) string {
	if utf8.RuneCountInString(s) > 24 {
		return string([]rune(s)[:24]) + "…"
	}
	return s
}
