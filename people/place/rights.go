package place

import (
	"context"
	"math"

	"linli.dev/linli/access/policy"
	"linli.dev/linli/api"
	"linli.dev/linli/fault"
)

// Rights says who may do what at places, for every room of the programme. The policies decide (access/policy); what
// they rest on is gathered here: the roles that come with the caller, and the tree of the day that is asked about. So a
// compound that moved is seen by the county of the date.
//
// A route's permission says that the caller may do such a thing somewhere; Rights says whether here.
type Rights struct {
	s       *Service
	rules   *policy.Offices
	helpers Helpers
	holds   func(role, permission string) bool // nil: every office holds every permission
}

// Helpers tells who is paired with a compound. role plugs in pairings.
type Helpers interface {
	// Helpers are the member units paired with a compound as of a day.
	Helpers(ctx context.Context, q AsOf, compound ID) (units []string, err error)
	// Helped are the compounds that some units are paired with as of a day.
	Helped(ctx context.Context, q AsOf, units []string) (compounds []ID, err error)
}

// SetHelpers plugs in who helps; before anything is served.
func (s *Service) SetHelpers(h Helpers) { s.rights.helpers = h }

// SetHolds plugs in which permissions come with an office; before anything is served.
func (s *Service) SetHolds(f func(role, permission string) bool) { s.rights.holds = f }

// May is nil when the caller may do this at a place as of a day. Else it is Denied, and names the policy. A place that
// nobody knows of then is NotFound.
func (r *Rights) May(ctx context.Context, permission string, q AsOf, id ID) error {
	d := r.asker(ctx, permission)
	if r.rules.Decide(d).Allow { // wherever it is
		return nil
	}
	if id == "" {
		return r.decide(ctx, d)
	}
	tree, err := r.s.Tree(ctx)
	if err != nil {
		return err
	}
	if !r.at(&d, tree, q, id) {
		return fault.New(fault.NotFound, "place.May", "place.no-place")
	}
	if err := r.helped(ctx, &d, q, id); err != nil {
		return err
	}
	return r.decide(ctx, d)
}

// Permitted reads the answer of a right for a list of what somebody may do: whether it is permitted there. An error that is no
// answer is given back: who cannot be asked is not somebody who may do nothing.
func Permitted(answer error) (bool, error) {
	switch fault.KindOf(answer) {
	case "":
		return true, nil
	case fault.Denied, fault.NotFound:
		return false, nil
	}
	return false, answer
}

// MayChange is May for a change: as things stand today, and on each day that the change is about.
func (r *Rights) MayChange(ctx context.Context, permission string, id ID, about ...Day) error {
	d := r.asker(ctx, permission)
	if id == "" || r.rules.Decide(d).Allow {
		return r.decide(ctx, d)
	}
	tree, err := r.s.Tree(ctx)
	if err != nil {
		return err
	}
	questions := r.questions(about)
	known := false
	for _, q := range questions {
		if r.at(&d, tree, q, id) {
			known = true
			if err := r.decide(ctx, d); err != nil {
				return err
			}
		}
	}
	if !known { // it is yet to be founded
		if !r.at(&d, tree, AsOf{math.MaxInt32, questions[0].Known}, id) {
			return fault.New(fault.NotFound, "place.May", "place.no-place")
		}
		return r.decide(ctx, d)
	}
	return nil
}

// MayPairing is May for a pairing of a compound and a member unit.
func (r *Rights) MayPairing(ctx context.Context, permission string, compound ID, pairing, unit string, about ...Day) error {
	d := r.asker(ctx, permission)
	d.Pairing, d.Unit = pairing, unit
	tree, err := r.s.Tree(ctx)
	if err != nil {
		return err
	}
	for _, q := range r.questions(about) {
		d.Place, d.Above, d.Level = string(compound), nil, ""
		r.at(&d, tree, q, compound)
		if err := r.decide(ctx, d); err != nil {
			return err
		}
	}
	return nil
}

// MayUnit is May for what concerns a member unit itself: those who stand for it, and the office of the city whose committee it
// belongs to.
func (r *Rights) MayUnit(ctx context.Context, permission string, unit string) error {
	d := r.asker(ctx, permission)
	d.Unit = unit
	if err := r.inCity(ctx, &d); err != nil {
		return err
	}
	return r.decide(ctx, d)
}

// inCity puts in the city, where member units are.
func (r *Rights) inCity(ctx context.Context, d *policy.Deed) error {
	tree, err := r.s.Tree(ctx)
	if err != nil {
		return err
	}
	if c := tree.TheCity(r.now()); c != "" {
		r.at(d, tree, r.now(), c)
	}
	return nil
}

