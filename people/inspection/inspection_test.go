package inspection_test

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	"slices"
	"strings"
	"testing"
	"time"

	"linli.dev/linli/fault"
	"linli.dev/linli/people/inspection"
	"linli.dev/linli/people/place"
	"linli.dev/linli/people/programme"
	"linli.dev/linli/role"
	"linli.dev/linli/store"
	"linli.dev/linli/store/storetest"
)

func refused(t *testing.T, code string, err error) {
	t.Helper()
	var f *fault.Error
	if errors.As(err, &f) {
		if f.Code == code || slices.ContainsFunc(f.Fields, func(x fault.Field) bool { return x.Code == code }) {
			return
		}
	}
	t.Errorf("want %s, got %v", code, err)
}

// office is a city with a compound, its clock in the test's hand, and the starter form published.
type office struct {
	role.City
	t        *testing.T
	now      time.Time
	clock    place.Clock
	compound place.ID
}

func (o *office) must(err error) {
	o.t.Helper()
	if err != nil {
		o.t.Fatal(err)
	}
}

func newOffice(t *testing.T, db *store.DB) *office {
	o := &office{t: t, now: place.Clock{}.Begin(place.Date(2017, 11, 20)).Add(9 * time.Hour)}
	o.clock = place.Clock{Now: func() time.Time { return o.now }}
	ctx, from := t.Context(), place.Date(2017, 4, 1)
	c, err := role.OpenCity(ctx, db, o.clock)
	o.must(err)
	o.City = c
	under := place.ID("")
	for _, n := range []place.NewPlace{
		{Level: place.City, Name: "临沂市"},
		{Level: place.County, Name: "兰山区"},
		{Level: place.Street, Name: "银雀山街道"},
		{Level: place.Community, Name: "东苗庄社区"},
		{Level: place.Compound, Name: "金阳花园"},
	} {
		n.Parent, n.From = under, from
		made, err := c.Places.Found(ctx, "li", []place.NewPlace{n})
		o.must(err)
		if under = made[0].Place; n.Level == place.City {
			_, err = c.Programme.Set(ctx, "li", 0, programme.Programme{Name: "创建", City: under, Start: from})
			o.must(err)
		}
	}
	o.compound = under
	o.must(c.Programme.Enrol(ctx, "li", []programme.Enrolment{{Compound: under, From: from, Part: true}}))
	_, err = c.Programme.SetMilestone(ctx, "li", 0, programme.Milestone{ID: "accepted", What: programme.Accepted, Classes: place.Classes, Due: place.Date(2017, 11, 30), Near: 15})
	o.must(err)
	words, err := inspection.Starter()
	o.must(err)
	_, err = c.Inspection.SetDraft(ctx, "li", inspection.StarterID, 0, words)
	o.must(err)
	_, err = c.Inspection.Publish(ctx, "chen", inspection.StarterID, 1)
	o.must(err)
	return o
}

func (o *office) plan(day place.Day, of inspection.ID) inspection.Inspection {
	o.t.Helper()
	x, err := o.Inspection.Plan(o.t.Context(), "li", inspection.NewInspection{Compound: o.compound, Form: inspection.StarterID, Of: of, Day: day, Team: []string{"wang", "zhao"}})
	o.must(err)
	return x
}

func (o *office) view(id inspection.ID, q place.AsOf) inspection.View {
	o.t.Helper()
	v, _, err := o.Inspection.View(o.t.Context(), q, "wang", id, func(code string, _ map[string]any) string { return code })
	o.must(err)
	return v
}

func (o *office) today() place.AsOf { return o.clock.AtClose(o.clock.Today()) }

