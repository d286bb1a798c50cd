package identity

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"linli.dev/linli/fault"
	"linli.dev/linli/store"
	"linli.dev/linli/store/storetest"
)

// atlas has Lanshan county and the trade unions.
type atlas struct{}

func (atlas) Place(_ context.Context, id string) (string, string, error) {
	if id == "lanshan" {
		return "county", "兰山区", nil
	}
	return "", "", fault.New(fault.NotFound, "atlas", "place.no-place")
}

func (atlas) Unit(_ context.Context, id string) (string, error) {
	if id == "unions" {
		return "市总工会", nil
	}
	return "", fault.New(fault.NotFound, "atlas", "pairing.no-unit")
}

func TestAnAppointmentCountsAtOnceAndIsTakenAtOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		h := settled(t, db)
		h.SetPlaces(atlas{})
		li := h.account("li", "李主任", Staff, "brass-kettle-nineteen")
		in := h.signIn("li", "brass-kettle-nineteen")
		may := func() bool {
			t.Helper()
			who, err := h.Authenticate(asks("GET", in.Cookie))
			if err != nil {
				t.Fatal(err)
			}
			return who.May("programme.write") && len(who.Offices) == 1 && who.Offices[0].Place == "lanshan"
		}
		if may() {
			t.Error("without an appointment")
		}
		a, err := h.Appoint(h.ctx, NewAppointment{Account: li.ID, Role: CountyOffice, Place: "lanshan", Note: "区委办文件"})
		if err != nil || a.At != "兰山区" || !a.Holds {
			t.Fatalf("%+v %v", a, err)
		}
		if !may() {
			t.Error("not at once")
		}
		if _, err := h.Appoint(h.ctx, NewAppointment{Account: li.ID, Role: CountyOffice, Place: "lanshan"}); fault.CodeOf(err) != "identity.appointment-twice" {
			t.Error(err)
		}
		if err := h.Withdraw(h.ctx, a.ID); err != nil {
			t.Fatal(err)
		}
		if may() {
			t.Error("not taken at once")
		}
		if err := h.Withdraw(h.ctx, a.ID); fault.CodeOf(err) != "identity.appointment-unknown" {
			t.Error(err)
		}
		// It stays on record, with what was held before and after.
		list, err := h.ListAppointments(h.ctx, AppointmentFilter{Account: li.ID, Past: true})
		if err != nil || len(list) != 1 || list[0].Taken == nil || list[0].TakenBy != "cli" || list[0].Holds {
			t.Errorf("%+v %v", list, err)
		}
		if now, _ := h.ListAppointments(h.ctx, AppointmentFilter{Place: "lanshan"}); len(now) != 0 {
			t.Errorf("%+v", now)
		}
		events, err := db.Events(h.ctx, 0, 500)
		if err != nil {
			t.Fatal(err)
		}
		var last struct {
			By            string
			Before, After []struct{ Role, Place string }
		}
		for _, e := range events {
			if e.Kind == "appointment.taken" {
				_ = json.Unmarshal(e.Data, &last)
			}
		}
		if last.By != "cli" || len(last.Before) != 1 || last.Before[0].Place != "lanshan" || len(last.After) != 0 {
			t.Errorf("%+v", last)
		}
	})
}

func TestAnAppointmentBeginsAndEndsByItself(t *testing.T) {
	h := settled(t, storetest.SQLite(t))
	h.SetPlaces(atlas{})
	li := h.account("li", "李主任", Staff, "brass-kettle-nineteen")
	now := h.opt.Now()
	_, err := h.Appoint(h.ctx, NewAppointment{Account: li.ID, Role: MemberUnit, Unit: "unions", From: now.Add(time.Hour), Until: now.Add(3 * time.Hour)})
	if err != nil {
		t.Fatal(err)
	}
	held, err := appointmentsOf(h.ctx, h.db.DB, li.ID)
	if err != nil || len(held) != 1 {
		t.Fatal(held, err)
	}
	e := sessionEntry{account: accountRow{ID: li.ID, Role: Staff}, held: held}
	for after, want := range map[time.Duration]int{0: 0, time.Hour: 1, 2 * time.Hour: 1, 3 * time.Hour: 0} {
		who := e.caller(now.Add(after))
		if len(who.Offices) != want || who.May("pairing.enter") != (want == 1) {
			t.Errorf("after %s: %+v", after, who)
		}
	}
}

func TestWrongAppointmentsAreRefused(t *testing.T) {
	h := settled(t, storetest.SQLite(t))
	h.SetPlaces(atlas{})
	now := h.opt.Now()
	for code, n := range map[string]NewAppointment{
		"identity.appointment-role":          {Account: h.zhao.ID, Role: Guard, Place: "lanshan"},
		"identity.appointment-place":         {Account: h.zhao.ID, Role: CountyOffice},
		"identity.appointment-unit":          {Account: h.zhao.ID, Role: MemberUnit, Place: "lanshan"},
		"identity.appointment-level":         {Account: h.zhao.ID, Role: StreetOffice, Place: "lanshan"},
		"identity.appointment-place-unknown": {Account: h.zhao.ID, Role: CountyOffice, Place: "nowhere"},
		"identity.appointment-span":          {Account: h.zhao.ID, Role: CountyOffice, Place: "lanshan", Until: now.Add(-time.Hour)},
		"identity.account-unknown":           {Account: "nobody", Role: CountyOffice, Place: "lanshan"},
	} {
		if _, err := h.Appoint(h.ctx, n); fault.CodeOf(err) != code {
			t.Errorf("%s: %v", code, err)
		}
	}
}

func TestADeletedAccountHoldsNothing(t *testing.T) {
	h := settled(t, storetest.SQLite(t))
	h.SetPlaces(atlas{})
	if _, err := h.Appoint(h.ctx, NewAppointment{Account: h.zhao.ID, Role: CountyOffice, Place: "lanshan"}); err != nil {
		t.Fatal(err)
	}
	if err := h.DeleteAccount(h.ctx, h.zhao.ID); err != nil {
		t.Fatal(err)
	}
	list, err := h.ListAppointments(h.ctx, AppointmentFilter{Past: true})
	if err != nil || len(list) != 1 || list[0].Taken == nil || list[0].Name != "zhao" {
		t.Errorf("%+v %v", list, err)
	}
}
