package programme

import "linli.dev/linli/people/place"

// Red line 7: fewer than ten volunteers of a compound are told to the compound
// itself only, while how many guards it has is told to its offices. So the sum
// of both is told of no compound, of no community, and of no street where one
// compound makes it up: who knows the guards could subtract. The compound's own
// page tells the two apart (place.Sort.Few). Sums of more are exact.

// tellsPeople reports whether the sum of guards and volunteers may be told that
// so many compounds of a place make up. Of nobody it is 0, and may be.
func tellsPeople(level place.Level, compounds int) bool {
	switch level {
	case place.City, place.County:
		return true
	case place.Street:
		return compounds != 1
	}
	return compounds == 0
}

// hidePeople takes the sum out of the figures of a place where it may not be told.
func hidePeople(n *Numbers, b *Book, tree *place.Tree, q place.AsOf, v place.Version) {
	compounds := 0
	for _, c := range tree.Below(q, v.Place, place.Compound) {
		if s, ok := b.Compound(q, c); ok && s.Count()[PeopleProtecting] > 0 {
			compounds++
		}
	}
	if !tellsPeople(v.Level, compounds) {
		n.People = -1
	}
}

// apart takes out how the sum of guards and volunteers of a compound changed.
func (f *FigureMove) apart() {
	if f.Figure == figureNames[PeopleProtecting] {
		f.Before, f.After, f.Apart = 0, 0, true
	}
}
