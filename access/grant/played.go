package grant

import (
	"encoding/json"
	"slices"
	"time"

	"linli.dev/linli/store"
)

// Span is some footage.
type Span struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
}

const (
	sameSpan = time.Second // footage that is sent on is one span, also where the clock was slewed between two fragments
	maxSpans = 20          // of a look; beyond, the two that are nearest to each other are told as one
)

// Played tells that footage from from to to was sent. A look at the past is offered more than it plays: on record is what
// left the server.
func (l *Lease) Played(from, to time.Time) {
	if !to.After(from) {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.played = addSpan(l.played, Span{From: from.UTC(), To: to.UTC()})
	l.playedNew = true
}

// played spans as they are written down, and whether they have changed since they were last asked for.
func (l *Lease) takePlayed() (text string, changed bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	changed, l.playedNew = l.playedNew, false
	return spansText(l.played), changed
}

func (l *Lease) playedText() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return spansText(l.played)
}

// addSpan keeps a list in order and without overlaps.
func addSpan(list []Span, s Span) []Span {
	i := 0
	for i < len(list) && list[i].To.Add(sameSpan).Before(s.From) {
		i++
	}
	j := i
	for j < len(list) && !list[j].From.After(s.To.Add(sameSpan)) {
		if list[j].From.Before(s.From) {
			s.From = list[j].From
		}
		if list[j].To.After(s.To) {
			s.To = list[j].To
		}
		j++
	}
	list = slices.Replace(list, i, j, s)
	for len(list) > maxSpans {
		near := 0
		for k := 1; k+1 < len(list); k++ {
			if list[k+1].From.Sub(list[k].To) < list[near+1].From.Sub(list[near].To) {
				near = k
			}
		}
		list[near].To = list[near+1].To
		list = slices.Delete(list, near+1, near+2)
	}
	return list
}

func spansText(list []Span) string {
	if len(list) == 0 {
		return ""
	}
	pairs := make([][2]int64, len(list))
	for i, s := range list {
		pairs[i] = [2]int64{micros(s.From), micros(s.To)}
	}
	raw, _ := json.Marshal(pairs)
	return string(raw)
}

func spansOf(text string) (list []Span) {
	var pairs [][2]int64
	if json.Unmarshal([]byte(text), &pairs) != nil {
		return nil
	}
	for _, p := range pairs {
		list = append(list, Span{store.Time(p[0]), store.Time(p[1])})
	}
	return list
}
