package place

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"linli.dev/linli/api"
	"linli.dev/linli/api/apitest"
	"linli.dev/linli/store"
	"linli.dev/linli/store/storetest"
)

type page struct {
	*town
	apitest.Page
}

func newPage(t *testing.T, db *store.DB) *page {
	w := newTown(t, db)
	server := api.New(api.Options{Auth: apitest.Doorman{"office": {MayRead, MayKeep, MayWrite}, "reader": {MayRead}}})
	w.must(server.Add(w.s))
	return &page{w, apitest.Page{T: t, HTTP: server.Handler()}}
}

func TestRoutesOfTheTree(t *testing.T) {
	p := newPage(t, storetest.SQLite(t))
	var list struct {
		Places []Version
		Total  int
		Next   ID
	}
	p.Do(200, "reader", "GET", "/api/places", "", &list)
	if list.Total != 1 || list.Places[0].Name != "临沂市" {
		t.Errorf("%+v", list)
	}
	p.Do(200, "reader", "GET", "/api/places?level=community&parent="+string(p.ids["兰山区"])+"&limit=1", "", &list)
	if list.Total != 2 || len(list.Places) != 1 || list.Next == "" {
		t.Errorf("%+v", list)
	}
	var rest struct{ Places []Version }
	p.Do(200, "reader", "GET", "/api/places?level=community&limit=1&after="+string(list.Next), "", &rest)
	if len(rest.Places) != 1 || rest.Places[0].Place == list.Places[0].Place {
		t.Errorf("%+v", rest)
	}

	var v PlaceView
	body := `{"level":"compound","parent":"` + string(p.ids["煤山社区"]) + `","name":"三孔桥小区","from":"2017-04-10"}`
	p.Do(401, "", "POST", "/api/places", body, nil)
	p.Do(403, "reader", "POST", "/api/places", body, nil)
	h := p.Do(201, "office", "POST", "/api/places", body, &v)
	if h.Get("ETag") != `"1"` || v.Newest != 1 || len(v.Path) != 5 || v.By != "office" {
		t.Errorf("%v %+v", h, v)
	}
	path := "/api/places/" + string(v.Place)

	p.on("2017-05-01")
	var said string
	p.Do(422, "office", "PATCH", path, `{"from":"2017-05-01","name":"x"}`, &said)
	if !strings.Contains(said, "请先读取最新内容") {
		t.Error(said)
	}
	p.Do(422, "office", "PATCH", path, `{"from":"1.5.2017","name":"x"}`, &said, "If-Match", `"1"`)
	if !strings.Contains(said, `"path":"from"`) {
		t.Error(said)
	}
	p.Do(200, "office", "PATCH", path, `{"from":"2017-05-01","name":"三孔桥花园"}`, &v, "If-Match", `"1"`)
	if v.Name != "三孔桥花园" || v.Newest != 2 || !v.Current {
		t.Errorf("%+v", v)
	}
	p.Do(412, "office", "PATCH", path, `{"from":"2017-05-01","name":"三孔桥一区"}`, &said, "If-Match", `"1"`)
	if !strings.Contains(said, "名称：您读取时为“三孔桥小区”，现为“三孔桥花园”。") {
		t.Error(said)
	}
	p.Do(412, "office", "PATCH", path, `{"from":"2017-05-01","name":"y"}`, nil, "If-Match", `"1"`)
	p.Do(200, "reader", "GET", path+"?at=2017-04-30", "", &v)
	if v.Name != "三孔桥小区" || v.Current {
		t.Errorf("%+v", v)
	}
	p.Do(404, "reader", "GET", path+"?at=2017-04-09", "", nil)
	p.Do(422, "reader", "GET", path+"?at=2017-05-02", "", &said, "Accept-Language", "en")
	if !strings.Contains(said, "programme's clock (2017-05-01)") {
		t.Error(said)
	}
	p.Do(422, "reader", "GET", path+"?known=2018-01-01T00:00:00Z", "", nil)
	var versions struct{ Versions []Version }
	p.Do(200, "reader", "GET", path+"/versions", "", &versions)
	if len(versions.Versions) != 2 {
		t.Errorf("%+v", versions)
	}

	var part PlaceView
	p.Do(412, "office", "POST", "/api/places/"+string(p.ids["煤山社区"])+"/split", `{"name":"三孔桥社区","from":"2017-05-01","children":[]}`, nil, "If-Match", `"7"`)
	p.Do(422, "office", "POST", "/api/places/"+string(p.ids["煤山社区"])+"/merge", `{"places":["`+string(v.Place)+`"],"from":"2017-05-01"}`, nil)
	p.Do(201, "office", "POST", "/api/places/"+string(p.ids["煤山社区"])+"/split",
		`{"name":"三孔桥社区","from":"2017-05-01","children":["`+string(v.Place)+`"]}`, &part, "If-Match", `"1"`)
	p.Do(409, "office", "POST", "/api/places/"+string(part.Place)+"/end", `{"from":"2017-05-01"}`, nil, "If-Match", `"1"`)
	p.Do(200, "office", "POST", "/api/places/"+string(p.ids["煤山社区"])+"/merge", `{"places":["`+string(part.Place)+`"],"from":"2017-05-01"}`, nil, "If-Match", `"1"`)
	if got := p.path("2017-05-01", "煤山社区"); got == "" {
		t.Error("the place that the others went into is gone")
	}
}

