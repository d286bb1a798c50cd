package programme

import (
	"slices"
	"time"

	"linli.dev/linli/people/place"
)

// RequestID names a request.
type RequestID string

// Ask is what an office may ask the level above for.
type Ask string

// What makes the duties of a compound less is asked for by its office, and decided by the level above.
const (
	AskExtension Ask = "extend"      // another last day for a milestone
	AskLeave     Ask = "leave"       // it takes part no longer
	AskPlan      Ask = "plan"        // fewer channels in its plan
	AskClass     Ask = "leave-class" // it is a demonstration or helped compound no longer
	AskEnd       Ask = "end"         // it is there no longer
	AskMerge     Ask = "merge"       // it goes into another compound
	// AskVoid: an entry into a class, or out of it, was a mistake.
	AskVoid Ask = "withdraw-class"
)

// Asks in the order of forms.
var Asks = []Ask{AskExtension, AskPlan, AskLeave, AskClass, AskEnd, AskMerge, AskVoid}

// RequestState is how far a request is.
type RequestState string

// The states.
const (
	Asked     RequestState = "asked"
	Granted   RequestState = "granted"
	Refused   RequestState = "refused"
	Withdrawn RequestState = "withdrawn"
)

// Request is what an office asks for a compound, with its reason, and what the level above said to it.
type Request struct {
	ID        RequestID    `json:"id"`
	Version   int64        `json:"version"`
	Compound  place.ID     `json:"compound"`
	Kind      Ask          `json:"kind" enum:"extend,plan,leave,leave-class,end,merge,withdraw-class"`
	Milestone MilestoneID  `json:"milestone,omitempty"`
	Due       place.Day    `json:"due,omitempty" doc:"Of extend: the last day that is asked for"`
	Plan      int          `json:"plan,omitempty" doc:"Of plan: the channels"`
	Mark      place.Mark   `json:"mark,omitempty" enum:"demonstration,helped,weak" doc:"Of leave-class: what it leaves; of withdraw-class: which entry, that of the day in from"`
	Into      place.ID     `json:"into,omitempty" doc:"Of merge: the compound that it goes into"`
	From      place.Day    `json:"from,omitempty" doc:"Of all but extend: from when on"`
	Entry     *time.Time   `json:"entry,omitempty" doc:"Of withdraw-class: when the entry became known, which says which of several of a day is meant"`
	Reason    string       `json:"reason"`
	State     RequestState `json:"state" enum:"asked,granted,refused,withdrawn"`
	Asked     time.Time    `json:"asked"`
	AskedBy   string       `json:"asked_by"`
	Decided   *time.Time   `json:"decided,omitempty"`
	DecidedBy string       `json:"decided_by,omitempty"`
	Note      string       `json:"note,omitempty" doc:"What the level above says to it"`
}

// only keeps of a request what belongs to its kind: nothing is decided with it that who decides is not shown.
func (r *Request) only() {
	if r.Kind == AskExtension {
		r.From = 0
	} else {
		r.Milestone, r.Due = "", 0
	}
	if r.Kind != AskPlan {
		r.Plan = 0
	}
	if r.Kind == AskExtension || r.Kind == AskPlan || r.Kind == AskLeave || r.Kind == AskEnd || r.Kind == AskMerge {
		r.Mark = ""
	}
	if r.Kind != AskMerge {
		r.Into = ""
	}
	if r.Kind != AskVoid {
		r.Entry = nil
	}
}

func (r *Request) check() (p place.Problems) {
	if !slices.Contains(Asks, r.Kind) {
		p.Add("kind", "programme.request.kind")
		return p
	}
	p.Text("reason", r.Reason, 200, true)
	need := func(field string, missing bool) {
		if missing {
			p.Add(field, "place.field.required")
		}
	}
	need("milestone", r.Kind == AskExtension && r.Milestone == "")
	need("due", r.Kind == AskExtension && r.Due == 0)
	need("from", r.Kind != AskExtension && r.From == 0)
	need("into", r.Kind == AskMerge && r.Into == "")
	if r.Kind == AskPlan && (r.Plan < 1 || r.Plan > 10_000) {
		p.Add("plan", "programme.plan")
	}
	if r.Kind == AskClass && r.Mark != place.MarkDemonstration && r.Mark != place.MarkHelped {
		p.Add("mark", "programme.request.mark")
	}
	if r.Kind == AskVoid && !slices.Contains(place.Marks, r.Mark) {
		p.Add("mark", "place.field.required")
	}
	return p
}
