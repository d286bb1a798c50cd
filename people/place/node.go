package place

import (
	"slices"
	"strings"
	"time"
)

// CameraID names a camera of this machine's register.
type CameraID string

// Registered is what the register and its health say of a camera now, by the
// machine's clock. Nothing in it opens a picture.
type Registered struct {
	Camera  CameraID
	Name    string
	Area    AreaKind
	InUse   bool
	Picture bool   // it gives a usable one
	State   string // as the register calls it
	Says    string // the same in words
	Since   time.Time
}

// Node says which compound the cameras of this machine belong to.
type Node struct {
	Version  int64     `json:"version" doc:"0: not said yet"`
	Compound ID        `json:"compound,omitempty"`
	Name     string    `json:"name,omitempty"`
	Known    time.Time `json:"known,omitzero"`
	By       string    `json:"by,omitempty"`
}

// Here is the source of what this machine's own register says.
const Here ID = ""

// Tie says which channel of the compound's list a camera is.
type Tie struct {
	Source  ID // Here, or the compound whose own machine reports it
	Camera  CameraID
	Channel ChannelID
	Seen    Day // the last one with a picture; 0: none
}

// Register is who says so in a channel's history: no person, but what is
// registered and seen on this machine.
const Register = "register"

// meet finds the channel of each camera that has none yet: the one chosen for
// it, else the one of the same name that is still free; "" makes a new one.
func meet(cameras []Registered, channels []Channel, ties []Tie, chosen map[CameraID]ChannelID) map[CameraID]ChannelID {
	taken, tied := map[ChannelID]bool{}, map[CameraID]bool{}
	for _, t := range ties {
		taken[t.Channel], tied[t.Camera] = true, true
	}
	for _, ch := range chosen {
		taken[ch] = true
	}
	out := map[CameraID]ChannelID{}
	for _, c := range cameras {
		if !c.InUse || tied[c.Camera] {
			continue
		}
		ch, ok := chosen[c.Camera]
		if !ok {
			for _, row := range channels {
				if !taken[row.ID] && strings.EqualFold(Tidy(row.Name), Tidy(c.Name)) {
					ch = row.ID
					taken[ch] = true
					break
				}
			}
		}
		out[c.Camera] = ch
	}
	return out
}

// due is what the register's word changes in the list of the compound.
type due struct {
	ties  []Tie      // new ones; without a channel: one is to be made
	gone  []CameraID // no longer in the register
	seen  []CameraID // gave a picture today
	steps []ChannelStep
	sight bool // some camera of the compound gives a picture now
	from  Day  // what is said holds from then on
}

func (d *due) none() bool { return len(d.ties)+len(d.gone)+len(d.seen)+len(d.steps) == 0 }

// owed compares the register with the list. A channel is networked when its
// camera has given a picture within so many days, and falls back to installed
// after that; a camera that is out of use or gone is a channel removed. Steps
// hold from a day on that may be later than today (Keeping).
func owed(node ID, cameras []Registered, channels []Channel, ties []Tie, steps []ChannelStep, today Day, k Keeping, known time.Time) (d due) {
	d.from = max(k.From, today)
	state, seen := map[ChannelID]ChannelState{}, map[ChannelID]bool{}
	for _, ch := range channels {
		mine := slices.DeleteFunc(slices.Clone(steps), func(s ChannelStep) bool { return s.Channel != ch.ID })
		if i := Picks(AsOf{d.from, known}, mine, (*ChannelStep).moment); i >= 0 {
			state[ch.ID], seen[ch.ID] = mine[i].State, mine[i].Seen()
		}
	}
	by := map[CameraID]*Registered{}
	for i := range cameras {
		by[cameras[i].Camera] = &cameras[i]
		d.sight = d.sight || cameras[i].InUse && cameras[i].Picture
	}
	say := func(ch ChannelID, want ChannelState) {
		// What somebody typed before is said again: from now on it is seen.
		if ch == "" || state[ch] == want && (seen[ch] || want == Removed) || want == Removed && state[ch] == "" {
			return
		}
		d.steps = append(d.steps, ChannelStep{Channel: ch, Compound: node, State: want, Moment: Moment{About: d.from}})
	}
	met := meet(cameras, channels, ties, nil)
	for i := range cameras { // in the register's order
		c := &cameras[i]
		ch, ok := met[c.Camera]
		if !ok {
			continue
		}
		t := Tie{Camera: c.Camera, Channel: ch}
		if state[ch] == Networked { // seen by somebody else until now: it counts for as long as if it was seen today
			t.Seen = today
		}
		d.ties = append(d.ties, t)
		ties = append(slices.Clone(ties), t)
	}
	for _, t := range ties {
		c := by[t.Camera]
		switch {
		case c == nil:
			d.gone = append(d.gone, t.Camera)
			say(t.Channel, Removed)
		case !c.InUse:
			say(t.Channel, Removed)
		case c.Picture:
			if t.Seen < today {
				d.seen = append(d.seen, t.Camera)
			}
			say(t.Channel, Networked)
		case t.Seen == 0 || today-t.Seen > k.Span:
			say(t.Channel, Installed)
		case state[t.Channel] == Removed: // in use again, and its picture counts still
			say(t.Channel, Networked)
		}
	}
	return d
}

// Keeping is how the register's word is dated.
type Keeping struct {
	// From is the first day that it may be about, when that is later than today:
	// the published day of a demo is closed.
	From Day
	// Span is for how many days a picture counts.
	Span Day
}
