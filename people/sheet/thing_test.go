package sheet

import (
	"context"
	"strings"
	"testing"
	"time"

	"linli.dev/linli/api"
	"linli.dev/linli/api/apitest"
	"linli.dev/linli/people/place"
	"linli.dev/linli/store/storetest"
)

// channelsNow are the channels of a compound with their state, a name after the other.
func (o *office) channelsNow(compound string) string {
	o.t.Helper()
	list, err := o.places.Channels(o.ctx, o.ids[compound])
	o.must(err)
	steps, err := o.places.Steps(o.ctx, o.ids[compound])
	o.must(err)
	var out []string
	for _, c := range list {
		var mine []place.ChannelStep
		for _, st := range steps {
			if st.Channel == c.ID {
				mine = append(mine, st)
			}
		}
		if i := place.Picks(o.s.today(), mine, func(s *place.ChannelStep) place.Moment { return s.Moment }); i >= 0 && mine[i].State != place.Removed {
			out = append(out, c.Name+" "+string(c.Area)+" "+string(mine[i].State))
		}
	}
	return strings.Join(out, ", ")
}

// again sends what was given out, and expects that it changes nothing.
func (o *office) again(list List, rows int) {
	o.t.Helper()
	for _, kind := range []string{"csv", "xlsx"} {
		d, err := o.s.Upload(o.ctx, Sender{Account: "wang", Lang: "zh"}, "again."+kind, Asked{List: list}, strings.NewReader(o.exported(list, kind)))
		o.must(err)
		if r := o.wait(d.ID).Report; r.Same != rows || r.Rows != rows || len(r.Warnings) != 0 {
			o.t.Errorf("%s comes back as %+v: %s", kind, *r, found(r.Problems))
		}
	}
}

