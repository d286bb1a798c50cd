package demo

import (
	"context"
	"errors"
	"net"
	"testing"
	"time"

	"linli.dev/linli/protocol/rtsp"
)

// The free camera answers who has its password, also beside another demo that has taken its usual port; it is where it was at
// each later start, so that one that was registered comes back.
func TestFreeCamera(t *testing.T) {
	answers := func(f *Free) {
		t.Helper()
		ctx, stop := context.WithTimeout(t.Context(), 5*time.Second)
		defer stop()
		for _, url := range []string{f.Main, f.Sub} {
			s, err := rtsp.Dial(ctx, rtsp.Options{URL: url, User: f.User, Password: f.Password})
			if err != nil {
				t.Fatal(url, err)
			}
			if len(s.Medias) == 0 || s.Medias[0].Kind != "video" {
				t.Errorf("%+v", s.Medias)
			}
			_ = s.Close()
		}
		if s, err := rtsp.Dial(ctx, rtsp.Options{URL: f.Main}); err == nil {
			_ = s.Close()
			t.Error("no password is asked for")
		}
	}
	start := func(dir string) *Free {
		t.Helper()
		f, err := freeCamera(dir, "", nil)
		if err != nil {
			t.Fatal(err)
		}
		answers(f)
		return f
	}
	first, second := t.TempDir(), t.TempDir()
	a := start(first)
	defer a.sim.Close()
	b := start(second)
	if a.sim.Addr() == b.sim.Addr() || b.Usual != FreeAddress || b.Left != "" {
		t.Errorf("two at %s and %s: %+v", a.Main, b.Main, b)
	}
	was := b.sim.Addr()
	if err := b.sim.Close(); err != nil {
		t.Fatal(err)
	}
	b = start(second)
	if is := b.sim.Addr(); is != was || b.Left != "" {
		t.Errorf("it was at %s and is at %s: %+v", was, is, b)
	}
	// Its port is taken while it is off: it goes elsewhere, says so once, and stays there.
	if err := b.sim.Close(); err != nil {
		t.Fatal(err)
	}
	squatter, err := net.Listen("tcp", was)
	if err != nil {
		t.Fatal(err)
	}
	defer squatter.Close()
	c := start(second)
	if c.Left != was {
		t.Errorf("it left %q, and says %q", was, c.Left)
	}
	is := c.sim.Addr()
	_ = c.sim.Close()
	if c = start(second); c.sim.Addr() != is || c.Left != "" {
		t.Errorf("%s, then %s: %+v", is, c.sim.Addr(), c)
	}
	_ = c.sim.Close()
	// Who names an address is told when it cannot be had.
	if f, err := freeCamera(second, was, nil); !errors.Is(err, ErrAddress) {
		t.Errorf("%+v %v", f, err)
	}
}
