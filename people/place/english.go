package place

import (
	"context"
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

// divisions are the levels whose names English texts have in English.
var divisions = []Level{City, County, Street, Community}

// EnglishNames are what divisions are called in English texts, by name: lists and papers know no more of most of them. Where two
// of the same name are called differently the name is spelt by rule. Without levels: of all divisions.
func (t *Tree) EnglishNames(q AsOf, levels ...Level) map[string]string {
	if len(levels) == 0 {
		levels = divisions
	}
	out := map[string]string{}
	for _, level := range levels {
		for _, v := range t.Of(q, level) {
			name := v.Called("en")
			if other, ok := out[v.Name]; ok && other != name {
				name = English(v.Name)
			}
			out[v.Name] = name
		}
	}
	return out
}

// EnglishNames are those that hold for a question.
func (s *Service) EnglishNames(ctx context.Context, q AsOf) (map[string]string, error) {
	tree, err := s.Tree(ctx)
	if err != nil {
		return nil, err
	}
	return tree.EnglishNames(q), nil
}

type namesOutput struct {
	CacheControl string `header:"Cache-Control"`
	Body         struct {
		Names map[string]string `json:"names"`
	}
}

func (s *Service) httpNames(ctx context.Context, in *AsOfInput) (out *namesOutput, err error) {
	q, err := in.AsOf(s.clock)
	if err != nil {
		return nil, err
	}
	out = &namesOutput{CacheControl: "private, max-age=300"}
	out.Body.Names, err = s.EnglishNames(ctx, q)
	return out, err
}
