package place

import (
	"context"
	"slices"

	"github.com/uptrace/bun"
)

// takeAlong takes what a building was counted to have along, from a day on, when it hangs under another compound: it is counted once,
// where the building is, and nowhere after its end, when to is "". until is the day from which something was said of the building
// already, 0 for none; then it is counted where it hangs by that.
func (w *writing) takeAlong(ctx context.Context, by string, building, from, to ID, day, until Day, then ID) error {
	counts, err := read(ctx, w.tx.NewSelect().Model((*countRow)(nil)).Where("building = ?", building).Where("compound IN (?)", bun.List([]ID{from, to})), (*countRow).count)
	if err != nil || len(counts) == 0 {
		return err
	}
	var list []Count
	for _, sort := range Sorts() {
		of := func(compound ID) []Count {
			return slices.DeleteFunc(slices.Clone(counts), func(c Count) bool { return c.Compound != compound || c.Sort != sort })
		}
		mine, theirs := of(from), of(to)
		days := []Day{day}
		for _, c := range mine {
			if c.About > day && (until == 0 || c.About < until) {
				days = append(days, c.About)
			}
		}
		slices.Sort(days)
		went := false
		for _, d := range slices.Compact(days) {
			c, ok := w.counted(d, mine)
			if !ok {
				if _, there := w.counted(d, theirs); went && !there { // taken back, or never said: it ends where it went, too
					list, went = append(list, Count{Compound: to, Building: building, Sort: sort, Moment: Moment{About: d}, Number: Unsaid}), false
				}
				continue
			}
			list = append(list, Count{Compound: from, Building: building, Sort: sort, Moment: Moment{About: d}, Number: Unsaid})
			if _, there := w.counted(d, theirs); to == "" || there {
				continue
			}
			c.Compound, c.About, went = to, d, true
			list = append(list, c)
		}
		if until == 0 || then == to {
			continue
		}
		if c, ok := w.counted(until, mine); ok && then == from && c.About < until {
			c.About = until
			list = append(list, c)
		}
		if _, there := w.counted(until, theirs); went && !there {
			list = append(list, Count{Compound: to, Building: building, Sort: sort, Moment: Moment{About: until}, Number: Unsaid})
		}
	}
	if len(list) == 0 {
		return nil
	}
	return w.count(ctx, by, list)
}

// counted is what holds of a sort on a day; false: nothing is said of it.
func (w *writing) counted(day Day, counts []Count) (Count, bool) {
	i := Picks(AsOf{day, w.known}, counts, (*Count).moment)
	if i < 0 || counts[i].Number == Unsaid {
		return Count{}, false
	}
	return counts[i], true
}
