package identity

import (
	"strings"
	"testing"

	"linli.dev/linli/fault"
)

// No machine outlets: neither a permission that is about pictures, nor one that somebody invents.
func TestNoTokenHoldsAPermissionForPictures(t *testing.T) {
	for _, p := range []string{
		"look.begin", "look.read", "look.end", "look.anything", "looks.begin",
		"live", "live.watch", "playback.read", "export.make", "snapshot.take", "rtsp.read", "media.read", "MEDIA.read", " look.begin", "wall.show",
		"account.write", "token.write", "*", "", "signed-in", "public",
	} {
		if err := TokenMay(p); err == nil {
			t.Errorf("a token may hold %q", p)
		}
	}
	if got := fault.CodeOf(TokenMay("look.begin")); got != "identity.token-no-pictures" {
		t.Errorf("refused by %s", got)
	}
	if got := fault.CodeOf(TokenMay("account.write")); got != "identity.token-no-accounts" {
		t.Errorf("refused by %s", got)
	}
	if got := fault.CodeOf(TokenMay("programme.approve")); got != "identity.token-no-approval" {
		t.Errorf("refused by %s", got)
	}
	if got := fault.CodeOf(TokenMay("supervision.check")); got != "identity.token-no-approval" { // who struck it off answers for it
		t.Errorf("refused by %s", got)
	}
	if Of(Operator)["supervision.check"] || !Of(Operator)["supervision.raise"] || !Of(CountyOffice)["supervision.check"] {
		t.Error("tasks are checked by the offices that answer for them, and not by an operator")
	}
	if got := fault.CodeOf(TokenMay("camera.paint")); got != "identity.permission-unknown" {
		t.Errorf("refused by %s", got)
	}
	for _, p := range []string{"camera.read", "camera.write", "recording.read", "hold.write", "journal.read"} {
		if err := TokenMay(p); err != nil {
			t.Errorf("%s: %v", p, err)
		}
	}
}

func TestEveryPermissionHasWordsAndSomebody(t *testing.T) {
	seen := map[string]bool{}
	for _, p := range Permissions() {
		room, verb, ok := strings.Cut(p.Name, ".")
		if !ok || room == "" || verb == "" || p.ZH == "" || p.EN == "" || (len(p.roles) == 0) != p.programs || seen[p.Name] {
			t.Errorf("%+v", p)
		}
		seen[p.Name] = true
		if (TokenMay(p.Name) == nil) != p.Token {
			t.Errorf("%s: the list says token %v, the check disagrees", p.Name, p.Token)
		}
		if !Known(p.Name) {
			t.Errorf("%s is not known", p.Name)
		}
	}
	if may := Of(Guard); may["account.write"] || may["camera.write"] || !may["look.begin"] {
		t.Errorf("a guard may %v", may)
	}
	if may := Of(CountyOffice); !may["place.write"] || may["account.read"] || may["look.begin"] || may["camera.read"] {
		t.Errorf("a county office may %v", may)
	}
	if may := Of(Staff); len(may) != 1 || !may["bulletin.read"] { // whoever signs in reads what is issued
		t.Errorf("without an appointment staff may %v", may)
	}
	if may := Of("stranger"); len(may) != 0 {
		t.Errorf("a stranger may %v", may)
	}
}

// A token for one place holds what the policies limit to places, and no permission about this machine, which they do not.
func TestWhatATokenForOnePlaceMayHold(t *testing.T) {
	for permission, want := range map[string]string{
		"place.read": "", "place.keep": "", "programme.read": "", "journal.read": "", "node.report": "",
		"programme.total": "identity.token-no-place", "camera.read": "identity.token-no-place", "system.read": "identity.token-no-place", "account.read": "identity.token-no-place",
		"look.begin": "identity.token-no-pictures", "programme.approve": "identity.token-no-approval",
	} {
		if got := fault.CodeOf(TokenMayAt(permission, "jinyang")); got != want {
			t.Errorf("%s: %q, want %q", permission, got, want)
		}
	}
	if got := fault.CodeOf(TokenMayAt("node.report", "")); got != "identity.token-needs-place" {
		t.Error(got)
	}
	for _, r := range append(Roles(), Offices()...) {
		if Of(r)["node.report"] {
			t.Errorf("a %s reports in a machine's place", r)
		}
	}
}

func TestAnEventTellsOnlyWhatItsHearerMayRead(t *testing.T) {
	for event, want := range map[string]string{
		"camera camera.health": "camera.read", "camera device.changed": "device.read", "look look.begun": "look.read", "look look.refused": "look.read",
		"identity session.begun": "session.read-all", "identity account.changed": "account.read", "identity token.created": "token.read", "identity appointment.given": "account.read",
		"archive hold.created": "hold.read", "archive disk.state": "disk.read", "archive footage.redated": "recording.read", "archive purge.done": "recording.read",
		"system clock.jumped": "system.read", "people round.begun": "", "place place.founded": "place.read", "place class.entered": "place.read", "place node.reported": "place.read", "system hub.reported": "system.read",
		"pairing money.entered": "pairing.read", "programme return.changed": "programme.read", "programme compound.said": "programme.read", "identity secret.made": "",
	} {
		room, kind, _ := strings.Cut(event, " ")
		if got := EventPermission(room, kind); got != want {
			t.Errorf("%s: %q, want %q", event, got, want)
		}
	}
}

// Issued bulletins are for everybody who signs in, whatever they are.
func TestEverybodyReadsIssuedBulletins(t *testing.T) {
	for _, r := range append(Roles(), Offices()...) {
		if !Of(r)["bulletin.read"] {
			t.Errorf("%s does not", r)
		}
	}
}
