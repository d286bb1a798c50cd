package grant

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func seconds(pairs ...int) (list []Span) {
	for i := 0; i+1 < len(pairs); i += 2 {
		list = append(list, Span{time.Unix(1e9+int64(pairs[i]), 0).UTC(), time.Unix(1e9+int64(pairs[i+1]), 0).UTC()})
	}
	return list
}

func TestSpansAreJoined(t *testing.T) {
	for _, c := range []struct{ sent, want []Span }{
		{seconds(0, 2, 2, 4, 4, 6), seconds(0, 6)},
		{seconds(10, 12, 0, 2), seconds(0, 2, 10, 12)},
		{seconds(0, 2, 10, 12, 1, 11), seconds(0, 12)},
		{seconds(0, 10, 4, 6), seconds(0, 10)},
		{seconds(0, 2, 3, 4), seconds(0, 4)},
		{seconds(0, 2, 4, 6), seconds(0, 2, 4, 6)},
	} {
		var got []Span
		for _, s := range c.sent {
			got = addSpan(got, s)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%v: %s", c.sent, diff)
		}
		if diff := cmp.Diff(got, spansOf(spansText(got))); diff != "" {
			t.Error(diff)
		}
	}
}

// Whatever was sent is within what is told, in order, without overlap, and in few words.
func TestNothingSentIsLeftOut(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var list, sent []Span
		for range rapid.IntRange(1, 80).Draw(t, "n") {
			from := rapid.IntRange(0, 2000).Draw(t, "from")
			s := seconds(from, from+rapid.IntRange(1, 20).Draw(t, "length"))[0]
			sent, list = append(sent, s), addSpan(list, s)
		}
		if len(list) > maxSpans {
			t.Fatalf("%d spans", len(list))
		}
		for i := 1; i < len(list); i++ {
			if !list[i].From.After(list[i-1].To) {
				t.Fatalf("%v", list)
			}
		}
		for _, s := range sent {
			inside := false
			for _, l := range list {
				inside = inside || !s.From.Before(l.From) && !s.To.After(l.To)
			}
			if !inside {
				t.Fatalf("%v is not in %v", s, list)
			}
		}
	})
}
