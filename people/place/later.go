package place

// What is said about a day holds until something is said about a later day. So what ends from a day on may be there again, and
// have something hang under it, from a later one on, by what was said of that one before.

// turns are the days, after the one of a question, from which a version of a place holds; the earliest first.
func (t *Tree) turns(q AsOf, id ID) (days []Day) {
	for i := range t.versions[id] { // sorted by what they are about
		v := &t.versions[id][i]
		if v.About > q.Day && !v.Known.After(q.Known) && (len(days) == 0 || days[len(days)-1] != v.About) {
			days = append(days, v.About)
		}
	}
	return days
}

// StandsLater is the last day after the one of a question from which it is said of a place that it is there; 0: there is none.
func (t *Tree) StandsLater(q AsOf, id ID) (last Day) {
	for _, day := range t.turns(q, id) {
		if _, ok := t.At(AsOf{day, q.Known}, id); ok {
			last = day
		}
	}
	return last
}

// EndsLater is the first day after the one of a question from which a place is there no longer; 0: there is none.
func (t *Tree) EndsLater(q AsOf, id ID) Day {
	for _, day := range t.turns(q, id) {
		if _, ok := t.At(AsOf{day, q.Known}, id); !ok {
			return day
		}
	}
	return 0
}

// TurnsLater is the first day after the one of a question from which something else is said of a place; 0: there is none.
func (t *Tree) TurnsLater(q AsOf, id ID) Day {
	if days := t.turns(q, id); len(days) > 0 {
		return days[0]
	}
	return 0
}

// HangsLater finds something that hangs under a place from a day on that is after the one of a question.
func (t *Tree) HangsLater(q AsOf, parent ID) (v Version, ok bool) {
	for _, id := range t.children[parent] {
		for _, day := range t.turns(q, id) {
			if v, ok := t.At(AsOf{day, q.Known}, id); ok && v.Parent == parent {
				return v, true
			}
		}
	}
	return Version{}, false
}

// stays are the days from which it is said that something hangs under a place: the one of a question, and later ones. whole: those
// after it left, too.
func (t *Tree) stays(q AsOf, id, parent ID, whole bool) (days []Day) {
	for _, day := range append([]Day{q.Day}, t.turns(q, id)...) {
		switch v, ok := t.At(AsOf{day, q.Known}, id); {
		case ok && v.Parent == parent:
			days = append(days, day)
		case !whole:
			return days
		}
	}
	return days
}
