package inspection

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"linli.dev/linli/fault"
)

func written(t testing.TB, f Form) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := WriteXLSForm(&b, &f); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestAFormComesBackFromItsWorkbook(t *testing.T) {
	f := Form{ID: StarterID, Number: 3, FormWords: starterForm(t)}
	f.Sections[0].Items[0].Title = Words{"=HYPERLINK(\"http://x\")", "@SUM(1)"} // a title that a spreadsheet would reckon
	f.Sections[0].Items[1].Hint = Words{"-1不算", "'quoted"}
	f.Sections[1].Items[0].When = nil
	file := written(t, f)
	x, err := ReadXLSForm(file)
	if err != nil {
		t.Fatal(err)
	}
	if len(x.Problems) > 0 || len(x.Skipped) > 0 || x.ID != f.ID {
		t.Errorf("%s %+v %+v", x.ID, x.Problems, x.Skipped)
	}
	if diff := cmp.Diff(f.FormWords, x.Form); diff != "" {
		t.Error(diff)
	}
	book, err := excelize.OpenReader(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	for _, sheet := range book.GetSheetList() {
		rows, err := book.GetRows(sheet)
		if err != nil {
			t.Fatal(err)
		}
		for i, row := range rows {
			for j, c := range row {
				at, _ := excelize.CoordinatesToCellName(j+1, i+1)
				if formula, _ := book.GetCellFormula(sheet, at); formula != "" || c != "" && strings.ContainsRune("=+-@", rune(c[0])) {
					t.Errorf("%s!%s would be reckoned: %q", sheet, at, c)
				}
			}
		}
	}
}

// sheets makes a workbook of sheets that are given as tables.
func sheets(t testing.TB, tables map[string][][]any) []byte {
	t.Helper()
	book := excelize.NewFile()
	for name, rows := range tables {
		if _, err := book.NewSheet(name); err != nil {
			t.Fatal(err)
		}
		for i, row := range rows {
			if err := book.SetSheetRow(name, fmt.Sprintf("A%d", i+1), &row); err != nil {
				t.Fatal(err)
			}
		}
	}
	var b bytes.Buffer
	if err := book.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// As a form builder of KoboToolbox or ODK writes it: metadata rows, ids of its own, languages by name, names in capitals, a
// group within a group, columns that are of no use here; and our weights, typed in by hand.
func TestAFormOfAnotherTool(t *testing.T) {
	x, err := ReadXLSForm(sheets(t, map[string][][]any{
		"survey": {
			{"type", "name", "label::English (en)", "label::中文 (zh)", "label::Français (fr)", "hint::English (en)", "required", "relevant", "constraint", "appearance", "$kuid", "weight", "na", "veto", "full", "zero"},
			{"start", "start"},
			{"end", "end"},
			{"deviceid", "deviceid"},
			{},
			{"begin_group", "Gate-Check", "Gates", "大门", "Portes", "", "false", "", "", "field-list", "a1", 60},
			{"select_one yn3k", "Has_Gate", "Is there a gate?", "有大门", "", "", "true", "", "", "", "b1", 20},
			{"begin_group", "inner", "More", "更多", "", "", "", "${Has_Gate} = 'yes'"},
			{"integer", "gates_closed", "Gates closed at night", "夜间关闭的大门", "", "Count them", "true", "", ".>=0 and .<=10", "", "c1", 20, "yes", "", 5, 0},
			{"integer", "order", "Order, in points", "秩序得分", "", "", "true", "", ". >= 0 and . <= 20", "", "c2", 20},
			{"end_group"},
			{"end_group"},
			{"select_one state", "lamps", "Lamps", "照明", "", "", "true", "selected(${has_gate}, 'yes')", "", "minimal", "d1", 40, "", "TRUE"},
			{"image", "lamps_photo", "Photo", "照片", "", "", "true"},
			{"note", "thanks", "Thank you", "谢谢"},
			{"text", "remarks", "Remarks on things", "设施备注"},
		},
		"choices": {
			{"list_name", "name", "label::English (en)", "label::中文 (zh)", "$kuid", "points"},
			{"yn3k", "yes", "Yes", "是"},
			{"yn3k", "no", "No", "否"},
			{"state", "good", "Good", "好", "", 100},
			{"state", "fair", "Fair", "一般", "", 50},
			{"state", "1", "Bad", "差", "", 0},
		},
		"settings": {{"form_title", "form_id", "version", "default_language", "pass"}, {"小区检查", "Compound_Check", "v2 (2017)", "English (en)", 85}},
	}))
	if err != nil {
		t.Fatal(err)
	}
	if len(x.Problems) > 0 {
		t.Fatalf("%+v", x.Problems)
	}
	if x.ID != "compound-check" || x.Form.Title != (Words{ZH: "小区检查"}) || x.Form.Pass != 85 || len(x.Form.Sections) != 2 {
		t.Errorf("%s %+v", x.ID, x.Form)
	}
	skipped := []string{}
	for _, p := range x.Skipped {
		skipped = append(skipped, p.Path+" "+p.Code)
	}
	if diff := cmp.Diff([]string{
		"survey!2 type inspection.xlsform.metadata", "survey!3 type inspection.xlsform.metadata", "survey!4 type inspection.xlsform.metadata",
		"survey!1 label::français (fr) inspection.xlsform.language", "survey!8 label inspection.xlsform.nested",
	}, skipped); diff != "" {
		t.Error(diff)
	}
	gates := x.Form.Sections[0]
	when := &When{"has_gate", "yes"}
	if diff := cmp.Diff(Section{Name: "gate_check", Title: Words{"大门", "Gates"}, Weight: 60, Items: []Item{
		{Name: "has_gate", Title: Words{"有大门", "Is there a gate?"}, Kind: Choose, Weight: 20, Choices: []Choice{{"yes", Words{"是", "Yes"}, 100}, {"no", Words{"否", "No"}, 0}}},
		{Name: "gates_closed", Title: Words{"夜间关闭的大门", "Gates closed at night"}, Hint: Words{EN: "Count them"}, Kind: Integer, Weight: 20, MayNot: true, When: when, Least: "0", Most: "10", Zero: "0", Full: "5"},
		{Name: "order", Title: Words{"秩序得分", "Order, in points"}, Kind: Give, Weight: 20, When: when},
	}}, gates); diff != "" {
		t.Error(diff)
	}
	rest := x.Form.Sections[1]
	if rest.Name != "general" || len(rest.Items) != 3 || rest.Items[0].Photo != "required" || !rest.Items[0].Veto || *rest.Items[0].When != *when || rest.Items[0].Choices[2].Name != "1" || rest.Items[1].Kind != Note {
		t.Errorf("%+v", rest)
	}
}

func TestWhatIsRefusedInAWorkbook(t *testing.T) {
	head := []any{"type", "name", "label", "weight", "relevant", "constraint", "calculation", "required"}
	good := []any{"integer", "order", "秩序", 100}
	for _, c := range []struct {
		row  []any
		path string
		code string
	}{
		{[]any{"select_multiple a", "x", "多选"}, "survey!3 type", "inspection.xlsform.type"},
		{[]any{"geopoint", "x", "位置"}, "survey!3 type", "inspection.xlsform.type"},
		{[]any{"audio", "x", "录音"}, "survey!3 type", "inspection.xlsform.type"},
		{[]any{"begin_repeat", "x", "重复"}, "survey!3 type", "inspection.xlsform.type"},
		{[]any{"select_one missing", "x", "选择"}, "survey!3 type", "inspection.xlsform.no-list"},
		{[]any{"end_group"}, "survey!3 type", "inspection.xlsform.end"},
		{[]any{"begin_group", "g", "组"}, "survey!3 type", "inspection.xlsform.open"},
		{[]any{"text", "x", "备注", "", "${order} > 3"}, "survey!3 relevant", "inspection.xlsform.relevant"},
		{[]any{"text", "x", "备注", "", "${later} = 'yes'"}, "survey!3 when", "inspection.form.when-before"},
		{[]any{"integer", "x", "数量", "", "", "regex(., '^1')"}, "survey!3 constraint", "inspection.xlsform.constraint"},
		{[]any{"text", "x", "备注", "", "", ". != ''"}, "survey!3 constraint", "inspection.xlsform.constraint"},
		{[]any{"text", "x", "备注", "", "", "", "concat('a')"}, "survey!3 calculation", "inspection.xlsform.column"},
		{[]any{"text", "order", "备注"}, "survey!3 name", "inspection.form.twice"},
		{[]any{"text", "名称", "备注"}, "survey!3 name", "inspection.form.name"},
		{[]any{"text", "x", ""}, "survey!3 title", "place.field.required"},
		{[]any{"integer", "x", "数量", 5}, "survey", "inspection.form.total"},
		{[]any{"text", "x", "业主身份证号"}, "survey!3 title.zh", "inspection.form.about-people"},
		{[]any{"text", "id_card", "备注"}, "survey!3 name", "inspection.form.about-people"},
		{[]any{"text", "x", "Resident's religion"}, "survey!3 title.en", "inspection.form.about-people"},
		{[]any{"text", "x", "值班人员姓名"}, "survey!3 title", "inspection.form.about-people"},
		{[]any{"integer", "x", "联系电话"}, "survey!3 title", "inspection.form.about-people"},
		{[]any{"integer", "x", "平安员人数"}, "survey!3 title", "inspection.form.taking-part"},
		{[]any{"decimal", "x", "居家视频巡查户次"}, "survey!3 title", "inspection.form.taking-part"},
		{[]any{"integer", "volunteers", "人数"}, "survey!3 name", "inspection.form.taking-part"},
		{[]any{"integer", "x", "Number of volunteers"}, "survey!3 title", "inspection.form.taking-part"},
		{[]any{"integer", "x", "群众上报数"}, "survey!3 title", "inspection.form.taking-part"},
		{[]any{"text", "x", "志愿者不少于20名"}, "survey!3 title", "inspection.form.taking-part"},
		{[]any{"text", "x", "联系 13812345678"}, "survey!3 title.zh", "place.field.phone-number"},
		{[]any{"note", "x", "371302199001011234"}, "survey!3 title.en", "place.field.identity-number"},
	} {
		x, err := ReadXLSForm(sheets(t, map[string][][]any{"survey": {head, good, c.row}, "settings": {{"form_title"}, {"检查表"}}}))
		if err != nil {
			t.Fatal(err)
		}
		found := false
		for _, p := range x.Problems {
			found = found || p.Path == c.path && p.Code == c.code
		}
		if !found {
			t.Errorf("%v: %+v, want %s %s", c.row, x.Problems, c.path, c.code)
		}
	}
}

func TestFilesThatAreNoXLSForm(t *testing.T) {
	zipOf := func(names ...string) []byte {
		var b bytes.Buffer
		z := zip.NewWriter(&b)
		for _, n := range names {
			w, _ := z.Create(n)
			_, _ = w.Write(bytes.Repeat([]byte{' '}, 8<<20))
		}
		_ = z.Close()
		return b.Bytes()
	}
	for says, c := range map[string]struct {
		file []byte
		code string
	}{
		"nothing":         {nil, "inspection.xlsform.broken"},
		"a text":          {[]byte("type,name,label"), "inspection.xlsform.broken"},
		"half a workbook": {written(t, Form{FormWords: starterForm(t)})[:3000], "inspection.xlsform.broken"},
		"another zip":     {zipOf("a.txt"), "inspection.xlsform.broken"},
		"a bomb":          {zipOf("xl/a.xml", "xl/b.xml", "xl/c.xml", "xl/d.xml", "xl/e.xml", "xl/f.xml", "xl/g.xml"), "inspection.xlsform.large"},
		"no survey":       {sheets(t, map[string][][]any{"list": {{"type"}}}), "inspection.xlsform.no-survey"},
		"a large file":    {make([]byte, maxXLSForm+1), "inspection.xlsform.large"},
	} {
		_, err := ReadXLSForm(c.file)
		var f *fault.Error
		if !errors.As(err, &f) || f.Code != c.code {
			t.Errorf("%s: %v", says, err)
		}
	}
}

// Whatever is in a workbook's cells: no panic, and what is read without a finding can be written and read as the same form.
func FuzzReadXLSForm(f *testing.F) {
	f.Add("select_one a\tgate\t大门\t100\t\t\na\tgood\t好\t100")
	f.Add("begin_group\tg\t组\t100\t\t\ninteger\tx\t数\t100\t\t. >= 0 and . <= 100\nend_group")
	f.Add("integer\tx\t秩序\t100\t${x} = 'yes'\t.>1\nimage\tx_photo\t照片\nnote\tn\t说明")
	f.Add("begin_repeat\tg\nbegin group\th\t\t\t${a} = \"b\"\nend_group\nend_group\nend_group")
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 2000 {
			return
		}
		survey := [][]any{{"type", "name", "label", "weight", "relevant", "constraint", "veto", "na", "required", "zero", "full"}}
		choices := [][]any{{"list_name", "name", "label", "points"}}
		for _, line := range strings.Split(text, "\n") {
			var cells []any
			for _, c := range strings.Split(line, "\t") {
				cells = append(cells, c)
			}
			survey = append(survey, cells[:min(len(cells), 11)])
			choices = append(choices, cells[:min(len(cells), 4)])
		}
		x, err := ReadXLSForm(sheets(t, map[string][][]any{"survey": survey, "choices": choices, "settings": {{"form_title"}, {"检查表"}}}))
		if err != nil || len(x.Problems) > 0 {
			return
		}
		again, err := ReadXLSForm(written(t, Form{ID: "x", FormWords: x.Form}))
		if err != nil || len(again.Problems) > 0 {
			t.Fatalf("%v %+v", err, again.Problems)
		}
		if diff := cmp.Diff(x.Form, again.Form); diff != "" {
			t.Fatal(diff)
		}
	})
}

func FuzzWorkbook(f *testing.F) {
	f.Add(written(f, Form{FormWords: starterForm(f)}))
	f.Add([]byte("PK\x03\x04"))
	f.Fuzz(func(_ *testing.T, file []byte) { _, _ = ReadXLSForm(file) })
}
