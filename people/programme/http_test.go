package programme_test

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"testing"

	"linli.dev/linli/api"
	"linli.dev/linli/api/apitest"
	"linli.dev/linli/people/paper"
	"linli.dev/linli/people/place"
	"linli.dev/linli/people/programme"
	"linli.dev/linli/store/storetest"
)

type page struct {
	*office
	apitest.Page
}

func newPage(t *testing.T) *page {
	w := newOffice(t, storetest.SQLite(t))
	read := []string{programme.MayRead, programme.MayTotal, place.MayRead}
	server := api.New(api.Options{Auth: apitest.Doorman{
		"reader": append(slices.Clip(read), apitest.At("city-office", w.ids["临沂市"])),
		"county": append(slices.Clip(read), programme.MayWrite, programme.MayApprove, apitest.At("county-office", w.ids["兰山区"])),
		"city":   append(slices.Clip(read), programme.MayWrite, programme.MayApprove, apitest.At("city-office", w.ids["临沂市"])),
	}})
	w.must(server.Add(w.Places, w.Programme))
	return &page{w, apitest.Page{T: t, HTTP: server.Handler()}}
}

// seen is what a page sends back as what it saw of a compound.
func (p *page) seen(name string) string {
	p.t.Helper()
	n, err := p.Programme.Sayings(p.ctx, p.ids[name])
	p.must(err)
	return strconv.FormatInt(n, 10)
}

