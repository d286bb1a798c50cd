package role

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"

	"linli.dev/linli/access/grant"
	"linli.dev/linli/access/identity"
	"linli.dev/linli/api"
	"linli.dev/linli/camera"
	"linli.dev/linli/media/archive"
	"linli.dev/linli/protocol/rtsp"
	"linli.dev/linli/web"
)

func (a *All) openServer(context.Context) error {
	a.server = api.New(api.Options{
		Log: a.log.With("room", "api"), Journal: a.db, PublicURL: a.cfg.PublicURL, Version: a.cfg.Version,
		EventPermission: identity.EventPermission, EventFor: a.eventFor,
	})
	a.server.Ready("database", a.db.Ping)
	return nil
}

// addRooms hands every room's routes to the server.
func (a *All) addRooms(context.Context) error {
	a.server.SetAuth(a.identity)
	footage := archive.NewRoom(archive.RoomOptions{Archive: a.archive, Purger: a.purger, Checker: a.checker, Retention: a.retention, Recorded: a.isRecorded})
	rooms := []api.Room{ // in the description the first View is View, a later room's is called after its room: new rooms go to the end
		a.identity, a.door, a.ledger, a.cameras, footage, a.live, a.play, system{a}, a.city.Places, a.city.Pairing, a.city.Programme, a.city.Tasks, a.lists, a.city.Indicator, a.city.Campaign, a.city.Bulletin, a.city.Inspection, a.city.Outlines, a.openInbox(),
	}
	if err := a.server.Add(rooms...); err != nil {
		return err
	}
	a.server.Pages(web.Console())
	return nil
}

// retention is how long the register promises to keep a stream.
func (a *All) retention(ctx context.Context, id string, which archive.Which) (int, error) {
	return a.cameras.Retention(ctx, camera.ID(id), camera.Which(which))
}

// isRecorded says whether the register wants a stream.
func (a *All) isRecorded(ctx context.Context, id string, which archive.Which) (bool, error) {
	return a.cameras.Recorded(ctx, camera.ID(id), camera.Which(which))
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

// listen takes the desktop players' port before anything runs, so that a port in use is told at once.
func (a *All) listen(ctx context.Context) (err error) {
	if a.cfg.RTSP != "" {
		var lc net.ListenConfig
		a.desktop, err = lc.Listen(ctx, "tcp", a.cfg.RTSP)
	}
	return err
}

// FirstPasswordsFile is where first passwords lie until they are changed.
func (a *All) FirstPasswordsFile() string { return filepath.Join(a.cfg.Data, "first-passwords") }

// serve answers browsers until ctx ends, and says where once it does.
func (a *All) serve(ctx context.Context) error {
	return api.Serve(ctx, api.ServeOptions{
		Listen: a.cfg.Listen, TLS: a.tls(), Dir: a.cfg.Data, PublicURL: a.cfg.PublicURL, Log: a.log.With("room", "api"),
		Ready:   func(url string, _ *api.Authority) { a.reached <- url },
		Refused: a.server.Refused, Believed: a.clockTrusted,
	}, a.server.Handler())
}

// tls is the transport that the configuration names.
func (a *All) tls() api.TLS {
	t := api.TLS{Cert: a.cfg.TLSCert, Key: a.cfg.TLSKey}
	host := ""
	if u, err := url.Parse(a.cfg.PublicURL); err == nil {
		host = u.Hostname()
	}
	switch a.cfg.TLS {
	case "local":
		t.LocalCA = true
		if host != "" {
			t.Names = []string{host}
		}
	case "acme":
		t.ACME, t.HTTP, t.Directory, t.Email = []string{host}, a.cfg.PlainHTTP, a.cfg.ACMEDirectory, a.cfg.ACMEEmail
	}
	return t
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
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() { // every address: the one that browsers use will do
		if u, err := url.Parse(a.cfg.PublicURL); err == nil && u.Hostname() != "" {
			host = u.Hostname()
		} else if name, err := os.Hostname(); err == nil {
			host = name
		}
	}
	return map[string]string{"rtsp": "rtsp://" + net.JoinHostPort(host, port) + "/" + l.ID}
}
