package city

import (
	"context"
	"math/rand/v2"
	"time"

	"linli.dev/linli/people/inspection"
	"linli.dev/linli/people/place"
	"linli.dev/linli/role"
)

// The trial round of the drive month: some demonstration compounds are looked at
// with the new form, weeks before anybody has to pass. On the published day some
// of it is over, some is under way, some is to be mended.

// begun is an inspection of which half of the answers have been sent.
type begun visit

func (a begun) play(ctx context.Context, c role.City) error {
	form, err := inspection.Starter()
	if err != nil {
		return err
	}
	id, err := theOne(ctx, c, a.compound, func(e inspection.Entry) bool { return e.State == inspection.Planned })
	if err != nil {
		return err
	}
	prefix := string(id)
	if _, err := c.Inspection.AddPhoto(ctx, clerk, id, prefix+"-photo", snapshot()); err != nil {
		return err
	}
	list := findings[a.finding].answers(&form, prefix, c.Places.Clock().Time())
	_, err = c.Inspection.Send(ctx, clerk, id, list[:len(list)/2])
	return err
}

func (a begun) tell(*Memory, time.Time) {}

// reported says that half of what is to be mended is mended; nobody has looked
// yet.
type reported struct{ compound place.ID }

func (a reported) play(ctx context.Context, c role.City) error {
	id, err := theOne(ctx, c, a.compound, func(e inspection.Entry) bool { return e.Result == inspection.ToBeMended })
	if err != nil {
		return err
	}
	clock := c.Places.Clock()
	list, err := c.Inspection.Due(ctx, clock.AtClose(clock.Today()), inspection.Filter{Compound: a.compound})
	if err != nil {
		return err
	}
	photo := string(id) + "-reported"
	if _, err := c.Inspection.AddPhoto(ctx, manager, id, photo, drawn(court, 77, true)); err != nil {
		return err
	}
	for _, d := range list[:(len(list)+1)/2] {
		change := inspection.MendChange{Act: inspection.Report, Note: "已整改，待复核（演示）", Photos: []string{photo}}
		if _, err := c.Inspection.Mend(ctx, manager, id, d.Item, 1, change); err != nil {
			return err
		}
	}
	return nil
}

func (a reported) tell(*Memory, time.Time) {}

// trial writes the round. It has a die of its own.
func (g *generator) trial(seed uint64) {
	r := rand.New(rand.NewPCG(seed, 0x747269616c))
	september := func(day int) place.Day { return place.Date(2017, time.September, day) }
	office := func(d place.Day, list ...act) { g.on(d).office = append(g.on(d).office, list...) }
	var few []*compound
	rest := []*compound{}
	for _, x := range g.all {
		switch {
		case x.seenAlways:
			few = append(few, x)
		case x.class == place.Demonstration && x.marked < september(1):
			rest = append(rest, x)
		}
	}
	r.Shuffle(len(rest), func(i, j int) { rest[i], rest[j] = rest[j], rest[i] })
	few = append(few, rest[:12]...)
	office(september(8), publishForm{})
	// How each of them went: the four that were visited well, or to be mended.
	course := []struct {
		day, finding int
	}{
		{19, 0}, {19, 5}, {20, 1}, {20, 2}, // the visited ones
		{20, 3}, {21, 6}, {21, 4}, {22, 7}, {22, 8}, {25, 0}, {25, 5}, // over by the published day
		{27, 2}, {27, 1}, // half sent by then
		{28, 4}, {29, 0}, {29, 6}, // to come
	}
	var planned plans
	made := map[place.Day]visits{}
	for i, c := range course {
		v := visit{compound: few[i].id, day: september(c.day), finding: c.finding}
		planned = append(planned, v)
		made[v.day] = append(made[v.day], v)
	}
	office(september(11), planned)
	for d := september(12); d <= september(26); d++ {
		if len(made[d]) > 0 {
			office(d, made[d])
		}
	}
	office(september(26), mended{day: september(26), compounds: []place.ID{few[5].id}}, reported{few[1].id})
	// The one that failed is looked at again, after the published day.
	again := visit{compound: few[8].id, day: september(30), finding: 3, again: true}
	office(september(26), plans{again})
	for _, v := range made[september(27)] {
		office(september(27), begun(v))
	}
	for d := september(27); d <= september(29); d++ {
		for _, v := range made[d] {
			office(max(d, september(28)), visits{v})
		}
	}
	office(september(30), visits{again}, mended{day: september(30), compounds: []place.ID{few[7].id, few[10].id}})
}
