package sheet

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"linli.dev/linli/people/place"
)

// Red line 7: a list that leaves the compound says "fewer than 10", the compound's own the number. Either comes back and changes nothing,
// is no value that changed, and lets nobody find out the number by writing another one over it.
func TestFewVolunteersAreNotInLists(t *testing.T) {
	each(t, func(o *office) {
		id := o.ids["金阳花园"]
		count := func(n int) {
			o.now = o.now.Add(time.Minute)
			o.must(o.places.Count(o.ctx, "li", []place.Count{
				{Compound: id, Sort: "volunteer", Number: n, Moment: place.Moment{About: place.Date(2017, 9, 1)}}, {Compound: id, Sort: "guard", Number: 4, Moment: place.Moment{About: place.Date(2017, 9, 1)}},
			}))
		}
		volunteers := func() int {
			r, _ := o.record("金阳花园")
			return r.Numbers["volunteer"]
		}
		count(7)
		for _, list := range []List{Compounds, Assets} {
			if s := o.exported(list, "csv"); !strings.Contains(s, "少于10人") || strings.Contains(s, ",7,") {
				t.Errorf("%s: %s", list, s)
			}
			var b bytes.Buffer
			own := Filter{List: list, Q: o.s.today(), Own: func(p place.ID) bool { return p == id }}
			o.must(o.s.Export(o.ctx, &b, "csv", "zh", own))
			if s := b.String(); strings.Contains(s, "少于10人") || !strings.Contains(s, ",7,") {
				t.Errorf("%s: %s", list, s)
			}
			b.Reset()
			o.must(o.s.Export(o.ctx, &b, "csv", "en", Filter{List: list, Q: o.s.today()}))
			if s := b.String(); !strings.Contains(s, "fewer than 10") {
				t.Errorf("%s: %s", list, s)
			}
		}
		o.again(Compounds, 1)
		o.again(Assets, 2)
		if volunteers() != 7 {
			t.Error("a list that came back changed the number")
		}
		// It says nothing of the number either where there are more by now, and of nothing else than volunteers.
		list := o.exported(Compounds, "csv")
		count(12)
		d, err := o.s.Upload(o.ctx, Sender{Account: "wang", Lang: "zh"}, "again.csv", Asked{}, strings.NewReader(list))
		o.must(err)
		if r := o.wait(d.ID).Report; r.Same != 1 || len(r.Warnings)+len(r.Problems) != 0 {
			t.Errorf("%+v", *r)
		}
		heads := "小区,防护设施,数量"
		if got := found(o.send(Asked{List: Assets}, Sender{}, heads, "金阳花园,保安,少于10人", "金阳花园,平安员,不足10人").Report.Problems); got != "C2 sheet.not-a-number" {
			t.Error(got)
		}
		// Who writes another number over it is told that there were few.
		count(7)
		own := Sender{Own: func(p place.ID) bool { return p == id }}
		for was, who := range map[string]Sender{"少于10人": {}, "7": own} {
			for _, r := range []*Report{
				o.send(Asked{List: Assets}, who, heads, "金阳花园,平安员,8").Report,
				o.send(Asked{}, who, "社区,小区名称,平安员", "东苗庄社区,金阳花园,8").Report,
			} {
				if len(r.Changes) != 1 || r.Changes[0].Was != was || r.Changes[0].Is != "8" {
					t.Errorf("want %s: %+v", was, r.Changes)
				}
			}
		}
	})
}
