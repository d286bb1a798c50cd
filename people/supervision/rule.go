package supervision

import (
	"context"
	"slices"

	"linli.dev/linli/people/place"
)

// RuleID names a rule; a person chooses it: "networking-red".
type RuleID string

// Rule raises a task for each compound that owes something and shows a light.
type Rule struct {
	ID      RuleID    `json:"id"`
	Version int64     `json:"version"`
	Light   string    `json:"light" enum:"yellow,red"`
	What    string    `json:"what,omitempty" enum:",built,networked,funds,tasks,accepted" doc:"What is owed; empty: anything"`
	Title   string    `json:"title" doc:"Of the tasks that it raises"`
	Ask     string    `json:"ask,omitempty"`
	Days    int       `json:"days" minimum:"1" maximum:"180" doc:"Days from the raising to the last day in time"`
	Near    int       `json:"near_days" minimum:"1" maximum:"60" doc:"So many days before the last day a reminder is given"`
	Active  bool      `json:"active" doc:"It raises by itself, once a day"`
	Applied place.Day `json:"applied,omitempty" doc:"The day on which it last looked"`
	By      string    `json:"by"`
}

func (r *Rule) check() (p place.Problems) {
	if len(r.ID) < 2 || len(r.ID) > 40 {
		p.Add("id", "supervision.rule.id")
	}
	if r.Light != "yellow" && r.Light != "red" {
		p.Add("light", "supervision.rule.light")
	}
	if !slices.Contains([]string{"", "built", "networked", "funds", "tasks", "accepted"}, r.What) {
		p.Add("what", "supervision.rule.what")
	}
	p.Ask("title", r.Title, 60, true)
	p.Ask("ask", r.Ask, 500, false)
	if r.Days < 1 || r.Days > 180 {
		p.Add("days", "supervision.rule.days")
	}
	checkNear(&p, r.Near)
	return p
}

// Owed is a milestone that a compound owes, by when, and the light that it shows.
type Owed struct {
	Compound  place.ID
	Milestone string
	What      string
	Light     string
	Due       place.Day
}

// Standings tells what compounds owe as of a day. role plugs in the programme.
type Standings interface {
	Owed(ctx context.Context, q place.AsOf) ([]Owed, error)
}

// cause is what a rule sees of a compound. Its key keeps it from being raised
// twice while a task for it is open.
type cause struct {
	key      string
	compound place.ID
	due      place.Day
}

// causes lists what a rule sees, by key.
func (r *Rule) causes(owed []Owed) map[string]cause {
	out := map[string]cause{}
	for _, o := range owed {
		if o.Light == r.Light && (r.What == "" || r.What == o.What) {
			c := cause{o.Milestone + ":" + o.Light + ":" + string(o.Compound), o.Compound, o.Due}
			out[c.key] = c
		}
	}
	return out
}

// earlier is a task that a cause was raised for before.
type earlier struct {
	Cause   string    `bun:"cause"`
	State   State     `bun:"state"`
	Due     place.Day `bun:"cause_due"`
	KnownUS int64     `bun:"known_us"` // of its last step
}

// answers reports whether a task still answers a cause: while it is open, and once it is struck off or withdrawn for as many days as the rule gives
// for such a task, so that what was done can come to be known. A duty with another last day (an extension that ran out) is another cause.
func (r *Rule) answers(t *earlier, c cause, ended, today place.Day) bool {
	return t.State.Open() || (t.Due == 0 || t.Due == c.due) && today < ended+place.Day(r.Days)
}
