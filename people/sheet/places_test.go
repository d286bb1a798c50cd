package sheet

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"linli.dev/linli/fault"
	"linli.dev/linli/people/place"
)

// send uploads a list of a kind and waits until it is checked.
func (o *office) send(asked Asked, who Sender, rows ...string) *Draft {
	o.t.Helper()
	who.Account, who.Lang = "wang", "zh"
	d, err := o.s.Upload(o.ctx, who, "list.csv", asked, bytes.NewReader(csvOf(rows...)))
	o.must(err)
	return o.wait(d.ID)
}

// at is a place by the names from the county down.
func (o *office) at(names ...string) (place.Version, bool) {
	o.t.Helper()
	tree, err := o.places.Tree(o.ctx)
	o.must(err)
	q := o.s.today()
	v := tree.Of(q, place.City)[0]
next:
	for _, n := range names {
		for _, kid := range tree.Under(q, v.Place) {
			if kid.Name == n {
				v = kid
				continue next
			}
		}
		return place.Version{}, false
	}
	return v, true
}

func (o *office) exported(list List, kind string) string {
	o.t.Helper()
	var b bytes.Buffer
	o.must(o.s.Export(o.ctx, &b, kind, "zh", Filter{List: list, Q: o.s.today()}))
	return b.String()
}

