package place

import (
	"context"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"pgregory.net/rapid"

	"linli.dev/linli/store"
	"linli.dev/linli/store/storetest"
)

// hall is what reports need of other rooms, in a small city.
type hall struct {
	saw   []ID
	let   []ID            // whose machines were let go
	taken map[string]bool // tokens that were revoked
}

func (h *hall) Keeping(context.Context) (Keeping, error) { return Keeping{Span: 30}, nil }
func (h *hall) Saw(_ context.Context, c ID) error        { h.saw = append(h.saw, c); return nil }
func (h *hall) Released(_ context.Context, _ string, c ID) error {
	h.let = append(h.let, c)
	return nil
}

func (h *hall) Reports(_ context.Context, program string) (bool, error) {
	return !h.taken[program], nil
}

func (w *town) tally(day string, compound ID) Tally {
	w.t.Helper()
	d, err := ParseDay(day)
	w.must(err)
	steps, err := w.s.Steps(w.ctx, compound)
	w.must(err)
	return Channels(w.s.clock.AtClose(d), steps)
}

func (w *town) report(compound ID, list ...Reported) {
	w.t.Helper()
	_, err := w.s.Report(w.ctx, "token:box", compound, list)
	w.must(err)
}

// The box of Jinyang Garden stands in its gatehouse; the office had listed the gate's camera by name.
func TestTheReportOfAMachineIsTheEvidence(t *testing.T) {
	each(t, func(w *town) {
		id, h := w.ids["金阳花园"], &hall{}
		gate := Reported{Key: "aaaaaaaa", Name: "大门", Area: Gate, InUse: true}
		road := Reported{Key: "bbbbbbbb", Name: "中心道路", Area: Road, InUse: true, Seen: true}
		_, err := w.s.Report(w.ctx, "token:box", id, []Reported{gate})
		w.refused("place.report.none", err)
		w.s.SetSightings(h)
		listed := []Channel{{Compound: id, Name: "大门", Area: Gate}}
		w.must(w.s.AddChannels(w.ctx, "wang", listed, nil))
		w.must(w.s.StepChannels(w.ctx, "wang", []ChannelStep{{Channel: listed[0].ID, Compound: id, State: Installed, Moment: Moment{About: w.s.clock.Today()}}}))

		w.on("2017-05-02")
		w.report(id, gate, road)
		if got := w.tally("2017-05-02", id); got != (Tally{2, 1, 2, 1}) {
			t.Error(got) // the gate is the listed one, the road is new
		}
		if len(h.saw) != 1 || h.saw[0] != id {
			t.Error("its connection was seen:", h.saw)
		}
		before, err := w.s.Steps(w.ctx, id)
		w.must(err)
		seq, err := w.s.db.LastSeq(w.ctx)
		w.must(err)
		w.report(id, gate, road)
		if after, err := w.s.Steps(w.ctx, id); err != nil || len(after) != len(before) {
			t.Error("said twice, it says more", err)
		}
		if now, err := w.s.db.LastSeq(w.ctx); err != nil || now != seq {
			t.Error("said twice, it is told twice", err)
		}

		w.on("2017-05-03")
		gate.Seen, gate.Name, road.Seen = true, "东大门", false
		w.report(id, gate, road)
		if got := w.tally("2017-05-03", id); got != (Tally{2, 2, 2, 2}) {
			t.Error("a renamed camera is the same channel, and a picture counts for thirty days:", got)
		}

		// It falls silent. Nobody has to say so.
		lapse := func(day string, want int) {
			t.Helper()
			w.on(day)
			for i := range 2 { // the second time on a day there is nothing to do
				changed, err := w.s.Lapse(w.ctx, Keeping{Span: 30})
				w.must(err)
				if n := want * (1 - i); len(changed) != n {
					t.Errorf("%s, time %d: %v", day, i+1, changed)
				}
			}
		}
		lapse("2017-06-01", 0)
		lapse("2017-06-02", 1) // the road was last seen 31 days ago
		if got := w.tally("2017-06-02", id); got != (Tally{2, 1, 2, 1}) {
			t.Error(got)
		}
		lapse("2017-06-03", 1)
		if got := w.tally("2017-06-03", id); got != (Tally{2, 0, 2, 0}) {
			t.Error("thirty days of silence:", got)
		}
		w.report(id, gate, road)
		if got := w.tally("2017-06-03", id); got != (Tally{2, 1, 2, 1}) {
			t.Error("it speaks again:", got)
		}
		w.on("2017-06-04")
		gate.InUse, gate.Seen = false, false
		w.report(id, gate)
		if got := w.tally("2017-06-04", id); got != (Tally{}) {
			t.Error("out of use the one, gone the other:", got)
		}
		if a, b := w.tally("2017-05-02", id), w.tally("2017-04-10", id); a != (Tally{2, 1, 2, 1}) || b != (Tally{1, 0, 0, 0}) {
			t.Error("the past has changed:", a, b)
		}
		w.refusedReport("place.no-compound", w.ids["东苗庄社区"])
		w.refusedReport("place.no-place", "none")
	})
}

