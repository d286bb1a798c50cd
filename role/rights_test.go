package role

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"linli.dev/linli/access/identity"
	"linli.dev/linli/api"
	"linli.dev/linli/people/pairing"
	"linli.dev/linli/people/place"
	"linli.dev/linli/people/programme"
	"linli.dev/linli/people/supervision"
	"linli.dev/linli/store"
)

// What is city-wide and changes something is the city office's alone.
func TestTheCitysRulesAreTheCityOffices(t *testing.T) {
	w := newTwoCounties(t)
	for _, x := range []struct{ method, path, body string }{
		{"PUT", "/api/programme", `{"name":"创建","city":"<city>","start":"2017-04-01"}`},
		{"PUT", "/api/milestones/built", `{"what":"built","classes":["other"],"due":"2099-06-30","near_days":30,"lead_days":60}`},
		{"DELETE", "/api/outlines", ""},
		{"PUT", "/api/tiles", `{"tiles":[{"place":"<county1>","column":0,"row":0,"short_zh":"兰山","short_en":"Lanshan"}]}`},
		{"DELETE", "/api/tiles", ""},
		{"PUT", "/api/outlines?datum=wgs84", `{}`},
		{"POST", "/api/outlines/check?datum=wgs84", `{}`},
		{"POST", "/api/member-units", `{"name":"市交通局","level":"city"}`},
		{"PATCH", "/api/member-units/<unit1>", `{"name":"市工会","level":"city"}`},
		{"PUT", "/api/campaigns/winter", `{"name":"冬季行动","from":"2017-11-01","until":"2017-12-31"}`},
		{"GET", "/api/bulletin", ""},
		{"PUT", "/api/inspection-forms/other-form", `{"title":{"zh":"检查表"},"pass":90,"mend":70,"judged":70,"mend_days":30,"sections":[{"name":"a","title":{"zh":"a"},"weight":100,"items":[{"name":"x","title":{"zh":"x"},"kind":"yes-no","weight":100}]}]}`},
		{"POST", "/api/inspection-forms/safe-compound/publishing", ""},
		{"GET", "/api/bulletin/file?format=text", ""},
		{"POST", "/api/supervision-rules/trial", `{"light":"red","title":"尽快安装","days":7,"active":true}`},
		{"PUT", "/api/supervision-rules/late", `{"light":"red","title":"尽快安装","days":7,"active":true}`},
	} {
		for _, c := range []struct {
			role identity.Role
			at   string
			may  bool
		}{{identity.CountyOffice, "county1", false}, {identity.MemberUnit, "unit1", false}, {identity.Manager, "compound1", false}, {identity.CityOffice, "city", true}} {
			w.as(c.role, c.at)
			if code, said := w.ask(x.method, w.fill(x.path), w.fill(x.body)); (code != 403) != c.may || code >= 500 {
				t.Errorf("%s %s as %s: %d %s", x.method, x.path, c.role, code, said)
			}
		}
	}
	w.as(identity.CountyOffice, "county2")
	_, said := w.ask("GET", "/api/programme/city", "")
	var city programme.City
	if err := json.Unmarshal([]byte(said), &city); err != nil || city.Numbers.Compounds != 2 || len(city.Counties) != 1 || city.Counties[0].Name != "罗庄区" {
		t.Errorf("%v %s", err, said)
	}
}

// What a page asks before it offers a button is what the deed itself would be answered.
func TestRightsOfAPlaceAreThoseOfTheDeeds(t *testing.T) {
	w := newTwoCounties(t)
	for _, c := range []struct {
		role     identity.Role
		at, path string
		may      string
	}{
		{identity.CountyOffice, "county1", "/api/places/<county1>/rights?of=programme.approve,programme.write", `["programme.write"]`},
		{identity.CountyOffice, "county1", "/api/places/<compound1>/rights?of=place.write", `["place.write"]`},
		{identity.CityOffice, "city", "/api/places/<county1>/rights?of=programme.approve,place.write", `["programme.approve","place.write"]`},
		{identity.CityOffice, "city", "/api/places/<county1>/rights?of=programme.approve&by=somebody", `[]`}, // the own return
		{identity.CityOffice, "city", "/api/places/<city>/rights?of=supervision.raise", `["supervision.raise"]`},
		{identity.Manager, "compound1", "/api/places/<compound1>/rights?of=place.write,place.keep", `["place.keep"]`},
		{identity.MemberUnit, "unit1", "/api/places/<compound1>/rights?of=place.write,place.keep", `[]`},
	} {
		w.as(c.role, c.at)
		if code, said := w.ask("GET", w.fill(c.path), ""); code != 200 || !strings.Contains(said, `"may":`+c.may) {
			t.Errorf("%s %s: %d %s, want %s", c.role, c.path, code, said, c.may)
		}
	}
	// Everybody begins the tree at what is theirs.
	for _, c := range []struct {
		role    identity.Role
		at, top string
	}{{identity.CityOffice, "city", "临沂市"}, {identity.CountyOffice, "county1", "兰山区"}, {identity.Manager, "compound1", "金阳花园"}, {identity.MemberUnit, "unit1", "金阳花园"}} {
		w.as(c.role, c.at)
		var list struct{ Places []place.Version }
		code, said := w.ask("GET", "/api/places", "")
		if err := json.Unmarshal([]byte(said), &list); err != nil || code != 200 || len(list.Places) != 1 || list.Places[0].Name != c.top {
			t.Errorf("%s: %d %s", c.role, code, said)
		}
	}
	w.as(identity.CountyOffice, "county1")
	if code, said := w.ask("GET", "/api/places?search=hy", ""); code != 200 || !strings.Contains(said, "金阳花园") || strings.Contains(said, "百合花园") || !strings.Contains(said, `["兰山区","银雀山街道","东苗庄社区"]`) {
		t.Errorf("%d %s", code, said)
	}
}

