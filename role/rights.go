package role

import (
	"context"
	"encoding/json"
	"slices"

	"linli.dev/linli/access/identity"
	"linli.dev/linli/api"
	"linli.dev/linli/fault"
	"linli.dev/linli/people/pairing"
	"linli.dev/linli/people/place"
	"linli.dev/linli/store"
)

// Place tells accounts where somebody can be appointed.
func (c City) Place(ctx context.Context, id string) (level, name string, err error) {
	tree, err := c.Places.Tree(ctx)
	if err != nil {
		return "", "", err
	}
	clock := c.Places.Clock()
	v, ok := tree.At(clock.AtClose(clock.Today()), place.ID(id))
	if !ok {
		return "", "", fault.New(fault.NotFound, "role.Place", "place.no-place")
	}
	return string(v.Level), v.Name, nil
}

// Unit is the name of a member unit.
func (c City) Unit(ctx context.Context, id string) (string, error) {
	units, err := c.Pairing.Units(ctx)
	if err != nil {
		return "", err
	}
	i := slices.IndexFunc(units, func(u pairing.Unit) bool { return string(u.ID) == id })
	if i < 0 {
		return "", fault.New(fault.NotFound, "role.Unit", "pairing.no-unit")
	}
	return units[i].Name, nil
}

// programmePermission: what an office may hold is about the programme, and holds at places only.
var programmePermission = identity.Of(identity.Offices()...)

// eventFor gives what a caller may be told of an event: of another county's rows no more than that there was something,
// so that totals on an open page are read anew.
func (a *All) eventFor(ctx context.Context, who api.Caller, e store.Event) store.Event {
	permission := identity.EventPermission(e.Room, e.Kind)
	if !programmePermission[permission] {
		return e
	}
	hint := e
	hint.Subject, hint.Data = "", json.RawMessage("{}")
	clock := a.city.Places.Clock()
	scope, err := a.city.Places.Rights().Scope(api.WithCaller(ctx, who), permission, clock.AtClose(clock.Today()))
	switch {
	case err != nil:
		return hint
	case scope.All():
		return e
	}
	var also struct{ Compounds []place.ID }
	if json.Unmarshal(e.Data, &also) != nil {
		return hint
	}
	for _, id := range append(also.Compounds, place.ID(e.Subject)) {
		if !scope.Has(id) {
			return hint
		}
	}
	return e
}
