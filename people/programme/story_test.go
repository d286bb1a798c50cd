package programme_test

import (
	"strings"
	"testing"

	"linli.dev/linli/people/place"
	"linli.dev/linli/people/programme"
)

type stopped struct{ at place.Day }

func (s stopped) Last() place.Day      { return s.at + 9 }
func (s stopped) Move(place.Day) error { return nil }
func (s stopped) Moving() programme.Moving {
	return programme.Moving{At: s.at, Failed: programme.StoryStopped}
}

// Why a story stopped is told in the reader's language.
func TestWhyAStoryStoppedIsToldInWords(t *testing.T) {
	p := newPage(t)
	p.Programme.SetStory(stopped{day("2017-10-01")})
	for lang, want := range map[string]string{"zh": "2017-10-01的内容未能补上", "en": "What happens on 2017-10-01 could not be filled in"} {
		var said string
		p.Do(200, "reader", "GET", "/api/programme/story", "", &said, "Accept-Language", lang)
		if !strings.Contains(said, want) {
			t.Errorf("%s: %s", lang, said)
		}
	}
}
