package place

import "context"

// What the office of a city has set at a place is the city's: it alone takes it back, puts it off or plans it anew, however much the
// office below may do there of its own.

// MayOverCity is May for such a thing: it asks for the city that a place lies in, or lay in last.
func (r *Rights) MayOverCity(ctx context.Context, permission string, id ID) error {
	tree, err := r.s.Tree(ctx)
	if err != nil {
		return err
	}
	for _, v := range tree.Ancestry(r.now(), id) {
		if v.Level == City {
			return r.May(ctx, permission, r.now(), v.Place)
		}
	}
	return r.decide(ctx, r.asker(ctx, permission))
}

// ForCity reports whether the caller may do something for the whole city that one of some places lies in: what they set there is the city's.
func (r *Rights) ForCity(ctx context.Context, permission string, places ...ID) (bool, error) {
	for _, id := range places {
		if city, err := Permitted(r.MayOverCity(ctx, permission, id)); city || err != nil {
			return city, err
		}
	}
	return false, nil
}
