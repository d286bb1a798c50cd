package archive

import (
	"context"
	"path"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"linli.dev/linli/api"
	"linli.dev/linli/media/archive/file"
	"linli.dev/linli/media/archive/file/filetest"
	"linli.dev/linli/store"
	"linli.dev/linli/store/storetest"
)

func voices(t *testing.T) map[string]*api.Voice {
	t.Helper()
	both := map[string]*api.Voice{}
	for _, lang := range []string{"zh", "en"} {
		v, err := api.NewVoice(lang, Sentences())
		if err != nil {
			t.Fatal(err)
		}
		both[lang] = v
	}
	return both
}

// foreign is what has no place in a sentence of a language: words of the other one, braces and marks that were not filled in.
var foreign = map[string]*regexp.Regexp{"zh": regexp.MustCompile(`[A-Za-z]{2,}|[{}?]`), "en": regexp.MustCompile(`[^ -~]|[{}?]`)}

// What a check finds and what mending did is said in the reader's language, by the command and on the page. It was English, and Go's own
// words, on the Chinese page.
func TestDifferencesAreSaidInTheReadersLanguage(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		y := newYard(t, db)
		y.clock.run(time.Hour)
		var segs []Segment
		for i := range 10 {
			segs = append(segs, y.footage("gate", Main, 1, epoch.Add(time.Duration(i)*time.Minute), 6, 10*time.Second, 3000))
		}
		sql := func(q string, args ...any) {
			t.Helper()
			if _, err := db.ExecContext(ctx, q, args...); err != nil {
				t.Fatal(err)
			}
		}
		edit := func(i int, f func(file.File) error) {
			t.Helper()
			h, err := y.layer.Edit(path.Join(y.cfg.Path, segs[i].Path))
			if err != nil {
				t.Fatal(err)
			}
			if err := f(h); err != nil {
				t.Fatal(err)
			}
		}
		if err := y.layer.Remove(path.Join(y.cfg.Path, segs[0].Path)); err != nil {
			t.Fatal(err)
		}
		y.spoil(segs[1].Path, 5000)
		edit(2, func(f file.File) error { return f.Truncate(9000) })
		sql("UPDATE segment_indexes SET fragments = ? WHERE segment = ?", []byte{9, 9}, segs[3].ID)
		sql("DELETE FROM segment_indexes WHERE segment = ?", segs[4].ID)
		sql("UPDATE segments SET fragments = 5 WHERE id = ?", segs[5].ID)
		sql("UPDATE segments SET bytes = 100 WHERE id = ?", segs[6].ID)
		sql("UPDATE segments SET end_us = end_us + 30000000 WHERE id = ?", segs[7].ID)
		sql("DELETE FROM segments WHERE id = ?", segs[8].ID)
		sql("DELETE FROM segment_indexes WHERE segment = ?", segs[8].ID)
		edit(9, func(f file.File) error { return f.Truncate(int64(len(segs[9].Init))) })
		y.write("footage/gate/main/2026-11-01/stranger.mp4", []byte("not ours"))
		y.footage("yard", Main, 1, epoch, 6, 10*time.Second, 3000)
		y.footage("yard", Main, 2, epoch.Add(30*time.Second), 6, 10*time.Second, 3000)

		y.check(CheckerOptions{}, "a whole walk", complete)
		stored, err := y.Differences(ctx, 100)
		if err != nil {
			t.Fatal(err)
		}
		var list []Difference
		if _, err := y.Fsck(ctx, FsckOptions{Mend: true, Report: func(d Difference) { list = append(list, d) }}); err != nil {
			t.Fatal(err)
		}
		codes := map[string]bool{}
		zone := time.FixedZone("UTC+8", 8*3600)
		for lang, v := range voices(t) {
			sound := func(said string) {
				t.Helper()
				if bare := strings.ReplaceAll(said, "footage/lost", ""); bare == "" || foreign[lang].MatchString(bare) {
					t.Errorf("%s: %q", lang, said)
				}
			}
			for _, d := range list {
				sound(v.Say("archive.kind." + string(d.Kind)))
				sound(d.Found.Say(v, zone))
				codes[d.Found.Code] = true
				if d.Mended {
					sound(d.Did.Say(v, zone))
					codes[d.Did.Code] = true
				}
			}
			for _, d := range stored { // as they come back from their rows
				d.say(v, zone)
				sound(d.Detail)
				i := slices.IndexFunc(list, func(x Difference) bool { return x.Kind == d.Kind && x.Path == d.Path })
				if i < 0 || list[i].Found.Say(v, zone) != d.Detail && d.Kind != WrongCount { // which was summed up after the mending
					t.Errorf("the page says %q of %s %s", d.Detail, d.Kind, d.Path)
				}
			}
		}
		if len(stored) < 10 || len(codes) < 16 {
			t.Errorf("only %d differences, %v", len(stored), codes)
		}
		missing := stored[slices.IndexFunc(stored, func(d FoundDifference) bool { return d.Kind == MissingFile })]
		if missing.say(voices(t)["zh"], zone); missing.Detail != "缺 6 个片段，自 2026-11-01 08:00:00 起" {
			t.Errorf("%q", missing.Detail)
		}
	})
}

