package role

import (
	"context"
	"slices"

	"linli.dev/linli/access/identity"
	"linli.dev/linli/api"
	"linli.dev/linli/people/inbox"
	"linli.dev/linli/people/place"
	"linli.dev/linli/people/programme"
	"linli.dev/linli/people/supervision"
)

// openInbox joins what waits for somebody in each room.
func (a *All) openInbox() *inbox.Service {
	return inbox.New(tasksWaiting{a}, returnsWaiting{a}, reliefWaiting{a}, papersWaiting{a})
}

// placesOf are where the caller holds one of some roles, any when none is named.
func placesOf(who api.Caller, roles ...identity.Role) (places []place.ID, units []string) {
	for _, o := range who.Offices {
		if len(roles) > 0 && !slices.Contains(roles, identity.Role(o.Role)) {
			continue
		}
		if o.Unit != "" {
			units = append(units, o.Unit)
		} else {
			places = append(places, place.ID(o.Place))
		}
	}
	return places, units
}

// tasksWaiting: a task waits for whoever holds an office at its place, or, where nobody does, at the nearest place above, but
// not beyond the county: the city supervises. Its check waits for who raised it and for the office that answers for the place.
type tasksWaiting struct{ all *All }

func (w tasksWaiting) Waiting(ctx context.Context) ([]inbox.Item, error) {
	who := api.CallerFrom(ctx)
	own, units := placesOf(who)
	if !who.May(supervision.MayRead) || len(own)+len(units) == 0 {
		return nil, nil
	}
	list, err := w.all.city.Tasks.Pending(ctx, own, units)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	tree, err := w.all.city.Places.Tree(ctx)
	if err != nil {
		return nil, err
	}
	occupied, err := w.all.identity.Occupied(ctx)
	if err != nil {
		return nil, err
	}
	holders := map[place.ID]bool{}
	for _, id := range occupied {
		holders[place.ID(id)] = true
	}
	clock := w.all.city.Places.Clock()
	q := clock.AtClose(clock.Today())
	cities, _ := placesOf(who, identity.CityOffice)
	counties, _ := placesOf(who, identity.CountyOffice)
	var out []inbox.Item
	for i := range list {
		e := &list[i]
		kind := inbox.Kind("")
		switch e.State {
		case supervision.Raised:
			kind = inbox.TaskSign
		case supervision.Returned:
			kind = inbox.TaskReturned
		case supervision.Signed, supervision.Underway:
			if e.Near || e.Late {
				kind = inbox.TaskDue
			}
		case supervision.Reported:
			if who.May(supervision.MayCheck) && e.By(supervision.Report) != who.Account && (e.By(supervision.Raise) == who.Account || checks(tree, q, e, cities, counties)) {
				out = append(out, taskItem(inbox.TaskCheck, e))
			}
		}
		switch {
		case kind == "":
		case e.Unit != "":
			if slices.Contains(units, e.Unit) {
				out = append(out, taskItem(kind, e))
			}
		case slices.Contains(own, nearest(tree, q, e.Place, holders)) && e.By(supervision.Raise) != who.Account:
			out = append(out, taskItem(kind, e))
		}
	}
	return out, nil
}

// taskItem: what is reported done is late no longer, whenever it is checked.
func taskItem(kind inbox.Kind, e *supervision.Entry) inbox.Item {
	late := e.Late && kind != inbox.TaskCheck
	return inbox.Item{
		Kind: kind, ID: string(e.ID), Place: e.Place, Name: e.Name, Title: e.Title, Due: e.Due, Days: e.Days, Late: late,
		Task: &inbox.Task{Version: e.Version, Level: string(e.Level), County: e.CountyName, Street: e.Street, Ask: e.Ask},
	}
}

// nearest is the place, or the first one above it up to its county, where somebody holds an office.
func nearest(tree *place.Tree, q place.AsOf, id place.ID, holders map[place.ID]bool) place.ID {
	for _, v := range tree.Ancestry(q, id) {
		if v.Level == place.City {
			break
		}
		if holders[v.Place] {
			return v.Place
		}
	}
	return ""
}

// checks reports whether a task is for the caller's office to check: the city answers for counties and member units, a
// county for what lies in it.
func checks(tree *place.Tree, q place.AsOf, e *supervision.Entry, cities, counties []place.ID) bool {
	offices := counties
	if e.Level == place.County || e.Level == supervision.OfUnit {
		offices = cities
	}
	for _, v := range tree.Ancestry(q, e.Place) {
		if slices.Contains(offices, v.Place) {
			return true
		}
	}
	return false
}

// returnsWaiting: a county owes its monthly return, the city decides on what was handed in.
type returnsWaiting struct{ all *All }

