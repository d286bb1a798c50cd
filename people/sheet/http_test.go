package sheet

import (
	"net/url"
	"strings"
	"testing"

	"linli.dev/linli/api"
	"linli.dev/linli/api/apitest"
	"linli.dev/linli/people/place"
	"linli.dev/linli/store/storetest"
)

// The whole way over HTTP: who may what, sentences in both languages, files with their names.
func TestRoutes(t *testing.T) {
	o := newOffice(t, storetest.SQLite(t))
	server := api.New(api.Options{Auth: apitest.Doorman{"wang": {place.MayRead, place.MayKeep, place.MayWrite}, "zhao": {place.MayRead, place.MayKeep, place.MayWrite}, "reader": {place.MayRead}}})
	o.must(server.Add(o.s))
	p := apitest.Page{T: t, HTTP: server.Handler()}
	list := "社区,小区名称,路灯\n煤山社区,甲小区,两盏\n煤山社区,乙小区,7\n"
	path := "/api/sheet-imports?name=" + url.QueryEscape("九月.csv") + "&from=2017-09-20"
	p.Do(401, "", "POST", path, list, nil)
	p.Do(403, "reader", "POST", path, list, nil)
	p.Do(422, "wang", "POST", "/api/sheet-imports?name=a&from=2018-01-01", list, nil)
	p.Do(422, "wang", "POST", "/api/sheet-imports?name=a&from=x", list, nil)
	var said string
	p.Do(422, "wang", "POST", path, "社区,小区名称,身份证号\n", &said)
	if !strings.Contains(said, "sheet.person-column") || !strings.Contains(said, `"path":"C1"`) {
		t.Error(said)
	}
	var d DraftView
	p.Do(201, "wang", "POST", path, list, &d)
	if d.Draft == nil || d.File != "九月.csv" || d.From != place.Date(2017, 9, 20) {
		t.Fatalf("%+v", d.Draft)
	}
	o.end(d.ID)
	one := "/api/sheet-imports/" + d.ID
	p.Do(404, "zhao", "GET", one, "", nil)
	p.Do(403, "reader", "GET", one, "", nil)
	p.Do(200, "wang", "GET", one, "", &d)
	if r := d.Report; d.State != Checked || r.Bad != 1 || r.Problems[0].Says != "不是数字。" || r.Problems[0].Right != "应为 0 至 100000 的整数。" || r.Problems[0].Cell != "C2" || r.Problems[0].Is != "两盏" {
		t.Fatalf("%+v", r)
	}
	p.Do(200, "wang", "GET", one, "", &said, "Accept-Language", "en")
	if !strings.Contains(said, "This is no number.") {
		t.Error(said)
	}
	h := p.Do(200, "wang", "GET", one+"/bad-rows.xlsx", "", nil)
	if !strings.Contains(h.Get("Content-Disposition"), "xlsx") || h.Get("Content-Type") != xlsxType {
		t.Error(h)
	}
	p.Do(422, "wang", "POST", one+"/commit", `{}`, nil)
	p.Do(404, "zhao", "POST", one+"/commit", `{"good_only":true}`, nil)
	p.Do(202, "wang", "POST", one+"/commit", `{"good_only":true}`, nil)
	o.end(d.ID)
	p.Do(200, "wang", "GET", one, "", &d)
	if d.State != Done || d.Import == "" || d.Report.New != 1 {
		t.Fatalf("%+v", d.Draft)
	}
	p.Do(409, "wang", "POST", one+"/commit", `{"good_only":true}`, nil)
	var imports struct{ Imports []Import }
	p.Do(200, "reader", "GET", "/api/sheet-imports", "", &imports)
	if len(imports.Imports) != 1 || imports.Imports[0].By != "wang" || !imports.Imports[0].GoodOnly {
		t.Errorf("%+v", imports)
	}
	p.Do(403, "reader", "POST", "/api/sheet-imports/"+d.Import+"/undo", "", nil)
	p.Do(200, "zhao", "POST", "/api/sheet-imports/"+d.Import+"/undo", "", nil)
	p.Do(409, "zhao", "POST", "/api/sheet-imports/"+d.Import+"/undo", "", nil)
	p.Do(404, "zhao", "POST", "/api/sheet-imports/none/undo", "", nil)
	p.Do(204, "wang", "POST", one+"/cancel", "", nil)
	p.Do(404, "wang", "GET", one, "", nil)
	for _, file := range []string{"template.xlsx", "template.csv", "template.xlsx?list=buildings", "divisions.csv", "buildings.xlsx?name=x", "compounds.xlsx", "compounds.csv?class=helped&name=x"} {
		p.Do(401, "", "GET", "/api/sheets/"+file, "", nil)
		p.Do(200, "reader", "GET", "/api/sheets/"+file, "", nil)
	}
	p.Do(404, "reader", "GET", "/api/sheets/compounds.csv?parent=none", "", nil)
	p.Do(404, "reader", "GET", "/api/sheets/divisions.csv?parent=none", "", nil)
	p.Do(422, "reader", "GET", "/api/sheets/template.csv?list=people", "", nil)
	p.Do(422, "wang", "POST", "/api/sheet-imports?name=a&list=people", list, nil)
	p.Do(201, "wang", "POST", "/api/sheet-imports?name=a&list=buildings&create=true", "社区,小区,楼栋,门禁\n煤山社区,乙小区,1号楼,2\n", &d)
	o.end(d.ID)
	p.Do(200, "wang", "GET", "/api/sheet-imports/"+d.ID, "", &d)
	if d.List != Buildings || !d.Create || d.Report.Bad+d.Report.New != 1 {
		t.Errorf("%+v", d.Draft)
	}
	p.Do(422, "reader", "GET", "/api/sheets/compounds.csv?at=2030-01-01", "", nil)
}