func TestAMemberUnitSeesItsPairingsOnly(t *testing.T) {
	w := newTwoCounties(t)
	_, err := w.city.Pairing.Pair(t.Context(), "op", []pairing.Pairing{{
		Compound: place.ID(w.ids["compound1"]), Unit: pairing.UnitID(w.ids["unit2"]), Moment: place.Moment{About: w.city.Places.Clock().Today()},
	}})
	if err != nil {
		t.Fatal(err)
	}
	w.as(identity.MemberUnit, "unit1")
	code, said := w.ask("GET", "/api/pairings", "")
	if code != 200 || !strings.Contains(said, w.ids["pairing1"]) || strings.Contains(said, w.ids["pairing2"]) || strings.Contains(said, w.ids["unit2"]) {
		t.Errorf("%d %s", code, said)
	}
	for path, want := range map[string]int{
		"/api/compounds/<compound1>": 200, "/api/programme/compounds/<compound1>": 200,
		"/api/compounds/<compound2>": 403, "/api/programme/compounds/<compound2>": 403, "/api/places/<county1>": 403,
	} {
		if code, said := w.ask("GET", w.fill(path), ""); code != want {
			t.Errorf("%s: %d %s", path, code, said)
		}
	}
	if code, said := w.ask("POST", w.fill("/api/pairings/<pairing1>/money"), w.fill(`{"kind":"pledge","fen":100,"from":"<today>"}`)); code != 201 {
		t.Errorf("%d %s", code, said)
	}
	if code, said := w.ask("POST", w.fill("/api/pairings/<pairing2>/money"), w.fill(`{"kind":"pledge","fen":100,"from":"<today>"}`)); code != 403 {
		t.Errorf("%d %s", code, said)
	}
	// What it attached it withdraws; a voucher that the office attached is the office's to withdraw.
	own, err := w.city.Pairing.Attach(t.Context(), w.who.Account, pairing.EntryID(w.ids["money1"]), pairing.Voucher, "回单.pdf", []byte("%PDF-1.6\n%%EOF"))
	if err != nil {
		t.Fatal(err)
	}
	withdraw := func(id, want string, status int) {
		t.Helper()
		if code, said := w.ask("POST", "/api/help-files/"+id+"/withdrawal", `{"note":"误传"}`); code != status || !strings.Contains(said, want) {
			t.Errorf("%d %s, want %d %s", code, said, status, want)
		}
	}
	withdraw(w.ids["file1"], "pairing.file.own", 403)
	withdraw(string(own.ID), "withdrawn", 201)
	w.as(identity.CountyOffice, "county1")
	withdraw(w.ids["file1"], "withdrawn", 201)
}

// With two cities in a tree a unit's task lies in the one whose office has the say over it, and no other.
func TestTheCityIsTheSameForEveryQuestion(t *testing.T) {
	w := newTwoCounties(t)
	ctx, today := t.Context(), w.city.Places.Clock().Today()
	other, err := w.city.Places.Found(ctx, "op", []place.NewPlace{{Level: place.City, Name: "日照市", From: today - 40}})
	if err != nil {
		t.Fatal(err)
	}
	w.ids["other"] = string(other[0].Place)
	tasks, err := w.city.Tasks.Raise(ctx, "op", supervision.Raising{Units: []string{w.ids["unit1"]}, Title: "上门宣传", Due: today + 20})
	if err != nil {
		t.Fatal(err)
	}
	id := string(tasks[0].ID)
	for _, at := range []string{"city", "other"} {
		mine := w.ids[at] == string(tasks[0].Place)
		w.as(identity.CityOffice, at)
		if code, said := w.ask("GET", "/api/supervision-tasks/"+id, ""); (code == 200) != mine {
			t.Errorf("%s, of which the task is: %v: %d %s", at, mine, code, said)
		}
		if _, said := w.ask("GET", "/api/supervision-tasks", ""); strings.Contains(said, id) != mine {
			t.Errorf("%s, of which the task is: %v: its list has it: %v", at, mine, !mine)
		}
		if code, said := w.ask("POST", "/api/supervision-tasks/withdrawals", `{"tasks":[{"id":"`+id+`","version":1}],"note":"误发"}`); (code == 200) != mine {
			t.Errorf("%s, of which the task is: %v: %d %s", at, mine, code, said)
		}
	}
}

