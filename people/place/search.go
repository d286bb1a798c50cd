package place

import (
	"strings"
	"unicode"

	"github.com/mozillazg/go-pinyin"
)

// Needle finds names by what somebody types: characters, pinyin, initials, or
// a mixture: 金阳, jinyang, jy, jin阳 all find 金阳花园. A character with several
// readings is found by each. Make it with NewNeedle; it is for one caller at a
// time.
type Needle struct {
	typed []rune
	read  map[rune][]string // readings that were needed so far
}

// longestNeedle is more than any name has; what is typed beyond finds nothing.
const longestNeedle = 60

// NewNeedle takes what was typed. Spaces, apostrophes and case do not count.
func NewNeedle(typed string) *Needle {
	n := &Needle{read: map[rune][]string{}}
	for _, r := range strings.ToLower(typed) {
		if !unicode.IsSpace(r) && r != '\'' && r != '’' && len(n.typed) <= longestNeedle {
			n.typed = append(n.typed, r)
		}
	}
	return n
}

// Empty reports whether nothing was typed: then every name is found.
func (n *Needle) Empty() bool { return len(n.typed) == 0 }

// In reports whether what was typed is in a name.
func (n *Needle) In(name string) bool {
	if n.Empty() {
		return true
	}
	runes := []rune(strings.ToLower(name))
	failed := make([]bool, (len(runes)+1)*len(n.typed)) // what was tried already, so that no name takes long
	for i := range runes {
		if n.from(runes, i, 0, failed) {
			return true
		}
	}
	return false
}

// from reports whether what is typed from j on stands in the name from i on.
func (n *Needle) from(name []rune, i, j int, failed []bool) bool {
	if j == len(n.typed) {
		return true
	}
	at := i*len(n.typed) + j
	if i == len(name) || failed[at] {
		return false
	}
	r := name[i]
	if r == n.typed[j] && n.from(name, i+1, j+1, failed) {
		return true
	}
	if j > 0 && !unicode.IsLetter(r) && !unicode.IsDigit(r) && n.from(name, i+1, j, failed) {
		return true // signs within a name need not be typed
	}
	if r >= 0x3000 && n.typed[j] < 0x80 {
		rest := string(n.typed[j:])
		for _, reading := range n.readings(r) {
			if strings.HasPrefix(reading, rest) {
				return true // still being typed
			}
			for _, part := range parts(reading) {
				if strings.HasPrefix(rest, part) && n.from(name, i+1, j+len(part), failed) {
					return true
				}
			}
		}
	}
	failed[at] = true
	return false
}

// parts are the ways in which a reading may be typed: whole, or its initial.
func parts(reading string) []string {
	out := []string{reading, reading[:1]}
	if len(reading) > 1 && reading[1] == 'h' {
		out = append(out, reading[:2])
	}
	return out
}

// readings of a character in plain letters, each once.
func (n *Needle) readings(r rune) []string {
	if got, ok := n.read[r]; ok {
		return got
	}
	var out []string
	for _, p := range pinyin.SinglePinyin(r, pinyin.Args{Style: pinyin.Normal, Heteronym: true}) {
		plain := strings.ReplaceAll(p, "ü", "v")
		if plain != "" && isASCII(plain) {
			out = append(out, plain)
		}
	}
	n.read[r] = out
	return out
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}
