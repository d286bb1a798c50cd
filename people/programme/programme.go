package programme

import (
	"slices"
	"time"

	"linli.dev/linli/people/place"
)

// Programme is the whole undertaking of a city.
type Programme struct {
	Version int64     `json:"version"`
	Known   time.Time `json:"known"`
	Name    string    `json:"name"`
	City    place.ID  `json:"city"`
	Start   place.Day `json:"start"`
	// Invented marks a demo: figures of this level and below are made up, and
	// every page, table and bulletin that shows one says so.
	Invented place.Level `json:"invented,omitempty" enum:"city,county,street,community,compound,building"`
	// Published is a demo's day on which the city's own figures are real.
	Published place.Day `json:"published,omitempty"`
	By        string    `json:"by"`
}

func (p *Programme) check() (bad place.Problems) {
	bad.Text("name", p.Name, 40, true)
	if p.City == "" {
		bad.Add("city", "place.field.required")
	}
	if p.Start == 0 {
		bad.Add("start", "place.field.required")
	}
	if p.Invented != "" && !slices.Contains(place.Levels, p.Invented) {
		bad.Add("invented", "place.field.level", "is", string(p.Invented))
	}
	return bad
}

// InventedAt reports whether figures of a level are made up.
func (p *Programme) InventedAt(l place.Level) bool {
	return p.Invented != "" && slices.Index(place.Levels, l) >= slices.Index(place.Levels, p.Invented)
}
