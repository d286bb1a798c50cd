package programme

import (
	"slices"

	"linli.dev/linli/people/place"
)

// Basis is what a reached state rests on. A page always shows which.
type Basis string

// Evidence: seen by the system itself, on the compound's own machine or in what
// was entered in another room. ByReturn: an approved county return says so, for a
// compound without a node. Typed: the compound, or an office for it, has listed
// its channels; nobody has seen or approved that, so it is shown, and nothing is
// reached by it.
const (
	ByEvidence Basis = "evidence"
	ByReturn   Basis = "return"
	Typed      Basis = "typed"
)

// Reached is something that a compound has reached.
type Reached struct {
	Done  bool      `json:"done"`
	Since place.Day `json:"since,omitempty" doc:"The day it has held from; with typed, the day from which all is listed"`
	Basis Basis     `json:"basis,omitempty" enum:"evidence,return,typed" doc:"typed: not done; the compound has listed it all, and nobody has seen or approved that"`
}

// State is what holds of a compound as of a day.
type State struct {
	Compound  place.ID    `json:"compound"`
	County    place.ID    `json:"county"`
	Ended     bool        `json:"ended,omitempty" doc:"It is there no longer; its help money still counts where it lay, or where its survivor lies"`
	Part      bool        `json:"takes_part"`
	Class     place.Class `json:"class"`
	Weak      bool        `json:"weak" doc:"For staff only"`
	Plan      int64       `json:"plan" doc:"Channels that it is to have"`
	Installed int64       `json:"channels_installed"`
	Channels  int64       `json:"channels_networked"`
	InReg     int64       `json:"channels_installed_seen" doc:"Of the installed: in the register of the compound's own machine; the others were typed"`
	InSight   int64       `json:"channels_networked_seen" doc:"Of the networked: seen by the compound's own machine; the others were typed"`
	People    int64       `json:"-"` // guards and volunteers: of one compound the sum is not told (see apart)
	Physical  int64       `json:"protection_physical"`
	Technical int64       `json:"protection_technical"`
	BuildingsWith
	Pairings int64 `json:"pairings"`
	Pledged  int64 `json:"pledged_fen"`
	Received int64 `json:"received_fen"`
	TasksSet int64 `json:"tasks_set"`
	TasksEnd int64 `json:"tasks_done"`

	Machine   place.Day `json:"machine_since,omitempty" doc:"The day on which its own machine was first seen: from then on no county return speaks for it, until that machine is let go"`
	Built     Reached   `json:"built"`
	Networked Reached   `json:"networked"`
	Funds     Reached   `json:"funds"`
	Tasks     Reached   `json:"tasks"`
	Accepted  Reached   `json:"accepted"`
	Inspected string    `json:"inspected,omitempty" enum:"pass,mended,mend,fail" doc:"How the last inspection stands; empty: there was none"`

	Duties []Duty `json:"duties"`

	books place.ID // the county in whose sums it counts
}

// reached names one of the things.
func (s *State) reached(w What) *Reached {
	switch w {
	case Built:
		return &s.Built
	case Networked:
		return &s.Networked
	case Funds:
		return &s.Funds
	case Tasks:
		return &s.Tasks
	}
	return &s.Accepted
}

// begun reports whether a compound is at least on its way there.
func (s *State) begun(w What) bool {
	switch w {
	case Built:
		return s.Installed > 0 || s.Built.Done
	case Networked:
		return s.Built.Done || s.Built.Basis == Typed || s.Networked.Done
	case Funds:
		return s.Received > 0
	case Tasks:
		return s.TasksEnd > 0
	}
	return s.Inspected != ""
}

