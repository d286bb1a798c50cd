package supervision

import (
	"context"
	"io/fs"

	"github.com/uptrace/bun"

	"linli.dev/linli/api"
	"linli.dev/linli/fault"
	"linli.dev/linli/people/place"
)

// Permissions of the room.
const (
	MayRead  = "supervision.read"
	MayRaise = "supervision.raise"
	MayAct   = "supervision.act"
	MayCheck = "supervision.check"
)

// Name of the room.
func (s *Service) Name() string { return room }

// Messages of the room.
func (s *Service) Messages() fs.FS {
	return api.Messages(messages)
}

// Routes of the room.
func (s *Service) Routes(r *api.Router) {
	api.Get(r, "/api/supervision-tasks", api.Op{ID: "listSupervisionTasks", Permission: MayRead, Summary: "Supervision tasks as of a day, the most urgent first"}, s.httpList)
	api.Get(r, "/api/supervision-tasks/late-list", api.Op{ID: "getLateList", Permission: MayRead, Summary: "What is late, as plain text for a chat"}, s.httpLate)
	api.Get(r, "/api/supervision-tasks/{id}", api.Op{ID: "getSupervisionTask", Permission: MayRead, Summary: "A supervision task with its steps"}, s.httpOne)
	api.Post(r, "/api/supervision-tasks", api.Op{
		ID: "raiseSupervisionTasks", Permission: MayRaise, Summary: "Raise a task for each of some places, from counties down to compounds, and of some member units", Status: 201,
		Description: "All or none.",
	}, s.httpRaise)
	api.Post(r, "/api/supervision-tasks/steps", api.Op{
		ID: "stepSupervisionTasks", Permission: MayAct, Summary: "Sign for tasks, begin them, report them done",
		Description: "One or many, all or none; each with the version that was seen.",
	}, s.httpStep)
	api.Post(r, "/api/supervision-tasks/checks", api.Op{
		ID: "checkSupervisionTasks", Permission: MayCheck, Summary: "Strike off tasks that were reported done, or return them",
		Description: "Nobody checks what they reported done themselves. A county's office gives what the city's office has raised no other last day.",
	}, s.httpCheck)
	api.Post(r, "/api/supervision-tasks/withdrawals", api.Op{ID: "withdrawSupervisionTasks", Permission: MayRaise, Summary: "Withdraw tasks, with a reason", Description: "What the city's office has raised, or a rule, that office alone withdraws."}, s.httpWithdraw)
	api.Get(r, "/api/supervision-rules", api.Op{ID: "listSupervisionRules", Permission: MayRead, Summary: "Rules that raise tasks by themselves"}, s.httpRules)
	api.Get(r, "/api/supervision-rules/{id}/changes", api.Op{ID: "listSupervisionRuleChanges", Permission: MayRead, Summary: "Who changed what of a rule, before and after"}, s.httpRuleChanges)
	api.Put(r, "/api/supervision-rules/{id}", api.Op{
		ID: "setSupervisionRule", Permission: MayRaise, Summary: "Add a rule, or change it",
		Description: "With If-Match, but the first time. The answer tells for how many compounds it would raise a task today.",
	}, s.httpRule)
	api.Post(r, "/api/supervision-rules/trial", api.Op{ID: "trySupervisionRule", Permission: MayRaise, Summary: "For how many compounds a rule would raise a task today"}, s.httpTry)
}

