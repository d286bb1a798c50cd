package policy

import (
	"os"
	"testing"

	"github.com/cedar-policy/cedar-go"
	"github.com/cedar-policy/cedar-go/x/exp/ast"
	"github.com/cedar-policy/cedar-go/x/exp/schema"
	"github.com/cedar-policy/cedar-go/x/exp/schema/validate"
)

// Jinyang Garden lies in a street of Lanshan county; the trade unions help it. Luozhuang is the neighbour.
type deedStory struct {
	says   string
	deed   Deed
	allow  bool
	policy string
}

func held(account, role, at, action string, more ...func(*Deed)) Deed {
	d := Deed{
		Account: account, Kind: "account", Roles: []string{"staff"}, Holdings: []Holding{{Role: role, Place: at}}, Action: action,
		Place: "jinyang", Above: []string{"community", "street", "lanshan", "linyi"}, Level: "compound", Helpers: []string{"trade-unions"},
	}
	if role == "member-unit" {
		d.Holdings = []Holding{{Role: role, Unit: at}}
	}
	for _, m := range more {
		m(&d)
	}
	return d
}

func pairingOf(unit string) func(*Deed) { return func(d *Deed) { d.Pairing, d.Unit = "pairing", unit } }

func county(d *Deed) {
	d.Place, d.Above, d.Level, d.Helpers = "lanshan", []string{"linyi"}, "county", nil
}

func city(d *Deed) {
	d.Place, d.Above, d.Level, d.Helpers = "linyi", nil, "city", nil
}

func unitItself(unit string) func(*Deed) {
	return func(d *Deed) {
		city(d)
		d.Unit = unit
	}
}

func street(d *Deed) {
	d.Place, d.Above, d.Level, d.Helpers = "street", []string{"lanshan", "linyi"}, "street", nil
}

func as(role string) func(*Deed)         { return func(d *Deed) { d.Roles, d.Holdings = []string{role}, nil } }
func submittedBy(who string) func(*Deed) { return func(d *Deed) { d.Submitter = who } }
func token(names bool) func(*Deed) {
	return func(d *Deed) { d.Kind, d.Roles, d.Holdings, d.Held = "token", nil, nil, names }
}

// tokenFor is a token that is for one place.
func tokenFor(place string, names bool) func(*Deed) {
	return func(d *Deed) {
		d.Kind, d.Roles, d.Held = "token", nil, names
		d.Holdings = []Holding{{Role: "program", Place: place}}
	}
}

func alsoAt(role, at string) func(*Deed) {
	return func(d *Deed) { d.Holdings = append(d.Holdings, Holding{Role: role, Place: at}) }
}