// A compound's channels come in from a list, each is found again by its name, one that the machine sees is left alone,
// and all of it is taken back.
func TestChannelsFromAList(t *testing.T) {
	each(t, func(o *office) {
		heads := "小区,监控名称,所在区域,联网状态,统计日期"
		d := o.send(Asked{List: Channels}, Sender{}, heads, "金阳花园,东门1,大门,,", ",东门2,大门,,",
			"金阳花园,中心路,道路,已联网,2017-09-20", "金阳花园,东门 1,大门,,", "金阳花圆,西门,大门,,", "金阳花园,南门,食堂,,", "金阳花园,北门,大门,在修,",
			"金阳花园,业主门口,大门,,", "金阳花园,见13805391234,大门,,", "金阳花园,=1+1,大门,,", "金阳花园,侧门,,,", "金阳花园,广场东,广场,,2017-10-01", "金阳花园,广场东侧,广场,,2017-01-01", "合计,,2,,")
		r := d.Report
		want := "A3 sheet.required\nB5 sheet.twice-thing\nA6 sheet.place.no-compound\nC7 sheet.not-a-choice\nD8 sheet.not-a-choice\nB9 sheet.person-name\nB10 place.field.phone-number\nB11 sheet.formula\nC12 sheet.required\nE13 sheet.day-to-come\nE14 sheet.not-there-yet"
		if got := found(r.Problems); got != want {
			t.Fatalf("got\n%s\nwant\n%s", got, want)
		}
		if r.New != 2 || r.Bad != 11 || r.Skipped != 1 {
			t.Errorf("%+v", r)
		}
		for _, p := range r.Problems {
			if o.say[p.Code] == "" && !strings.HasPrefix(p.Code, "place.") {
				t.Errorf("no sentence: %+v", p)
			}
		}
		if o.channelsNow("金阳花园") != "" {
			t.Fatal("a dry run stored something")
		}
		o.badWorkbookOf(d)
		first := o.commit(d, true)
		if got := o.channelsNow("金阳花园"); got != "东门1 gate installed, 中心路 road networked" {
			t.Fatal(got)
		}
		o.again(Channels, 2)

		// The cameras are the channels: another number is a bad cell, the right one says nothing new, and both lists have it.
		for n, bad := range map[string]bool{"7": true, "0": true, "2": false} {
			r := o.upload("c.csv", csvOf("社区,小区名称,视频监控", "东苗庄社区,金阳花园,"+n)).Report
			if got := found(r.Problems); (got == "C2 sheet.unlike-channels") != bad || (r.Same == 1) == bad || r.Changed != 0 {
				t.Errorf("%s cameras: %s %+v", n, got, r)
			}
			r = o.send(Asked{List: Assets}, Sender{}, "小区,设施,数量", "金阳花园,监控,"+n).Report
			if got := found(r.Problems); (got == "C2 sheet.unlike-channels") != bad || (r.Same == 1) == bad || r.Changed != 0 {
				t.Errorf("%s cameras in a list of protection: %s %+v", n, got, r)
			}
		}
		if text := o.exported(Assets, "csv"); !strings.Contains(text, "摄像机,2,") {
			t.Errorf("%s", text)
		}
		o.again(Assets, 1)
		if out := o.exported(Compounds, "csv"); o.upload("back.csv", []byte(out)).Report.Same != 1 {
			t.Errorf("%s", out)
		}

		// By its id one is renamed; what is likely the same is told; a state that goes on is a change.
		list, err := o.places.Channels(o.ctx, o.ids["金阳花园"])
		o.must(err)
		d = o.send(Asked{List: Channels}, Sender{}, heads+",系统编号", "金阳花园,中心路,,,,"+string(list[0].ID))
		if got := found(d.Report.Problems); got != "B2 sheet.name-taken" {
			t.Errorf("%s", got)
		}
		d = o.send(Asked{List: Channels}, Sender{}, heads+",系统编号", "金阳花园,正门1,,,,"+string(list[0].ID), "金阳花园,中心路,道路,已安装,", "金阳花园,东大门岗1,大门,,", "金阳花园,东大门岗哨1,大门,,")
		if r := d.Report; r.Changed != 2 || r.New != 2 || len(r.Changes) != 2 || r.Changes[0].Was != "东门1" || r.Changes[0].Is != "正门1" || r.Changes[1].Was != "已联网" || r.Changes[1].Is != "已安装" || r.Changes[1].Name != "金阳花园中心路" {
			t.Errorf("%s %+v", found(r.Problems), r)
		}
		if got := found(d.Report.Warnings); got != "D3 sheet.changed-value" {
			t.Errorf("%s", got)
		}
		second := o.commit(d, false)
		if got := o.channelsNow("金阳花园"); got != "东大门岗1 gate installed, 东大门岗哨1 gate installed, 中心路 road installed, 正门1 gate installed" {
			t.Error(got)
		}
		_, err = o.s.Undo(o.ctx, Sender{Account: "wang"}, first.Import)
		o.code(err, "sheet.not-last")
		o.now = o.now.Add(time.Minute)
		_, err = o.s.Undo(o.ctx, Sender{Account: "wang"}, second.Import)
		o.must(err)
		if got := o.channelsNow("金阳花园"); got != "东门1 gate installed, 中心路 road networked" {
			t.Error(got)
		}
		// The undoing has spoken of the first list's channels.
		_, err = o.s.Undo(o.ctx, Sender{Account: "wang"}, first.Import)
		o.code(err, "sheet.edited-since")
	})
}

// badWorkbookOf asks for the workbook of bad rows, each of which must have a sentence.
func (o *office) badWorkbookOf(d *Draft) {
	o.t.Helper()
	b, err := o.s.BadRows(o.ctx, "wang", d.ID, 1, func(code string, _ map[string]any) string {
		if o.say[code] == "" && !strings.HasPrefix(code, "place.") {
			o.t.Errorf("no sentence for %s", code)
		}
		return o.say[code]
	})
	o.must(err)
	if !strings.HasPrefix(string(b), "PK") {
		o.t.Error("no workbook of bad rows")
	}
}

