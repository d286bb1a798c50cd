package sheet

import (
	"archive/zip"
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"

	"linli.dev/linli/fault"
	"linli.dev/linli/people/place"
	"linli.dev/linli/store/storetest"
)

func faultOf(err error) *fault.Error {
	f, _ := err.(*fault.Error)
	return f
}

// What real lists look like: titles, grouped headings, merged counties, dates as numbers, blanks of all sorts.
func TestARealOfficesWorkbook(t *testing.T) {
	o := newOffice(t, storetest.SQLite(t))
	file := workbook(t, "汇总", [][]any{
		{"临沂市平安小区创建情况统计表"},
		{"填报单位：兰山区综治办", "", "", "", "", "", "", "日期：2017年9月"},
		{"序号", "县区", "镇街", "社区", "小区名称", "人防", "", "物防", "", "数据日期"},
		{"", "", "", "", "", "保安", "平安员", "路灯数量", "大门", ""},
		{1, "兰山区", "银雀山街道", "东苗庄社区", " 金阳花园　", 4, "１２名", "1,024", 2, 43001},
		{2, "", "", "", "银杏小区", 0, "", "36 盏", "", "2017.9.20"},
		{3, "", "金雀山街道", "金泰社区", "金雀新城", "", "", 6, "", "2017/9/1"},
		{"合计", "", "", "", "", 4, 12, 1066, 2},
		{"填表人：王　　审核人：李"},
	}, func(f *excelize.File) {
		for _, m := range [][2]string{{"A1", "J1"}, {"B3", "B4"}, {"C3", "C4"}, {"D3", "D4"}, {"E3", "E4"}, {"F3", "G3"}, {"H3", "I3"}, {"J3", "J4"}, {"B5", "B7"}, {"C5", "C6"}, {"D5", "D6"}} {
			if err := f.MergeCell("汇总", m[0], m[1]); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := f.NewSheet("说明"); err != nil {
			t.Fatal(err)
		}
	})
	d := o.upload("汇总.xlsx", file)
	r := d.Report
	if len(r.Problems) != 0 || r.New != 2 || r.Changed != 1 || r.Skipped != 2 || d.Tables[0].Heading != 4 || d.Tables[1].Heading != 0 {
		t.Fatalf("%+v\n%s", *r, found(r.Problems))
	}
	o.commit(d, false)
	a, _ := o.record("金阳花园")
	b, _ := o.record("银杏小区")
	c, _ := o.record("金雀新城")
	if a.Numbers["volunteer"] != 12 || a.Numbers["light"] != 1024 || b.Parent != o.ids["东苗庄社区"] || b.Numbers["light"] != 36 || c.Parent != o.ids["金泰社区"] {
		t.Errorf("%+v\n%+v\n%+v", a, b, c)
	}
	counts, err := o.places.Counts(o.ctx, o.ids["金阳花园"])
	o.must(err)
	if counts[0].About != place.Date(2017, 9, 23) {
		t.Errorf("43001 is %s", counts[0].About)
	}
}

func TestANumberInMergedCellsIsNobodys(t *testing.T) {
	o := newOffice(t, storetest.SQLite(t))
	file := workbook(t, "表", [][]any{
		{"社区", "小区名称", "路灯"},
		{"煤山社区", "甲小区", 12},
		{"煤山社区", "乙小区", ""},
	}, func(f *excelize.File) {
		if err := f.MergeCell("表", "C2", "C3"); err != nil {
			t.Fatal(err)
		}
	})
	if d := o.upload("a.xlsx", file); found(d.Report.Problems) != "C2 sheet.merged-number" {
		t.Errorf("%s", found(d.Report.Problems))
	}
}

// The same list in every form that offices send.
func TestFormsOfText(t *testing.T) {
	o := newOffice(t, storetest.SQLite(t))
	text := "社区,小区名称,路灯\r\n煤山社区,\"三孔桥\n小区\",12\r\n"
	gb, err := simplifiedchinese.GB18030.NewEncoder().String(text)
	o.must(err)
	for name, file := range map[string]string{
		"utf-8": text, "marked": "\ufeff" + text, "gb18030": gb, "pasted": strings.ReplaceAll(text, ",", "\t"), "semicolon": strings.ReplaceAll(text, ",", ";"),
		"sep": "sep=;\n" + strings.ReplaceAll(text, ",", ";"), "wide": strings.ReplaceAll(text, ",", "，"),
		"utf-16": "\xff\xfe" + utf16(text), "old mac": strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\r"), "\n", " "),
	} {
		d := o.upload(name, []byte(file))
		if d.Report.New != 1 || d.Report.Bad != 0 || d.Report.Rows != 1 {
			t.Errorf("%s: %+v", name, *d.Report)
		}
	}
}

func utf16(s string) string {
	var b strings.Builder
	for _, r := range s {
		b.WriteByte(byte(r))
		b.WriteByte(byte(r >> 8))
	}
	return b.String()
}

func zipped(t *testing.T, files map[string][]byte) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, data := range files {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(data); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// What is no list, or is meant to harm, is refused with what is wrong, and its file does not stay.
func TestRefusedFiles(t *testing.T) {
	o := newOffice(t, storetest.SQLite(t))
	good := workbook(t, "表", [][]any{{"社区", "小区名称"}, {"煤山社区", "甲小区"}})
	heads := "社区,小区名称,"
	for name, c := range map[string]struct {
		file []byte
		code string
	}{
		"empty":       {nil, "sheet.empty-file"},
		"old excel":   {append([]byte{0xd0, 0xcf, 0x11, 0xe0}, make([]byte, 600)...), "sheet.old-excel"},
		"password":    {append([]byte{0xd0, 0xcf, 0x11, 0xe0}, "E\x00n\x00c\x00r\x00y\x00p\x00t\x00e\x00d\x00P\x00a\x00c\x00k\x00a\x00g\x00e\x00"...), "sheet.encrypted"},
		"picture":     {[]byte("\x89PNG\r\n\x1a\n\x00\x00\x00"), "sheet.not-readable"},
		"broken off":  {good[:len(good)/2], "sheet.broken"},
		"no workbook": {zipped(t, map[string][]byte{"a.txt": []byte("x")}), "sheet.broken"},
		"bomb":        {zipped(t, map[string][]byte{"xl/workbook.xml": make([]byte, maxRest+1)}), "sheet.unpacks-too-large"},
		"sheet bomb":  {zipped(t, map[string][]byte{"xl/worksheets/sheet1.xml": make([]byte, maxSheet+1)}), "sheet.unpacks-too-large"},
		"too large":   {make([]byte, MaxBytes+1), "sheet.too-large"},
		"prose":       {[]byte("今天天气很好\n明天也是"), "sheet.no-headings"},
		"identity":    {csvOf(heads+"业主身份证号", "煤山社区,甲小区,1"), "sheet.asks-about-people"},
		"key persons": {csvOf(heads+"重点人员（人）", "煤山社区,甲小区,1"), "sheet.asks-about-people"},
		"residents":   {csvOf(heads+"Resident name", "煤山社区,甲小区,x"), "sheet.asks-about-people"},
	} {
		_, err := o.s.Upload(o.ctx, Sender{Account: "wang", Lang: "zh"}, name, Asked{}, bytes.NewReader(c.file))
		if fault.CodeOf(err) != c.code {
			t.Errorf("%s: %v, want %s", name, err, c.code)
		}
		left, err := os.ReadDir(o.s.o.Dir)
		o.must(err)
		if len(left) != 0 {
			t.Fatalf("%s: the file is still there", name)
		}
	}
	_, err := o.s.Upload(o.ctx, Sender{Account: "wang", Lang: "zh"}, "a", Asked{}, bytes.NewReader(csvOf(heads+"民族,户籍地", "煤山社区,甲小区,1,2")))
	if f := faultOf(err); f == nil || len(f.Fields) != 2 || f.Fields[0].Path != "C1" || f.Fields[0].Args["column"] != "民族" {
		t.Errorf("%v", err)
	}
	// Numbers of persons are refused in a column that is not taken, too.
	d := o.upload("a", csvOf(heads+"随记", "煤山社区,甲小区,37130219800101123X"))
	if got := found(d.Report.Problems); got != "C2 place.field.identity-number" || d.Report.Problems[0].Is != "" {
		t.Errorf("%s %q", got, d.Report.Problems[0].Is)
	}
}

// A sender whose headings are like no other says once what they mean.
func TestHeadingsAreRemembered(t *testing.T) {
	each(t, func(o *office) {
		file := csvOf("片区,院落,社区名,亮灯", ",甲小区,煤山社区,7")
		_, err := o.s.Upload(o.ctx, Sender{Account: "wang", Lang: "zh"}, "a.csv", Asked{}, bytes.NewReader(file))
		o.code(err, "sheet.no-headings")
		file = csvOf("片区,院落,社区,路灯,亮灯", ",甲小区,煤山社区,,7")
		d, err := o.s.Upload(o.ctx, Sender{Account: "wang", Lang: "zh"}, "a.csv", Asked{}, bytes.NewReader(file))
		o.must(err)
		if v := o.end(d.ID); v.State != Failed || fault.CodeOf(v.err) != "sheet.missing-columns" {
			t.Fatalf("%s %v", v.State, v.err)
		}
		_, err = o.s.Map("wang", d.ID, []Meaning{{Column: "B", Key: Name}, {Column: "E", Key: "light"}})
		o.must(err)
		v := o.wait(d.ID)
		if v.Report.New != 1 || v.Tables[0].Columns[3].Key != "" {
			t.Fatalf("%+v %+v", *v.Report, v.Tables[0].Columns)
		}
		o.commit(v, false)
		if r, _ := o.record("甲小区"); r.Numbers["light"] != 7 {
			t.Errorf("%+v", r)
		}
		d = o.upload("b.csv", csvOf("片区,院落,社区,路灯,亮灯", ",甲小区,煤山社区,,9"))
		if c := d.Tables[0].Columns; c[1].Key != Name || c[1].How != byMemory || d.Report.Changed != 1 {
			t.Errorf("%+v %+v", c, *d.Report)
		}
		// Another sender has not said so.
		x, err := o.s.Upload(o.ctx, Sender{Account: "li", Lang: "zh"}, "b.csv", Asked{}, bytes.NewReader(file))
		o.must(err)
		if o.end(x.ID).State != Failed {
			t.Error("one sender's words hold for another")
		}
		_, err = o.s.Map("wang", d.ID, []Meaning{{Column: "B", Key: "shoe-size"}})
		o.code(err, "sheet.no-such-meaning")
		_, err = o.s.Map("wang", d.ID, []Meaning{{Column: "Z", Key: Name}})
		o.code(err, "sheet.no-such-column")
	})
}

// What was exported and is imported unchanged changes nothing, and nothing in it is ever reckoned.
func TestWhatIsExportedComesBack(t *testing.T) {
	each(t, func(o *office) {
		rows, _ := longList(30, false)
		rows[3][5], rows[3][7], rows[3][8] = "帮扶", "无围墙", "摸底表"
		rows[4][5], rows[4][7], rows[4][8] = "示范", "标准", "核查表"
		o.commit(o.upload("a.csv", asCSV(rows)), false)
		_, err := o.places.Found(o.ctx, "li", []place.NewPlace{{Level: place.Compound, Parent: o.ids["煤山社区"], Name: "=cmd|' /C calc'!A0", From: o.s.o.Clock.Today()}})
		o.must(err)
		_, err = o.places.Found(o.ctx, "li", []place.NewPlace{{Level: place.Compound, Parent: o.ids["煤山社区"], Name: "@甲, \"乙\"", From: o.s.o.Clock.Today()}})
		o.must(err)
		o.now = o.now.Add(1e9)
		for _, kind := range []string{"csv", "xlsx"} {
			for _, lang := range []string{"zh", "en"} {
				var b bytes.Buffer
				o.must(o.s.Export(o.ctx, &b, kind, lang, Filter{Q: o.s.today()}))
				if kind == "csv" && (!bytes.HasPrefix(b.Bytes(), []byte("\ufeff")) || !strings.Contains(b.String(), ",'=cmd|' /C calc'!A0,")) {
					t.Errorf("%s", b.String()[:600])
				}
				if kind == "xlsx" && strings.Contains(part(t, b.Bytes(), "xl/worksheets/sheet1.xml"), "<f") {
					t.Error("a formula got into the workbook")
				}
				d := o.upload("back."+kind, b.Bytes())
				if r := d.Report; r.Same != 33 || r.Rows != 33 || len(r.Problems) != 0 {
					t.Errorf("%s %s: %+v\n%s", kind, lang, *r, found(r.Problems))
				}
			}
		}
		var b bytes.Buffer
		o.must(o.s.Export(o.ctx, &b, "csv", "zh", Filter{Q: o.s.today(), Parent: o.ids["兰山区"], Class: place.Helped}))
		if n := strings.Count(b.String(), "\r\n"); n != 2 {
			t.Errorf("%d lines: %s", n, b.String())
		}
		// A renamed and moved row is known by its id.
		moved := strings.Replace(strings.Replace(b.String(), "丽景00001号院", "丽景壹号院", 1), "煤山社区", "东苗庄社区", 1)
		d := o.commit(o.upload("moved.csv", []byte(moved)), false)
		if r := d.Report; r.Changed != 1 {
			t.Fatalf("%+v %s", *r, found(r.Problems))
		}
		if r, ok := o.record("丽景壹号院"); !ok || r.Parent != o.ids["东苗庄社区"] || r.Class != place.Helped {
			t.Errorf("%+v", r)
		}
		_, err = o.s.Undo(o.ctx, Sender{Account: "wang"}, d.Import)
		o.must(err)
		if r, ok := o.record("丽景00001号院"); !ok || r.Parent != o.ids["煤山社区"] {
			t.Errorf("%+v", r)
		}
	})
}

func part(t *testing.T, file []byte, name string) string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	f, err := z.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var b bytes.Buffer
	if _, err := b.ReadFrom(f); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// The template is understood as it is, in both languages, and offers what may stand there.
func TestTemplate(t *testing.T) {
	o := newOffice(t, storetest.SQLite(t))
	for _, lang := range []string{"zh", "en"} {
		b, err := o.s.Template(o.ctx, Compounds, "xlsx", lang, nil)
		o.must(err)
		f, err := excelize.OpenReader(bytes.NewReader(b))
		o.must(err)
		list := f.GetSheetList()[0]
		rules, err := f.GetDataValidations(list)
		o.must(err)
		offered := map[string]string{}
		for _, r := range rules {
			offered[r.Sqref[:1]] = r.Formula1
		}
		if !strings.Contains(offered["A"], "$A$2") || !strings.Contains(offered["B"], "MATCH($A2,") || !strings.Contains(strings.ReplaceAll(offered["C"], "&amp;", "&"), "$A2&$B2") || !strings.Contains(offered["F"], pick(lang, "示范,帮扶,其他", "demonstration,helped,other")) {
			t.Errorf("%s: %v", lang, offered)
		}
		// As it was fetched there is nothing in it yet: the sheet is named on which one looks for the rows.
		empty, err := o.s.Upload(o.ctx, Sender{Account: "wang", Lang: lang}, "t.xlsx", Asked{}, bytes.NewReader(b))
		o.must(err)
		if no := faultOf(o.end(empty.ID).err); no == nil || no.Code != "sheet.no-rows-in" || no.Args["sheet"] != list {
			t.Errorf("%s: %v, want the name %q", lang, no, list)
		}
		row := []any{"兰山区", "银雀山街道", "煤山社区", "甲小区", "", pick(lang, "帮扶", "helped"), pick(lang, "是", "yes"), "无围墙", "摸底表", 3, "", "", "", "", 12}
		o.must(f.SetSheetRow(list, "A2", &row))
		filled, err := f.WriteToBuffer()
		o.must(err)
		f.Close()
		d := o.upload("t.xlsx", filled.Bytes())
		if r := d.Report; r.New != 1 || r.Rows != 1 || len(r.Problems) != 0 {
			t.Errorf("%s: %+v %s", lang, *r, found(r.Problems))
		}
		for _, c := range d.Tables[0].Columns {
			if c.Key == "" {
				t.Errorf("%s: %q is not understood", lang, c.Heading)
			}
		}
		csv, err := o.s.Template(o.ctx, Compounds, "csv", lang, nil)
		o.must(err)
		text, err := o.s.Upload(o.ctx, Sender{Account: "wang", Lang: lang}, "t.csv", Asked{}, bytes.NewReader(csv))
		o.must(err)
		o.code(o.end(text.ID).err, "sheet.no-rows") // a text has no sheets
	}
}

// Names that are likely to mean the same compound are told, others are not.
func TestTwins(t *testing.T) {
	o := newOffice(t, storetest.SQLite(t))
	for name, like := range map[string]bool{
		"金阳小区": true, "金阳": true, "金阳花园小区": true, "金阳家园": true, "银阳花园": false, "金阳花园二期": false, "金阳新村": false,
	} {
		d := o.upload("a.csv", csvOf("社区,小区名称", "东苗庄社区,"+name))
		if got := found(d.Report.Warnings) == "B2 sheet.similar"; got != like {
			t.Errorf("%s: %v", name, got)
		}
	}
	d := o.upload("a.csv", csvOf("社区,小区名称", "煤山社区,银河湾3号院", "煤山社区,银河湾三号院", "煤山社区,银河湾4号院", "金泰社区,银河湾3号院"))
	if found(d.Report.Warnings) != "B3 sheet.similar-row" {
		t.Errorf("%s", found(d.Report.Warnings))
	}
}

// A sender has three lists in hand; the fourth takes the place of the one not touched longest.
func TestListsInHand(t *testing.T) {
	o := newOffice(t, storetest.SQLite(t))
	machine := o.now
	o.s.machine = func() time.Time { machine = machine.Add(time.Second); return machine }
	var ids []string
	for i := range 4 {
		ids = append(ids, o.upload(fmt.Sprint(i), csvOf("社区,小区名称", "煤山社区,甲小区")).ID)
	}
	_, err := o.s.Draft("wang", ids[0])
	o.code(err, "sheet.no-draft")
	_, err = o.s.Draft("wang", ids[3])
	o.must(err)
	machine = machine.Add(2 * time.Hour)
	o.upload("late", csvOf("社区,小区名称", "煤山社区,甲小区"))
	left, err := filepath.Glob(o.s.o.Dir + "/*")
	o.must(err)
	if len(left) != 1 {
		t.Errorf("%d files lie there", len(left))
	}
	o.must(o.s.Cancel("wang", o.upload("x", csvOf("社区,小区名称", "煤山社区,甲小区")).ID))
}