// Divisions come in as an office keeps them, each wrong cell is named, what hangs under a row of the list is found in
// it, and all is taken back.
func TestDivisionsFromAList(t *testing.T) {
	each(t, func(o *office) {
		// A street of another year, ended.
		o.found("旧街道", place.Street, "兰山区")
		o.now = o.now.Add(time.Hour)
		_, err := o.places.End(o.ctx, "li", o.ids["旧街道"], place.Whatever, place.Date(2017, 9, 1), "")
		o.must(err)

		heads := "县区,街道（乡镇）,社区（村）,级别,区划代码,设立日期"
		d := o.send(Asked{List: Divisions}, Sender{}, heads,
			"兰山区,,,县区,371302,",
			"兰山区,柳青街道,,街道,371302005,2017-09-10",
			"兰山区,柳青街道,北园社区,,371302005001,2017-09-10",
			"兰山区,银雀山,新建村,社区,,",  // the street but for its ending
			"兰山区,兰山街道,红埠寺社区,,,", // unknown parent
			"兰山区,,九州社区,,,",      // level left out
			"兰山区,柳青街道,北园社区,,,",  // twice
			"兰山区,旧街道,旧村,,,",     // ended
			"兰山区,银雀山街道,东苗庄,,,",  // the same but for its ending
			"兰山区,柳青街道,早村,,,2017-09-01",
			"罗庄区,罗庄街道,,社区,,",      // level differs
			"罗庄区,沂堂镇,,县区,,",       // level differs
			"罗庄区,双月湖街道,,,371302,", // a code of another level is free
			"罗庄区,册山街道,,,371302005,",
			"罗庄区,册山街道,赵村,,,", // hangs under a bad row
			"罗庄区,=1+1,,,,",
			"罗庄区,宗教街道,,,,",
			"罗庄区,新民族街道,,,,",
			"罗庄区,见371302198001011234,,,,",
			"合计,18")
		r := d.Report
		want := strings.Join([]string{
			"B6 sheet.place.no-street", "B7 sheet.level-skipped", "C8 sheet.twice", "B9 sheet.place-ended", "C10 sheet.same-but-ending",
			"F11 sheet.community-not-there", "C12 sheet.level-empty", "D13 sheet.level-differs", "E15 sheet.code-twice", "B16 sheet.row-above-bad",
			"B17 sheet.formula", "B18 sheet.person-name", "B20 place.field.identity-number",
		}, "\n")
		if got := found(r.Problems); got != want {
			t.Fatalf("got\n%s\nwant\n%s", got, want)
		}
		if r.New != 5 || r.Changed != 1 || r.Bad != 13 || r.Skipped != 1 {
			t.Errorf("%+v", r)
		}
		for _, p := range r.Problems {
			if o.say[p.Code] == "" && !strings.HasPrefix(p.Code, "place.") || p.Is != "" && strings.Contains(p.Is, "19800101") {
				t.Errorf("%+v", p)
			}
		}
		b, err := o.s.BadRows(o.ctx, "wang", d.ID, 1, func(code string, _ map[string]any) string { return o.say[code] })
		o.must(err)
		if !bytes.HasPrefix(b, []byte("PK")) {
			t.Error("no workbook of bad rows")
		}
		// However many there are, each stands in one of the parts.
		defer func(n int) { badRowsEach = n }(badRowsEach)
		badRowsEach = 5
		at := map[string]int{}
		for part := 1; part <= 3; part++ {
			b, err := o.s.BadRows(o.ctx, "wang", d.ID, part, func(code string, _ map[string]any) string { return o.say[code] })
			o.must(err)
			f, err := excelize.OpenReader(bytes.NewReader(b))
			o.must(err)
			rows, err := f.GetRows(f.GetSheetList()[0])
			o.must(err)
			o.must(f.Close())
			for _, row := range rows[1:] {
				at[row[len(rows[0])-1]]++ // the sender's row
			}
			if want := []int{5, 5, 3}[part-1]; len(rows)-1 != want {
				t.Errorf("part %d has %d rows, not %d", part, len(rows)-1, want)
			}
		}
		if len(at) != 13 {
			t.Errorf("the parts have the sender's rows %v", at)
		}
		_, err = o.s.BadRows(o.ctx, "wang", d.ID, 4, nil)
		o.code(err, "sheet.no-bad-rows")
		_, err = o.s.Commit(Sender{Account: "wang"}, d.ID, false)
		o.code(err, "sheet.has-bad-rows")
		if _, ok := o.at("兰山区", "柳青街道"); ok {
			t.Fatal("a dry run stored something")
		}
		o.commit(d, true)
		street, ok := o.at("兰山区", "柳青街道")
		community, ok2 := o.at("兰山区", "柳青街道", "北园社区")
		if !ok || !ok2 || street.Code != "371302005" || street.About != place.Date(2017, 9, 10) || community.Parent != street.Place {
			t.Errorf("%+v %+v", street, community)
		}
		if v, _ := o.at("兰山区"); v.Code != "371302" {
			t.Errorf("%+v", v)
		}

		// What is exported changes nothing; by its id a division is renamed and moved.
		list := o.exported(Divisions, "csv")
		if r := o.send(Asked{List: Divisions}, Sender{}, list).Report; r.Same != r.Rows || r.Bad+r.New+r.Changed != 0 || r.Rows != 2+7+7 {
			t.Errorf("%+v", r)
		}
		d = o.send(Asked{List: Divisions}, Sender{}, heads+",系统编号", "兰山区,柳青街道,北园新区社区,,,,"+string(community.Place), "罗庄区,罗庄街道,煤山社区,,,,"+string(o.ids["煤山社区"]))
		if r := d.Report; r.Changed != 2 || len(r.Changes) != 2 || r.Changes[0].Is != "北园新区社区" || r.Changes[1].Was != "银雀山街道" || r.Changes[1].Is != "罗庄街道" {
			t.Errorf("%+v", r)
		}
		o.commit(d, false)
		if v, ok := o.at("罗庄区", "罗庄街道", "煤山社区"); !ok || v.Place != o.ids["煤山社区"] {
			t.Error("it did not move")
		}

		// Both are taken back, the newest first; not while somebody has hung something under what is new.
		imports, err := o.s.Imports(o.ctx, "", 10)
		o.must(err)
		if len(imports) != 2 || imports[0].List != Divisions {
			t.Fatalf("%+v", imports)
		}
		_, err = o.s.Undo(o.ctx, Sender{Account: "wang"}, imports[0].ID)
		o.must(err)
		if v, _ := o.at("兰山区", "柳青街道", "北园社区"); v.Place != community.Place {
			t.Errorf("%+v", v)
		}
		o.now = o.now.Add(time.Minute)
		o.ids["北园社区"] = community.Place
		kid, err := o.places.Found(o.ctx, "li", []place.NewPlace{{Level: place.Compound, Parent: community.Place, Name: "北园小区", From: place.Date(2017, 9, 20)}})
		o.must(err)
		_, err = o.s.Undo(o.ctx, Sender{Account: "wang"}, imports[1].ID)
		o.code(err, "sheet.edited-since")
		_, err = o.places.End(o.ctx, "li", kid[0].Place, place.Whatever, place.Date(2017, 9, 20), "")
		o.must(err)
		// The rename that was taken back has spoken of two divisions of the first list.
		_, err = o.s.Undo(o.ctx, Sender{Account: "wang"}, imports[1].ID)
		o.code(err, "sheet.edited-since")
	})
}

