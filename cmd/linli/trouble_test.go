package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"linli.dev/linli/demo/camsim"
	"linli.dev/linli/media/archive"
	"linli.dev/linli/store"
	"linli.dev/linli/store/storetest"
)

// seen is what the server says of a camera.
type seen struct{ State, Reason string }

// health lists what is said of each camera now, in the caller's words too.
func (h *house) health() map[string]seen {
	h.t.Helper()
	var out struct {
		Cameras []struct {
			ID     string
			Health struct{ State, Reason, Says, Do string }
		}
	}
	h.call(h.operator, "GET", "/api/cameras", nil, &out)
	list := map[string]seen{}
	for _, c := range out.Cameras {
		if x := c.Health; x.Reason != "" && (x.Says == "" || x.Says == x.Reason || x.Do == "") {
			h.t.Errorf("%s: %q is not said in words: %q %q", x.State, x.Reason, x.Says, x.Do)
		}
		list[c.ID] = seen{c.Health.State, c.Health.Reason}
	}
	return list
}

// inARow holds a witness's pictures against what it sent from a moment to another: none may be missing.
func (h *house) inARow(ctx context.Context, a *archive.Archive, camera string, w *witness, from, to time.Time) {
	h.t.Helper()
	numbers := h.pictures(ctx, a, camera, w, from.Add(-time.Minute), to)
	if len(numbers) == 0 {
		h.t.Error("nothing of the witness is there")
		return
	}
	for i := 1; i < len(numbers); i++ {
		if numbers[i] != numbers[i-1]+1 {
			h.t.Errorf("after picture %d of the witness comes %d", numbers[i-1], numbers[i])
		}
	}
	first, last := w.sentAt(numbers[0]), w.sentAt(numbers[len(numbers)-1])
	if first.After(from) || last.Before(to.Add(-mostLost)) {
		h.t.Errorf("the witness's pictures are there from %v on, asked for from %v; up to %v, asked for up to %v", first, from, last, to)
	}
	h.t.Logf("%d pictures of a witness, all in a row, over %v", len(numbers), last.Sub(first).Round(time.Second))
}

// Each camera of a compound has another trouble: its page says which, in words, and it comes back by itself. The one beside them that
// has none is online all the time, and none of its pictures is missing.
func TestOneTroublePerCamera(t *testing.T) {
	if testing.Short() {
		t.Skip("long")
	}
	t.Parallel()
	sim, err := camsim.New(camsim.Options{Count: len(camsim.Faults) + 1, Listen: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = sim.Close() })
	troubles := map[string]struct {
		seconds float64
		want    []seen // one of them is said
	}{
		"drop":       {9, []seen{{"unreachable", "stream.device-busy"}}},
		"stall":      {13, []seen{{"stalled", "stream.silent"}}},
		"corrupt":    {16, []seen{{"stalled", "stream.protocol"}, {"stalled", "stream.closed-by-camera"}, {"no-picture", "stream.only-damaged"}, {"no-picture", "stream.rubbish"}}},
		"clock-jump": {9, []seen{{"wrong-clock", "stream.wrong-clock"}}},
		"resize":     {5, nil},
		"refuse-tcp": {9, []seen{{"stalled", "stream.closed-by-camera"}}},
		"no-key":     {17, []seen{{"no-picture", "stream.no-key-frame"}}},
	}
	h := newHouse(t, "")
	h.begin()
	h.signIn()
	w := newWitness(t, false)
	witness := h.register("证人", w.address(), "")
	if err := sim.Fault(slices.Index(camsim.Faults, "no-key"), "no-key", 100*time.Second); err != nil {
		t.Fatal(err)
	}
	ids := map[string]string{} // by trouble
	for i, kind := range camsim.Faults {
		if _, ok := troubles[kind]; !ok {
			t.Errorf("nothing is known of %q", kind)
		}
		ids[kind] = h.register(fmt.Sprintf("东门 %d", i+1), sim.URL(i, "main"), "")
	}
	registered := time.Now()
	neighbour := h.register("隔壁", sim.URL(len(camsim.Faults), "main"), "")
	online := func(kinds ...string) func() bool {
		return func() bool {
			now := h.health()
			return !slices.ContainsFunc(kinds, func(k string) bool { return now[ids[k]].State != "online" })
		}
	}
	well := slices.DeleteFunc(slices.Clone(camsim.Faults), func(k string) bool { return k == "no-key" })
	h.until("the others are online", 30*time.Second, online(well...))
	h.until("those beside them are", 10*time.Second, func() bool {
		now := h.health()
		return now[witness].State == "online" && now[neighbour].State == "online"
	})

	began := time.Now()
	for i, kind := range camsim.Faults {
		if kind == "no-key" {
			continue
		}
		if err := sim.Fault(i, kind, time.Duration(troubles[kind].seconds*float64(time.Second))); err != nil {
			t.Fatal(err)
		}
	}
	said := map[string][]seen{}
	over := func(kind string) bool { return time.Since(began).Seconds() > troubles[kind].seconds }
	ended := map[string]bool{}
	defer func() {
		for kind, list := range said {
			t.Logf("%s: %v", kind, list)
		}
	}()
	h.until("each has told of its trouble and is over it", 60*time.Second, func() bool {
		now := h.health()
		for kind, id := range ids {
			if list := said[kind]; len(list) == 0 || list[len(list)-1] != now[id] {
				said[kind] = append(list, now[id])
			}
		}
		for _, id := range []string{witness, neighbour} {
			if now[id].State != "online" {
				t.Errorf("one that has no trouble is %v", now[id])
			}
		}
		all := true
		for kind, trouble := range troubles {
			told := trouble.want == nil || slices.ContainsFunc(trouble.want, func(s seen) bool { return slices.Contains(said[kind], s) })
			if !ended[kind] && (kind == "clock-jump" || kind == "no-key") && told { // set right by somebody
				ended[kind] = true
				if err := sim.Fault(slices.Index(camsim.Faults, kind), kind, 0); err != nil {
					t.Fatal(err)
				}
			}
			all = all && told && now[ids[kind]].State == "online" && (ended[kind] || over(kind))
		}
		return all || t.Failed()
	})
	if list := said["resize"]; len(list) != 1 {
		t.Errorf("other pictures are no outage: %v", list)
	}
	time.Sleep(time.Second)

	at, took, err := h.interrupt()
	if err != nil || took > 5*time.Second {
		t.Errorf("stopped after %v: %v", took, err)
	}
	h.archive(func(ctx context.Context, a *archive.Archive, _ *store.DB) {
		h.inARow(ctx, a, witness, w, began, at)
		for name, camera := range map[string]string{"resize": ids["resize"], "neighbour": neighbour} {
			spans, err := a.Spans(ctx, camera, archive.Main, registered.Add(-time.Minute), at.Add(time.Minute))
			if err != nil || len(spans) == 0 {
				t.Fatal(name, spans, err)
			}
			runs := 1
			for i := 1; i < len(spans); i++ {
				if gap := spans[i].From.Sub(spans[i-1].To); gap > 200*time.Millisecond {
					t.Errorf("%s: nothing was kept for %v", name, gap)
				}
				runs++
			}
			if want := map[string]int{"resize": 3, "neighbour": 1}[name]; runs != want {
				t.Errorf("%s: %d runs, want %d", name, runs, want)
			}
		}
	})
	h.fsck()
}