// A list of channels is taken back as long as nobody has spoken of one of them; what somebody says of their compound, or
// of another channel of it, is no hindrance. Taken back it can come again.
func TestChannelsAreTakenBack(t *testing.T) {
	each(t, func(o *office) {
		rows := []string{"小区名称,探头名称,区域", "金阳花园,东门1,大门", "金阳花园,中心路,道路"}
		other := []place.Channel{{Compound: o.ids["金阳花园"], Name: "旧门", Area: place.Gate}}
		o.must(o.places.AddChannels(o.ctx, "li", other, nil))
		for range 2 {
			d := o.commit(o.send(Asked{List: Channels}, Sender{}, rows...), false)
			if got := o.channelsNow("金阳花园"); got != "东门1 gate installed, 中心路 road installed" {
				t.Fatal(got)
			}
			o.now = o.now.Add(time.Minute)
			at := place.Moment{About: o.s.today().Day}
			o.must(o.places.Count(o.ctx, "li", []place.Count{{Compound: o.ids["金阳花园"], Sort: "light", Number: 9, Moment: at}}))
			o.must(o.places.StepChannels(o.ctx, "li", []place.ChannelStep{{Channel: other[0].ID, Compound: o.ids["金阳花园"], State: place.Removed, Moment: at}}))
			_, err := o.s.Undo(o.ctx, Sender{Account: "wang"}, d.Import)
			o.must(err)
			if got := o.channelsNow("金阳花园"); got != "" {
				t.Fatal(got)
			}
			o.now = o.now.Add(time.Minute)
		}
		d := o.commit(o.send(Asked{List: Channels}, Sender{}, rows...), false)
		if d.Report.Changed != 2 { // the same channels are there again
			t.Errorf("%+v", d.Report)
		}
		list, err := o.places.Channels(o.ctx, o.ids["金阳花园"])
		o.must(err)
		o.now = o.now.Add(time.Minute)
		name := "东门一号"
		for _, c := range list {
			if c.Name == "东门1" {
				_, err = o.places.ChangeChannel(o.ctx, "zhao", c.ID, c.Version, place.ChannelEdit{Name: &name})
				o.must(err)
			}
		}
		_, err = o.s.Undo(o.ctx, Sender{Account: "wang"}, d.Import)
		o.code(err, "sheet.edited-since")
		if f := faultOf(err); f == nil || len(f.Fields) != 1 || f.Fields[0].Args["by"] != "zhao" || f.Fields[0].Path != "2" {
			t.Errorf("%+v", err)
		}
	})
}

// shelf is the register of this machine.
type shelf []place.Registered

func (s *shelf) Registered(context.Context) ([]place.Registered, error) { return *s, nil }

// What the compound's own machine sees is said by no list; a list that says the same is right.
func TestAListDoesNotSpeakOfWhatIsSeen(t *testing.T) {
	each(t, func(o *office) {
		o.places.SetCameras(&shelf{{Camera: "a", Name: "东门1", Area: place.Gate, InUse: true, Picture: true}})
		o.must(o.places.TieNode(o.ctx, "op", 0, o.ids["金阳花园"], nil))
		keep := func() {
			o.t.Helper()
			o.now = o.now.Add(time.Minute)
			_, _, err := o.places.KeepNode(o.ctx, place.Keeping{Span: 30})
			o.must(err)
		}
		d := o.commit(o.send(Asked{List: Channels}, Sender{}, "小区,探头,区域", "金阳花园,东门1,大门", "金阳花园,中心路,道路"), false)
		keep() // finds the listed one by its name, and sees it
		_, err := o.s.Undo(o.ctx, Sender{Account: "wang"}, d.Import)
		o.code(err, "sheet.edited-since")
		if f := faultOf(err); f == nil || len(f.Fields) != 1 || f.Fields[0].Code != "sheet.seen-since" {
			t.Errorf("%+v", err)
		}
		if r := o.send(Asked{List: Channels}, Sender{}, o.exported(Channels, "csv")).Report; r.Same != 2 || found(r.Warnings) != "G2 sheet.changed-value" {
			t.Errorf("%s %+v", found(r.Warnings), r)
		}
		r := o.send(Asked{List: Channels}, Sender{}, "小区,探头,区域,状态", "金阳花园,东门1,大门,已拆除", "金阳花园,中心路,大门,已联网").Report
		if got := found(r.Problems); got != "D2 sheet.seen-by-the-machine" || r.Changed != 1 {
			t.Errorf("%s %+v", got, r)
		}
	})
}

