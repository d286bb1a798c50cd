package campaign

import (
	"slices"
	"time"

	"linli.dev/linli/people/place"
)

// ActivityID names an activity.
type ActivityID string

// Kind is what sort of act it was.
type Kind string

// The kinds.
const (
	Spread  Kind = "publicity"
	Meeting Kind = "meeting"
	Visit   Kind = "visit"
)

// Part is what a line of an activity speaks of.
type Part string

// Handed: what was handed out or posted, how many, where. Agenda: a point. Stop:
// a place on the route. Speaker: a unit and what it spoke about.
const (
	Handed  Part = "handed"
	Agenda  Part = "agenda"
	Stop    Part = "stop"
	Speaker Part = "speaker"
)

// partsOf are the lines that each kind has.
var partsOf = map[Kind][]Part{Spread: {Handed}, Meeting: {Agenda, Stop, Speaker}, Visit: {Stop, Speaker}}

// Line is one of several things of an activity, in order.
type Line struct {
	Part   Part   `json:"part" enum:"handed,agenda,stop,speaker"`
	Text   string `json:"text" doc:"What was handed out; the point; the stop; what was spoken about"`
	Where  string `json:"where,omitempty" doc:"Where it was handed out or posted; which unit spoke"`
	Number int    `json:"number,omitempty" minimum:"0" maximum:"1000000" doc:"How many were handed out"`
}

// Photo is a photo of an activity.
type Photo struct {
	Hash    string `json:"hash" doc:"SHA-256 of its bytes; also its address, /api/photos/{hash}"`
	Caption string `json:"caption,omitempty"`
	Width   int    `json:"width"`
	Height  int    `json:"height"`

	Purged place.Day `json:"purged,omitempty" doc:"The day on which the picture was deleted, as its time was over"`
}

// Activity is a dated act of a campaign.
type Activity struct {
	ID         ActivityID `json:"id"`
	Version    int64      `json:"version"`
	Known      time.Time  `json:"known"`
	Campaign   ID         `json:"campaign"`
	Kind       Kind       `json:"kind" enum:"publicity,meeting,visit"`
	Strand     Strand     `json:"strand" enum:"publicity,networking,patrol,help"`
	Place      place.ID   `json:"place" doc:"Whose activity it is: the city, a county, down to a compound"`
	PlaceName  string     `json:"place_name"`
	Day        place.Day  `json:"day"`
	Title      string     `json:"title"`
	Text       string     `json:"text,omitempty" doc:"Minutes of a meeting, the article of a visit"`
	Lessons    string     `json:"lessons,omitempty"`
	Attendance int        `json:"attendance" doc:"How many came: a number, never names"`
	Lines      []Line     `json:"lines"`
	Photos     []Photo    `json:"photos"`
	By         string     `json:"by"`
	MayChange  bool       `json:"may_change,omitempty" doc:"The caller may change it and its photos"`
}

const mostPhotos = 12

func (a *Activity) check(today place.Day) (p place.Problems) {
	if partsOf[a.Kind] == nil {
		p.Add("kind", "campaign.kind")
	}
	if !slices.Contains(Strands, a.Strand) {
		p.Add("strand", "campaign.strand")
	}
	p.Text("title", a.Title, 60, true)
	p.Text("text", a.Text, 5000, false)
	p.Text("lessons", a.Lessons, 1000, false)
	if a.Day == 0 || a.Day > today.AddMonths(12) {
		p.Add("day", "campaign.day")
	}
	if a.Attendance < 0 || a.Attendance > 1_000_000 {
		p.Add("attendance", "campaign.number")
	}
	for i, l := range a.Lines {
		if !slices.Contains(partsOf[a.Kind], l.Part) {
			p.Add(place.Item("lines", i, "part"), "campaign.part")
		}
		p.Text(place.Item("lines", i, "text"), l.Text, 100, true)
		p.Text(place.Item("lines", i, "where"), l.Where, 60, false)
		if l.Number < 0 || l.Number > 1_000_000 {
			p.Add(place.Item("lines", i, "number"), "campaign.number")
		}
	}
	return p
}
