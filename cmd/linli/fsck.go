package main

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"linli.dev/linli/api"
	"linli.dev/linli/fault"
	"linli.dev/linli/media/archive"
	"linli.dev/linli/role"
	"linli.dev/linli/store"
)

type fsckCmd struct {
	dataFlags
	Mend  bool
	Rate  int64 `default:"40" placeholder:"MB"`
	Quick bool
}

func (c fsckCmd) Run(ctx context.Context, log *slog.Logger, v *api.Voice) error {
	dir, err := filepath.Abs(c.Data)
	if err != nil {
		return err
	}
	if err := dataFolder(dir); err != nil {
		return err
	}
	if c.Mend { // who only reads holds nobody up: a server may run beside it, and start beside it
		unlock, err := store.Lock(dir)
		if fault.KindOf(err) == fault.Conflict {
			return fault.Wrap(err, fault.Conflict, "linli.fsck", "cli.wrong.fsck-running")
		}
		if err != nil {
			return err
		}
		defer unlock()
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
	fmt.Println(v.Say("cli.fsck.read", "segments", r.Segments, "fragments", r.Fragments, "mb", r.Bytes>>20))
	for _, p := range r.Skipped {
		fmt.Println(v.Say("cli.fsck.absent", "path", p))
	}
	if r.Clean() {
		fmt.Println(v.Say("cli.fsck.none"))
		return nil
	}
	for _, k := range slices.Sorted(maps.Keys(r.Differences)) {
		fmt.Printf("%s: %d\n", k, r.Differences[k])
	}
	fmt.Println(v.Say("cli.fsck.mended", "n", r.Mended))
	if !c.Mend || r.Mended < total(r.Differences) {
		return fault.New(fault.Conflict, "linli.fsck", "cli.fsck.different") // the exit code tells what the report says
	}
	return nil
}

func total(m map[archive.Kind]int) (n int) {
	for _, v := range m {
		n += v
	}
	return n
}
