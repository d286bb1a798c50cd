package place

import (
	"context"
	"math"

	"linli.dev/linli/access/policy"
	"linli.dev/linli/api"
)

// office is what policies call those who work at a place of a level, and what people call them.
type office struct{ role, word string }

var offices = map[Level]office{
	Compound:  {"manager", "place.office.manager"},
	Community: {"community-office", "place.office.community-office"},
	Street:    {"street-office", "place.office.street-office"},
	County:    {"county-office", "place.office.county-office"},
	City:      {"city-office", "place.office.city-office"},
}

var ofUnit = office{"member-unit", "place.office.member-unit"}

// whoMay says in words whom the policies would permit what they refused somebody, the nearest first; "" when that is nobody.
// The policies themselves are asked, about each office of the place. Offices are told by their level, not by name: who is
// refused learns nothing of a neighbour's place.
func (r *Rights) whoMay(ctx context.Context, d policy.Deed) string {
	voice := api.VoiceOf(ctx)
	var who []string
	try := func(o office, at ID, unit string) {
		one := d
		one.Account, one.Kind, one.Roles, one.Held = "another", "account", nil, true
		one.Holdings = []policy.Holding{{Role: o.role, Place: string(at), Unit: unit}}
		if (r.holds == nil || r.holds(o.role, d.Action)) && r.rules.Decide(one).Allow {
			who = append(who, voice.Say(o.word))
		}
	}
	if d.Unit != "" {
		try(ofUnit, "", d.Unit)
	}
	for _, v := range r.path(ctx, ID(d.Place)) {
		if o, ok := offices[v.Level]; ok {
			try(o, v.Place, "")
		}
	}
	if len(who) == 0 {
		one := d
		one.Account, one.Kind, one.Roles, one.Holdings = "another", "account", []string{"operator"}, nil
		if r.rules.Decide(one).Allow {
			who = append(who, voice.Say("place.office.operator"))
		}
	}
	if len(who) == 0 {
		return ""
	}
	return voice.Say("place.who-may", "who", who)
}

// path is a place with those above it, as they stand today, or as they will where it is yet to be founded.
func (r *Rights) path(ctx context.Context, id ID) []Version {
	tree, err := r.s.Tree(ctx)
	if err != nil || id == "" {
		return nil // the refusal stands without it
	}
	now := r.now()
	if path := tree.Ancestry(now, id); len(path) > 0 {
		return path
	}
	return tree.Ancestry(AsOf{math.MaxInt32, now.Known}, id)
}
