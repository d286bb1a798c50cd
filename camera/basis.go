package camera

import "slices"

// Basis is the class of legal ground a camera stands on. It decides how long
// its footage may, and must, be kept.
type Basis string

const (
	// BasisPublicSecurity: public places, built for public security; the
	// State Council's regulation of 2025 asks for 30 days at least.
	BasisPublicSecurity Basis = "public-security"
	// BasisKeyTarget: named targets under the counter-terrorism law; 90 days
	// at least.
	BasisKeyTarget Basis = "key-target"
	// BasisOwners: decided by the owners for the safety of their compound.
	BasisOwners Basis = "owners"
	// BasisFire: fire lanes, charging sheds, fire doors.
	BasisFire Basis = "fire-safety"
	// BasisFacility: machine rooms, lifts, pumps.
	BasisFacility Basis = "facility"
)

// DefaultRetention is what red line 5 gives without another rule.
const DefaultRetention = 30

// basisRule: Least is a duty (warned when no stream fulfils it), Most is a
// bound (refused above it: nothing is kept because it might be useful).
type basisRule struct {
	Basis Basis
	Least int
	Most  int
}

var basisRules = []basisRule{
	{BasisPublicSecurity, 30, 90},
	{BasisKeyTarget, 90, 180},
	{BasisOwners, 0, 60},
	{BasisFire, 0, 90},
	{BasisFacility, 0, 60},
}

func (b Basis) rule() (basisRule, bool) {
	i := slices.IndexFunc(basisRules, func(r basisRule) bool { return r.Basis == b })
	if i < 0 {
		return basisRule{}, false
	}
	return basisRules[i], true
}
