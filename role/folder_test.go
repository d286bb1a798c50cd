package role

import (
	"archive/zip"
	"io"
	"strings"
	"testing"

	"linli.dev/linli/access/identity"
	"linli.dev/linli/people/place"
)

// The folder of a compound has what each room knows of it: its classes with what they rest on, its buildings, each inspection as
// its report has it, what was to be mended, and the tasks it was given, step by step.
func TestTheEvidenceOfEveryRoom(t *testing.T) {
	w := newTwoCounties(t)
	_, err := w.city.Places.Found(t.Context(), "op", []place.NewPlace{{Level: place.Building, Parent: place.ID(w.ids["compound1"]), Name: "6号楼", From: w.city.Places.Clock().Today() - 30}})
	if err != nil {
		t.Fatal(err)
	}
	w.as(identity.CountyOffice, "county1")
	code, said := w.ask("GET", w.fill("/api/compounds/<compound1>/evidence.zip"), "")
	if code != 200 {
		t.Fatal(code, said)
	}
	z, err := zip.NewReader(strings.NewReader(said), int64(len(said)))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		files[f.Name] = string(body)
	}
	for name, words := range map[string][]string{
		"小区类别.csv":      {"列入,治安基础薄弱小区,无围墙,摸底表,op"},
		"楼栋.csv":        {"6号楼"},
		"督办/督办事项.csv":   {"尽快安装", "待签收,下达"},
		"检查验收/检查验收.csv": {w.ids["inspection1"]},
		"检查验收/整改事项.csv": {"日期,检查项目,整改事项"},
	} {
		for _, word := range words {
			if !strings.Contains(files[name], word) {
				t.Errorf("%s: %q lacks %q", name, files[name], word)
			}
		}
	}
	report := w.fill("检查验收/<today> <inspection1>/金阳花园 <today>.xlsx")
	if !strings.Contains(unpacked(t, files[report]), "金阳花园") {
		t.Errorf("no %s in %v", report, keysOf(files))
	}
	if other := w.told(said, "2"); other != "" {
		t.Error(other)
	}
}

func keysOf(files map[string]string) (out []string) {
	for name := range files {
		out = append(out, name)
	}
	return out
}
