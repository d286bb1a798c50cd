package programme

import (
	"linli.dev/linli/people/place"
)

// PlaceFacts puts what is said of a compound's place into facts: its county,
// its class, whether it is weak, its channels, its protection.
func PlaceFacts(tree *place.Tree, compound place.ID, entries []place.Entry, steps []place.ChannelStep, counts []place.Count) []Fact {
	var out []Fact
	say := func(m place.Moment, kind Kind, value int64, text string) {
		out = append(out, Fact{Compound: compound, Moment: m, Kind: kind, Value: value, Text: text})
	}
	for _, s := range tree.Counties(compound) {
		ended := int64(0)
		if s.Value.Ended {
			ended = 1
		}
		say(s.Moment, InCounty, ended, string(s.Value.County))
	}
	for _, s := range place.ClassesOf(entries) {
		say(s.Moment, InClass, 0, string(s.Value))
	}
	for _, s := range place.WeakOf(entries) {
		value := int64(0)
		if s.Value {
			value = 1
		}
		say(s.Moment, Weak, value, "")
	}
	more := func(m place.Moment, kind Kind, by int) {
		if by != 0 {
			say(m, kind, int64(by), "")
		}
	}
	for _, g := range place.Grow(steps) {
		more(g.Moment, ChannelsInstalled, g.Installed)
		more(g.Moment, ChannelsNetworked, g.Networked)
		more(g.Moment, InstalledSeen, g.InstalledSeen)
		more(g.Moment, NetworkedSeen, g.NetworkedSeen)
	}
	for _, c := range place.CoverWith(counts, steps) {
		more(c.Moment, People, c.People)
		more(c.Moment, Physical, c.Physical)
		more(c.Moment, Technical, c.Technical)
		for i, n := range c.Buildings {
			more(c.Moment, buildingKinds[i], n)
		}
	}
	return out
}
