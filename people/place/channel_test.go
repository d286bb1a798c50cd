package place

import (
	"encoding/json"
	"testing"
	"time"

	"linli.dev/linli/store"
	"linli.dev/linli/store/storetest"
)

// A channel gets another name and another area: a past day keeps the name of then, the history says who, of two who
// do so at once one is told, and what a camera of the register is stays as the register says.
func TestAChannelIsRenamed(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		p := newPage(t, db)
		compound := p.ids["金阳花园"]
		list := []Channel{{Compound: compound, Name: "大门1", Area: Gate}, {Compound: compound, Name: "道路1", Area: Road}}
		steps := func(i int) ChannelStep {
			return ChannelStep{Channel: list[i].ID, Compound: compound, State: Installed, Moment: Moment{About: p.s.clock.Today()}}
		}
		p.must(p.s.AddChannels(p.ctx, "li", list, nil))
		p.must(p.s.StepChannels(p.ctx, "li", []ChannelStep{steps(0), steps(1)}))
		first := p.s.clock.Today()
		p.now = p.now.AddDate(0, 0, 3)

		path := "/api/channels/" + string(list[0].ID)
		p.Do(422, "office", "PATCH", path, `{"name":"北门1"}`, nil)
		p.Do(404, "office", "PATCH", "/api/channels/none", `{"name":"北门1"}`, nil, "If-Match", `"1"`)
		p.Do(422, "office", "PATCH", path, `{"name":"张家业主"}`, nil, "If-Match", `"1"`)
		p.Do(403, "reader", "PATCH", path, `{"name":"北门1"}`, nil, "If-Match", `"1"`)
		var c Channel
		if h := p.Do(200, "office", "PATCH", path, `{"name":"北门1","area":"yard"}`, &c, "If-Match", `"1"`); c.Name != "北门1" || c.Area != Yard || h.Get("ETag") != `"2"` {
			t.Fatalf("%+v %s", c, h.Get("ETag"))
		}
		p.Do(412, "office", "PATCH", path, `{"name":"南门1"}`, nil, "If-Match", `"1"`)

		for day, want := range map[Day]string{first: "大门1", first + 2: "大门1", first + 3: "北门1"} {
			view, err := p.s.channelsAt(p.ctx, p.s.clock.AtClose(day), compound)
			p.must(err)
			names := ""
			for _, x := range view.Body.Channels {
				if x.ID == list[0].ID {
					names += x.Name
				}
			}
			if names != want || len(view.Body.Channels) != 2 {
				t.Errorf("%s: %+v", day, view.Body.Channels)
			}
		}
		all, err := p.s.compoundTraces(p.ctx, p.s.clock.AtClose(p.s.clock.Today()), compound)
		p.must(err)
		if got := all[0]; got.Act != "channel-changed" || got.By != "office" || len(got.Turns) != 2 || got.Turns[1] != (Turn{"name", "大门1", "北门1"}) {
			raw, _ := json.Marshal(all)
			t.Errorf("%s", raw)
		}
		who, err := p.s.Renamed(p.ctx, p.now.Add(-time.Hour), list[0].ID, list[1].ID)
		p.must(err)
		if len(who) != 1 || who[list[0].ID] != "office" {
			t.Errorf("%v", who)
		}

		p.s.SetCameras(&shelf{{Camera: "b", Name: "道路1", Area: Road, InUse: true}})
		p.must(p.s.TieNode(p.ctx, "op", 0, compound, nil))
		_, _, err = p.s.KeepNode(p.ctx, Keeping{Span: 30})
		p.must(err)
		p.Do(409, "office", "PATCH", "/api/channels/"+string(list[1].ID), `{"name":"路口"}`, nil, "If-Match", `"1"`)
	})
}

// What was counted has a condition and a last check; their changes stand in the history, too.
func TestTheConditionIsInTheHistory(t *testing.T) {
	each(t, func(w *town) {
		compound := w.ids["金阳花园"]
		w.on("2017-06-01")
		count := func(condition Condition, checked Day) {
			w.t.Helper()
			w.must(w.s.Count(w.ctx, "li", []Count{{Compound: compound, Sort: "light", Moment: Moment{About: w.s.clock.Today()}, Number: 4, Condition: condition, Checked: checked}}))
		}
		count(Good, Date(2017, 5, 20))
		w.on("2017-06-02")
		count(Worn, Date(2017, 6, 1))
		all, err := w.s.compoundTraces(w.ctx, w.s.clock.AtClose(w.s.clock.Today()), compound)
		w.must(err)
		want := []Turn{{"sort.light", "4", "4"}, {"condition", "good", "worn"}, {"checked", "2017-05-20", "2017-06-01"}}
		if len(all) == 0 || all[0].Act != "counted" || len(all[0].Turns) != 3 || all[0].Turns[1] != want[1] || all[0].Turns[2] != want[2] {
			w.t.Errorf("%+v", all)
		}
	})
}

// Two channels of a compound are not called the same: lists find them by their names. One that was removed has let its name go.
func TestChannelsHaveNamesOfTheirOwn(t *testing.T) {
	each(t, func(w *town) {
		id, today := w.ids["金阳花园"], w.s.clock.Today()
		add := func(names ...string) (list []Channel, err error) {
			t.Helper()
			channels, err := w.s.Channels(w.ctx, id)
			w.must(err)
			steps, err := w.s.Steps(w.ctx, id)
			w.must(err)
			tag, _, err := w.s.channelsTagOf(w.ctx, channels, steps)
			w.must(err)
			var said []ChannelStep
			for _, n := range names {
				c := Channel{ID: ChannelID(store.NewID()), Compound: id, Name: n, Area: Gate}
				list, said = append(list, c), append(said, ChannelStep{Channel: c.ID, Compound: id, State: Installed, Moment: Moment{About: today}})
			}
			return list, w.s.AddChannelsSeen(w.ctx, "li", id, tag, list, said)
		}
		list, err := add("大门 1", "大门 2")
		w.must(err)
		_, err = add(" 大门 1 ")
		w.refused("place.channel.same-name", err)
		_, err = add("西门", "西门")
		w.refused("place.channel.same-name", err)
		name := "大门 1"
		_, err = w.s.ChangeChannel(w.ctx, "li", list[1].ID, Whatever, ChannelEdit{Name: &name})
		w.refused("place.channel.same-name", err)
		road := Road
		_, err = w.s.ChangeChannel(w.ctx, "li", list[0].ID, Whatever, ChannelEdit{Name: &name, Area: &road}) // its own
		w.must(err)
		w.must(w.s.StepChannels(w.ctx, "li", []ChannelStep{{Channel: list[0].ID, Compound: id, State: Removed, Moment: Moment{About: today}}}))
		_, err = w.s.ChangeChannel(w.ctx, "li", list[1].ID, Whatever, ChannelEdit{Name: &name})
		w.must(err)
	})
}
