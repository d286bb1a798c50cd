package place

import (
	"maps"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"linli.dev/linli/fault"
)

// Day is a calendar day, counted from 1970-01-01. It has no zone: which
// instants belong to it is the clock's to say. 0 is no day. In JSON and in
// addresses it is "2017-09-27".
type Day int32

// Date makes a Day.
func Date(year int, month time.Month, day int) Day {
	return Day(time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Unix() / 86400)
}

// ParseDay reads "2017-09-27".
func ParseDay(s string) (Day, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil || t.Year() < 1971 || t.Year() > 2200 {
		return 0, fault.New(fault.Invalid, "place.ParseDay", "place.field.day", "is", clip(s))
	}
	return Day(t.Unix() / 86400), nil
}

// midnight is the day's beginning in UTC, for calendar sums only.
func (d Day) midnight() time.Time { return time.Unix(int64(d)*86400, 0).UTC() }

// String is "2017-09-27"; "" for no day.
func (d Day) String() string {
	if d == 0 {
		return ""
	}
	return d.midnight().Format(time.DateOnly)
}

// Date gives year, month and day.
func (d Day) Date() (int, time.Month, int) { return d.midnight().Date() }

// AddMonths goes n months on; a day that the month does not have becomes its last.
func (d Day) AddMonths(n int) Day {
	y, m, day := d.Date()
	last := Date(y, m+time.Month(n)+1, 0)
	return min(Date(y, m+time.Month(n), day), last)
}

// MarshalText is String.
func (d Day) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText is ParseDay; an empty text is no day.
func (d *Day) UnmarshalText(b []byte) (err error) {
	if len(b) == 0 {
		*d = 0
		return nil
	}
	*d, err = ParseDay(string(b))
	return err
}

// Schema describes a day to the API, which then says which field holds none.
func (Day) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Format: "date", Examples: []any{"2017-09-27"}}
}

// Moment is where something stands on the two axes of time: the day that it
// is about, and the instant at which it became known.
type Moment struct {
	About Day       `json:"from" doc:"The day from which it holds"`
	Known time.Time `json:"known" doc:"When it became known"`
}

// Later orders two sayings about the same thing, of which the later holds: the
// one about the later day; about the same day, the one that became known later.
func (m Moment) Later(o Moment) bool {
	if m.About != o.About {
		return m.About > o.About
	}
	return m.Known.After(o.Known)
}

// AsOf is a question's place in time: the state of a day, as far as it was
// known at an instant.
type AsOf struct {
	Day   Day
	Known time.Time
}

// micros is a moment as a key of a map: two times may be the same and differ.
type micros struct {
	about Day
	known int64
}

func (m Moment) micros() micros { return micros{m.About, m.Known.UnixMicro()} }

func (m micros) moment() Moment { return Moment{m.about, time.UnixMicro(m.known).UTC()} }

// Sees reports whether a saying existed for the question.
func (q AsOf) Sees(m Moment) bool { return m.About <= q.Day && !m.Known.After(q.Known) }

// Picks finds the saying that holds: of those that the question sees the
// latest. -1: none.
func Picks[T any](q AsOf, list []T, at func(*T) Moment) int {
	best := -1
	for i := range list {
		m := at(&list[i])
		if q.Sees(m) && (best < 0 || !at(&list[best]).Later(m)) {
			best = i
		}
	}
	return best
}

// Said is a value that something has from a day on, as far as was known.
type Said[V any] struct {
	Moment
	Value V
}

// Holds is the value that holds for a question; the zero value when nothing is
// said.
func Holds[V any](q AsOf, list []Said[V]) (v V) {
	if i := Picks(q, list, func(s *Said[V]) Moment { return s.Moment }); i >= 0 {
		v = list[i].Value
	}
	return v
}

// replay turns a value that is computed from several sayings into sayings of
// its own: Holds then answers like the computation, for every question. moments
// are all those at which the computation may turn.
func replay[V comparable](moments []Moment, value func(AsOf) V) []Said[V] {
	days, instants := map[Day]bool{}, map[int64]bool{}
	for _, m := range moments {
		days[m.About], instants[m.Known.UnixMicro()] = true, true
	}
	abouts := slices.Sorted(maps.Keys(days))
	var out []Said[V]
	// What became known later never speaks for a question of before; so each instant need only say, day by day, where
	// its answer differs from what was said until then.
	for _, known := range slices.Sorted(maps.Keys(instants)) {
		for _, day := range abouts {
			m := micros{day, known}.moment()
			q := AsOf{m.About, m.Known}
			if now := value(q); now != Holds(q, out) {
				out = append(out, Said[V]{m, now})
			}
		}
	}
	return out
}
