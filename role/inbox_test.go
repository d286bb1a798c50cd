package role

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"linli.dev/linli/access/identity"
	"linli.dev/linli/people/inbox"
	"linli.dev/linli/people/inspection"
	"linli.dev/linli/people/place"
	"linli.dev/linli/people/programme"
	"linli.dev/linli/people/supervision"
)

// What waits for whom: a task for the holder of the nearest office, its check for the office that answers for it, a return
// for the county that owes it and then for the city.
func TestWhatWaitsForWhom(t *testing.T) {
	w := newTwoCounties(t)
	ctx, today := t.Context(), w.city.Places.Clock().Today()
	waiting := func(role identity.Role, at, account string) map[inbox.Kind]int {
		t.Helper()
		w.as(role, at)
		w.who.Account = account
		code, said := w.ask("GET", "/api/inbox", "")
		var got struct{ Groups []inbox.Group }
		if err := json.Unmarshal([]byte(said), &got); err != nil || code != 200 {
			t.Fatalf("%d %s", code, said)
		}
		out := map[inbox.Kind]int{}
		for _, g := range got.Groups {
			out[g.Kind] = g.Count
		}
		return out
	}
	appoint := func(name string, role identity.Role, at string) string {
		t.Helper()
		account, _, err := w.identity.CreateAccount(ctx, identity.NewAccount{Name: name, Role: identity.Staff})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.identity.Appoint(ctx, identity.NewAppointment{Account: account.ID, Role: role, Place: w.ids[at]}); err != nil {
			t.Fatal(err)
		}
		return string(account.ID)
	}
	county := appoint("lanshan", identity.CountyOffice, "county1")
	city := appoint("linyi", identity.CityOffice, "city")

	// The compound's task: nobody holds an office below the county, so it waits there, not with the neighbour or the city.
	if got := waiting(identity.CountyOffice, "county1", county); got[inbox.TaskSign] != 1 || got[inbox.ReturnOwed] != 0 {
		t.Errorf("the county: %v", got)
	}
	if got := waiting(identity.CityOffice, "city", city); got[inbox.TaskSign] != 0 || got[inbox.ReturnDecide] != 2 { // Luozhuang's waits for an office there
		t.Errorf("the city: %v", got)
	}
	// Many tasks have one title: each says where it is, what it asks, and which version of it was read, as it may be signed for here.
	w.as(identity.CountyOffice, "county1")
	w.who.Account = county
	var told struct{ Groups []inbox.Group }
	if _, said := w.ask("GET", "/api/inbox", ""); json.Unmarshal([]byte(said), &told) != nil {
		t.Fatal(said)
	}
	for _, g := range told.Groups {
		for _, i := range g.Items {
			if is := strings.HasPrefix(string(i.Kind), "task-"); is != (i.Task != nil) || is && (i.Task.Version != 1 || i.Task.Level != "compound" || i.Task.Street != "银雀山街道" || i.Task.County != "兰山区") {
				t.Errorf("%+v %+v", i, i.Task)
			}
		}
	}
	// A return that is sent back is owed again.
	if _, err := w.city.Programme.Decide(ctx, city, programme.ReturnID(w.ids["return1"]), false, "补充说明"); err != nil {
		t.Fatal(err)
	}
	if got := waiting(identity.CountyOffice, "county1", county); got[inbox.ReturnOwed] != 1 {
		t.Errorf("the county, whose return was sent back: %v", got)
	}
	if got := waiting(identity.CityOffice, "city", city); got[inbox.ReturnDecide] != 1 {
		t.Errorf("the city, which sent it back: %v", got)
	}
	// What a county asks for waits for the city alone, until it has decided, and for nobody who asked.
	if got := waiting(identity.CityOffice, "city", city); got[inbox.ReliefDecide] != 2 {
		t.Errorf("the city, of which two things are asked: %v", got)
	}
	if got := waiting(identity.CountyOffice, "county1", county); got[inbox.ReliefDecide] != 0 {
		t.Errorf("the county, which asked: %v", got)
	}
	if got := waiting(identity.CityOffice, "city", "li"); got[inbox.ReliefDecide] != 0 {
		t.Errorf("the one who asked: %v", got)
	}
	if _, err := w.city.Programme.Answer(ctx, city, 1, programme.RequestID(w.ids["request1"]), false, "尚未拆迁"); err != nil {
		t.Fatal(err)
	}
	if got := waiting(identity.CityOffice, "city", city); got[inbox.ReliefDecide] != 1 {
		t.Errorf("the city, once it has refused one: %v", got)
	}
	// A compound that ended meanwhile: what was asked for it can still be refused, by who could decide before.
	if _, err := w.city.Places.End(ctx, "op", place.ID(w.ids["compound2"]), place.Whatever, today, "合并"); err != nil {
		t.Fatal(err)
	}
	if got := waiting(identity.CityOffice, "city", city); got[inbox.ReliefDecide] != 1 {
		t.Errorf("the city, of which something was asked for a compound that has ended: %v", got)
	}
	if code, said := w.ask("POST", "/api/programme/requests/"+w.ids["request2"]+"/decision", `{"grant":true}`); code == 200 {
		t.Errorf("a compound that has ended leaves the programme: %d %s", code, said)
	}
	if code, said := w.ask("POST", "/api/programme/requests/"+w.ids["request2"]+"/decision", `{"grant":false,"note":"小区已合并"}`); code != 200 {
		t.Errorf("%d %s", code, said)
	}
	manager := appoint("zhou", identity.Manager, "compound1")
	if got := waiting(identity.CountyOffice, "county1", county); got[inbox.TaskSign] != 0 {
		t.Errorf("the county, once there is a manager: %v", got)
	}
	if got := waiting(identity.Manager, "compound1", manager); got[inbox.TaskSign] != 1 || len(got) != 1 {
		t.Errorf("the manager: %v", got)
	}
	if got := waiting(identity.Manager, "compound2", "neighbour"); len(got) != 0 {
		t.Errorf("the neighbour's manager: %v", got)
	}

	// Signed for, it is near due: its last day is today. Reported, it waits for the county's check.
	step := func(act supervision.Act, version int64) {
		t.Helper()
		if _, err := w.city.Tasks.Take(ctx, manager, act, []supervision.Taken{{ID: supervision.ID(w.ids["order1"]), Version: version}}, "已办", 0); err != nil {
			t.Fatal(err)
		}
	}
	step(supervision.Sign, 1)
	if got := waiting(identity.Manager, "compound1", manager); got[inbox.TaskDue] != 1 || got[inbox.TaskSign] != 0 {
		t.Errorf("signed for: %v", got)
	}
	step(supervision.Begin, 2)
	step(supervision.Report, 3)
	if got := waiting(identity.Manager, "compound1", manager); len(got) != 0 {
		t.Errorf("reported, the manager: %v", got)
	}
	if got := waiting(identity.CountyOffice, "county1", county); got[inbox.TaskCheck] != 1 {
		t.Errorf("reported, the county: %v", got)
	}
	if got := waiting(identity.CityOffice, "city", city); got[inbox.TaskCheck] != 0 {
		t.Errorf("reported, the city: %v", got)
	}
	if got := waiting(identity.CountyOffice, "county1", manager); got[inbox.TaskCheck] != 0 {
		t.Errorf("nobody checks what they reported: %v", got)
	}

	// A street's and a member unit's task wait for them alone.
	if _, err := w.city.Tasks.Raise(ctx, city, supervision.Raising{Places: []place.ID{place.ID(w.ids["street1"])}, Units: []string{w.ids["unit1"]}, Title: "上门宣传", Due: today + 20, Near: 10}); err != nil {
		t.Fatal(err)
	}
	if got := waiting(identity.MemberUnit, "unit1", "sun"); got[inbox.TaskSign] != 1 || len(got) != 1 {
		t.Errorf("the unit: %v", got)
	}
	if got := waiting(identity.MemberUnit, "unit2", "qian"); len(got) != 0 {
		t.Errorf("another unit: %v", got)
	}
	street := appoint("wu", identity.StreetOffice, "street1")
	if got := waiting(identity.StreetOffice, "street1", street); got[inbox.TaskSign] != 1 {
		t.Errorf("the street: %v", got)
	}
	if got := waiting(identity.StreetOffice, "street1", street); got[inbox.NoticePublish] != 1 {
		t.Errorf("the notice that another person wrote: %v", got)
	}
	if got := waiting(identity.StreetOffice, "street1", "op"); got[inbox.NoticePublish] != 0 {
		t.Errorf("the notice, for who wrote it: %v", got)
	}
	// A draft of the county's bulletin waits for a second person of that office.
	if got := waiting(identity.CountyOffice, "county1", county); got[inbox.BulletinReview] != 1 {
		t.Errorf("the draft: %v", got)
	}
	if got := waiting(identity.CountyOffice, "county1", "op"); got[inbox.BulletinReview] != 0 {
		t.Errorf("the draft, for who wrote it: %v", got)
	}
	// A draft of a form waits for a second person, and its line leads to that very version.
	words, err := inspection.Starter()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.city.Inspection.SetDraft(ctx, "op", inspection.StarterID, 2, words); err != nil {
		t.Fatal(err)
	}
	if got := waiting(identity.CityOffice, "city", city); got[inbox.FormPublish] != 1 {
		t.Errorf("the form that another person wrote: %v", got)
	}
	_, said := w.ask("GET", "/api/inbox", "")
	var forms struct{ Groups []inbox.Group }
	if err := json.Unmarshal([]byte(said), &forms); err != nil {
		t.Fatal(err)
	}
	for _, g := range forms.Groups {
		if g.Kind != inbox.FormPublish {
			continue
		}
		path := fmt.Sprintf("/api/inspection-forms/%s/%d", g.Items[0].ID, g.Items[0].Number)
		if code, said := w.ask("GET", path, ""); code != 200 || !strings.Contains(said, `"state":"draft"`) {
			t.Errorf("%s: %d %s", path, code, said)
		}
	}
	if got := waiting(identity.CityOffice, "city", "op"); got[inbox.FormPublish] != 0 {
		t.Errorf("the form, for who wrote it: %v", got)
	}
	// A later deadline that somebody proposes waits for another person of the city's office.
	if _, p, err := w.city.Programme.PutMilestone(ctx, city, 1, programme.Milestone{ID: "built", What: programme.Built, Classes: place.Classes, Due: today + 70, Near: 30, Lead: 60}, "雨季停工"); err != nil || p == nil {
		t.Fatal(p, err)
	}
	if got := waiting(identity.CityOffice, "city", "another"); got[inbox.RulePublish] != 1 {
		t.Errorf("the proposal, for another: %v", got)
	}
	if got := waiting(identity.CityOffice, "city", city); got[inbox.RulePublish] != 0 {
		t.Errorf("the proposal, for who made it: %v", got)
	}
	if got := waiting(identity.CountyOffice, "county1", county); got[inbox.RulePublish] != 0 {
		t.Errorf("the proposal, for a county: %v", got)
	}
	if got := waiting(identity.Guard, "", "guard"); len(got) != 0 {
		t.Errorf("a guard: %v", got)
	}
}

