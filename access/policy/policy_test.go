package policy

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cedar-policy/cedar-go"
	"github.com/cedar-policy/cedar-go/x/exp/ast"
	"github.com/cedar-policy/cedar-go/x/exp/schema"
	"github.com/cedar-policy/cedar-go/x/exp/schema/validate"
)

// Guard Zhao stands at the gate, operator Sun keeps the box running, and a script of the property
// company holds a token. The camera looks at the car park.
type story struct {
	says   string
	facts  Facts
	allow  bool
	policy string
}

func zhao(action, purpose string, more ...func(*Facts)) Facts {
	return asked(Facts{Account: "zhao", Kind: "account", Roles: []string{"guard"}}, action, purpose, more)
}

func sun(action, purpose string, more ...func(*Facts)) Facts {
	return asked(Facts{Account: "sun", Kind: "account", Roles: []string{"operator"}}, action, purpose, more)
}

func asked(f Facts, action, purpose string, more []func(*Facts)) Facts {
	f.Camera, f.Common, f.Action, f.Purpose = "car-park", true, action, purpose
	for _, m := range more {
		m(&f)
	}
	return f
}

// Who is refused is told what is permitted: to whom, and for what, by the sentences of the policies themselves.
func TestARefusalTellsWhoMay(t *testing.T) {
	s, err := New()
	if err != nil {
		t.Fatal(err)
	}
	for action, want := range map[string][]string{
		"live":     {"guard-live", "operator-maintenance-live"},
		"playback": {"guard-playback", "operator-maintenance-playback"},
		"export":   {"guard-export"}, // an operator saves no clip
		"nothing":  nil,
	} {
		for _, language := range []string{"zh", "en"} {
			said := s.WhoMay(action, language)
			for _, name := range s.Names() {
				sentence := s.Sentence(name)[language]
				if got := strings.Contains(said, sentence); got != slices.Contains(want, name) || strings.Count(said, sentence) > 1 {
					t.Errorf("%s: %s in %q: %v", action, name, said, got)
				}
			}
		}
	}
}

func span(d time.Duration) func(*Facts) { return func(f *Facts) { f.Span = d } }

func exported(d time.Duration) func(*Facts) { return func(f *Facts) { f.Exported = d } }

var stories = []story{
	{"Zhao watches the wall on duty", zhao("live", "duty"), true, "guard-live"},
	{"Zhao follows an incident", zhao("live", "incident"), true, "guard-live"},
	{"Zhao looks for what the police asked for", zhao("live", "evidence"), true, "guard-live"},
	{"Zhao goes back to last night", zhao("playback", "duty", span(10*time.Hour)), true, "guard-playback"},
	{"Zhao goes back a whole week", zhao("playback", "incident", span(7*24*time.Hour)), true, "guard-playback"},
	{"Zhao keeps a still", zhao("snapshot", "incident"), true, "guard-snapshot"},
	{"Zhao saves a clip", zhao("export", "evidence", span(10*time.Minute)), true, "guard-export"},
	{"Zhao saves a whole day", zhao("export", "evidence", span(24*time.Hour)), true, "guard-export"},
	{"Zhao opens a desktop player", zhao("rtsp", "duty"), true, "guard-desktop-player"},
	{"Sun sees whether the lens is clean", sun("live", "maintenance"), true, "operator-maintenance-live"},
	{"Sun sees whether it records", sun("playback", "maintenance", span(time.Hour)), true, "operator-maintenance-playback"},
	{"Sun keeps a still of the fault", sun("snapshot", "maintenance"), true, "operator-maintenance-snapshot"},
	{"Qian is guard and operator, and on duty", asked(Facts{Account: "qian", Kind: "account", Roles: []string{"guard", "operator"}}, "live", "duty", nil), true, "guard-live"},

	{"Zhao is no operator", zhao("live", "maintenance"), false, NoPermit},
	{"Zhao is not at home", zhao("live", "home-patrol"), false, NoPermit},
	{"there is no emergency look yet", zhao("live", "emergency"), false, NoPermit},
	{"a purpose nobody wrote down", zhao("live", "curiosity"), false, NoPermit},
	{"a kind nobody wrote down", zhao("recognise", "duty"), false, NoPermit},
	{"Sun is no guard", sun("live", "duty"), false, NoPermit},
	{"Sun needs no clip", sun("export", "maintenance", span(time.Minute)), false, NoPermit},
	{"Sun needs no desktop player", sun("rtsp", "maintenance"), false, NoPermit},
	{"Sun asks for more than an hour", sun("playback", "maintenance", span(time.Hour+time.Second)), false, NoPermit},
	{"somebody without a role", asked(Facts{Account: "li", Kind: "account"}, "live", "duty", nil), false, NoPermit},

	{"a script asks with a guard's role", zhao("live", "duty", func(f *Facts) { f.Kind = "token" }), false, "no-machine"},
	{"nobody said what it is", zhao("live", "duty", func(f *Facts) { f.Kind = "" }), false, "no-machine"},
	{"Zhao left last month", zhao("live", "duty", func(f *Facts) { f.Disabled = true }), false, "no-disabled-account"},
	{"Zhao has the password from the envelope", zhao("live", "duty", func(f *Facts) { f.FirstPassword = true }), false, "no-first-password"},
	{"the camera looks into a dormitory", zhao("live", "duty", func(f *Facts) { f.Common = false }), false, "common-areas-only"},
	{"not even for maintenance", sun("live", "maintenance", func(f *Facts) { f.Common = false }), false, "common-areas-only"},
	{"the camera is switched off", zhao("live", "duty", func(f *Facts) { f.CameraDisabled = true }), false, "no-disabled-camera"},
	{"Zhao asks for a month", zhao("playback", "duty", span(30*24*time.Hour)), false, "playback-seven-days"},
	{"Zhao saves two days", zhao("export", "evidence", span(48*time.Hour)), false, "export-one-day"},
	{"Zhao saves a night of eight cameras", zhao("export", "evidence", span(6*time.Hour), exported(48*time.Hour)), true, "guard-export"},
	{"Zhao carries the archive away, hour by hour", zhao("export", "evidence", span(time.Hour), exported(48*time.Hour+time.Second)), false, "export-two-days-of-footage"},
	{"Zhao plays back on the day of many exports", zhao("playback", "duty", span(time.Hour), exported(90*time.Hour)), true, "guard-playback"},
	{"several limits: the first is named", zhao("live", "duty", func(f *Facts) { f.Disabled, f.CameraDisabled = true, true }), false, "no-disabled-account"},
}

