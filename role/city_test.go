package role

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"linli.dev/linli/access/identity"
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
