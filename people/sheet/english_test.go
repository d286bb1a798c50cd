package sheet

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"
)

// A list of divisions says what they are called in English; it goes out with it, changes nothing when it comes back, and an undo
// takes it away.
func TestEnglishNamesFromAList(t *testing.T) {
	each(t, func(o *office) {
		d := o.send(Asked{List: Divisions}, Sender{}, "县区,街道（乡镇）,英文名称", "兰山区,,Lanshan", "兰山区,银雀山街道,", "罗庄区,,罗庄")
		if got := found(d.Report.Problems); got != "C4 sheet.latin" || d.Report.Changed != 1 || d.Report.Changes[0].Is != "Lanshan" {
			t.Fatalf("%s %+v", got, d.Report)
		}
		d = o.commit(d, true)
		if v, _ := o.at("兰山区"); v.NameEN != "Lanshan" || v.Name != "兰山区" {
			t.Errorf("%+v", v)
		}
		list := o.exported(Divisions, "csv")
		if !strings.Contains(list, "英文名称") || !strings.Contains(list, "Lanshan") {
			t.Error(list)
		}
		if r := o.send(Asked{List: Divisions}, Sender{}, list).Report; r.Same != r.Rows || r.Bad+r.New+r.Changed != 0 {
			t.Errorf("%+v", r)
		}
		o.now = o.now.Add(time.Minute)
		_, err := o.s.Undo(o.ctx, Sender{Account: "wang"}, d.Import)
		o.must(err)
		if v, _ := o.at("兰山区"); v.NameEN != "" {
			t.Errorf("%+v", v)
		}
		d = o.commit(o.send(Asked{List: Divisions}, Sender{}, "县区,英文名称", "沂水县,Yishui"), false)
		if v, _ := o.at("沂水县"); v.NameEN != "Yishui" || d.Report.New != 1 {
			t.Errorf("%+v %+v", v, d.Report)
		}
	})
}

// A sentence has the names of sheets in quotes: each of several in its own.
func TestEachSheetHasItsOwnQuotes(t *testing.T) {
	for lang, want := range map[string]string{
		"zh": "工作表“小区”、“楼栋”的表头之下没有数据。",
		"en": "There are no rows below the headings of “小区”, “楼栋”.",
	} {
		b, err := os.ReadFile("messages/" + lang + ".json")
		if err != nil {
			t.Fatal(err)
		}
		sentences := map[string]string{}
		if err := json.Unmarshal(b, &sentences); err != nil {
			t.Fatal(err)
		}
		no := faultOf(nothing([]string{"小区", "楼栋"}, lang))
		if got := strings.ReplaceAll(sentences[no.Code], "{sheet}", no.Args["sheet"].(string)); got != want {
			t.Errorf("%s: %s, want %s", lang, got, want)
		}
	}
}
