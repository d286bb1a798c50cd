package city

import (
	"context"
	"fmt"
	"time"

	"linli.dev/linli/people/pairing"
	"linli.dev/linli/people/place"
	"linli.dev/linli/people/programme"
	"linli.dev/linli/role"
)

// Step is what is said at an instant: one transaction of one room.
type Step struct {
	At  time.Time
	act act
}

// act is something that a room can be told, and a book in memory too.
type act interface {
	play(ctx context.Context, c role.City) error
	tell(m *Memory, at time.Time)
}

// Who acts in the demo: the office that types, the office that approves.
const (
	clerk    = role.DemoClerk
	approver = role.DemoApprover
)

// Hand is a clock that a script moves.
type Hand struct {
	at time.Time
	// Moved is told where it stands before each step; nil: nobody.
	Moved func(time.Time)
}

// Clock is the programme's clock in the script's hand.
func (h *Hand) Clock() place.Clock { return place.Clock{Now: func() time.Time { return h.at }} }

// Play tells the rooms all steps after an instant until a day has closed. The
// rooms' clock must be the hand's.
func (s *Script) Play(ctx context.Context, c role.City, h *Hand, after time.Time, until place.Day) error {
	end := h.Clock().Close(until)
	for _, st := range s.Steps {
		if !st.At.After(after) {
			continue
		}
		if st.At.After(end) {
			break
		}
		h.at = st.At
		if h.Moved != nil {
			h.Moved(st.At)
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		// Read outside of a transaction the tree is kept; inside, each one would read anew what has been said since.
		if _, err := c.Places.Tree(ctx); err != nil {
			return err
		}
		if err := st.act.play(ctx, c); err != nil {
			return fmt.Errorf("%s, %T: %w", st.At.Format(time.DateTime), st.act, err)
		}
	}
	return nil
}

// Memory is what the script has said, without a database.
type Memory struct {
	Programme  programme.Programme
	milestones []programme.Milestone
	versions   []place.Version
	entries    map[place.ID][]place.Entry
	steps      map[place.ID][]place.ChannelStep
	counts     map[place.ID][]place.Count
	pairings   []pairing.Pairing
	money      []pairing.Entry
	tasks      []pairing.Task
	taskAt     map[pairing.TaskID]int
	own        []programme.Fact
	seen       map[place.ID]int // where in own the compound's span is
}

// Tell gives the book and the tree of a day that has closed.
func (s *Script) Tell(until place.Day) (*programme.Book, *place.Tree, programme.Programme) {
	m := s.tell(until)
	facts, rules := m.facts()
	return programme.NewBook(place.Clock{}, rules, facts), place.NewTree(m.versions), m.Programme
}

func (s *Script) tell(until place.Day) *Memory {
	m := &Memory{
		entries: map[place.ID][]place.Entry{}, steps: map[place.ID][]place.ChannelStep{}, counts: map[place.ID][]place.Count{}, taskAt: map[pairing.TaskID]int{}, seen: map[place.ID]int{},
	}
	end := place.Clock{}.Close(until)
	for _, st := range s.Steps {
		if st.At.After(end) {
			break
		}
		st.act.tell(m, st.At)
	}
	return m
}

// facts are what the rooms would say of the compounds.
func (m *Memory) facts() ([]programme.Fact, *programme.Rules) {
	tree := place.NewTree(m.versions)
	facts := append(m.own, role.HelpFacts(pairing.Changes(m.pairings, m.money, m.tasks))...)
	for _, id := range tree.Ever(place.Compound) {
		facts = append(facts, programme.PlaceFacts(tree, id, m.entries[id], m.steps[id], m.counts[id])...)
	}
	return facts, programme.NewRules(place.Clock{}, 0, m.milestones)
}

// setUp is the programme and its milestones.
type setUp struct{ p programme.Programme }

func (a setUp) play(ctx context.Context, c role.City) error {
	_, err := c.Programme.Set(ctx, approver, 0, a.p)
	return err
}

func (a setUp) tell(m *Memory, at time.Time) {
	m.Programme = a.p
	m.Programme.Version, m.Programme.Known, m.Programme.By = 1, at, approver
}

type milestone struct{ m programme.Milestone }

func (a milestone) play(ctx context.Context, c role.City) error {
	_, err := c.Programme.SetMilestone(ctx, approver, 0, a.m)
	return err
}

func (a milestone) tell(m *Memory, at time.Time) {
	a.m.Version, a.m.Known, a.m.By = 1, at, approver
	m.milestones = append(m.milestones, a.m)
}

type found []place.NewPlace

func (a found) play(ctx context.Context, c role.City) error {
	_, err := c.Places.Found(ctx, clerk, a)
	return err
}

func (a found) tell(m *Memory, at time.Time) {
	for _, n := range a {
		m.versions = append(m.versions, place.Version{
			Place: n.ID, Level: n.Level, Number: 1, Moment: place.Moment{About: n.From, Known: at}, Name: n.Name, Code: n.Code, Parent: n.Parent,
			Open: true, Why: place.Founded, By: clerk,
		})
	}
}

type areas []place.Area

func (a areas) play(ctx context.Context, c role.City) error {
	for _, x := range a {
		if _, err := c.Places.AddArea(ctx, clerk, x); err != nil {
			return err
		}
	}
	return nil
}

func (a areas) tell(*Memory, time.Time) {}

type count []place.Count

func (a count) play(ctx context.Context, c role.City) error { return c.Places.Count(ctx, clerk, a) }

func (a count) tell(m *Memory, at time.Time) {
	for _, c := range a {
		c.Known = at
		m.counts[c.Compound] = append(m.counts[c.Compound], c)
	}
}

type enter []place.Entry

func (a enter) play(ctx context.Context, c role.City) error { return c.Places.Enter(ctx, clerk, a) }

func (a enter) tell(m *Memory, at time.Time) {
	for _, e := range a {
		e.Known = at
		m.entries[e.Compound] = append(m.entries[e.Compound], e)
	}
}

type channels struct {
	list  []place.Channel
	steps []place.ChannelStep
}

func (a channels) play(ctx context.Context, c role.City) error {
	typed, seen := bySight(a.steps)
	if err := c.Places.AddChannels(ctx, clerk, a.list, typed); err != nil || len(seen) == 0 {
		return err
	}
	return c.Places.StepChannels(ctx, place.Register, seen)
}

// bySight parts what offices typed from what the nodes of compounds saw.
func bySight(steps []place.ChannelStep) (typed, seen []place.ChannelStep) {
	for _, s := range steps {
		if s.Seen() {
			seen = append(seen, s)
		} else {
			typed = append(typed, s)
		}
	}
	return typed, seen
}

func (a channels) tell(m *Memory, at time.Time) { networked(a.steps).tell(m, at) }

type networked []place.ChannelStep

func (a networked) play(ctx context.Context, c role.City) error {
	typed, seen := bySight(a)
	if len(typed) > 0 {
		if err := c.Places.StepChannels(ctx, clerk, typed); err != nil {
			return err
		}
	}
	if len(seen) == 0 {
		return nil
	}
	return c.Places.StepChannels(ctx, place.Register, seen)
}

func (a networked) tell(m *Memory, at time.Time) {
	for _, s := range a {
		s.Known = at
		m.steps[s.Compound] = append(m.steps[s.Compound], s)
	}
}

type enrol []programme.Enrolment

func (a enrol) play(ctx context.Context, c role.City) error { return c.Programme.Enrol(ctx, clerk, a) }

func (a enrol) tell(m *Memory, at time.Time) {
	for _, e := range a {
		f := programme.Fact{Compound: e.Compound, Moment: place.Moment{About: e.From, Known: at}, Kind: programme.TakesPart, Value: 1}
		m.own = append(m.own, f)
		if e.Plan > 0 {
			f.Kind, f.Value = programme.Plan, int64(e.Plan)
			m.own = append(m.own, f)
		}
	}
}

type saw struct {
	on        place.Day
	compounds []place.ID
}

func (a saw) play(ctx context.Context, c role.City) error { return c.Programme.Saw(ctx, a.compounds) }

func (a saw) tell(m *Memory, at time.Time) {
	for _, id := range a.compounds {
		if i, ok := m.seen[id]; ok {
			m.own[i].Value = int64(a.on)
			continue
		}
		m.seen[id] = len(m.own)
		m.own = append(m.own, programme.Fact{Compound: id, Moment: place.Moment{About: a.on, Known: at}, Kind: programme.Seen, Value: int64(a.on)})
	}
}

// submit hands a return in; approve turns what was handed in into facts. The id
// is made by the room, so approving finds it by county and month.
type submit struct{ r programme.Return }

func (a submit) play(ctx context.Context, c role.City) error {
	r := a.r
	var err error
	if r.Confirmed, err = c.Programme.CheckReturn(ctx, r); err != nil { // what is odd about it is looked at
		return err
	}
	_, err = c.Programme.Submit(ctx, clerk, r)
	return err
}

func (a submit) tell(*Memory, time.Time) {}

type approve struct{ r programme.Return }

func (a approve) play(ctx context.Context, c role.City) error {
	list, err := c.Programme.Returns(ctx, a.r.County)
	if err != nil {
		return err
	}
	for _, r := range list {
		if r.Month == a.r.Month && r.State == programme.Submitted {
			_, err := c.Programme.Decide(ctx, approver, r.ID, true, "")
			return err
		}
	}
	return fmt.Errorf("no return of %s for %s", a.r.County, a.r.Month)
}

func (a approve) tell(m *Memory, at time.Time) { m.own = append(m.own, a.r.Facts(at)...) }

type units []pairing.Unit

func (a units) play(ctx context.Context, c role.City) error {
	_, err := c.Pairing.AddUnits(ctx, clerk, a)
	return err
}

func (a units) tell(*Memory, time.Time) {}

type pair []pairing.Pairing

func (a pair) play(ctx context.Context, c role.City) error {
	_, err := c.Pairing.Pair(ctx, clerk, a)
	return err
}

func (a pair) tell(m *Memory, at time.Time) {
	for _, p := range a {
		p.Known = at
		m.pairings = append(m.pairings, p)
	}
}

type money []pairing.Entry

func (a money) play(ctx context.Context, c role.City) error {
	_, err := c.Pairing.Enter(ctx, clerk, a)
	return err
}

func (a money) tell(m *Memory, at time.Time) {
	for _, e := range a {
		e.Known = at
		m.money = append(m.money, e)
	}
}

type tasks []pairing.Task

func (a tasks) play(ctx context.Context, c role.City) error {
	_, err := c.Pairing.SetTasks(ctx, clerk, a)
	return err
}

func (a tasks) tell(m *Memory, at time.Time) {
	for _, t := range a {
		t.Known = at
		m.taskAt[t.ID] = len(m.tasks)
		m.tasks = append(m.tasks, t)
	}
}

type finish map[pairing.TaskID]place.Day

func (a finish) play(ctx context.Context, c role.City) error {
	return c.Pairing.FinishTasks(ctx, clerk, a)
}

func (a finish) tell(m *Memory, at time.Time) {
	for id, day := range a {
		t := &m.tasks[m.taskAt[id]]
		t.Done, t.DoneKnown = day, &at
	}
}
