package place

import (
	"context"
	"slices"
	"strings"
	"testing"
)

type shelf []Registered

func (s *shelf) Registered(context.Context) ([]Registered, error) { return *s, nil }

// A machine with two cameras is tied to Jinyang Garden, whose office had listed one of them by name.
func TestTheRegisterIsTheEvidence(t *testing.T) {
	each(t, func(w *town) {
		id := w.ids["金阳花园"]
		cams := &shelf{
			{Camera: "a", Name: "大门", Area: Gate, InUse: true},
			{Camera: "b", Name: "中心道路", Area: Road, InUse: true, Picture: true},
		}
		w.s.SetCameras(cams)
		k := Keeping{Span: 30}
		keep := func() bool {
			t.Helper()
			_, seen, err := w.s.KeepNode(w.ctx, k)
			w.must(err)
			return seen
		}
		tally := func(day string) Tally {
			t.Helper()
			d, err := ParseDay(day)
			w.must(err)
			steps, err := w.s.Steps(w.ctx, id)
			w.must(err)
			return Channels(w.s.clock.AtClose(d), steps)
		}
		keep()
		if got := tally("2017-04-10"); got != (Tally{}) {
			t.Fatal("nothing is tied yet:", got)
		}
		listed := []Channel{{Compound: id, Name: "大门", Area: Gate}}
		w.must(w.s.AddChannels(w.ctx, "wang", listed, nil))
		w.must(w.s.StepChannels(w.ctx, "wang", []ChannelStep{{Channel: listed[0].ID, Compound: id, State: Installed, Moment: Moment{About: w.s.clock.Today()}}}))

		w.on("2017-05-02")
		w.refused("place.no-compound", w.s.TieNode(w.ctx, "op", 0, w.ids["东苗庄社区"], nil))
		w.must(w.s.TieNode(w.ctx, "op", 0, id, nil))
		w.refused("place.version-needed", w.s.TieNode(w.ctx, "op", 0, id, nil))
		if !keep() {
			t.Error("one camera gives a picture")
		}
		if got := tally("2017-05-02"); got != (Tally{2, 1, 2, 1}) {
			t.Error(got) // the gate is the listed one, the road is new
		}
		before, err := w.s.Steps(w.ctx, id)
		w.must(err)
		keep()
		if after, err := w.s.Steps(w.ctx, id); err != nil || len(after) != len(before) {
			t.Error("nothing new, and yet something was said", err)
		}

		w.on("2017-05-03")
		(*cams)[0].Picture, (*cams)[1].Picture = true, false // the gate comes, the road goes
		keep()
		if got := tally("2017-05-03"); got != (Tally{2, 2, 2, 2}) {
			t.Error("a picture counts for thirty days:", got)
		}
		w.on("2017-06-05")
		(*cams)[0].Picture = true
		keep()
		if got := tally("2017-06-05"); got != (Tally{2, 1, 2, 1}) {
			t.Error("thirty days without a picture:", got)
		}
		w.on("2017-06-06")
		(*cams)[1].InUse = false
		keep()
		if got := tally("2017-06-06"); got != (Tally{1, 1, 1, 1}) {
			t.Error("out of use:", got)
		}
		// A closed day is not touched.
		*cams = (*cams)[1:]
		k.From = w.s.clock.Today() + 1
		keep()
		if a, b := tally("2017-06-06"), tally("2017-06-07"); a != (Tally{1, 1, 1, 1}) || b != (Tally{}) {
			t.Error(a, b)
		}
		if a, b := tally("2017-05-02"), tally("2017-04-10"); a != (Tally{2, 1, 2, 1}) || b != (Tally{1, 0, 0, 0}) {
			t.Error("the past has changed:", a, b)
		}
	})
}

// A camera whose name the city's list does not take is listed by what it looks at; it keeps no other from being evidence.
func TestANameThatIsRefusedStopsNothing(t *testing.T) {
	each(t, func(w *town) {
		id := w.ids["金阳花园"]
		cams := &shelf{
			{Camera: "a", Name: "东门车牌识别", Area: Gate, InUse: true, Picture: true},
			{Camera: "b", Name: "中心道路", Area: Road, InUse: true, Picture: true},
			{Camera: "c", Name: "Residents gate", Area: Gate, InUse: true},
			{Camera: "d", Name: "报修 400-123-4567", Area: Yard, InUse: true},
			{Camera: "e", Name: "西门", Area: Gate, InUse: true},
		}
		w.s.SetCameras(cams)
		w.must(w.s.AddChannels(w.ctx, "wang", []Channel{{Compound: id, Name: "大门 1", Area: Gate}}, nil))
		w.must(w.s.TieNode(w.ctx, "op", 0, id, nil))
		for range 2 { // the second time nothing is new
			_, seen, err := w.s.KeepNode(w.ctx, Keeping{Span: 30})
			w.must(err)
			if !seen {
				t.Error("two cameras give a picture")
			}
		}
		list, err := w.s.Channels(w.ctx, id)
		w.must(err)
		var names []string
		for _, c := range list {
			names = append(names, c.Name)
			if c.By == Register && NameRefused(c.Name) {
				t.Error(c.Name)
			}
		}
		slices.Sort(names)
		if got := strings.Join(names, ","); got != "中心道路,公共活动区 1,大门 1,大门 2,大门 3,西门" {
			t.Error(got)
		}
		steps, err := w.s.Steps(w.ctx, id)
		w.must(err)
		if got := Channels(w.s.clock.AtClose(w.s.clock.Today()), steps); got != (Tally{5, 2, 5, 2}) {
			t.Error(got)
		}
	})
}

// Tied by mistake, a machine leaves no trace but what is known of the days in between.
func TestAMachineIsTiedElsewhere(t *testing.T) {
	each(t, func(w *town) {
		cams := &shelf{{Camera: "a", Name: "大门", Area: Gate, InUse: true, Picture: true}, {Camera: "b", Name: "西门", Area: Gate, InUse: false}}
		w.s.SetCameras(cams)
		h := &hall{}
		w.s.SetSightings(h)
		w.must(w.s.AddChannels(w.ctx, "wang", []Channel{{Compound: w.ids["金阳花园"], Name: "大门", Area: Gate}}, nil))
		other := w.found("银河湾3号院", Compound, "煤山社区")
		w.must(w.s.TieNode(w.ctx, "op", 0, w.ids["金阳花园"], nil))
		_, _, err := w.s.KeepNode(w.ctx, Keeping{Span: 30})
		w.must(err)
		w.must(w.s.TieNode(w.ctx, "op", 1, other, nil))
		if len(h.let) != 1 || h.let[0] != w.ids["金阳花园"] {
			t.Error("whose machine it was is told:", h.let)
		}
		_, _, err = w.s.KeepNode(w.ctx, Keeping{Span: 30})
		w.must(err)
		for id, want := range map[ID]Tally{w.ids["金阳花园"]: {1, 1, 0, 0}, other: {1, 1, 1, 1}} { // the listed one stays, but nobody sees it
			steps, err := w.s.Steps(w.ctx, id)
			w.must(err)
			if got := Channels(w.s.clock.AtClose(w.s.clock.Today()), steps); got != want {
				t.Error(id, got)
			}
		}
		told, err := w.s.Traces(w.ctx, w.s.clock.Close(w.s.clock.Today()), nodeRecord)
		w.must(err)
		if len(told) != 2 || told[0].Turns[0] != (Turn{Field: "tied_to", Was: "金阳花园", Is: "银河湾3号院"}) || told[0].By != "op" {
			t.Errorf("%+v", told)
		}
	})
}
