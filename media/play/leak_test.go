package play

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"linli.dev/linli/access/grant"
	"linli.dev/linli/media/archive"
	"linli.dev/linli/store/storetest"
)

// archived puts what is on a shelf into a real archive, on a disk of its own.
func archived(t *testing.T, s *shelf) *archive.Archive {
	t.Helper()
	ctx, dir := t.Context(), t.TempDir()
	a, err := archive.New(ctx, archive.Options{DB: storetest.SQLite(t)})
	if err != nil {
		t.Fatal(err)
	}
	disk, err := a.AttachDisk(ctx, archive.DiskConfig{Path: dir, Reserve: 1})
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range s.segments {
		b := s.files[i.ID]
		path := filepath.Join("footage", string(i.ID)+".mp4")
		if err := os.MkdirAll(filepath.Join(dir, "footage"), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, path), b, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := a.Begin(ctx, archive.Segment{
			ID: i.ID, Camera: i.Camera, Which: i.Which, Disk: disk, Path: path, Run: i.Run, Start: i.Start, Init: b[:i.InitSize], Tracks: i.Tracks,
		}); err != nil {
			t.Fatal(err)
		}
		a.Append(i.ID, s.entries[i.ID]...)
		if err := a.Finish(ctx, i.ID); err != nil {
			t.Fatal(err)
		}
	}
	return a
}

// leaving is each way in which a viewer of the past goes.
const (
	byReading = iota // has all of it
	byEnd            // somebody takes the look back while it comes
	byVanish         // a browser that is gone while it comes
	ways
)

// A thousand viewers of the past come and go in each way, in playback by all pictures and by key pictures, and with clips, from the real archive; and leave
// neither a goroutine nor a file descriptor behind. (Forty-eight in the short form.)
func TestNothingLeaks(t *testing.T) {
	viewers := 48
	if os.Getenv("LINLI_SOAK") != "" {
		viewers = 1000
	}
	f := gateFilm(t)
	s := tape(f, nil, 1)
	for i := range 17 {
		s.add(f, nil, 1, 7, noon.Add(time.Duration(i+1)*10*time.Second), 900000+uint64(i+1)*900000)
	}
	s.rename()
	c := build(t, s, func(o *Options) { o.Footage = FromArchive(archived(t, s)) })
	first := s.entries["S001"][0]
	for _, kind := range []struct {
		name string
		kind grant.Kind
		path string
		span string // of bytes
	}{
		{"playback", grant.Playback, "segments/S001.mp4", fmt.Sprintf("bytes=%d-%d", first.Offset, first.Offset+int64(first.Size)-1)},
		{"key pictures", grant.Playback, "keys.mp4?speed=8", ""},
		{"export", grant.Export, "export.mp4", ""},
	} {
		t.Run(kind.name, func(t *testing.T) {
			const together = 8
			wave := func(first int) {
				var all sync.WaitGroup
				for i := range together {
					all.Go(func() { c.comeAndGo(t, fmt.Sprint("zhao-", first+i), kind.kind, kind.path, kind.span, (first+i)%ways) })
				}
				all.Wait()
				if t.Failed() {
					t.FailNow()
				}
			}
			until := func(what string, ok func() bool) {
				t.Helper()
				for end := time.Now().Add(10 * time.Second); !ok(); time.Sleep(10 * time.Millisecond) {
					if time.Now().After(end) {
						t.Fatalf("%s: not within 10 s", what)
					}
				}
			}
			gone := func() bool { http.DefaultClient.CloseIdleConnections(); return len(c.door.Active()) == 0 }
			wave(0) // what is made once is made
			until("everybody is gone", gone)
			time.Sleep(200 * time.Millisecond)
			before, routines := storetest.OpenFiles(), goleak.IgnoreCurrent()
			for n := 0; n < viewers; n += together {
				wave(n)
			}
			until("everybody is gone", gone)
			until("all files are closed", func() bool { return storetest.OpenFiles() <= before })
			goleak.VerifyNone(t, routines)
			t.Logf("%d viewers, %d files open before and %d after", viewers, before, storetest.OpenFiles())
		})
	}
}

func (c *compound) comeAndGo(t *testing.T, account string, kind grant.Kind, path, span string, way int) {
	who := zhao()
	who.Account = account // none has to wait for another's footage
	l, err := c.door.Begin(t.Context(), who, grant.Request{Camera: "gate", Kind: kind, Purpose: "duty", From: noon, To: noon.Add(180 * time.Second), Speed: 8})
	if err != nil {
		t.Error(err)
		return
	}
	defer c.door.End(t.Context(), l.ID, grant.EndDeleted) //nolint:errcheck // it may have ended
	ctx, leave := context.WithCancel(t.Context())
	defer leave()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.server.URL+"/media/"+l.ID+"/"+path, nil)
	if err != nil {
		t.Error(err)
		return
	}
	req.Header.Set("Cookie", "linli_session=zhao-pc")
	want := http.StatusOK
	if span != "" {
		want = http.StatusPartialContent
		req.Header.Set("Range", span)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Error(err)
		return
	}
	defer resp.Body.Close()
	if resp.StatusCode != want {
		t.Error(resp.Status)
		return
	}
	if _, err := io.CopyN(io.Discard, resp.Body, 8<<10); err != nil {
		t.Error(err)
	}
	switch way {
	case byReading:
		// Key pictures come at their pace: what there is at once will do.
		if !strings.HasPrefix(path, "keys") {
			if _, err := io.Copy(io.Discard, resp.Body); err != nil {
				t.Error(err)
			}
		}
	case byEnd:
		if err := c.door.End(t.Context(), l.ID, grant.EndRevoked); err != nil {
			t.Error(err)
		}
		_, _ = io.Copy(io.Discard, resp.Body)
	case byVanish:
		leave()
	}
}
