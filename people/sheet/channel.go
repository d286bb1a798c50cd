package sheet

import (
	"context"
	"slices"
	"strings"
	"time"

	"linli.dev/linli/people/place"
	"linli.dev/linli/store"
)

// ChannelBefore is what a channel was before a row of a list.
type ChannelBefore struct {
	State place.ChannelState `json:"state,omitempty"` // "": the row said nothing of it
	place.ChannelEdit
}

// channels are those of some compounds, with what was ever said of their state.
type channels struct {
	of    map[place.ID][]place.Channel
	steps map[place.ChannelID][]place.ChannelStep
	tied  map[place.ChannelID]bool
}

func (x *channels) read(ctx context.Context, f facts, known time.Time, compounds []place.ID) error {
	list, err := f.ChannelsKnown(ctx, known, compounds...)
	if err != nil {
		return err
	}
	steps, err := f.Steps(ctx, compounds...)
	if err != nil {
		return err
	}
	ties, err := f.Ties(ctx)
	if err != nil {
		return err
	}
	*x = channels{map[place.ID][]place.Channel{}, map[place.ChannelID][]place.ChannelStep{}, map[place.ChannelID]bool{}}
	for _, c := range list {
		x.of[c.Compound] = append(x.of[c.Compound], c)
	}
	for _, st := range steps {
		x.steps[st.Channel] = append(x.steps[st.Channel], st)
	}
	for _, t := range ties {
		x.tied[t.Channel] = true
	}
	return nil
}

// state is what holds of a channel; "" before the first was said of it.
func (x *channels) state(q place.AsOf, id place.ChannelID) place.ChannelState {
	steps := x.steps[id]
	if i := place.Picks(q, steps, func(s *place.ChannelStep) place.Moment { return s.Moment }); i >= 0 {
		return steps[i].State
	}
	return ""
}

// find is the channel that a row means; new where there is none of the name. One that is removed is meant only
// where none is there.
func (x *channels) find(c *checker, l *line, q place.AsOf) (ch place.Channel, ok bool) {
	mine := x.of[l.compound]
	if id := l.value(ID); id != "" {
		i := slices.IndexFunc(mine, func(c place.Channel) bool { return string(c.ID) == id })
		if i < 0 {
			c.bad(l, ID, kindID, "sheet.no-such-thing", right{code: "sheet.right.empty-id"})
			return ch, false
		}
		l.thing.id = id
		return mine[i], c.once(l, id, plain(l.value(Channel)))
	}
	var there, gone []place.Channel
	for _, c := range mine {
		switch {
		case plain(c.Name) != plain(l.value(Channel)):
		case x.state(place.AsOf{Day: q.Day, Known: q.Known}, c.ID) == place.Removed:
			gone = append(gone, c)
		default:
			there = append(there, c)
		}
	}
	if len(there) > 1 {
		c.bad(l, Channel, kindTwice, "sheet.several-things", right{code: "sheet.right.by-own-id"}, "name", l.value(Channel))
		return ch, false
	}
	if there = append(there, gone...); len(there) > 0 {
		l.thing.id = string(there[0].ID)
		return there[0], c.once(l, l.thing.id, plain(l.value(Channel)))
	}
	l.thing.id, l.thing.made = store.NewID(), true
	return place.Channel{ID: place.ChannelID(l.thing.id), Compound: l.compound, Name: l.value(Channel), Area: l.thing.kind}, c.once(l, plain(l.value(Channel)))
}

func (x *channels) deed(c *checker, d *deed, q place.AsOf) {
	ch, ok := x.find(c, d.line, q)
	if !ok {
		return
	}
	step := place.ChannelStep{Channel: ch.ID, Compound: ch.Compound, State: d.thing.state, Moment: place.Moment{About: d.from}}
	if d.thing.made {
		if d.thing.kind == "" {
			c.bad(d.line, AreaKind, kindRequired, "sheet.required", right{words: labels(areaWords, c.lang)})
			return
		}
		if step.State == "" {
			step.State = place.Installed
		}
		var others []string
		for _, o := range x.of[d.compound] {
			if x.state(q, o.ID) != place.Removed {
				others = append(others, o.Name)
			}
		}
		c.resembles(d.line, ch.Name, others)
		d.thing.state = step.State
		d.channel, d.step, d.before.Channel = &ch, &step, &ChannelBefore{State: place.Removed}
		return
	}
	was := x.state(q, ch.ID)
	if step.State == "" && was == place.Removed { // a list that names it says that it is there again
		step.State = place.Installed
	}
	b := ChannelBefore{}
	if step.State != "" && step.State != was {
		d.step, b.State = &step, was
		if b.State == "" {
			b.State = place.Removed
		}
		c.turn(d, InState, string(was), string(step.State))
	}
	e := place.ChannelEdit{}
	if name := d.value(Channel); name != "" && plain(name) != plain(ch.Name) {
		for _, o := range x.of[d.compound] {
			if o.ID != ch.ID && plain(o.Name) == plain(name) && x.state(q, o.ID) != place.Removed {
				c.bad(d.line, Channel, kindTwice, "sheet.name-taken", right{}, "name", o.Name)
				return
			}
		}
		e.Name, b.Name = &name, &ch.Name
		c.turn(d, Channel, ch.Name, name)
	}
	if kind := d.thing.kind; kind != "" && kind != ch.Area {
		e.Area, b.Area = &kind, &ch.Area
		c.turn(d, AreaKind, string(ch.Area), string(kind))
	}
	if e != (place.ChannelEdit{}) {
		d.named = &e
	}
	if d.step == nil && d.named == nil {
		return
	}
	if d.before.Channel = &b; x.tied[ch.ID] {
		k := InState
		if d.step == nil {
			k = c.pointing(d.line)
		}
		c.bad(d.line, k, kindRights, "sheet.seen-by-the-machine", right{code: "sheet.right.leave"}, "name", ch.Name)
	}
}

func (x *channels) said(_ *place.Tree, q place.AsOf, lang string, compound place.ID) (out []map[Key]any) {
	list := slices.Clone(x.of[compound])
	slices.SortStableFunc(list, func(a, b place.Channel) int { return strings.Compare(a.Name, b.Name) })
	for _, c := range list {
		st := x.state(q, c.ID)
		if st == "" || st == place.Removed {
			continue
		}
		out = append(out, map[Key]any{
			Channel: c.Name, AreaKind: wordOf(areaWords, string(c.Area), lang), InState: wordOf(stateWords, string(st), lang), From: q.Day.String(), ID: string(c.ID),
		})
	}
	return out
}

func (x *channels) edited(ctx context.Context, f facts, after time.Time, tell func(place.ID, string, string)) error {
	var renamed []place.ChannelID
	owner := map[place.ChannelID]place.ID{}
	for id, list := range x.of {
		for _, c := range list {
			if owner[c.ID] = id; c.Version > 1 {
				renamed = append(renamed, c.ID)
			}
			for _, st := range x.steps[c.ID] {
				if st.Known.After(after) {
					tell(id, string(c.ID), st.By)
				}
			}
		}
	}
	who, err := f.Renamed(ctx, after, renamed...)
	for id, by := range who {
		tell(owner[id], string(id), by)
	}
	return err
}
