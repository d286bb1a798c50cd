package place

import (
	"cmp"
	"slices"
)

// ChannelID names a channel of the city's list.
type ChannelID string

// Channel is one camera as the city knows it: a name and where it stands. What
// opens it stays at the compound.
type Channel struct {
	ID       ChannelID `json:"id"`
	Compound ID        `json:"compound"`
	Name     string    `json:"name"`
	Area     AreaKind  `json:"area" enum:"gate,road,building-entrance,car-park,yard"`
	By       string    `json:"by"`
}

// ChannelState is how far a channel has come.
type ChannelState string

// The states. Both installed and networked channels are installed.
const (
	Installed ChannelState = "installed"
	Networked ChannelState = "networked"
	Removed   ChannelState = "removed"
)

// ChannelStep says that a channel is in a state from a day on.
type ChannelStep struct {
	Channel  ChannelID    `json:"channel"`
	Compound ID           `json:"compound"`
	State    ChannelState `json:"state" enum:"installed,networked,removed"`
	Moment
	By string `json:"by"`
}

func (s *ChannelStep) moment() Moment { return s.Moment }

func (c *Channel) check() (p Problems) {
	p.Text("name", c.Name, maxName, true)
	if !slices.Contains(AreaKinds, c.Area) {
		p.Add("area", "place.field.area-kind", "is", clip(string(c.Area)))
	}
	return p
}

// Tally is a number of channels, or the change of one.
type Tally struct{ Installed, Networked int }

func (s ChannelState) tally() Tally {
	switch s {
	case Installed:
		return Tally{Installed: 1}
	case Networked:
		return Tally{Installed: 1, Networked: 1}
	}
	return Tally{}
}

// Growth is how the numbers of channels of a compound change.
type Growth struct {
	Moment
	Tally
}

// Grow turns the steps of a compound's channels into changes of their numbers:
// for any question, the sum of the changes that it sees is the number of
// channels in each state then. That holds for steps that became known late, or
// in another order, too: a correction takes back on the day it corrects what
// the earlier saying had added.
func Grow(steps []ChannelStep) []Growth {
	by := map[ChannelID][]ChannelStep{}
	for _, s := range steps {
		by[s.Channel] = append(by[s.Channel], s)
	}
	sum := map[micros]Tally{}
	for _, list := range by {
		grow(list, sum)
	}
	out := make([]Growth, 0, len(sum))
	for m, t := range sum {
		if t != (Tally{}) {
			out = append(out, Growth{m.moment(), t})
		}
	}
	slices.SortFunc(out, func(a, b Growth) int {
		return cmp.Or(cmp.Compare(a.About, b.About), a.Known.Compare(b.Known))
	})
	return out
}

// grow adds one channel's changes to the sum.
func grow(steps []ChannelStep, sum map[micros]Tally) {
	slices.SortFunc(steps, func(a, b ChannelStep) int { return a.Known.Compare(b.Known) })
	days := make([]Day, 0, len(steps))
	for i := range steps {
		days = append(days, steps[i].About)
	}
	slices.Sort(days)
	days = slices.Compact(days)
	said := make([]Tally, len(days)) // the sum of the changes so far, day by day
	for n := range steps {
		known := steps[n].Known
		if n+1 < len(steps) && steps[n+1].Known.Equal(known) {
			continue // said together: they count together
		}
		var before Tally
		for i, d := range days {
			var now Tally
			if j := Picks(AsOf{d, known}, steps, (*ChannelStep).moment); j >= 0 {
				now = steps[j].State.tally()
			}
			change := Tally{now.Installed - said[i].Installed - before.Installed, now.Networked - said[i].Networked - before.Networked}
			if change != (Tally{}) {
				m := Moment{d, known}.micros()
				sum[m] = Tally{sum[m].Installed + change.Installed, sum[m].Networked + change.Networked}
				before = Tally{before.Installed + change.Installed, before.Networked + change.Networked}
			}
			said[i] = Tally{said[i].Installed + before.Installed, said[i].Networked + before.Networked}
		}
	}
}

// Channels counts the channels that a question sees, one by one.
func Channels(q AsOf, steps []ChannelStep) (t Tally) {
	by := map[ChannelID][]ChannelStep{}
	for _, s := range steps {
		by[s.Channel] = append(by[s.Channel], s)
	}
	for _, list := range by {
		if i := Picks(q, list, (*ChannelStep).moment); i >= 0 {
			one := list[i].State.tally()
			t.Installed, t.Networked = t.Installed+one.Installed, t.Networked+one.Networked
		}
	}
	return t
}
