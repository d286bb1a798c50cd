package campaign

import (
	"slices"
	"strings"
	"time"

	"linli.dev/linli/people/place"
)

// ID names a campaign; a person chooses it: "september-2017".
type ID string

// Strand is one of the four lines of a campaign.
type Strand string

// The strands.
const (
	Publicity  Strand = "publicity"
	Networking Strand = "networking"
	Patrol     Strand = "patrol"
	Help       Strand = "help"
)

// Strands in the order of reports.
var Strands = []Strand{Publicity, Networking, Patrol, Help}

// Goal is what a campaign wants of a strand.
type Goal struct {
	Strand Strand `json:"strand" enum:"publicity,networking,patrol,help"`
	Text   string `json:"text"`
}

// Campaign is a dated drive of the programme.
type Campaign struct {
	ID      ID        `json:"id"`
	Version int64     `json:"version"`
	Known   time.Time `json:"known"`
	Name    string    `json:"name"`
	From    place.Day `json:"from"`
	Until   place.Day `json:"until" doc:"Its last day"`
	Purpose string    `json:"purpose,omitempty"`
	Goals   []Goal    `json:"goals"`
	By      string    `json:"by"`
}

func (c *Campaign) check() (p place.Problems) {
	if len(c.ID) < 2 || len(c.ID) > 40 {
		p.Add("id", "campaign.id")
	}
	p.Text("name", c.Name, 40, true)
	p.Ask("purpose", c.Purpose, 500, false)
	if c.From == 0 || c.Until < c.From {
		p.Add("until", "place.field.order")
	}
	seen := map[Strand]bool{}
	for i, g := range c.Goals {
		if !slices.Contains(Strands, g.Strand) || seen[g.Strand] {
			p.Add(place.Item("goals", i, "strand"), "campaign.strand")
		}
		seen[g.Strand] = true
		p.Ask(place.Item("goals", i, "text"), g.Text, 300, true)
	}
	return p
}

// tidy is place.Tidy for a text of several paragraphs.
func tidy(s string) string {
	lines := strings.Split(strings.ReplaceAll(s, "\r\n", "\n"), "\n")
	for i := range lines {
		lines[i] = place.Tidy(lines[i])
	}
	return strings.Trim(strings.Join(lines, "\n"), "\n")
}
