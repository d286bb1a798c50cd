package inspection_test

import (
	"archive/zip"
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"linli.dev/linli/api"
	"linli.dev/linli/api/apitest"
	"linli.dev/linli/people/inspection"
	"linli.dev/linli/people/place"
	"linli.dev/linli/store/storetest"
)

// staff are the accounts of a story.
type staff struct{ city, county place.ID }

func (s staff) Inspectors(context.Context) ([]inspection.Inspector, error) {
	return []inspection.Inspector{{Account: "wang", Name: "王检查员", At: []place.ID{s.city}}, {Account: "zhao", Name: "赵检查员", At: []place.ID{s.county}}, {Account: "far", Name: "外县检查员", At: []place.ID{"elsewhere"}}}, nil
}

func (s staff) Names(context.Context) (map[string]string, error) {
	return map[string]string{"wang": "王检查员", "zhao": "赵检查员", "li": "李干事", "far": "外县检查员"}, nil
}

type page struct {
	*office
	apitest.Page
	city, county, neighbour place.ID
}

func newPage(t *testing.T) *page {
	o := newOffice(t, storetest.SQLite(t))
	tree, err := o.Places.Tree(t.Context())
	o.must(err)
	p := &page{office: o}
	for _, v := range tree.Path(o.today(), o.compound) {
		switch v.Level {
		case place.City:
			p.city = v.Place
		case place.County:
			p.county = v.Place
		}
	}
	made, err := o.Places.Found(t.Context(), "li", []place.NewPlace{{Level: place.County, Name: "罗庄区", Parent: p.city, From: place.Date(2017, 4, 1)}})
	o.must(err)
	p.neighbour = made[0].Place
	o.Inspection.SetAccounts(staff{p.city, p.county})
	all := []string{inspection.MayRead, inspection.MayWrite, inspection.MayAct, inspection.MayPublish}
	with := func(role string, at place.ID) []string {
		return append(append([]string{}, all...), apitest.At(role, at))
	}
	server := api.New(api.Options{Auth: apitest.Doorman{
		"li": with("city-office", p.city), "chen": with("city-office", p.city), "wang": with("city-office", p.city),
		"zhao": with("county-office", p.county), "sun": with("county-office", p.neighbour), "manager": with("manager", o.compound),
	}})
	o.must(server.Add(o.Places, o.Inspection))
	p.Page = apitest.Page{T: t, HTTP: server.Handler()}
	return p
}

