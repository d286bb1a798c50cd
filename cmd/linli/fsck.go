package main

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"linli.dev/linli/api"
	"linli.dev/linli/fault"
	"linli.dev/linli/media/archive"
	"linli.dev/linli/people/place"
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
	if c.Mend {
		if err := role.Act(ctx, db, "fsck --mend", ""); err != nil {
			return err
		}
	}
	a, err := archive.New(ctx, archive.Options{DB: db, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	if err := a.AttachKnown(ctx); err != nil {
		fmt.Fprintln(os.Stderr, sentence(err, v))
	}
	words, err := api.NewVoice(v.Language(), archive.Sentences())
	if err != nil {
		return err
	}
	zone := place.Clock{}.Time().Location()
	r, broke := a.Fsck(ctx, archive.FsckOptions{Mend: c.Mend, Rate: c.Rate << 20, Quick: c.Quick, Report: func(d archive.Difference) {
		fmt.Printf("%s\t%s\t%s", words.Say("archive.kind."+string(d.Kind)), d.Path, d.Found.Say(words, zone))
		if d.Did.Code != "" {
			fmt.Printf("\t%s", d.Did.Say(words, zone))
		}
		fmt.Println()
	}})
	if broke != nil && !strings.HasPrefix(fault.CodeOf(broke), "disk.") {
		return broke
	}
	fmt.Println(v.Say("cli.fsck.read", "segments", r.Segments, "fragments", r.Fragments, "mb", r.Bytes>>20))
	for _, p := range r.Skipped {
		fmt.Println(v.Say("cli.fsck.absent", "path", p))
	}
	if r.Clean() && broke == nil {
		fmt.Println(v.Say("cli.fsck.none"))
		return nil
	}
	for _, k := range slices.Sorted(maps.Keys(r.Differences)) {
		fmt.Println(v.Say("cli.fsck.kind", "kind", words.Say("archive.kind."+string(k)), "n", r.Differences[k]))
	}
	if broke != nil {
		return broke
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