func (w returnsWaiting) Waiting(ctx context.Context) ([]inbox.Item, error) {
	who := api.CallerFrom(ctx)
	counties, _ := placesOf(who, identity.CountyOffice)
	decides := who.May(programme.MayApprove)
	if len(counties) == 0 && !decides {
		return nil, nil
	}
	clock := w.all.city.Places.Clock()
	q := clock.AtClose(clock.Today())
	table, err := w.all.city.Programme.ReturnTable(ctx, q)
	if err != nil {
		return nil, err
	}
	var out []inbox.Item
	for _, line := range table {
		for _, c := range line.Cells {
			item := inbox.Item{ID: c.Month.String(), Place: line.County, Name: line.Name}
			switch c.State {
			case programme.Submitted:
				if !decides {
					continue
				}
				may, err := place.Permitted(w.all.city.Places.Rights().MayApprove(ctx, programme.MayApprove, line.County, c.SubmittedBy))
				if err != nil {
					return nil, err
				}
				if may {
					item.Kind = inbox.ReturnDecide
					out = append(out, item)
				}
			case programme.MissingReturn, programme.SentBack, programme.Unlocked, programme.AwaitedReturn:
				over := c.Month.AddMonths(1) <= q.Day // a month's return is due once the month is over
				if slices.Contains(counties, line.County) && (over || c.State != programme.AwaitedReturn) {
					item.Kind, item.Late = inbox.ReturnOwed, c.State == programme.MissingReturn
					out = append(out, item)
				}
			}
		}
	}
	return out, nil
}

// reliefWaiting: what a county asks for waits for who may decide on it, one level up, and nobody on their own.
type reliefWaiting struct{ all *All }

func (w reliefWaiting) Waiting(ctx context.Context) ([]inbox.Item, error) {
	if !api.CallerFrom(ctx).May(programme.MayApprove) {
		return nil, nil
	}
	list, err := w.all.city.Programme.Requests(ctx, "", programme.Asked)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	tree, err := w.all.city.Places.Tree(ctx)
	if err != nil {
		return nil, err
	}
	clock := w.all.city.Places.Clock()
	q := clock.AtClose(clock.Today())
	var out []inbox.Item
	for i := range list {
		r := &list[i]
		may, err := place.Permitted(w.all.city.Places.Rights().MayRelieve(ctx, r.Compound, r.AskedBy))
		if err != nil {
			return nil, err
		}
		if !may {
			continue
		}
		item := inbox.Item{Kind: inbox.ReliefDecide, ID: string(r.ID), Place: r.Compound, Title: r.Reason}
		if of := tree.Ancestry(q, r.Compound); len(of) > 0 { // it may have ended meanwhile
			item.Name = of[0].Name
		}
		out = append(out, item)
	}
	return out, nil
}

// papersWaiting: what somebody else wrote and the caller reviews, issues or publishes.
type papersWaiting struct{ all *All }

func (w papersWaiting) Waiting(ctx context.Context) ([]inbox.Item, error) {
	who := api.CallerFrom(ctx)
	var out []inbox.Item
	if who.May(programme.MayPublish) {
		rules, err := w.all.city.Programme.Proposals(ctx, programme.Asked)
		if err != nil {
			return nil, err
		}
		for _, p := range rules {
			may, err := place.Permitted(w.all.city.Places.Rights().MayPublish(ctx, programme.MayPublish, []string{p.Proposer}))
			if err != nil {
				return nil, err
			}
			if may {
				out = append(out, inbox.Item{Kind: inbox.RulePublish, ID: string(p.ID), Title: p.Reason})
			}
		}
	}
	if who.May("bulletin.review") {
		review, issue, err := w.all.city.Bulletin.Waiting(ctx)
		if err != nil {
			return nil, err
		}
		for _, b := range review {
			out = append(out, inbox.Item{Kind: inbox.BulletinReview, ID: string(b.ID), Place: b.Office, Name: b.OfficeName, Title: b.Day.String()})
		}
		for _, b := range issue {
			out = append(out, inbox.Item{Kind: inbox.BulletinIssue, ID: string(b.ID), Place: b.Office, Name: b.OfficeName, Title: b.Day.String()})
		}
	}
	if who.May("campaign.publish") {
		notices, err := w.all.city.Campaign.Waiting(ctx)
		if err != nil {
			return nil, err
		}
		for _, n := range notices {
			out = append(out, inbox.Item{Kind: inbox.NoticePublish, ID: string(n.ID), Place: n.Place, Name: n.PlaceName, Title: n.Title})
		}
	}
	if who.May("inspection.publish") {
		forms, err := w.all.city.Inspection.Drafts(ctx)
		if err != nil {
			return nil, err
		}
		for _, f := range forms {
			may, err := place.Permitted(w.all.city.Places.Rights().MayPublish(ctx, "inspection.publish", f.Editors))
			if err != nil {
				return nil, err
			}
			if may {
				out = append(out, inbox.Item{Kind: inbox.FormPublish, ID: string(f.ID), Number: f.Number, Title: f.Title.In(api.Language(ctx))})
			}
		}
	}
	return out, nil
}