func snap(t *testing.T, shade uint8) []byte {
	t.Helper()
	img := image.NewGray(image.Rect(0, 0, 32, 24))
	for i := range img.Pix {
		img.Pix[i] = shade
	}
	img.SetGray(1, 1, color.Gray{255 - shade})
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// answers are what somebody says of the starter form: all is well, but for some items.
func answers(t *testing.T, prefix string, at time.Time, but map[string]string) (list []inspection.Answer) {
	t.Helper()
	f, err := inspection.Starter()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range f.Sections {
		for _, it := range s.Items {
			a := inspection.Answer{ID: prefix + "-" + it.Name, Item: it.Name, At: at}
			switch it.Kind {
			case inspection.YesNo:
				a.Value = "yes"
			case inspection.Choose:
				a.Value = it.Choices[0].Name
			case inspection.Integer:
				a.Value = it.Full
			case inspection.Give:
				a.Value = map[int]string{4: "4", 5: "5", 6: "6"}[it.Weight]
			case inspection.Text:
				continue
			}
			if v, ok := but[it.Name]; ok {
				a.Value = v
			}
			if it.Photo == "required" || it.Kind == inspection.Photo {
				a.Photos = []string{prefix + "-photo-" + it.Name}
			}
			list = append(list, a)
		}
	}
	return list
}

func (o *office) send(by string, id inspection.ID, list ...inspection.Answer) {
	o.t.Helper()
	kept, err := o.Inspection.Send(o.t.Context(), by, id, list)
	o.must(err)
	for _, k := range kept {
		if !k.Kept {
			o.t.Errorf("%+v", k)
		}
	}
}

func (o *office) photos(by string, id inspection.ID, prefix string) {
	o.t.Helper()
	for i, item := range []string{"fence", "fire_lane", "overview"} {
		_, err := o.Inspection.AddPhoto(o.t.Context(), by, id, prefix+"-photo-"+item, snap(o.t, uint8(40*i)))
		o.must(err)
	}
}

func (o *office) sign(id inspection.ID, team ...string) inspection.Inspection {
	o.t.Helper()
	digest := o.view(id, o.today()).Digest
	var x inspection.Inspection
	for _, who := range team {
		var err error
		x, err = o.Inspection.Sign(o.t.Context(), who, id, digest)
		o.must(err)
	}
	return x
}

// An inspection from plan to re-check: two phones offline, a difference, photos that come late, signatures, mending.
func TestFromPlanToMended(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := newOffice(t, db)
		ctx, day := t.Context(), o.clock.Today()
		for code, n := range map[string]inspection.NewInspection{
			"inspection.team":               {Compound: o.compound, Form: inspection.StarterID, Day: day, Team: []string{"wang"}},
			"inspection.team-twice":         {Compound: o.compound, Form: inspection.StarterID, Day: day, Team: []string{"wang", "wang"}},
			"inspection.form.not-published": {Compound: o.compound, Form: "other", Day: day, Team: []string{"wang", "zhao"}},
			"inspection.day":                {Compound: o.compound, Form: inspection.StarterID, Team: []string{"wang", "zhao"}},
			"place.no-compound":             {Compound: "none", Form: inspection.StarterID, Day: day, Team: []string{"wang", "zhao"}},
			"inspection.recheck-of":         {Compound: o.compound, Form: inspection.StarterID, Day: day, Team: []string{"wang", "zhao"}, Of: "none"},
		} {
			_, err := o.Inspection.Plan(ctx, "li", n)
			refused(t, code, err)
		}
		x := o.plan(day, "")
		planned := o.now
		_, err := o.Inspection.Send(ctx, "sun", x.ID, answers(t, "sun", o.now, nil))
		refused(t, "inspection.not-of-team", err)

		o.now = o.now.Add(time.Hour)
		mine := answers(t, "wang", o.now, map[string]string{"gates": "1", "fence": "damaged", "lights_off": "8"})
		o.send("wang", x.ID, mine...)
		o.send("wang", x.ID, mine...) // the phone did not hear the answer
		bad, err := o.Inspection.Send(ctx, "zhao", x.ID, []inspection.Answer{
			{ID: "zhao-bad-1", Item: "remarks", Value: "找王某 13812345678", At: o.now},
			{ID: mine[0].ID, Item: "duty_24h", Value: "no", At: o.now},
			{ID: "zhao-0001", Item: "alarm", Value: "no", At: o.now, Note: "无声音"},
		})
		o.must(err)
		if bad[0].Code != "place.field.phone-number" || bad[1].Code != "inspection.answer.id-taken" || !bad[2].Kept {
			t.Errorf("%+v", bad)
		}
		v := o.view(x.ID, o.today())
		if len(v.Lacking) != 4 { // three photos, one difference
			t.Errorf("%+v", v.Lacking)
		}
		_, err = o.Inspection.Sign(ctx, "wang", x.ID, v.Digest)
		refused(t, "inspection.lacking", err)
		o.photos("wang", x.ID, "wang")
		again, err := o.Inspection.AddPhoto(ctx, "wang", x.ID, "wang-photo-fence", snap(t, 0))
		o.must(err)
		if again.Width != 32 {
			t.Errorf("%+v", again)
		}
		_, err = o.Inspection.AddPhoto(ctx, "wang", x.ID, "wang-photo-fence", snap(t, 200))
		refused(t, "inspection.photo.id-taken", err)
		_, err = o.Inspection.AddPhoto(ctx, "sun", x.ID, "sun-photo-1", snap(t, 1))
		refused(t, "inspection.not-of-team", err)
		// Wang saw what Zhao said, and both stand behind it.
		o.send("wang", x.ID, inspection.Answer{
			ID: "wang-alarm-2", Item: "alarm", Value: "no", At: o.now.Add(time.Minute), Replaces: []string{"wang-alarm", "zhao-0001"},
			Mend: &inspection.Mend{What: "更换报警装置", Unit: "物业公司", Due: day + 5},
		})
		old := v.Digest
		if v = o.view(x.ID, o.today()); len(v.Lacking) != 0 || v.Digest == old {
			t.Fatalf("%+v", v.Lacking)
		}
		_, err = o.Inspection.Sign(ctx, "wang", x.ID, old)
		refused(t, "inspection.changed-since", err)
		o.sign(x.ID, "wang")
		// Something more is said: Wang must sign again.
		o.send("zhao", x.ID, inspection.Answer{ID: "zhao-0002", Item: "remarks", Value: "围墙北侧需修补", At: o.now})
		if done := o.sign(x.ID, "zhao"); done.State != inspection.Planned {
			t.Fatalf("%+v", done)
		}
		o.now = o.now.Add(time.Hour)
		done := o.sign(x.ID, "wang")
		if done.State != inspection.Finished || done.Outcome.Result != inspection.ToBeMended || done.Outcome.Score != 8840 {
			t.Fatalf("%+v", done.Outcome)
		}
		if _, err = o.Inspection.Sign(ctx, "wang", x.ID, o.view(x.ID, o.today()).Digest); err != nil {
			t.Error("a phone that did not hear of the finish:", err)
		}
		late, err := o.Inspection.Send(ctx, "zhao", x.ID, []inspection.Answer{{ID: "zhao-late1", Item: "alarm", Value: "yes", At: o.now}})
		o.must(err)
		if late[0].Code != "inspection.over" {
			t.Errorf("%+v", late)
		}
		_, err = o.Inspection.Replan(ctx, "li", x.ID, done.Version, day, []string{"wang", "sun"}, "")
		refused(t, "inspection.over", err)
		// Asked about the time before: planned only.
		if then := o.view(x.ID, place.AsOf{Day: day, Known: planned.Add(time.Minute)}); then.State != inspection.Planned || len(then.Answers) != 0 || then.Result != "" {
			t.Errorf("%+v", then.Entry)
		}

		v = o.view(x.ID, o.today())
		if len(v.Mendings) != 4 {
			t.Fatalf("%+v", v.Mendings)
		}
		finished := day
		due := map[string]place.Day{}
		for _, m := range v.Mendings {
			due[m.Item] = m.Due
		}
		if due["alarm"] != day+5 || due["gates"] != day+30 || v.Mendings[0].State != inspection.Open {
			t.Errorf("%v", due)
		}
		stands := func(d place.Day) string {
			t.Helper()
			list, err := o.Inspection.Standings(ctx, o.clock.AtClose(d), nil, "", o.compound)
			o.must(err)
			book, err := o.Programme.Book(ctx)
			o.must(err)
			s, _ := book.Compound(o.clock.AtClose(d), o.compound)
			if len(list) == 0 {
				return "-"
			}
			if s.Accepted.Done != list[0].Status.Good() || s.Inspected != string(list[0].Status) && list[0].Status != inspection.NotYet {
				t.Errorf("%s: the programme says %+v %s, the room %s", d, s.Accepted, s.Inspected, list[0].Status)
			}
			return string(list[0].Status)
		}
		if got := stands(day); got != "mend" {
			t.Error(got)
		}
		o.now = o.now.Add(6 * 24 * time.Hour)
		list, err := o.Inspection.Due(ctx, o.today(), inspection.Filter{})
		o.must(err)
		if len(list) != 4 || list[0].Item != "alarm" || !list[0].Late || list[1].Late {
			t.Errorf("%+v", list)
		}
		_, err = o.Inspection.AddPhoto(ctx, "manager", x.ID, "manager-photo-1", snap(t, 99))
		o.must(err)
		for _, m := range list {
			_, err := o.Inspection.Mend(ctx, "wang", x.ID, m.Item, 1, inspection.MendChange{Act: inspection.Accept})
			refused(t, "inspection.mend.not-now", err)
			_, err = o.Inspection.Mend(ctx, "manager", x.ID, m.Item, 1, inspection.MendChange{Act: inspection.Report, Note: "已修复"})
			refused(t, "inspection.mend.photo", err)
			_, err = o.Inspection.Mend(ctx, "manager", x.ID, m.Item, 1, inspection.MendChange{Act: inspection.Report, Note: "已修复", Photos: []string{"manager-photo-1"}})
			o.must(err)
			_, err = o.Inspection.Mend(ctx, "manager", x.ID, m.Item, 2, inspection.MendChange{Act: inspection.Accept})
			refused(t, "inspection.not-of-team", err)
			_, err = o.Inspection.Mend(ctx, "wang", x.ID, m.Item, 1, inspection.MendChange{Act: inspection.Accept})
			refused(t, "place.changed-meanwhile", err)
		}
		_, err = o.Inspection.Mend(ctx, "zhao", x.ID, "gates", 2, inspection.MendChange{Act: inspection.Return, Note: "仍不能关闭", Due: o.clock.Today() + 9})
		o.must(err)
		o.now = o.now.Add(24 * time.Hour)
		for _, item := range []string{"alarm", "fence", "lights_off"} {
			_, err := o.Inspection.Mend(ctx, "wang", x.ID, item, 2, inspection.MendChange{Act: inspection.Accept})
			o.must(err)
		}
		if got := stands(o.clock.Today()); got != "mend" {
			t.Error("one thing is still open:", got)
		}
		_, err = o.Inspection.Mend(ctx, "zhao", x.ID, "gates", 3, inspection.MendChange{Act: inspection.Report, Note: "已更换锁具", Photos: []string{"manager-photo-1"}})
		o.must(err)
		_, err = o.Inspection.Mend(ctx, "zhao", x.ID, "gates", 4, inspection.MendChange{Act: inspection.Accept})
		refused(t, "inspection.mend.own", err)
		_, err = o.Inspection.Mend(ctx, "wang", x.ID, "gates", 4, inspection.MendChange{Act: inspection.Accept})
		o.must(err)
		if a, b, c := stands(finished-1), stands(finished+3), stands(o.clock.Today()); a != "-" || b != "mend" || c != "mended" {
			t.Error(a, b, c)
		}
		_, err = o.Inspection.AddPhoto(ctx, "manager", x.ID, "manager-photo-2", snap(t, 98))
		refused(t, "inspection.over", err)

		// Another inspection with another version of the form; the first keeps its own.
		words, err := inspection.Starter()
		o.must(err)
		words.Sections[0].Items[0].Title.ZH = "门卫昼夜值守"
		words.Pass = 95
		_, err = o.Inspection.SetDraft(ctx, "li", inspection.StarterID, 2, words)
		o.must(err)
		_, err = o.Inspection.Publish(ctx, "chen", inspection.StarterID, 3)
		o.must(err)
		o.now = o.now.Add(24 * time.Hour)
		y := o.plan(o.clock.Today(), x.ID)
		if y.Number != 2 {
			t.Fatalf("%+v", y)
		}
		o.send("zhao", y.ID, answers(t, "second", o.now, map[string]string{"fire_lane": "no"})...)
		o.photos("zhao", y.ID, "second")
		if done = o.sign(y.ID, "zhao", "wang"); done.Outcome.Result != inspection.Failed {
			t.Fatalf("%+v", done.Outcome)
		}
		v = o.view(x.ID, o.today())
		if v.Number != 1 || v.SoFar.Score != 8840 || len(v.Rechecks) != 1 || stands(o.clock.Today()) != "fail" || stands(o.clock.Today()-1) != "mended" {
			t.Errorf("%+v", v.Entry)
		}
		entries, counts, err := o.Inspection.List(ctx, o.today(), "wang", inspection.Filter{})
		o.must(err)
		if len(entries) != 2 || counts.Mend != 1 || counts.Fail != 1 || !entries[0].Mine || entries[0].Where.CountyName != "兰山区" {
			t.Errorf("%+v %+v", entries, counts)
		}
	})
}

