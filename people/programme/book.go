package programme

import (
	"slices"
	"sync"

	"linli.dev/linli/people/place"
)

// Book is everything that is said of compounds, in memory. Many may read while
// one writes.
type Book struct {
	clock place.Clock

	mu       sync.RWMutex
	rules    *Rules
	facts    map[place.ID][]Fact
	counties map[place.ID]*ledger[Tally]
	duties   map[dutyKey]*ledger[dutyTally]
	reached  map[dutyKey]*reached
	shone    map[place.ID][]shone     // each compound's lights, in order
	turned   map[place.ID][]place.Day // the days at whose close a compound counts otherwise than the day before, in order
	ended    map[place.ID]bool        // compounds that were ever said to have ended
}

// NewBook takes the rules and all facts there are.
func NewBook(clock place.Clock, rules *Rules, facts []Fact) *Book {
	b := &Book{clock: clock, rules: rules, facts: map[place.ID][]Fact{}, turned: map[place.ID][]place.Day{}, ended: map[place.ID]bool{}}
	b.counties, b.duties = map[place.ID]*ledger[Tally]{}, map[dutyKey]*ledger[dutyTally]{}
	b.reached, b.shone = map[dutyKey]*reached{}, map[place.ID][]shone{}
	for _, f := range facts {
		b.facts[f.Compound] = append(b.facts[f.Compound], f)
	}
	for id := range b.facts {
		inOrder(b.facts[id])
		b.post(id, 1)
	}
	b.settle()
	return b
}

// settle makes the ledgers ready to be read.
func (b *Book) settle() {
	for _, l := range b.counties {
		l.settle()
	}
	for _, l := range b.duties {
		l.settle()
	}
}

// Replace puts in what is said of some compounds now, for all that was said of
// them before. A compound of which nothing is said is taken out.
func (b *Book) Replace(compounds []place.ID, facts []Fact) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := map[place.ID][]Fact{}
	for _, f := range facts {
		now[f.Compound] = append(now[f.Compound], f)
	}
	for _, id := range compounds {
		b.post(id, -1)
		if list := now[id]; len(list) > 0 {
			inOrder(list)
			b.facts[id] = list
			b.post(id, 1)
		} else {
			delete(b.facts, id)
		}
	}
	b.settle()
}

// post books what a compound adds to its counties, day by day; sign -1 takes
// the same out again.
func (b *Book) post(id place.ID, sign int64) {
	facts := b.facts[id]
	delete(b.turned, id)
	delete(b.ended, id)
	delete(b.shone, id)
	if sign > 0 && slices.ContainsFunc(facts, func(f Fact) bool { return f.Kind == InCounty && f.Value > 0 }) {
		b.ended[id] = true
	}
	var turned []place.Day
	var lights []shone
	var was Tally
	var in place.ID
	var before State
	for _, day := range b.turns(facts) {
		s := Evaluate(b.clock.AtClose(day), facts, b.rules)
		b.postDuties(day, &before, &s, sign)
		before = s
		lights = shining(lights, day, &s)
		now := s.Count()
		if now == was && (s.books == in || now == Tally{}) {
			continue
		}
		if was != (Tally{}) {
			book(b.counties, in).add(day, &was, -sign)
		}
		if now != (Tally{}) {
			book(b.counties, s.books).add(day, &now, sign)
		}
		was, in = now, s.books
		turned = append(turned, day)
	}
	if sign > 0 && len(turned) > 0 {
		b.turned[id] = slices.Clip(turned)
	}
	if sign > 0 && len(lights) > 0 {
		b.shone[id] = slices.Clip(lights)
	}
}

// turnsWithin reports whether a compound counts otherwise at the close of a day than of an earlier one, or did in between.
func (b *Book) turnsWithin(id place.ID, from, to place.Day) bool {
	days := b.turned[id]
	i, _ := slices.BinarySearch(days, from+1)
	return i < len(days) && days[i] <= to
}

// sum is what a county, or the city when it is "", adds up to at the close of a day.
func (b *Book) sum(day place.Day, county place.ID) (t Tally) {
	for id, l := range b.counties {
		if county == "" || id == county {
			one := l.at(day)
			t.Add(&one)
		}
	}
	return t
}

// book is the ledger of a key, a new one when there is none.
func book[K comparable, L any](in map[K]*L, key K) *L {
	l := in[key]
	if l == nil {
		l = new(L)
		in[key] = l
	}
	return l
}