func TestRoutes(t *testing.T) {
	p := newPage(t)
	var said string
	p.Do(401, "", "GET", "/api/programme/city", "", nil)
	h := p.Do(200, "reader", "GET", "/api/programme", "", &said)
	if h.Get("ETag") != `"1"` || !strings.Contains(said, `"today":"2017-04-12"`) {
		t.Error(h, said)
	}
	p.Do(403, "county", "PUT", "/api/programme", `{"name":"“平安小区”创建","city":"`+string(p.ids["临沂市"])+`","start":"2017-04-11"}`, nil, "If-Match", `"1"`)
	p.Do(200, "city", "PUT", "/api/programme", `{"name":"“平安小区”创建","city":"`+string(p.ids["临沂市"])+`","start":"2017-04-11"}`, nil, "If-Match", `"1"`)
	p.Do(403, "county", "PUT", "/api/milestones/built", `{"what":"built","classes":["other"],"due":"2018-06-30","near_days":30,"lead_days":60}`, nil, "If-Match", `"1"`)
	p.Do(200, "city", "PUT", "/api/milestones/built", `{"what":"built","classes":["demonstration","helped","other"],"due":"2017-11-30","near_days":40,"lead_days":70}`, nil, "If-Match", `"1"`)

	p.on("2017-10-05")
	var list struct {
		Compounds []programme.CompoundState
		Total     int
		Next      place.ID
	}
	p.Do(200, "reader", "GET", "/api/programme/compounds?limit=2", "", &list)
	if list.Total != 3 || len(list.Compounds) != 2 || list.Next == "" {
		t.Errorf("%+v", list)
	}
	// Without a figure nothing adds up: how many are weak is no figure.
	w := place.Moment{About: p.today()}
	p.must(p.Places.Enter(p.ctx, "li", []place.Entry{{Compound: p.ids["百合花园"], Mark: place.MarkWeak, In: true, Moment: w, Criteria: "无围墙", Evidence: "摸底表"}}))
	p.Do(200, "reader", "GET", "/api/programme/compounds", "", &said)
	if strings.Contains(said, `"sum"`) || strings.Contains(said, `"adds"`) || !strings.Contains(said, `"weak":true`) {
		t.Error(said)
	}
	if d := list.Compounds[0].Duties[0]; list.Compounds[0].Light != programme.Yellow || d.Why != "滞后：距时限56天，尚未着手" {
		t.Errorf("%+v", list.Compounds[0])
	}
	p.Do(200, "reader", "GET", "/api/programme/compounds?light=red", "", &list)
	if list.Total != 0 {
		t.Errorf("%+v", list)
	}
	id := string(p.ids["百合花园"])
	p.Do(403, "county", "POST", "/api/programme/enrolments", `{"compounds":[{"compound":"`+id+`","from":"2017-10-05","takes_part":false}]}`, nil)
	p.Do(204, "city", "POST", "/api/programme/enrolments", `{"compounds":[{"compound":"`+id+`","from":"2017-10-05","takes_part":false,"reason":"拆迁","seen_version":`+p.seen("百合花园")+`}]}`, nil)
	seen := p.Do(200, "city", "GET", "/api/programme/compounds/"+string(p.ids["安泰小区"]), "", nil).Get("ETag")
	p.Do(422, "city", "POST", "/api/programme/compounds/"+string(p.ids["安泰小区"])+"/extensions", `{"milestone":"networked","due":"2018-02-28","reason":"外墙施工"}`, nil)
	p.Do(201, "city", "POST", "/api/programme/compounds/"+string(p.ids["安泰小区"])+"/extensions", `{"milestone":"networked","due":"2018-02-28","reason":"外墙施工"}`, &said, "If-Match", seen)
	if !strings.Contains(said, `"due":"2018-02-28"`) {
		t.Error(said)
	}
	var r programme.Return
	october := `"county":"` + string(p.ids["兰山区"]) + `","month":"2017-10-01","claims":[{"compound":"` + string(p.ids["安泰小区"]) + `","what":"built","from":"2017-10-02","holds":true}]`
	p.Do(422, "county", "POST", "/api/county-returns", `{`+october+`}`, &said)
	if !strings.Contains(said, "2017-09月报尚未报送") || !strings.Contains(said, "逐项确认") {
		t.Error(said)
	}
	p.Do(201, "county", "POST", "/api/county-returns", `{`+october+`,"confirmed":[{"path":"month","code":"programme.return.gap"}]}`, &r)
	p.Do(200, "city", "GET", "/api/county-returns/"+string(r.ID), "", &said, "Accept-Language", "en")
	if !strings.Contains(said, "The return of 2017-09 has not come.") || !strings.Contains(said, `"figures":{"compounds":2`) {
		t.Error(said)
	}
	p.Do(403, "county", "POST", "/api/county-returns/"+string(r.ID)+"/decision", `{"approve":true}`, nil)
	p.Do(200, "city", "POST", "/api/county-returns/"+string(r.ID)+"/decision", `{"approve":true}`, &r)
	said = ""
	if len(r.Confirmed) == 1 {
		said = r.Confirmed[0].Says
	}
	if !strings.Contains(said, "2017-09月报尚未报送") { // what was confirmed is in words in each answer
		t.Errorf("%+v", r)
	}
	p.Do(200, "reader", "GET", "/api/county-returns", "", &said)
	if r.State != programme.Approved || !strings.Contains(said, string(r.ID)) {
		t.Errorf("%+v", r)
	}
	var own programme.City
	p.Do(200, "county", "GET", "/api/programme/city", "", &own)
	if own.Numbers.Compounds != 2 || len(own.Counties) != 1 || own.Counties[0].County != p.ids["兰山区"] {
		t.Errorf("%+v", own)
	}
	var c programme.City
	p.Do(200, "reader", "GET", "/api/programme/city", "", &c)
	if c.Numbers.Compounds != 2 || c.Numbers.BuiltByReturn != 1 || c.Before.Compounds != 3 || len(c.Trend) < 20 || c.Counties[0].Why == "" || strings.HasPrefix(c.Why, "programme.") {
		t.Errorf("%+v", c)
	}
	p.Do(422, "reader", "GET", "/api/programme/city?at=2017-10-06", "", nil)
	p.Do(422, "reader", "GET", "/api/programme/city?at=2017-10-05&since=2017-10-05", "", nil)
	p.Do(422, "reader", "GET", "/api/programme/city?at=yesterday", "", nil)
	p.Do(404, "reader", "GET", "/api/programme/compounds/none", "", nil)

	var b struct {
		programme.Bulletin
		Document paper.Document
	}
	p.Do(200, "reader", "GET", "/api/bulletin", "", &b)
	if b.Document.Title != "关于临沂市“平安小区”创建工作进展情况的通报" || len(b.Late) == 0 || b.Invented {
		t.Errorf("%+v", b)
	}
	p.Do(200, "reader", "GET", "/api/bulletin?edition=public&at=2017-09-30", "", &said, "Accept-Language", "en")
	if strings.Contains(said, "金阳花园") || strings.Contains(said, `"late"`) || !strings.Contains(said, "30 September 2017") {
		t.Error(said)
	}
	// What goes into a chat says by itself that it is a demo's, and calls divisions by the names of its language.
	var chat struct{ Text string }
	p.Do(200, "reader", "GET", "/api/programme/late/text", "", &chat, "Accept-Language", "en")
	if !strings.Contains(chat.Text, "Lanshan") || strings.Contains(chat.Text, "兰山区") {
		t.Error(chat.Text)
	}
	p.Places.SetInvented(func(context.Context) (bool, error) { return true, nil })
	p.Do(200, "reader", "GET", "/api/programme/late/text", "", &chat)
	if first, _, _ := strings.Cut(chat.Text, "\n"); !strings.Contains(first, "演示") || !strings.Contains(chat.Text, "兰山区") {
		t.Error(chat.Text)
	}
}
