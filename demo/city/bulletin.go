package city

import (
	"linli.dev/linli/fault"
	"linli.dev/linli/people/place"
	"linli.dev/linli/people/programme"
)

// Bulletin is the demo city's bulletin of a day, made in memory: 0 is the
// published day. since is the day that changes are counted from, 0: a month
// before.
func Bulletin(on, since place.Day, edition programme.Edition) (programme.Bulletin, error) {
	if on == 0 {
		on = published
	}
	if since == 0 {
		since = on.AddMonths(-1)
	}
	if on < start || on > Last {
		return programme.Bulletin{}, fault.New(fault.Invalid, "city.Bulletin", "programme.demo-days", "from", start.String(), "to", Last.String())
	}
	if since >= on {
		return programme.Bulletin{}, fault.New(fault.Invalid, "city.Bulletin", "programme.since-later")
	}
	s, err := New(Seed)
	if err != nil {
		return programme.Bulletin{}, err
	}
	b, tree, p := s.Tell(on)
	var clock place.Clock
	return programme.Compose(b, tree, p, clock.AtClose(on), since, edition), nil
}