// A list of divisions that nobody touched afterwards goes without a trace in the tree, and can come again.
func TestDivisionsAreTakenBack(t *testing.T) {
	each(t, func(o *office) {
		rows := []string{"所属县区,街道/乡镇,村居", "沂水县,,", "沂水县,沂城街道,", "沂水县,沂城街道,东关社区"}
		for range 2 {
			d := o.commit(o.send(Asked{List: Divisions}, Sender{}, rows...), false)
			if _, ok := o.at("沂水县", "沂城街道", "东关社区"); !ok || d.Report.New != 3 {
				t.Fatalf("%+v", d.Report)
			}
			o.now = o.now.Add(time.Minute)
			_, err := o.s.Undo(o.ctx, Sender{Account: "wang"}, d.Import)
			o.must(err)
			if _, ok := o.at("沂水县"); ok {
				t.Fatal("the county is still there")
			}
		}
		// An office of a county makes what is in it, not another county.
		may := Sender{May: func(id place.ID) bool { return id == o.ids["兰山区"] || id == o.ids["银雀山街道"] }}
		r := o.send(Asked{List: Divisions}, may, "县区,街道,社区", "兰山区,柳青街道,", "兰山区,柳青街道,北园社区", "罗庄区,册山街道,", "沂水县,,").Report
		if got := found(r.Problems); got != "A4 sheet.not-yours\nA5 sheet.not-yours" || r.New != 2 {
			t.Errorf("%s %+v", got, r)
		}
	})
}

