package role

import (
	"testing"

	"linli.dev/linli/access/identity"
)

// Who held an office at the city, and only there, raised what they raised for the city; who never did, did not; of who held both, or
// none, nobody can tell.
func TestWhoseAnOldTaskIs(t *testing.T) {
	w := newTwoCounties(t)
	ctx := t.Context()
	account := func(name string, at map[string]identity.Role) string {
		t.Helper()
		a, _, err := w.identity.CreateAccount(ctx, identity.NewAccount{Name: name, Role: identity.Staff})
		if err != nil {
			t.Fatal(err)
		}
		for place, role := range at {
			if _, err := w.identity.Appoint(ctx, identity.NewAppointment{Account: a.ID, Role: role, Place: w.ids[place]}); err != nil {
				t.Fatal(err)
			}
		}
		return string(a.ID)
	}
	was := account("wascity", map[string]identity.Role{"city": identity.CityOffice})
	held, err := w.identity.ListAppointments(ctx, identity.AppointmentFilter{Account: identity.AccountID(was)})
	if err != nil || len(held) != 1 {
		t.Fatal(held, err)
	}
	if err := w.identity.Withdraw(ctx, held[0].ID); err != nil { // has another office by now
		t.Fatal(err)
	}
	for _, x := range []struct {
		account     string
		city, known bool
	}{
		{was, true, true},
		{account("county", map[string]identity.Role{"county1": identity.CountyOffice, "street1": identity.StreetOffice}), false, true},
		{account("both", map[string]identity.Role{"county1": identity.CountyOffice, "city": identity.CityOffice}), true, false},
		{account("none", nil), false, false},
		{"gone", false, false},
		{"", false, false},
		{DemoApprover, true, true},
		{DemoClerk, false, true},
	} {
		city, known, err := w.cityOffice(ctx, x.account)
		if err != nil || known != x.known || known && city != x.city {
			t.Errorf("%+v: %v %v %v", x, city, known, err)
		}
	}
}
