package programme

import (
	"cmp"
	"slices"

	"linli.dev/linli/people/place"
)

// Kind is what a fact speaks of.
type Kind string

// Of two facts of most kinds about the same compound the later one holds (see
// place.Moment). Those that say so add up instead.
const (
	InCounty  Kind = "county"     // Text: the county; "" for not there. Value: 1 for ended; only its help money counts there then
	InClass   Kind = "class"      // Text: a place.Class
	Weak      Kind = "weak"       // Value: 1 or 0
	TakesPart Kind = "takes-part" // Value: 1 or 0
	Plan      Kind = "plan"       // Value: channels that the compound is to have

	ChannelsInstalled Kind = "channels-installed"      // adds up
	ChannelsNetworked Kind = "channels-networked"      // adds up
	InstalledSeen     Kind = "channels-installed-seen" // adds up: of the installed, those in the register of the compound's own machine
	NetworkedSeen     Kind = "channels-networked-seen" // adds up: of the networked, those that it saw
	Seen              Kind = "seen"                    // connected from About to the day in Value, without a gap longer than the days that counted then

	Released Kind = "released" // Value: 1, what was seen until now speaks for it no longer; 0, seen again on the same day

	People    Kind = "protection-people"    // adds up: guards and volunteers
	Physical  Kind = "protection-physical"  // adds up
	Technical Kind = "protection-technical" // adds up
	Access    Kind = "access-buildings"     // adds up: buildings that have access control; and so the others, in the order of place.ByBuilding

	Pairings Kind = "pairings"  // adds up: helpers that stand
	Pledged  Kind = "pledged"   // adds up, in fen
	Received Kind = "received"  // adds up, in fen
	TasksSet Kind = "tasks-set" // adds up: help tasks
	TasksEnd Kind = "tasks-end" // adds up: help tasks done

	Inspected Kind = "inspected" // Value: 1 or 0; the inspection that holds is passed, or mended. Text: its result

	ClaimsBuilt     Kind = "claims-built"     // Value: 1 or 0; an approved county return says so
	ClaimsNetworked Kind = "claims-networked" // the same
	Extended        Kind = "extended"         // Text: the milestone; Value: the new last day, 0 for none
)

// buildingKinds are what is said of buildings, in the order of place.ByBuilding.
var buildingKinds = [len(place.ByBuilding)]Kind{Access, "door-buildings", "light-buildings", "camera-buildings", "intercom-buildings", "alarm-buildings"}

// Fact is one thing said of a compound.
type Fact struct {
	Compound place.ID
	place.Moment
	Kind  Kind
	Value int64
	Text  string
}

// inOrder sorts facts by what they are about, then by when they became known:
// read in this order, the last one seen holds.
func inOrder(facts []Fact) {
	slices.SortStableFunc(facts, func(a, b Fact) int {
		return cmp.Or(cmp.Compare(a.About, b.About), a.Known.Compare(b.Known))
	})
}
