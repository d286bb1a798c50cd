package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"linli.dev/linli/access/ledger"
	"linli.dev/linli/api"
	"linli.dev/linli/fault"
	"linli.dev/linli/role"
)

type ledgerCmd struct {
	Verify ledgerVerifyCmd `cmd:""`
}

type ledgerVerifyCmd struct {
	Data     string `placeholder:"DIR"`
	Database string `placeholder:"URL"`
	URL      string `placeholder:"URL"`
	Token    string `placeholder:"FILE"`
	Key      string `placeholder:"KEY"`
	Kept     string `placeholder:"FILE"`
	Proof    string `placeholder:"FILE"`
}

func (c ledgerVerifyCmd) Run(ctx context.Context, log *slog.Logger, v *api.Voice) error {
	if c.Proof != "" {
		return c.verifyProof(v)
	}
	r, err := c.verify(ctx, log)
	if err != nil {
		return told(err)
	}
	for _, kind := range slices.Sorted(maps.Keys(r.Counts)) {
		fmt.Printf("%8d  %s\n", r.Counts[kind], kind)
	}
	fmt.Println(v.Say("cli.ledger.holds", "size", r.Size, "origin", r.Origin, "root", r.Root))
	for _, s := range r.Schemas {
		code := "cli.ledger.schema"
		if len(s.Lost) > 0 {
			code = "cli.ledger.schema-less"
		}
		fmt.Println(v.Say(code, "entry", s.Entry, "names", strings.Join(s.Lost, ", ")))
	}
	if r.Kept > 0 {
		fmt.Println(v.Say("cli.ledger.kept"))
	}
	if r.Lost > 0 {
		fmt.Println(v.Say("cli.ledger.lost", "n", r.Lost))
	}
	if r.Tail > 0 {
		fmt.Println(v.Say("cli.ledger.tail", "tail", r.Tail))
	}
	return nil
}

// told prints what does not hold; the exit code tells that something does not.
func told(err error) error {
	var d *ledger.Damage
	if !errors.As(err, &d) {
		return err
	}
	fmt.Println(err)
	return fault.New(fault.Conflict, "linli.ledger", "cli.ledger.damaged")
}

// verifyProof holds the proof of one entry against the key, without a server or its data.
func (c ledgerVerifyCmd) verifyProof(v *api.Voice) error {
	if c.Data != "" || c.URL != "" {
		return fault.New(fault.Invalid, "linli.ledger", "cli.ledger.which")
	}
	if c.Key == "" {
		return fault.New(fault.Invalid, "linli.ledger", "cli.ledger.key-needed")
	}
	raw, err := os.ReadFile(c.Proof)
	if err != nil {
		return err
	}
	p, err := ledger.VerifyProof(raw, c.Key)
	if err != nil {
		return told(err)
	}
	fmt.Println(string(p.Leaf))
	fmt.Println(v.Say("cli.ledger.proven", "entry", p.Index, "size", p.Size))
	return nil
}

func (c ledgerVerifyCmd) verify(ctx context.Context, log *slog.Logger) (ledger.Report, error) {
	var kept [][]byte
	if c.Kept != "" {
		b, err := os.ReadFile(c.Kept)
		if err != nil {
			return ledger.Report{}, err
		}
		kept = append(kept, b)
	}
	switch {
	case (c.Data == "") == (c.URL == ""):
		return ledger.Report{}, fault.New(fault.Invalid, "linli.ledger", "cli.ledger.which")
	case c.URL != "":
		if c.Key == "" {
			return ledger.Report{}, fault.New(fault.Invalid, "linli.ledger", "cli.ledger.key-needed")
		}
		token := ""
		if c.Token != "" {
			b, err := os.ReadFile(c.Token)
			if err != nil {
				return ledger.Report{}, err
			}
			token = strings.TrimSpace(string(b))
		}
		files := fromURL(c.URL, token)
		var state struct{ Size uint64 }
		b, err := files(ctx, "")
		if err == nil {
			err = json.Unmarshal(b, &state)
		}
		if err != nil {
			return ledger.Report{}, err
		}
		return ledger.Verify(ctx, files, c.Key, state.Size, kept...)
	}
	dir, err := filepath.Abs(c.Data)
	if err != nil {
		return ledger.Report{}, err
	}
	if err := dataFolder(dir); err != nil {
		return ledger.Report{}, err
	}
	db, err := role.ReadDB(ctx, role.Config{Data: dir, Database: c.Database}, log)
	if err != nil {
		return ledger.Report{}, err
	}
	defer db.Close()
	return ledger.VerifyData(ctx, db, dir, c.Key, kept...)
}

// mostFile bounds what a server may send for one file of its log: a full bundle of the longest entries.
const mostFile = 256 * (64<<10 + 2)

// fromURL reads the log of a server; "" is what it says of it.
func fromURL(url, token string) ledger.Files {
	client := &http.Client{Timeout: 30 * time.Second}
	return func(ctx context.Context, name string) ([]byte, error) {
		req, err := http.NewRequestWithContext(ctx, "GET", strings.TrimSuffix(strings.TrimSuffix(url, "/")+"/api/ledger/"+name, "/"), nil)
		if err != nil {
			return nil, err
		}
		if token != "" {
			req.Header.Set("Authorization", "Bearer "+token)
		}
		resp, err := client.Do(req)
		if err != nil {
			return nil, err
		}
		defer resp.Body.Close()
		switch resp.StatusCode {
		case http.StatusOK:
			return io.ReadAll(io.LimitReader(resp.Body, mostFile))
		case http.StatusNotFound:
			return nil, os.ErrNotExist
		}
		return nil, fault.New(fault.Unavailable, "linli.ledger", "cli.ledger.refused", "status", resp.Status, "file", name)
	}
}
