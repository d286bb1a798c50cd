// Package linli_test keeps the rules of the house: who may import whom, and a map that is true.
package linli_test

import (
	"os/exec"
	"strings"
	"testing"
)

const module = "linli.dev/linli/"

// An arrow lets every package below from import every package below to.
type arrow struct{ from, to string }

// allowed is the whole list; what is not written here is not allowed. Tests may import more:
// they may use another room's test helper or stand a whole neighbour up.
var allowed = []arrow{
	{"store", "fault"},
	{"api", "fault"},
	{"api", "store"},

	{"access/identity", "fault"},
	{"access/identity", "store"},
	{"access/identity", "api"},
	{"access/ledger", "fault"},
	{"access/ledger", "store"},
	{"access/ledger", "api"},
	{"access/grant", "fault"},
	{"access/grant", "store"},
	{"access/grant", "api"},
	{"access/grant", "access/policy"},
	{"access/grant", "access/identity"},

	{"link", "fault"},
	{"link", "store"},

	{"camera", "fault"},
	{"camera", "store"},
	{"camera", "api"},
	{"camera", "access"},
	{"camera", "protocol"},

	{"media/stream", "fault"},
	{"media/stream", "protocol"},
	{"media/archive", "fault"},
	{"media/archive", "store"},
	{"media/archive", "api"},
	{"media/archive", "protocol"},
	{"media/record", "fault"},
	{"media/record", "protocol"},
	{"media/record", "media/stream"},
	{"media/record", "media/archive"},
	{"media/record", "store"},
	{"media/record", "api"},
	{"media/live", "fault"},
	{"media/live", "api"},
	{"media/live", "protocol"},
	{"media/live", "media/stream"},
	{"media/live", "access/grant"},
	{"media/play", "fault"},
	{"media/play", "api"},
	{"media/play", "protocol"},
	{"media/play", "media/archive"},
	{"media/play", "access/grant"},

	{"people/place", "fault"},
	{"people/place", "store"},
	{"people/place", "api"},
	{"people/place", "access/policy"},
	{"people/pairing", "fault"},
	{"people/pairing", "store"},
	{"people/pairing", "api"},
	{"people/pairing", "people/place"},
	{"people/sheet", "fault"},
	{"people/sheet", "store"},
	{"people/sheet", "api"},
	{"people/sheet", "people/place"},
	{"people/programme", "fault"},
	{"people/programme", "store"},
	{"people/programme", "api"},
	{"people/programme", "people/place"},
	{"people/programme", "people/paper"},
	{"people/bulletin", "fault"},
	{"people/bulletin", "store"},
	{"people/bulletin", "api"},
	{"people/bulletin", "people/place"},
	{"people/bulletin", "people/paper"},

	{"people/outline", "fault"},
	{"people/outline", "store"},
	{"people/outline", "api"},
	{"people/outline", "people/place"},
	{"people/supervision", "fault"},
	{"people/supervision", "store"},
	{"people/supervision", "api"},
	{"people/supervision", "people/place"},
	{"people/inbox", "api"},
	{"people/inbox", "people/place"},

	{"people/campaign", "fault"},
	{"people/campaign", "store"},
	{"people/campaign", "api"},
	{"people/campaign", "people/place"},
	{"people/indicator", "fault"},
	{"people/indicator", "store"},
	{"people/indicator", "api"},
	{"people/indicator", "people/place"},
	{"people/inspection", "fault"},
	{"people/inspection", "store"},
	{"people/inspection", "api"},
	{"people/inspection", "people/place"},

	{"demo", "role"},
	{"demo", "protocol"},
	{"demo", "fault"},
	{"demo", "store"},
	{"demo", "camera"},
	{"demo", "people"},
	{"demo", "access/identity"},
	{"cmd", ""},
	{"e2e", ""},
	{"bench", ""},
	{"role", ""},
}

