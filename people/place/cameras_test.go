package place

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"linli.dev/linli/store/storetest"
)

// The cameras of a compound are its channels while there are any, else what was typed: in the sums as on the compound's page, on
// every day and for every instant.
func TestCamerasAreTheChannels(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		known := func(i int) time.Time { return time.UnixMicro(int64(1000 + i)).UTC() }
		var counts []Count
		var steps []ChannelStep
		for i := range rapid.IntRange(0, 12).Draw(t, "sayings") {
			m := Moment{Day(rapid.IntRange(100, 106).Draw(t, "about")), known(i)}
			if rapid.Bool().Draw(t, "channel") {
				steps = append(steps, ChannelStep{
					Channel: ChannelID(rapid.SampledFrom([]string{"a", "b"}).Draw(t, "which")), Compound: "x", Moment: m,
					State: rapid.SampledFrom([]ChannelState{Installed, Networked, Removed}).Draw(t, "state"),
				})
				continue
			}
			counts = append(counts, Count{
				Compound: "x", Building: ID(rapid.SampledFrom([]string{"", "b1"}).Draw(t, "building")), Moment: m,
				Sort: rapid.SampledFrom([]Sort{"camera", "camera", "alarm", "fence"}).Draw(t, "sort"), Number: rapid.IntRange(Unsaid, 5).Draw(t, "number"),
			})
		}
		changes := CoverWith(counts, steps)
		for day := Day(99); day <= 107; day++ {
			for i := -1; i <= 12; i++ {
				q := AsOf{day, known(i)}
				var sum, want Coverage
				for _, c := range changes {
					if q.Sees(c.Moment) {
						sum = sum.plus(c.Coverage)
					}
				}
				installed := Channels(q, steps).Installed
				shown := -1
				for _, a := range Assets(q, day-2, WithChannels(q, day-2, counts, steps)) {
					whole := a.Sort == "camera" && a.Building == ""
					switch {
					case whole:
						shown = a.Number
						want.Technical += a.Number
					case a.Kind == Physical:
						want.Physical += a.Number
					case a.Sort != "camera" || installed == 0: // of buildings, while there are channels: only that they have one
						want.Technical += a.Number
					}
					if a.Sort == "camera" && a.Building != "" && a.Number > 0 {
						want.Buildings[3]++
					}
					if a.Sort == "alarm" && a.Building != "" && a.Number > 0 {
						want.Buildings[5]++
					}
				}
				if installed > 0 && shown != installed {
					t.Fatalf("on %d known at %d: %d cameras are shown, %d channels are listed", day, i, shown, installed)
				}
				if sum != want {
					t.Fatalf("on %d known at %d: %+v by sums, %+v on the page; %+v", day, i, sum, want, changes)
				}
			}
		}
	})
}

// Their number is typed once: as channels. Another number of cameras is refused, in the dialog's route and in the record's.
func TestCamerasAreNotTypedBesideTheChannels(t *testing.T) {
	p := newPage(t, storetest.SQLite(t))
	id, today := p.ids["金阳花园"], p.s.clock.Today()
	path := "/api/compounds/" + string(id)
	typed := func(n int) {
		t.Helper()
		p.must(p.s.Count(p.ctx, "li", []Count{{Compound: id, Sort: "camera", Moment: Moment{About: today}, Number: n, Condition: Worn}}))
	}
	view := func() (v CompoundView, tag string) {
		t.Helper()
		tag = p.Do(200, "office", "GET", path, "", &v).Get("ETag")
		return v, tag
	}
	typed(5)
	if v, _ := view(); len(v.Assets) != 1 || v.Assets[0].Number != 5 || v.Assets[0].Listed {
		t.Fatalf("%+v", v.Assets)
	}
	list := []Channel{{Compound: id, Name: "大门 1", Area: Gate}, {Compound: id, Name: "大门 2", Area: Gate}}
	p.must(p.s.AddChannels(p.ctx, "li", list, nil))
	var steps []ChannelStep
	for _, c := range list {
		steps = append(steps, ChannelStep{Channel: c.ID, Compound: id, State: Installed, Moment: Moment{About: today}})
	}
	p.must(p.s.StepChannels(p.ctx, "li", steps))
	v, tag := view()
	if len(v.Assets) != 1 || v.Assets[0].Number != 2 || !v.Assets[0].Listed || v.Assets[0].Condition != Worn {
		t.Fatalf("%+v", v.Assets)
	}
	var said string
	for _, n := range []string{"5", "0"} {
		p.Do(422, "office", "POST", path+"/assets", `{"from":"`+today.String()+`","assets":[{"sort":"camera","number":`+n+`}]}`, &said, "If-Match", tag)
		if !strings.Contains(said, "place.asset.cameras-are-channels") || !strings.Contains(said, "2 路") {
			t.Error(said)
		}
		p.Do(422, "office", "PATCH", path, `{"from":"`+today.String()+`","numbers":{"camera":`+n+`}}`, &said, "If-Match", tag)
		if !strings.Contains(said, `"numbers.camera"`) {
			t.Error(said)
		}
	}
	// The right number is no news; their condition is. A building's cameras are said of the building.
	p.Do(200, "office", "PATCH", path, `{"from":"`+today.String()+`","numbers":{"camera":2}}`, nil, "If-Match", tag)
	if _, again := view(); again != tag {
		t.Errorf("%s, %s", tag, again)
	}
	p.Do(201, "office", "POST", path+"/assets", `{"from":"`+today.String()+`","assets":[{"sort":"camera","number":2,"condition":"good"},{"sort":"camera","number":1,"building":"`+string(p.ids["1号楼"])+`"}]}`, &v, "If-Match", tag)
	if len(v.Assets) != 2 || v.Assets[0].Condition != Good {
		t.Errorf("%+v", v.Assets)
	}
	// Of a condition alone the number is that of the channels of its day; before there were any it has to be said.
	_, tag = view()
	p.Do(422, "office", "POST", path+"/assets", `{"from":"`+(today-1).String()+`","assets":[{"sort":"camera","condition":"broken"}]}`, &said, "If-Match", tag)
	if !strings.Contains(said, "place.field.required") {
		t.Error(said)
	}
	p.Do(422, "office", "POST", path+"/assets", `{"from":"`+today.String()+`","assets":[{"sort":"gate","condition":"broken"}]}`, nil, "If-Match", tag)
	p.Do(201, "office", "POST", path+"/assets", `{"from":"`+today.String()+`","assets":[{"sort":"camera","condition":"broken"}]}`, &v, "If-Match", tag)
	if v.Assets[0].Number != 2 || v.Assets[0].Condition != Broken {
		t.Errorf("%+v", v.Assets)
	}
}