// Areas come in with their kind and their days; they are renamed, ended and taken back, and a past day has them as they
// were known then.
func TestAreasFromAList(t *testing.T) {
	each(t, func(o *office) {
		o.found("1号楼", place.Building, "金阳花园")
		heads := "社区,小区,区域名称,类型,楼栋,启用日期,停用日期"
		d := o.send(Asked{List: Areas}, Sender{}, heads, "东苗庄社区,金阳花园,东门,大门,,2017-05-01,", ",金阳花园,1号楼北口,楼栋出入口,1号楼,2017-05-01,", "东苗庄社区,金阳花园,旧车场,停车场,,2017-05-01,2017-08-01",
			"东苗庄社区,金阳花园,东门,大门,,,", ",金阳花园,西门,,,,", ",金阳花园,南门,大门,1号楼,,", ",金阳花园,2号楼口,楼栋出入口,2号楼,,", ",金阳花园,北门,大门,,2017-05-01,2017-04-30", ",金阳花园,广场,活动区,,2017-05-01,昨天", ",金阳花园,住户信息栏,活动区,,,", ",金阳花园,早门,大门,,2017-01-01,")
		want := "C5 sheet.twice-thing\nD6 sheet.required\nE7 place.area.building\nE8 sheet.no-building\nG9 sheet.ends-before\nG10 sheet.not-a-day\nC11 sheet.person-name\nF12 sheet.not-there-yet"
		if got := found(d.Report.Problems); got != want {
			t.Fatalf("got\n%s\nwant\n%s", got, want)
		}
		if d.Report.New != 3 {
			t.Errorf("%+v", d.Report)
		}
		o.badWorkbookOf(d)
		o.commit(d, true)
		now := func() string {
			o.t.Helper()
			list, err := o.places.AreasKnown(o.ctx, o.s.today().Known, o.ids["金阳花园"])
			o.must(err)
			out := ""
			for _, a := range list {
				if a.On(o.s.today().Day) {
					out += a.Name + " " + string(a.Kind) + " " + a.From.String() + "\n"
				}
			}
			return out
		}
		if got := now(); got != "1号楼北口 building-entrance 2017-05-01\n东门 gate 2017-05-01\n" {
			t.Fatal(got)
		}
		o.again(Areas, 2)
		if r := o.send(Asked{List: Areas}, Sender{}, heads, "东苗庄社区,金阳花园,旧车场,停车场,,2017-05-01,2017-08-01").Report; r.Same != 1 {
			t.Errorf("an ended area that is said again: %+v", r)
		}
		bad := o.send(Asked{List: Areas}, Sender{}, heads, ",金阳花园,东门,道路,,,", ",金阳花园,1号楼北口,,,2017-06-01,")
		if got := found(bad.Report.Problems); got != "D2 sheet.area-is\nF3 sheet.area-since" {
			t.Errorf("%s", got)
		}

		// Renamed by its id, ended by its name; the day before knows nothing of it.
		list, err := o.places.Areas(o.ctx, o.ids["金阳花园"])
		o.must(err)
		east := ""
		for _, a := range list {
			if a.Name == "东门" {
				east = string(a.ID)
			}
		}
		yesterday := o.s.o.Clock.AtClose(o.s.today().Day)
		o.now = o.now.AddDate(0, 0, 1)
		d = o.commit(o.send(Asked{List: Areas}, Sender{}, heads+",系统编号", ",金阳花园,正门,,,,,"+east, ",金阳花园,1号楼北口,,,,2017-09-28,"), false)
		if r := d.Report; r.Changed != 2 || len(r.Changes) != 2 || r.Changes[0].Is != "正门" || r.Changes[1].Is != "2017-09-28" {
			t.Errorf("%+v", r)
		}
		if got := now(); got != "正门 gate 2017-05-01\n" {
			t.Error(got)
		}
		var then strings.Builder
		o.must(o.s.Export(o.ctx, &then, "csv", "zh", Filter{List: Areas, Q: yesterday}))
		if text := then.String(); !strings.Contains(text, "东门,大门") || strings.Contains(text, "正门") || !strings.Contains(text, "1号楼北口") {
			t.Errorf("%s", text)
		}
		o.now = o.now.Add(time.Minute)
		_, err = o.s.Undo(o.ctx, Sender{Account: "wang"}, d.Import)
		o.must(err)
		if got := now(); got != "1号楼北口 building-entrance 2017-05-01\n东门 gate 2017-05-01\n" {
			t.Error(got)
		}
		// And one that a list made, and nobody spoke of since, is gone from its first day on.
		o.now = o.now.Add(time.Minute)
		d = o.commit(o.send(Asked{List: Areas}, Sender{}, heads, ",金阳花园,水池边,活动区,,2017-09-01,"), false)
		_, err = o.s.Undo(o.ctx, Sender{Account: "wang"}, d.Import)
		o.must(err)
		if got := now(); strings.Contains(got, "水池边") {
			t.Error(got)
		}
		if again := o.send(Asked{List: Areas}, Sender{}, heads, ",金阳花园,水池边,活动区,,2017-09-01,"); again.Report.New != 1 {
			t.Errorf("%+v", again.Report)
		}
	})
}

