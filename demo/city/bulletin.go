package city

import (
	"linli.dev/linli/fault"
	"linli.dev/linli/people/place"
	"linli.dev/linli/people/programme"
)

// Bulletin is the demo city's bulletin of a day, or that of one of its counties,
// by its name, made in memory: 0 is the published day. since is the day that
// changes are counted from, 0: a month before.
func Bulletin(on, since place.Day, edition programme.Edition, county string) (programme.Bulletin, error) {
	if on == 0 {
		on = published
	}
	if on < start || on > Last {
		return programme.Bulletin{}, fault.New(fault.Invalid, "city.Bulletin", "programme.demo-days", "from", start.String(), "to", Last.String())
	}
	s, err := New(Seed)
	if err != nil {
		return programme.Bulletin{}, err
	}
	b, tree, p := s.Tell(on)
	q := place.Clock{}.AtClose(on)
	ask := programme.BulletinAsk{Of: q, Since: since, Edition: edition}
	if county != "" {
		if ask.County, err = programme.CountyNamed(tree, q, county); err != nil {
			return programme.Bulletin{}, err
		}
	}
	return programme.Compose(b, tree, p, ask)
}
