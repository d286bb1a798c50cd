package programme

import (
	"context"
	"time"

	"linli.dev/linli/people/place"
)

// How a cell of the table stands, besides the states of its return.
const (
	MissingReturn ReturnState = "missing" // the last day in time has passed
	AwaitedReturn ReturnState = "awaited" // there is still time
)

// ReturnCell is a county's month.
type ReturnCell struct {
	Month     place.Day   `json:"month"`
	State     ReturnState `json:"state" enum:"awaited,missing,submitted,approved,sent-back,unlocked"`
	Return    ReturnID    `json:"return,omitempty" doc:"The newest"`
	Submitted *time.Time  `json:"submitted,omitempty" doc:"The first that was handed in"`
	InTime    bool        `json:"in_time"`
	Late      int         `json:"days_late" doc:"Days after the last day in time; 0: in time or not handed in"`

	// SubmittedBy handed the newest in: nobody decides on a return of their own.
	SubmittedBy string `json:"-"`
}

// ReturnLine is a county in the table.
type ReturnLine struct {
	County   place.ID     `json:"county"`
	Name     string       `json:"name"`
	Cells    []ReturnCell `json:"cells"`
	Complete int64        `json:"complete" doc:"Returns there of returns due, in thousandths; -1: none is due"`
	InTime   int64        `json:"in_time" doc:"Returns in time of returns due, in thousandths; -1: none is due"`
}

// ReturnTable tells for each county and month whether its return came, and in
// time, as of a day.
func (s *Service) ReturnTable(ctx context.Context, q place.AsOf) ([]ReturnLine, error) {
	p, err := s.ProgrammeAt(ctx, q.Known)
	if err != nil {
		return nil, err
	}
	tree, err := s.o.Places.Tree(ctx)
	if err != nil {
		return nil, err
	}
	all, err := heads(ctx, s.db.NewSelect().Model((*returnRow)(nil)).Order("month DESC", "submitted_us DESC"))
	if err != nil {
		return nil, dbError("programme.ReturnTable", err)
	}
	unlocks, err := s.unlocks(ctx)
	if err != nil {
		return nil, err
	}
	type key struct {
		county place.ID
		month  place.Day
	}
	by := map[key][]Return{} // the newest first
	for _, r := range all {
		if r.Submitted.After(q.Known) {
			continue
		}
		if u, ok := unlocks[r.ID]; ok && u.Known.After(q.Known) {
			r.State = Approved
		}
		if r.Decided != nil && r.Decided.After(q.Known) {
			r.State = Submitted
		}
		by[key{r.County, r.Month}] = append(by[key{r.County, r.Month}], r)
	}
	out := []ReturnLine{}
	for _, c := range tree.Of(q, place.County) {
		line := ReturnLine{County: c.Place, Name: c.Name, Cells: []ReturnCell{}}
		var due, there, inTime int64
		if p.Version == 0 { // nothing is set up, so nothing is due
			line.Complete, line.InTime = -1, -1
			out = append(out, line)
			continue
		}
		for m := firstOf(p.Start); m <= q.Day; m = m.AddMonths(1) {
			cell := s.cell(q, m, by[key{c.Place, m}])
			line.Cells = append(line.Cells, cell)
			if cell.State == AwaitedReturn {
				continue
			}
			due++
			if cell.State != MissingReturn && cell.State != SentBack {
				there++
			}
			if cell.InTime {
				inTime++
			}
		}
		line.Complete, line.InTime = Share(there, due), Share(inTime, due)
		out = append(out, line)
	}
	return out, nil
}

// cell judges a month by its returns, the newest first.
func (s *Service) cell(q place.AsOf, month place.Day, list []Return) ReturnCell {
	c := ReturnCell{Month: month, State: AwaitedReturn}
	due := returnDue(month)
	if q.Day > due {
		c.State = MissingReturn
	}
	if len(list) == 0 {
		return c
	}
	first := list[len(list)-1].Submitted
	c.State, c.Return, c.SubmittedBy, c.Submitted = list[0].State, list[0].ID, list[0].SubmittedBy, &first
	if day := s.o.Clock.DayOf(first); day > due {
		c.Late = int(day - due)
	} else {
		c.InTime = true
	}
	return c
}

// Draft is a return that is yet to be filled in: most of it is known.
type Draft struct {
	County    place.ID   `json:"county"`
	Name      string     `json:"name"`
	Month     place.Day  `json:"month"`
	Due       place.Day  `json:"due" doc:"The last day in time"`
	Numbers   Numbers    `json:"figures" doc:"Of the county, as they are known now"`
	Compounds []DraftRow `json:"compounds"`
	Returns   []Return   `json:"returns" doc:"What was handed in for the month, the newest first"`
}

// DraftRow is what is known of a compound.
type DraftRow struct {
	Compound  place.ID    `json:"compound"`
	Name      string      `json:"name"`
	Street    string      `json:"street"`
	Class     place.Class `json:"class" enum:"demonstration,helped,other"`
	Built     Reached     `json:"built"`
	Networked Reached     `json:"networked"`
	Machine   place.Day   `json:"machine_since,omitempty" doc:"The day on which its own machine was first seen: from then on no return speaks for it, until that machine is let go"`
	Light     Light       `json:"light"`
}

// Draft fills in what is known of a county's month.
func (s *Service) Draft(ctx context.Context, county place.ID, month place.Day) (Draft, error) {
	q := s.o.Clock.AtClose(s.o.Clock.Today())
	d := Draft{County: county, Month: firstOf(month), Due: returnDue(firstOf(month)), Compounds: []DraftRow{}, Returns: []Return{}}
	tree, err := s.o.Places.Tree(ctx)
	if err != nil {
		return d, err
	}
	v, ok := tree.At(q, county)
	if !ok || v.Level != place.County {
		var p place.Problems
		p.Add("county", "programme.return.county")
		return d, p.Fault("programme.Draft", "programme.invalid")
	}
	d.Name = v.Name
	b, err := s.Book(ctx)
	if err != nil {
		return d, err
	}
	tally := b.Counties(q)[county]
	d.Numbers = tally.Numbers()
	list, err := s.Compounds(ctx, q, Filter{County: county})
	if err != nil {
		return d, err
	}
	for _, c := range list {
		d.Compounds = append(d.Compounds, DraftRow{c.Compound, c.Name, c.Street, c.Class, c.Built, c.Networked, c.Machine, c.Light})
	}
	returns, err := s.Returns(ctx, county)
	for _, r := range returns {
		if r.Month == d.Month {
			d.Returns = append(d.Returns, r)
		}
	}
	return d, err
}
