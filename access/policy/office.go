package policy

import (
	"strings"

	"github.com/cedar-policy/cedar-go"
	"github.com/cedar-policy/cedar-go/types"
)

// Holding is a role that somebody holds at a place, or for a member unit.
type Holding struct {
	Role  string // manager, community-office, street-office, county-office, city-office, member-unit; program: what a token is for
	Place string // "" for a member unit
	Unit  string
}

// Deed is all that a decision about the programme rests on.
type Deed struct {
	Account  string
	Kind     string   // "account" for a person, "token" for a program
	Roles    []string // of the account itself: operator
	Held     bool     // of a token: it names the permission
	Holdings []Holding

	Action string // a permission, "place.read": its verb and its room are what most policies speak of

	Place   string   // the place that it is about, or is under
	Above   []string // the places above it on the day, in any order
	Level   string   // of Place
	Helpers []string // of a compound: the member units paired with it on the day
	Pairing string   // not "": it is about this pairing of Place
	Unit    string   // of the pairing; without one it is about this member unit itself, which belongs to Place, the city

	Submitter string // of an approval: the account that handed it in
}

// Offices is the policies of the programme.
type Offices struct{ set *Set }

// NewOffices reads the policies about the programme that are part of the program.
func NewOffices() (*Offices, error) {
	set, err := read(false, "office/office")
	if err != nil {
		return nil, err
	}
	return &Offices{set}, nil
}

// Decide answers for these facts. A policy that fails to evaluate refuses.
func (o *Offices) Decide(d Deed) Decision { return o.set.decide(d.cedar()) }

// Names lists the policies.
func (o *Offices) Names() []string { return o.set.Names() }

func (d Deed) cedar() (types.EntityMap, cedar.Request) {
	who, what, action := uid("Account", d.Account), uid("Place", d.Place), uid("Action", d.Action)
	room, verb, _ := strings.Cut(d.Action, ".")
	var places, offices, county, city, units []types.Value
	staff := false // who is appointed; a token for one place is not
	for _, h := range d.Holdings {
		staff = staff || h.Role != "program"
		if h.Unit != "" {
			units = append(units, uid("Unit", h.Unit))
			continue
		}
		at := uid("Place", h.Place)
		places = append(places, at)
		if h.Role != "manager" && h.Role != "program" {
			offices = append(offices, at)
		}
		switch h.Role {
		case "county-office":
			county = append(county, at)
		case "city-office":
			city = append(city, at)
		}
	}
	entities := types.EntityMap{
		who: {UID: who, Parents: uids("Role", d.Roles), Attributes: cedar.NewRecord(cedar.RecordMap{
			"kind": types.String(d.Kind), "staff": types.Boolean(staff), "places": cedar.NewSet(places...), "offices": cedar.NewSet(offices...),
			"county": cedar.NewSet(county...), "city": cedar.NewSet(city...), "units": cedar.NewSet(units...),
		})},
		what: {UID: what, Parents: uids("Place", d.Above), Attributes: cedar.NewRecord(cedar.RecordMap{
			"level": types.String(d.Level), "helpers": cedar.NewSet(values("Unit", d.Helpers)...),
		})},
		action: {UID: action, Parents: cedar.NewEntityUIDSet(uid("Action", verb), uid("Action", room))},
	}
	resource := what
	switch {
	case d.Pairing == "" && d.Unit != "":
		resource = uid("Unit", d.Unit)
		entities[resource] = cedar.Entity{UID: resource, Parents: cedar.NewEntityUIDSet(what)}
	case d.Pairing != "":
		resource = uid("Pairing", d.Pairing)
		entities[resource] = cedar.Entity{UID: resource, Parents: cedar.NewEntityUIDSet(what), Attributes: cedar.NewRecord(cedar.RecordMap{
			"unit": uid("Unit", d.Unit),
		})}
	}
	return entities, cedar.Request{
		Principal: who, Resource: resource, Action: action,
		Context: cedar.NewRecord(cedar.RecordMap{"held": types.Boolean(d.Held), "submitter": uid("Account", d.Submitter)}),
	}
}

func uid(kind, id string) cedar.EntityUID {
	return cedar.NewEntityUID(types.EntityType(kind), types.String(id))
}

func uids(kind string, ids []string) cedar.EntityUIDSet {
	out := make([]cedar.EntityUID, len(ids))
	for i, id := range ids {
		out[i] = uid(kind, id)
	}
	return cedar.NewEntityUIDSet(out...)
}

func values(kind string, ids []string) []types.Value {
	out := make([]types.Value, len(ids))
	for i, id := range ids {
		out[i] = uid(kind, id)
	}
	return out
}
