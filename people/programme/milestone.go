package programme

import (
	"cmp"
	"slices"
	"time"

	"linli.dev/linli/people/place"
)

// MilestoneID names a milestone; a person chooses it: "networked-by-november".
type MilestoneID string

// What must be true.
type What string

// The things that a milestone can ask for.
const (
	Built     What = "built"
	Networked What = "networked"
	Funds     What = "funds"    // help money in place: received no less than pledged
	Tasks     What = "tasks"    // help tasks done, all of them
	Accepted  What = "accepted" // an inspection was passed, or what it found is mended and was looked at again
)

// Whats in the order of reports.
var Whats = []What{Built, Networked, Funds, Tasks, Accepted}

// Milestone is a rule: compounds of these classes must have reached this by
// then. Each compound of the classes owes it once.
type Milestone struct {
	ID      MilestoneID   `json:"id" pattern:"^[a-z][a-z0-9-]{1,39}$"`
	Version int64         `json:"version"`
	Known   time.Time     `json:"known" doc:"From when on the rule counts: earlier days know nothing of it"`
	What    What          `json:"what" enum:"built,networked,funds,tasks,accepted"`
	Classes []place.Class `json:"classes" minItems:"1"`
	Due     place.Day     `json:"due" doc:"The last day in time"`
	Near    int           `json:"near_days" minimum:"0" maximum:"365" doc:"So many days before, what is not done turns blue"`
	Lead    int           `json:"lead_days" minimum:"0" maximum:"365" doc:"So many days before, what is not even begun turns yellow"`
	// Evidence tells people what shows that it is reached; the system judges by its own evidence and by approved returns.
	Evidence string `json:"evidence,omitempty" doc:"What shows that it is reached, in words"`
	Ended    bool   `json:"ended" doc:"It is owed no longer"`
	By       string `json:"by"`
	Reason   string `json:"reason,omitempty" doc:"Why it asks less than the version before"`
	Proposer string `json:"proposed_by,omitempty" doc:"Of such a version: who proposed it; by is who published it"`
}

// relieves reports whether a version asks less of some compound than the one before: later, of fewer classes, of something else,
// or nothing any more; or warns later.
func (m *Milestone) relieves(was *Milestone) bool {
	if was.Version == 0 || was.Ended {
		return false // nothing was owed
	}
	fewer := slices.ContainsFunc(was.Classes, func(c place.Class) bool { return !slices.Contains(m.Classes, c) })
	return m.Ended || fewer || m.What != was.What || m.Due > was.Due || m.Near < was.Near || m.Lead < was.Lead
}

func (m *Milestone) check() (p place.Problems) {
	if len(m.ID) < 2 || len(m.ID) > 40 {
		p.Add("id", "programme.milestone.id")
	}
	if !slices.Contains(Whats, m.What) {
		p.Add("what", "programme.milestone.what")
	}
	if len(m.Classes) == 0 {
		p.Add("classes", "place.field.required")
	}
	for _, c := range m.Classes {
		if !slices.Contains(place.Classes, c) {
			p.Add("classes", "programme.milestone.class")
		}
	}
	p.Ask("evidence", m.Evidence, 200, false)
	if m.Due == 0 {
		p.Add("due", "place.field.required")
	}
	if m.Near < 0 || m.Near > 365 || m.Lead < 0 || m.Lead > 365 {
		p.Add("near_days", "programme.milestone.days")
	}
	return p
}

// Rules is every version of every milestone, and how long a connection counts
// after it was last seen. Make it with NewRules.
type Rules struct {
	clock place.Clock
	spans []spanEra
	eras  []era
	all   []Milestone
}

// era is a time in which the same milestones counted.
type era struct {
	from time.Time
	list []Milestone
}

// spanEra is a time in which a connection counted for so many days.
type spanEra struct {
	from time.Time
	days place.Day
}

// SpansOf notes the spans that the programme's versions name, which are in the order in which they became known: what was
// answered under another span stays answered.
func (r *Rules) SpansOf(versions []Programme) *Rules {
	for _, p := range versions {
		days := r.spans[0].days
		if p.Span > 0 {
			days = place.Day(p.Span)
		}
		if r.spans[len(r.spans)-1].days != days {
			r.spans = append(r.spans, spanEra{p.Known, days})
		}
	}
	return r
}

// span is for how many days a connection counts, as was known at an instant.
func (r *Rules) span(known time.Time) place.Day {
	for i := len(r.spans) - 1; i > 0; i-- {
		if !r.spans[i].from.After(known) {
			return r.spans[i].days
		}
	}
	return r.spans[0].days
}

// leastSpan is the shortest that counted at any time between two instants: a silence that is no longer was one on no day of it.
func (r *Rules) leastSpan(from, to time.Time) place.Day {
	least := r.span(to)
	for i, s := range r.spans {
		if over := i+1 < len(r.spans) && !r.spans[i+1].from.After(from); !over && !s.from.After(to) {
			least = min(least, s.days)
		}
	}
	return least
}

// NewRules takes all versions in the order in which they became known. span is
// in days; 0: 30.
func NewRules(clock place.Clock, span int, all []Milestone) *Rules {
	if span <= 0 {
		span = 30
	}
	r := &Rules{clock: clock, spans: []spanEra{{days: place.Day(span)}}, all: all}
	var now []Milestone
	for i, m := range all {
		now = slices.DeleteFunc(slices.Clone(now), func(o Milestone) bool { return o.ID == m.ID })
		if !m.Ended {
			now = append(now, m)
		}
		if i+1 < len(all) && all[i+1].Known.Equal(m.Known) {
			continue
		}
		slices.SortFunc(now, func(a, b Milestone) int { return cmp.Or(cmp.Compare(a.Due, b.Due), cmp.Compare(a.ID, b.ID)) })
		r.eras = append(r.eras, era{m.Known, now})
	}
	return r
}

// At lists the milestones that count at an instant, the earliest deadline first.
func (r *Rules) At(known time.Time) []Milestone {
	for i := len(r.eras) - 1; i >= 0; i-- {
		if !r.eras[i].from.After(known) {
			return r.eras[i].list
		}
	}
	return nil
}

// turns lists the days on which a duty may change its light by itself. due is
// another last day than the milestone's own, or 0.
func (m *Milestone) turns(due place.Day) [3]place.Day {
	if due == 0 {
		due = m.Due
	}
	return [3]place.Day{due - place.Day(m.Near), due - place.Day(m.Lead) + 1, due + 1}
}
