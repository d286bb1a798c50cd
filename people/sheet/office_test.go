package sheet

import (
	"bytes"
	"context"
	"encoding/json"
	"io/fs"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"linli.dev/linli/fault"
	"linli.dev/linli/people/place"
	"linli.dev/linli/store"
	"linli.dev/linli/store/storetest"
)

// office is a city's office with a small city, and a clock that the test moves.
type office struct {
	t      testing.TB
	ctx    context.Context
	db     *store.DB
	places *place.Service
	s      *Service
	now    time.Time
	ids    map[string]place.ID
	say    map[string]string
}

func each(t *testing.T, f func(o *office)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, db *store.DB) { f(newOffice(t, db)) })
}

func newOffice(t testing.TB, db *store.DB) *office {
	t.Helper()
	o := &office{t: t, ctx: context.Background(), db: db, now: time.Date(2017, 9, 27, 9, 0, 0, 0, time.FixedZone("", 8*3600)), ids: map[string]place.ID{}}
	clock := place.Clock{Now: func() time.Time { return o.now }}
	var err error
	o.places, err = place.New(o.ctx, db, place.Options{Clock: clock})
	o.must(err)
	o.s, err = New(o.ctx, db, Options{Clock: clock, Places: o.places, Dir: t.TempDir() + "/lists"})
	o.must(err)
	t.Cleanup(func() { o.must(o.s.Close()) })
	raw, err := fs.ReadFile(messages, "messages/zh.json")
	o.must(err)
	o.must(json.Unmarshal(raw, &o.say))
	o.found("临沂市", place.City, "")
	for county, streets := range map[string][]string{"兰山区": {"银雀山街道", "金雀山街道"}, "罗庄区": {"傅庄街道", "罗庄街道"}} {
		o.found(county, place.County, "临沂市")
		for _, s := range streets {
			o.found(s, place.Street, county)
		}
	}
	for _, c := range [][2]string{{"东苗庄社区", "银雀山街道"}, {"煤山社区", "银雀山街道"}, {"金泰社区", "金雀山街道"}, {"中心社区", "金雀山街道"}, {"中心社区", "罗庄街道"}} {
		o.found(c[0], place.Community, c[1])
	}
	o.found("金阳花园", place.Compound, "东苗庄社区")
	o.now = o.now.Add(time.Hour)
	return o
}

func (o *office) must(err error) {
	o.t.Helper()
	if err != nil {
		o.t.Fatal(err)
	}
}

func (o *office) found(name string, level place.Level, parent string) {
	o.t.Helper()
	list, err := o.places.Found(o.ctx, "li", []place.NewPlace{{Level: level, Parent: o.ids[parent], Name: name, From: place.Date(2017, 4, 12)}})
	o.must(err)
	o.ids[name] = list[0].Place
}

func (o *office) code(err error, want string) {
	o.t.Helper()
	if fault.CodeOf(err) != want {
		o.t.Errorf("want %s, got %v", want, err)
	}
}

// csv is a list as text, rows of cells.
func csvOf(rows ...string) []byte { return []byte(strings.Join(rows, "\n")) }

// workbook makes a workbook with one sheet of texts.
func workbook(t testing.TB, sheet string, rows [][]any, more ...func(*excelize.File)) []byte {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	if err := f.SetSheetName("Sheet1", sheet); err != nil {
		t.Fatal(err)
	}
	for i, r := range rows {
		if err := f.SetSheetRow(sheet, cellName(0, i), &r); err != nil {
			t.Fatal(err)
		}
	}
	for _, m := range more {
		m(f)
	}
	b, err := f.WriteToBuffer()
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// upload takes a list and waits until it is checked.
func (o *office) upload(name string, file []byte) *Draft {
	o.t.Helper()
	d, err := o.s.Upload(o.ctx, Sender{Account: "wang", Lang: "zh"}, name, Asked{}, bytes.NewReader(file))
	o.must(err)
	return o.wait(d.ID)
}

// end waits until the work on a draft has ended, well or not.
func (o *office) end(id string) *Draft {
	o.t.Helper()
	o.s.mu.Lock()
	d := o.s.drafts[id]
	o.s.mu.Unlock()
	if d == nil {
		o.t.Fatal("the draft is gone")
	}
	d.mu.Lock()
	done := d.done
	d.mu.Unlock()
	<-done
	return d.view()
}

// wait is end of work that must succeed.
func (o *office) wait(id string) *Draft {
	o.t.Helper()
	v := o.end(id)
	if v.err != nil {
		o.t.Fatal(v.err)
	}
	return v
}

// commit writes a checked list and waits.
func (o *office) commit(d *Draft, goodOnly bool) *Draft {
	o.t.Helper()
	o.now = o.now.Add(time.Minute)
	_, err := o.s.Commit(Sender{Account: "wang"}, d.ID, goodOnly)
	o.must(err)
	return o.wait(d.ID)
}

// record is a compound as it stands, by its name.
func (o *office) record(name string) (place.Record, bool) {
	o.t.Helper()
	tree, err := o.places.Tree(o.ctx)
	o.must(err)
	q := o.s.today()
	for _, v := range tree.Of(q, place.Compound) {
		if v.Name != name {
			continue
		}
		entries, err := o.places.Entries(o.ctx, v.Place)
		o.must(err)
		counts, err := o.places.Counts(o.ctx, v.Place)
		o.must(err)
		return place.RecordAt(q, tree.History(v.Place), entries, counts, nil), true
	}
	return place.Record{}, false
}

// cells lists the problems as cell and code.
func found(list []Problem) string {
	var out []string
	for _, p := range list {
		out = append(out, p.Cell+" "+p.Code)
	}
	return strings.Join(out, "\n")
}
