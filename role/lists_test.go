package role

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"linli.dev/linli/fault"
	"linli.dev/linli/people/place"
	"linli.dev/linli/people/programme"
	"linli.dev/linli/people/sheet"
	"linli.dev/linli/people/supervision"
	"linli.dev/linli/store"
	"linli.dev/linli/store/storetest"
)

// An office's list counts: what it says of who takes part is in the city's figures and in the bulletin, and undone it is not.
func TestAnImportedListCounts(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		now := time.Date(2017, 9, 27, 9, 0, 0, 0, time.FixedZone("", 8*3600))
		clock := place.Clock{Now: func() time.Time { now = now.Add(time.Second); return now }}
		c, err := OpenCity(ctx, db, clock)
		if err != nil {
			t.Fatal(err)
		}
		lists, err := sheet.New(ctx, db, sheet.Options{Clock: clock, Places: c.Places, Programme: shares{c.Programme, c.Places}, Since: since{c}, Dir: t.TempDir() + "/lists"})
		if err != nil {
			t.Fatal(err)
		}
		defer lists.Close()
		since := place.Date(2017, 4, 12)
		var parent place.ID
		for _, x := range []struct {
			level place.Level
			name  string
		}{{place.City, "临沂市"}, {place.County, "兰山区"}, {place.Street, "银雀山街道"}, {place.Community, "东苗庄社区"}} {
			list, err := c.Places.Found(ctx, "op", []place.NewPlace{{Level: x.level, Parent: parent, Name: x.name, From: since}})
			if err != nil {
				t.Fatal(err)
			}
			if parent = list[0].Place; x.level != place.City {
				continue
			}
			if _, err := c.Programme.Set(ctx, "op", 0, programme.Programme{Name: "创建", City: parent, Start: since}); err != nil {
				t.Fatal(err)
			}
		}
		figures := func() (compounds, plan int64) {
			t.Helper()
			city, err := c.Programme.City(ctx, clock.AtClose(clock.Today()), 0)
			if err != nil {
				t.Fatal(err)
			}
			list, err := c.Programme.Compounds(ctx, clock.AtClose(clock.Today()), programme.Filter{})
			if err != nil {
				t.Fatal(err)
			}
			for _, x := range list {
				plan += x.Plan
			}
			return city.Numbers.Compounds, plan
		}
		text := "社区,小区名称,开展创建,计划安装路数\n东苗庄社区,金阳花园,是,24\n东苗庄社区,银杏小区,是,8\n东苗庄社区,北园小区,否,6\n"
		d, err := lists.Upload(ctx, sheet.Sender{Account: "wang"}, "9月.csv", sheet.Asked{}, strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		settled(ctx, t, lists, d.ID)
		if n, _ := figures(); n != 0 {
			t.Fatalf("a dry run counts %d", n)
		}
		if _, err := lists.Commit(sheet.Sender{Account: "wang"}, d.ID, false); err != nil {
			t.Fatal(err)
		}
		done := settled(ctx, t, lists, d.ID)
		if n, plan := figures(); n != 2 || plan != 32 {
			t.Errorf("%d compounds count, with a plan of %d", n, plan)
		}
		if out, err := c.Programme.Compounds(ctx, clock.AtClose(clock.Today()), programme.Filter{Outside: true}); err != nil || len(out) != 1 || out[0].Name != "北园小区" || out[0].Plan != 6 {
			t.Errorf("outside: %+v, %v", out, err)
		}
		if _, err := lists.Undo(ctx, sheet.Sender{Account: "wang"}, done.Import); err != nil {
			t.Fatal(err)
		}
		if n, _ := figures(); n != 0 {
			t.Errorf("%d compounds count after the undo", n)
		}
		// Only the last import is undone, and not when a task hangs on one of its compounds.
		imported := func(text string) *sheet.Draft {
			t.Helper()
			d, err := lists.Upload(ctx, sheet.Sender{Account: "wang"}, "10月.csv", sheet.Asked{}, strings.NewReader(text))
			if err != nil {
				t.Fatal(err)
			}
			settled(ctx, t, lists, d.ID)
			if _, err := lists.Commit(sheet.Sender{Account: "wang"}, d.ID, false); err != nil {
				t.Fatal(err)
			}
			return settled(ctx, t, lists, d.ID)
		}
		first, second := imported(text), imported("社区,小区名称,开展创建\n东苗庄社区,海棠小区,是\n")
		if _, err := lists.Undo(ctx, sheet.Sender{Account: "wang"}, first.Import); fault.CodeOf(err) != "sheet.not-last" {
			t.Errorf("the last but one: %v", err)
		}
		list, err := c.Programme.Compounds(ctx, clock.AtClose(clock.Today()), programme.Filter{Named: place.NewNeedle("海棠")})
		if err != nil || len(list) != 1 {
			t.Fatalf("%+v, %v", list, err)
		}
		if _, err := c.Tasks.Raise(ctx, "chen", supervision.Raising{Places: []place.ID{list[0].Compound}, Title: "尽快安装", Due: clock.Today() + 9}); err != nil {
			t.Fatal(err)
		}
		_, err = lists.Undo(ctx, sheet.Sender{Account: "wang"}, second.Import)
		var f *fault.Error
		if !errors.As(err, &f) || f.Code != "sheet.edited-since" || len(f.Fields) != 1 || f.Fields[0].Code != sheet.OnTask || f.Fields[0].Args["name"] != "海棠小区" {
			t.Errorf("with a task on it: %v", err)
		}
	})
}

