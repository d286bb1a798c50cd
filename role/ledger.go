package role

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"os"
	"strings"
	"time"

	"linli.dev/linli/access/ledger"
	"linli.dev/linli/access/policy"
)

// openLedger opens the record that nobody can rewrite. It follows the journal; what it has of each change stands in ledger_entry.go.
func (a *All) openLedger(ctx context.Context) (err error) {
	a.ledger, err = ledger.Open(ctx, ledger.Options{
		DB: a.db, Vault: a.vault, Dir: a.cfg.Data, Tell: entered, Unended: unended, Log: a.log, Metrics: a.server.Metrics(),
		Trusted: a.clockTrusted, Doubt: func() bool { return lookClock{a}.Doubt() != "" },
	})
	return err
}

// enterStart enters which program runs and which policies hold. Its file is read beside everything else: it is large, and cameras do not wait.
func (a *All) enterStart(ctx context.Context) error {
	for _, what := range []func(context.Context) error{a.enterPolicies, a.enterProgram} {
		for {
			err := what(ctx)
			if err == nil || ctx.Err() != nil {
				break
			}
			a.log.Error("the start is not entered yet, trying again", "err", err)
			select {
			case <-time.After(5 * time.Second):
			case <-ctx.Done():
			}
		}
	}
	<-ctx.Done()
	return ctx.Err()
}

func (a *All) enterPolicies(ctx context.Context) error {
	files, err := policy.Files()
	if err != nil {
		return err
	}
	var each []string
	for _, f := range files {
		each = append(each, f.Name+"="+f.Hash)
	}
	all := strings.Join(each, "\n")
	sum := sha256.Sum256([]byte(all))
	return a.ledger.PutNew(ctx, ledger.Entry{
		Kind: "policy.set", At: time.Now(), Row: ledger.Row{"hash": hex.EncodeToString(sum[:]), "policies": len(files), "each": all},
	})
}

func (a *All) enterProgram(ctx context.Context) error {
	hash, err := programHash()
	if err != nil {
		a.log.Warn("this program's own file could not be read", "err", err)
	}
	return a.ledger.Put(ctx, ledger.Entry{Kind: "program.started", At: a.started, Row: ledger.Row{"version": a.cfg.Version, "hash": hash}})
}

func programHash() (string, error) {
	f, err := os.Open("/proc/self/exe")
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// closeLedger enters what the rooms did while they closed.
func (a *All) closeLedger() error {
	ctx, done := context.WithTimeout(context.Background(), 3*time.Second)
	defer done()
	return a.ledger.Close(ctx)
}
