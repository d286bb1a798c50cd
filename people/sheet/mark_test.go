package sheet

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"

	"linli.dev/linli/people/place"
)

// A demo's lists say that they are one, above the headings, and come back all the same.
func TestADemosListIsMarked(t *testing.T) {
	each(t, func(o *office) {
		for _, demo := range []bool{false, true} {
			o.places.SetInvented(func(context.Context) (bool, error) { return demo, nil })
			for _, kind := range []string{"csv", "xlsx"} {
				var out bytes.Buffer
				o.must(o.s.Export(o.ctx, &out, kind, "zh", Filter{Q: o.s.today()}))
				if kind == "csv" && strings.Contains(out.String(), place.DemoSentence) != demo { // the room's own words are not there in this test
					t.Errorf("%v: %s", demo, out.String())
				}
				d := o.upload("back."+kind, out.Bytes())
				if d.Report.Same != 1 || len(d.Report.Problems) != 0 || d.Tables[0].Heading != map[bool]int{false: 1, true: 2}[demo] {
					t.Errorf("%v %s: %+v", demo, kind, d.Report)
				}
			}
		}
	})
}

// A list of which nobody can say whether it is a demo's is not handed out.
func TestAListIsNotHandedOutWithoutItsMark(t *testing.T) {
	each(t, func(o *office) {
		away := errors.New("away")
		o.places.SetInvented(func(context.Context) (bool, error) { return false, away })
		for _, kind := range []string{"csv", "xlsx"} {
			var out bytes.Buffer
			if err := o.s.Export(o.ctx, &out, kind, "zh", Filter{Q: o.s.today()}); !errors.Is(err, away) || out.Len() > 0 {
				t.Errorf("%s: %v, and %d bytes", kind, err, out.Len())
			}
		}
	})
}

func TestAFullWidthFormulaIsRefused(t *testing.T) {
	each(t, func(o *office) {
		d := o.upload("a.csv", csvOf("社区,小区名称", "东苗庄社区,＝HYPERLINK(A1)", "东苗庄社区,　＋1小区"))
		if got := found(d.Report.Problems); got != "B2 sheet.formula\nB3 sheet.formula" {
			t.Errorf("%s", got)
		}
	})
}
