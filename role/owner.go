package role

import (
	"context"

	"linli.dev/linli/access/identity"
)

// findOwners finds out for whose office old tasks were raised and old inspections planned, now that the accounts are at hand.
func (a *All) findOwners(ctx context.Context) error {
	if err := a.city.Tasks.FindOwners(ctx, a.cityOffice); err != nil {
		return err
	}
	return a.city.Inspection.FindOwners(ctx, a.cityOffice)
}

// cityOffice tells whether an account is, or was, of the city's office. known is false where it never held an office, or one there
// and one elsewhere: the programme's clock and the appointments' are two, so nobody can say which it held that day.
func (a *All) cityOffice(ctx context.Context, account string) (city, known bool, err error) {
	switch account {
	case "":
		return false, false, nil
	case DemoApprover:
		return true, true, nil
	case DemoClerk, DemoManager:
		return false, true, nil
	}
	held, err := a.identity.ListAppointments(ctx, identity.AppointmentFilter{Account: identity.AccountID(account), Past: true})
	var there, elsewhere bool
	for _, h := range held {
		there, elsewhere = there || h.Role == identity.CityOffice, elsewhere || h.Role != identity.CityOffice
	}
	return there, there != elsewhere, err
}