// A county's office sends a list of its county; rows about another county are bad cells, and its undo stops there too.
func TestACountySpeaksOfItsCounty(t *testing.T) {
	o := newOffice(t, storetest.SQLite(t))
	server := api.New(api.Options{Auth: apitest.Doorman{
		"lanshan":   {place.MayRead, place.MayKeep, place.MayWrite, apitest.At("county-office", o.ids["兰山区"])},
		"luozhuang": {place.MayRead, place.MayKeep, place.MayWrite, apitest.At("county-office", o.ids["罗庄区"])},
	}})
	o.must(server.Add(o.s))
	p := apitest.Page{T: t, HTTP: server.Handler()}
	list := "县区,街道,社区,小区名称,路灯\n兰山区,银雀山街道,煤山社区,甲小区,7\n罗庄区,罗庄街道,中心社区,乙小区,7\n兰山区,银雀山街道,东苗庄社区,金阳花园,9\n"
	send := func(who string) (d DraftView) {
		p.Do(201, who, "POST", "/api/sheet-imports?name=a.csv", list, &d)
		o.end(d.ID)
		p.Do(200, who, "GET", "/api/sheet-imports/"+d.ID, "", &d)
		return d
	}
	if d := send("luozhuang"); found(d.Report.Problems) != "C2 sheet.not-yours\nD4 sheet.not-yours" || d.Report.New != 1 {
		t.Errorf("%s %+v", found(d.Report.Problems), d.Report)
	}
	d := send("lanshan")
	if found(d.Report.Problems) != "C3 sheet.not-yours" || d.Report.New != 1 || d.Report.Changed != 1 {
		t.Fatalf("%s %+v", found(d.Report.Problems), d.Report)
	}
	p.Do(202, "lanshan", "POST", "/api/sheet-imports/"+d.ID+"/commit", `{"good_only":true}`, nil)
	o.end(d.ID)
	p.Do(200, "lanshan", "GET", "/api/sheet-imports/"+d.ID, "", &d)
	var imports struct{ Imports []Import }
	p.Do(200, "luozhuang", "GET", "/api/sheet-imports", "", &imports)
	if len(imports.Imports) != 0 {
		t.Errorf("another county's import is shown: %+v", imports)
	}
	p.Do(403, "luozhuang", "POST", "/api/sheet-imports/"+d.Import+"/undo", "", nil)
	p.Do(200, "lanshan", "POST", "/api/sheet-imports/"+d.Import+"/undo", "", nil)
}