// may asks whether the caller may do this with all of some tasks: at the place of each, today. It gives the tasks.
func (s *Service) may(ctx context.Context, permission string, tasks []Taken) ([]Task, error) {
	ids := make([]ID, len(tasks))
	for i, t := range tasks {
		ids[i] = t.ID
	}
	list, err := s.read(ctx, s.db.NewSelect().Model((*taskRow)(nil)).Where("id IN (?)", bun.List(ids)))
	if err != nil {
		return nil, dbError("supervision.May", err)
	}
	if len(list) == 0 {
		return nil, fault.New(fault.NotFound, "supervision.May", "supervision.none")
	}
	for i := range list {
		if err := s.mayOf(ctx, permission, list[i].Place, list[i].Unit); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// mayOverCity asks, of those of some tasks that are the city's, whether the caller may do this for the city.
func (s *Service) mayOverCity(ctx context.Context, permission string, tasks []Task) error {
	for i := range tasks {
		t := &tasks[i]
		if !t.City {
			continue
		}
		may, err := place.Permitted(s.o.Places.Rights().MayOverCity(ctx, permission, t.Place))
		if err == nil && !may {
			err = fault.New(fault.Denied, "supervision.May", "supervision.of-city", "title", t.Title)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// mayOf asks at a place, or for a member unit.
func (s *Service) mayOf(ctx context.Context, permission string, at place.ID, unit string) error {
	if unit != "" {
		return s.o.Places.Rights().MayUnit(ctx, permission, unit)
	}
	return s.o.Places.Rights().MayChange(ctx, permission, at)
}

// named puts in what people call those who took the steps: each compound's manager may have signed for its own.
func (s *Service) named(ctx context.Context, list []Entry) {
	var by []string
	for i := range list {
		for j := range list[i].Steps {
			by = append(by, list[i].Steps[j].By)
		}
	}
	names := s.o.Places.CalledAll(ctx, by...)
	for i := range list {
		for j := range list[i].Steps {
			list[i].Steps[j].Name = names[list[i].Steps[j].By]
		}
	}
}

// shown are the tasks of a scope: of its places, and of its member units.
func shown(scope *place.Scope) func(*Task) bool {
	return func(t *Task) bool {
		if t.Unit != "" {
			return scope.HasUnit(t.Unit)
		}
		return scope.Has(t.Place)
	}
}

func by(ctx context.Context) string { return api.CallerFrom(ctx).Account }

type listOutput struct {
	Body struct {
		Tasks  []Entry   `json:"tasks"`
		Total  int       `json:"total"`
		Counts Counts    `json:"counts" doc:"Of what fits the filter, whatever its state"`
		Date   place.Day `json:"date"`
	}
}

func (s *Service) httpList(ctx context.Context, in *struct {
	place.AsOfInput
	State  string `query:"state" enum:"raised,signed,underway,reported,returned,struck-off,withdrawn"`
	Open   bool   `query:"open" doc:"Only what is still to be done"`
	County string `query:"county"`
	Place  string `query:"place"`
	Under  string `query:"under" doc:"A place that they are of, or one above it"`
	Batch  string `query:"batch"`
	Rule   string `query:"rule"`
	Origin string `query:"origin"`
	Late   bool   `query:"late"`
	Near   bool   `query:"near"`
	Each   int    `query:"each" minimum:"0" maximum:"500" doc:"At most so many of each state; 0: no limit but the next"`
	Limit  int    `query:"limit" minimum:"1" maximum:"5000" default:"500"`
},
) (*listOutput, error) {
	q, err := in.AsOf(s.o.Clock)
	if err != nil {
		return nil, err
	}
	scope, err := s.o.Places.Rights().Scope(ctx, MayRead, q)
	if err != nil {
		return nil, err
	}
	list, counts, err := s.List(ctx, q, Filter{
		Show:  shown(scope),
		State: State(in.State), Open: in.Open, County: place.ID(in.County), Place: place.ID(in.Place), Under: place.ID(in.Under), Batch: in.Batch, Rule: RuleID(in.Rule),
		Origin: in.Origin, Late: in.Late, Near: in.Near,
	})
	if err != nil {
		return nil, err
	}
	out := &listOutput{}
	out.Body.Total, out.Body.Counts, out.Body.Date = len(list), counts, q.Day
	out.Body.Tasks = []Entry{}
	each := map[State]int{}
	for _, e := range list {
		if each[e.State]++; in.Each > 0 && each[e.State] > in.Each {
			continue
		}
		if len(out.Body.Tasks) == in.Limit {
			break
		}
		out.Body.Tasks = append(out.Body.Tasks, e)
	}
	s.named(ctx, out.Body.Tasks)
	return out, nil
}

type lateOutput struct {
	Body struct {
		Text   string `json:"text"`
		Number int    `json:"number"`
	}
}

func (s *Service) httpLate(ctx context.Context, in *struct {
	place.AsOfInput
	County string `query:"county"`
},
) (*lateOutput, error) {
	q, err := in.AsOf(s.o.Clock)
	if err != nil {
		return nil, err
	}
	scope, err := s.o.Places.Rights().Scope(ctx, MayRead, q)
	if err != nil {
		return nil, err
	}
	out := &lateOutput{}
	out.Body.Text, out.Body.Number, err = s.lateText(ctx, api.VoiceOf(ctx), q, Filter{Late: true, County: place.ID(in.County), Show: shown(scope)})
	if err != nil {
		return nil, err
	}
	return out, nil
}

type entryOutput struct {
	ETag string `header:"ETag"`
	Body Entry
}

func (s *Service) httpOne(ctx context.Context, in *struct {
	ID string `path:"id"`
	place.AsOfInput
},
) (*entryOutput, error) {
	q, err := in.AsOf(s.o.Clock)
	if err != nil {
		return nil, err
	}
	e, err := s.Task(ctx, q, ID(in.ID))
	if err != nil {
		return nil, err
	}
	if e.Unit != "" {
		err = s.o.Places.Rights().MayUnit(ctx, MayRead, e.Unit)
	} else {
		err = s.o.Places.Rights().May(ctx, MayRead, q, e.Place)
	}
	if err != nil {
		return nil, err
	}
	one := []Entry{e}
	s.named(ctx, one)
	return &entryOutput{place.ETag(e.Version), one[0]}, nil
}

type tasksOutput struct {
	Body struct {
		Tasks []Entry `json:"tasks"`
	}
}

// entries answers a change with the tasks as they stand now.
func (s *Service) entries(ctx context.Context, tasks []Task, err error) (*tasksOutput, error) {
	if err != nil {
		return nil, err
	}
	tree, err := s.o.Places.Tree(ctx)
	if err != nil {
		return nil, err
	}
	q := s.o.Clock.AtClose(s.o.Clock.Today())
	units, err := s.unitNames(ctx, q)
	if err != nil {
		return nil, err
	}
	out := &tasksOutput{}
	out.Body.Tasks = make([]Entry, len(tasks))
	for i, t := range tasks {
		out.Body.Tasks[i] = s.entry(tree, units, q, t)
	}
	return out, nil
}

func (s *Service) httpRaise(ctx context.Context, in *struct{ Body Raising }) (*tasksOutput, error) {
	for _, id := range in.Body.Places {
		if err := s.o.Places.Rights().MayChange(ctx, MayRaise, id); err != nil {
			return nil, err
		}
	}
	for _, id := range in.Body.Units {
		if err := s.o.Places.Rights().MayUnit(ctx, MayRaise, id); err != nil {
			return nil, err
		}
	}
	tasks, err := s.RaiseFor(ctx, by(ctx), in.Body)
	return s.entries(ctx, tasks, err)
}

func (s *Service) httpStep(ctx context.Context, in *struct {
	Body struct {
		Act   Act     `json:"act" enum:"sign,begin,report"`
		Tasks []Taken `json:"tasks" minItems:"1" maxItems:"5000"`
		Note  string  `json:"note,omitempty" doc:"What was done; required to report"`
	}
},
) (*tasksOutput, error) {
	b := in.Body
	if b.Act != Sign && b.Act != Begin && b.Act != Report {
		return nil, fault.New(fault.Invalid, "supervision.Take", "supervision.no-act")
	}
	if _, err := s.may(ctx, MayAct, b.Tasks); err != nil {
		return nil, err
	}
	tasks, err := s.Take(ctx, by(ctx), b.Act, b.Tasks, b.Note, 0)
	return s.entries(ctx, tasks, err)
}

func (s *Service) httpCheck(ctx context.Context, in *struct {
	Body struct {
		Act   Act       `json:"act" enum:"strike-off,return"`
		Tasks []Taken   `json:"tasks" minItems:"1" maxItems:"5000"`
		Note  string    `json:"note,omitempty" doc:"Why; required to return"`
		Due   place.Day `json:"due,omitempty" doc:"Another last day for what is returned"`
	}
},
) (*tasksOutput, error) {
	b := in.Body
	if b.Act != Strike && b.Act != Return {
		return nil, fault.New(fault.Invalid, "supervision.Take", "supervision.no-act")
	}
	list, err := s.may(ctx, MayCheck, b.Tasks)
	if err == nil && b.Due != 0 { // the office below checks what the city has raised, and puts none of it off
		err = s.mayOverCity(ctx, MayCheck, list)
	}
	if err != nil {
		return nil, err
	}
	tasks, err := s.Take(ctx, by(ctx), b.Act, b.Tasks, b.Note, b.Due)
	return s.entries(ctx, tasks, err)
}

func (s *Service) httpWithdraw(ctx context.Context, in *struct {
	Body struct {
		Tasks []Taken `json:"tasks" minItems:"1" maxItems:"5000"`
		Note  string  `json:"note" doc:"Why"`
	}
},
) (*tasksOutput, error) {
	list, err := s.may(ctx, MayRaise, in.Body.Tasks)
	if err == nil {
		err = s.mayOverCity(ctx, MayRaise, list)
	}
	if err != nil {
		return nil, err
	}
	tasks, err := s.Take(ctx, by(ctx), Withdraw, in.Body.Tasks, in.Body.Note, 0)
	return s.entries(ctx, tasks, err)
}

type rulesOutput struct {
	Body struct {
		Rules []Rule `json:"rules"`
	}
}

func (s *Service) httpRules(ctx context.Context, _ *struct{}) (*rulesOutput, error) {
	list, err := s.Rules(ctx)
	if err != nil {
		return nil, err
	}
	out := &rulesOutput{}
	out.Body.Rules = list
	return out, nil
}

// RuleWords are what a person decides about a rule.
type RuleWords struct {
	Light  string `json:"light" enum:"yellow,red"`
	What   string `json:"what,omitempty" enum:",built,networked,funds,tasks,accepted" doc:"What is owed; empty: anything"`
	Title  string `json:"title"`
	Ask    string `json:"ask,omitempty"`
	Days   int    `json:"days" minimum:"1" maximum:"180"`
	Near   int    `json:"near_days,omitempty" minimum:"0" maximum:"60" doc:"So many days before the last day a reminder is given; 3 when left out"`
	Active bool   `json:"active"`
}

func (b RuleWords) rule(id string) Rule {
	return Rule{ID: RuleID(id), Light: b.Light, What: b.What, Title: b.Title, Ask: b.Ask, Days: b.Days, Near: b.Near, Active: b.Active}
}

type ruleOutput struct {
	ETag string `header:"ETag"`
	Body struct {
		Rule
		Would int `json:"would" doc:"For so many compounds it would raise a task today"`
	}
}

func (s *Service) httpRule(ctx context.Context, in *struct {
	ID string `path:"id" pattern:"^[a-z][a-z0-9-]{1,39}$"`
	place.Versioned
	Body RuleWords
},
) (*ruleOutput, error) {
	seen, err := in.Seen()
	if err != nil {
		return nil, err
	}
	if err := s.o.Places.Rights().MayCity(ctx, MayRaise); err != nil {
		return nil, err
	}
	r, err := s.SetRule(ctx, by(ctx), seen, in.Body.rule(in.ID))
	if err != nil {
		return nil, err
	}
	out := &ruleOutput{ETag: place.ETag(r.Version)}
	out.Body.Rule = r
	would, err := s.Would(ctx, r)
	out.Body.Would = len(would)
	if err != nil {
		return nil, err
	}
	return out, nil
}

type tryOutput struct {
	Body struct {
		Would int `json:"would"`
	}
}

func (s *Service) httpTry(ctx context.Context, in *struct{ Body RuleWords }) (*tryOutput, error) {
	if err := s.o.Places.Rights().MayCity(ctx, MayRaise); err != nil {
		return nil, err
	}
	would, err := s.Would(ctx, in.Body.rule("trial"))
	if err != nil {
		return nil, err
	}
	out := &tryOutput{}
	out.Body.Would = len(would)
	return out, nil
}

func (s *Service) httpRuleChanges(ctx context.Context, in *struct {
	ID string `path:"id"`
},
) (*place.TracesOutput, error) {
	return place.TracesReply(s.o.Places.Traces(ctx, s.o.Clock.Close(s.o.Clock.Today()), "supervision-rule:"+in.ID))
}