var deedStories = []deedStory{
	{"Lanshan reads Jinyang Garden", held("li", "county-office", "lanshan", "place.read"), true, "office-reads-its-area"},
	{"Luozhuang does not", held("wang", "county-office", "luozhuang", "place.read"), false, NoPermit},
	{"nor whose money it gets", held("wang", "county-office", "luozhuang", "pairing.read", pairingOf("trade-unions")), false, NoPermit},
	{"nor how it stands", held("wang", "county-office", "luozhuang", "programme.read"), false, NoPermit},
	{"nor the neighbour's tasks, a room that came later", held("wang", "county-office", "luozhuang", "task.read"), false, NoPermit},
	{"Lanshan reads those", held("li", "county-office", "lanshan", "task.read"), true, "office-reads-its-area"},
	{"the manager reads the own compound", held("zhou", "manager", "jinyang", "place.read"), true, "office-reads-its-area"},
	{"the community office reads its compounds", held("wu", "community-office", "community", "programme.read"), true, "office-reads-its-area"},
	{"a county does not read the city", held("li", "county-office", "lanshan", "place.read", func(d *Deed) { d.Place, d.Above, d.Level = "linyi", nil, "city" }), false, NoPermit},
	{"everybody reads the city's totals", held("wang", "county-office", "luozhuang", "programme.total", func(d *Deed) { d.Place, d.Above, d.Level = "linyi", nil, "city" }), true, "everybody-reads-totals"},
	{"member units too", held("sun", "member-unit", "trade-unions", "programme.total"), true, "everybody-reads-totals"},
	{"but for a guard without a role in the programme", held("zhao", "", "", "programme.total", as("guard")), false, NoPermit},

	{"the manager says what there is", held("zhou", "manager", "jinyang", "place.keep"), true, "office-keeps-its-area"},
	{"but not what class it is of", held("zhou", "manager", "jinyang", "place.write"), false, NoPermit},
	{"the street does not either", held("wu", "street-office", "street", "place.write"), false, NoPermit},
	{"the county does", held("li", "county-office", "lanshan", "place.write"), true, "county-runs-its-programme"},
	{"the county pairs", held("li", "county-office", "lanshan", "pairing.write"), true, "county-runs-its-programme"},
	{"not in another county", held("wang", "county-office", "luozhuang", "pairing.write"), false, NoPermit},
	{"the city office does so everywhere", held("chen", "city-office", "linyi", "place.write"), true, "city-runs-the-programme"},
	{"another city's office does not", held("chen", "city-office", "jinan", "place.write"), false, NoPermit},

	{"Lanshan raises a task for Jinyang Garden", held("li", "county-office", "lanshan", "supervision.raise"), true, "county-supervises-below"},
	{"not for itself", held("li", "county-office", "lanshan", "supervision.raise", county), false, NoPermit},
	{"nor checks its own", held("li", "county-office", "lanshan", "supervision.check", county), false, NoPermit},
	{"the city does", held("chen", "city-office", "linyi", "supervision.check", county), true, "city-supervises"},
	{"Lanshan works on it", held("li", "county-office", "lanshan", "supervision.act", county), true, "office-keeps-its-area"},
	{"Luozhuang does not", held("wang", "county-office", "luozhuang", "supervision.act", county), false, NoPermit},

	{"the trade unions read what they are asked", held("sun", "member-unit", "trade-unions", "supervision.read", unitItself("trade-unions")), true, "unit-works-on-its-tasks"},
	{"and work on it", held("sun", "member-unit", "trade-unions", "supervision.act", unitItself("trade-unions")), true, "unit-works-on-its-tasks"},
	{"another unit does not read it", held("sun", "member-unit", "commerce", "supervision.read", unitItself("trade-unions")), false, NoPermit},
	{"the city office asks a unit, and checks", held("chen", "city-office", "linyi", "supervision.raise", unitItself("trade-unions")), true, "city-supervises-units"},
	{"and reads it", held("chen", "city-office", "linyi", "supervision.read", unitItself("trade-unions")), true, "office-reads-its-area"},
	{"a county asks none", held("li", "county-office", "lanshan", "supervision.raise", unitItself("trade-unions")), false, NoPermit},
	{"nor reads it", held("li", "county-office", "lanshan", "supervision.read", unitItself("trade-unions")), false, NoPermit},
	{"a unit does not check itself", held("sun", "member-unit", "trade-unions", "supervision.check", unitItself("trade-unions")), false, NoPermit},
	{"Lanshan asks its street", held("li", "county-office", "lanshan", "supervision.raise", street), true, "county-supervises-below"},
	{"the street works on it", held("wu", "street-office", "street", "supervision.act", street), true, "office-keeps-its-area"},

	{"the city decides on what Lanshan hands in", held("chen", "city-office", "linyi", "programme.approve", county, submittedBy("li")), true, "city-decides-on-counties"},
	{"Lanshan does not", held("li", "county-office", "lanshan", "programme.approve", county, submittedBy("li2")), false, NoPermit},
	{"Luozhuang even less", held("wang", "county-office", "luozhuang", "programme.approve", county, submittedBy("li")), false, NoPermit},
	{"Lanshan decides on its streets", held("li", "county-office", "lanshan", "programme.approve", street, submittedBy("wu")), true, "county-decides-on-streets"},
	{"the city leaves those to the county", held("chen", "city-office", "linyi", "programme.approve", street, submittedBy("wu")), false, NoPermit},
	{"who is both decides not on the own", held("li", "county-office", "lanshan", "programme.approve", county, submittedBy("li"), alsoAt("city-office", "linyi")), false, "nobody-decides-on-their-own"},
	{"an operator decides nothing", held("op", "", "", "programme.approve", county, as("operator")), false, NoPermit},
	{"a program neither", held("script", "", "", "programme.approve", county, token(true)), false, NoPermit},
	{"nor does an operator strike a task off", held("op", "", "", "supervision.check", as("operator")), false, NoPermit},
	{"nor a program, whose token says so", held("script", "", "", "supervision.check", token(true)), false, NoPermit},
	{"nor one for the place", held("script", "", "", "supervision.check", tokenFor("jinyang", true)), false, NoPermit},
	{"an operator raises one", held("op", "", "", "supervision.raise", as("operator")), true, "operator-sets-up"},

	{"the trade unions read the compound they help", held("sun", "member-unit", "trade-unions", "place.read"), true, "unit-reads-helped-compound"},
	{"another unit does not", held("sun", "member-unit", "commerce", "place.read"), false, NoPermit},
	{"the trade unions read their pairing", held("sun", "member-unit", "trade-unions", "pairing.read", pairingOf("trade-unions")), true, "unit-reads-its-pairings"},
	{"not what others give to the same compound", held("sun", "member-unit", "trade-unions", "pairing.read", pairingOf("commerce")), false, NoPermit},
	{"nor all pairings of it", held("sun", "member-unit", "trade-unions", "pairing.read"), false, NoPermit},
	{"they enter a pledge", held("sun", "member-unit", "trade-unions", "pairing.enter", pairingOf("trade-unions")), true, "unit-enters-its-help"},
	{"not another unit's", held("sun", "member-unit", "trade-unions", "pairing.enter", pairingOf("commerce")), false, NoPermit},
	{"they do not pair", held("sun", "member-unit", "trade-unions", "pairing.write", pairingOf("trade-unions")), false, NoPermit},

	{"Lanshan drafts its own bulletin", held("li", "county-office", "lanshan", "bulletin.draft", county), true, "office-issues-its-bulletins"},
	{"Luozhuang does not draft Lanshan's", held("wang", "county-office", "luozhuang", "bulletin.draft", county), false, NoPermit},
	{"nor does the city: a draft is its office's alone", held("chen", "city-office", "linyi", "bulletin.draft", county), false, NoPermit},
	{"the city issues its own", held("chen", "city-office", "linyi", "bulletin.issue", func(d *Deed) { d.Place, d.Above, d.Level = "linyi", nil, "city" }), true, "office-issues-its-bulletins"},
	{"another person of the office reviews", held("zhang", "county-office", "lanshan", "bulletin.review", county, submittedBy("li")), true, "office-issues-its-bulletins"},
	{"nobody reviews what they wrote", held("li", "county-office", "lanshan", "bulletin.review", county, submittedBy("li")), false, "nobody-decides-on-their-own"},

	{"a street writes a notice for a compound in it", held("wu", "street-office", "street", "campaign.write"), true, "office-speaks-to-residents"},
	{"its colleague publishes it", held("zheng", "street-office", "street", "campaign.publish", submittedBy("wu")), true, "office-speaks-to-residents"},
	{"who wrote it does not", held("wu", "street-office", "street", "campaign.publish", submittedBy("wu")), false, "a-second-person-publishes"},
	{"nor does the compound's manager write one", held("zhou", "manager", "jinyang", "campaign.write"), false, NoPermit},
	{"another county's street publishes nothing here", held("wang", "street-office", "shengzhuang", "campaign.publish", submittedBy("wu")), false, NoPermit},

	{"an operator sets up", held("op", "", "", "place.write", as("operator")), true, "operator-sets-up"},
	{"the city office publishes a form that the clerk wrote", held("chen", "city-office", "linyi", "inspection.publish", city, submittedBy("li")), true, "city-publishes-forms"},
	{"the clerk does not, who wrote it", held("li", "city-office", "linyi", "inspection.publish", city, submittedBy("li")), false, "a-second-person-publishes"},
	{"a county office publishes none", held("wang", "county-office", "lanshan", "inspection.publish", city, submittedBy("li")), false, NoPermit},
	{"an operator neither", held("op", "", "", "inspection.publish", as("operator"), city, submittedBy("li")), false, NoPermit},
	{"nor a program", held("script", "", "", "inspection.publish", token(true), city, submittedBy("li")), false, NoPermit},
	{"the city office publishes a later deadline that the clerk proposed", held("chen", "city-office", "linyi", "programme.publish", city, submittedBy("li")), true, "city-publishes-forms"},
	{"nobody publishes their own", held("li", "city-office", "linyi", "programme.publish", city, submittedBy("li")), false, "a-second-person-publishes"},
	{"an operator publishes none", held("op", "", "", "programme.publish", as("operator"), city, submittedBy("li")), false, NoPermit},
	{"a program imports with a token that says so", held("script", "", "", "place.write", token(true)), true, "program-by-its-token"},
	{"not with one that does not", held("script", "", "", "place.write", token(false)), false, "program-no-more-than-its-token"},
	{"a program for Jinyang Garden writes there", held("script", "", "", "place.write", tokenFor("jinyang", true)), true, "program-by-its-token"},
	{"and not in Luozhuang's compound", held("script", "", "", "place.write", tokenFor("lily", true)), false, NoPermit},
	{"nor does it read it", held("script", "", "", "place.read", tokenFor("lily", true)), false, NoPermit},
	{"nor keep anything there that its token does not name", held("script", "", "", "place.keep", tokenFor("jinyang", false)), false, "program-no-more-than-its-token"},
	{"nor the sums of the whole city", held("script", "", "", "programme.total", tokenFor("jinyang", true), func(d *Deed) { d.Place, d.Above, d.Level = "linyi", nil, "city" }), false, NoPermit},
	{"it speaks to no residents", held("script", "", "", "campaign.publish", tokenFor("jinyang", true)), false, NoPermit},
	{"the machine of Jinyang Garden reports it", held("box", "", "", "node.report", tokenFor("jinyang", true)), true, "node-reports-itself"},
	{"not with a token that does not say so", held("box", "", "", "node.report", tokenFor("jinyang", false)), false, "program-no-more-than-its-token"},
	{"nor with one for another compound", held("box", "", "", "node.report", tokenFor("lily", true)), false, NoPermit},
	{"nor with one for the county above", held("box", "", "", "node.report", tokenFor("lanshan", true)), false, NoPermit},
	{"nor about the county", held("box", "", "", "node.report", tokenFor("lanshan", true), county), false, NoPermit},
	{"nor with one for the whole city", held("script", "", "", "node.report", token(true)), false, NoPermit},
	{"the manager does not report in its place", held("zhou", "manager", "jinyang", "node.report"), false, NoPermit},
	{"nor the operator", held("op", "", "", "node.report", as("operator")), false, NoPermit},
	{"a guard is not in the programme", held("zhao", "", "", "place.read", as("guard")), false, NoPermit},
	{"a verb nobody wrote down", held("chen", "city-office", "linyi", "place.burn"), false, NoPermit},
}

