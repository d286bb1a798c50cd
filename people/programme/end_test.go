package programme_test

import (
	"slices"
	"strings"
	"testing"

	"linli.dev/linli/api"
	"linli.dev/linli/api/apitest"
	"linli.dev/linli/people/pairing"
	"linli.dev/linli/people/place"
	"linli.dev/linli/people/programme"
	"linli.dev/linli/store/storetest"
)

// A compound that ends, or goes into another one, owes nothing any more. So the county asks, somebody of the level above decides;
// and the help money that it received stays in the sums, and goes where its survivor goes.
func TestNobodyEndsACompoundByTheOwnPen(t *testing.T) {
	w := newOffice(t, storetest.SQLite(t))
	read := []string{programme.MayRead, programme.MayTotal, programme.MayWrite, programme.MayApprove, place.MayRead, place.MayWrite}
	server := api.New(api.Options{Auth: apitest.Doorman{
		"county": append(slices.Clip(read), apitest.At("county-office", w.ids["兰山区"])),
		"second": append(slices.Clip(read), apitest.At("county-office", w.ids["兰山区"])),
		"city":   append(slices.Clip(read), apitest.At("city-office", w.ids["临沂市"])),
	}})
	w.must(server.Add(w.Places, w.Programme))
	p := apitest.Page{T: t, HTTP: server.Handler()}
	id := w.ids["金阳花园"]
	path, asking := "/api/places/"+string(id), "/api/programme/compounds/"+string(id)+"/requests"

	w.must(w.Places.Enter(w.ctx, "li", []place.Entry{{Compound: id, Mark: place.MarkWeak, In: true, Moment: place.Moment{About: w.today()}, Criteria: "无围墙", Evidence: "摸底表"}}))
	units, err := w.Pairing.AddUnits(w.ctx, "chen", []pairing.Unit{{Name: "市总工会", Level: "city"}})
	w.must(err)
	pairs, err := w.Pairing.Pair(w.ctx, "chen", []pairing.Pairing{{Compound: id, Unit: units[0].ID, Moment: place.Moment{About: w.today()}}})
	w.must(err)
	_, err = w.Pairing.Enter(w.ctx, "chen", []pairing.Entry{
		{Pairing: pairs[0].ID, Kind: pairing.Pledge, Fen: 100_000, Moment: place.Moment{About: w.today()}},
		{Pairing: pairs[0].ID, Kind: pairing.Receipt, Fen: 60_000, Moment: place.Moment{About: w.today()}},
	})
	w.must(err)

	w.on("2017-12-05") // the last day was 2017-11-30
	county := func(on, name string) programme.Numbers {
		t.Helper()
		c, err := w.Programme.County(w.ctx, w.clock().AtClose(day(on)), 0, w.ids[name])
		w.must(err)
		var streets, compounds int64
		for _, s := range c.Streets {
			streets += s.Received
		}
		rows, err := w.Programme.Compounds(w.ctx, w.clock().AtClose(day(on)), programme.Filter{County: w.ids[name], Figure: "received_fen"})
		w.must(err)
		for _, r := range rows {
			compounds += r.Received
		}
		if n := c.Row.Numbers; n.Received != streets || n.Received != compounds {
			t.Errorf("%s on %s: %d in place, its streets have %d, its compounds %d", name, on, n.Received, streets, compounds)
		}
		return c.Row.Numbers
	}
	if n := county("2017-12-05", "兰山区"); n.Overdue != 4 || n.Received != 60_000 || n.Compounds != 2 {
		t.Fatalf("%+v", n)
	}

	// By the own pen: neither ended, nor merged, nor without a reason.
	var said string
	p.Do(422, "county", "POST", path+"/end", `{"from":"2017-12-05"}`, &said, "If-Match", `"1"`)
	if !strings.Contains(said, `"note"`) {
		t.Error(said)
	}
	p.Do(403, "county", "POST", path+"/end", `{"from":"2017-12-05","note":"拆迁"}`, nil, "If-Match", `"1"`)
	merge := `{"places":["` + string(id) + `"],"from":"2017-12-05","note":"两个小区合并管理"}`
	p.Do(403, "county", "POST", "/api/places/"+string(w.ids["安泰小区"])+"/merge", merge, nil, "If-Match", `"1"`)
	if n := county("2017-12-05", "兰山区"); n.Overdue != 4 {
		t.Errorf("refused, and done all the same: %+v", n)
	}

	// Asked for: into a compound of the own county only, and into another one.
	ask := func(status int, into string) (r programme.Request) {
		t.Helper()
		body := `{"kind":"merge","into":"` + string(w.ids[into]) + `","from":"2017-12-05","reason":"两个小区合并管理"}`
		if status != 201 {
			p.Do(status, "county", "POST", asking, body, nil)
			return r
		}
		p.Do(201, "county", "POST", asking, body, &r)
		return r
	}
	ask(403, "百合花园")
	ask(422, "金阳花园")
	p.Do(422, "county", "POST", asking, `{"kind":"end","from":"2017-12-05"}`, nil)
	r := ask(201, "安泰小区")
	decide := "/api/programme/requests/" + string(r.ID) + "/decision"
	p.Do(403, "second", "POST", decide, `{"grant":true}`, nil, "If-Match", `"1"`)
	p.Do(200, "city", "GET", "/api/programme/requests?state=asked", "", &said)
	if !strings.Contains(said, `"into_name":"安泰小区"`) || !strings.Contains(said, `"name":"金阳花园"`) {
		t.Error(said)
	}
	p.Do(200, "city", "POST", decide, `{"grant":true}`, nil, "If-Match", `"1"`)

	// It owes nothing any more, and its money is where it was: in the county, its street, the rows behind the figure, the bulletin.
	if n := county("2017-12-05", "兰山区"); n.Overdue != 2 || n.Compounds != 1 || n.Received != 60_000 || n.Pledged != 100_000 {
		t.Errorf("%+v", n)
	}
	var list struct{ Compounds []programme.CompoundState }
	p.Do(200, "county", "GET", "/api/programme/compounds?figure=received_fen", "", &list)
	if len(list.Compounds) != 1 || !list.Compounds[0].Ended || list.Compounds[0].Name != "金阳花园" || list.Compounds[0].CountyName != "兰山区" {
		t.Errorf("%+v", list)
	}
	// Its page is still there: what was said of it, and what became of it.
	var past struct{ History []programme.Saying }
	p.Do(200, "county", "GET", "/api/programme/compounds/"+string(id)+"/history", "", &past)
	if !slices.ContainsFunc(past.History, func(x programme.Saying) bool { return x.Kind == programme.Received && x.Value == 60_000 }) {
		t.Errorf("nothing of its money in %+v", past.History)
	}
	p.Do(404, "city", "GET", "/api/programme/compounds/"+string(w.ids["兰山区"])+"/history", "", nil)
	for _, of := range []string{"/api/compounds/", "/api/programme/compounds/"} {
		p.Do(200, "county", "GET", of+string(id), "", nil)
	}
	area, err := w.Programme.Area(w.ctx, w.clock().AtClose(w.today()), 0, w.ids["东苗庄社区"])
	w.must(err)
	b, err := w.Programme.Bulletin(w.ctx, programme.BulletinAsk{Of: w.clock().AtClose(w.today())})
	w.must(err)
	var rows int64
	for i := range b.Rows {
		rows += b.Rows[i].Received
	}
	if area.Numbers.Received != 60_000 || rows != 60_000 || b.Help.Received != 60_000 {
		t.Errorf("community %d, rows %d, bulletin %d", area.Numbers.Received, rows, b.Help.Received)
	}

	// Its survivor moves to another county, and the money with it; the day before is answered as before.
	w.on("2017-12-07")
	to := w.ids["花埠圈社区"]
	_, err = w.Places.Change(w.ctx, "chen", w.ids["安泰小区"], place.Whatever, place.Edit{From: w.today(), Parent: &to})
	w.must(err)
	if was, is, other := county("2017-12-06", "兰山区"), county("2017-12-07", "兰山区"), county("2017-12-07", "罗庄区"); was.Received != 60_000 || is.Received != 0 || other.Received != 60_000 {
		t.Errorf("%d, then %d and %d", was.Received, is.Received, other.Received)
	}
	moved, sum, err := w.Programme.Moves(w.ctx, day("2017-12-04"), w.clock().AtClose(day("2017-12-07")), "", "")
	w.must(err)
	var money int64
	for _, m := range moved {
		for _, f := range m.Figures {
			if f.Figure == "received_fen" {
				money += f.After - f.Before
			}
		}
	}
	if money != 0 || slices.ContainsFunc(sum, func(f programme.FigureMove) bool { return f.Figure == "received_fen" }) {
		t.Errorf("%d %+v", money, sum)
	}
	whole, err := w.Pairing.Whole(w.ctx, w.clock().AtClose(w.today()), pairs[0].ID)
	w.must(err)
	if whole.CompoundName != "金阳花园" || whole.Received != 60_000 {
		t.Errorf("%+v", whole.View)
	}

	// A slip of the pen is mended by who made it, on the same day.
	found := func(name string) string {
		t.Helper()
		var v place.PlaceView
		p.Do(201, "county", "POST", "/api/places", `{"level":"compound","parent":"`+string(w.ids["东苗庄社区"])+`","name":"`+name+`","from":"`+w.today().String()+`"}`, &v)
		return "/api/places/" + string(v.Place) + "/end"
	}
	slip := found("金阳花圆")
	ended := func() string { return `{"from":"` + w.today().String() + `","note":"误登"}` }
	p.Do(403, "second", "POST", slip, ended(), nil, "If-Match", `"1"`)
	p.Do(200, "county", "POST", slip, ended(), nil, "If-Match", `"1"`)
	slip = found("安太小区")
	w.on("2017-12-08")
	p.Do(403, "county", "POST", slip, ended(), nil, "If-Match", `"1"`)
	p.Do(200, "city", "POST", slip, ended(), nil, "If-Match", `"1"`)
}
