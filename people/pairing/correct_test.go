package pairing_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"linli.dev/linli/api"
	"linli.dev/linli/api/apitest"
	"linli.dev/linli/people/pairing"
	"linli.dev/linli/people/place"
	"linli.dev/linli/store"
	"linli.dev/linli/store/storetest"
)

// A unit typed a nought too many, and one spend on the wrong day: it puts that right itself, and both stay to be seen.
func TestAUnitCorrectsItsOwnEntry(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newHelp(t, db)
		w.on(place.Date(2017, 9, 10))
		slip, err := w.enter(pairing.Receipt, 5_000_000)
		w.must(err)
		spend, err := w.s.Enter(w.ctx, "li", []pairing.Entry{{Pairing: w.standing, Kind: pairing.Spend, Fen: 300_000, Moment: place.Moment{About: w.today()}, Note: "大门"}})
		w.must(err)
		w.on(place.Date(2017, 9, 12))
		right := pairing.Correction{Fen: 500_000, About: place.Date(2017, 9, 10), Why: "多写一位"}
		correct := func(id pairing.EntryID, c pairing.Correction) error {
			_, _, err := w.s.Correct(w.ctx, "li", id, c)
			return err
		}
		low := right
		low.Fen = 299_999
		w.refused("pairing.reverse.spent", correct(slip.ID, low)) // less than was spent of it
		none := right
		none.Why = ""
		w.refused("place.field.required", correct(slip.ID, none))
		ahead := right
		ahead.About = w.today() + 1
		w.refused("pairing.day-to-come", correct(slip.ID, ahead))
		w.refused("pairing.no-entry", correct("none", right))
		w.must(correct(slip.ID, right))
		w.refused("pairing.reverse.twice", correct(slip.ID, right))
		// A spend that never was: only taken back. One on another day, of another amount.
		w.refused("pairing.spend.above", correct(spend[0].ID, pairing.Correction{Fen: 500_001, About: w.today(), Note: "大门", Why: "金额有误"}))
		w.must(correct(spend[0].ID, pairing.Correction{Fen: 500_000, About: w.today(), Became: "gate", Number: 2, Note: "两扇大门", Why: "金额有误"}))
		whole, err := w.s.Whole(w.ctx, w.clock().AtClose(w.today()), w.standing)
		w.must(err)
		if whole.Received != 500_000 || whole.Spent != 500_000 || len(whole.Money) != 6 {
			t.Errorf("%+v of %d", whole.Sums, len(whole.Money))
		}
		for _, e := range whole.Money {
			if (e.Corrects != "") != (e.Known.After(w.clock().Begin(w.today())) && e.Fen > 0) {
				t.Errorf("%+v", e)
			}
		}
		// The evening of the slip is answered as it was.
		then, err := w.s.Whole(w.ctx, w.clock().AtClose(place.Date(2017, 9, 10)), w.standing)
		w.must(err)
		if then.Received != 5_000_000 || then.Spent != 300_000 {
			t.Errorf("%+v", then.Sums)
		}
		// What is public is not corrected under the reader's eyes.
		last := whole.Money[len(whole.Money)-1]
		for _, e := range whole.Money {
			if e.Kind == pairing.Spend && e.Corrects != "" {
				last = e
			}
		}
		_, err = w.s.Disclose(w.ctx, "li", w.standing, []pairing.EntryID{last.ID}, w.today(), "")
		w.must(err)
		w.refused("pairing.reverse.disclosed", correct(last.ID, pairing.Correction{Fen: 1, About: w.today(), Note: "大门", Why: "x"}))
	})
}

// Whatever is corrected in whatever order: spent is never above received on any day, as known at any time from then on.
func TestCorrectionsKeepTheMoneyRight(t *testing.T) {
	db := storetest.SQLite(t)
	w := newHelp(t, db)
	rapid.Check(t, func(t *rapid.T) {
		pairs, err := w.s.Pair(w.ctx, "li", []pairing.Pairing{{Compound: w.weak, Unit: w.unit, Moment: place.Moment{About: w.today()}}})
		if err != nil {
			t.Fatal(err)
		}
		id, first := pairs[0].ID, w.today()
		w.on(first + 6)
		var made []pairing.EntryID
		for range rapid.IntRange(2, 10).Draw(t, "acts") {
			day := first + place.Day(rapid.IntRange(0, 6).Draw(t, "day"))
			fen := int64(rapid.IntRange(0, 50).Draw(t, "fen"))
			if len(made) > 0 && rapid.Bool().Draw(t, "correct") {
				_, now, err := w.s.Correct(w.ctx, "li", rapid.SampledFrom(made).Draw(t, "which"), pairing.Correction{Fen: fen, About: day, Note: "x", Why: "x"})
				if err == nil && now != nil {
					made = append(made, now.ID)
				}
				continue
			}
			kind := rapid.SampledFrom([]pairing.EntryKind{pairing.Receipt, pairing.Spend}).Draw(t, "kind")
			list, err := w.s.Enter(w.ctx, "li", []pairing.Entry{{Pairing: id, Kind: kind, Fen: fen + 1, Note: "x", Moment: place.Moment{About: day}}})
			if err == nil {
				made = append(made, list[0].ID)
			}
		}
		entries, err := w.s.Entries(w.ctx, w.weak)
		if err != nil {
			t.Fatal(err)
		}
		for i := range entries {
			if entries[i].Pairing != id {
				continue
			}
			for day := first; day <= first+6; day++ {
				var mine []pairing.Entry
				for _, e := range entries {
					if e.Pairing == id {
						mine = append(mine, e)
					}
				}
				if s := pairing.Sum(place.AsOf{Day: day, Known: entries[i].Known}, mine); s.Spent > s.Received || s.Spent < 0 || s.Received < 0 {
					t.Fatalf("%s as known at %s: %+v", day, entries[i].Known, s)
				}
			}
		}
	})
}

