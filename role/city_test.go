package role

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"linli.dev/linli/access/identity"
	"linli.dev/linli/people/inspection"
	"linli.dev/linli/people/place"
)

// What the city's office has raised or planned it alone takes back, plans anew, puts off, though the county below does all of that
// with its own, and checks tasks whoever raised them.
func TestWhatTheCityHasSetOnlyTheCityTakesBack(t *testing.T) {
	w := newTwoCounties(t)
	account := ""
	as := func(role identity.Role, at string) {
		w.as(role, at)
		w.who.Account = account
		if role == identity.Operator {
			w.who.Roles, w.who.Offices = []string{"operator"}, nil
		}
	}
	ask := func(status int, code, method, path, body string) string {
		t.Helper()
		got, said := w.ask(method, w.fill(path), w.fill(body))
		if got != status || !strings.Contains(said, code) {
			t.Errorf("%s %s by %s: %d %s, want %d %s", method, path, w.who.Offices, got, said, status, code)
		}
		return said
	}
	raised := func(said string) (tasks []string) {
		t.Helper()
		var list struct{ Tasks []struct{ ID string } }
		if err := json.Unmarshal([]byte(said), &list); err != nil || len(list.Tasks) == 0 {
			t.Fatal(err, said)
		}
		for _, x := range list.Tasks {
			tasks = append(tasks, x.ID)
		}
		return tasks
	}
	raise := func() string {
		t.Helper()
		return raised(ask(201, "", "POST", "/api/supervision-tasks", `{"places":["<compound1>"],"title":"尽快联网","due":"<tomorrow>"}`))[0]
	}
	withdraw := func(status int, code, id string) {
		t.Helper()
		ask(status, code, "POST", "/api/supervision-tasks/withdrawals", `{"note":"误发","tasks":[{"id":"`+id+`","version":1}]}`)
	}
	for name, by := range map[string]struct {
		role identity.Role
		at   string
		city bool
	}{"the city's office": {identity.CityOffice, "city", true}, "the operator": {identity.Operator, "", true}, "the county's office": {identity.CountyOffice, "county1", false}} {
		account = "one"
		as(by.role, by.at)
		first, second := raise(), raise()
		if said := ask(200, "", "GET", "/api/supervision-tasks/"+first, ""); strings.Contains(said, `"by_city":true`) != by.city {
			t.Errorf("raised by %s: %s", name, said)
		}
		as(identity.CountyOffice, "county2")
		withdraw(403, "place.not-permitted", first)
		as(identity.CountyOffice, "county1")
		if by.city {
			withdraw(403, "supervision.of-city", first)
		} else {
			withdraw(200, `"state":"withdrawn"`, first)
		}
		// The county checks it; another last day is the city's to give.
		for v, act := range []string{"sign", "begin", "report"} {
			ask(200, "", "POST", "/api/supervision-tasks/steps", fmt.Sprintf(`{"act":%q,"note":"已办","tasks":[{"id":%q,"version":%d}]}`, act, second, v+1))
		}
		account = "another"
		as(identity.CountyOffice, "county1")
		back := func(due string) string {
			return `{"act":"return","note":"未整改"` + due + `,"tasks":[{"id":"` + second + `","version":4}]}`
		}
		if by.city {
			ask(403, "supervision.of-city", "POST", "/api/supervision-tasks/checks", back(`,"due":"2099-01-01"`))
		}
		ask(200, `"state":"returned"`, "POST", "/api/supervision-tasks/checks", back(""))
		as(identity.CityOffice, "city")
		if by.city {
			withdraw(200, `"state":"withdrawn"`, first)
		}
	}
	// What an activity of the city's is followed up by is the city's, too.
	account = "one"
	as(identity.CityOffice, "city")
	ask(201, "", "POST", "/api/activities/<activity1>/follow-ups", `{"places":["<compound1>"],"title":"补贴告示","due":"<tomorrow>"}`)
	follows := raised(ask(200, "补贴告示", "GET", "/api/supervision-tasks?origin=activity:<activity1>", ""))
	as(identity.CountyOffice, "county1")
	withdraw(403, "supervision.of-city", follows[0])

	// Inspections.
	plan := func() string {
		t.Helper()
		var x struct{ ID string }
		said := ask(201, "", "POST", "/api/inspections", `{"compound":"<compound1>","form":"safe-compound","day":"<today>","team":["somebody","chen"]}`)
		if err := json.Unmarshal([]byte(said), &x); err != nil {
			t.Fatal(err, said)
		}
		return "/api/inspections/" + x.ID
	}
	as(identity.CityOffice, "city")
	mine := plan()
	as(identity.CountyOffice, "county1")
	own := plan()
	type deed struct{ method, path, body string }
	deeds := []deed{
		{"POST", "/mendings/gate/extensions", `{"note":"雨季","due":"2099-01-01"}`},
		{"PUT", "/plan", `{"day":"<tomorrow>","team":["lanshan","wang"]}`},
		{"POST", "/cancellation", `{"note":"改期"}`},
	}
	if said := ask(200, "", "GET", mine, ""); !strings.Contains(said, `"by_city":true`) {
		t.Error(said)
	}
	for _, d := range deeds {
		ask(403, "inspection.of-city", d.method, mine+d.path, d.body)
	}
	for _, x := range []struct {
		path string
		role identity.Role
		at   string
	}{{own, identity.CountyOffice, "county1"}, {mine, identity.CityOffice, "city"}} {
		as(x.role, x.at)
		for i, d := range deeds {
			if i == 2 {
				w.ifMatch = `"2"` // it was planned anew
			}
			code, said := w.ask(d.method, w.fill(x.path+d.path), w.fill(d.body))
			if want := []int{http.StatusNotFound, http.StatusOK, http.StatusOK}[i]; code != want { // nothing is to be mended yet
				t.Errorf("%s %s by the %s: %d %s", d.method, d.path, x.role, code, said)
			}
			w.ifMatch = ""
		}
	}
}