// Evaluate computes what holds of a compound. facts are those of one compound,
// in order.
func Evaluate(q place.AsOf, facts []Fact, rules *Rules) State {
	s := State{Class: place.Other}
	span := rules.span(q.Known)
	var claims [2]Reached          // built, networked
	var seenIn, typed Reached      // built: by the register, by what is listed
	var from, until, saw place.Day // connected: since when, until when; and by the last span alone
	var extended map[MilestoneID]place.Day
	for i := range facts {
		f := &facts[i]
		if !q.Sees(f.Moment) {
			continue
		}
		if s.Compound == "" {
			s.Compound = f.Compound
		}
		switch f.Kind {
		case InCounty:
			s.books, s.Ended = place.ID(f.Text), f.Value > 0
			if s.County = s.books; s.Ended {
				s.County = ""
			}
		case InClass:
			s.Class = place.Class(f.Text)
		case Weak:
			s.Weak = f.Value > 0
		case TakesPart:
			s.Part = f.Value > 0
		case Plan:
			s.Plan = f.Value
		case ChannelsInstalled:
			s.Installed += f.Value
		case ChannelsNetworked:
			s.Channels += f.Value
		case InstalledSeen:
			s.InReg += f.Value
		case NetworkedSeen:
			s.InSight += f.Value
		case People:
			s.People += f.Value
		case Physical:
			s.Physical += f.Value
		case Technical:
			s.Technical += f.Value
		case Pairings:
			s.Pairings += f.Value
		case Pledged:
			s.Pledged += f.Value
		case Received:
			s.Received += f.Value
		case TasksSet:
			s.TasksSet += f.Value
		case TasksEnd:
			s.TasksEnd += f.Value
		case Inspected:
			s.Inspected = f.Text
			s.Accepted.set(f.Value > 0, f.About)
		case ClaimsBuilt, ClaimsNetworked:
			if machine(q, facts, f.About) != 0 {
				break
			}
			if f.Kind == ClaimsBuilt {
				claims[0].set(f.Value > 0, f.About)
			} else {
				claims[1].set(f.Value > 0, f.About)
			}
		case Access, buildingKinds[1], buildingKinds[2], buildingKinds[3], buildingKinds[4], buildingKinds[5]:
			*s.BuildingsWith.of(slices.Index(buildingKinds[:], f.Kind)) += f.Value
		case Extended:
			if extended == nil {
				extended = map[MilestoneID]place.Day{}
			}
			extended[MilestoneID(f.Text)] = place.Day(f.Value)
		case Seen:
			// What was seen until yesterday may have been seen today since: of a past day only what was known then.
			last := min(place.Day(f.Value), q.Day, rules.clock.DayOf(q.Known))
			if s.Machine == 0 {
				s.Machine = f.About
			}
			if until == 0 || f.About-until > span {
				from = f.About
			}
			until, saw = max(until, last), last
		case Released:
			switch {
			case f.Value == 0: // another one, on the same day
				s.Machine, from, until = f.About, f.About, saw
			case s.Machine != 0:
				if s.Machine != f.About { // of one that spoke for more than a day, what was said before it is over
					claims = [2]Reached{}
				}
				s.Machine, from, until = 0, 0, 0
			}
		}
		if i+1 < len(facts) && facts[i+1].About == f.About && q.Sees(facts[i+1].Moment) {
			continue // the day is not over: what adds up to nothing within it has not happened
		}
		seenIn.set(s.Plan > 0 && s.InReg >= s.Plan, f.About)
		typed.set(s.Plan > 0 && s.Installed >= s.Plan, f.About)
		s.Funds.set(s.Pledged > 0 && s.Received >= s.Pledged, f.About)
		s.Tasks.set(s.TasksSet > 0 && s.TasksEnd >= s.TasksSet, f.About)
	}
	var seen Reached
	seen.set(until > 0 && q.Day-until <= span, from)
	if s.Machine != 0 { // it speaks for the compound from then on: of what a return had said only the day is kept
		claims[0].Done = claims[0].Done && seenIn.Done
		claims[1].Done = claims[1].Done && seen.Done && from == s.Machine // not past a silence
	}
	if s.Built = either(seenIn, claims[0]); !s.Built.Done && typed.Done {
		s.Built = Reached{Since: typed.Since, Basis: Typed}
	}
	s.Networked = either(seen, claims[1])
	if s.Funds.Done {
		s.Funds.Basis = ByEvidence
	}
	if s.Tasks.Done {
		s.Tasks.Basis = ByEvidence
	}
	if s.Accepted.Done {
		s.Accepted.Basis = ByEvidence
	}
	s.owe(q, rules, extended, facts)
	return s
}

// set notes whether something holds; since is when it began to, if it does.
func (r *Reached) set(holds bool, about place.Day) {
	switch {
	case !holds:
		*r = Reached{}
	case !r.Done:
		*r = Reached{Done: true, Since: about}
	}
}

// either joins what is seen and what is claimed: what is seen weighs more, the
// earlier day counts.
func either(seen, claimed Reached) Reached {
	switch {
	case seen.Done && claimed.Done:
		return Reached{true, min(seen.Since, claimed.Since), ByEvidence}
	case seen.Done:
		seen.Basis = ByEvidence
		return seen
	case claimed.Done:
		claimed.Basis = ByReturn
		return claimed
	}
	return Reached{}
}

// networked are the channels that count as networked: all that are listed so once the compound's own machine or an approved return says
// that the compound is networked; until then those that the machine has seen.
func (s *State) networked() int64 {
	if s.Networked.Done {
		return s.Channels
	}
	return min(s.Channels, s.InSight)
}

// owe lists the duties of a compound that takes part and is there.
func (s *State) owe(q place.AsOf, rules *Rules, extended map[MilestoneID]place.Day, facts []Fact) {
	if !s.Part || s.Ended {
		return
	}
	for _, m := range rules.At(q.Known) {
		if !slices.Contains(m.Classes, s.Class) {
			continue
		}
		d := Duty{Milestone: m.ID, What: m.What, Due: m.Due, Reached: *s.reached(m.What)}
		if due := extended[m.ID]; due != 0 {
			d.Due, d.Extended = due, true
		}
		if d.Done && d.Since <= d.Due {
			d.Entered = entered(q, facts, rules.clock, d.What, d.Due)
		}
		d.shine(q.Day, &m, s.begun(m.What))
		s.Duties = append(s.Duties, d)
	}
}

// Light is the worst of the duties' lights; green for a compound that owes
// nothing.
func (s *State) Light() Light {
	worst := Green
	for _, d := range s.Duties {
		if d.Light.rank() > worst.rank() {
			worst = d.Light
		}
	}
	return worst
}