// PostgreSQL does not answer for twenty seconds, while cameras send: nothing of theirs is lost, nobody looks without a row, and all goes
// on by itself.
func TestDatabaseStopsAnswering(t *testing.T) {
	if testing.Short() {
		t.Skip("long")
	}
	t.Parallel()
	sim, err := camsim.New(camsim.Options{Count: 1, Listen: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = sim.Close() })
	h := newHouse(t, storetest.PostgresURL(t))
	h.begin()
	h.signIn()
	w := newWitness(t, false)
	witness := h.register("证人", w.address(), "")
	other := h.register("东门", sim.URL(0, "main"), "")
	recorded := func(since time.Time) func() bool {
		return func() bool {
			for _, camera := range []string{witness, other} {
				spans, err := h.spans(camera, "main", since.Add(-time.Minute))
				if err != nil || len(spans) == 0 || spans[len(spans)-1].To.Before(since.Add(2*time.Second)) {
					return false
				}
			}
			return true
		}
	}
	began := time.Now()
	h.until("both are recorded", 30*time.Second, recorded(began))

	began = time.Now()
	resume := storetest.Pause(t)
	over := time.After(20 * time.Second)
	for path, want := range map[string]string{"/healthz": "ok", "/readyz": "503"} {
		if b, err := h.fetch(t.Context(), path); !strings.Contains(fmt.Sprint(string(b), err), want) {
			t.Errorf("%s without a database: %s %v", path, b, err)
		}
	}
	// A new run of footage wants a new file, and a file wants a row first.
	if err := sim.Fault(0, "resize", 100*time.Second); err != nil {
		t.Fatal(err)
	}
	hasty, asked := *h.guard, time.Now()
	hasty.Timeout = 10 * time.Second
	if err := h.try(&hasty, "POST", "/api/looks", map[string]any{"camera": witness, "purpose": "duty", "kind": "live", "stream": "main"}, nil); err == nil {
		t.Error("a look began without a row")
	} else {
		t.Logf("a look, after %v: %v", time.Since(asked).Round(time.Second), err)
	}
	<-over
	resume()
	resumed := time.Now()
	h.until("looks begin again", 20*time.Second, func() bool {
		_, err := h.look(witness, "live", "main", time.Time{}, time.Time{})
		return err == nil
	})
	h.until("both are recorded again", 20*time.Second, recorded(resumed))
	at, took, err := h.interrupt()
	if err != nil || took > 5*time.Second {
		t.Errorf("stopped after %v: %v", took, err)
	}
	h.archive(func(ctx context.Context, a *archive.Archive, _ *store.DB) {
		h.inARow(ctx, a, witness, w, began, at)
		spans, err := a.Spans(ctx, other, archive.Main, began.Add(-time.Minute), at.Add(time.Minute))
		if err != nil || len(spans) != 2 {
			t.Fatalf("%+v, want two runs: %v", spans, err)
		}
		if gap := spans[1].From.Sub(spans[0].To); gap > 200*time.Millisecond || spans[1].From.After(resumed) {
			t.Errorf("of the other nothing was kept for %v, or its run began with the database: %+v", gap, spans)
		}
	})
	h.fsck()
}
