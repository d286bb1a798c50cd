package archive

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"linli.dev/linli/api"
	"linli.dev/linli/store"
	"linli.dev/linli/store/storetest"
)

type callers map[string]api.Caller

func (c callers) Authenticate(r *http.Request) (api.Caller, error) {
	return c[r.Header.Get("X-Who")], nil
}

// desk asks the room's routes as somebody.
type asker struct {
	t testing.TB
	h http.Handler
}

func newAsker(t testing.TB, y *yard, p *Purger) asker {
	t.Helper()
	all := map[string]bool{mayRead: true, mayReadHold: true, mayWriteHold: true, mayReadDisk: true, mayWriteDisk: true}
	s := api.New(api.Options{Auth: callers{
		"guard":  {Account: "a1", Name: "王", Kind: "account", Permissions: all},
		"reader": {Account: "a2", Kind: "account", Permissions: map[string]bool{mayRead: true}},
	}})
	if err := s.Add(NewRoom(RoomOptions{Archive: y.Archive, Purger: p, Retention: func(context.Context, string, Which) (int, error) { return 30, nil }})); err != nil {
		t.Fatal(err)
	}
	return asker{t, s.Handler()}
}

func (a asker) ask(who, method, path, body string, want int, into any) {
	a.t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("X-Who", who)
	r.Header.Set("Accept-Language", "en")
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	w := httptest.NewRecorder()
	a.h.ServeHTTP(w, r)
	if w.Code != want {
		a.t.Fatalf("%s %s: %d, want %d: %s", method, path, w.Code, want, w.Body)
	}
	if into != nil {
		if err := json.NewDecoder(bytes.NewReader(w.Body.Bytes())).Decode(into); err != nil {
			a.t.Fatal(err)
		}
	}
}