func TestRoutesOfACompound(t *testing.T) {
	p := newPage(t, storetest.SQLite(t))
	path := "/api/compounds/" + string(p.ids["金阳花园"])
	var v CompoundView
	weak := `{"mark":"weak","in":true,"from":"2017-04-10","criteria":"无围墙","evidence":"摸底表"}`
	first := p.Do(200, "reader", "GET", path, "", nil).Get("ETag")
	var said string
	p.Do(422, "office", "POST", path+"/classes", weak, &said)
	if !strings.Contains(said, "请先读取最新内容") {
		t.Error(said)
	}
	tag := p.Do(201, "office", "POST", path+"/classes", weak, &v, "If-Match", first).Get("ETag")
	if !v.Weak || v.Class != Other || len(v.Entries) != 1 || len(v.Buildings) != 1 {
		t.Errorf("%+v", v)
	}
	p.Do(422, "office", "POST", path+"/classes", `{"mark":"helped","in":true,"from":"2017-04-10"}`, nil, "If-Match", tag)
	p.Do(403, "reader", "POST", path+"/classes", `{"mark":"helped","in":true,"from":"2017-04-10"}`, nil, "If-Match", tag)
	// A second office that read before is told that it is weak now, and enters nothing.
	p.Do(412, "office", "POST", path+"/classes", `{"mark":"demonstration","in":true,"from":"2017-04-10","criteria":"各项达标","evidence":"验收单"}`, &said, "If-Match", first)
	if !strings.Contains(said, `"weak"`) || !strings.Contains(said, "您读取时为“否”，现为“是”") {
		t.Error(said)
	}
	var a Area
	h := p.Do(201, "office", "POST", path+"/areas", `{"kind":"gate","name":"南门","from":"2017-04-10"}`, &a)
	p.Do(200, "office", "PATCH", "/api/areas/"+string(a.ID), `{"name":"正门"}`, &a, "If-Match", h.Get("ETag"))
	seen := p.Do(200, "reader", "GET", path, "", nil).Get("ETag")
	lights := `{"from":"2017-04-10","assets":[{"sort":"light","number":12,"condition":"good"},{"sort":"volunteer","number":9}]}`
	p.Do(422, "office", "POST", path+"/assets", lights, nil)
	p.Do(201, "office", "POST", path+"/assets", lights, &v, "If-Match", seen)
	// A second office that read before is told what is there now, and writes nothing over it.
	p.Do(412, "office", "POST", path+"/assets", `{"from":"2017-04-10","assets":[{"sort":"light","number":3}]}`, &said, "If-Match", seen)
	if !strings.Contains(said, `"numbers.light"`) || !strings.Contains(said, "12") {
		t.Error(said)
	}
	if len(v.Assets) != 2 || len(v.Areas) != 1 || v.Areas[0].Name != "正门" {
		t.Errorf("%+v", v)
	}
	var ch struct{ Channels []ChannelView }
	none := p.Do(200, "reader", "GET", path+"/channels", "", &ch).Get("ETag")
	gates := `{"from":"2017-04-10","state":"installed","channels":[{"name":"正门 1","area":"gate"},{"name":"正门 2","area":"gate"}]}`
	p.Do(422, "office", "POST", path+"/channels", gates, nil)
	two := p.Do(201, "office", "POST", path+"/channels", gates, &ch, "If-Match", none).Get("ETag")
	if len(ch.Channels) != 2 || ch.Channels[0].State != Installed || ch.Channels[0].Seen || two == none {
		t.Fatalf("%+v", ch)
	}
	// Who saw none of them does not list them a second time.
	p.Do(412, "office", "POST", path+"/channels", gates, &said, "If-Match", none)
	if !strings.Contains(said, "正门 2：您读取时为“未登记”，现为“已安装”") {
		t.Error(said)
	}
	p.now = p.now.Add(time.Hour)
	step := func(state string) string {
		return `{"from":"2017-04-10","state":"` + state + `","channels":["` + string(ch.Channels[0].ID) + `"]}`
	}
	p.Do(422, "office", "POST", path+"/channel-steps", step("networked"), nil)
	three := p.Do(201, "office", "POST", path+"/channel-steps", step("networked"), nil, "If-Match", two).Get("ETag")
	p.Do(412, "office", "POST", path+"/channel-steps", step("removed"), &said, "If-Match", two, "Accept-Language", "en")
	if !strings.Contains(said, "正门 1 was “installed” when you read it and is “networked” now.") || strings.Contains(said, "正门 2") {
		t.Error(said)
	}
	// A new name counts as seen or not seen, too.
	p.now = p.now.Add(time.Hour)
	p.Do(200, "office", "PATCH", "/api/channels/"+string(ch.Channels[1].ID), `{"name":"正门内侧"}`, nil, "If-Match", `"1"`)
	p.Do(412, "office", "POST", path+"/channel-steps", step("removed"), &said, "If-Match", three)
	if !strings.Contains(said, "正门内侧：您读取时为“正门 2”，现为“正门内侧”") || strings.Contains(said, "正门 1") {
		t.Error(said)
	}
	if now := p.Do(200, "reader", "GET", path+"/channels", "", &ch).Get("ETag"); now == three || ch.Channels[0].State != Networked {
		t.Errorf("%s %+v", now, ch)
	}
	p.Do(200, "reader", "GET", path+"?since=2017-01-01", "", &v)
	if v.Channels.Installed != 2 || v.Channels.Networked != 1 || v.Channels.NetworkedSeen != 0 || v.Assets[0].Number != 12 && v.Assets[1].Number != 12 || v.Assets[0].Increase != v.Assets[0].Number {
		t.Errorf("%+v", v)
	}
	p.Do(404, "reader", "GET", "/api/compounds/"+string(p.ids["煤山社区"]), "", nil)
	p.Do(401, "", "GET", path, "", nil)
}

// A past day is answered as it was known at its close; asked for as known now, it has what was entered since.
func TestAPastDayAsKnownNow(t *testing.T) {
	p := newPage(t, storetest.SQLite(t))
	path := "/api/places/" + string(p.ids["金阳花园"])
	var v PlaceView
	p.Do(200, "reader", "GET", path, "", &v)
	then := p.s.clock.Today()
	p.on((then + 30).String())
	p.Do(200, "office", "PATCH", path, `{"from":"`+then.String()+`","name":"金阳新村"}`, &v, "If-Match", `"`+strconv.FormatInt(v.Newest, 10)+`"`)
	for query, name := range map[string]string{"": "金阳花园", "&known=now": "金阳新村"} {
		p.Do(200, "reader", "GET", path+"?at="+then.String()+query, "", &v)
		if v.Name != name {
			t.Errorf("%s: %s, want %s", query, v.Name, name)
		}
	}
	p.Do(422, "reader", "GET", path+"?known=later", "", nil)
}
