package api

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

type check struct {
	name string
	ask  func(context.Context) error
}

// Ready adds a check to /readyz. It has two seconds.
func (s *Server) Ready(name string, ask func(context.Context) error) {
	s.checksMu.Lock()
	defer s.checksMu.Unlock()
	s.checks = append(s.checks, check{name, ask})
}

func (s *Server) healthz(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	fmt.Fprintln(w, "ok")
}

// readyz tells everybody which check fails, and only the log why.
func (s *Server) readyz(w http.ResponseWriter, r *http.Request) {
	s.checksMu.Lock()
	checks := slices.Clone(s.checks)
	s.checksMu.Unlock()
	ctx, stop := context.WithTimeout(r.Context(), 2*time.Second)
	defer stop()
	results := make([]error, len(checks))
	var all sync.WaitGroup
	for i, c := range checks {
		all.Go(func() {
			defer func() {
				if p := recover(); p != nil {
					results[i] = fmt.Errorf("panic: %v", p)
				}
			}()
			results[i] = c.ask(ctx)
		})
	}
	all.Wait()
	status, text := http.StatusOK, &strings.Builder{}
	for i, c := range checks {
		word := "ok"
		if results[i] != nil {
			word, status = "failed", http.StatusServiceUnavailable
			s.log.Warn("not ready", "check", c.name, "err", results[i])
		}
		fmt.Fprintf(text, "%s %s\n", c.name, word)
	}
	if len(checks) == 0 {
		text.WriteString("ok\n")
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(text.String()))
}
