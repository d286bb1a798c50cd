package demo

import (
	"context"
	"testing"
	"time"

	"linli.dev/linli/protocol/rtsp"
)

// The free camera answers who has its password, also beside another demo that has taken its usual port.
func TestFreeCamera(t *testing.T) {
	for i := range 2 {
		f, err := freeCamera(nil)
		if err != nil {
			t.Fatal(err)
		}
		defer f.sim.Close()
		if i > 0 && !f.Moved {
			t.Errorf("two at %s", f.Main)
		}
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
}