func (w *town) refusedReport(code string, compound ID) {
	w.t.Helper()
	_, err := w.s.Report(w.ctx, "token:other", compound, []Reported{{Key: "cccccccc", Name: "西门", Area: Gate, InUse: true}})
	w.refused(code, err)
}

func TestACompoundHasOneMachine(t *testing.T) {
	each(t, func(w *town) {
		id, h := w.ids["金阳花园"], &hall{taken: map[string]bool{}}
		other := w.found("银河湾3号院", Compound, "煤山社区")
		w.s.SetSightings(h)
		w.s.SetCameras(&shelf{{Camera: "aaaaaaaa", Name: "大门", Area: Gate, InUse: true, Picture: true}})
		gate := Reported{Key: "aaaaaaaa", Name: "大门", Area: Gate, InUse: true, Seen: true}
		w.must(w.s.AddChannels(w.ctx, "wang", []Channel{{Compound: id, Name: "大门", Area: Gate}}, nil))

		// Two boxes may call a camera by the same key: each is its compound's.
		w.report(id, gate)
		w.report(other, gate)
		for _, c := range []ID{id, other} {
			if got := w.tally("2017-04-10", c); got != (Tally{1, 1, 1, 1}) {
				t.Error(c, got)
			}
		}
		if ties, err := w.s.Ties(w.ctx); err != nil || len(ties) != 2 || ties[0].Channel == ties[1].Channel {
			t.Error(ties, err)
		}

		// Another program is refused as long as the first one's token is good, and goes on where that one was when it is not.
		w.refusedReport("place.node.another", id)
		h.taken["token:box"] = true
		steps, err := w.s.Steps(w.ctx, id)
		w.must(err)
		_, err = w.s.Report(w.ctx, "token:new-box", id, []Reported{gate})
		w.must(err)
		if now, err := w.s.Steps(w.ctx, id); err != nil || len(now) != len(steps) {
			t.Error("a new token, and the channels changed", err)
		}

		// This machine and another one do not both report.
		w.refused("place.node.reported", w.s.TieNode(w.ctx, "op", 0, id, nil))
		w.must(w.s.Release(w.ctx, "op", id))
		w.refused("place.report.not-there", w.s.Release(w.ctx, "op", id))
		if len(h.let) != 1 || h.let[0] != id {
			t.Error("who dates what was seen is told once:", h.let)
		}
		if got := w.tally("2017-04-10", id); got != (Tally{1, 1, 0, 0}) {
			t.Error("the listed one stays as it is, and no machine sees it:", got)
		}
		w.must(w.s.TieNode(w.ctx, "op", 0, id, nil))
		_, _, err = w.s.KeepNode(w.ctx, Keeping{Span: 30})
		w.must(err)
		w.refusedReport("place.node.here", id)
		if ties, err := w.s.TiesOf(w.ctx, other); err != nil || len(ties) != 1 {
			t.Error("the neighbour's box was not asked:", ties, err)
		}
		w.must(w.s.Release(w.ctx, "op", other))
		if got := w.tally("2017-04-10", other); got != (Tally{}) {
			t.Error("what only the machine spoke of is there no longer:", got)
		}
	})
}

func TestWhatAReportMayNotSay(t *testing.T) {
	w := newTown(t, storetest.SQLite(t))
	w.s.SetSightings(&hall{})
	id := w.ids["金阳花园"]
	good := Reported{Key: "aaaaaaaa", Name: "大门", Area: Gate, InUse: true, Seen: true}
	for code, change := range map[string]func(*Reported){
		"place.report.key":         func(r *Reported) { r.Key = "rtsp://10.0.0.9/main" },
		"place.report.twice":       func(*Reported) {},
		"place.field.about-people": func(r *Reported) { r.Key, r.Name = "bbbbbbbb", "重点人员王某门口" },
		"place.field.required":     func(r *Reported) { r.Key, r.Name = "bbbbbbbb", " " },
		"place.field.too-long":     func(r *Reported) { r.Key, r.Name = "bbbbbbbb", strings.Repeat("门", 61) },
		"place.field.area-kind":    func(r *Reported) { r.Key, r.Area = "bbbbbbbb", "bathroom" },
	} {
		bad := good
		change(&bad)
		_, err := w.s.Report(w.ctx, "token:box", id, []Reported{good, bad})
		w.refused(code, err)
	}
	_, err := w.s.Report(w.ctx, "token:box", id, make([]Reported, maxReported+1))
	w.refused("place.report.too-many", err)
	if list, err := w.s.Reports(w.ctx); err != nil || len(list) != 0 {
		t.Error("of a bad report something was kept", err)
	}
}

