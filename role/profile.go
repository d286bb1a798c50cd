package role

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/pprof"
	"time"
)

// profile serves Go's profiler on a listener of its own, never beside the pages: a profile tells much about a system, and
// nobody signs in here. Loopback only, for whoever is on the machine already.
func (a *All) profile(ctx context.Context) error {
	host, _, err := net.SplitHostPort(a.cfg.Profile)
	if err != nil {
		return fmt.Errorf("profiler: %w", err)
	}
	if ip := net.ParseIP(host); ip == nil || !ip.IsLoopback() {
		return fmt.Errorf("profiler: %s is not a loopback address such as 127.0.0.1:6060", a.cfg.Profile)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/debug/pprof/", pprof.Index)
	mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("/debug/pprof/trace", pprof.Trace)
	mux.HandleFunc("/debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("/debug/pprof/cmdline", pprof.Cmdline)
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", a.cfg.Profile)
	if err != nil {
		return fmt.Errorf("profiler: %w", err)
	}
	s := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	stop := context.AfterFunc(ctx, func() { _ = s.Close() })
	defer stop()
	if err := s.Serve(l); ctx.Err() == nil {
		return err
	}
	return ctx.Err()
}
