package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"linli.dev/linli/fault"
	"linli.dev/linli/media/archive"
	"linli.dev/linli/role"
	"linli.dev/linli/store"
)

type fsckCmd struct {
	dataFlags
	Mend  bool  `help:"Put right what is found; needs the data folder for itself."`
	Rate  int64 `help:"Bytes read per second at most, in MB; 0 = as fast as the disk gives." default:"40" placeholder:"MB"`
	Quick bool  `help:"Compare rows and files only, without reading the footage."`
}

// errDifferent makes the exit code tell what the report says.
var errDifferent = errors.New("the footage on disk and the archive differ")

func (c fsckCmd) Run(ctx context.Context, log *slog.Logger) error {
	dir, err := filepath.Abs(c.Data)
	if err != nil {
		return err
	}
	if _, err := os.Stat(dir); err != nil {
		return fmt.Errorf("data folder: %w", err)
	}
	unlock, err := store.Lock(dir)
	switch {
	case err == nil:
		defer unlock()
	case fault.KindOf(err) != fault.Conflict:
		return err
	case c.Mend:
		return fmt.Errorf("a server is running on this data folder: stop it first, or run without --mend, which only reports: %w", err)
	}
	db, err := role.OpenDB(ctx, role.Config{Data: dir, Database: c.Database}, log)
	if err != nil {
		return err
	}
	defer db.Close()
	a, err := archive.New(ctx, archive.Options{DB: db, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	if err := a.AttachKnown(ctx); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	r, err := a.Fsck(ctx, archive.FsckOptions{Mend: c.Mend, Rate: c.Rate << 20, Quick: c.Quick, Report: func(d archive.Difference) {
		fmt.Printf("%s\t%s\t%s", d.Kind, d.Path, d.Detail)
		if d.Mended {
			fmt.Printf("\t%s", d.How)
		}
		fmt.Println()
	}})
	if err != nil {
		return err
	}
	fmt.Printf("%d segments, %d fragments, %d MB read\n", r.Segments, r.Fragments, r.Bytes>>20)
	for _, p := range r.Skipped {
		fmt.Printf("not there, not checked: %s\n", p)
	}
	if r.Clean() {
		fmt.Println("no difference")
		return nil
	}
	for _, k := range slices.Sorted(maps.Keys(r.Differences)) {
		fmt.Printf("%s: %d\n", k, r.Differences[k])
	}
	fmt.Printf("mended: %d\n", r.Mended)
	if !c.Mend || r.Mended < total(r.Differences) {
		return errDifferent
	}
	return nil
}

func total(m map[archive.Kind]int) (n int) {
	for _, v := range m {
		n += v
	}
	return n
}