// Another day or team of an inspection says what was before, by names; what stayed is not told.
func TestAnotherDayOrTeamSaysWhatWasBefore(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := newOffice(t, db)
		day := o.clock.Today()
		x := o.plan(day, "")
		x, err := o.Inspection.Replan(t.Context(), "chen", x.ID, x.Version, day+3, []string{"wang", "sun"}, "赵因事")
		o.must(err)
		_, err = o.Inspection.Replan(t.Context(), "li", x.ID, x.Version, day+4, []string{"wang", "sun"}, "")
		o.must(err)
		v := o.view(x.ID, o.today())
		want := [][]place.Turn{
			nil,
			{{Field: "day", Was: day.String(), Is: (day + 3).String()}, {Field: "team", Was: "wang\nzhao", Is: "wang\nsun"}},
			{{Field: "day", Was: (day + 3).String(), Is: (day + 4).String()}},
		}
		for i, s := range v.Steps {
			if !slices.Equal(s.Turns, want[i]) {
				t.Errorf("step %d by %s: %+v", s.Number, s.By, s.Turns)
			}
		}
		if len(v.Steps) != 3 || v.Steps[1].By != "chen" {
			t.Errorf("%+v", v.Steps)
		}
	})
}

// differ says differences on a line each, in English where there is some.
func differ(list []inspection.Difference) (out []string) {
	for _, d := range list {
		parts := []string{d.Kind, d.What}
		for _, w := range []inspection.Words{d.Title, d.Choice} {
			if w != (inspection.Words{}) {
				parts = append(parts, w.In("en"))
			}
		}
		out = append(out, strings.Join(append(parts, d.Field, d.Was.In("en")+"→"+d.Is.In("en")), " "))
	}
	return out
}

