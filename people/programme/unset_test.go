package programme_test

import (
	"strings"
	"testing"
	"time"

	"linli.dev/linli/api"
	"linli.dev/linli/api/apitest"
	"linli.dev/linli/people/place"
	"linli.dev/linli/people/programme"
	"linli.dev/linli/role"
	"linli.dev/linli/store/storetest"
)

// A hub on which no programme is set up says so on each page, with an answer and not with an error.
func TestWithoutAProgramme(t *testing.T) {
	w := &office{t: t, ctx: t.Context(), ids: map[string]place.ID{}}
	w.on("2017-04-12")
	rooms, err := role.OpenCity(w.ctx, storetest.SQLite(t), place.Clock{Now: func() time.Time { return w.now }})
	w.must(err)
	w.City = rooms
	list, err := w.Places.Found(w.ctx, "li", []place.NewPlace{{Level: place.City, Name: "临沂市", From: w.today()}})
	w.must(err)
	city := list[0].Place
	list, err = w.Places.Found(w.ctx, "li", []place.NewPlace{{Level: place.County, Name: "兰山区", Parent: city, From: w.today()}})
	w.must(err)
	county := list[0].Place
	server := api.New(api.Options{Auth: apitest.Doorman{
		"city": {programme.MayRead, programme.MayTotal, programme.MayWrite, place.MayRead, apitest.At("city-office", city)},
	}})
	w.must(server.Add(w.Places, w.Programme))
	p := apitest.Page{T: t, HTTP: server.Handler()}
	var said string
	h := p.Do(200, "city", "GET", "/api/programme", "", &said)
	if h.Get("ETag") != "" || !strings.Contains(said, `"set_up":false`) || !strings.Contains(said, `"today":"2017-04-12"`) || !strings.Contains(said, `"milestones":[]`) {
		t.Error(h, said)
	}
	for _, path := range []string{"/api/programme/city", "/api/programme/counties/" + string(county), "/api/programme/deadlines", "/api/county-returns/table", "/api/milestones", "/api/programme/forecast?what=built"} {
		p.Do(200, "city", "GET", path, "", &said)
		if strings.Contains(said, "1970") {
			t.Error(path, said)
		}
	}
	p.Do(200, "city", "GET", "/api/programme/city", "", &said)
	if !strings.Contains(said, `"set_up":false`) {
		t.Error(said)
	}
	p.Do(404, "city", "GET", "/api/bulletin", "", nil)
	p.Do(422, "city", "PUT", "/api/programme", `{"name":"“平安小区”创建","city":"`+string(county)+`","start":"2017-04-12"}`, nil)
	p.Do(200, "city", "PUT", "/api/programme", `{"name":"“平安小区”创建","name_en":"Safe Compounds","city":"`+string(city)+`","start":"2017-04-12","span_days":14}`, &said)
	if !strings.Contains(said, `"set_up":true`) || !strings.Contains(said, `"span_days":14`) || !strings.Contains(said, "Safe Compounds") {
		t.Error(said)
	}
}
