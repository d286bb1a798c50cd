package city

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"linli.dev/linli/people/inspection"
	"linli.dev/linli/people/place"
	"linli.dev/linli/people/programme"
	"linli.dev/linli/role"
)

// Inspections of the end of November 2017, all invented, and said so in each of
// them: who passed, what was to be mended, what was looked at again.

// manager is who looks after a compound in the demo.
const manager = role.DemoManager

// finding is how an inspection went: what was said otherwise than that all is well.
type finding map[string]string

// findings are what teams find, from the best to the worst; the first few pass.
var findings = []finding{
	{},
	{"rounds": "5", "lights_off": "2"},
	{"lift": "na", "hydrants": "3"},
	{"has_car_park": "no", "handover": "no", "video_works": "5"},
	{"entrance_doors": "most", "retention": "26", "lights_off": "3"},
	{"fence": "damaged", "gates": "3", "lights_off": "6", "video_roads": "most", "training": "no"},
	{"guards": "some", "rounds": "3", "entrance_doors": "most", "video_gates": "most", "access_control": "partly"},
	{"drill": "no", "notice": "no", "hydrants": "1", "lights_off": "8", "alarm": "no", "networked": "no"},
	{"fence": "missing", "rounds": "2", "video_roads": "few", "retention": "7", "gates": "0", "hydrants": "1", "alarm": "no", "networked": "no"},
	{"fire_lane": "no", "rounds": "4", "lights_off": "5"},
}

const passing, mending = 5, 8 // findings before these pass, are to be mended; the rest fail

// outcomes are what a finding comes to, by the form.
var outcomes = sync.OnceValue(func() []inspection.Outcome {
	form, err := inspection.Starter()
	if err != nil {
		panic(err) // the form is part of this program
	}
	out := make([]inspection.Outcome, len(findings))
	for i, f := range findings {
		out[i] = form.Score(inspection.Settle(f.answers(&form, "a", time.Time{})))
	}
	return out
})

// answers are what an inspector's phone sends.
func (f finding) answers(form *inspection.FormWords, prefix string, at time.Time) []inspection.Answer {
	var out []inspection.Answer
	for _, s := range form.Sections {
		for _, it := range s.Items {
			a := inspection.Answer{ID: prefix + "-" + it.Name, Item: it.Name, At: at}
			switch said, ok := f[it.Name]; {
			case said == "na":
				a.NA, a.Reason = true, "没有此项设施（演示）"
			case ok:
				a.Value = said
			case it.When != nil && f[it.When.Item] == "no":
				continue
			case it.Kind == inspection.YesNo:
				a.Value = "yes"
			case it.Kind == inspection.Choose:
				a.Value = it.Choices[0].Name
			case it.Kind == inspection.Give:
				a.Value = fmt.Sprint(it.Weight)
			case it.Kind == inspection.Integer:
				a.Value = it.Full
			case it.Kind == inspection.Text:
				a.Value = "演示数据，并非真实检查"
			}
			if it.Photo == "required" || it.Kind == inspection.Photo {
				a.Photos = []string{prefix + "-photo"}
			}
			out = append(out, a)
		}
	}
	return out
}

// snapshot is the photo of every inspection.
var snapshot = sync.OnceValue(func() []byte { return drawn(court, 1, true) })

type publishForm struct{}

func (publishForm) play(ctx context.Context, c role.City) error {
	form, err := inspection.Starter()
	if err != nil {
		return err
	}
	f, err := c.Inspection.SetDraft(ctx, clerk, inspection.StarterID, 0, form)
	if err == nil {
		_, err = c.Inspection.Publish(ctx, approver, f.ID, f.Version)
	}
	return err
}

func (publishForm) tell(*Memory, time.Time) {}

// visit is one inspection of a compound.
type visit struct {
	compound place.ID
	day      place.Day
	finding  int
	again    bool // it re-checks one that failed
}

// plans puts visits on the teams' lists.
type plans []visit

func (a plans) play(ctx context.Context, c role.City) error {
	for _, v := range a {
		n := inspection.NewInspection{Compound: v.compound, Form: inspection.StarterID, Day: v.day, Team: []string{clerk, approver}, City: true}
		if v.again {
			was, err := theOne(ctx, c, v.compound, func(e inspection.Entry) bool { return e.Result == inspection.Failed })
			if err != nil {
				return err
			}
			n.Of = was
		}
		if _, err := c.Inspection.Plan(ctx, approver, n); err != nil {
			return err
		}
	}
	return nil
}

func (a plans) tell(*Memory, time.Time) {}

// theOne finds an inspection of a compound.
func theOne(ctx context.Context, c role.City, compound place.ID, is func(inspection.Entry) bool) (inspection.ID, error) {
	clock := c.Places.Clock()
	list, _, err := c.Inspection.List(ctx, clock.AtClose(clock.Today()), "", inspection.Filter{Compound: compound})
	if err != nil {
		return "", err
	}
	i := slices.IndexFunc(list, is)
	if i < 0 {
		return "", fmt.Errorf("no such inspection of %s", compound)
	}
	return list[i].ID, nil
}

// visits are made, filled in and signed.
type visits []visit

