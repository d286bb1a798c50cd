package programme

import (
	"slices"

	"linli.dev/linli/people/place"
)

// shone is the light of a compound from the close of a day on; "" while it is not there or takes no part.
type shone struct {
	day   place.Day
	light Light
}

// shining adds the light of a day where it is another than before.
func shining(list []shone, day place.Day, s *State) []shone {
	var now, was Light
	if s.Part && s.County != "" {
		now = s.Light()
	}
	if len(list) > 0 {
		was = list[len(list)-1].light
	}
	if now == was {
		return list
	}
	return append(list, shone{day, now})
}

// lightAt is the light of a compound at the close of a day.
func lightAt(list []shone, day place.Day) Light {
	i, ok := slices.BinarySearchFunc(list, day, func(a shone, day place.Day) int { return int(a.day - day) })
	if ok {
		i++
	}
	if i == 0 {
		return ""
	}
	return list[i-1].light
}

// EachLight calls f with each compound that takes part and its light. A day at
// its close is looked up, any other question goes through the compounds.
func (b *Book) EachLight(q place.AsOf, f func(id place.ID, light Light)) {
	if !b.closed(q) {
		b.Each(q, func(s *State) { f(s.Compound, s.Light()) })
		return
	}
	b.mu.RLock()
	defer b.mu.RUnlock()
	for id, list := range b.shone {
		if light := lightAt(list, q.Day); light != "" {
			f(id, light)
		}
	}
}

// EachLate calls f with what holds of each compound that takes part and is yellow or red.
func (b *Book) EachLate(q place.AsOf, f func(*State)) {
	if !b.closed(q) {
		b.Each(q, func(s *State) {
			if s.Light().late() {
				f(s)
			}
		})
		return
	}
	b.mu.RLock()
	defer b.mu.RUnlock()
	for id, list := range b.shone {
		if lightAt(list, q.Day).late() {
			s := Evaluate(q, b.facts[id], b.rules)
			f(&s)
		}
	}
}