func TestDifferencesAreToldByWhatThingsAreCalled(t *testing.T) {
	item := func(name, zh, en string) inspection.Item {
		return inspection.Item{Name: name, Title: inspection.Words{ZH: zh, EN: en}, Kind: inspection.YesNo, Weight: 50}
	}
	form := func(change func(f *inspection.FormWords)) *inspection.FormWords {
		lamp := item("lamp", "路灯", "Lamps")
		lamp.Kind = inspection.Choose
		lamp.Choices = []inspection.Choice{{Name: "all", Title: inspection.Words{ZH: "全亮", EN: "All lit"}, Share: 100}, {Name: "none", Title: inspection.Words{ZH: "不亮", EN: "Dark"}}}
		gate := item("gate", "大门", "Gate")
		gate.When = &inspection.When{Item: "lift", Value: "yes"}
		f := &inspection.FormWords{Sections: []inspection.Section{
			{Name: "a", Title: inspection.Words{ZH: "物防", EN: "Physical"}, Items: []inspection.Item{item("lift", "电梯", "Lift"), lamp, gate}},
			{Name: "b", Title: inspection.Words{ZH: "技防", EN: "Technical"}, Items: []inspection.Item{item("alarm", "报警", "Alarm")}},
		}}
		if change != nil {
			change(f)
		}
		return f
	}
	for name, x := range map[string]struct {
		change func(f *inspection.FormWords)
		want   []string
	}{
		"a choice more, one less, one worth more, in another order": {func(f *inspection.FormWords) {
			f.Sections[0].Items[1].Choices = []inspection.Choice{
				{Name: "some", Title: inspection.Words{ZH: "部分亮", EN: "Some lit"}, Share: 50}, {Name: "none", Title: inspection.Words{ZH: "不亮", EN: "Dark"}, Share: 10},
			}
		}, []string{"added choice Lamps Some lit  →", "changed choice Lamps Dark share 0→10", "removed choice Lamps All lit  →"}},
		"choices the other way round": {func(f *inspection.FormWords) { slices.Reverse(f.Sections[0].Items[1].Choices) }, []string{"moved item Lamps choices →"}},
		"what an item depends on": {func(f *inspection.FormWords) {
			f.Sections[0].Items[2].When = &inspection.When{Item: "lamp", Value: "none"}
		}, []string{"changed item Gate when Lift: Yes→Lamps: Dark"}},
		"a new name of what others depend on": {func(f *inspection.FormWords) {
			f.Sections[0].Items[0].Title.EN = "Elevator"
		}, []string{"changed item Elevator title.en Lift→Elevator"}},
		"another section, another kind": {func(f *inspection.FormWords) {
			gate := f.Sections[0].Items[2]
			gate.Kind, gate.When = inspection.Photo, nil
			f.Sections[0].Items, f.Sections[1].Items = f.Sections[0].Items[:2], append(f.Sections[1].Items, gate)
		}, []string{"moved item Gate section Physical→Technical", "changed item Gate kind yes-no→photo", "changed item Gate when Lift: Yes→", "moved form order →"}},
		"a section more": {func(f *inspection.FormWords) {
			f.Sections = append(f.Sections, inspection.Section{Name: "c", Title: inspection.Words{ZH: "人防", EN: "People"}, Items: []inspection.Item{item("guard", "保安", "Guards")}})
		}, []string{"added section People  →", "added item Guards  →"}},
	} {
		t.Run(name, func(t *testing.T) {
			if got := differ(inspection.Differences(form(nil), form(x.change))); !slices.Equal(got, x.want) {
				t.Errorf("%q", got)
			}
		})
	}
}

