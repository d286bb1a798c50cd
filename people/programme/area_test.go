package programme_test

import (
	"slices"
	"strings"
	"testing"

	"linli.dev/linli/api"
	"linli.dev/linli/api/apitest"
	"linli.dev/linli/people/place"
	"linli.dev/linli/people/programme"
	"linli.dev/linli/store/storetest"
)

func TestAStreetAndItsCommunitiesAddUpToTheirCounty(t *testing.T) {
	each(t, func(w *office) {
		w.on("2017-10-05")
		q := w.clock().AtClose(w.today())
		county, err := w.Programme.County(w.ctx, q, 0, w.ids["兰山区"])
		w.must(err)
		for _, name := range []string{"兰山区", "银雀山街道", "东苗庄社区"} {
			a, err := w.Programme.Area(w.ctx, q, 0, w.ids[name])
			w.must(err)
			if a.Name != name || a.Numbers != county.Row.Numbers || a.Before != county.Before || a.Light != county.Row.Light || a.Rate != county.Row.Rate {
				t.Errorf("%s: %+v, its county: %+v", name, a, county.Row)
			}
			if !slices.Equal(a.Trend, county.Trend) {
				t.Errorf("%s: %v, its county: %v", name, a.Trend, county.Trend)
			}
			of, err := w.Programme.Deadlines(w.ctx, q, w.ids["兰山区"])
			w.must(err)
			if len(a.Deadlines) != len(of) || a.Deadlines[0].Owed != of[0].Owed || a.Deadlines[0].Behind != 2 {
				t.Errorf("%s: %+v", name, a.Deadlines)
			}
		}
		city, err := w.Programme.City(w.ctx, q, 0)
		w.must(err)
		a, err := w.Programme.Area(w.ctx, q, 0, w.ids["临沂市"])
		w.must(err)
		all, err := w.Programme.Deadlines(w.ctx, q, "")
		w.must(err)
		if a.Numbers != city.Numbers || !slices.Equal(a.Trend, city.Trend) || a.Deadlines[0].Owed != all[0].Owed || all[0].Owed != 3 {
			t.Errorf("%+v, the city: %+v", a, city)
		}
		a, err = w.Programme.Area(w.ctx, q, 0, w.ids["东苗庄社区"])
		w.must(err)
		if len(a.Above) != 3 || a.Above[1].Name != "兰山区" || a.Above[2].Level != place.Street {
			t.Errorf("%+v", a.Above)
		}
		// A compound that moves to another community is in the old one's past, and in the new one's present.
		w.on("2017-10-09")
		to := w.ids["花埠圈社区"]
		_, err = w.Places.Change(w.ctx, "li", w.ids["安泰小区"], 1, place.Edit{From: w.today(), Parent: &to})
		w.must(err)
		now := w.clock().AtClose(w.today())
		for name, want := range map[string]int64{"东苗庄社区": 1, "花埠圈社区": 2} {
			a, err := w.Programme.Area(w.ctx, now, q.Day, w.ids[name])
			w.must(err)
			if a.Numbers.Compounds != want || a.Numbers.Compounds+a.Before.Compounds != 3 {
				t.Errorf("%s: %d, before %d", name, a.Numbers.Compounds, a.Before.Compounds)
			}
		}
		_, err = w.Programme.Area(w.ctx, q, 0, "none")
		w.refused("place.no-place", err)
	})
}

// A programme that began in another century would have its trend computed for each week since.
func TestAProgrammeBeginsInThisAge(t *testing.T) {
	each(t, func(w *office) {
		p, err := w.Programme.Programme(w.ctx)
		w.must(err)
		p.Start = day("1975-01-01")
		_, err = w.Programme.Set(w.ctx, "chen", p.Version, p)
		w.refused("programme.start", err)
		p.Start = w.today().AddMonths(-120)
		_, err = w.Programme.Set(w.ctx, "chen", p.Version, p)
		w.must(err)
		// However old it grows, a trend is of ten years.
		w.on("2027-04-12")
		c, err := w.Programme.City(w.ctx, w.clock().AtClose(w.today()), 0)
		w.must(err)
		if n := len(c.Trend); n < 520 || n > 523 {
			t.Errorf("%d weeks", n)
		}
		// And it is changed like a young one; only another start is asked about.
		p, err = w.Programme.Programme(w.ctx)
		w.must(err)
		p.NameEN, p.Span = "Safe Compounds", 14
		p, err = w.Programme.Set(w.ctx, "chen", p.Version, p)
		w.must(err)
		p.Start--
		_, err = w.Programme.Set(w.ctx, "chen", p.Version, p)
		w.refused("programme.start", err)
	})
}