// A compound that the city's team has failed the county does not pass with two accounts of its own: it plans nothing that would say so,
// and what it had planned before is kept and says nothing.
func TestTheCountyDoesNotPassWhatTheCityFailed(t *testing.T) {
	w := newTwoCounties(t)
	ctx, rooms, id := t.Context(), w.city.Inspection, place.ID(w.ids["compound1"])
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	var words inspection.FormWords
	must(json.Unmarshal([]byte(`{"title":{"zh":"大门检查"},"pass":90,"mend":70,"judged":70,"mend_days":30,"sections":[{"name":"a","title":{"zh":"物防"},"weight":100,
		"items":[{"name":"gate","title":{"zh":"大门完好"},"kind":"yes-no","weight":100}]}]}`), &words))
	_, err := rooms.SetDraft(ctx, "op", "gate-check", 0, words)
	must(err)
	_, err = rooms.Publish(ctx, "chen", "gate-check", 1)
	must(err)
	today := w.city.Places.Clock().Today()
	plan := func(city bool) inspection.Inspection {
		t.Helper()
		x, err := rooms.Plan(ctx, "op", inspection.NewInspection{Compound: id, Form: "gate-check", Day: today, Team: []string{"wang", "zhao"}, City: city})
		must(err)
		return x
	}
	finish := func(x inspection.Inspection, value string, want inspection.Status) {
		t.Helper()
		for _, who := range x.Team {
			_, err := rooms.Send(ctx, who, x.ID, []inspection.Answer{{ID: string(x.ID) + who, Item: "gate", Value: value, At: time.Now()}})
			must(err)
		}
		digest, err := rooms.Digest(ctx, x.ID)
		must(err)
		for _, who := range x.Team {
			_, err := rooms.Sign(ctx, who, x.ID, digest)
			must(err)
		}
		list, err := rooms.Standings(ctx, w.city.Places.Clock().AtClose(today), nil, "", id)
		must(err)
		if len(list) != 1 || list[0].Status != want {
			t.Errorf("%s by the city's team: %v: %+v, want %s", value, x.City, list, want)
		}
	}
	asked := func(role identity.Role, at, code string, status int) {
		t.Helper()
		w.as(role, at)
		if got, said := w.ask("POST", "/api/inspections", w.fill(`{"compound":"<compound1>","form":"gate-check","day":"<today>","team":["wang","zhao"]}`)); got != status || !strings.Contains(said, code) {
			t.Errorf("%s plans: %d %s", role, got, said)
		}
	}
	before := plan(false)
	finish(plan(true), "no", inspection.NotPass)
	asked(identity.CountyOffice, "county1", "inspection.found-by-city", 403)
	finish(before, "yes", inspection.NotPass)
	asked(identity.CityOffice, "city", `"by_city":true`, 201)
	finish(plan(true), "yes", inspection.Passing)
	asked(identity.CountyOffice, "county1", "", 201)
	finish(plan(false), "no", inspection.NotPass)
	finish(plan(false), "yes", inspection.Passing)
}
