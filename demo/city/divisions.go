package city

import (
	"strings"

	"linli.dev/linli/demo/data"
	"linli.dev/linli/people/place"
)

// zones are the development zones that count as counties, with the streets and
// towns that they administer.
var zones = []struct {
	name, code string
	streets    []string
}{
	{"临沂经济技术开发区", "3713K1", []string{"371312009", "371312010", "371312011"}},
	{"临沂临港经济开发区", "3713K2", []string{"371327118", "371327119", "371327120", "371327121"}},
}

// county is where compounds are: its communities, those in town first.
type county struct {
	id          place.ID
	name, code  string
	communities []place.ID
}

// founded is when the tree is said to have been there, for all that follows.
var founded = place.Date(2017, 1, 1)

// divisions makes the tree from the city down to the communities.
func (g *generator) divisions() (found, error) {
	list, err := data.Divisions()
	if err != nil {
		return nil, err
	}
	var out found
	ids := map[string]place.ID{}
	add := func(level place.Level, code, name string, parent place.ID) place.ID {
		id := place.ID(g.id())
		ids[code] = id
		out = append(out, place.NewPlace{ID: id, Level: level, Parent: parent, Name: name, Code: code, From: founded})
		return id
	}
	g.city = add(place.City, "3713", "临沂市", "")
	administers := map[string]string{}
	at := map[place.ID]int{}
	addCounty := func(code, name string) {
		id := add(place.County, code, name, g.city)
		at[id] = len(g.counties)
		g.counties = append(g.counties, county{id: id, name: name, code: code})
	}
	for _, d := range list {
		if d.Level == "county" {
			addCounty(d.Code, d.Name)
		}
	}
	for _, z := range zones {
		addCounty(z.code, z.name)
		for _, s := range z.streets {
			administers[s] = z.code
		}
	}
	of := map[string]int{} // street → county
	var rural [][2]any
	for _, d := range list {
		switch d.Level {
		case "street":
			parent := d.Parent
			if z := administers[d.Code]; z != "" {
				parent = z
			}
			add(place.Street, d.Code, d.Name, ids[parent])
			of[d.Code] = at[ids[parent]]
		case "community":
			id := add(place.Community, d.Code, short(d.Name), ids[d.Parent])
			g.named[short(d.Name)+d.Code[:6]] = id
			c := &g.counties[of[d.Parent]]
			if strings.Contains(d.Name, "社区") {
				c.communities = append(c.communities, id)
			} else {
				rural = append(rural, [2]any{of[d.Parent], id})
			}
		}
	}
	for _, r := range rural { // behind the town's, and only where there are few of those
		c := &g.counties[r[0].(int)]
		if len(c.communities) < 12 {
			c.communities = append(c.communities, r[1].(place.ID))
		}
	}
	return out, nil
}

// short leaves out what every name ends in.
func short(name string) string {
	for _, end := range []string{"居民委员会", "村民委员会", "居委会", "村委会"} {
		if s, ok := strings.CutSuffix(name, end); ok && s != "" {
			if end == "村民委员会" && !strings.HasSuffix(s, "村") && !strings.HasSuffix(s, "社区") {
				s += "村"
			}
			return s
		}
	}
	return name
}