// A machine that was released does not come back by a report that was on its way; and what has ended has no machine.
func TestAReportOnItsWay(t *testing.T) {
	each(t, func(w *town) {
		w.s.SetSightings(&hall{})
		id := w.ids["金阳花园"]
		gate := Reported{Key: "aaaaaaaa", Name: "大门", Area: Gate, InUse: true, Seen: true}
		again := func(r Report) error {
			return w.s.db.Change(w.ctx, func(ctx context.Context, tx *store.Tx) error { return keepAgain(ctx, tx, "place.Report", &r) })
		}
		r, err := w.s.Report(w.ctx, "token:box", id, []Reported{gate})
		w.must(err)
		w.must(again(r))
		w.must(w.s.Release(w.ctx, "op", id))
		w.refused("place.changed-meanwhile", again(r))
		w.refused("place.changed-meanwhile", w.s.change(w.ctx, "place.Report", func(ctx context.Context, w *writing) error {
			news := r
			return w.report(ctx, &news, r, Keeping{Span: 30})
		}))
		if list, err := w.s.Reports(w.ctx); err != nil || len(list) != 0 {
			t.Error(list, err)
		}
		_, err = w.s.Report(w.ctx, "token:new-box", id, []Reported{gate})
		w.must(err)
		w.refused("place.changed-meanwhile", again(r)) // another one's is not overwritten

		w.on("2017-05-02")
		for _, ends := range []ID{w.ids["1号楼"], id} {
			_, err = w.s.End(w.ctx, "chen", ends, Whatever, w.s.clock.Today(), "拆迁")
			w.must(err)
		}
		for range 2 {
			_, err = w.s.Report(w.ctx, "token:new-box", id, []Reported{gate})
			w.refused("place.no-place", err)
		}
		list, err := w.s.Reports(w.ctx)
		w.must(err)
		if len(list) != 1 || list[0].Day == w.s.clock.Today() {
			t.Errorf("%+v", list)
		}
	})
}

// Whatever a machine says in whatever order: said twice it changes nothing, what is in use is installed, what was seen within
// the span is networked, and no closed day changes.
func TestReportsAddUp(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w := newTown(t, storetest.SQLite(t))
		w.s.SetSightings(&hall{})
		id, day := w.ids["金阳花园"], w.s.clock.Today()
		seen, said := map[CameraID]Day{}, map[Day]Tally{}
		var list []Reported
		for range rapid.IntRange(1, 8).Draw(rt, "reports") {
			day += Day(rapid.SampledFrom([]int{0, 1, 5, 29, 30, 31}).Draw(rt, "days"))
			if at := w.s.clock.Begin(day).Add(9 * time.Hour); at.After(w.now) {
				w.now = at
			}
			if rapid.Bool().Draw(rt, "speaks") {
				list = nil
				for i := range rapid.IntRange(0, 4).Draw(rt, "cameras") {
					list = append(list, Reported{
						Key: CameraID(fmt.Sprintf("camera%02d", i)), Name: fmt.Sprint("探头", i), Area: Gate, InUse: rapid.Bool().Draw(rt, "use"), Seen: rapid.Bool().Draw(rt, "seen"),
					})
				}
				w.report(id, list...)
				before, err := w.s.Steps(w.ctx, id)
				w.must(err)
				w.report(id, list...)
				if after, err := w.s.Steps(w.ctx, id); err != nil || len(after) != len(before) {
					rt.Fatal("said twice, it says more", err)
				}
				now := map[CameraID]Day{}
				for _, c := range list {
					if now[c.Key] = seen[c.Key]; c.InUse && c.Seen {
						now[c.Key] = day
					}
				}
				seen = now
			}
			_, err := w.s.Lapse(w.ctx, Keeping{Span: 30})
			w.must(err)
			var want Tally
			for _, c := range list {
				if !c.InUse {
					continue
				}
				want.Installed++
				if last := seen[c.Key]; last != 0 && day-last <= 30 {
					want.Networked++
				}
			}
			want.InstalledSeen, want.NetworkedSeen = want.Installed, want.Networked
			if got := w.tally(day.String(), id); got != want {
				rt.Fatalf("%s: %+v, want %+v", day, got, want)
			}
			for d, was := range said {
				if got := w.tally(d.String(), id); d < day && got != was {
					rt.Fatalf("%s was %+v, and now it was %+v", d, was, got)
				}
			}
			said[day] = want
		}
	})
}

// older are the migrations before a number.
func older(t *testing.T, before string) fs.FS {
	t.Helper()
	out := fstest.MapFS{}
	files, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if path.Base(f) >= before {
			continue
		}
		raw, err := fs.ReadFile(migrations, f)
		if err != nil {
			t.Fatal(err)
		}
		out[f] = &fstest.MapFile{Data: raw}
	}
	return out
}

// A machine that was tied before other machines could report stays tied.
func TestTiesOutliveTheUpgrade(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		if err := db.Migrate(t.Context(), room, older(t, "00009")); err != nil {
			t.Fatal(err)
		}
		if _, err := db.ExecContext(t.Context(), "INSERT INTO node_channels (camera, channel, compound, seen) VALUES ('a', 'c', 'jinyang', 17000)"); err != nil {
			t.Fatal(err)
		}
		s, err := New(t.Context(), db, Options{})
		if err != nil {
			t.Fatal(err)
		}
		ties, err := s.TiesOf(t.Context(), Here)
		if err != nil || len(ties) != 1 || ties[0] != (Tie{Here, "a", "c", 17000}) {
			t.Error(ties, err)
		}
	})
}
