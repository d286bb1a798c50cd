package role

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"linli.dev/linli/access/grant"
	"linli.dev/linli/access/identity"
	"linli.dev/linli/api"
	"linli.dev/linli/camera"
	"linli.dev/linli/media/archive"
	"linli.dev/linli/media/live"
	"linli.dev/linli/media/play"
	"linli.dev/linli/media/record"
	"linli.dev/linli/media/stream"
	"linli.dev/linli/protocol/rtsp"
	"linli.dev/linli/store"
	"linli.dev/linli/web"
)

// stopLimit is how long an orderly end may take: service managers and people with a finger on Ctrl-C wait that long.
const stopLimit = 5 * time.Second

// All is a compound on one machine: every room there is, wired.
type All struct {
	cfg    Config
	log    *slog.Logger
	unlock func()

	db       *store.DB
	vault    *store.Vault
	server   *api.Server
	identity *identity.Service
	door     *grant.Door
	cameras  *camera.Service
	loop     *rtsp.Loop
	hub      *stream.Hub
	archive  *archive.Archive
	recorder *record.Recorder
	live     *live.Live
	play     *play.Play

	transport *api.Transport
	listener  net.Listener
	first     []identity.FirstPassword
}

// Open takes the data folder, brings every room up to date and listens; nothing runs before Run.
func Open(ctx context.Context, cfg Config, log *slog.Logger) (_ *All, err error) {
	if cfg.Data, err = filepath.Abs(cfg.Data); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(cfg.Data, 0o700); err != nil {
		return nil, fmt.Errorf("data folder: %w", err)
	}
	a := &All{cfg: cfg, log: log}
	defer func() {
		if err != nil {
			_ = a.Close()
		}
	}()
	if a.unlock, err = store.Lock(cfg.Data); err != nil {
		return nil, err
	}
	for _, step := range []func(context.Context) error{
		a.openStore, a.openServer, a.openPeople, a.openCameras, a.openFootage, a.openViews, a.addRooms, a.listen,
	} {
		if err := step(ctx); err != nil {
			return nil, err
		}
	}
	return a, nil
}

func (a *All) openStore(ctx context.Context) (err error) {
	if a.vault, err = store.OpenVault(a.cfg.Data); err != nil {
		return err
	}
	a.db, err = OpenDB(ctx, a.cfg, a.log)
	return err
}

// OpenDB opens the database that the configuration names, beside a running server too.
func OpenDB(ctx context.Context, cfg Config, log *slog.Logger) (*store.DB, error) {
	return store.Open(ctx, store.Options{Path: filepath.Join(cfg.Data, "linli.db"), URL: cfg.Database, Log: log.With("room", "store")})
}