func TestASecondPersonPublishes(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := newOffice(t, db)
		ctx := t.Context()
		words, err := inspection.Starter()
		o.must(err)
		words.Sections[1].Items = words.Sections[1].Items[:8]
		words.Sections[1].Items[0].Weight += 2
		words.Sections[1].Items[0].Title.EN = "The wall"
		// Who says nothing of the form that is there means a new one: it does not become the next version of that.
		_, err = o.Inspection.SetDraft(ctx, "li", inspection.StarterID, 0, words)
		refused(t, "place.version-needed", err)
		f, err := o.Inspection.SetDraft(ctx, "li", inspection.StarterID, 2, words)
		o.must(err)
		if f.Number != 2 || f.Version != 3 {
			t.Fatalf("%+v", f)
		}
		_, err = o.Inspection.SetDraft(ctx, "chen", inspection.StarterID, 0, words)
		refused(t, "place.version-needed", err)
		for _, old := range []int64{2, 7} { // the published one, which is not the newest any more; none
			_, err = o.Inspection.SetDraft(ctx, "chen", inspection.StarterID, old, words)
			refused(t, "place.changed-meanwhile", err)
		}
		words.Pass = 85
		_, err = o.Inspection.SetDraft(ctx, "chen", inspection.StarterID, 3, words)
		o.must(err)
		for _, who := range []string{"li", "chen"} { // both wrote it
			_, err = o.Inspection.Publish(ctx, who, inspection.StarterID, 4)
			refused(t, "inspection.form.own", err)
		}
		if _, err = o.Inspection.PublishedForm(ctx, inspection.StarterID, 2); fault.KindOf(err) != fault.NotFound {
			t.Error("a draft is told of:", err)
		}
		_, err = o.Inspection.Publish(ctx, "zhou", inspection.StarterID, 4)
		o.must(err)
		// What the drafts were stays: who, when, before and after.
		told, err := o.Inspection.FormTraces(ctx, o.clock.Close(o.clock.Today()), inspection.StarterID, 2)
		o.must(err)
		if len(told) != 3 || told[0].Act != "published" || told[0].By != "zhou" || !slices.Equal(told[0].Turns, []place.Turn{{Field: "state", Was: "draft", Is: "published"}}) ||
			told[1].By != "chen" || len(told[1].Turns) != 0 || told[2].By != "li" || len(told[2].Turns) != 0 {
			t.Errorf("%+v", told)
		}
		for i, want := range [][]string{nil, {"changed form pass 90→85"}, {
			"changed item The wall title.en Wall or fence→The wall", "changed item The wall weight 6→8", "removed item The lifts' inspection marks are valid  →",
		}} {
			if got := differ(told[i].Differences); !slices.Equal(got, want) {
				t.Errorf("%d: %q", i, got)
			}
		}
		// The very first draft has nothing to be compared with.
		first, err := o.Inspection.FormTraces(ctx, o.clock.Close(o.clock.Today()), inspection.StarterID, 1)
		o.must(err)
		if len(first) != 2 || len(first[0].Turns) != 1 || first[0].By != "chen" || len(first[1].Differences) != 0 || len(first[1].Turns) != 0 {
			t.Errorf("%+v", first)
		}
		_, err = o.Inspection.Publish(ctx, "zhou", inspection.StarterID, 5)
		refused(t, "inspection.form.published", err)
		was, err := o.Inspection.PublishedForm(ctx, inspection.StarterID, 1)
		o.must(err)
		is, err := o.Inspection.PublishedForm(ctx, inspection.StarterID, 0)
		o.must(err)
		got := differ(inspection.Differences(&was.FormWords, &is.FormWords))
		want := []string{
			"changed form pass 90→85", "changed item The wall title.en Wall or fence→The wall", "changed item The wall weight 6→8",
			"removed item The lifts' inspection marks are valid  →",
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q", got)
		}

		// What asks about residents is not even a draft.
		for code, change := range map[string]func(*inspection.FormWords){
			"inspection.form.about-people": func(w *inspection.FormWords) { w.Sections[0].Items[0].Title.ZH = "登记业主身份证号" },
			"inspection.form.name":         func(w *inspection.FormWords) { w.Sections[0].Items[0].Name = "民族" },
			"place.field.phone-number":     func(w *inspection.FormWords) { w.Note.ZH = "联系 138 1234 5678" },
			"place.field.identity-number":  func(w *inspection.FormWords) { w.Sections[0].Items[1].Choices[0].Title.EN = "371302199001011234" },
			"inspection.form.total":        func(w *inspection.FormWords) { w.Sections[0].Items[0].Weight = 1 },
			"inspection.form.when-before": func(w *inspection.FormWords) {
				w.Sections[0].Items[0].When = &inspection.When{Item: "lift", Value: "yes"}
			},
		} {
			w, err := inspection.Starter()
			o.must(err)
			change(&w)
			_, err = o.Inspection.SetDraft(ctx, "li", "other-form", 0, w)
			refused(t, code, err)
		}
		for _, name := range []string{"id_card", "ethnicity", "resident_name", "phone_number", "hukou", "key_person"} {
			w, err := inspection.Starter()
			o.must(err)
			w.Sections[3].Items[1].Name = name
			_, err = o.Inspection.SetDraft(ctx, "li", "other-form", 0, w)
			refused(t, "inspection.form.about-people", err)
		}
	})
}
