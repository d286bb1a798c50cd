package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"linli.dev/linli/access/ledger"
	"linli.dev/linli/store"
)

// benchLedger measures what the ledger costs: entries a second, each durable and proven by the log's tree, and how long somebody who asks
// for a look waits for the answer, with the look's row and entry on the disk.
func benchLedger(ctx context.Context, o options) ([]row, error) {
	rows, err := ledgerAlone(ctx, o)
	if err != nil {
		return rows, err
	}
	waits, err := looksAsked(ctx, o)
	if err != nil {
		return rows, err
	}
	return append(rows,
		row{job: "POST /api/looks, median", unit: "ms", value: waits.at(.5), note: fmt.Sprintf("%d looks one after the other, each ended again", len(waits))},
		row{job: "POST /api/looks, 99th percentile", unit: "ms", value: waits.at(.99)},
	), nil
}

// askers are how many wait for their entries at a time: the leases that one account may hold.
const askers = 96

// ledgerAlone is a ledger with its database on a disk and nothing beside it.
func ledgerAlone(ctx context.Context, o options) (_ []row, err error) {
	if err := os.MkdirAll(o.disk, 0o755); err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp(o.disk, "linli-bench-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	db, err := store.Open(ctx, store.Options{Path: filepath.Join(dir, "linli.db")})
	if err != nil {
		return nil, err
	}
	defer db.Close()
	vault, err := store.OpenVault(dir)
	if err != nil {
		return nil, err
	}
	l, err := ledger.Open(ctx, ledger.Options{DB: db, Vault: vault, Dir: dir, Tell: refusal})
	if err != nil {
		return nil, err
	}
	running, stop := context.WithCancel(ctx)
	done := make(chan error, 1)
	go func() { done <- l.Run(running) }()

	lone, err := entered(ctx, db, l, 1, o.span/2)
	if err != nil {
		stop()
		return nil, err
	}
	began := time.Now()
	many, err := entered(ctx, db, l, askers, o.span/2)
	took := time.Since(began)
	stop()
	if err := <-done; err != nil {
		return nil, err
	}
	if err != nil {
		return nil, err
	}
	if err := l.Close(ctx); err != nil {
		return nil, err
	}
	began = time.Now()
	report, err := ledger.VerifyData(ctx, db, dir, "")
	if err != nil {
		return nil, err
	}
	verified := time.Since(began)
	return []row{
		{job: "ledger, one entry durable, median", unit: "ms", value: lone.at(.5), note: fmt.Sprintf("%d entries one after the other: the event committed, the row, the log's bundle, tile and state synced", len(lone))},
		{job: "ledger, one entry durable, 99th percentile", unit: "ms", value: lone.at(.99), goal: 50},
		{job: fmt.Sprintf("ledger, entries a second with %d waiting", askers), unit: "/s", value: float64(len(many)) / took.Seconds(), more: true, note: fmt.Sprintf("each waits until it is durable and in the tree: median %.1f ms, 99th percentile %.1f ms", many.at(.5), many.at(.99))},
		{job: "ledger, entries verified a second", unit: "/s", value: float64(report.Size+report.Tail) / verified.Seconds(), more: true, note: "tree, tiles, schema, row and private part of each"},
	}, nil
}

func refusal(e store.Event) (ledger.Entry, bool) {
	return ledger.Entry{
		Kind: "look.refused", At: e.At, Row: ledger.Row{"camera": e.Subject, "way": "live", "purpose": "duty", "grant": "", "policy": "no-permit", "role": "guard", "unit": ""},
		Private: ledger.Row{"account": "a", "name": "王芳", "case": ""},
	}, true
}

// entered has some people enter one thing after the other for a while, each waiting until it is durable.
func entered(ctx context.Context, db *store.DB, l *ledger.Ledger, people int, span time.Duration) (all times, err error) {
	var mu sync.Mutex
	var wg sync.WaitGroup
	end := time.Now().Add(span)
	for range people {
		wg.Go(func() {
			for time.Now().Before(end) && ctx.Err() == nil {
				began := time.Now()
				failed := db.Change(ctx, func(_ context.Context, tx *store.Tx) error {
					return tx.Emit("look", "look.refused", "gate", map[string]any{"name": "王芳"})
				})
				if failed == nil {
					failed = l.Sync(ctx)
				}
				mu.Lock()
				all = append(all, time.Since(began))
				if failed != nil {
					err = failed
				}
				mu.Unlock()
				if failed != nil {
					return
				}
			}
		})
	}
	wg.Wait()
	return all, err
}

// looksAsked asks the real program for looks.
func looksAsked(ctx context.Context, o options) (times, error) {
	s, err := set(ctx, o, standOptions{cameras: 1, pacing: "frame"})
	if err != nil {
		return nil, err
	}
	defer s.stop()
	if err := pause(ctx, warmUp); err != nil {
		return nil, err
	}
	var all times
	for end := time.Now().Add(o.span); time.Now().Before(end) && ctx.Err() == nil; {
		var out struct {
			Lease string `json:"lease"`
		}
		began := time.Now()
		if err := call(s.server.guard, "POST", s.server.url+"/api/looks", map[string]any{"camera": s.server.cameras[0], "purpose": "duty", "kind": "live"}, &out); err != nil {
			return nil, err
		}
		all = append(all, time.Since(began))
		if err := call(s.server.guard, "DELETE", s.server.url+"/api/looks/"+out.Lease, nil, nil); err != nil {
			return nil, err
		}
		if err := pause(ctx, 20*time.Millisecond); err != nil {
			return nil, err
		}
	}
	return all, nil
}
