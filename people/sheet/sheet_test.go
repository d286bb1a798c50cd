package sheet

import (
	"testing"

	"linli.dev/linli/people/place"
)

// An office sends its list, mends what is wrong, commits, sees what changed, sends it again, and takes it back.
func TestAnOfficesDay(t *testing.T) {
	each(t, func(o *office) {
		heads := "序号,所属县区,街道/乡镇,所属社区,小区名称,类别,是否薄弱,评定依据,佐证材料,保安人数,路灯（盏）,备注"
		d := o.upload("9月.csv", csvOf("临沂市小区情况统计表", "", heads,
			"1,兰山区,银雀山,东苗庄社区,金阳花园,示范,,创建标准,核查表,４ 人,12.0,",
			"2,兰山区,银雀山街道,煤山,三孔桥小区,帮扶小区,是,无围墙,摸底表,0,\"1,200\",",
			"3,兰山区,金雀山街道,金太社区,金雀新城,,,,,两名,6,",
			"合计,,,,,,,,,4,1218,", "填表人：王", ""))
		r := d.Report
		if d.State != Checked || r.Rows != 5 || r.Bad != 1 || r.New != 1 || r.Changed != 1 || r.Skipped != 2 {
			t.Fatalf("%+v", r)
		}
		if got := found(r.Problems); got != "D6 sheet.place.no-community\nJ6 sheet.not-a-number" {
			t.Errorf("%s", got)
		}
		if p := r.Problems[0]; len(p.right.words) == 0 || p.right.words[0] != "金泰社区" {
			t.Errorf("what would be right: %+v", p.right)
		}
		if _, ok := o.record("三孔桥小区"); ok {
			t.Fatal("a dry run stored something")
		}
		_, err := o.s.Commit(Sender{Account: "wang"}, d.ID, false)
		o.code(err, "sheet.has-bad-rows")
		_, err = o.s.Commit(Sender{Account: "li"}, d.ID, true)
		o.code(err, "sheet.no-draft")
		if d = o.commit(d, true); d.State != Done || d.Import == "" {
			t.Fatalf("%+v", d)
		}
		a, _ := o.record("三孔桥小区")
		b, _ := o.record("金阳花园")
		if a.Class != place.Helped || !a.Weak || a.Numbers["light"] != 1200 || a.Numbers["guard"] != 0 || len(a.Numbers) != 2 || a.Parent != o.ids["煤山社区"] {
			t.Errorf("%+v", a)
		}
		if b.Class != place.Demonstration || b.Numbers["guard"] != 4 || b.Numbers["light"] != 12 {
			t.Errorf("%+v", b)
		}

		// The same list again changes nothing; another number is told against the last upload.
		d = o.upload("again.csv", csvOf(heads, "1,兰山区,银雀山,东苗庄社区,金阳花园,示范,,创建标准,核查表,4,15,"))
		if r := d.Report; r.Changed != 1 || found(r.Warnings) != "K2 sheet.changed-value" || len(r.Changes) != 1 || r.Changes[0].Was != "12" || r.Changes[0].Is != "15" {
			t.Errorf("%+v", r)
		}
		d = o.commit(o.upload("same.csv", csvOf(heads, "1,兰山区,银雀山,东苗庄社区,金阳花园,示范,,创建标准,核查表,4,12,", "2,兰山区,银雀山街道,煤山社区,三孔桥小区,帮扶,是,无围墙,摸底表,0,1200,")), false)
		if r := d.Report; r.Same != 2 || r.New+r.Changed+r.Bad != 0 {
			t.Errorf("%+v", r)
		}

		list, err := o.s.Imports(o.ctx, "", 10)
		o.must(err)
		if len(list) != 2 || list[0].Last || !list[1].Last || list[1].New != 1 || list[1].File != "9月.csv" {
			t.Fatalf("%+v", list)
		}
		if _, err = o.s.Undo(o.ctx, Sender{Account: "wang"}, list[1].ID); err != nil {
			t.Fatal(err)
		}
		if _, ok := o.record("三孔桥小区"); ok {
			t.Error("the new compound is still there")
		}
		if b, _ := o.record("金阳花园"); b.Class != place.Other || b.Weak || len(b.Numbers) != 0 {
			t.Errorf("%+v", b)
		}
		_, err = o.s.Undo(o.ctx, Sender{Account: "wang"}, list[1].ID)
		o.code(err, "sheet.undone-already")
	})
}
