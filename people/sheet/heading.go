package sheet

import (
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// plain is a heading, name or choice without what people type differently:
// width, case, blanks, marks.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r <= ' ', r == 0x3000, r == 0xa0, strings.ContainsRune("*:·•_-—'\"“”‘’、,，.。/\\()[]（）【】", r):
			return -1
		}
		return r
	}, strings.ToLower(norm.NFKC.String(s)))
}

// bare is a heading without its unit or note in brackets.
func bare(s string) string {
	s = norm.NFKC.String(s)
	if i := strings.IndexAny(s, "([【"); i > 0 {
		s = s[:i]
	}
	return plain(s)
}

// How a heading got its meaning.
const (
	byName     = "exact"
	byMemory   = "remembered"
	byLikeness = "similar"
	byChoice   = "chosen"
	byNothing  = "none"
)

// meaning finds what a heading means: as this sender meant it before, by one of
// its names, else by likeness.
func (ls *listing) meaning(heading string, remembered map[string]Key) (Key, string) {
	h := plain(heading)
	if h == "" {
		return "", byNothing
	}
	if k, ok := remembered[h]; ok {
		return k, byMemory
	}
	b := bare(heading)
	for _, c := range ls.columns {
		for _, n := range append([]string{string(c.key), c.zh, c.en}, c.also...) {
			if p := plain(n); p == h || p == b {
				return c.key, byName
			}
		}
	}
	if slices.ContainsFunc(passing, func(p string) bool { return plain(p) == h }) {
		return "", byNothing
	}
	best, score := Key(""), 0.0
	for _, c := range ls.columns {
		if c.exact {
			continue
		}
		for _, n := range append([]string{c.zh, c.en}, c.also...) {
			if s := likeness(b, bare(n)); s > score {
				best, score = c.key, s
			}
		}
	}
	if score >= 0.6 {
		return best, byLikeness
	}
	return "", byNothing
}

// likeness is Dice's coefficient over pairs of neighbouring characters, from 0 to 1.
func likeness(a, b string) float64 {
	if a == b {
		return 1
	}
	pa, pb := pairs(a), pairs(b)
	if len(pa) == 0 || len(pb) == 0 {
		return 0
	}
	common := 0
	left := map[[2]rune]int{}
	for _, p := range pa {
		left[p]++
	}
	for _, p := range pb {
		if left[p] > 0 {
			left[p]--
			common++
		}
	}
	return 2 * float64(common) / float64(len(pa)+len(pb))
}

func pairs(s string) [][2]rune {
	rs := []rune(s)
	var out [][2]rune
	for i := 0; i+1 < len(rs); i++ {
		out = append(out, [2]rune{rs[i], rs[i+1]})
	}
	return out
}