// Nothing is entered about a day on which nobody helps, nor about one that is still to come.
func TestEntriesAreOfDaysOnWhichThePairingStands(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newHelp(t, db)
		at := func(kind pairing.EntryKind, day place.Day) error {
			_, err := w.s.Enter(w.ctx, "li", []pairing.Entry{{Pairing: w.standing, Kind: kind, Fen: 100, Note: "x", Moment: place.Moment{About: day}}})
			return err
		}
		task := func(day place.Day) ([]pairing.Task, error) {
			return w.s.SetTasks(w.ctx, "li", []pairing.Task{{Pairing: w.standing, Title: "修门", Due: place.Date(2017, 12, 1), Moment: place.Moment{About: day}}})
		}
		for _, kind := range []pairing.EntryKind{pairing.Pledge, pairing.Receipt} {
			w.refused("pairing.day-before", at(kind, place.Date(2017, 5, 1)))
			w.refused("pairing.day-to-come", at(kind, w.today()+1))
			w.must(at(kind, w.today()))
		}
		_, err := task(w.today() + 1)
		w.refused("pairing.day-to-come", err)
		list, err := task(w.today())
		w.must(err)
		w.refused("pairing.day-to-come", w.s.FinishTasks(w.ctx, "li", map[pairing.TaskID]place.Day{list[0].ID: w.today() + 1}))
		w.must(at(pairing.Spend, w.today()))
		entries, err := w.s.Entries(w.ctx, w.weak)
		w.must(err)
		w.on(place.Date(2017, 9, 10))
		_, err = w.s.Unpair(w.ctx, "li", w.standing, place.Whatever, place.Date(2017, 9, 1))
		w.must(err)
		w.refused("pairing.day-after", at(pairing.Receipt, place.Date(2017, 9, 1)))
		w.must(at(pairing.Receipt, place.Date(2017, 8, 31)))
		_, err = task(w.today())
		w.refused("pairing.day-after", err)
		w.refused("pairing.day-after", w.s.FinishTasks(w.ctx, "li", map[pairing.TaskID]place.Day{list[0].ID: w.today()}))
		// What was spent is made public even when the help is over.
		for _, e := range entries {
			if e.Kind == pairing.Spend {
				_, err = w.s.Disclose(w.ctx, "li", w.standing, []pairing.EntryID{e.ID}, w.today(), "")
				w.must(err)
			}
		}
	})
}

// Who only enters corrects the own entries; what a unit was called stays on record.
func TestWhoCorrectsAndWhatAUnitWasCalled(t *testing.T) {
	w := newHelp(t, storetest.SQLite(t))
	server := api.New(api.Options{Auth: apitest.Doorman{
		"office": {pairing.MayRead, pairing.MayWrite, pairing.MayEnter}, "unit": {pairing.MayRead, pairing.MayEnter},
	}})
	w.must(server.Add(w.places, w.s))
	p := apitest.Page{T: t, HTTP: server.Handler()}
	var mine, theirs pairing.Entry
	money := "/api/pairings/" + string(w.standing) + "/money"
	p.Do(201, "unit", "POST", money, `{"kind":"pledge","fen":500,"from":"2017-05-02"}`, &mine)
	p.Do(201, "office", "POST", money, `{"kind":"pledge","fen":500,"from":"2017-05-02"}`, &theirs)
	body := `{"fen":50,"from":"2017-05-02","why":"多写一位"}`
	var said string
	p.Do(201, "unit", "POST", "/api/help-money/"+string(mine.ID)+"/correction", body, &said)
	if !strings.Contains(said, `"corrects":"`+string(mine.ID)) || !strings.Contains(said, `"fen":-500`) {
		t.Error(said)
	}

	var unit pairing.Unit
	h := p.Do(201, "office", "POST", "/api/member-units", `{"name":"市工商局","level":"city"}`, &unit)
	path := "/api/member-units/" + string(unit.ID)
	p.Do(422, "office", "PATCH", path, `{"name":"市场监督管理局","level":"city"}`, nil)
	p.Do(403, "unit", "PATCH", path, `{"name":"市场监督管理局","level":"city"}`, nil, "If-Match", h.Get("ETag"))
	p.Do(409, "office", "PATCH", path, `{"name":"市总工会","level":"city"}`, nil, "If-Match", h.Get("ETag"))
	p.Do(200, "office", "PATCH", path, `{"name":"市场监督管理局","level":"city"}`, nil, "If-Match", h.Get("ETag"))
	p.Do(412, "office", "PATCH", path, `{"name":"x","level":"city"}`, nil, "If-Match", h.Get("ETag"))
	var told struct{ Changes []place.Trace }
	p.Do(200, "unit", "GET", path+"/changes", "", &told)
	if len(told.Changes) != 2 || told.Changes[0].Act != "changed" || told.Changes[0].By != "office" || len(told.Changes[0].Turns) != 1 || told.Changes[0].Turns[0] != (place.Turn{Field: "name", Was: "市工商局", Is: "市场监督管理局"}) {
		t.Errorf("%+v", told)
	}
}
