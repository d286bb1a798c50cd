package place_test

import (
	"strings"
	"testing"

	"linli.dev/linli/people/place"
)

func TestNoCellIsReckoned(t *testing.T) {
	for text, want := range map[string]bool{
		"=1+1": true, "+86": true, "-1": true, "@SUM(A1)": true, "\t=1": true, "\r=1": true, "\n=1": true,
		"＝HYPERLINK(A1)": true, "＋1": true, "－1": true, "＠SUM": true, " =1": true, "　＝1": true, "\u200b=1": true, "\ufeff\u00a0=1": true, "﹢1": true,
		"": false, " ": false, "金阳花园": false, "1=1": false, "'=1": false, "a@b": false, "–": false, "—": false, "3-2号楼": false,
	} {
		if got := place.IsFormula(text); got != want {
			t.Errorf("%q: %v", text, got)
		}
		if cell := strings.TrimPrefix(string(place.CSV([][]string{{text, "x"}})), "\ufeff"); want && !strings.HasPrefix(strings.TrimPrefix(cell, `"`), "'") {
			t.Errorf("%q goes out as %q", text, cell)
		}
	}
}