// Protection comes in with its condition and its last check, of the compound or a building; either alone leaves the number.
func TestProtectionFromAList(t *testing.T) {
	each(t, func(o *office) {
		o.found("1号楼", place.Building, "金阳花园")
		heads := "小区,楼栋,防护设施,数量,设施状况,检查日期,统计日期"
		d := o.send(Asked{List: Assets}, Sender{}, heads, "金阳花园,,路灯,12,完好,2017-09-20,", "金阳花园,1号楼,门禁,4 套,正常,2017/9/21,", "金阳花园,,保安,6,,,", "金阳花园,,围墙,清空,,,",
			"金阳花园,,照明,9,,,", "金阳花园,,哨所,1,,,", "金阳花园,,大门,两个,,,", "金阳花园,,单元门,3,很好,,", "金阳花园,,平安员,3,完好,,", "金阳花园,1号楼,保安,3,,,", "金阳花园,,报警,3,,2017-09-28,", "金阳花园,,对讲,,完好,,", "金阳花园,9号楼,门禁,1,,,", "金阳花园,,消防通道,1,,2017-09-20,2017-09-10")
		want := "C6 sheet.twice-thing\nC7 sheet.not-a-choice\nD8 sheet.not-a-number\nE9 sheet.not-a-choice\nE10 place.asset.people-are-numbers\nB11 place.asset.people-are-numbers\nF12 place.asset.checked-later\nD13 sheet.never-counted\nB14 sheet.no-building\nF15 place.asset.checked-later"
		if got := found(d.Report.Problems); got != want {
			t.Fatalf("got\n%s\nwant\n%s", got, want)
		}
		if d.Report.New != 3 || d.Report.Same != 1 {
			t.Errorf("%+v", d.Report)
		}
		o.badWorkbookOf(d)
		o.commit(d, true)
		now := func() string {
			o.t.Helper()
			counts, err := o.places.Counts(o.ctx, o.ids["金阳花园"])
			o.must(err)
			var out []string
			for _, a := range place.Assets(o.s.today(), o.s.today().Day, counts) {
				at := ""
				if a.Building != "" {
					at = "1号楼 "
				}
				out = append(out, at+string(a.Sort)+" "+numberIn(a.Number)+" "+string(a.Condition)+" "+dayIn(a.Checked))
			}
			return strings.Join(out, ", ")
		}
		first := "guard 6  , light 12 good 2017-09-20, 1号楼 access-control 4 good 2017-09-21"
		if got := now(); got != first {
			t.Fatal(got)
		}
		o.again(Assets, 3)
		// A list of compounds says the number, and leaves how they are.
		o.now = o.now.Add(time.Minute)
		d = o.commit(o.send(Asked{List: Assets}, Sender{}, heads, "金阳花园,,路灯,,老化,,", "金阳花园,1号楼,门禁,5,,清空,"), false)
		if r := d.Report; r.Changed != 2 || len(r.Changes) != 3 || r.Changes[0].Was != "完好" || r.Changes[0].Is != "老化" || r.Changes[1].Is != "5" || r.Changes[2].Was != "2017-09-21" || r.Changes[2].Is != "" {
			t.Errorf("%+v", r)
		}
		if got := now(); got != "guard 6  , light 12 worn 2017-09-20, 1号楼 access-control 5 good " {
			t.Error(got)
		}
		o.now = o.now.Add(time.Minute)
		// Another sort of the same compound is no hindrance.
		o.must(o.places.Count(o.ctx, "li", []place.Count{{Compound: o.ids["金阳花园"], Sort: "fence", Number: 1, Moment: place.Moment{About: o.s.today().Day}}}))
		_, err := o.s.Undo(o.ctx, Sender{Account: "wang"}, d.Import)
		o.must(err)
		if got := now(); got != "guard 6  , fence 1  , "+strings.TrimPrefix(first, "guard 6  , ") {
			t.Error(got)
		}
		o.now = o.now.Add(time.Minute)
		d = o.commit(o.send(Asked{List: Assets}, Sender{}, heads, "金阳花园,,路灯,14,,,"), false)
		o.now = o.now.Add(time.Minute)
		o.must(o.places.Count(o.ctx, "li", []place.Count{{Compound: o.ids["金阳花园"], Sort: "light", Number: 15, Moment: place.Moment{About: o.s.today().Day}}}))
		_, err = o.s.Undo(o.ctx, Sender{Account: "wang"}, d.Import)
		o.code(err, "sheet.edited-since")
	})
}