// What is reported done waits for whoever checks it: nobody is late with it, and the bell is not red of it.
func TestWhatIsToBeCheckedIsNotLate(t *testing.T) {
	late := supervision.Entry{Standing: supervision.Standing{Days: -3, Late: true}}
	if taskItem(inbox.TaskCheck, &late).Late || !taskItem(inbox.TaskDue, &late).Late {
		t.Error("what is worked on is late, what is to be checked is not")
	}
}

// Every open console asks what waits, again and again: no more is read for it than is answered.
func TestWhatWaitsIsCheapToAsk(t *testing.T) {
	w := newTwoCounties(t)
	ctx := t.Context()
	if _, err := w.city.Programme.Decide(ctx, "chen", programme.ReturnID(w.ids["return2"]), false, "补充说明"); err != nil {
		t.Fatal(err)
	}
	for i, unit := range []string{"unit1", "unit1", "unit2", "unit2"} {
		account, _, err := w.identity.CreateAccount(ctx, identity.NewAccount{Name: fmt.Sprint("unit", i), Role: identity.Staff})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.identity.Appoint(ctx, identity.NewAppointment{Account: account.ID, Role: identity.MemberUnit, Unit: w.ids[unit]}); err != nil {
			t.Fatal(err)
		}
	}
	read := map[string]*readings{}
	for _, table := range []string{"return_claims", "county_returns", "member_units", "accounts", "notices", "bulletins", "inspection_forms", "supervision_tasks", "supervision_steps"} {
		read[table] = &readings{table: table}
		w.db.DB = w.db.WithQueryHook(read[table])
	}
	ask := func(role identity.Role, at string) {
		t.Helper()
		w.as(role, at)
		w.who.Account = "asker"
		for _, r := range read {
			r.n.Store(0)
			r.bare.Store(0)
		}
		if code, said := w.ask("GET", "/api/inbox", ""); code != 200 {
			t.Fatalf("%d %s", code, said)
		}
	}
	most := map[string]int64{"return_claims": 0, "county_returns": 1, "member_units": 1, "accounts": 0, "notices": 1, "bulletins": 2, "inspection_forms": 1, "supervision_tasks": 2, "supervision_steps": 1}
	for role, at := range map[identity.Role]string{identity.CityOffice: "city", identity.CountyOffice: "county1", identity.Manager: "compound1", identity.MemberUnit: "unit1"} {
		ask(role, at)
		for table, n := range most {
			if got := read[table].n.Load(); got > n {
				t.Errorf("%s: %s is read %d times, want %d at most", role, table, got, n)
			}
			if bare := read[table].bare.Load(); bare > 0 && table != "county_returns" && table != "member_units" {
				t.Errorf("%s: all of %s is read", role, table)
			}
		}
	}
}

