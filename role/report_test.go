package role

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"linli.dev/linli/access/identity"
	"linli.dev/linli/api"
	"linli.dev/linli/camera"
	"linli.dev/linli/demo/camsim"
	"linli.dev/linli/link"
	"linli.dev/linli/people/place"
	"linli.dev/linli/people/programme"
)

// What a machine reports it reports of its own compound: no office does it in its place, and no other machine.
func TestAMachineReportsItsCompoundAlone(t *testing.T) {
	w := newTwoCounties(t)
	body := `{"cameras":[{"key":"camera01","name":"东门","area":"gate","in_use":true,"seen":true}]}`
	put := func(at string) (int, string) { return w.ask("PUT", w.fill("/api/compounds/<"+at+">/register"), body) }
	for _, who := range []struct {
		role identity.Role
		at   string
	}{
		{identity.CityOffice, "city"},
		{identity.CountyOffice, "county1"},
		{identity.Manager, "compound1"},
		{identity.MemberUnit, "unit1"},
		{identity.Program, "compound2"},
		{identity.Program, "county1"},
		{identity.Program, "city"},
	} {
		w.as(who.role, who.at)
		if code, said := put("compound1"); code != 403 {
			t.Errorf("%s at %s: %d %s", who.role, who.at, code, said)
		}
		if who.role == identity.Program { // the route's permission is no obstacle: the policy is
			if _, said := put("compound1"); !strings.Contains(said, "place.not-permitted") {
				t.Errorf("%s at %s is refused for another reason: %s", who.role, who.at, said)
			}
		}
	}
	for _, r := range []identity.Role{identity.Operator, identity.Guard} {
		w.who = api.Caller{Account: "op", Kind: "account", Roles: []string{string(r)}, Permissions: identity.Of(r)}
		if code, said := put("compound1"); code != 403 {
			t.Errorf("%s: %d %s", r, code, said)
		}
	}
	w.as(identity.Program, "county1")
	if code, said := w.ask("GET", "/api/register", ""); code != 403 {
		t.Errorf("%d %s", code, said)
	}

	w.as(identity.Program, "compound1")
	if code, said := w.ask("GET", "/api/register", ""); code != 200 || !strings.Contains(said, w.ids["compound1"]) || !strings.Contains(said, "金阳花园") {
		t.Errorf("%d %s", code, said)
	}
	for _, more := range []string{`"angle":"朝向大门"`, `"source":"rtsp://10.0.0.9/main"`, `"host":"10.0.0.9"`, `"picture":"x"`, `"state":"unreachable"`, `"since":"2026-11-27T08:00:00Z"`} {
		body := strings.Replace(body, `"seen":true`, `"seen":true,`+more, 1)
		if code, said := w.ask("PUT", w.fill("/api/compounds/<compound1>/register"), body); code != 422 {
			t.Errorf("%s was taken: %d %s", more, code, said)
		}
	}
	if code, said := w.ask("PUT", w.fill("/api/compounds/<compound1>/register"), `{"cameras":null}`); code != 422 { // no list is not an empty one
		t.Errorf("%d %s", code, said)
	}
	code, said := put("compound1")
	if code != 200 || !strings.Contains(said, `"cameras":1,`) || !strings.Contains(said, `"networked":1}`) {
		t.Errorf("%d %s", code, said)
	}
	if code, said := put("compound1"); code != 200 {
		t.Errorf("%d %s", code, said)
	}

	// Who keeps the compound learns that it reports; who helps it, and who may only read, does not.
	see := func(role identity.Role, at string) string {
		t.Helper()
		w.as(role, at)
		code, said := w.ask("GET", w.fill("/api/compounds/<compound1>/cameras"), "")
		if code != 200 {
			t.Fatalf("%s: %d %s", role, code, said)
		}
		return said
	}
	if said := see(identity.Manager, "compound1"); !strings.Contains(said, `"elsewhere":{`) || !strings.Contains(said, `"silent":false`) {
		t.Error(said)
	}
	if said := see(identity.MemberUnit, "unit1"); strings.Contains(said, "elsewhere") {
		t.Error(said)
	}

	// The evidence is the machine's; its sentence counts once a day.
	book, err := w.city.Programme.Book(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	clock := w.city.Places.Clock()
	s, ok := book.Compound(clock.AtClose(clock.Today()), place.ID(w.ids["compound1"]))
	if !ok || !s.Networked.Done || s.Networked.Basis != programme.ByEvidence {
		t.Errorf("%+v", s.Networked)
	}
	events, err := w.db.Events(t.Context(), 0, 500)
	if err != nil {
		t.Fatal(err)
	}
	seen, reported := 0, 0
	for _, e := range events {
		switch e.Room + " " + e.Kind {
		case "programme compound.seen":
			seen++
		case "place node.reported":
			reported++
		}
	}
	if seen != 1 || reported != 1 {
		t.Errorf("seen told %d times, the machine %d times", seen, reported)
	}

	w.who = api.Caller{Account: "op", Kind: "account", Roles: []string{"operator"}, Permissions: identity.Of(identity.Operator)}
	networked := func() programme.State {
		t.Helper()
		book, err := w.city.Programme.Book(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		s, _ := book.Compound(clock.AtClose(clock.Today()), place.ID(w.ids["compound1"]))
		return s
	}
	if code, said := w.ask("DELETE", w.fill("/api/compounds/<compound1>/register"), ""); code != 204 {
		t.Errorf("%d %s", code, said)
	}
	if s := networked(); s.Networked.Done || s.Machine != 0 { // it was a mistake: nothing is barred by it
		t.Errorf("%+v since %s", s.Networked, s.Machine)
	}
	w.as(identity.Program, "compound1")
	if code, said := put("compound1"); code != 200 {
		t.Errorf("%d %s", code, said)
	}
	if s := networked(); s.Networked.Basis != programme.ByEvidence || s.Machine != clock.Today() { // the right one, on the same day
		t.Errorf("%+v since %s", s.Networked, s.Machine)
	}
}

// server is a machine that runs, and what it is reached by.
type server struct {
	*All
	url string
}

func startServer(t *testing.T, cfg Config) server {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	cfg.Listen, cfg.NoRecord, cfg.CheckRate = "127.0.0.1:0", true, -1
	a, err := Open(ctx, cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	done, ready := make(chan error, 1), make(chan string, 1)
	go func() { done <- a.Run(ctx, func(url string) { ready <- url }) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	select {
	case url := <-ready:
		return server{a, url}
	case err := <-done:
		done <- nil
		t.Fatal(err)
	}
	panic("not reached")
}

// Two servers, as they stand in a city: the hub in an office, the node in Jinyang Garden, with a camera that sends pictures. The
// operator of the hub makes a token for the compound; from then on what counts there as built and networked rests on what
// the node sees.
func TestANodeReportsToTheHub(t *testing.T) {
	if testing.Short() {
		t.Skip("two servers and a camera")
	}
	hub := startServer(t, Config{Data: t.TempDir(), TLS: "local"})
	ctx, places := t.Context(), hub.city.Places
	clock := places.Clock()
	today := clock.Today()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	ids := map[string]place.ID{}
	parent := place.ID("")
	for _, x := range []struct {
		level place.Level
		name  string
	}{{place.City, "临沂市"}, {place.County, "兰山区"}, {place.Street, "银雀山街道"}, {place.Community, "东苗庄社区"}, {place.Compound, "金阳花园"}} {
		list, err := places.Found(ctx, "op", []place.NewPlace{{Level: x.level, Parent: parent, Name: x.name, From: today - 40}})
		must(err)
		parent = list[0].Place
		ids[x.name] = parent
	}
	id := ids["金阳花园"]
	_, err := hub.city.Programme.Set(ctx, "op", 0, programme.Programme{Name: "创建", City: ids["临沂市"], Start: today - 40})
	must(err)
	must(hub.city.Programme.Enrol(ctx, "op", []programme.Enrolment{{Compound: id, From: today - 39, Part: true, Plan: 1}}))

	_, secret, err := hub.identity.CreateToken(ctx, identity.NewToken{Name: "金阳花园", Permissions: []string{place.MayReport}, Place: string(id)})
	must(err)
	token := filepath.Join(t.TempDir(), "hub-token")
	must(os.WriteFile(token, []byte(secret+"\n"), 0o600))

	sim, err := camsim.New(camsim.Options{Count: 1, Listen: "127.0.0.1:0", User: "u", Password: "Sesame1"})
	must(err)
	defer sim.Close()
	node := startServer(t, Config{
		Data: t.TempDir(), AllowLoopbackCameras: true, Hub: hub.url, HubTokenFile: token, HubCA: filepath.Join(hub.cfg.Data, "tls", "ca.crt"),
	})
	until := func(what string, f func() bool) {
		t.Helper()
		for end := time.Now().Add(30 * time.Second); !f(); time.Sleep(20 * time.Millisecond) {
			if time.Now().After(end) {
				t.Fatalf("%s: never; the link says %+v", what, node.link.State())
			}
		}
	}
	until("a first report, of nothing", func() bool { return !node.link.State().Success.IsZero() })

	e := camera.Edit{
		Name: ptr("东门"), Area: ptr("东门内"), AreaKind: ptr(camera.AreaGate), Angle: ptr("朝向大门内外车道"), Reason: ptr("车辆人员进出安全"),
		Common: ptr(true), Basis: ptr(camera.BasisOwners), Main: ptr(sim.URL(0, "main")), User: ptr("u"), Password: ptr("Sesame1"),
	}
	added, err := node.cameras.Add(ctx, "op", e)
	must(err)
	tally := func() place.Tally {
		steps, err := places.Steps(ctx, id)
		must(err)
		return place.Channels(clock.AtClose(clock.Today()), steps)
	}
	until("it is installed and seen", func() bool {
		return tally() == place.Tally{Installed: 1, Networked: 1, InstalledSeen: 1, NetworkedSeen: 1}
	})
	// A name from before the rule of names stays at the node, and keeps nothing else from being told.
	rename := func(name string) {
		t.Helper()
		_, err := node.db.ExecContext(ctx, "UPDATE cameras SET name = ? WHERE id = ?", name, string(added.Value.ID))
		must(err)
	}
	rename("重点人员王某门口")
	e.Name, e.User, e.Password, e.Disabled, e.DisabledReason = ptr("西门"), nil, nil, ptr(true), ptr("检修")
	e.Main = ptr("rtsp://127.0.0.1:9/main")
	_, err = node.cameras.Add(ctx, "op", e)
	must(err)
	var reports []place.Report
	until("it goes on reporting", func() bool {
		if s := node.link.State(); s.Problem != "" {
			t.Fatalf("%+v", s)
		}
		reports, err = places.Reports(ctx, id)
		must(err)
		return len(reports) == 1 && len(reports[0].Cameras) == 2 // one of before the second camera may have been on its way
	})
	var names []string
	for _, c := range reports[0].Cameras {
		names = append(names, c.Name)
	}
	slices.Sort(names)
	if !slices.Equal(names, []string{"大门 1", "西门"}) {
		t.Errorf("%+v", reports)
	}
	rename("东门")
	book, err := hub.city.Programme.Book(ctx)
	must(err)
	s, ok := book.Compound(clock.AtClose(clock.Today()), id)
	if !ok || !s.Built.Done || s.Built.Basis != programme.ByEvidence || !s.Networked.Done || s.Networked.Basis != programme.ByEvidence {
		t.Errorf("built %+v, networked %+v", s.Built, s.Networked)
	}

	// Nothing of the camera but what may leave is anywhere in the hub: neither its id, nor where its pictures are, nor what it
	// looks at.
	for _, secret := range []string{string(added.Value.ID), sim.Addr(), "Sesame1", "朝向大门", "东门内", "车辆人员进出安全", "王某"} {
		for _, name := range []string{"linli.db", "linli.db-wal"} {
			raw, err := os.ReadFile(filepath.Join(hub.cfg.Data, name))
			must(err)
			if bytes.Contains(raw, []byte(secret)) {
				t.Errorf("the hub knows %q", secret)
			}
		}
	}

	// The node's own page and journal say that it arrived.
	_, mine, err := node.identity.CreateToken(ctx, identity.NewToken{Name: "页面", Permissions: []string{"system.read"}})
	must(err)
	get := func(path string, into any) {
		t.Helper()
		req, err := http.NewRequestWithContext(ctx, "GET", node.url+path, nil)
		must(err)
		req.Header.Set("Authorization", "Bearer "+mine)
		resp, err := http.DefaultClient.Do(req)
		must(err)
		defer resp.Body.Close()
		raw, err := io.ReadAll(resp.Body)
		must(err)
		if err := json.Unmarshal(raw, into); resp.StatusCode != 200 || err != nil {
			t.Fatalf("%s: %d %s", path, resp.StatusCode, raw)
		}
	}
	var page struct {
		Hub, Name, Problem string
		Cameras            int
		Success            *time.Time
	}
	get("/api/system/hub", &page)
	if page.Hub != hub.url || page.Name != "金阳花园" || page.Problem != "" || page.Cameras != 1 || page.Success == nil {
		t.Errorf("%+v", page)
	}
	var journal struct{ Events []journalEvent }
	get("/api/journal", &journal)
	told := false
	for _, e := range journal.Events {
		told = told || e.Kind == "hub.reported" && strings.Contains(string(e.Data), "金阳花园")
	}
	if !told {
		t.Errorf("%+v", journal.Events)
	}

	// Out of use at the node, it is a channel no longer at the hub; and a token that is revoked opens nothing.
	_, err = node.cameras.Change(ctx, "op", added.Value.ID, added.Value.Version, camera.Edit{Disabled: ptr(true), DisabledReason: ptr("检修")})
	must(err)
	until("it is removed", func() bool { return tally() == place.Tally{} })
	must(hub.identity.RevokeToken(ctx, "金阳花园"))
	c, err := node.cameras.Camera(ctx, added.Value.ID)
	must(err)
	_, err = node.cameras.Change(ctx, "op", c.ID, c.Version, camera.Edit{Name: ptr("东大门")})
	must(err)
	until("the token opens nothing", func() bool { return node.link.State().Problem == link.Token })
}

func ptr[T any](v T) *T { return &v }
