package play

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"linli.dev/linli/access/grant"
	"linli.dev/linli/fault"
	"linli.dev/linli/media/archive"
)

// slowShelf hands one segment out only when it is let, or not at all.
type slowShelf struct {
	*shelf
	slow   archive.SegmentID
	let    chan struct{}
	broken atomic.Bool
}

func (s *slowShelf) OpenSegment(ctx context.Context, id archive.SegmentID) (archive.Reader, error) {
	if id == s.slow {
		<-s.let
		if s.broken.Load() {
			return nil, fault.New(fault.Unavailable, "archive.open", "play.unreadable")
		}
	}
	return s.shelf.OpenSegment(ctx, id)
}

// A manifest comes as it is read, one at a time for a lease; one that breaks off is not taken for whole.
func TestAManifestComesAsItIsRead(t *testing.T) {
	f := gateFilm(t)
	tapes := tape(f, nil, 1)
	tapes.add(f, nil, 1, 8, noon.Add(time.Minute), 77777777)
	s := &slowShelf{shelf: tapes, slow: "SEG80", let: make(chan struct{})}
	house := build(t, tapes, func(o *Options) { o.Footage = s })
	l := house.look(grant.Export, 0, 65*time.Second)
	ask := func() *http.Response {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), "GET", house.server.URL+"/media/"+l.ID+"/manifest.json", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Cookie", "linli_session=zhao-pc")
		resp, err := (&http.Client{Timeout: 20 * time.Second}).Do(req)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = resp.Body.Close() })
		return resp
	}
	resp := ask() // the first run is there while the second one cannot be read yet
	begin := make([]byte, 2000)
	if _, err := io.ReadFull(resp.Body, begin); err != nil || resp.StatusCode != 200 || !bytes.Contains(begin, []byte(`"fragments":[{"segment":"SEG70"`)) {
		t.Fatalf("%s %v %s", resp.Status, err, begin)
	}
	other := ask()
	body, _ := io.ReadAll(other.Body)
	house.refused(other, body, 429, "play.manifest-busy")
	if other.Header.Get("Retry-After") == "" {
		t.Error("when to ask again is not said")
	}
	close(s.let)
	rest, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	var m manifest
	if err := json.Unmarshal(append(begin, rest...), &m); err != nil || len(m.Runs) != 2 || len(m.Runs[0].Fragments) != 10 || len(m.Runs[1].Fragments) != 5 || len(m.Runs[1].Fragments[4].Parts) != 1 {
		t.Errorf("%v %+v", err, m)
	}

	s.broken.Store(true)
	house.room.plans = newPlans()
	resp = ask()
	if body, err := io.ReadAll(resp.Body); err == nil || json.Valid(body) {
		t.Errorf("it broke off, and looks whole: %s", body)
	}
	// Where nothing has been sent yet, the reason is.
	s.slow = "SEG70"
	resp = ask()
	body, _ = io.ReadAll(resp.Body)
	house.refused(resp, body, 503, "play.unreadable")
}