// What buildings have comes in by compound and name of the building; missing ones are made when that is asked for.
func TestBuildingsFromAList(t *testing.T) {
	each(t, func(o *office) {
		one, err := o.places.Found(o.ctx, "li", []place.NewPlace{{Level: place.Building, Parent: o.ids["金阳花园"], Name: "1号楼", From: place.Date(2017, 4, 12)}})
		o.must(err)
		o.now = o.now.Add(time.Minute)
		heads := "社区,小区,楼号,单元门,楼道灯,出入口摄像头（路）,门禁,备注"
		rows := []string{
			heads, "东苗庄社区,金阳花园,1号楼,4,12.0,2 路,4,", ",金阳花园,２号楼,3,,1,3,", ",金阳花园,一栋,1,,,,",
			"东苗庄社区,金阳花圆,3号楼,1,,,,", ",金阳花园,2号楼,1,,,,", ",金阳花园,,1,,,,", ",金阳花园,5号楼,-1,,,,", ",金阳花园,业主名单楼,1,,,,",
		}
		r := o.send(Asked{List: Buildings}, Sender{}, rows...).Report
		if got := found(r.Problems); got != "C3 sheet.no-building\nC4 sheet.no-building\nB5 sheet.place.no-compound\nC6 sheet.no-building\nC7 sheet.required\nC8 sheet.no-building\nD8 sheet.negative\nC9 sheet.person-name" {
			t.Errorf("%s", got)
		}
		d := o.send(Asked{List: Buildings, Create: true}, Sender{}, rows...)
		r = d.Report
		if got := found(r.Problems); got != "B5 sheet.place.no-compound\nC6 sheet.twice\nC7 sheet.required\nD8 sheet.negative\nC9 sheet.person-name" {
			t.Errorf("%s", got)
		}
		if got := found(r.Warnings); got != "C4 sheet.similar-place" || r.New != 2 || r.Changed != 1 {
			t.Errorf("%s %+v", got, r)
		}
		if w := r.Problems[0].right.words; len(w) != 1 || w[0] != "金阳花园" {
			t.Errorf("%v", w)
		}
		o.commit(d, true)
		two, ok := o.at("兰山区", "银雀山街道", "东苗庄社区", "金阳花园", "2号楼")
		if !ok {
			t.Fatal("the building was not made")
		}
		assets := func() map[place.ID]map[place.Sort]int {
			counts, err := o.places.Counts(o.ctx, o.ids["金阳花园"])
			o.must(err)
			out := map[place.ID]map[place.Sort]int{}
			for _, a := range place.Assets(o.s.today(), o.s.today().Day, counts) {
				if out[a.Building] == nil {
					out[a.Building] = map[place.Sort]int{}
				}
				out[a.Building][a.Sort] = a.Number
			}
			return out
		}
		got := assets()
		if a := got[one[0].Place]; a["door"] != 4 || a["light"] != 12 || a["camera"] != 2 || a["access-control"] != 4 || len(a) != 4 {
			t.Errorf("%v", a)
		}
		if a := got[two.Place]; a["door"] != 3 || a["camera"] != 1 || len(a) != 3 {
			t.Errorf("%v", a)
		}
		if c, _ := o.record("金阳花园"); len(c.Numbers) != 0 {
			t.Errorf("a building's numbers became the compound's: %v", c.Numbers)
		}
		if r := o.send(Asked{List: Buildings}, Sender{}, o.exported(Buildings, "csv")).Report; r.Same != 3 || r.Rows != 3 {
			t.Errorf("%+v", r)
		}

		// Somebody who speaks of the compound is no hindrance, somebody who counts one of its buildings is.
		o.now = o.now.Add(time.Minute)
		count := func(building place.ID) {
			o.must(o.places.Count(o.ctx, "li", []place.Count{{Compound: o.ids["金阳花园"], Building: building, Sort: "door", Number: 9, Moment: place.Moment{About: place.Date(2017, 9, 27)}}}))
		}
		imports, err := o.s.Imports(o.ctx, "", 1)
		o.must(err)
		count("")
		_, err = o.s.Undo(o.ctx, Sender{Account: "wang"}, imports[0].ID)
		o.must(err)
		if _, ok := o.at("兰山区", "银雀山街道", "东苗庄社区", "金阳花园", "2号楼"); ok {
			t.Error("the building is still there")
		}
		if got := assets(); len(got[one[0].Place]) != 0 || len(got[two.Place]) != 0 || got[""]["door"] != 9 {
			t.Errorf("%v", got)
		}
		o.now = o.now.Add(time.Minute)
		d = o.commit(o.send(Asked{List: Buildings}, Sender{}, rows[:2]...), false)
		count(one[0].Place)
		_, err = o.s.Undo(o.ctx, Sender{Account: "wang"}, d.Import)
		o.code(err, "sheet.edited-since")
	})
}