// Who keeps a compound sends lists of what it has, and of no other; lists of places are not theirs.
func TestAManagerSendsItsLists(t *testing.T) {
	o := newOffice(t, storetest.SQLite(t))
	o.found("银杏小区", place.Compound, "煤山社区")
	server := api.New(api.Options{Auth: apitest.Doorman{
		"manager": {place.MayRead, place.MayKeep, apitest.At("manager", o.ids["金阳花园"])},
		"street":  {place.MayRead, place.MayKeep, apitest.At("street-office", o.ids["银雀山街道"])},
		"other":   {place.MayRead, place.MayKeep, apitest.At("street-office", o.ids["罗庄街道"])},
		"reader":  {place.MayRead},
	}})
	o.must(server.Add(o.s))
	p := apitest.Page{T: t, HTTP: server.Handler()}
	lists := map[List]string{
		Channels: "小区,探头,区域\n金阳花园,东门1,大门\n银杏小区,西门1,大门\n",
		Areas:    "小区,区域名称,类型\n金阳花园,东门,大门\n银杏小区,西门,大门\n",
		Assets:   "小区,设施,数量\n金阳花园,路灯,4\n银杏小区,路灯,5\n",
	}
	var d DraftView
	for list, text := range lists {
		path := "/api/sheet-imports?name=a.csv&list=" + string(list)
		send := func(who string) {
			p.Do(201, who, "POST", path, text, &d)
			o.end(d.ID)
			p.Do(200, who, "GET", "/api/sheet-imports/"+d.ID, "", &d)
		}
		p.Do(403, "reader", "POST", path, text, nil)
		for _, who := range []string{"manager", "other"} {
			send(who)
			want := map[string]string{"manager": "A3 sheet.place.no-compound", "other": "A2 sheet.place.no-compound\nA3 sheet.place.no-compound"}[who]
			if got := found(d.Report.Problems); got != want {
				t.Errorf("%s, %s: %s", list, who, got)
			}
		}
		// Said by community the compound is known, and not theirs.
		p.Do(201, "other", "POST", path, strings.ReplaceAll(strings.Replace(text, "小区,", "社区,小区,", 1), "\n金", "\n东苗庄社区,金"), &d)
		o.end(d.ID)
		p.Do(200, "other", "GET", "/api/sheet-imports/"+d.ID, "", &d)
		if got := found(d.Report.Problems); !strings.Contains(got, "B2 sheet.not-yours") {
			t.Errorf("%s: %s", list, got)
		}
		if send("street"); d.Report.New != 2 || d.Report.Bad != 0 {
			t.Errorf("%s: %s", list, found(d.Report.Problems))
		}
		p.Do(202, "street", "POST", "/api/sheet-imports/"+d.ID+"/commit", `{}`, nil)
		o.end(d.ID)
		p.Do(200, "street", "GET", "/api/sheet-imports/"+d.ID, "", &d)
		p.Do(403, "other", "POST", "/api/sheet-imports/"+d.Import+"/undo", "", nil)
		p.Do(403, "manager", "POST", "/api/sheet-imports/"+d.Import+"/undo", "", nil)
		var file string
		p.Do(200, "manager", "GET", "/api/sheets/"+string(list)+".csv", "", &file)
		if !strings.Contains(file, "金阳花园") || strings.Contains(file, "银杏小区") {
			t.Errorf("%s: %s", list, file)
		}
		p.Do(200, "reader", "GET", "/api/sheets/"+string(list)+".xlsx", "", nil)
		p.Do(404, "reader", "GET", "/api/sheets/"+string(list)+".csv?parent=none", "", nil)
		p.Do(200, "reader", "GET", "/api/sheets/template.xlsx?list="+string(list), "", nil)
		o.now = o.now.Add(time.Minute)
		p.Do(200, "street", "POST", "/api/sheet-imports/"+d.Import+"/undo", "", nil)
	}
	for _, list := range []List{Compounds, Divisions, Buildings, ""} {
		var said string
		p.Do(403, "manager", "POST", "/api/sheet-imports?name=a.csv&list="+string(list), "社区,小区名称\n东苗庄社区,金阳花园\n", &said)
		if !strings.Contains(said, "sheet.not-your-list") {
			t.Errorf("%s", said)
		}
	}
}

// All that a list says becomes known at one instant, so that no question falls between its rows.
func TestAListIsKnownAtOnce(t *testing.T) {
	each(t, func(o *office) {
		o.s.o.Programme = &register{}
		// A clock that moves with every look at it, as a real one does.
		clock := o.s.o.Clock
		clock.Now = func() time.Time { o.now = o.now.Add(time.Millisecond); return o.now }
		places, err := place.New(o.ctx, o.db, place.Options{Clock: clock})
		o.must(err)
		o.places, o.s.o.Places, o.s.o.Clock = places, places, clock
		rows, _ := longList(900, false)
		o.commit(o.upload("a.csv", asCSV(rows)), false)
		known := map[time.Time]int{}
		counts, err := o.places.Counts(o.ctx)
		o.must(err)
		for _, n := range counts {
			known[n.Known]++
		}
		tree, err := o.places.Tree(o.ctx)
		o.must(err)
		for _, v := range tree.Of(o.s.today(), place.Compound) {
			if v.Name != "金阳花园" {
				known[v.Known]++
			}
		}
		if len(known) != 1 || len(counts) != 1800 {
			t.Errorf("%d counts at %d instants", len(counts), len(known))
		}
	})
}
