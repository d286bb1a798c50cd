package pairing_test

import (
	"slices"
	"testing"

	"linli.dev/linli/api"
	"linli.dev/linli/api/apitest"
	"linli.dev/linli/people/pairing"
	"linli.dev/linli/people/place"
	"linli.dev/linli/store/storetest"
)

// What is pledged is owed. So a pledge is taken back, or made less, by who entered it on the same day alone; then it is for the
// level above. What came in and went out is the office's as ever.
func TestAPledgeIsNotMadeLessByTheOwnPen(t *testing.T) {
	w := newHelp(t, storetest.SQLite(t))
	tree, err := w.places.Tree(w.ctx)
	w.must(err)
	path := tree.Path(w.clock().AtClose(w.today()), w.weak)
	held := []string{pairing.MayRead, pairing.MayWrite, pairing.MayEnter, "programme.approve"}
	server := api.New(api.Options{Auth: apitest.Doorman{
		"county": append(slices.Clip(held), apitest.At("county-office", string(path[1].Place))),
		"second": append(slices.Clip(held), apitest.At("county-office", string(path[1].Place))),
		"city":   append(slices.Clip(held), apitest.At("city-office", string(path[0].Place))),
	}})
	w.must(server.Add(w.places, w.s))
	p := apitest.Page{T: t, HTTP: server.Handler()}
	enter := func(body string) string {
		t.Helper()
		var e pairing.Entry
		p.Do(201, "county", "POST", "/api/pairings/"+string(w.standing)+"/money", body, &e)
		return "/api/help-money/" + string(e.ID)
	}
	const back, less, more, later = `{"from":"2017-05-03","note":"错记"}`, `{"fen":50,"from":"2017-05-02","due":"2017-06-01","why":"多写一位"}`,
		`{"fen":5000,"from":"2017-05-02","due":"2017-06-01","why":"少写一位"}`, `{"fen":500,"from":"2017-05-02","why":"时限有误"}`
	pledge := func() string { return enter(`{"kind":"pledge","fen":500,"from":"2017-05-02","due":"2017-06-01"}`) }
	p.Do(403, "second", "POST", pledge()+"/reversal", `{"from":"2017-05-02","note":"错记"}`, nil)
	p.Do(201, "county", "POST", pledge()+"/reversal", `{"from":"2017-05-02","note":"错记"}`, nil)
	p.Do(201, "county", "POST", pledge()+"/correction", less, nil)
	a, b, c, d := pledge(), pledge(), pledge(), enter(`{"kind":"receipt","fen":500,"from":"2017-05-02"}`)

	w.on(place.Date(2017, 5, 3))
	p.Do(403, "county", "POST", a+"/reversal", back, nil)
	p.Do(201, "city", "POST", a+"/reversal", back, nil)
	p.Do(403, "county", "POST", b+"/correction", less, nil)
	p.Do(403, "county", "POST", b+"/correction", later, nil)
	p.Do(201, "city", "POST", b+"/correction", less, nil)
	p.Do(201, "county", "POST", c+"/correction", more, nil)
	p.Do(201, "county", "POST", d+"/reversal", back, nil)
}

// Two steps do not do what one may not: who puts the same amount in the place of an old pledge has entered it today, and yet takes
// no more off it than what was put on today.
func TestAPledgeIsNotMadeLessInTwoSteps(t *testing.T) {
	w := newHelp(t, storetest.SQLite(t))
	tree, err := w.places.Tree(w.ctx)
	w.must(err)
	path := tree.Path(w.clock().AtClose(w.today()), w.weak)
	held := []string{pairing.MayRead, pairing.MayEnter}
	server := api.New(api.Options{Auth: apitest.Doorman{
		"county": append(slices.Clip(held), pairing.MayWrite, "programme.approve", apitest.At("county-office", string(path[1].Place))),
		"unit":   append(slices.Clip(held), apitest.For("member-unit", w.unit)),
		"city":   append(slices.Clip(held), pairing.MayWrite, "programme.approve", apitest.At("city-office", string(path[0].Place))),
	}})
	w.must(server.Add(w.places, w.s))
	p := apitest.Page{T: t, HTTP: server.Handler()}
	const same, more, none, late = `{"fen":500,"from":"2017-05-02","due":"2017-06-01","note":"x","why":"补记备注"}`, `{"fen":5000,"from":"2017-05-02","due":"2017-06-01","why":"少写一位"}`,
		`{"fen":0,"from":"2017-05-02","why":"错记"}`, `{"fen":500,"from":"2017-05-02","due":"2017-07-01","why":"时限有误"}`
	for i, who := range []string{"county", "unit"} {
		w.on(place.Date(2017, 6, 2) + place.Day(2*i))
		var e pairing.Entry
		p.Do(201, who, "POST", "/api/pairings/"+string(w.standing)+"/money", `{"kind":"pledge","fen":500,"from":"2017-05-02","due":"2017-06-01"}`, &e)
		w.on(w.today() + 1)
		correct := func(status int, who, body string) {
			t.Helper()
			var out struct {
				Entry *pairing.Entry `json:"entry"`
			}
			p.Do(status, who, "POST", "/api/help-money/"+string(e.ID)+"/correction", body, &out)
			if out.Entry != nil {
				e = *out.Entry
			}
		}
		correct(201, who, same)
		correct(403, who, none)
		correct(403, who, late)
		p.Do(403, who, "POST", "/api/help-money/"+string(e.ID)+"/reversal", `{"from":"2017-06-03","note":"错记"}`, nil)
		correct(201, who, more) // a slip of today, and back again
		correct(201, who, same)
		correct(403, who, none)
		correct(201, "city", none)
	}
}