func TestRoutes(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		y := newYard(t, db)
		y.clock.run(3 * time.Hour)
		for i := range 3 {
			y.footage("gate", Main, 1, epoch.Add(time.Duration(i)*10*time.Minute), 10, time.Minute, 500)
		}
		for i := range 6 {
			y.footage("gate", Sub, 1, epoch.Add(time.Duration(i)*10*time.Minute), 10, time.Minute, 50)
		}
		if err := y.AddGap(context.Background(), GapNote{Camera: "gate", Which: Main, From: epoch.Add(time.Hour), Reason: "gap.disk-full", Lost: 7}); err != nil {
			t.Fatal(err)
		}
		a := newAsker(t, y, y.purger(map[Which]int{Main: 7}))
		span := url.Values{"from": {epoch.Format(time.RFC3339)}, "to": {epoch.Add(2 * time.Hour).Format("2006-01-02T15:04:05.000Z")}}
		var rec struct {
			Spans []struct {
				From, To time.Time
				Stream   string
				Codecs   []string
			}
			Gaps []struct {
				Reason string
				Lost   int
			}
			Holds []Hold
			Days  []struct{ Date string }
		}
		a.ask("guard", "GET", "/api/cameras/gate/recordings?days=true&"+span.Encode(), "", 200, &rec)
		if len(rec.Spans) != 2 || rec.Spans[0].Stream != "main" || rec.Spans[1].Stream != "sub" || !rec.Spans[1].From.Equal(epoch.Add(30*time.Minute)) || !rec.Spans[1].To.Equal(epoch.Add(time.Hour)) {
			t.Errorf("spans %+v", rec.Spans)
		}
		if len(rec.Gaps) != 1 || rec.Gaps[0].Reason != "the disk was full" || rec.Gaps[0].Lost != 7 || len(rec.Days) != 1 {
			t.Errorf("%+v", rec)
		}
		a.ask("", "GET", "/api/cameras/gate/recordings", "", 401, nil)
		a.ask("reader", "GET", "/api/holds", "", 403, nil)
		a.ask("guard", "GET", "/api/cameras/gate/recordings?from=2026-11-02T00:00:00Z&to=2026-11-01T00:00:00Z", "", 422, nil)

		var strip struct {
			StepSeconds float64 `json:"step_seconds"`
			Steps       []struct {
				Start time.Time
				Bytes int64
			}
		}
		a.ask("guard", "GET", "/api/cameras/gate/activity?step=60s&"+span.Encode(), "", 200, &strip)
		if len(strip.Steps) != 120 || strip.StepSeconds != 60 || strip.Steps[0].Bytes < 500 || strip.Steps[100].Bytes != 0 {
			t.Errorf("%d steps, %+v", len(strip.Steps), strip.Steps[0])
		}

		var h Hold
		a.ask("guard", "POST", "/api/holds", `{"camera":"gate","at":"`+epoch.Add(5*time.Minute).Format(time.RFC3339)+`"}`, 201, &h)
		if h.OwnerName != "王" || h.To.Sub(h.From) != 10*time.Minute || h.Reason != "marked at the wall" {
			t.Errorf("%+v", h)
		}
		a.ask("guard", "POST", "/api/holds", `{"camera":"gate","reason":"x"}`, 422, nil)
		a.ask("guard", "POST", "/api/holds", `{"camera":"gate","now":true,"at":"`+epoch.Format(time.RFC3339)+`"}`, 422, nil)
		a.ask("guard", "POST", "/api/holds", `{"camera":"gate","now":true,"from":"`+epoch.Format(time.RFC3339)+`"}`, 422, nil)
		a.ask("guard", "PATCH", "/api/holds/"+h.ID, `{"reason":"a bicycle"}`, 200, &h)
		var list struct{ Holds []Hold }
		a.ask("guard", "GET", "/api/holds?camera=gate", "", 200, &list)
		if len(list.Holds) != 1 || list.Holds[0].Reason != "a bicycle" {
			t.Errorf("%+v", list)
		}
		a.ask("guard", "DELETE", "/api/holds/"+h.ID, "", 204, nil)
		a.ask("guard", "DELETE", "/api/holds/"+h.ID, "", 404, nil)
		// What a guard sees now, by the clock that dates the footage: the PC's is not asked for.
		a.ask("guard", "POST", "/api/holds", `{"camera":"gate","now":true,"reason":"a bicycle"}`, 201, &h)
		if now := y.clock.Wall(); !h.From.Equal(now.Add(-5*time.Minute)) || !h.To.Equal(now.Add(5*time.Minute)) || !h.Until.Equal(now.Add(72*time.Hour)) || h.Reason != "a bicycle" || h.OwnerName != "王" {
			t.Errorf("%s: %+v", now, h)
		}

		y.SetDisk(context.Background(), y.disk, Slow, "disk.slow", "")
		var disks struct {
			Disks []DiskInfo
		}
		a.ask("guard", "GET", "/api/disks", "", 200, &disks)
		if len(disks.Disks) != 1 || disks.Disks[0].State != Slow || !strings.Contains(disks.Disks[0].Sentence, "cannot keep up") {
			t.Errorf("%+v", disks)
		}
		a.ask("guard", "DELETE", "/api/disks/"+string(y.disk), "", 409, nil)
		var e Estimate
		a.ask("guard", "GET", "/api/retention-estimate?camera=gate&main_days=90", "", 200, &e)
		if len(e.Streams) != 2 || e.Streams[0].Days != 90 || e.Streams[1].Days != 30 {
			t.Errorf("%+v", e)
		}
		a.ask("guard", "POST", "/api/purge-resumptions", "", 409, nil)
		y.SetDisk(context.Background(), y.disk, Dead, "disk.stalled", "")
		a.ask("guard", "DELETE", "/api/disks/"+string(y.disk), "", 204, nil)
		var purges struct{ Purges []wirePurge }
		a.ask("guard", "GET", "/api/purges", "", 200, &purges)
		if len(purges.Purges) != 2 || purges.Purges[0].Why != byLoss {
			t.Errorf("%+v", purges)
		}
		if n := y.count("gate", Main); n != 0 {
			t.Errorf("%d segments of a disk that was given up", n)
		}
	})
}

// Whoever is asked whether the clock is right is told what it shows, and is believed.
func TestClockIsConfirmed(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		y := newYard(t, db)
		if err := y.setMark(context.Background(), markWall, store.Micros(epoch.AddDate(5, 0, 0))); err != nil {
			t.Fatal(err)
		}
		y.open(db)
		a := newAsker(t, y, y.purger(map[Which]int{Main: 30}))
		clock := func() ClockState {
			t.Helper()
			var got struct{ Clock ClockState }
			a.ask("guard", "GET", "/api/disks", "", 200, &got)
			return got.Clock
		}
		if c := clock(); c.Trusted || c.Reason != clockPast || !strings.Contains(c.Sentence, " 2026-11-01 ") {
			t.Errorf("%+v", c)
		}
		a.ask("guard", "POST", "/api/purge-resumptions", "", 204, nil)
		if c := clock(); !c.Trusted {
			t.Errorf("%+v", c)
		}
		a.ask("guard", "POST", "/api/purge-resumptions", "", 409, nil)
	})
}

func TestHourlyRoots(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		y := newYard(t, db)
		y.hours("gate", Main, epoch, 3)
		p := y.purger(map[Which]int{Main: 30})
		y.live(p, 5*time.Hour)
		a := newAsker(t, y, p)
		var got struct{ Roots []wireRoot }
		a.ask("guard", "GET", "/api/footage-roots?camera=gate&from=2026-11-01T00:00:00Z&to=2026-11-02T00:00:00Z", "", 200, &got)
		if len(got.Roots) != 3 || got.Roots[0].Fragments != 6 || len(got.Roots[0].Root) != 64 || got.Roots[0].Root == got.Roots[1].Root {
			t.Errorf("%+v", got)
		}
	})
}
