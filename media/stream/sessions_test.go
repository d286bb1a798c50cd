package stream

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"linli.dev/linli/protocol/cmaf"
	"linli.dev/linli/protocol/rtsp"
)

// What a crash left open at a camera is ended by the next process, before it asks for a session of its own; an orderly end leaves nothing.
func TestSessionsThatACrashLeft(t *testing.T) {
	file := filepath.Join(t.TempDir(), "sessions.json")
	st := &street{clip: clip{codec: cmaf.H264}}
	var mu sync.Mutex
	var ended []string
	var answer error
	options := Options{Sessions: file, TearDown: func(_ context.Context, o rtsp.Options, session string) error {
		mu.Lock()
		defer mu.Unlock()
		ended = append(ended, o.URL+" "+session)
		return answer
	}}
	tornDown := func() []string {
		mu.Lock()
		defer mu.Unlock()
		slices.Sort(ended)
		return slices.Clone(ended)
	}
	var crashed []byte
	st.open1(t, options, func(h *Hub, _ time.Time) {
		h.Apply([]Source{channel(1), channel(2)})
		time.Sleep(3 * time.Second)
		var err error
		if crashed, err = os.ReadFile(file); err != nil {
			t.Fatal(err)
		}
	})
	if text := string(crashed); strings.Count(text, "session of") != 2 || strings.Contains(text, `"p"`) {
		t.Errorf("remembered: %s", crashed)
	}
	if _, err := os.Stat(file); !errors.Is(err, fs.ErrNotExist) || len(tornDown()) > 0 {
		t.Errorf("after an orderly end: %v, torn down %q", err, ended)
	}

	begin := func(with error, f func(h *Hub)) {
		if err := os.WriteFile(file, crashed, 0o600); err != nil {
			t.Fatal(err)
		}
		ended, answer, st.calls = nil, with, nil
		st.open1(t, options, func(h *Hub, _ time.Time) {
			h.Apply([]Source{channel(1), channel(2)})
			f(h)
		})
	}
	begin(&rtsp.StatusError{Method: "TEARDOWN", Code: 454}, func(*Hub) { // it has ended it itself
		time.Sleep(3 * time.Second)
		want := []string{channel(1).URL + " session of " + channel(1).URL, channel(2).URL + " session of " + channel(2).URL}
		if got := tornDown(); !slices.Equal(got, want) {
			t.Errorf("torn down %q", got)
		}
		if now, _ := st.connected(); now != 2 {
			t.Errorf("%d connections", now)
		}
	})
	begin(rtsp.ErrUnauthorized, func(h *Hub) { // the password changed meanwhile: tried once, not twice
		time.Sleep(10 * time.Second)
		if n := len(tornDown()) + len(st.times("", time.Now())); n > 2 || status(h, 1).State != Unauthorised {
			t.Errorf("a wrong password was tried %d times by two channels, %s", n, status(h, 1).State)
		}
	})
	begin(errors.Join(rtsp.ErrUnreachable, syscall.ECONNREFUSED), func(h *Hub) {
		time.Sleep(2500 * time.Millisecond)
		mu.Lock()
		before := len(ended)
		answer = nil
		mu.Unlock()
		if len(st.times("", time.Now())) != 0 || status(h, 1).Reason != ReasonRefused {
			t.Errorf("a host that is off: %d connections, %s", len(st.times("", time.Now())), status(h, 1).Reason)
		}
		time.Sleep(10 * time.Second)
		if now, _ := st.connected(); now != 2 || len(tornDown()) <= before {
			t.Errorf("it is back: %d connections", now)
		}
	})
}

func TestSessionsFileOfRubbish(t *testing.T) {
	file := filepath.Join(t.TempDir(), "sessions.json")
	if err := os.WriteFile(file, []byte(`{"a/main": 7`), 0o600); err != nil {
		t.Fatal(err)
	}
	m := openSessions(file)
	if got := m.leftBehind(ID{"a", Main}); got != "" {
		t.Error(got)
	}
	m.began(ID{"b", Sub}, "4711")
	if err := m.save(); err != nil {
		t.Fatal(err)
	}
	if got := openSessions(file).leftBehind(ID{"b", Sub}); got != "4711" {
		t.Errorf("written and read: %q", got)
	}
}