// The page reads it so, and keeps the text of what an older version has found.
func TestStoredDifferencesOnThePage(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		y := newYard(t, db)
		s := y.footage("gate", Main, 1, epoch, 6, 10*time.Second, 3000)
		y.spoil(s.Path, 5000)
		y.check(CheckerOptions{}, "a whole walk", complete)
		if _, err := db.ExecContext(ctx, `INSERT INTO footage_differences (disk, path, kind, segment, detail, first_us, last_us) VALUES (?, ?, ?, ?, ?, 1, 1)`,
			y.disk, "footage/old.mp4", MissingFile, "old", "3 fragments from 2025-01-01T00:00:00Z"); err != nil {
			t.Fatal(err)
		}
		var page struct {
			Differences []struct{ Path, Code, Detail string }
		}
		newAsker(t, y, nil).ask("guard", "GET", "/api/footage-checks", "", 200, &page)
		if len(page.Differences) != 2 {
			t.Fatalf("%+v", page)
		}
		if d := page.Differences[0]; d.Code != "archive.differs.hash" || d.Detail != "1 of 6 fragments not as written, the first at 2026-11-01 08:00:10" {
			t.Errorf("%+v", d)
		}
		if d := page.Differences[1]; d.Code != "" || d.Detail != "3 fragments from 2025-01-01T00:00:00Z" {
			t.Errorf("%+v", d)
		}
	})
}

