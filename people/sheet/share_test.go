package sheet

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"linli.dev/linli/people/place"
)

// register is a programme that remembers what it was told, in order.
type register struct{ said []Share }

func (r *register) Shares(_ context.Context, _ ...place.ID) (func(place.AsOf, place.ID) Share, error) {
	return func(q place.AsOf, id place.ID) (out Share) {
		for _, s := range r.said {
			if s.Compound == id && s.From <= q.Day && s.From >= out.From {
				out = s
			}
		}
		return out
	}, nil
}

func (r *register) Relieves(ctx context.Context, list []Share, _ bool) ([]bool, error) {
	at, _ := r.Shares(ctx)
	after := register{append(slices.Clone(r.said), list...)}
	then, _ := after.Shares(ctx)
	out := make([]bool, len(list))
	for i, is := range list {
		for _, s := range after.said {
			if s.Compound == is.Compound && s.From >= is.From {
				q := place.AsOf{Day: s.From}
				was, now := at(q, is.Compound), then(q, is.Compound)
				out[i] = out[i] || was.Part && (!now.Part || now.Plan < was.Plan)
			}
		}
	}
	return out, nil
}

func (r *register) Take(_ context.Context, _ string, list []Share) error {
	r.said = append(r.said, list...)
	return nil
}

func (r *register) Restore(_ context.Context, _, _ string, list []Share) error {
	r.said = append(r.said, list...)
	return nil
}

func (r *register) Where(context.Context) (func(place.ID) bool, error) { return nil, nil }

func (r *register) now(o *office, name string) Share {
	o.t.Helper()
	tree, err := o.places.Tree(o.ctx)
	o.must(err)
	at, _ := r.Shares(o.ctx)
	for _, id := range tree.Ever(place.Compound) {
		if h := tree.History(id); h[0].Name == name {
			return at(o.s.today(), id)
		}
	}
	return Share{}
}

// A list says which compounds take part and how many channels each is to have: new ones and those that are there; sent again
// it changes nothing; it never lets a compound owe less; undone on its day all is as before.
func TestWhoTakesPartStandsInTheList(t *testing.T) {
	each(t, func(o *office) {
		r := &register{}
		o.s.o.Programme = r
		heads := "社区,小区名称,参加专项,计划路数"
		d := o.upload("1.csv", csvOf(heads, "东苗庄社区,金阳花园,参加,24", "煤山社区,三孔桥小区,是,8 路", "煤山社区,北园小区,,"))
		if rep := d.Report; rep.New != 2 || rep.Changed != 1 || rep.Apart != 1 || len(rep.Changes) != 2 || rep.Changes[0].Was != "否" || rep.Changes[1].Is != "24" {
			t.Fatalf("%+v", rep)
		}
		if len(r.said) != 0 {
			t.Fatal("a dry run said something")
		}
		d = o.commit(d, false)
		for name, want := range map[string]Share{"金阳花园": {Part: true, Plan: 24}, "三孔桥小区": {Part: true, Plan: 8}, "北园小区": {}} {
			if got := r.now(o, name); got.Part != want.Part || got.Plan != want.Plan {
				t.Errorf("%s: %+v", name, got)
			}
		}
		if again := o.upload("again.csv", csvOf(heads, "东苗庄社区,金阳花园,,24", "煤山社区,三孔桥小区,yes,", "煤山社区,北园小区,否,")); again.Report.Same != 3 || again.Report.Apart != 1 {
			t.Errorf("%+v", again.Report)
		}
		// Exported and sent back it changes nothing.
		var out bytes.Buffer
		o.must(o.s.Export(o.ctx, &out, "csv", "zh", Filter{Q: o.s.today()}))
		if text := out.String(); !strings.Contains(text, "纳入创建,计划安装路数") || !strings.Contains(text, ",是,24,") || !strings.Contains(text, ",否,,") {
			t.Errorf("%s", text)
		}
		if back := o.upload("back.csv", out.Bytes()); back.Report.Same != 3 {
			t.Errorf("%+v", back.Report)
		}
		bad := o.upload("bad.csv", csvOf(heads, "东苗庄社区,金阳花园,否,", "煤山社区,三孔桥小区,,7", "煤山社区,北园小区,也许,0", "煤山社区,甲小区,是,1.5", "煤山社区,乙小区,是,很多"))
		if got := found(bad.Report.Problems); got != "C2 sheet.owes-less\nD3 sheet.owes-less\nC4 sheet.not-a-choice\nD4 sheet.no-plan\nD5 sheet.fraction\nD6 sheet.not-a-number" {
			t.Errorf("%s", got)
		}
		_, err := o.s.Undo(o.ctx, Sender{Account: "wang"}, d.Import)
		o.must(err)
		if got := r.now(o, "金阳花园"); got.Part || got.Plan != 0 {
			t.Errorf("%+v", got)
		}
		if got := r.now(o, "三孔桥小区"); got.Part {
			t.Errorf("%+v", got)
		}
	})
}

