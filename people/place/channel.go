package place

import (
	"slices"
	"strconv"
	"unicode/utf8"
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
	Version  int64     `json:"version"`
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

// Seen reports whether the register of the compound's own machine says so.
// Anything else was typed: by the compound, by an office, from a list.
func (s *ChannelStep) Seen() bool { return s.By == Register }

func (c *Channel) check() (p Problems) {
	p.Text("name", c.Name, maxName, true)
	if AsksAboutPeople(c.Name) {
		p.Add("name", "place.field.about-people")
	}
	if !slices.Contains(AreaKinds, c.Area) {
		p.Add("area", "place.field.area-kind", "is", clip(string(c.Area)))
	}
	return p
}

// NameRefused reports whether a camera or a channel must not be called so: the name is about people, or holds the number of one.
func NameRefused(name string) bool { return AsksAboutPeople(name) || Personal(name) != "" }

// plainly gives channels whose own name the city's list does not take one by what they look at and a number. A register that
// calls a camera so must not keep all its cameras from being evidence.
func plainly(made, there []Channel) {
	taken := map[string]bool{}
	for _, c := range slices.Concat(there, made) {
		taken[c.Name] = true
	}
	for i := range made {
		c := &made[i]
		if c.Name != "" && !NameRefused(c.Name) && utf8.RuneCountInString(c.Name) <= maxName {
			continue
		}
		for n := 1; ; n++ {
			if c.Name = plainWords[c.Area] + " " + strconv.Itoa(n); !taken[c.Name] {
				break
			}
		}
		taken[c.Name] = true
	}
}

// Plain are registered cameras as they may be told elsewhere: one whose name the city's list does not take is called by what it
// looks at and a number.
func Plain(list []Registered) []Registered {
	channels := make([]Channel, len(list))
	for i, c := range list {
		channels[i] = Channel{Name: Tidy(c.Name), Area: c.Area}
	}
	plainly(channels, nil)
	out := slices.Clone(list)
	for i := range out {
		out[i].Name = channels[i].Name
	}
	return out
}

// plainWords are what stands in the list, which is written in Chinese.
var plainWords = map[AreaKind]string{Gate: "大门", Road: "道路", Entrance: "楼栋出入口", CarPark: "停车场", Yard: "公共活动区"}

// Tally is a number of channels, or the change of one. What is seen is part of
// the numbers, never beside them.
type Tally struct{ Installed, Networked, InstalledSeen, NetworkedSeen int }

func (s *ChannelStep) tally() (t Tally) {
	switch s.State {
	case Installed:
		t.Installed = 1
	case Networked:
		t.Installed, t.Networked = 1, 1
	}
	if s.Seen() {
		t.InstalledSeen, t.NetworkedSeen = t.Installed, t.Networked
	}
	return t
}

func (t Tally) plus(o Tally) Tally {
	return Tally{t.Installed + o.Installed, t.Networked + o.Networked, t.InstalledSeen + o.InstalledSeen, t.NetworkedSeen + o.NetworkedSeen}
}

func (t Tally) minus(o Tally) Tally {
	return Tally{t.Installed - o.Installed, t.Networked - o.Networked, t.InstalledSeen - o.InstalledSeen, t.NetworkedSeen - o.NetworkedSeen}
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
		grow(list, (*ChannelStep).moment, (*ChannelStep).tally, sum)
	}
	out := make([]Growth, 0, len(sum))
	for _, m := range inTime(sum) {
		out = append(out, Growth{m.moment(), sum[m]})
	}
	return out
}

// Channels counts the channels that a question sees, one by one.
func Channels(q AsOf, steps []ChannelStep) (t Tally) {
	by := map[ChannelID][]ChannelStep{}
	for _, s := range steps {
		by[s.Channel] = append(by[s.Channel], s)
	}
	for _, list := range by {
		if i := Picks(q, list, (*ChannelStep).moment); i >= 0 {
			t = t.plus(list[i].tally())
		}
	}
	return t
}
