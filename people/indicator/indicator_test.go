package indicator_test

import (
	"errors"
	"testing"
	"time"

	"linli.dev/linli/fault"
	"linli.dev/linli/people/indicator"
	"linli.dev/linli/people/place"
	"linli.dev/linli/people/programme"
	"linli.dev/linli/role"
	"linli.dev/linli/store"
	"linli.dev/linli/store/storetest"
)

func refused(t *testing.T, code string, at any, err error) {
	t.Helper()
	var f *fault.Error
	if errors.As(err, &f) {
		if f.Code == code {
			return
		}
		for _, x := range f.Fields {
			if x.Code == code && (at == nil || x.Args["at"] == at) {
				return
			}
		}
	}
	t.Errorf("want %s at %v, got %v", code, at, err)
}

// On the real programme: a rate, a growth, a target that was set later, and what no indicator may be.
func TestIndicatorsOverTheProgramme(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		var now time.Time
		clock := place.Clock{Now: func() time.Time { return now }}
		on := func(month time.Month, day int) place.AsOf {
			d := place.Date(2017, month, day)
			now = clock.Begin(d).Add(10 * time.Hour)
			return clock.AtClose(d)
		}
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		began := on(time.April, 12)
		c, err := role.OpenCity(ctx, db, clock)
		must(err)
		ids := map[string]place.ID{}
		for _, p := range [][3]string{
			{"city", "临沂市", ""}, {"county", "兰山区", "临沂市"}, {"county", "罗庄区", "临沂市"}, {"street", "街道", "兰山区"}, {"community", "社区", "街道"}, {"compound", "甲", "社区"}, {"compound", "乙", "社区"},
		} {
			list, err := c.Places.Found(ctx, "li", []place.NewPlace{{Level: place.Level(p[0]), Name: p[1], Parent: ids[p[2]], From: began.Day}})
			must(err)
			ids[p[1]] = list[0].Place
		}
		_, err = c.Programme.Set(ctx, "li", 0, programme.Programme{Name: "创建", City: ids["临沂市"], Start: began.Day})
		must(err)
		must(c.Programme.Enrol(ctx, "li", []programme.Enrolment{{Compound: ids["甲"], From: began.Day, Part: true, Plan: 1}, {Compound: ids["乙"], From: began.Day, Part: true, Plan: 1}}))

		rate := indicator.Indicator{ID: "built-rate", Name: "建成率", Formula: "built / compounds * 100", Period: indicator.State, Direction: "up", Unit: "%"}
		for _, bad := range []struct {
			formula, name, code string
			at                  any
		}{
			{"built / residents", "建成率", "indicator.residents", 9},
			{"reports / compounds", "建成率", "indicator.reports", 1},
			{"incident_count", "建成率", "indicator.reports", 1},
			{"volunteers", "建成率", "indicator.reports", 1},
			{"protection_people", "建成率", "indicator.reports", 1},
			{"built + protection_people / compounds", "建成率", "indicator.reports", 9},
			{"built / compound", "建成率", "indicator.formula.name", 9},
			{"built /", "建成率", "indicator.formula.end", 8},
			{"built", "居民参与率", "indicator.residents", nil},
			{"built", "事件数排名", "indicator.reports", nil},
			{"built", "志愿者覆盖率", "indicator.reports", nil},
			{"built", "义工人均小区数", "indicator.reports", nil},
			{"built", "宣传活动参与人次", "indicator.reports", nil},
			{"built", "居家视频巡查率", "indicator.reports", nil},
			{"built", "Home patrol share", "indicator.reports", nil},
			{"built", "Participation rate", "indicator.reports", nil},
			{"built", "参加率", "indicator.reports", nil},
		} {
			x := rate
			x.Formula, x.Name = bad.formula, bad.name
			_, err := c.Indicator.Set(ctx, "li", 0, x)
			refused(t, bad.code, bad.at, err)
		}
		_, err = c.Indicator.Set(ctx, "li", 0, rate)
		must(err)
		_, err = c.Indicator.Set(ctx, "li", 0, rate)
		refused(t, "place.version-needed", nil, err)
		grown := rate
		grown.ID, grown.Formula, grown.Period = "built-in-a-week", "built", indicator.Week
		_, err = c.Indicator.Set(ctx, "li", 0, grown)
		must(err)

		on(time.June, 10)
		id := place.ChannelID(store.NewID())
		must(c.Places.AddChannels(ctx, "li", []place.Channel{{ID: id, Compound: ids["甲"], Name: "大门", Area: place.Gate}}, nil))
		must(c.Places.StepChannels(ctx, place.Register, // the compound's own machine has it: what is only listed fulfils nothing
			[]place.ChannelStep{{Channel: id, Compound: ids["甲"], State: place.Installed, Moment: place.Moment{About: place.Date(2017, time.June, 9)}}}))
		_, err = c.Indicator.Aim(ctx, "li", "none", indicator.Target{Place: ids["兰山区"], Date: place.Date(2017, time.June, 30), Value: 80})
		refused(t, "indicator.none", nil, err)
		_, err = c.Indicator.Aim(ctx, "li", "built-rate", indicator.Target{Place: ids["甲"], Date: place.Date(2017, time.June, 30), Value: 80})
		refused(t, "indicator.place", nil, err)
		for _, aim := range []indicator.Target{
			{Place: ids["兰山区"], Date: place.Date(2017, time.June, 30), Value: 80},
			{Place: ids["兰山区"], Date: place.Date(2017, time.June, 30), Value: 50},
			{Place: ids["兰山区"], Date: place.Date(2017, time.December, 31), Value: 100},
		} {
			_, err = c.Indicator.Aim(ctx, "li", "built-rate", aim)
			must(err)
		}
		value := func(q place.AsOf, x indicator.Indicator, name string) (float64, indicator.Value) {
			t.Helper()
			list, err := c.Indicator.Values(ctx, q, x)
			must(err)
			for _, v := range list {
				if v.Name == name {
					if v.Value == nil {
						return -1, v
					}
					return *v.Value, v
				}
			}
			t.Fatalf("no %s in %+v", name, list)
			return 0, indicator.Value{}
		}
		june := on(time.June, 12)
		if n, v := value(june, rate, "兰山区"); n != 50 || v.Target == nil || v.Target.Value != 50 || !v.Reached {
			t.Errorf("%v %+v", n, v)
		}
		if n, v := value(june, rate, "罗庄区"); n != -1 || v.Target != nil || v.Reached {
			t.Errorf("nothing takes part there: %v %+v", n, v)
		}
		if n, _ := value(june, rate, "临沂市"); n != 50 {
			t.Error(n)
		}
		if n, v := value(clock.AtClose(place.Date(2017, time.June, 9)), rate, "兰山区"); n != 0 || v.Target != nil {
			t.Errorf("on a day before it was known: %v %+v", n, v)
		}
		july := on(time.July, 5)
		if n, v := value(july, rate, "兰山区"); n != 50 || v.Target.Value != 100 || v.Reached {
			t.Errorf("%v %+v", n, v)
		}
		if n, _ := value(clock.AtClose(place.Date(2017, time.June, 15)), grown, "临沂市"); n != 1 {
			t.Error("grown in the week:", n)
		}
		if n, _ := value(july, grown, "临沂市"); n != 0 {
			t.Error("grown in July:", n)
		}
		_, err = c.Indicator.Aim(ctx, "li", "built-rate", indicator.Target{Place: ids["兰山区"], Date: place.Date(2017, time.December, 31), Ended: true})
		must(err)
		if _, v := value(july, rate, "兰山区"); v.Target == nil || v.Target.Value != 50 || !v.Reached {
			t.Errorf("the last target that has passed: %+v", v)
		}
		_, err = c.Indicator.AimSeen(ctx, "li", 1, "built-rate", indicator.Target{Place: ids["兰山区"], Date: place.Date(2017, time.December, 31), Value: 90})
		refused(t, "place.changed-meanwhile", nil, err)

		// A formula that is changed counts from then on; what a past day said, it says for ever.
		before := clock.AtClose(place.Date(2017, time.July, 5))
		later := on(time.July, 20)
		changed := rate
		changed.Formula, changed.Unit = "built", "个"
		_, err = c.Indicator.Set(ctx, "li", 1, changed)
		must(err)
		for _, q := range []struct {
			at      place.AsOf
			formula string
			want    float64
		}{{before, rate.Formula, 50}, {later, changed.Formula, 1}} {
			x, err := c.Indicator.OneAt(ctx, "built-rate", q.at.Known)
			must(err)
			if n, _ := value(q.at, x, "兰山区"); x.Formula != q.formula || n != q.want {
				t.Errorf("%s: %s is %v, want %s, %v", q.at.Day, x.Formula, n, q.formula, q.want)
			}
		}
		if x, err := c.Indicator.OneAt(ctx, "built-rate", clock.Close(place.Date(2017, time.January, 1))); err != nil || x.Version != 1 {
			t.Error("of a day before it was defined the first version speaks:", x, err)
		}
		if x, err := c.Indicator.OneAt(ctx, "none", later.Known); err != nil || x.Version != 0 {
			t.Error(x, err)
		}
	})
}

