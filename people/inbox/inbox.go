package inbox

import (
	"cmp"
	"context"
	"io/fs"
	"slices"

	"linli.dev/linli/api"
	"linli.dev/linli/people/place"
)

// Kind is what is to be done.
type Kind string

// The kinds, the most pressing first.
const (
	TaskReturned   Kind = "task-returned"   // it was sent back: to be worked on again
	TaskSign       Kind = "task-sign"       // a new task, to be signed for
	TaskDue        Kind = "task-due"        // near due, or late
	TaskCheck      Kind = "task-check"      // reported done, to be checked
	ReturnOwed     Kind = "return-owed"     // a monthly return to be handed in
	ReturnDecide   Kind = "return-decide"   // a return to be approved
	ReliefDecide   Kind = "relief-decide"   // what an office asks for, to be granted or refused
	RulePublish    Kind = "rule-publish"    // another person's proposal that a rule asks less
	BulletinReview Kind = "bulletin-review" // another person's draft
	BulletinIssue  Kind = "bulletin-issue"  // reviewed, to be issued
	NoticePublish  Kind = "notice-publish"  // another person's notice to residents
	FormPublish    Kind = "form-publish"    // another person's form of inspections
)

// Kinds in the order of a page.
var Kinds = []Kind{TaskReturned, TaskSign, TaskDue, TaskCheck, ReturnOwed, ReturnDecide, ReliefDecide, RulePublish, BulletinReview, BulletinIssue, NoticePublish, FormPublish}

// Item is one thing that waits.
type Item struct {
	Kind   Kind      `json:"kind" enum:"task-returned,task-sign,task-due,task-check,return-owed,return-decide,relief-decide,rule-publish,bulletin-review,bulletin-issue,notice-publish,form-publish"`
	ID     string    `json:"id" doc:"Of the task, request, bulletin, notice or form; of a return its month"`
	Place  place.ID  `json:"place,omitempty" doc:"Whom it is about"`
	Name   string    `json:"name,omitempty" doc:"Of that place or unit"`
	Title  string    `json:"title,omitempty"`
	Number int       `json:"number,omitempty" doc:"Of a form: which version of it"`
	Due    place.Day `json:"due,omitempty" doc:"The last day in time"`
	Days   int       `json:"days,omitempty" doc:"From today to the last day; below 0: late by"`
	Late   bool      `json:"late,omitempty"`

	Task *Task `json:"task,omitempty" doc:"Of a task: what tells it from others of the same title"`
}

// Task is what an item says of a supervision task, beside its title.
type Task struct {
	Version int64  `json:"version" doc:"As it was read, for the step that is taken"`
	Level   string `json:"level" enum:"county,street,community,compound,unit" doc:"What its place is"`
	County  string `json:"county_name,omitempty"`
	Street  string `json:"street,omitempty"`
	Ask     string `json:"ask,omitempty" doc:"What is to be done"`
}

// Source says what waits for the caller.
type Source interface {
	Waiting(ctx context.Context) ([]Item, error)
}

// Service is the inbox.
type Service struct{ sources []Source }

// New takes the sources.
func New(sources ...Source) *Service { return &Service{sources} }

// Group is what waits of a kind.
type Group struct {
	Kind  Kind   `json:"kind"`
	Count int    `json:"count"`
	Late  int    `json:"late"`
	Items []Item `json:"items" doc:"The most pressing of them"`
}

// shown is how many of a kind an answer names.
const shown = 50

// Groups gathers what waits for the caller.
func (s *Service) Groups(ctx context.Context) ([]Group, error) {
	by := map[Kind][]Item{}
	for _, source := range s.sources {
		items, err := source.Waiting(ctx)
		if err != nil {
			return nil, err
		}
		for _, i := range items {
			by[i.Kind] = append(by[i.Kind], i)
		}
	}
	out := []Group{}
	for _, k := range Kinds {
		items := by[k]
		if len(items) == 0 {
			continue
		}
		g := Group{Kind: k, Count: len(items)}
		for _, i := range items {
			if i.Late {
				g.Late++
			}
		}
		slices.SortStableFunc(items, func(a, b Item) int {
			return cmp.Or(cmp.Compare(orNever(a.Due), orNever(b.Due)), cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID))
		})
		g.Items = items[:min(len(items), shown)]
		out = append(out, g)
	}
	return out, nil
}

// orNever puts what has no last day behind what has one.
func orNever(d place.Day) place.Day {
	if d == 0 {
		return 1 << 30
	}
	return d
}

// Name of the room.
func (s *Service) Name() string { return "inbox" }

// Messages of the room: it has no sentences of its own.
func (s *Service) Messages() fs.FS { return nil }

// Routes of the room.
func (s *Service) Routes(r *api.Router) {
	api.Get(r, "/api/inbox", api.Op{
		ID: "getInbox", Permission: api.SignedIn, Summary: "What waits for the caller: to be signed for, near due, to be checked, owed, to be reviewed",
		Description: "Of the caller's own offices: what lies below them waits for whoever holds an office there.",
	}, s.httpInbox)
}

type inboxOutput struct {
	Body struct {
		Total  int     `json:"total"`
		Late   int     `json:"late"`
		Groups []Group `json:"groups"`
	}
}

func (s *Service) httpInbox(ctx context.Context, _ *struct{}) (*inboxOutput, error) {
	groups, err := s.Groups(ctx)
	if err != nil {
		return nil, err
	}
	out := &inboxOutput{}
	out.Body.Groups = groups
	for _, g := range groups {
		out.Body.Total += g.Count
		out.Body.Late += g.Late
	}
	return out, nil
}
