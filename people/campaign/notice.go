package campaign

import (
	"time"

	"linli.dev/linli/people/place"
)

// NoticeID names a notice.
type NoticeID string

// NoticeState is how far a notice has come.
type NoticeState string

// A published notice never changes; it can be withdrawn.
const (
	Draft     NoticeState = "draft"
	Published NoticeState = "published"
	Withdrawn NoticeState = "withdrawn"
)

// Notice tells residents something; it is printed and posted.
type Notice struct {
	ID        NoticeID    `json:"id"`
	Version   int64       `json:"version"`
	Known     time.Time   `json:"known"`
	State     NoticeState `json:"state" enum:"draft,published,withdrawn"`
	Place     place.ID    `json:"place" doc:"For whom: all who live there"`
	PlaceName string      `json:"place_name"`
	Title     string      `json:"title"`
	Body      string      `json:"body"`
	Signed    string      `json:"signed" doc:"The office that speaks"`
	Day       place.Day   `json:"day" doc:"The date under it"`
	By        string      `json:"by"`
	MayChange bool        `json:"may_change,omitempty" doc:"The caller may change it"`
	MayGive   bool        `json:"may_publish,omitempty" doc:"The caller may publish it, or withdraw it: a draft only when not a word is the caller's own"`
	Own       bool        `json:"own,omitempty" doc:"The caller wrote some of the draft, so another person publishes it"`

	writers []string
}

func (n *Notice) check() (p place.Problems) {
	p.Text("title", n.Title, 40, true)
	p.Text("body", n.Body, 2000, true)
	p.Text("signed", n.Signed, 40, true)
	if n.Day == 0 {
		p.Add("day", "place.field.required")
	}
	return p
}
