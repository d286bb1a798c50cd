package sheet

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"linli.dev/linli/people/place"
	"linli.dev/linli/store/storetest"
)

// faulty are the ways in which a row can be wrong, each with the cell at which it is found.
var faulty = []struct {
	column, code string
	spoil        func(cells, before []string)
}{
	{"D", "sheet.required", func(c, _ []string) { c[3] = "  " }},
	{"C", "sheet.required", func(c, _ []string) { c[2] = "" }},
	{"D", "sheet.too-long", func(c, _ []string) { c[3] += strings.Repeat("长", 60) }},
	{"H", "place.field.identity-number", func(c, _ []string) { c[7] = "见 371302198001011234" }},
	{"D", "place.field.phone-number", func(c, _ []string) { c[3] += "１３８０５３９１２３４" }},
	{"A", "sheet.place.no-county", func(c, _ []string) { c[0] = "蓝山县" }},
	{"A", "sheet.place.other-county", func(c, _ []string) { c[0], c[1], c[2] = "罗庄区", "银雀山街道", "东苗庄社区" }},
	{"B", "sheet.place.no-street", func(c, _ []string) { c[1] = "铜雀山街道" }},
	{"C", "sheet.place.no-community", func(c, _ []string) { c[2] = "西苗庄社区" }},
	{"C", "sheet.place.several", func(c, _ []string) { c[0], c[1], c[2] = "", "", "中心社区" }},
	{"F", "sheet.not-a-choice", func(c, _ []string) { c[5] = "优秀" }},
	{"G", "sheet.not-a-choice", func(c, _ []string) { c[6] = "大概" }},
	{"J", "sheet.not-a-number", func(c, _ []string) { c[9] = "两名" }},
	{"J", "sheet.negative", func(c, _ []string) { c[9] = "-1" }},
	{"K", "sheet.fraction", func(c, _ []string) { c[10] = "1.5" }},
	{"K", "sheet.too-many", func(c, _ []string) { c[10] = "100001" }},
	{"L", "sheet.not-a-day", func(c, _ []string) { c[11] = "9月底" }},
	{"L", "sheet.day-to-come", func(c, _ []string) { c[11] = "2017年10月1日" }},
	{"D", "sheet.formula", func(c, _ []string) { c[3] = "=1+1" }},
	{"K", "sheet.formula-error", func(c, _ []string) { c[10] = "#REF!" }},
	{"M", "sheet.no-such-id", func(c, _ []string) { c[12] = "01ARZ3NDEKTSV4RRFFQ69G5FAV" }},
	{"H", "sheet.needs-evidence", func(c, _ []string) { c[5], c[8] = "帮扶", "摸底表" }},
	{"G", "place.class.helped-is-weak", func(c, _ []string) { c[5], c[6], c[7], c[8] = "帮扶", "否", "无围墙", "摸底表" }},
	{"D", "sheet.twice", func(c, b []string) { copy(c[:4], b[:4]) }},
	{"E", "sheet.too-long", func(c, _ []string) { c[4] = strings.Repeat("7", 21) }},
	{"L", "sheet.community-not-there", func(c, _ []string) { c[11] = "2017-01-01" }},
}

var listHeads = []string{"县区", "街道（乡镇）", "社区（村）", "小区名称", "编码", "小区类别", "治安基础薄弱", "评定依据", "佐证材料", "保安（人）", "路灯（盏）", "统计日期", "系统编号"}

var where5 = [][3]string{
	{"兰山区", "银雀山街道", "东苗庄社区"},
	{"兰山区", "银雀山街道", "煤山社区"},
	{"兰山区", "金雀山街道", "金泰社区"},
	{"兰山区", "金雀山街道", "中心社区"},
	{"罗庄区", "罗庄街道", "中心社区"},
}

// longList makes a list of n rows of which every tenth is wrong, and says which cell should be found for what.
func longList(n int, spoil bool) (rows [][]string, want map[string]string) {
	want = map[string]string{}
	rows = [][]string{{"小区情况统计表"}, listHeads}
	for i := range n {
		w := where5[i%5]
		c := []string{w[0], w[1], w[2], fmt.Sprintf("丽景%05d号院", i), "", "", "", "", "", fmt.Sprint(i % 7), fmt.Sprint(i % 30), "2017-09-20", ""}
		if f := faulty[i/10%len(faulty)]; spoil && i%10 == 5 {
			f.spoil(c, rows[len(rows)-1])
			want[fmt.Sprintf("%s%d", f.column, len(rows)+1)] = f.code
		}
		rows = append(rows, c)
	}
	return rows, want
}

func asCSV(rows [][]string) []byte {
	var b bytes.Buffer
	for _, r := range rows {
		b.WriteString(strings.Join(r, ",") + "\r\n")
	}
	return b.Bytes()
}