// TheCity is the one whose committee the member units belong to, and whose office publishes: the first where there are
// several, for every question the same. "": there is none yet.
func (t *Tree) TheCity(q AsOf) ID {
	for _, v := range t.Of(q, City) {
		return v.Place
	}
	return ""
}

// MayApprove is May for a decision on what an office handed in for its place: one level up, by another person.
func (r *Rights) MayApprove(ctx context.Context, permission string, id ID, submitter string) error {
	d := r.asker(ctx, permission)
	d.Submitter = submitter
	tree, err := r.s.Tree(ctx)
	if err != nil {
		return err
	}
	if !r.at(&d, tree, r.now(), id) {
		return fault.New(fault.NotFound, "place.May", "place.no-place")
	}
	return r.decide(ctx, d)
}

// mayRelieve is the permission to decide on what another office asks for.
const mayRelieve = "programme.approve"

// MayRelieve is MayApprove for what makes the duties of a compound less: an extension, a lower plan, leaving the programme or
// a class. It is for the level above the county that it lies in.
func (r *Rights) MayRelieve(ctx context.Context, compound ID, asker string) error {
	tree, err := r.s.Tree(ctx)
	if err != nil {
		return err
	}
	for _, v := range tree.Ancestry(r.now(), compound) { // that it lies in, or lay in last: what was asked for is decided after its end too
		if v.Level == County {
			return r.MayApprove(ctx, mayRelieve, v.Place, asker)
		}
	}
	return fault.New(fault.NotFound, "place.May", "place.no-compound")
}

// MayCity is May for what concerns the whole city: its rules, its totals. Where there are several, for all of them, as there is
// one set of rules.
func (r *Rights) MayCity(ctx context.Context, permission string) error {
	tree, err := r.s.Tree(ctx)
	if err != nil {
		return err
	}
	cities := tree.Of(r.now(), City)
	if len(cities) == 0 {
		return r.decide(ctx, r.asker(ctx, permission))
	}
	for _, c := range cities {
		if err := r.May(ctx, permission, r.now(), c.Place); err != nil {
			return err
		}
	}
	return nil
}

// MayPublish is MayCity for publishing what some accounts wrote: by none of them, and where there are several cities for all.
func (r *Rights) MayPublish(ctx context.Context, permission string, writers []string) error {
	tree, err := r.s.Tree(ctx)
	if err != nil {
		return err
	}
	cities := tree.Of(r.now(), City)
	if len(cities) == 0 {
		return r.mayPublish(ctx, r.asker(ctx, permission), writers)
	}
	for _, c := range cities {
		d := r.asker(ctx, permission)
		r.at(&d, tree, r.now(), c.Place)
		if err := r.mayPublish(ctx, d, writers); err != nil {
			return err
		}
	}
	return nil
}

// mayPublish asks about each who wrote what is published.
func (r *Rights) mayPublish(ctx context.Context, d policy.Deed, writers []string) error {
	if len(writers) == 0 {
		return r.decide(ctx, d)
	}
	for _, d.Submitter = range writers {
		if err := r.decide(ctx, d); err != nil {
			return err
		}
	}
	return nil
}

// MayPublishAt is MayPublish for what is published at a place.
func (r *Rights) MayPublishAt(ctx context.Context, permission string, id ID, writers []string) error {
	d := r.asker(ctx, permission)
	tree, err := r.s.Tree(ctx)
	if err != nil {
		return err
	}
	if !r.at(&d, tree, r.now(), id) {
		return fault.New(fault.NotFound, "place.May", "place.no-place")
	}
	return r.mayPublish(ctx, d, writers)
}

// Scope is where the caller may do this as of a day; for lists, which ask it before they count or cut pages.
func (r *Rights) Scope(ctx context.Context, permission string, q AsOf) (*Scope, error) {
	tree, err := r.s.Tree(ctx)
	if err != nil {
		return nil, err
	}
	s := &Scope{tree: tree, q: q, roots: map[ID]bool{}, units: map[string]bool{}, own: map[string]bool{}}
	d := r.asker(ctx, permission)
	if s.all = r.rules.Decide(d).Allow; s.all {
		return s, nil
	}
	var units []string
	for _, h := range d.Holdings {
		one := d
		if h.Unit != "" {
			units = append(units, h.Unit)
			one.Unit = h.Unit
			s.own[h.Unit] = r.rules.Decide(one).Allow
			one.Pairing = "any"
			s.units[h.Unit] = r.rules.Decide(one).Allow
			continue
		}
		// What a policy permits at a place it permits under it: the place's policies speak of what is in it.
		if r.at(&one, tree, q, ID(h.Place)) && r.rules.Decide(one).Allow {
			s.roots[ID(h.Place)] = true
		}
	}
	if len(units) == 0 || r.helpers == nil {
		return s, nil
	}
	helped, err := r.helpers.Helped(ctx, q, units)
	if err != nil {
		return nil, err
	}
	for _, id := range helped {
		one := d
		one.Helpers = units
		if r.at(&one, tree, q, id) && r.rules.Decide(one).Allow {
			s.roots[id] = true
		}
	}
	return s, nil
}

