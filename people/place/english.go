package place

import (
	"strings"
	"unicode"

	"github.com/mozillazg/go-pinyin"
)

// endings are what names of places end in, longest first, and how English says
// it.
var endings = []struct{ zh, en string }{
	{"高新技术产业开发区", "High-tech Industrial Development Zone"},
	{"经济技术开发区", "Economic and Technological Development Zone"},
	{"经济开发区", "Economic Development Zone"},
	{"旅游度假区", "Tourist Resort"},
	{"开发区", "Development Zone"},
	{"自治县", "Autonomous County"},
	{"新区", "New Area"},
	{"街道", "Subdistrict"},
	{"社区", "Community"},
	{"市", "City"},
	{"区", "District"},
	{"县", "County"},
	{"镇", "Town"},
	{"乡", "Township"},
	{"村", "Village"},
}

// English is a name as an English text has it: 兰山区 is Lanshan District. Names
// of one character keep their ending, as the custom is: 费县 is Feixian County. A
// name without a known ending is spelt as one word; what is not Chinese stays.
// Where a character has several readings it takes the most usual one.
func English(name string) string {
	if isASCII(name) {
		return name
	}
	for _, e := range endings {
		rest, ok := strings.CutSuffix(name, e.zh)
		if !ok || rest == "" {
			continue
		}
		if len([]rune(rest)) == 1 {
			return spelt(name) + " " + e.en
		}
		return spelt(rest) + " " + e.en
	}
	return spelt(name)
}

// spelt writes characters in pinyin, as one word; four of them as two: 临沂临港
// is Linyi Lingang.
func spelt(name string) string {
	r := []rune(name)
	if len(r) == 4 {
		return word(r[:2]) + " " + word(r[2:])
	}
	return word(r)
}

func word(r []rune) string {
	var b strings.Builder
	for _, c := range r {
		read := pinyin.SinglePinyin(c, pinyin.Args{Style: pinyin.Normal})
		if len(read) == 0 {
			b.WriteRune(c)
			continue
		}
		syllable := strings.ReplaceAll(read[0], "ü", "u")
		if s := b.String(); s != "" && strings.ContainsAny(syllable[:1], "aeo") && isASCII(s) {
			b.WriteByte('\'') // Xi'an
		}
		b.WriteString(syllable)
	}
	s := b.String()
	if s != "" && s[0] >= 'a' && s[0] <= 'z' {
		s = strings.ToUpper(s[:1]) + s[1:]
	}
	return s
}

// Latin reports whether a text can stand in an English one.
func Latin(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return unicode.IsLetter(r) && !unicode.Is(unicode.Latin, r) })
}

// Called is what a place is called in a language. Compounds and buildings keep their name in English, unless somebody said
// another: it stands on their gate.
func (v *Version) Called(language string) string {
	switch {
	case language != "en":
		return v.Name
	case v.NameEN != "":
		return v.NameEN
	case v.Level == Compound || v.Level == Building:
		return v.Name
	}
	return English(v.Name)
}