// Each kind has a template of its own that comes back as a list of that kind, and what a heading means in one kind says nothing in another.
func TestEachKindOfListHasItsForms(t *testing.T) {
	each(t, func(o *office) {
		for _, list := range Lists {
			for _, lang := range []string{"zh", "en"} {
				b, err := o.s.Template(o.ctx, list, "xlsx", lang, nil)
				o.must(err)
				d, err := o.s.Upload(o.ctx, Sender{Account: "wang", Lang: lang}, "t.xlsx", Asked{List: list}, bytes.NewReader(b))
				o.must(err)
				known := 0
				for _, c := range d.Tables[0].Columns {
					if c.Key != "" && c.How == byName {
						known++
					}
				}
				if known != len(listings[list].columns) {
					t.Errorf("%s %s: %d of %d", list, lang, known, len(listings[list].columns))
				}
				o.end(d.ID)
			}
			if !strings.HasPrefix(o.exported(list, "xlsx"), "PK") {
				t.Errorf("%s: no workbook", list)
			}
		}
		d := o.send(Asked{List: Divisions}, Sender{}, "县区,街道,社区,附记", "兰山区,银雀山街道,新村,371302")
		d, err := o.s.Map("wang", d.ID, []Meaning{{Column: "D", Key: Code}})
		o.must(err)
		o.commit(o.wait(d.ID), false)
		remembered := func(list List) Key {
			m, err := o.s.headings(o.ctx, "wang", listings[list])
			o.must(err)
			return m[plain("附记")]
		}
		if remembered(Divisions) != Code || remembered(Compounds) != "" || remembered(Buildings) != "" {
			t.Error("a heading is not remembered for its kind of list alone")
		}
	})
}

// A list is read anew for its bad cells while one of its columns gets another meaning: neither sees half of the other.
func TestCellsBesideAnotherMeaning(t *testing.T) {
	each(t, func(o *office) {
		d := o.send(Asked{List: Divisions}, Sender{}, "县区,街道,社区,附记", "兰山区,银雀山街道,新村,37")
		done := make(chan struct{})
		go func() {
			defer close(done)
			for range 20 {
				if _, err := o.s.Cells(o.ctx, "wang", d.ID, "", 0, 10); err != nil && fault.CodeOf(err) != "sheet.busy" {
					t.Error(err)
				}
			}
		}()
		for _, key := range []Key{Code, "", Code, ""} {
			_, err := o.s.Map("wang", d.ID, []Meaning{{Column: "D", Key: key}})
			o.must(err)
			o.wait(d.ID)
		}
		<-done
	})
}

// What is to end on a coming day takes nothing new: a list says so cell by cell before it is committed, and its good rows go in.
func TestNothingIsHungUnderWhatIsToEnd(t *testing.T) {
	each(t, func(o *office) {
		list, err := o.places.Found(o.ctx, "li", []place.NewPlace{{Level: place.Community, Parent: o.ids["银雀山街道"], Name: "北园社区", From: o.s.today().Day}})
		o.must(err)
		_, err = o.places.End(o.ctx, "li", list[0].Place, place.Whatever, o.s.today().Day+20, "并入煤山社区")
		o.must(err)
		d := o.upload("1.csv", csvOf("社区,小区名称", "北园社区,甲小区", "煤山社区,乙小区"))
		if got := found(d.Report.Problems); got != "A2 sheet.place-ends" || d.Report.New != 1 {
			t.Fatalf("%s %+v", got, d.Report)
		}
		o.commit(d, true)
		if _, ok := o.record("乙小区"); !ok {
			t.Error("the good row was not written")
		}
		// One that lies elsewhere does not move there either; what is said of where it lies is no move.
		var id place.ID
		tree, err := o.places.Tree(o.ctx)
		o.must(err)
		for _, v := range tree.Of(o.s.today(), place.Compound) {
			if v.Name == "乙小区" {
				id = v.Place
			}
		}
		d = o.upload("2.csv", csvOf("社区,小区名称,系统编号", "北园社区,乙小区,"+string(id)))
		if got := found(d.Report.Problems); got != "A2 sheet.place-ends" {
			t.Errorf("%s", got)
		}
	})
}