func asXLSX(t testing.TB, rows [][]string) []byte {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	w, err := f.NewStreamWriter("Sheet1")
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range rows {
		cells := make([]any, len(r))
		for j := range r {
			cells[j] = r[j]
		}
		if err := w.SetRow(cellName(0, i), cells); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	b, err := f.WriteToBuffer()
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// However many cells are bad, each of them can be read: of one kind or of all, page by page, in the order of the rows.
func TestEveryBadCellIsWithinReach(t *testing.T) {
	o := newOffice(t, storetest.SQLite(t))
	const n = 1234
	rows := [][]string{{"社区", "小区名称", "保安（人）", "路灯（盏）"}}
	var want []string
	for i := range n {
		rows = append(rows, []string{"煤山社区", fmt.Sprintf("丽景%05d号院", i), "两名", fmt.Sprint(i % 2 * -7)})
		want = append(want, fmt.Sprintf("C%d", i+2))
		if i%2 == 1 {
			want = append(want, fmt.Sprintf("D%d", i+2))
		}
	}
	d := o.upload("1.csv", asCSV(rows))
	if r := d.Report; len(r.Problems) != mostProblems || r.Kinds[kindNumber] != len(want) {
		t.Fatalf("%d of %d", len(r.Problems), r.Kinds[kindNumber])
	}
	for _, kind := range []Kind{"", kindNumber} {
		var got []string
		for offset, pages := 0, 0; ; pages++ {
			page, err := o.s.Cells(o.ctx, "wang", d.ID, kind, offset, 700)
			o.must(err)
			if page.Total != len(want) || pages > 3 {
				t.Fatalf("page %d: %d in all, %d wanted", pages, page.Total, len(want))
			}
			for _, c := range page.Cells {
				got = append(got, c.Cell)
			}
			if offset = page.Next; offset == 0 {
				break
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q: %s", kind, diff)
		}
	}
	if page, err := o.s.Cells(o.ctx, "wang", d.ID, kindDay, 0, 10); err != nil || len(page.Cells) != 0 || page.Total != 0 {
		t.Errorf("%+v %v", page, err)
	}
	_, err := o.s.Cells(o.ctx, "li", d.ID, "", 0, 10)
	o.code(err, "sheet.no-draft")
}

// 5,000 rows with 500 faults of 25 kinds: each is found at its cell and nowhere else; the good rows go in, the bad
// ones come back red, the list sent again changes nothing, and all of it is taken back.
func TestFiveHundredFaults(t *testing.T) {
	each(t, func(o *office) {
		const n = 5000
		rows, want := longList(n, true)
		file := asXLSX(t, rows)
		d := o.upload("9月.xlsx", file)
		got := map[string]string{}
		for _, p := range d.Report.Problems {
			if got[p.Cell] != "" {
				t.Errorf("%s: %s and %s", p.Cell, got[p.Cell], p.Code)
			}
			got[p.Cell] = p.Code
			if p.Sheet != "Sheet1" {
				t.Errorf("%s of sheet %q", p.Cell, p.Sheet)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" || len(want) != n/10 {
			t.Fatalf("%d faults: %s", len(want), diff)
		}
		if r := d.Report; r.Bad != n/10 || r.New != n*9/10 || r.Rows != n {
			t.Fatalf("%+v", *r)
		}
		if d = o.commit(d, true); d.Report.New != n*9/10 || d.Report.Bad != n/10 {
			t.Fatalf("%+v", d.Report)
		}
		o.badWorkbook(d, want)

		again := o.upload("again.csv", asCSV(rows))
		if r := again.Report; r.Same != n*9/10 || r.Bad != n/10 || r.New+r.Changed != 0 {
			t.Errorf("again: %+v", *r)
		}
		_, err := o.s.Undo(o.ctx, Sender{Account: "wang"}, d.Import)
		o.must(err)
		tree, err := o.places.Tree(o.ctx)
		o.must(err)
		if n := len(tree.Of(o.s.today(), place.Compound)); n != 1 {
			t.Errorf("%d compounds are left", n)
		}
		if again := o.upload("again.csv", asCSV(rows)); again.Report.New != n*9/10 {
			t.Errorf("after the undo: %+v", *again.Report)
		}
	})
}

// badWorkbook opens the workbook of bad rows: each fault is a red cell with a note.
func (o *office) badWorkbook(d *Draft, want map[string]string) {
	o.t.Helper()
	b, err := o.s.BadRows(o.ctx, "wang", d.ID, 1, func(code string, args map[string]any) string { return o.say[code] })
	o.must(err)
	f, err := excelize.OpenReader(bytes.NewReader(b))
	o.must(err)
	defer f.Close()
	notes, err := f.GetComments("Sheet1")
	o.must(err)
	list, err := f.GetRows("Sheet1")
	o.must(err)
	if len(notes) != len(want) || len(list) != len(want)+1 || list[0][3] != "小区名称" {
		o.t.Fatalf("%d notes, %d rows for %d faults", len(notes), len(list), len(want))
	}
	for _, n := range notes {
		col, row, err := excelize.CellNameToCoordinates(n.Cell)
		o.must(err)
		last := list[row-1]
		was := cellName(col-1, 0)[:1] + last[len(listHeads)] // the sender's row stands behind the sender's columns
		code, ok := want[was]
		if !ok || o.say[code] == "" && !strings.HasPrefix(code, "place.") || !strings.HasPrefix(n.Text, o.say[code]) {
			o.t.Fatalf("%s (%s): %q", n.Cell, was, n.Text)
		}
		style, err := f.GetCellStyle("Sheet1", n.Cell)
		o.must(err)
		if s, err := f.GetStyle(style); err != nil || len(s.Fill.Color) == 0 || !strings.HasSuffix(s.Fill.Color[0], red) {
			o.t.Fatalf("%s is not red", n.Cell)
		}
	}
}

// Whoever edited a compound after an import keeps the edit: the undo is refused, and names the rows.
func TestNoUndoOverAnEdit(t *testing.T) {
	each(t, func(o *office) {
		rows, _ := longList(40, false)
		d := o.commit(o.upload("a.csv", asCSV(rows)), false)
		tree, err := o.places.Tree(o.ctx)
		o.must(err)
		var id place.ID
		for _, v := range tree.Of(o.s.today(), place.Compound) {
			if v.Name == "丽景00007号院" {
				id = v.Place
			}
		}
		o.must(o.places.Count(o.ctx, "zhao", []place.Count{{Compound: id, Sort: "light", Moment: place.Moment{About: o.s.o.Clock.Today()}, Number: 3}}))
		o.s.o.Names = func(_ context.Context, account string) string { return "office of " + account }
		_, err = o.s.Undo(o.ctx, Sender{Account: "wang"}, d.Import)
		o.code(err, "sheet.edited-since")
		f := faultOf(err)
		if f == nil || len(f.Fields) != 1 || f.Fields[0].Path != "10" || f.Fields[0].Args["by"] != "office of zhao" || f.Fields[0].Args["name"] != "丽景00007号院" {
			t.Errorf("%+v", err)
		}
		if _, ok := o.record("丽景00008号院"); !ok {
			t.Error("the refused undo took something back")
		}
	})
}

// breaking is places that fail, or are interrupted, in the middle of a list.
type breaking struct {
	*place.Service
	after int
	do    func(ctx context.Context) error
}

func (b *breaking) Count(ctx context.Context, by string, list []place.Count) error {
	if b.after--; b.after == 0 {
		if err := b.do(ctx); err != nil {
			return err
		}
	}
	return b.Service.Count(ctx, by, list)
}

// A list that breaks off in the middle, by a failure or by its sender, leaves nothing behind.
func TestNothingIsHalfDone(t *testing.T) {
	each(t, func(o *office) {
		before, err := o.db.LastSeq(o.ctx)
		o.must(err)
		rows, _ := longList(1300, false)
		for name, do := range map[string]func(ctx context.Context, d *Draft) error{
			"disk": func(context.Context, *Draft) error { return errors.New("the disk is full") },
			"sender": func(ctx context.Context, d *Draft) error {
				go func() { _ = o.s.Cancel("wang", d.ID) }()
				<-ctx.Done()
				return nil
			},
		} {
			o.s.o.Places = o.places
			d := o.upload(name+".csv", asCSV(rows))
			o.s.o.Places = &breaking{o.places, 3, func(ctx context.Context) error { return do(ctx, d) }}
			o.now = o.now.Add(1e9)
			_, err := o.s.Commit(Sender{Account: "wang"}, d.ID, false)
			o.must(err)
			v := o.end(d.ID)
			if want := map[string]State{"disk": Failed, "sender": Cancelled}[name]; v.State != want {
				t.Errorf("%s: %s, %v", name, v.State, v.err)
			}
			list, err := o.s.Imports(o.ctx, "", 10)
			o.must(err)
			after, err := o.db.LastSeq(o.ctx)
			o.must(err)
			if _, ok := o.record("丽景00001号院"); ok || len(list) != 0 || after != before {
				t.Errorf("%s: something was left: %d imports, %d events", name, len(list), after-before)
			}
		}
		// And the same list goes in whole afterwards.
		o.s.o.Places = o.places
		if d := o.commit(o.upload("again.csv", asCSV(rows)), false); d.Report.New != 1300 {
			t.Errorf("%+v", d.Report)
		}
	})
}
