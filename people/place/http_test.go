package place

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"linli.dev/linli/api"
	"linli.dev/linli/store/storetest"
)

// doorman lets in whom the header names.
type doorman struct{}

func (doorman) Authenticate(r *http.Request) (api.Caller, error) {
	switch who := r.Header.Get("X-Who"); who {
	case "office":
		return api.Caller{Account: who, Kind: "account", Permissions: map[string]bool{MayRead: true, MayWrite: true}}, nil
	case "reader":
		return api.Caller{Account: who, Kind: "account", Permissions: map[string]bool{MayRead: true}}, nil
	}
	return api.Caller{}, nil
}

type page struct {
	*town
	http http.Handler
}

func newPage(t *testing.T) *page {
	w := newTown(t, storetest.SQLite(t))
	server := api.New(api.Options{Auth: doorman{}})
	w.must(server.Add(w.s))
	return &page{w, server.Handler()}
}

// do asks and checks the status.
func (p *page) do(status int, who, method, path, body string, into any, headers ...string) http.Header {
	p.t.Helper()
	req := httptest.NewRequest(method, path, bytes.NewBufferString(body))
	req.Header.Set("X-Who", who)
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	p.http.ServeHTTP(w, req)
	if w.Code != status {
		p.t.Fatalf("%s %s: %d, want %d: %s", method, path, w.Code, status, w.Body)
	}
	switch into := into.(type) {
	case nil:
	case *string:
		*into = w.Body.String()
	default:
		if err := json.Unmarshal(w.Body.Bytes(), into); err != nil {
			p.t.Fatalf("%v: %s", err, w.Body)
		}
	}
	return w.Header()
}

func TestRoutesOfTheTree(t *testing.T) {
	p := newPage(t)
	var list struct {
		Places []Version
		Total  int
		Next   ID
	}
	p.do(200, "reader", "GET", "/api/places", "", &list)
	if list.Total != 1 || list.Places[0].Name != "临沂市" {
		t.Errorf("%+v", list)
	}
	p.do(200, "reader", "GET", "/api/places?level=community&parent="+string(p.ids["兰山区"])+"&limit=1", "", &list)
	if list.Total != 2 || len(list.Places) != 1 || list.Next == "" {
		t.Errorf("%+v", list)
	}
	var rest struct{ Places []Version }
	p.do(200, "reader", "GET", "/api/places?level=community&limit=1&after="+string(list.Next), "", &rest)
	if len(rest.Places) != 1 || rest.Places[0].Place == list.Places[0].Place {
		t.Errorf("%+v", rest)
	}

	var v PlaceView
	body := `{"level":"compound","parent":"` + string(p.ids["煤山社区"]) + `","name":"三孔桥小区","from":"2017-04-10"}`
	p.do(401, "", "POST", "/api/places", body, nil)
	p.do(403, "reader", "POST", "/api/places", body, nil)
	h := p.do(201, "office", "POST", "/api/places", body, &v)
	if h.Get("ETag") != `"1"` || v.Newest != 1 || len(v.Path) != 5 || v.By != "office" {
		t.Errorf("%v %+v", h, v)
	}
	path := "/api/places/" + string(v.Place)

	p.on("2017-05-01")
	var said string
	p.do(422, "office", "PATCH", path, `{"from":"2017-05-01","name":"x"}`, &said)
	if !strings.Contains(said, "请先读取最新内容") {
		t.Error(said)
	}
	p.do(422, "office", "PATCH", path, `{"from":"1.5.2017","name":"x"}`, &said, "If-Match", `"1"`)
	if !strings.Contains(said, `"path":"from"`) {
		t.Error(said)
	}
	p.do(200, "office", "PATCH", path, `{"from":"2017-05-01","name":"三孔桥花园"}`, &v, "If-Match", `"1"`)
	if v.Name != "三孔桥花园" || v.Newest != 2 || !v.Current {
		t.Errorf("%+v", v)
	}
	p.do(412, "office", "PATCH", path, `{"from":"2017-05-01","name":"y"}`, nil, "If-Match", `"1"`)
	p.do(200, "reader", "GET", path+"?at=2017-04-30", "", &v)
	if v.Name != "三孔桥小区" || v.Current {
		t.Errorf("%+v", v)
	}
	p.do(404, "reader", "GET", path+"?at=2017-04-09", "", nil)
	p.do(422, "reader", "GET", path+"?at=2017-05-02", "", &said, "Accept-Language", "en")
	if !strings.Contains(said, "programme's clock (2017-05-01)") {
		t.Error(said)
	}
	p.do(422, "reader", "GET", path+"?known=2018-01-01T00:00:00Z", "", nil)
	var versions struct{ Versions []Version }
	p.do(200, "reader", "GET", path+"/versions", "", &versions)
	if len(versions.Versions) != 2 {
		t.Errorf("%+v", versions)
	}

	var part PlaceView
	p.do(201, "office", "POST", "/api/places/"+string(p.ids["煤山社区"])+"/split",
		`{"name":"三孔桥社区","from":"2017-05-01","children":["`+string(v.Place)+`"]}`, &part)
	p.do(409, "office", "POST", "/api/places/"+string(part.Place)+"/end", `{"from":"2017-05-01"}`, nil, "If-Match", `"1"`)
	p.do(200, "office", "POST", "/api/places/"+string(p.ids["煤山社区"])+"/merge", `{"places":["`+string(part.Place)+`"],"from":"2017-05-01"}`, nil)
	if got := p.path("2017-05-01", "煤山社区"); got == "" {
		t.Error("the place that the others went into is gone")
	}
}

