package role

import (
	"context"
	"fmt"

	"linli.dev/linli/access/identity"
	"linli.dev/linli/people/place"
)

// demoOffices are the accounts of a demo's programme, from the city down to a compound, and a member unit: of the compound
// whose cameras it shows. Each signs in and sees its own.
var demoOffices = []struct {
	name, display string
	role          identity.Role
	level         place.Level // "": for the unit
}{
	{"city", "市综治办（演示）", identity.CityOffice, place.City},
	{"county", "兰山区综治办（演示）", identity.CountyOffice, place.County},
	{"street", "街道综治办（演示）", identity.StreetOffice, place.Street},
	{"community", "社区综治办（演示）", identity.CommunityOffice, place.Community},
	{"manager", "小区物业管理（演示）", identity.Manager, place.Compound},
	{"unit", "市总工会（演示）", identity.MemberUnit, ""},
}

// Who acts in the demo's story. They are no accounts: nobody signs in as one of them.
const (
	DemoClerk    = "demo-office"
	DemoApprover = "demo-city-office"
	DemoManager  = "demo-manager"
)

// demoActors are what those are called on pages.
var demoActors = map[string]string{
	DemoClerk:    "县区综治办经办人（演示）",
	DemoApprover: "市综治办审核人（演示）",
	DemoManager:  "小区物业管理人员（演示）",
}

// AppointDemo makes the accounts of the demo's offices, appoints them around a compound, and keeps their first passwords
// with the others. What is there already stays.
func (a *All) AppointDemo(ctx context.Context, compound, unit string) error {
	id, err := a.city.named(ctx, compound)
	if err != nil {
		return err
	}
	units, err := a.city.Pairing.Units(ctx)
	if err != nil {
		return err
	}
	var helper string
	for _, u := range units {
		if u.Name == unit {
			helper = string(u.ID)
		}
	}
	tree, err := a.city.Places.Tree(ctx)
	if err != nil {
		return err
	}
	clock := a.city.Places.Clock()
	path := tree.Path(clock.AtClose(clock.Today()), id)
	for _, o := range demoOffices {
		made, err := a.identity.AddFirst(ctx, []identity.First{{Name: o.name, Display: o.display, Role: identity.Staff}})
		if err != nil {
			return fmt.Errorf("%s: %w", o.name, err)
		}
		if len(made) == 0 { // it was there before: whoever took its appointment away meant it
			continue
		}
		a.first = append(a.first, made...)
		account, err := a.identity.AccountNamed(ctx, o.name)
		if err != nil {
			return err
		}
		n := identity.NewAppointment{Account: account.ID, Role: o.role, Note: "演示"}
		if o.level == "" {
			n.Unit = helper
		}
		for _, p := range path {
			if p.Level == o.level {
				n.Place = string(p.Place)
			}
		}
		if _, err := a.identity.Appoint(ctx, n); err != nil {
			return fmt.Errorf("%s: %w", o.name, err)
		}
	}
	return nil
}