func TestWhoIsLateOverAllCounties(t *testing.T) {
	w := newOffice(t, storetest.SQLite(t))
	read := []string{programme.MayRead, programme.MayTotal, place.MayRead}
	server := api.New(api.Options{Auth: apitest.Doorman{
		"city":      append(slices.Clip(read), apitest.At("city-office", w.ids["临沂市"])),
		"county":    append(slices.Clip(read), apitest.At("county-office", w.ids["罗庄区"])),
		"community": append(slices.Clip(read), apitest.At("community-office", w.ids["东苗庄社区"])),
	}})
	w.must(server.Add(w.Places, w.Programme))
	p := apitest.Page{T: t, HTTP: server.Handler()}

	w.must(w.Programme.Extend(w.ctx, "chen", place.Whatever, w.ids["安泰小区"], "built", day("2018-11-30"), "外墙施工"))
	w.on("2018-01-05") // the last day was 2017-11-30
	var got struct {
		Total, Red int
		Counties   []programme.LateCounty
		Compounds  []programme.LateRow
	}
	p.Do(200, "city", "GET", "/api/programme/late?limit=2", "", &got)
	if got.Total != 3 || got.Red != 3 || len(got.Compounds) != 2 {
		t.Fatalf("%+v", got)
	}
	if c := got.Counties[0]; c.Name != "兰山区" || c.Red != 2 || c.Yellow != 0 || len(got.Counties) != 2 {
		t.Errorf("%+v", got.Counties)
	}
	// Equally late: by county and name. 安泰小区 owes one of the two later.
	if d := got.Compounds[0].Worst; d.Days != -36 || d.Why != "逾期36天" || got.Compounds[0].Others != 0 || got.Compounds[1].Others != 1 {
		t.Errorf("%+v", got.Compounds[0])
	}

	// The most overdue first, whatever the county.
	w.must(w.Programme.Extend(w.ctx, "chen", place.Whatever, w.ids["金阳花园"], "built", day("2018-01-02"), "外墙施工"))
	w.must(w.Programme.Extend(w.ctx, "chen", place.Whatever, w.ids["金阳花园"], "networked", day("2018-01-03"), "外墙施工"))
	p.Do(200, "city", "GET", "/api/programme/late", "", &got)
	if last := got.Compounds[2]; last.Name != "金阳花园" || last.Worst.Days != -3 {
		t.Errorf("%+v", got.Compounds)
	}

	// Each sees the own area.
	p.Do(200, "county", "GET", "/api/programme/late", "", &got)
	if got.Total != 1 || got.Compounds[0].Name != "百合花园" || len(got.Counties) != 1 {
		t.Errorf("%+v", got)
	}
	p.Do(200, "community", "GET", "/api/programme/late?under="+string(w.ids["东苗庄社区"]), "", &got)
	if got.Total != 2 {
		t.Errorf("%+v", got)
	}
	p.Do(200, "community", "GET", "/api/programme/areas/"+string(w.ids["东苗庄社区"]), "", nil)
	p.Do(403, "community", "GET", "/api/programme/areas/"+string(w.ids["花埠圈社区"]), "", nil)
	p.Do(403, "county", "GET", "/api/programme/areas/"+string(w.ids["银雀山街道"]), "", nil)

	var text struct {
		Text   string
		Number int
	}
	p.Do(200, "city", "GET", "/api/programme/late/text", "", &text)
	for _, want := range []string{"截至2018年1月5日", "逾期小区3个", "【兰山区】逾期2个", "百合花园：", "逾期36天", "请勿外传"} {
		if !strings.Contains(text.Text, want) {
			t.Errorf("%q is not in\n%s", want, text.Text)
		}
	}
	p.Do(200, "county", "GET", "/api/programme/late/text", "", &text)
	if text.Number != 1 || strings.Contains(text.Text, "兰山区") {
		t.Errorf("%+v", text)
	}
	var lights struct {
		Lights map[programme.Light][]place.ID
	}
	p.Do(200, "county", "GET", "/api/programme/lights", "", &lights)
	if red := lights.Lights[programme.Red]; len(red) != 1 || red[0] != w.ids["百合花园"] || len(lights.Lights[programme.Green]) != 0 {
		t.Errorf("%+v", lights)
	}
	var list struct{ Total int }
	p.Do(200, "city", "GET", "/api/programme/compounds?under="+string(w.ids["银雀山街道"]), "", &list)
	if list.Total != 2 {
		t.Error(list)
	}
	w.on("2018-01-06")
	var none struct{ Text string }
	p.Do(200, "city", "GET", "/api/programme/late/text?at=2017-05-01", "", &none)
	if !strings.HasPrefix(none.Text, "截至2017年5月1日，没有") {
		t.Error(none.Text)
	}
}