// The table of permissions and the policies say the same: who holds a permission is let in at the own place, who does not is
// refused there.
func TestPermissionsAndPoliciesAgree(t *testing.T) {
	w := newTwoCounties(t)
	at := map[identity.Role]string{
		identity.CityOffice: "city", identity.CountyOffice: "county1", identity.StreetOffice: "street1", identity.CommunityOffice: "community1",
		identity.Manager: "compound1", identity.MemberUnit: "unit1",
	}
	rights := w.city.Places.Rights()
	for role, where := range at {
		w.as(role, where)
		ctx := api.WithCaller(context.Background(), w.who)
		for p := range programmePermission {
			_, verb, _ := strings.Cut(p, ".")
			var err error
			switch {
			case p == "journal.read", p == "bulletin.read": // what is issued is for everybody
				continue
			case verb == "total":
				err = rights.MayCity(ctx, p)
			case p == "campaign.publish":
				at := place.ID(w.ids[where])
				if role == identity.MemberUnit {
					at = place.ID(w.ids["compound1"])
				}
				err = rights.MayPublishAt(ctx, p, at, []string{"li"})
			case verb == "publish":
				err = rights.MayPublish(ctx, p, []string{"li"})
			case verb == "approve": // of the level below
				below := map[identity.Role]string{identity.CityOffice: "county1", identity.CountyOffice: "street1"}[role]
				if below == "" {
					below = "community1"
				}
				err = rights.MayApprove(ctx, p, place.ID(w.ids[below]), "li")
			case role == identity.MemberUnit && strings.HasPrefix(p, "supervision."): // of its own
				err = rights.MayUnit(ctx, p, w.ids["unit1"])
			case role == identity.MemberUnit && strings.HasPrefix(p, "pairing."):
				err = rights.MayPairing(ctx, p, place.ID(w.ids["compound1"]), w.ids["pairing1"], w.ids["unit1"])
			case role == identity.MemberUnit:
				err = rights.May(ctx, p, w.city.Places.Clock().AtClose(w.city.Places.Clock().Today()), place.ID(w.ids["compound1"]))
			case verb == "raise" || verb == "check": // of what lies below
				err = rights.MayChange(ctx, p, place.ID(w.ids["compound1"]))
			default:
				err = rights.MayChange(ctx, p, place.ID(w.ids[where]))
			}
			if held := identity.Of(role)[p]; held != (err == nil) {
				t.Errorf("%s holds %s: %v, the policies say %v", role, p, held, err)
			}
		}
	}
}

func TestEventsOfANeighbourSayNothing(t *testing.T) {
	w := newTwoCounties(t)
	w.as(identity.CountyOffice, "county2")
	events, err := w.db.Events(t.Context(), 0, 500)
	if err != nil {
		t.Fatal(err)
	}
	heard := 0
	for _, e := range events {
		if !slices.Contains([]string{"place", "pairing", "programme", "supervision"}, e.Room) {
			continue
		}
		told := w.eventFor(t.Context(), w.who, e)
		raw, _ := json.Marshal(told)
		for name, id := range w.ids {
			if strings.HasSuffix(name, "1") && (strings.Contains(string(told.Data), id) || told.Subject == id) {
				t.Errorf("%s %s tells of %s: %s", e.Room, e.Kind, name, raw)
			}
		}
		if strings.Contains(string(told.Data), "金阳") {
			t.Errorf("%s", raw)
		}
		if told.Subject == w.ids["compound2"] {
			heard++
		}
	}
	if heard < 4 {
		t.Errorf("of its own compound Luozhuang heard %d events", heard)
	}
	w.who = api.Caller{Account: "op", Kind: "account", Roles: []string{"operator"}, Permissions: identity.Of(identity.Operator)}
	if told := w.eventFor(t.Context(), w.who, store.Event{Room: "place", Kind: "place.founded", Subject: w.ids["compound1"], Data: json.RawMessage(`{"name":"x"}`)}); told.Subject != w.ids["compound1"] {
		t.Errorf("%+v", told)
	}
}