// A list that is dated back lowers no plan of later days.
func TestAListDatedBackLowersNoPlan(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		now := time.Date(2017, 9, 27, 9, 0, 0, 0, time.FixedZone("", 8*3600))
		clock := place.Clock{Now: func() time.Time { now = now.Add(time.Second); return now }}
		c, err := OpenCity(ctx, db, clock)
		if err != nil {
			t.Fatal(err)
		}
		lists, err := sheet.New(ctx, db, sheet.Options{Clock: clock, Places: c.Places, Programme: shares{c.Programme, c.Places}, Since: since{c}, Dir: t.TempDir() + "/lists"})
		if err != nil {
			t.Fatal(err)
		}
		defer lists.Close()
		var parent place.ID
		for i, level := range []place.Level{place.City, place.County, place.Street, place.Community} {
			list, err := c.Places.Found(ctx, "op", []place.NewPlace{{Level: level, Parent: parent, Name: []string{"临沂市", "兰山区", "银雀山街道", "东苗庄社区"}[i], From: place.Date(2017, 4, 12)}})
			if err != nil {
				t.Fatal(err)
			}
			parent = list[0].Place
		}
		upload := func(text string, from place.Day) *sheet.Draft {
			t.Helper()
			d, err := lists.Upload(ctx, sheet.Sender{Account: "wang"}, "9月.csv", sheet.Asked{From: from}, strings.NewReader(text))
			if err != nil {
				t.Fatal(err)
			}
			return settled(ctx, t, lists, d.ID)
		}
		for _, x := range []struct {
			text string
			from place.Day
		}{
			{"社区,小区名称,开展创建,计划安装路数\n东苗庄社区,金阳花园,否,40\n", place.Date(2017, 5, 1)},
			{"社区,小区名称,开展创建\n东苗庄社区,金阳花园,是\n", place.Date(2017, 7, 1)},
		} {
			d := upload(x.text, x.from)
			if _, err := lists.Commit(sheet.Sender{Account: "wang"}, d.ID, false); err != nil {
				t.Fatal(err)
			}
			settled(ctx, t, lists, d.ID)
		}
		bad := upload("社区,小区名称,计划安装路数\n东苗庄社区,金阳花园,1\n", place.Date(2017, 6, 1)).Report
		if bad.Bad != 1 || len(bad.Problems) != 1 || bad.Problems[0].Code != "sheet.owes-less" {
			t.Errorf("%+v", bad)
		}
		more := upload("社区,小区名称,计划安装路数\n东苗庄社区,金阳花园,41\n", place.Date(2017, 6, 1)).Report
		if more.Bad != 0 || more.Changed != 1 {
			t.Errorf("%+v", more)
		}
	})
}

func settled(ctx context.Context, t *testing.T, lists *sheet.Service, id string) *sheet.Draft {
	t.Helper()
	for {
		d, err := lists.Draft("wang", id)
		if err != nil {
			t.Fatal(err)
		}
		switch d.State {
		case sheet.Checked, sheet.Done:
			return d
		case sheet.Failed, sheet.Cancelled:
			t.Fatalf("%+v", d)
		}
		select {
		case <-ctx.Done():
			t.Fatal(ctx.Err())
		case <-time.After(5 * time.Millisecond):
		}
	}
}
