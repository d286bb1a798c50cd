package sheet

import (
	"context"
	"time"

	"linli.dev/linli/people/place"
)

// assets are what was ever counted in some compounds.
type assets struct {
	of    map[place.ID][]place.Count
	steps map[place.ID][]place.ChannelStep // of their channels, which are the number of their cameras
}

func (x *assets) read(ctx context.Context, f facts, _ time.Time, compounds []place.ID) error {
	list, err := f.Counts(ctx, compounds...)
	if err != nil {
		return err
	}
	x.of = map[place.ID][]place.Count{}
	for _, n := range list {
		x.of[n.Compound] = append(x.of[n.Compound], n)
	}
	steps, err := f.Steps(ctx, compounds...)
	if err != nil {
		return err
	}
	x.steps = map[place.ID][]place.ChannelStep{}
	for _, st := range steps {
		x.steps[st.Compound] = append(x.steps[st.Compound], st)
	}
	return nil
}

// sortIn names a sort of a building, or of the compound as a whole.
func sortIn(building place.ID, sort place.Sort) string { return string(building) + "/" + string(sort) }

func (x *assets) deed(c *checker, d *deed, q place.AsOf) {
	t := &d.thing
	if t.sort == "" {
		return // said already
	}
	t.id = sortIn(t.building, t.sort)
	if !c.once(d.line, t.id) {
		return
	}
	was := place.Count{Compound: d.compound, Building: t.building, Sort: t.sort, Moment: place.Moment{About: d.from}, Number: place.Unsaid}
	mine := place.OfSortIn(place.WithChannels(q, q.Day, x.of[d.compound], x.steps[d.compound]), t.building, t.sort)
	if i := place.Picks(q, mine, func(n *place.Count) place.Moment { return n.Moment }); i >= 0 {
		was.Number, was.Condition, was.Checked = mine[i].Number, mine[i].Condition, mine[i].Checked
	}
	is := was
	if n, ok := d.numbers[place.Sort(Number)]; ok {
		is.Number = n
	}
	if t.condition != nil {
		is.Condition = *t.condition
	}
	if t.checked != nil {
		is.Checked = *t.checked
	}
	switch {
	case t.sort.Kind() == place.People && t.building != "":
		c.bad(d.line, Building, kindPlace, "place.asset.people-are-numbers", right{code: "sheet.right.empty"})
	case t.sort.Kind() == place.People && is.Condition != "":
		c.bad(d.line, Condition, kindChoice, "place.asset.people-are-numbers", right{code: "sheet.right.empty"})
	case is.Number == place.Unsaid && was.Number == place.Unsaid && (is.Condition != "" || is.Checked != 0):
		c.bad(d.line, Number, kindRequired, "sheet.never-counted", right{code: "sheet.right.number"})
	case is.Checked > d.from:
		c.bad(d.line, LastCheck, kindDay, "place.asset.checked-later", right{code: "sheet.right.no-later", args: pairsOf([]any{"day", d.from.String()})})
	}
	if len(d.problems) > 0 {
		return
	}
	if is.Number == place.Unsaid {
		is.Condition, is.Checked = "", 0
	}
	if is == was {
		return
	}
	t.made = was.Number == place.Unsaid
	d.counts, d.before.Counts = []place.Count{is}, []place.Count{was}
	if t.made {
		return
	}
	if is.Number != was.Number {
		c.turn(d, Number, c.numberTold(d.compound, t.sort, was.Number), numberIn(is.Number))
	}
	if is.Condition != was.Condition {
		c.turn(d, Condition, string(was.Condition), string(is.Condition))
	}
	if is.Checked != was.Checked {
		c.turn(d, LastCheck, dayIn(was.Checked), dayIn(is.Checked))
	}
}

func (x *assets) said(tree *place.Tree, q place.AsOf, lang string, compound place.ID) (out []map[Key]any) {
	for _, a := range place.Assets(q, q.Day, place.WithChannels(q, q.Day, x.of[compound], x.steps[compound])) {
		building, ok := tree.At(q, a.Building)
		if a.Building != "" && !ok {
			continue // it has ended, and nothing is said of it any more
		}
		out = append(out, map[Key]any{
			Building: building.Name, Sort: wordOf(sortWords, string(a.Sort), lang), Number: a.Number, Condition: wordOf(conditionWords, string(a.Condition), lang), LastCheck: dayIn(a.Checked), From: q.Day.String(),
		})
	}
	return out
}

func (x *assets) edited(_ context.Context, _ facts, after time.Time, tell func(place.ID, string, string)) error {
	for id, list := range x.of {
		for _, n := range list {
			if n.Known.After(after) {
				tell(id, sortIn(n.Building, n.Sort), n.By)
			}
		}
	}
	return nil
}
