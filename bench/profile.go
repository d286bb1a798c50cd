package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"time"
)

// profile takes a CPU profile while a job is measured, which costs the server a little, and then a heap profile.
func (s *server) profile(ctx context.Context, dir string, span time.Duration) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	at := time.Now().Format("150405")
	for _, what := range []struct{ name, query string }{
		{"cpu", fmt.Sprintf("profile?seconds=%d", int(max(span.Seconds(), 1)))}, {"heap", "heap"}, {"goroutine", "goroutine"},
	} {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+s.pprof+"/debug/pprof/"+what.query, nil)
		if err != nil {
			return err
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			return err
		}
		f, err := os.Create(filepath.Join(dir, at+"-"+what.name+".pprof"))
		if err == nil {
			_, err = io.Copy(f, resp.Body)
			f.Close()
		}
		resp.Body.Close()
		if err != nil {
			return err
		}
	}
	return nil
}