func TestFormsOverHTTP(t *testing.T) {
	p := newPage(t)
	// Anybody reads what is published, without an account, and no account is named in it.
	var said string
	p.Do(200, "", "GET", "/api/published-forms", "", &said)
	if !strings.Contains(said, `"id":"safe-compound","number":1`) || strings.Contains(said, "chen") {
		t.Error(said)
	}
	p.Do(200, "", "GET", "/api/published-forms/safe-compound/0", "", &said)
	if !strings.Contains(said, "消防车通道畅通") || strings.Contains(said, `"editors"`) || strings.Contains(said, "chen") {
		t.Error(said)
	}
	p.Do(401, "", "GET", "/api/inspection-forms", "", nil)

	// A workbook goes out, is changed, and comes in as a draft.
	h := p.Do(200, "", "GET", "/api/published-forms/safe-compound/1/xlsform", "", &said)
	if !strings.Contains(h.Get("Content-Disposition"), "safe-compound-1.xlsx") {
		t.Error(h)
	}
	var read struct {
		ID       string
		Form     json.RawMessage
		Findings []inspection.Finding
		Skipped  []inspection.Finding
	}
	p.Do(200, "li", "POST", "/api/inspection-forms/xlsform", said, &read, "Content-Type", "application/octet-stream")
	if read.ID != "safe-compound" || len(read.Findings)+len(read.Skipped) != 0 {
		t.Fatalf("%+v", read)
	}
	p.Do(403, "zhao", "POST", "/api/inspection-forms/xlsform", said, nil, "Content-Type", "application/octet-stream")
	p.Do(422, "li", "POST", "/api/inspection-forms/xlsform", "no workbook", &said, "Content-Type", "application/octet-stream")
	if !strings.Contains(said, "文件无法读取") {
		t.Error(said)
	}
	draft := strings.Replace(string(read.Form), `"pass":90`, `"pass":92`, 1)
	p.Do(403, "zhao", "PUT", "/api/inspection-forms/safe-compound", draft, nil)
	p.Do(422, "li", "PUT", "/api/inspection-forms/safe-compound", draft, nil) // it would become the next version of a form that was not read
	h = p.Do(200, "li", "PUT", "/api/inspection-forms/safe-compound", draft, nil, "If-Match", `"2"`)
	if h.Get("ETag") != `"3"` {
		t.Error(h)
	}
	p.Do(404, "", "GET", "/api/published-forms/safe-compound/2", "", nil) // a draft is not public
	var findings struct{ Findings []inspection.Finding }
	p.Do(200, "li", "POST", "/api/inspection-forms/check", strings.Replace(draft, "消防车通道畅通", "登记业主身份证号", 1), &findings)
	if len(findings.Findings) != 1 || findings.Findings[0].Path != "sections[1].items[3].title.zh" || !strings.Contains(findings.Findings[0].Says, "不得涉及居民") {
		t.Errorf("%+v", findings)
	}
	p.Do(422, "li", "PUT", "/api/inspection-forms/safe-compound", strings.Replace(draft, `"fence"`, `"id_card"`, 1), nil, "If-Match", `"3"`)
	// Who wrote it does not publish it, nor does a county.
	p.Do(403, "li", "POST", "/api/inspection-forms/safe-compound/publishing", "", &said, "If-Match", `"3"`)
	if !strings.Contains(said, "a-second-person-publishes") {
		t.Error(said)
	}
	p.Do(403, "zhao", "POST", "/api/inspection-forms/safe-compound/publishing", "", nil, "If-Match", `"3"`)
	p.Do(422, "chen", "POST", "/api/inspection-forms/safe-compound/publishing", "", nil)
	p.Do(200, "chen", "POST", "/api/inspection-forms/safe-compound/publishing", "", nil, "If-Match", `"3"`)
	p.Do(200, "", "GET", "/api/published-forms/safe-compound/2/differences", "", &said)
	if !strings.Contains(said, `"differences":[{"kind":"changed","what":"form","field":"pass","was":{"zh":"90"},"is":{"zh":"92"}}]`) {
		t.Error(said)
	}
	p.Do(200, "zhao", "GET", "/api/inspection-forms/safe-compound/2/changes", "", &said)
	if !strings.Contains(said, `"turns":[],"differences":[{"kind":"changed","what":"form","field":"pass","was":{"zh":"90"},"is":{"zh":"92"}}]`) {
		t.Error(said)
	}
	p.Do(200, "", "GET", "/api/published-forms/safe-compound/1/differences", "", &said)
	if !strings.Contains(said, `"was":0`) {
		t.Error(said)
	}
	p.Do(200, "zhao", "GET", "/api/inspection-forms", "", &said)
	if !strings.Contains(said, `"editors":["李干事"]`) {
		t.Error(said)
	}
	p.Do(200, "zhao", "GET", "/api/inspection-form-starter", "", &said)
	if !strings.Contains(said, `"id":"safe-compound"`) {
		t.Error(said)
	}
}