// Of tasks of other places no steps are read.
func TestPendingIsOfOnesOwn(t *testing.T) {
	w := newTwoCounties(t)
	for _, x := range []struct {
		places, units []string
		want          int
	}{
		{[]string{"city"}, nil, 3},
		{[]string{"county1"}, nil, 1},
		{[]string{"compound2"}, nil, 1},
		{[]string{"compound2", "county1"}, nil, 2},
		{nil, []string{"unit1"}, 1},
		{nil, []string{"unit2"}, 0},
		{[]string{"compound1"}, []string{"unit1"}, 2},
	} {
		if x.want == 3 {
			if _, err := w.city.Tasks.Raise(t.Context(), "op", supervision.Raising{Units: []string{w.ids["unit1"]}, Title: "上门宣传", Due: w.city.Places.Clock().Today() + 9}); err != nil {
				t.Fatal(err)
			}
		}
		var places []place.ID
		var units []string
		for _, at := range x.places {
			places = append(places, place.ID(w.ids[at]))
		}
		for _, u := range x.units {
			units = append(units, w.ids[u])
		}
		got, err := w.city.Tasks.Pending(t.Context(), places, units)
		if err != nil || len(got) != x.want {
			t.Errorf("of %v %v: %d tasks, want %d, %v", x.places, x.units, len(got), x.want, err)
		}
	}
}
