package api_test

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"linli.dev/linli/api"
	"linli.dev/linli/store"
	"linli.dev/linli/store/storetest"
)

type message struct {
	ID      string
	Seq     int64
	Room    string
	Kind    string
	Subject string
}

// listen opens /api/events and hands on its messages; comments come as Kind ":".
func listen(t *testing.T, url string, headers ...string) (<-chan message, *http.Response) {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	t.Cleanup(stop)
	req, err := http.NewRequestWithContext(ctx, "GET", url, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	out := make(chan message, 100)
	go func() {
		defer close(out)
		defer resp.Body.Close()
		lines := bufio.NewScanner(resp.Body)
		var id string
		for lines.Scan() {
			line := lines.Text()
			switch {
			case strings.HasPrefix(line, ":"):
				out <- message{Kind: ":"}
			case strings.HasPrefix(line, "id: "):
				id = line[4:]
			case strings.HasPrefix(line, "data: "):
				m := message{ID: id}
				if err := json.Unmarshal([]byte(line[6:]), &m); err != nil {
					t.Errorf("%q: %v", line, err)
				}
				out <- m
			}
		}
	}()
	return out, resp
}

func next(t *testing.T, from <-chan message) message {
	t.Helper()
	for {
		select {
		case m, ok := <-from:
			if !ok {
				t.Fatal("the stream has ended")
			}
			if m.Kind != ":" {
				return m
			}
		case <-time.After(5 * time.Second):
			t.Fatal("no message")
		}
	}
}

func emit(t *testing.T, db *store.DB, room, kind, subject string) {
	t.Helper()
	err := db.Change(context.Background(), func(_ context.Context, tx *store.Tx) error {
		return tx.Emit(room, kind, subject, map[string]string{"text": "两行\n一件事"})
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestEvents(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		_, h := serve(t, api.Options{Journal: db, Heartbeat: 20 * time.Millisecond})
		emit(t, db, "lamp", "lamp.out", "before")
		live, resp := listen(t, h.URL+"/api/events", "X-Who", "guard", "Accept-Encoding", "gzip")
		if resp.Header.Get("Content-Type") != "text/event-stream; charset=utf-8" || resp.Header.Get("Content-Encoding") != "" {
			t.Fatalf("%v", resp.Header)
		}
		if m, ok := <-live; !ok || m.Kind != ":" {
			t.Errorf("no heartbeat but %+v", m)
		}
		emit(t, db, "account", "account.created", "not for a guard")
		emit(t, db, "lamp", "lamp.out", "now")
		if m := next(t, live); m.Subject != "now" || m.Seq != 3 || m.ID != "3" || m.Kind != "lamp.out" || m.Room != "lamp" {
			t.Errorf("%+v", m)
		}
		for _, how := range [][]string{{"Last-Event-ID", "0"}, {"X-After", ""}} {
			url := h.URL + "/api/events"
			if how[0] == "X-After" {
				url += "?after=0"
			}
			again, _ := listen(t, url, append(how, "X-Who", "guard")...)
			if m := next(t, again); m.Subject != "before" {
				t.Errorf("%v: %+v", how, m)
			}
			if m := next(t, again); m.Subject != "now" {
				t.Errorf("%v: %+v", how, m)
			}
		}
		some, _ := listen(t, h.URL+"/api/events?after=0&rooms=gate,door", "X-Who", "guard")
		emit(t, db, "lamp", "lamp.out", "x")
		select {
		case m := <-some:
			if m.Kind != ":" {
				t.Errorf("another room's event: %+v", m)
			}
		case <-time.After(200 * time.Millisecond):
		}
		for _, bad := range []string{"x", "-1", "+1", "1.5", "99999999999999999999"} {
			if r := ask(t, "GET", h.URL+"/api/events", "", "X-Who", "guard", "Last-Event-ID", bad); r.StatusCode != 422 || r.problem(t).Code != "api.event-id" {
				t.Errorf("%s: %s", bad, r.body)
			}
		}
		if r := ask(t, "GET", h.URL+"/api/events", ""); r.StatusCode != 401 {
			t.Error(r.Status)
		}
		if r := ask(t, "GET", h.URL+"/api/events", "", "X-Who", "op"); r.StatusCode != 403 {
			t.Error(r.Status)
		}
	})
}

func TestEventsAfterATrim(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		_, h := serve(t, api.Options{Journal: db})
		emit(t, db, "lamp", "lamp.out", "old")
		emit(t, db, "lamp", "lamp.out", "old")
		if _, err := db.TrimJournal(context.Background(), time.Now().Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		stream, _ := listen(t, h.URL+"/api/events", "X-Who", "guard", "Last-Event-ID", "1")
		if m := next(t, stream); m.Kind != "journal.reset" || m.ID != "2" {
			t.Errorf("%+v", m)
		}
	})
}

// moody knows its caller for a while only.
type moody struct {
	mu  sync.Mutex
	out bool
}

func (m *moody) Authenticate(*http.Request) (api.Caller, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.out {
		return api.Caller{}, nil
	}
	return people["guard"], nil
}

func TestEventsEndWithTheSession(t *testing.T) {
	storetest.Each(t, eventsEndWithTheSession)
}

func eventsEndWithTheSession(t *testing.T, db *store.DB) {
	auth := &moody{}
	_, h := serve(t, api.Options{Journal: db, Heartbeat: 10 * time.Millisecond, Auth: auth})
	stream, _ := listen(t, h.URL+"/api/events")
	<-stream
	auth.mu.Lock()
	auth.out = true
	auth.mu.Unlock()
	end := time.After(5 * time.Second)
	for {
		select {
		case _, ok := <-stream:
			if !ok {
				return
			}
		case <-end:
			t.Fatal("events go on after signing out")
		}
	}
}

func TestTooManyStreams(t *testing.T) {
	storetest.Each(t, tooManyStreams)
}

func tooManyStreams(t *testing.T, db *store.DB) {
	_, h := serve(t, api.Options{Journal: db})
	for range 24 {
		listen(t, h.URL+"/api/events", "X-Who", "guard")
	}
	r := ask(t, "GET", h.URL+"/api/events", "", "X-Who", "guard")
	if r.StatusCode != 429 || r.Header.Get("Retry-After") == "" {
		t.Errorf("%s %s", r.Status, r.body)
	}
}