func TestWhoMayLook(t *testing.T) {
	set := parsed(t)
	for _, s := range stories {
		d := set.Decide(s.facts)
		if d.Allow != s.allow || d.Policy != s.policy {
			t.Errorf("%s: allow %v by %s, want %v by %s", s.says, d.Allow, d.Policy, s.allow, s.policy)
		}
		if d.Sentence["zh"] == "" || d.Sentence["en"] == "" {
			t.Errorf("%s: %s has no sentence", s.says, d.Policy)
		}
		if d.Allow && d.Lasts <= 0 {
			t.Errorf("%s: allowed without an end", s.says)
		}
	}
}

// Every policy must be missed when it is gone: a story then has another end.
func TestEachPolicyIsNeeded(t *testing.T) {
	for _, name := range parsed(t).Names() {
		t.Run(name, func(t *testing.T) {
			set := parsed(t)
			set.set.Remove(cedar.PolicyID(name))
			for _, s := range stories {
				if set.Decide(s.facts).Allow != s.allow {
					return
				}
			}
			t.Errorf("without %s every story ends as before: nothing tests it", name)
		})
	}
}

func TestHowLongALookLasts(t *testing.T) {
	set := parsed(t)
	for policy, want := range map[string]time.Duration{
		"operator-maintenance-live": 10 * time.Minute, "guard-desktop-player": 30 * time.Minute, "guard-live": 12 * time.Hour,
	} {
		if got := set.rules[policy].lasts; got != want {
			t.Errorf("%s lasts %s, want %s", policy, got, want)
		}
	}
}

func TestPoliciesFitTheSchema(t *testing.T) {
	text, err := os.ReadFile("policies/looks/linli.cedarschema")
	if err != nil {
		t.Fatal(err)
	}
	var s schema.Schema
	if err := s.UnmarshalCedar(text); err != nil {
		t.Fatal(err)
	}
	resolved, err := s.Resolve()
	if err != nil {
		t.Fatal(err)
	}
	v := validate.New(resolved)
	set := parsed(t)
	for id, p := range set.set.All() {
		if err := v.Policy(string(id), (*ast.Policy)(p.AST())); err != nil {
			t.Errorf("%s: %v", id, err)
		}
	}
	entities, request := stories[0].facts.cedar()
	if err := v.Entities(entities); err != nil {
		t.Error(err)
	}
	if err := v.Request(request); err != nil {
		t.Error(err)
	}
}

func TestBadPoliciesAreRefused(t *testing.T) {
	for says, text := range map[string]string{
		"no name":      `permit (principal, action, resource);`,
		"no sentence":  `@id("x") permit (principal, action, resource);`,
		"no end":       `@id("x") @zh("可") @en("may") permit (principal, action, resource);`,
		"not cedar":    `allow everything;`,
		"a name twice": `@id("x") @zh("否") @en("no") forbid (principal, action, resource); @id("x") @zh("否") @en("no") forbid (principal, action, resource);`,
	} {
		s := &Set{set: cedar.NewPolicySet(), ends: true, rules: map[string]rule{}}
		if err := s.add("bad", []byte(text)); err == nil {
			t.Errorf("%s: accepted", says)
		}
	}
}

// A policy that cannot be evaluated must refuse, or a typing mistake in a forbid would open a door.
func TestAPolicyThatFailsRefuses(t *testing.T) {
	set := parsed(t)
	if err := set.add("broken", []byte(`@id("broken") @zh("否") @en("no") forbid (principal, action, resource) when { resource.colour == "red" };`)); err != nil {
		t.Fatal(err)
	}
	if d := set.Decide(stories[0].facts); d.Allow || d.Policy != "broken" {
		t.Errorf("allow %v by %s", d.Allow, d.Policy)
	}
}

func BenchmarkDecide(b *testing.B) {
	set, err := New()
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		set.Decide(stories[0].facts)
	}
}

func parsed(t *testing.T) *Set {
	t.Helper()
	set, err := New()
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func ExampleSet_Decide() {
	set, _ := New()
	d := set.Decide(Facts{
		Account: "zhao", Kind: "account", Roles: []string{"guard"},
		Camera: "gate", Common: true, Action: "live", Purpose: "duty",
	})
	fmt.Println(d.Allow, d.Policy, d.Lasts)
	// Output: true guard-live 12h0m0s
}