// turns lists the days at whose close something about a compound may be other
// than at the close of the day before.
func (b *Book) turns(facts []Fact) []place.Day {
	days := make([]place.Day, 0, 2*len(facts)+8)
	var extended []Duty
	for i := range facts {
		f := &facts[i]
		days = append(days, max(f.About, b.clock.DayOf(f.Known)))
		switch f.Kind {
		case Seen:
			for _, s := range b.rules.spans {
				days = append(days, place.Day(f.Value)+s.days+1)
			}
		case Extended:
			extended = append(extended, Duty{Milestone: MilestoneID(f.Text), Due: place.Day(f.Value)})
		}
	}
	for _, s := range b.rules.spans[1:] {
		days = append(days, b.clock.DayOf(s.from))
	}
	for i := range b.rules.all {
		m := &b.rules.all[i]
		turns := m.turns(0)
		days = append(append(days, b.clock.DayOf(m.Known)), turns[:]...)
		for _, e := range extended {
			if e.Milestone == m.ID {
				turns = m.turns(e.Due)
				days = append(days, turns[:]...)
			}
		}
	}
	slices.Sort(days)
	return slices.Compact(days)
}

// Compound is what holds of one compound. ok is false when nothing is known of
// it then.
func (b *Book) Compound(q place.AsOf, id place.ID) (s State, ok bool) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	s = Evaluate(q, b.facts[id], b.rules)
	return s, s.Compound != ""
}

// Each calls f with what holds of each compound that takes part.
func (b *Book) Each(q place.AsOf, f func(*State)) { b.each(q, true, f) }

// EachOutside calls f with each compound that is there and takes no part.
func (b *Book) EachOutside(q place.AsOf, f func(*State)) { b.each(q, false, f) }

// EachEnded calls f with each compound that has ended and whose help money still counts.
func (b *Book) EachEnded(q place.AsOf, f func(*State)) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	for id := range b.ended {
		if s := Evaluate(q, b.facts[id], b.rules); s.Ended && s.Count() != (Tally{}) {
			f(&s)
		}
	}
}

func (b *Book) each(q place.AsOf, part bool, f func(*State)) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	for _, facts := range b.facts {
		if s := Evaluate(q, facts, b.rules); s.Part == part && s.County != "" {
			f(&s)
		}
	}
}

// closed reports whether a question is about a day as known at its close: the ledgers answer it.
func (b *Book) closed(q place.AsOf) bool { return q.Known.Equal(b.clock.Close(q.Day)) }

// Counties are the figures of each county. A day at its close is read from the
// ledgers, any other question goes through the compounds.
func (b *Book) Counties(q place.AsOf) map[place.ID]Tally {
	out := map[place.ID]Tally{}
	if !b.closed(q) {
		add := func(s *State) {
			sum, one := out[s.books], s.Count()
			sum.Add(&one)
			out[s.books] = sum
		}
		b.Each(q, add)
		b.EachEnded(q, add)
		return out
	}
	b.mu.RLock()
	defer b.mu.RUnlock()
	for id, l := range b.counties {
		if t := l.at(q.Day); t != (Tally{}) {
			out[id] = t
		}
	}
	return out
}

// total is what a county, or the city when it is "", adds up to.
func (b *Book) total(q place.AsOf, county place.ID) Tally {
	switch {
	case !b.closed(q) && county == "":
		return b.City(q)
	case !b.closed(q):
		return b.Counties(q)[county]
	}
	b.mu.RLock()
	defer b.mu.RUnlock()
	return b.sum(q.Day, county)
}

// City is the sum of the counties.
func (b *Book) City(q place.AsOf) (t Tally) {
	for _, c := range b.Counties(q) {
		t.Add(&c)
	}
	return t
}

// Trend is the city at the close of each of the days, which are in order.
func (b *Book) Trend(days []place.Day) []Tally {
	b.mu.RLock()
	defer b.mu.RUnlock()
	out := make([]Tally, len(days))
	for _, l := range b.counties {
		l.walk(days, func(i int, t *Tally) { out[i].Add(t) })
	}
	return out
}

// Rules are the milestones that count for a question.
func (b *Book) Rules(q place.AsOf) []Milestone {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return b.rules.At(q.Known)
}
