package camera

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// The register speaks about places, never about people (red line 8): values
// shaped like identity numbers are refused everywhere, values shaped like
// telephone numbers everywhere but in the field for staff contacts.

var (
	identityShape = regexp.MustCompile(`(?:^|[^0-9])([1-9][0-9]{5}(?:18|19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{3}[0-9xX])(?:$|[^0-9xX])`)
	mobileShape   = regexp.MustCompile(`(?:^|[^0-9])(?:\+?86[- ]?)?1[3-9][0-9][- ]?[0-9]{4}[- ]?[0-9]{4}(?:$|[^0-9])`)
	landlineShape = regexp.MustCompile(`(?:^|[^0-9])0[1-9][0-9]{1,2}-[2-9][0-9]{6,7}(?:$|[^0-9])`)
)

// holdsIdentity reports a number shaped like a resident identity number whose
// check digit is right.
func holdsIdentity(s string) bool {
	for _, m := range identityShape.FindAllStringSubmatch(norm.NFKC.String(s), -1) {
		if identityChecksum(m[1]) {
			return true
		}
	}
	return false
}

// identityChecksum is ISO 7064 mod 11-2, as GB 11643 uses it.
func identityChecksum(id string) bool {
	weights := [17]int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2}
	sum := 0
	for i, w := range weights {
		sum += int(id[i]-'0') * w
	}
	return strings.EqualFold(id[17:], "10X98765432"[sum%11:sum%11+1])
}

func holdsPhone(s string) bool {
	s = norm.NFKC.String(s)
	return mobileShape.MatchString(s) || landlineShape.MatchString(s)
}

// tidy trims a text and takes out what no page should have to show: control
// characters and invalid bytes. Line breaks stay where several lines are
// meant.
func tidy(s string, lines bool) string {
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "")
	}
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\n' && lines:
			return r
		case r == '\n', r == '\t':
			return ' '
		case unicode.IsControl(r), r == '\u202e', r == '\u202d', r == '\ufeff':
			return -1
		}
		return r
	}, s)
	return strings.TrimSpace(s)
}