// A sender may say that all compounds of a list take part; a row of its own word stands.
func TestAllOfAListTakePart(t *testing.T) {
	each(t, func(o *office) {
		r := &register{}
		o.s.o.Programme = r
		file := csvOf("社区,小区名称,开展创建", "煤山社区,三孔桥小区,", "煤山社区,北园小区,否")
		d, err := o.s.Upload(o.ctx, Sender{Account: "wang"}, "a.csv", Asked{Take: true}, bytes.NewReader(file))
		o.must(err)
		o.commit(o.wait(d.ID), false)
		if !r.now(o, "三孔桥小区").Part || r.now(o, "北园小区").Part {
			t.Errorf("%+v", r.said)
		}
		nowhere := func(place.ID) bool { return false }
		d, err = o.s.Upload(o.ctx, Sender{Account: "wang", Take: nowhere}, "b.csv", Asked{Take: true}, bytes.NewReader(file))
		o.must(err)
		if got := found(o.wait(d.ID).Report.Problems); got != " sheet.not-yours-to-take" && got != "C3 sheet.not-yours-to-take" && got != "" {
			t.Errorf("%s", got)
		}
		d, err = o.s.Upload(o.ctx, Sender{Account: "wang", Take: nowhere}, "c.csv", Asked{}, bytes.NewReader(csvOf("社区,小区名称,开展创建", "煤山社区,北园小区,是")))
		o.must(err)
		if got := found(o.wait(d.ID).Report.Problems); got != "C2 sheet.not-yours-to-take" {
			t.Errorf("%s", got)
		}
	})
}

// What was imported on another day is not undone where compounds would owe less by it.
func TestATakingPartIsNotUndoneLater(t *testing.T) {
	each(t, func(o *office) {
		o.s.o.Programme = &register{}
		d := o.commit(o.upload("1.csv", csvOf("社区,小区名称,开展创建", "煤山社区,三孔桥小区,是")), false)
		_, err := o.s.Undo(o.ctx, Sender{Account: "second"}, d.Import) // a slip is mended by who made it
		o.code(err, "sheet.undo-owes-less")
		o.now = o.now.AddDate(0, 0, 1)
		_, err = o.s.Undo(o.ctx, Sender{Account: "wang"}, d.Import)
		o.code(err, "sheet.undo-owes-less")
		if _, ok := o.record("三孔桥小区"); !ok {
			t.Error("the refused undo took something back")
		}
	})
}

// The template has the two columns, with a drop-down; a heading that is only like one of them is not taken for it.
func TestTheTemplateAsksWhoTakesPart(t *testing.T) {
	each(t, func(o *office) {
		b, err := o.s.Template(o.ctx, Compounds, "xlsx", "zh", nil)
		o.must(err)
		f, err := excelize.OpenReader(bytes.NewReader(b))
		o.must(err)
		defer f.Close()
		rows, err := f.GetRows("小区")
		o.must(err)
		part, plan := -1, -1
		for i, h := range rows[0] {
			switch h {
			case "纳入创建":
				part = i
			case "计划安装路数":
				plan = i
			}
		}
		checks, err := f.GetDataValidations("小区")
		o.must(err)
		drop := map[string]string{}
		for _, v := range checks {
			drop[v.Sqref[:strings.IndexAny(v.Sqref, "0123456789")]] = v.Formula1
		}
		if part < 0 || plan < 0 || !strings.Contains(drop[columnName(part)], "是,否") || drop[columnName(plan)] != "1" {
			t.Errorf("%d %d %v", part, plan, drop)
		}
		for _, h := range []string{"安装路数", "已安装路数", "已建成", "参加人数"} {
			if k, _ := listings[Compounds].meaning(h, nil); k == Part || k == Plan {
				t.Errorf("%s is taken for %s", h, k)
			}
		}
	})
}

// A class and its deadlines are left with a reason and by the level above, so no list does it, and no undoing on a later day.
func TestAListLeavesNoClass(t *testing.T) {
	each(t, func(o *office) {
		heads := "社区,小区名称,小区类别,评定依据,佐证材料"
		d := o.commit(o.upload("1.csv", csvOf(heads, "煤山社区,三孔桥小区,示范,创建标准第三条,鲁综治〔2017〕3号")), false)
		is := func(want place.Class) {
			t.Helper()
			r, _ := o.record("三孔桥小区")
			if r.Class != want {
				t.Errorf("its class is %q, want %q", r.Class, want)
			}
		}
		is(place.Demonstration)
		bad := o.upload("2.csv", csvOf(heads, "煤山社区,三孔桥小区,其他,不再列入,"))
		if got := found(bad.Report.Problems); got != "C2 sheet.leaves-class" {
			t.Errorf("%s", got)
		}
		o.now = o.now.AddDate(0, 0, 1)
		_, err := o.s.Undo(o.ctx, Sender{Account: "wang"}, d.Import)
		o.code(err, "sheet.undo-leaves-class")
		is(place.Demonstration)
	})
}
