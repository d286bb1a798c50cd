package role

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"time"

	"linli.dev/linli/access/grant"
	"linli.dev/linli/api"
	"linli.dev/linli/protocol/rtsp"
	"linli.dev/linli/web"
)

func (a *All) openServer(context.Context) error {
	a.server = api.New(api.Options{Log: a.log.With("room", "api"), Journal: a.db, PublicURL: a.URL(), Version: a.cfg.Version})
	a.server.Ready("database", a.db.Ping)
	return nil
}

// addRooms hands every room's routes to the server.
func (a *All) addRooms(context.Context) error {
	a.server.SetAuth(a.identity)
	rooms := []api.Room{a.identity, a.door, a.cameras, a.live, a.play, system{a}}
	if r, ok := any(a.archive).(api.Room); ok {
		rooms = append(rooms, r)
	}
	if err := a.server.Add(rooms...); err != nil {
		return err
	}
	a.server.Pages(web.Console())
	return nil
}

// OpenAPI is the description of this version's API, made from its routes.
func OpenAPI(ctx context.Context, dir string, log *slog.Logger) ([]byte, error) {
	a, err := Open(ctx, Config{Data: dir, Listen: "127.0.0.1:0"}, log)
	if err != nil {
		return nil, err
	}
	defer a.Close()
	w := httptest.NewRecorder()
	a.server.Handler().ServeHTTP(w, httptest.NewRequestWithContext(ctx, http.MethodGet, "/openapi.json", nil))
	if w.Code != http.StatusOK {
		return nil, fmt.Errorf("openapi: %d", w.Code)
	}
	return w.Body.Bytes(), nil
}

// listen takes the ports before anything runs, so that a port in use is told at once.
func (a *All) listen(ctx context.Context) (err error) {
	var lc net.ListenConfig
	if a.web, err = lc.Listen(ctx, "tcp", a.cfg.Listen); err != nil {
		return err
	}
	if a.cfg.RTSP != "" {
		a.desktop, err = lc.Listen(ctx, "tcp", a.cfg.RTSP)
	}
	return err
}

// URL is what a browser types.
func (a *All) URL() string {
	if a.cfg.PublicURL != "" {
		return a.cfg.PublicURL
	}
	address := a.cfg.Listen
	if a.web != nil {
		address = a.web.Addr().String()
	}
	if host, port, err := net.SplitHostPort(address); err == nil && (host == "" || host == "0.0.0.0" || host == "::") {
		address = net.JoinHostPort("127.0.0.1", port)
	}
	return "http://" + address
}

// FirstPasswordsFile is where first passwords lie until they are changed.
func (a *All) FirstPasswordsFile() string { return filepath.Join(a.cfg.Data, "first-passwords") }

func (a *All) serve(ctx context.Context) error {
	server := &http.Server{Handler: a.server.Handler(), ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10}
	done := make(chan error, 1)
	go func() { done <- server.Serve(a.web) }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	// Pictures and event streams never end by themselves: they get a moment, then they are cut.
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), 500*time.Millisecond)
	defer cancel()
	if err := server.Shutdown(grace); err != nil {
		_ = server.Close()
	}
	if err := <-done; !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// serveDesktop answers desktop players; the path is the lease.
func (a *All) serveDesktop(ctx context.Context) error {
	s := &rtsp.Server{Handler: a.live.RTSP(), Loop: a.loop, Log: a.log.With("room", "live")}
	return s.Serve(ctx, a.desktop)
}

func (a *All) desktopURL(l *grant.Lease) map[string]string {
	if a.desktop == nil {
		return nil
	}
	host, port, err := net.SplitHostPort(a.desktop.Addr().String())
	if err != nil {
		return nil
	}
	if host == "::" || host == "0.0.0.0" { // every address: the one that the browser uses will do
		public := strings.TrimPrefix(strings.TrimPrefix(a.URL(), "https://"), "http://")
		if h, _, err := net.SplitHostPort(public); err == nil {
			host = h
		} else {
			host = public
		}
	}
	return map[string]string{"rtsp": "rtsp://" + net.JoinHostPort(host, port) + "/" + l.ID}
}