// Scope is where a caller may do something as of a day.
type Scope struct {
	tree  *Tree
	q     AsOf
	all   bool
	roots map[ID]bool
	units map[string]bool // whose pairings
	own   map[string]bool // which themselves
}

// All: nothing is hidden.
func (s *Scope) All() bool { return s.all }

// tops are the places that may be shown while nothing above them may.
func (s *Scope) tops() []Version {
	if s.all {
		return s.tree.Of(s.q, City)
	}
	var out []Version
	for _, level := range Levels {
		for _, v := range s.tree.Of(s.q, level) {
			if s.Has(v.Place) && (v.Parent == "" || !s.Has(v.Parent)) {
				out = append(out, v)
			}
		}
	}
	return out
}

// Has reports whether the row of a place may be shown.
func (s *Scope) Has(id ID) bool {
	if s.all {
		return true
	}
	for _, v := range s.tree.Ancestry(s.q, id) {
		if s.roots[v.Place] {
			return true
		}
	}
	return false
}

// HasUnit reports whether what concerns a member unit itself may be shown: to who stands for it, and to who sees the whole
// city.
func (s *Scope) HasUnit(unit string) bool {
	return s.all || s.own[unit] || s.roots[s.tree.TheCity(s.q)]
}

// HasPairing reports whether the row of a pairing may be shown.
func (s *Scope) HasPairing(compound ID, unit string) bool { return s.units[unit] || s.Has(compound) }

// Of lists the places of a level whose rows may be shown; nil: all. It is what a query filters by.
func (s *Scope) Of(level Level) []ID {
	if s.all {
		return nil
	}
	out := []ID{}
	for _, id := range s.tree.Ever(level) {
		if s.Has(id) {
			out = append(out, id)
		}
	}
	return out
}

// asker is the part of a question that is about the caller.
func (r *Rights) asker(ctx context.Context, permission string) policy.Deed {
	who := api.CallerFrom(ctx)
	d := policy.Deed{Account: who.Account, Kind: who.Kind, Roles: who.Roles, Held: who.May(permission), Action: permission}
	for _, o := range who.Offices {
		d.Holdings = append(d.Holdings, policy.Holding{Role: o.Role, Place: o.Place, Unit: o.Unit})
	}
	return d
}

// at puts the place of the question in; false: it is not known of then.
func (r *Rights) at(d *policy.Deed, tree *Tree, q AsOf, id ID) bool {
	path := tree.Ancestry(q, id)
	if len(path) == 0 {
		return false
	}
	d.Place, d.Level, d.Above = string(id), string(path[0].Level), nil
	for _, v := range path[1:] {
		d.Above = append(d.Above, string(v.Place))
	}
	return true
}

// helped puts in who helps the place, if that may matter to the caller.
func (r *Rights) helped(ctx context.Context, d *policy.Deed, q AsOf, id ID) (err error) {
	if r.helpers == nil || Level(d.Level) != Compound {
		return nil
	}
	for _, h := range d.Holdings {
		if h.Unit != "" {
			d.Helpers, err = r.helpers.Helpers(ctx, q, id)
			return err
		}
	}
	return nil
}

func (r *Rights) decide(ctx context.Context, d policy.Deed) error {
	decision := r.rules.Decide(d)
	if decision.Allow {
		return nil
	}
	return fault.New(fault.Denied, "place.May", "place.not-permitted", "policy", decision.Policy, "why", decision.Sentence[api.Language(ctx)], "who", r.whoMay(ctx, d))
}

func (r *Rights) now() AsOf { return r.s.clock.AtClose(r.s.clock.Today()) }

// questions are today and some other days, as known now.
func (r *Rights) questions(about []Day) []AsOf {
	now := r.now()
	out := []AsOf{now}
	for _, d := range about {
		if d != 0 && d != now.Day {
			out = append(out, AsOf{d, now.Known})
		}
	}
	return out
}
