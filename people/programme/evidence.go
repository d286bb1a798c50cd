package programme

import (
	"linli.dev/linli/people/place"
)

// PlaceFacts puts what is said of a compound's place into facts: its county,
// its class, whether it is weak, its channels.
func PlaceFacts(tree *place.Tree, compound place.ID, entries []place.Entry, steps []place.ChannelStep) []Fact {
	var out []Fact
	say := func(m place.Moment, kind Kind, value int64, text string) {
		out = append(out, Fact{Compound: compound, Moment: m, Kind: kind, Value: value, Text: text})
	}
	for _, s := range tree.Counties(compound) {
		say(s.Moment, InCounty, 0, string(s.Value))
	}
	for _, s := range place.ClassesOf(entries) {
		say(s.Moment, InClass, 0, string(s.Value))
	}
	for _, e := range entries {
		if e.Mark == place.MarkWeak {
			value := int64(0)
			if e.In {
				value = 1
			}
			say(e.Moment, Weak, value, "")
		}
	}
	for _, g := range place.Grow(steps) {
		if g.Installed != 0 {
			say(g.Moment, ChannelsInstalled, int64(g.Installed), "")
		}
		if g.Networked != 0 {
			say(g.Moment, ChannelsNetworked, int64(g.Networked), "")
		}
	}
	return out
}
