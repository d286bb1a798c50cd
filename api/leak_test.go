package api_test

import (
	"bufio"
	"context"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"linli.dev/linli/api"
	"linli.dev/linli/store/storetest"
)

// A thousand pages follow the journal and go, some while it speaks to them, and leave neither a goroutine nor a file descriptor
// behind. (Sixty-four in the short form.)
func TestFollowersLeaveNothing(t *testing.T) {
	pages := 64
	if os.Getenv("LINLI_SOAK") != "" {
		pages = 1000
	}
	db := storetest.SQLite(t)
	_, h := serve(t, api.Options{Journal: db, Heartbeat: 20 * time.Millisecond})
	emit(t, db, "lamp", "lamp.out", "one")
	wave := func() {
		var all sync.WaitGroup
		for range 16 { // fewer than a person may have open
			all.Go(func() {
				ctx, leave := context.WithCancel(t.Context())
				defer leave()
				req, _ := http.NewRequestWithContext(ctx, "GET", h.URL+"/api/events?after=0", nil)
				req.Header.Set("X-Who", "guard")
				resp, err := http.DefaultClient.Do(req)
				if err != nil {
					t.Error(err)
					return
				}
				defer resp.Body.Close()
				for lines := bufio.NewScanner(resp.Body); lines.Scan(); {
					if strings.HasPrefix(lines.Text(), "data: ") {
						return
					}
				}
				t.Errorf("%s, and no event", resp.Status)
			})
		}
		all.Wait()
		emit(t, db, "lamp", "lamp.out", "one more")
	}
	until := func(what string, ok func() bool) {
		t.Helper()
		for end := time.Now().Add(10 * time.Second); !ok(); time.Sleep(20 * time.Millisecond) {
			if time.Now().After(end) {
				t.Errorf("%s: not within 10 s", what)
				open, _ := exec.Command("ls", "-l", "/proc/"+strconv.Itoa(os.Getpid())+"/fd").Output()
				t.Fatal(string(open))
			}
		}
	}
	wave()
	time.Sleep(200 * time.Millisecond)
	before, routines := storetest.OpenFiles(), goleak.IgnoreCurrent()
	for n := 0; n < pages; n += 16 {
		wave()
	}
	until("all files are closed", func() bool { return storetest.OpenFiles() <= before })
	goleak.VerifyNone(t, routines)
	t.Logf("%d pages, %d files open before and %d after", pages, before, storetest.OpenFiles())
}
