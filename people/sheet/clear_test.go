package sheet

import (
	"testing"

	"linli.dev/linli/people/place"
)

// A value is taken back by a word of its own, never by an empty cell; where a compound lies is said by both degrees or
// neither; an undo says again what was.
func TestAValueIsTakenBack(t *testing.T) {
	each(t, func(o *office) {
		heads := "社区,小区名称,编码,保安人数,路灯,经度,纬度"
		row := func(rest string) []byte { return csvOf(heads, "东苗庄社区,金阳花园,"+rest) }
		where := func() place.LonLat {
			t.Helper()
			points, err := o.places.Points(o.ctx, o.ids["金阳花园"])
			o.must(err)
			return place.PointAt(o.s.o.Clock.AtClose(o.s.o.Clock.Today()), points)
		}
		o.commit(o.upload("1.csv", row("JY01,4,12,118.35,35.0512345678")), false)
		if r, _ := o.record("金阳花园"); r.Code != "JY01" || r.Numbers["guard"] != 4 || where() != (place.LonLat{Lon: 118.35, Lat: 35.051235}) {
			t.Errorf("%+v %v", r, where())
		}
		o.commit(o.upload("2.csv", row(",,,,")), false)
		if r, _ := o.record("金阳花园"); r.Code != "JY01" || r.Numbers["light"] != 12 || where() == (place.LonLat{}) {
			t.Errorf("empty cells have changed something: %+v", r)
		}
		d := o.commit(o.upload("3.csv", row("清空,清空,–,清空,清空")), false)
		if r, _ := o.record("金阳花园"); r.Code != "" || len(r.Numbers) != 0 || where() != (place.LonLat{}) {
			t.Errorf("%+v %v", r, where())
		}
		if c := d.Report.Changes; len(c) != 5 || c[1].Is != "" || c[1].Was == "" {
			t.Errorf("%+v", c)
		}
		if d := o.upload("4.csv", row("清空,clear,—,,")); d.Report.Same != 1 {
			t.Errorf("what is not said cannot be taken back: %+v", d.Report)
		}
		if _, err := o.s.Undo(o.ctx, Sender{Account: "wang"}, d.Import); err != nil {
			t.Fatal(err)
		}
		if r, _ := o.record("金阳花园"); r.Code != "JY01" || r.Numbers["light"] != 12 || where() != (place.LonLat{Lon: 118.35, Lat: 35.051235}) {
			t.Errorf("%+v %v", r, where())
		}
		for cells, want := range map[string]string{
			",,,118.35,": "G2 sheet.half-a-point", ",,,东经,35": "F2 sheet.not-degrees", ",,,118,95": "G2 sheet.not-degrees", ",,,清空,35": "F2 sheet.not-degrees",
		} {
			if got := found(o.upload("bad.csv", row(cells)).Report.Problems); got != want {
				t.Errorf("%s: %s, want %s", cells, got, want)
			}
		}
	})
}
