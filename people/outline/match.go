package outline

import (
	"slices"
	"strings"

	"github.com/paulmach/orb"

	"linli.dev/linli/people/place"
)

// Report says which county each feature is, and what is left over.
type Report struct {
	Matched  []Match  `json:"matched"`
	Left     []Left   `json:"left" doc:"Features that are no county of this city"`
	Missing  []County `json:"missing" doc:"Counties without an outline: they stay tiles"`
	Features int      `json:"features"`
	Vertices int      `json:"vertices" doc:"In the file"`
	Kept     int      `json:"kept" doc:"After simplifying"`
}

// Match is a county with its outline.
type Match struct {
	Place    place.ID `json:"place"`
	Name     string   `json:"name"`
	By       string   `json:"by" enum:"code,name,short-name"`
	Features int      `json:"features" doc:"An island may be a feature of its own"`
	Vertices int      `json:"vertices"`
}

// Left is a feature that nobody is.
type Left struct {
	Feature int    `json:"feature" doc:"From 0"`
	Called  string `json:"called"`
	Why     string `json:"why" enum:"unknown,ambiguous"`
}

// county is the county that a feature's words name: by its code, else its name,
// else its name without the ending, when no other has it.
func county(f *Feature, counties []place.Version) (i int, by string) {
	find := func(same func(word string, v *place.Version) bool) int {
		found := -1
		for i := range counties {
			if slices.ContainsFunc(f.Words, func(w string) bool { return same(w, &counties[i]) }) {
				if found >= 0 && found != i {
					return -2
				}
				found = i
			}
		}
		return found
	}
	for _, x := range []struct {
		by   string
		same func(string, *place.Version) bool
	}{
		{"code", func(w string, v *place.Version) bool { return v.Code != "" && w == v.Code }},
		{"name", func(w string, v *place.Version) bool { return w == v.Name }},
		{"short-name", func(w string, v *place.Version) bool { return len([]rune(w)) > 1 && short(w) == short(v.Name) }},
	} {
		if i := find(x.same); i != -1 {
			return i, x.by
		}
	}
	return -1, ""
}

func short(name string) string {
	for _, end := range []string{"自治县", "经济技术开发区", "高新技术产业开发区", "开发区", "新区", "县", "区", "市"} {
		if s, ok := strings.CutSuffix(name, end); ok && len([]rune(s)) > 1 {
			return s
		}
	}
	return name
}

// Fit finds the county of each feature, and joins features of the same one.
func Fit(features []Feature, counties []place.Version) (map[place.ID]orb.MultiPolygon, Report) {
	r := Report{Matched: []Match{}, Left: []Left{}, Missing: []County{}, Features: len(features)}
	out := map[place.ID]orb.MultiPolygon{}
	at := map[place.ID]int{}
	for n := range features {
		f := &features[n]
		vertices := count(f.Shape)
		r.Vertices += vertices
		i, by := county(f, counties)
		if i < 0 {
			why := "unknown"
			if i == -2 {
				why = "ambiguous"
			}
			r.Left = append(r.Left, Left{n, clip(f.Called()), why})
			continue
		}
		v := counties[i]
		out[v.Place] = append(out[v.Place], f.Shape...)
		k, ok := at[v.Place]
		if !ok {
			k = len(r.Matched)
			at[v.Place] = k
			r.Matched = append(r.Matched, Match{Place: v.Place, Name: v.Name, By: by})
		}
		r.Matched[k].Features++
		r.Matched[k].Vertices += vertices
	}
	for _, v := range counties {
		if _, ok := out[v.Place]; !ok {
			r.Missing = append(r.Missing, County{Place: v.Place, Name: v.Name})
		}
	}
	return out, r
}

// County is one that a report names.
type County struct {
	Place place.ID `json:"place"`
	Name  string   `json:"name"`
}