// because says why an import is refused, the first rule that fits.
var because = []struct{ from, to, reason string }{
	{"protocol", "", "protocol/ holds other people's standards and could be published tomorrow: it imports nothing of ours"},
	{"fault", "", "fault stands below every room"},
	{"store", "", "store keeps rows; it knows no room above it"},
	{"api", "", "api imports no room: rooms hand it their routes"},
	{"access/policy", "", "a decision is pure: facts in, decision out, no I/O"},
	{"access", "camera", "access stands below camera: it carries foreign ids as its own types and asks through small interfaces that role plugs in"},
	{"access", "media", "access stands below the pictures: every look passes its door, it knows no player"},
	{"camera", "media", "camera keeps what is registered; the running stream is media/stream's, and role carries its status over"},
	{"media", "camera", "pictures get their sources from role; they know no register"},
	{"media", "people", "pictures never import people rooms"},
	{"people", "media", "people rooms never import pictures"},
	{"people", "camera", "the city knows channels by name; what opens a camera stays at the compound"},
	{"people", "access", "people rooms ask place.Rights what a caller may do; who holds what comes along with the caller"},
	{"link", "", "the link knows no room: role hands it what may leave the compound, and nothing else can"},
	{"people/paper", "", "paper sets documents and knows nothing of what they say"},
	{"people/place", "people", "every people room stands upon places; places know none of them"},
	{"people", "people", "siblings do not import each other: they hand over evidence through interfaces that role plugs in"},
	{"", "role", "role is the only room that knows every room; only demo, cmd and e2e stand above it"},
}

func TestArrows(t *testing.T) {
	for pkg, imports := range imported(t) {
		for _, to := range imports {
			if pkg == to || within(to, pkg) || sameRoom(pkg, to) || permitted(pkg, to) {
				continue
			}
			t.Errorf("%s imports %s: %s", pkg, to, reason(pkg, to))
		}
	}
}

func TestArrowsWouldCatch(t *testing.T) {
	for _, bad := range []arrow{
		{"api", "camera"},
		{"link", "camera"},
		{"link", "people/place"},
		{"protocol/rtsp", "fault"},
		{"media/live", "camera"},
		{"store", "api"},
		{"camera", "media/stream"},
		{"media/archive", "media/record"},
		{"media/play", "media/live"},
		{"store", "role"},
		{"people/place", "camera"},
		{"people/place", "people/programme"},
		{"people/programme", "people/pairing"},
		{"people/pairing", "people/programme"},
		{"people/sheet", "people/programme"},
		{"people/place", "people/sheet"},
		{"people/place", "access/identity"},
		{"people/paper", "people/place"},
		{"people/bulletin", "people/programme"},
		{"people/paper", "people/programme"},
	} {
		if permitted(bad.from, bad.to) {
			t.Errorf("%s may import %s, but must not: %s", bad.from, bad.to, reason(bad.from, bad.to))
		}
	}
}

// imported lists our packages with those of our packages that their non-test files import.
func imported(t *testing.T) map[string][]string {
	t.Helper()
	out, err := exec.Command("go", "list", "-f", `{{.ImportPath}} {{join .Imports " "}}`, "./...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	all := map[string][]string{}
	for line := range strings.Lines(string(out)) {
		fields := strings.Fields(line)
		pkg := strings.TrimPrefix(fields[0], module)
		all[pkg] = nil
		for _, imp := range fields[1:] {
			if rest, ours := strings.CutPrefix(imp, module); ours {
				all[pkg] = append(all[pkg], rest)
			}
		}
	}
	return all
}

func permitted(from, to string) bool {
	for _, a := range allowed {
		if within(from, a.from) && within(to, a.to) {
			return true
		}
	}
	return false
}

// sameRoom lets a room's parts know each other; media and access hold several rooms, not one.
func sameRoom(a, b string) bool {
	room := func(p string) string {
		parts := strings.SplitN(p, "/", 3)
		if len(parts) > 1 && (parts[0] == "media" || parts[0] == "access" || parts[0] == "people") {
			return parts[0] + "/" + parts[1]
		}
		return parts[0]
	}
	return room(a) == room(b)
}

func within(pkg, room string) bool {
	return room == "" || pkg == room || strings.HasPrefix(pkg, room+"/")
}

func reason(from, to string) string {
	for _, b := range because {
		if within(from, b.from) && within(to, b.to) {
			return b.reason
		}
	}
	return "no arrow allows it; see ARCHITECTURE.md"
}
