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
	NameEN  string    `json:"name_en,omitempty" doc:"Its name on English pages and papers; left out: the name"`
	City    place.ID  `json:"city"`
	Start   place.Day `json:"start,omitempty"`
	// Span is for how many days a connection counts after it was last seen; 0: 30.
	Span int `json:"span_days,omitempty" minimum:"0" maximum:"365" doc:"For how many days a connection counts after it was last seen; left out: 30"`
	// Invented marks a demo: figures of this level and below are made up, and
	// every page, table and bulletin that shows one says so.
	Invented place.Level `json:"invented,omitempty" enum:"city,county,street,community,compound,building"`
	// Published is a demo's day on which the city's own figures are real.
	Published place.Day `json:"published,omitempty"`
	By        string    `json:"by"`
	Reason    string    `json:"reason,omitempty" doc:"Why a connection counts longer than in the version before"`
	Proposer  string    `json:"proposed_by,omitempty" doc:"Of such a version: who proposed it; by is who published it"`
}

// span is for how many days a connection counts.
func (p *Programme) span(usual int) int {
	switch {
	case p.Span > 0:
		return p.Span
	case usual > 0:
		return usual
	}
	return 30
}

func (p *Programme) check() (bad place.Problems) {
	bad.Text("name", p.Name, 40, true)
	bad.Text("name_en", p.NameEN, 80, false)
	if p.Span < 0 || p.Span > 365 {
		bad.Add("span_days", "programme.span")
	}
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

// Called is its name for a reader of a language.
func (p *Programme) Called(language string) string {
	if language == "en" && p.NameEN != "" {
		return p.NameEN
	}
	return p.Name
}

// InventedAt reports whether figures of a level are made up.
func (p *Programme) InventedAt(l place.Level) bool {
	return p.Invented != "" && slices.Index(place.Levels, l) >= slices.Index(place.Levels, p.Invented)
}
