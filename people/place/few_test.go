package place

import (
	"strings"
	"testing"
	"time"

	"linli.dev/linli/api"
	"linli.dev/linli/api/apitest"
	"linli.dev/linli/store/storetest"
)

// Red line 7: fewer than ten volunteers of a compound are told to the compound itself, and to nobody else: not on its page, on no day,
// not as an increase, not in its changes, not to who writes over them, not in its evidence. Guards are told.
func TestFewVolunteersAreToldToTheirCompoundOnly(t *testing.T) {
	w := newTown(t, storetest.SQLite(t))
	id := w.ids["金阳花园"]
	all := []string{MayRead, MayKeep, MayWrite}
	server := api.New(api.Options{Auth: apitest.Doorman{
		"manager": append([]string{apitest.At("manager", id)}, all...), "community": append([]string{apitest.At("community-office", w.ids["东苗庄社区"])}, all...),
		"county": append([]string{apitest.At("county-office", w.ids["兰山区"])}, all...), "operator": all,
	}})
	w.must(server.Add(w.s))
	p := apitest.Page{T: t, HTTP: server.Handler()}
	path := "/api/compounds/" + string(id)
	say := func(n int) {
		w.now = w.now.Add(24 * time.Hour)
		w.must(w.s.Count(w.ctx, "manager", []Count{
			{Compound: id, Sort: "volunteer", Number: n, Moment: Moment{About: w.s.clock.Today()}}, {Compound: id, Sort: "guard", Number: 4, Moment: Moment{About: w.s.clock.Today()}},
		}))
	}
	is := func(who, query string) (out Asset) {
		t.Helper()
		var v CompoundView
		p.Do(200, who, "GET", path+query, "", &v)
		for _, a := range v.Assets {
			if a.Sort == "volunteer" {
				out = a
			}
			if a.Sort == "guard" && (a.Number != 4 || a.Few) {
				t.Errorf("%s: guards are on duty: %+v", who, a)
			}
		}
		return out
	}
	say(7)
	first := w.s.clock.Today()
	for who, want := range map[string]Asset{"manager": {Number: 7, Increase: 7}, "community": {Few: true}, "county": {Few: true}, "operator": {Few: true}} {
		if a := is(who, ""); a.Number != want.Number || a.Increase != want.Increase || a.Few != want.Few {
			t.Errorf("%s: %+v", who, a)
		}
	}
	// More are told, but not how many more than the few of before; of the past day they are few still.
	seen := p.Do(200, "county", "GET", path, "", nil).Get("ETag")
	say(12)
	since := "?since=" + first.String()
	if a := is("county", since); a.Few || a.Number != 12 || a.Increase != 0 {
		t.Errorf("%+v", a)
	}
	if a := is("manager", since); a.Increase != 5 {
		t.Errorf("%+v", a)
	}
	if a := is("county", "?at="+first.String()); !a.Few || a.Number != 0 {
		t.Errorf("%+v", a)
	}
	var said string
	p.Do(412, "county", "POST", path+"/assets", `{"from":"`+first.String()+`","assets":[{"sort":"guard","number":3}]}`, &said, "If-Match", seen)
	if !strings.Contains(said, "您读取时为“少于10人”，现为“12”") {
		t.Error(said)
	}
	// Nobody may be told of none: that is no number of people.
	say(0)
	if a := is("county", ""); a.Few || a.Number != 0 {
		t.Errorf("%+v", a)
	}
	for who, want := range map[string]string{"manager": "7", "county": "few"} {
		var told struct{ Changes []Trace }
		p.Do(200, who, "GET", path+"/changes", "", &told)
		var was []string
		for _, c := range told.Changes {
			for _, f := range c.Turns {
				if f.Field == "sort.volunteer" {
					was = append(was, f.Was+">"+f.Is)
				}
			}
		}
		if got := strings.Join(was, " "); got != "12>0 "+want+">12 >"+want {
			t.Errorf("%s: %s", who, got)
		}
		words := map[string]string{"7": "平安员,,7,", "few": "平安员,,少于10人,"}[want]
		files := evidence(t, &p, who, path+"/evidence.zip")
		if !strings.Contains(files["变更记录.csv"], words) {
			t.Errorf("%s: %s", who, files["变更记录.csv"])
		}
		files = evidence(t, &p, who, path+"/evidence.zip?at="+first.String())
		if want := map[string]string{"7": "平安员,7,", "few": "平安员,少于10人,"}[want]; !strings.Contains(files["防护力量.csv"], want) || !strings.Contains(files["防护力量.csv"], "保安,4,") {
			t.Errorf("%s: %s", who, files["防护力量.csv"])
		}
	}
}

// evidence opens a compound's evidence.
func evidence(t *testing.T, p *apitest.Page, who, path string) map[string]string {
	t.Helper()
	var body string
	p.Do(200, who, "GET", path, "", &body)
	return apitest.Unzip(t, body)
}