// A bad sector under one file ends no check: the file is named, stays as it is, and all others are compared and mended. It ended the
// whole run, with what nobody had looked at yet.
func TestOneUnreadableFileEndsNoCheck(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		y := newYard(t, db)
		b := &filetest.Broken{Layer: y.layer}
		y.cfg.Layer = b
		if _, err := y.AttachDisk(ctx, y.cfg); err != nil {
			t.Fatal(err)
		}
		var segs []Segment
		for i := range 6 {
			segs = append(segs, y.footage("gate", Main, 1, epoch.Add(time.Duration(i)*time.Minute), 6, 10*time.Second, 3000))
		}
		open, entries, bytes := draft("gate", Sub, y.disk, 1, epoch, 6, 10*time.Second, 3000)
		if err := y.Begin(ctx, open); err != nil {
			t.Fatal(err)
		}
		y.write(open.Path, bytes)
		y.Append(open.ID, entries...)
		forget := func(s Segment) {
			for _, q := range []string{"DELETE FROM segments WHERE id = ?", "DELETE FROM segment_indexes WHERE segment = ?"} {
				if _, err := db.ExecContext(ctx, q, s.ID); err != nil {
					t.Fatal(err)
				}
			}
		}
		ruin := func(s Segment) {
			if _, err := db.ExecContext(ctx, "UPDATE segment_indexes SET fragments = ? WHERE segment = ?", []byte{9, 9}, s.ID); err != nil {
				t.Fatal(err)
			}
		}
		ruin(segs[0]) // to be rebuilt, and unreadable
		ruin(segs[1]) // to be rebuilt
		y.spoil(segs[2].Path, 5000)
		forget(segs[3]) // to be adopted, and unreadable
		forget(segs[4])
		bad := []string{segs[0].Path, segs[3].Path, segs[5].Path, open.Path}
		for _, rel := range bad {
			b.Rot(path.Join(y.cfg.Path, rel))
		}
		y.open(db) // the process that recorded has ended
		size := func(rel string) int64 {
			i, err := y.layer.Stat(path.Join(y.cfg.Path, rel))
			if err != nil {
				t.Fatal(err)
			}
			return i.Size
		}
		before := map[string]int64{}
		for _, rel := range bad {
			before[rel] = size(rel)
		}
		mend := func() (Report, []string, []Difference) {
			t.Helper()
			var unread []string
			var list []Difference
			r, err := y.Fsck(ctx, FsckOptions{Mend: true, Report: func(d Difference) {
				if list = append(list, d); d.Kind == Unreadable {
					unread = append(unread, d.Path)
					if d.Found.Code != "archive.differs.read-error" || d.Mended {
						t.Errorf("%+v", d)
					}
				}
			}})
			if err != nil {
				t.Fatalf("the run ended: %v after %+v", err, list)
			}
			return r, unread, list
		}
		r, unread, list := mend()
		slices.Sort(unread)
		slices.Sort(bad)
		if !slices.Equal(unread, bad) {
			t.Errorf("unreadable are %v, want %v", unread, bad)
		}
		for _, want := range []Segment{segs[1], segs[2], segs[4]} {
			if i := slices.IndexFunc(list, func(d Difference) bool { return d.Segment == want.ID }); i < 0 || !list[i].Mended {
				t.Errorf("%s is not mended: %+v", want.Path, list)
			}
		}
		for _, d := range list {
			if !d.Mended && d.Kind != Unreadable && d.Kind != WrongCount && (d.Did.Code != "archive.not-mended.disk-error" || !slices.Contains(bad, d.Path)) {
				t.Errorf("%+v", d)
			}
		}
		for rel, n := range before {
			if size(rel) != n {
				t.Errorf("%s had %d bytes and has %d", rel, n, size(rel))
			}
		}
		if r.Differences[Unreadable] != 4 || r.Mended < 3 {
			t.Errorf("%+v", r)
		}
		b.Heal()
		mend()
		if r, unread, list := mend(); !r.Clean() {
			t.Errorf("%+v %v %+v", r, unread, list)
		}
		for i, s := range segs {
			if got, err := y.Segment(ctx, s.ID); err != nil || got.Fragments != 6 && i != 2 {
				t.Errorf("%d: %+v %v", i, got, err)
			}
		}
		if n := y.count("gate", Sub); n != 1 {
			t.Errorf("what was open became %d segments", n)
		}
	})
}

// A disk that takes nothing keeps its files from being mended, and says so of each.
func TestMendOnAReadOnlyDisk(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		y := newYard(t, db)
		b := &filetest.Broken{Layer: y.layer}
		y.cfg.Layer = b
		for i := range 2 {
			s := y.footage("gate", Main, 1, epoch.Add(time.Duration(i)*time.Minute), 6, 10*time.Second, 3000)
			if _, err := db.ExecContext(ctx, "UPDATE segment_indexes SET fragments = ? WHERE segment = ?", []byte{9, 9}, s.ID); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := y.AttachDisk(ctx, y.cfg); err != nil {
			t.Fatal(err)
		}
		b.Break(syscall.EROFS, false)
		n := 0
		r, err := y.Fsck(ctx, FsckOptions{Mend: true, Report: func(d Difference) {
			if n++; d.Mended || d.Did.Code != "archive.not-mended.read-only" {
				t.Errorf("%+v", d)
			}
		}})
		if err != nil || n != 2 || r.Mended != 0 {
			t.Errorf("%+v %v, %d", r, err, n)
		}
	})
}