func TestWhoMayDoWhat(t *testing.T) {
	o := offices(t)
	for _, s := range deedStories {
		d := o.Decide(s.deed)
		if d.Allow != s.allow || d.Policy != s.policy {
			t.Errorf("%s: allow %v by %s, want %v by %s", s.says, d.Allow, d.Policy, s.allow, s.policy)
		}
		if d.Sentence["zh"] == "" || d.Sentence["en"] == "" {
			t.Errorf("%s: %s has no sentence", s.says, d.Policy)
		}
	}
}

func TestEachPolicyOfTheProgrammeIsNeeded(t *testing.T) {
	for _, name := range offices(t).Names() {
		t.Run(name, func(t *testing.T) {
			o := offices(t)
			o.set.set.Remove(cedar.PolicyID(name))
			for _, s := range deedStories {
				if o.Decide(s.deed).Allow != s.allow {
					return
				}
			}
			t.Errorf("without %s every story ends as before: nothing tests it", name)
		})
	}
}

func TestPoliciesOfTheProgrammeFitTheSchema(t *testing.T) {
	text, err := os.ReadFile("policies/office/office.cedarschema")
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
	for id, p := range offices(t).set.set.All() {
		if err := v.Policy(string(id), (*ast.Policy)(p.AST())); err != nil {
			t.Errorf("%s: %v", id, err)
		}
	}
}

func BenchmarkOfficesDecide(b *testing.B) {
	o, err := NewOffices()
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		o.Decide(deedStories[0].deed)
	}
}

func offices(t *testing.T) *Offices {
	t.Helper()
	o, err := NewOffices()
	if err != nil {
		t.Fatal(err)
	}
	return o
}