func TestAnInspectionOverHTTP(t *testing.T) {
	p := newPage(t)
	c, day := string(p.compound), p.clock.Today().String()
	var said string
	p.Do(200, "zhao", "GET", "/api/inspectors?compound="+c, "", &said)
	if !strings.Contains(said, "王检查员") || !strings.Contains(said, "赵检查员") || strings.Contains(said, "外县") {
		t.Error(said)
	}
	plan := `{"compound":"` + c + `","form":"safe-compound","day":"` + day + `","team":["wang","zhao"]}`
	p.Do(403, "sun", "POST", "/api/inspections", plan, nil)
	p.Do(422, "li", "POST", "/api/inspections", strings.Replace(plan, `"zhao"`, `"far"`, 1), &said)
	if !strings.Contains(said, "外县检查员不在该小区") {
		t.Error(said)
	}
	p.Do(422, "li", "POST", "/api/inspections", strings.Replace(plan, `,"zhao"`, ``, 1), nil)
	var v inspection.View
	h := p.Do(201, "li", "POST", "/api/inspections", plan, &v)
	if h.Get("ETag") != `"1"` || v.State != inspection.Planned || v.Team[1].Name != "赵检查员" || v.Where.Name != "金阳花园" || len(v.Lacking) == 0 {
		t.Errorf("%+v", v)
	}
	at := "/api/inspections/" + string(v.ID)
	p.Do(403, "sun", "GET", at, "", &said)
	if !strings.Contains(said, "place.not-permitted") {
		t.Error(said)
	}
	p.Do(403, "sun", "GET", "/api/inspections?compound="+c, "", nil)
	p.Do(200, "sun", "GET", "/api/inspections", "", &said)
	if strings.Contains(said, string(v.ID)) {
		t.Error(said)
	}
	p.Do(412, "li", "PUT", at+"/plan", `{"day":"`+day+`","team":["wang","zhao"]}`, nil, "If-Match", `"9"`)
	p.Do(200, "li", "PUT", at+"/plan", `{"day":"`+day+`","team":["wang","zhao"],"note":"改期"}`, &v, "If-Match", `"1"`)

	var bundle struct {
		Inspection inspection.View
		Form       inspection.Form
	}
	p.Do(200, "wang", "GET", at+"/bundle", "", &bundle)
	if len(bundle.Form.Sections) != 4 || !bundle.Inspection.Mine || bundle.Inspection.ID != v.ID {
		t.Errorf("%+v", bundle.Inspection)
	}
	list, err := json.Marshal(map[string]any{"answers": answers(t, "wang", p.now, map[string]string{"gates": "0", "rounds": "0", "fence": "missing"})})
	p.must(err)
	var sent struct {
		Kept       []inspection.Kept
		Inspection inspection.View
	}
	p.Do(403, "li", "POST", at+"/answers", string(list), &said)
	if !strings.Contains(said, "inspection.not-of-team") {
		t.Error(said)
	}
	for range 2 { // the phone did not hear the first answer
		p.Do(200, "wang", "POST", at+"/answers", string(list), &sent)
	}
	for _, k := range sent.Kept {
		if !k.Kept {
			t.Errorf("%+v", k)
		}
	}
	p.Do(200, "wang", "POST", at+"/answers", `{"answers":[{"id":"wang-bad","item":"remarks","value":"13812345678","at":"2017-11-20T02:00:00Z"}]}`, &sent)
	if k := sent.Kept[0]; k.Kept || k.Says == "" || k.Code != "place.field.phone-number" {
		t.Errorf("%+v", k)
	}
	for _, item := range []string{"fence", "fire_lane", "overview"} {
		for range 2 {
			p.Do(201, "wang", "POST", at+"/photos?client=wang-photo-"+item, string(snap(t, 60)), nil, "Content-Type", "application/octet-stream")
		}
	}
	p.Do(403, "sun", "GET", at+"/photos/wang-photo-fence", "", nil)
	h = p.Do(200, "zhao", "GET", at+"/photos/wang-photo-fence", "", nil)
	if h.Get("Content-Type") != "image/jpeg" {
		t.Error(h)
	}
	p.Do(200, "wang", "GET", at, "", &v)
	if len(v.Lacking) != 0 || v.SoFar.Score != 8300 {
		t.Errorf("%+v %+v", v.Lacking, v.SoFar.Score)
	}
	p.Do(409, "wang", "POST", at+"/signatures", `{"digest":"other"}`, nil)
	p.Do(200, "wang", "POST", at+"/signatures", `{"digest":"`+v.Digest+`"}`, nil)
	p.Do(200, "zhao", "POST", at+"/signatures", `{"digest":"`+v.Digest+`"}`, &v)
	if v.State != inspection.Finished || v.Result != inspection.ToBeMended || v.Open != 3 || v.Team[0].Signed == nil {
		t.Errorf("%+v", v.Entry)
	}
	// The report says what the page says, and has the photos beside it.
	p.Do(403, "sun", "GET", at+"/report", "", nil)
	h = p.Do(200, "zhao", "GET", at+"/report", "", &said)
	if h.Get("Content-Type") != "application/zip" {
		t.Error(h)
	}
	z, err := zip.NewReader(strings.NewReader(said), int64(len(said)))
	p.must(err)
	var names []string
	for _, f := range z.File {
		names = append(names, f.Name)
	}
	if len(names) != 4 || names[0] != "金阳花园 "+day+".xlsx" || !slices.Contains(names, "photos/fence-1.jpg") {
		t.Fatal(names)
	}
	in, err := z.File[0].Open()
	p.must(err)
	book, err := excelize.OpenReader(in)
	p.must(err)
	for cell, want := range map[string]string{"检查结果!B5": "整改", "检查结果!B6": "83", "检查项目!C9": "缺失，可随意进出", "检查项目!E9": "0", "检查项目!D9": "6", "整改事项!A2": "按路线巡逻道路、楼栋、停车场，记录完整", "整改事项!E2": "整改中"} {
		sheet, at, _ := strings.Cut(cell, "!")
		if got, err := book.GetCellValue(sheet, at); err != nil || got != want {
			t.Errorf("%s: %q %v, want %q", cell, got, err, want)
		}
	}
	mend := at + "/mendings/gates/steps"
	p.Do(201, "manager", "POST", at+"/photos?client=manager-photo-1", string(snap(t, 9)), nil, "Content-Type", "application/octet-stream")
	later := `{"note":"等配件","due":"2017-12-31","unit":"物业公司"}`
	p.Do(403, "zhao", "POST", at+"/mendings/gates/extensions", later, &said, "If-Match", `"1"`) // of the team, and of the county: it is the city's inspection
	if !strings.Contains(said, "inspection.of-city") {
		t.Error(said)
	}
	p.Do(200, "li", "POST", at+"/mendings/gates/extensions", later, nil, "If-Match", `"1"`)
	p.Do(403, "manager", "POST", at+"/mendings/fence/extensions", `{"note":"等配件","due":"2017-12-31"}`, nil, "If-Match", `"1"`)
	p.Do(422, "manager", "POST", mend, `{"act":"extend","note":"x"}`, nil, "If-Match", `"2"`)
	p.Do(200, "manager", "POST", mend, `{"act":"report","note":"已更换","photos":["manager-photo-1"]}`, nil, "If-Match", `"2"`)
	p.Do(403, "manager", "POST", mend, `{"act":"accept"}`, nil, "If-Match", `"3"`)
	p.Do(200, "zhao", "POST", mend, `{"act":"accept"}`, &v, "If-Match", `"3"`)
	if v.Open != 2 {
		t.Errorf("%+v", v.Entry)
	}
	p.Do(200, "zhao", "GET", "/api/inspection-mendings", "", &said)
	if !strings.Contains(said, `"total":2`) || !strings.Contains(said, "围墙或者围栏") {
		t.Error(said)
	}
	p.Do(200, "zhao", "GET", "/api/inspection-standings", "", &said)
	if !strings.Contains(said, `"status":"mend"`) || !strings.Contains(said, `"number":{"mend":1}`) {
		t.Error(said)
	}
	p.Do(200, "zhao", "GET", "/api/inspection-standings?at=2017-11-19", "", &said)
	if !strings.Contains(said, `"total":0`) {
		t.Error(said)
	}
	p.Do(200, "li", "GET", "/api/inspections?result=mend", "", &said)
	if !strings.Contains(said, `"counties":[{"county":"`+string(p.county)+`","name":"兰山区"`) || !strings.Contains(said, `"mend":1`) {
		t.Error(said)
	}
	p.Do(409, "li", "POST", at+"/cancellation", `{"note":"改期"}`, nil, "If-Match", `"5"`)
}