func (a visits) play(ctx context.Context, c role.City) error {
	form, err := inspection.Starter()
	if err != nil {
		return err
	}
	for _, v := range a {
		id, err := theOne(ctx, c, v.compound, func(e inspection.Entry) bool { return e.State == inspection.Planned })
		if err != nil {
			return err
		}
		prefix := string(id)
		if _, err := c.Inspection.AddPhoto(ctx, clerk, id, prefix+"-photo", snapshot()); err != nil {
			return err
		}
		if _, err := c.Inspection.Send(ctx, clerk, id, findings[v.finding].answers(&form, prefix, c.Places.Clock().Time())); err != nil {
			return err
		}
		digest, err := c.Inspection.Digest(ctx, id)
		if err != nil {
			return err
		}
		for _, who := range []string{clerk, approver} {
			x, err := c.Inspection.Sign(ctx, who, id, digest)
			if err != nil {
				return err
			}
			if x.Outcome != nil && x.Outcome.Result != outcomes()[v.finding].Result {
				return fmt.Errorf("%s: %s, not %s", v.compound, x.Outcome.Result, outcomes()[v.finding].Result)
			}
		}
	}
	return nil
}

func (a visits) tell(m *Memory, at time.Time) {
	for _, v := range a {
		m.inspected(v.compound, max(v.day, place.Clock{}.DayOf(at)), at, map[inspection.Result]inspection.Status{
			inspection.Passed: inspection.Passing, inspection.ToBeMended: inspection.ToMend, inspection.Failed: inspection.NotPass,
		}[outcomes()[v.finding].Result])
	}
}

func (m *Memory) inspected(compound place.ID, day place.Day, at time.Time, status inspection.Status) {
	m.own = append(m.own, role.InspectionFacts([]inspection.Turn{{Moment: place.Moment{About: day, Known: at}, Compound: compound, Status: status}})...)
}

// mended is reported and looked at again.
type mended struct {
	day       place.Day
	compounds []place.ID
}

func (a mended) play(ctx context.Context, c role.City) error {
	for _, compound := range a.compounds {
		id, err := theOne(ctx, c, compound, func(e inspection.Entry) bool { return e.Result == inspection.ToBeMended })
		if err != nil {
			return err
		}
		clock := c.Places.Clock()
		list, err := c.Inspection.Due(ctx, clock.AtClose(clock.Today()), inspection.Filter{Compound: compound})
		if err != nil {
			return err
		}
		photo := string(id) + "-mended"
		if _, err := c.Inspection.AddPhoto(ctx, manager, id, photo, snapshot()); err != nil {
			return err
		}
		for _, d := range list {
			_, err := c.Inspection.Mend(ctx, manager, id, d.Item, 1, inspection.MendChange{Act: inspection.Report, Note: "已整改（演示）", Photos: []string{photo}})
			if err == nil {
				_, err = c.Inspection.Mend(ctx, clerk, id, d.Item, 2, inspection.MendChange{Act: inspection.Accept})
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

func (a mended) tell(m *Memory, at time.Time) {
	for _, id := range a.compounds {
		m.inspected(id, a.day, at, inspection.Mended)
	}
}

// inspections writes the acceptance of the end of November. It draws from a
// source of its own: the rest of the story stays as it was.
func (g *generator) inspections(seed uint64) {
	r := rand.New(rand.NewPCG(seed, 0x696e7370656374))
	office := func(d place.Day, a act) { g.on(d).office = append(g.on(d).office, a) }
	office(place.Date(2017, time.October, 16), milestone{programme.Milestone{
		ID: "accepted-in-november", What: programme.Accepted, Classes: []place.Class{place.Helped}, Due: november, Near: 15, Lead: 8,
	}})
	begin := place.Date(2017, time.November, 6)
	planned, made, repaired := map[place.Day]plans{}, map[place.Day]visits{}, map[place.Day]*mended{}
	plan := func(on place.Day, v visit) {
		planned[on] = append(planned[on], v)
		made[v.day] = append(made[v.day], v)
	}
	for _, x := range g.all {
		demonstration := x.class == place.Demonstration && x.seenAlways
		if !demonstration && x.class != place.Helped || x.marked >= begin {
			continue
		}
		v := visit{compound: x.id, day: november - place.Day(r.IntN(14))}
		switch n := r.IntN(100); {
		case demonstration: // the compounds that were visited: how such an inspection looks
			v.day, v.finding = begin+2, r.IntN(2)
		case n < 6:
			continue // not inspected in this story
		case n < 12:
			v.day, v.finding = november+1+place.Day(r.IntN(8)), r.IntN(passing)
		case n < 72:
			v.finding = r.IntN(passing)
		case n < 94:
			v.finding = passing + r.IntN(mending-passing)
		default:
			v.finding = mending + r.IntN(len(findings)-mending)
		}
		plan(begin, v)
		after := v.day + 8 + place.Day(r.IntN(24))
		switch {
		case v.finding < passing || r.IntN(8) == 0:
		case v.finding < mending:
			if repaired[after] == nil {
				repaired[after] = &mended{day: after}
			}
			repaired[after].compounds = append(repaired[after].compounds, x.id)
		default:
			plan(after-5, visit{compound: x.id, day: after, finding: r.IntN(passing), again: true})
		}
	}
	for d := begin; d < november+60; d++ {
		if len(planned[d]) > 0 {
			office(d, planned[d])
		}
		if len(made[d]) > 0 {
			office(d, made[d])
		}
		if repaired[d] != nil {
			office(d, *repaired[d])
		}
	}
}