// An indicator that was defined while nobody refused it: it is there with the reason, has no value, no target is set for it, and the
// others are computed as ever. It can be ended as it is, or made to count something else.
func TestAnIndicatorThatWouldBeRefusedTodayIsRetired(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		now := place.Clock{}.Begin(place.Date(2017, time.June, 1)).Add(10 * time.Hour)
		clock := place.Clock{Now: func() time.Time { return now }}
		c, err := role.OpenCity(ctx, db, clock)
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		must(err)
		city, err := c.Places.Found(ctx, "li", []place.NewPlace{{Level: place.City, Name: "临沂市", From: clock.Today()}})
		must(err)
		_, err = c.Programme.Set(ctx, "li", 0, programme.Programme{Name: "创建", City: city[0].Place, Start: clock.Today()})
		must(err)
		for _, x := range []indicator.Indicator{
			{ID: "built", Name: "建成数", Formula: "built", Period: indicator.State, Direction: "up"},
			{ID: "people", Name: "人防力量", Formula: "protection_physical", Period: indicator.State, Direction: "up"},
			{ID: "share", Name: "群众覆盖面", Formula: "built / compounds", Period: indicator.State, Direction: "up"},
		} {
			_, err := c.Indicator.Set(ctx, "li", 0, x)
			must(err)
		}
		_, err = db.ExecContext(ctx, "UPDATE indicators SET formula = ? WHERE id = ?", "protection_people / compounds", "people")
		must(err)
		_, err = db.ExecContext(ctx, "UPDATE indicators SET name = ? WHERE id = ?", "居民参与率", "share")
		must(err)

		all, err := c.Indicator.All(ctx)
		must(err)
		old := map[indicator.ID]indicator.Indicator{}
		for _, x := range all {
			old[x.ID] = x
			values, err := c.Indicator.Values(ctx, clock.AtClose(clock.Today()), x)
			must(err)
			if (x.Retired == "") != (len(values) == 1) {
				t.Errorf("%+v: %+v", x, values)
			}
		}
		if old["built"].Retired != "" || old["people"].Retired != "reports" || old["share"].Retired != "residents" {
			t.Errorf("%+v", old)
		}
		_, err = c.Indicator.Aim(ctx, "li", "people", indicator.Target{Place: city[0].Place, Date: clock.Today() + 30, Value: 10})
		refused(t, "indicator.retired", nil, err)
		x := old["people"]
		_, err = c.Indicator.Set(ctx, "li", x.Version, x) // not as it is
		refused(t, "indicator.reports", 1, err)
		other := x
		other.Ended, other.Formula = true, "protection_people * 2"
		_, err = c.Indicator.Set(ctx, "li", x.Version, other) // nor as another one of the kind
		refused(t, "indicator.reports", 1, err)
		x.Ended = true
		x, err = c.Indicator.Set(ctx, "li", x.Version, x)
		must(err)
		x.Ended, x.Formula = false, "built"
		x, err = c.Indicator.Set(ctx, "li", x.Version, x)
		must(err)
		if x.Retired != "" {
			t.Errorf("%+v", x)
		}
	})
}