func TestRoutesOfACompound(t *testing.T) {
	p := newPage(t)
	path := "/api/compounds/" + string(p.ids["金阳花园"])
	var v CompoundView
	p.do(201, "office", "POST", path+"/classes", `{"mark":"weak","in":true,"from":"2017-04-10","criteria":"无围墙","evidence":"摸底表"}`, &v)
	if !v.Weak || v.Class != Other || len(v.Entries) != 1 || len(v.Buildings) != 1 {
		t.Errorf("%+v", v)
	}
	p.do(422, "office", "POST", path+"/classes", `{"mark":"helped","in":true,"from":"2017-04-10"}`, nil)
	p.do(403, "reader", "POST", path+"/classes", `{"mark":"helped","in":true,"from":"2017-04-10"}`, nil)
	var a Area
	h := p.do(201, "office", "POST", path+"/areas", `{"kind":"gate","name":"南门","from":"2017-04-10"}`, &a)
	p.do(200, "office", "PATCH", "/api/areas/"+string(a.ID), `{"name":"正门"}`, &a, "If-Match", h.Get("ETag"))
	p.do(201, "office", "POST", path+"/assets", `{"from":"2017-04-10","assets":[{"sort":"light","number":12,"condition":"good"},{"sort":"volunteer","number":9}]}`, &v)
	if len(v.Assets) != 2 || len(v.Areas) != 1 || v.Areas[0].Name != "正门" {
		t.Errorf("%+v", v)
	}
	var ch struct{ Channels []ChannelView }
	p.do(201, "office", "POST", path+"/channels", `{"from":"2017-04-10","state":"installed","channels":[{"name":"正门 1","area":"gate"},{"name":"正门 2","area":"gate"}]}`, &ch)
	if len(ch.Channels) != 2 || ch.Channels[0].State != Installed {
		t.Fatalf("%+v", ch)
	}
	p.now = p.now.Add(time.Hour)
	p.do(201, "office", "POST", path+"/channel-steps", `{"from":"2017-04-10","state":"networked","channels":["`+string(ch.Channels[0].ID)+`"]}`, &ch)
	p.do(200, "reader", "GET", path+"?since=2017-01-01", "", &v)
	if v.Channels.Installed != 2 || v.Channels.Networked != 1 || v.Assets[0].Increase != v.Assets[0].Number {
		t.Errorf("%+v", v)
	}
	p.do(404, "reader", "GET", "/api/compounds/"+string(p.ids["煤山社区"]), "", nil)
	p.do(401, "", "GET", path, "", nil)
}
