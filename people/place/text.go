package place

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// The rooms of the programme speak of places and work, never of residents
// (red line 8): values shaped like identity or telephone numbers are refused
// in every text, as none of them is meant for staff contacts.

var (
	// GB 11643: 18 digits, written in one or in groups; and the 15 of before 1999, which need a province and a day.
	identityShape = regexp.MustCompile(`(?:^|[^0-9])(?:[1-9][0-9]{5}[- ]?(?:18|19|20)[0-9]{2}[- ]?(?:0[1-9]|1[0-2])[- ]?(?:0[1-9]|[12][0-9]|3[01])[- ]?[0-9]{3}[0-9xX]|` +
		`(?:1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3])[0-9]{4}[- ]?[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[- ]?[0-9]{3})(?:$|[^0-9xX])`)
	// Mobile numbers; landlines with their area code, in brackets or not; 400 and 800 numbers.
	phoneShape = regexp.MustCompile(`(?:^|[^0-9])(?:(?:\(?\+?86\)?[- ]?)?1[3-9][0-9](?:[- ]?[0-9]{4}[- ]?[0-9]{4}|\.[0-9]{4}\.[0-9]{4})|` +
		`\(?0(?:10|2[0-9]|[3-9][0-9]{2})[- )]{0,2}[2-9][0-9]{2,3}[- ]?[0-9]{4}|[48]00[- ]?(?:[0-9]{3}[- ]?[0-9]{4}|[0-9]{4}[- ]?[0-9]{3}))(?:$|[^0-9])`)
)

// Text checks one text of an entry: its length in characters, and that it
// holds no number of a person.
func (p *Problems) Text(path, s string, most int, need bool) {
	switch n := utf8.RuneCountInString(s); {
	case need && n == 0:
		p.Add(path, "place.field.required")
	case n > most:
		p.Add(path, "place.field.too-long", "most", most, "is", n)
	default:
		if code := Personal(s); code != "" {
			p.Add(path, code)
		}
	}
}

// Ask is Text for one that says what is to be done, and by when: it asks nobody
// for residents (red line 8), and demands of nobody to take part (red line 7).
func (p *Problems) Ask(path, s string, most int, need bool) {
	before := len(*p)
	p.Text(path, s, most, need)
	switch {
	case len(*p) > before:
	case AsksForResidents(s):
		p.Add(path, "place.field.asks-residents")
	case DemandsTakingPart(s):
		p.Add(path, "place.field.taking-part")
	}
}

// Personal says why a text is refused that is shaped like the number of a
// person; "" when it is not.
func Personal(s string) string {
	switch wide := norm.NFKC.String(s); {
	case identityShape.MatchString(wide):
		return "place.field.identity-number"
	case phoneShape.MatchString(wide):
		return "place.field.phone-number"
	}
	return ""
}

// Tidy trims a text and takes out what no page should have to show: line
// breaks, control characters, invalid bytes, marks that turn the reading order.
func Tidy(s string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		switch {
		case r == '\n', r == '\t', r == '\r':
			return ' '
		case unicode.IsControl(r), r == '\u202e', r == '\u202d', r == '\ufeff':
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "")))
}

// clip keeps a value from outside short enough to be repeated in a sentence.
func clip(s string) string {
	s = Tidy(s)
	if r := []rune(s); len(r) > 24 {
		return string(r[:24]) + "…"
	}
	return s
}
