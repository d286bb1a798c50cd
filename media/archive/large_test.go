package archive

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path"
	"testing"
	"time"

	"linli.dev/linli/store"
	"linli.dev/linli/store/storetest"
)

// grow fills the tables with rows of closed segments, of ten minutes each, for so many streams: an archive as it is after
// years, made by the database itself. Only the last segment of each stream gets an index.
func (y *yard) grow(db *store.DB, streams, each int) {
	y.t.Helper()
	ctx := context.Background()
	set, raw, err := setID(someTracks)
	if err != nil {
		y.t.Fatal(err)
	}
	_, entries, _ := draft("x", Main, y.disk, 1, epoch, 300, 2*time.Second, 10)
	series := "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ?)"
	number := func(column string) string { return "printf('%010d', " + column + ")" }
	if db.Postgres() {
		number = func(column string) string { return "lpad(CAST(" + column + " AS TEXT), 10, '0')" }
	}
	err = db.Change(ctx, func(ctx context.Context, tx *store.Tx) error {
		if _, err := tx.ExecContext(ctx, "INSERT INTO track_sets (id, tracks) VALUES (?, ?) ON CONFLICT DO NOTHING", set, raw); err != nil {
			return err
		}
		for k := range streams {
			camera := fmt.Sprintf("c%04d", k)
			if _, err := tx.ExecContext(ctx, series+` INSERT INTO segments (id, camera, which, disk, path, run, start_us, end_us, bytes, init_size, fragments, tracks, unconfirmed, boot)
				SELECT ? || `+number("i")+`, ?, 'main', ?, 'footage/x/' || i, i / 1000, ? + CAST(i AS BIGINT) * 600000000, ? + CAST(i + 1 AS BIGINT) * 600000000, 150000000, 700, 300, ?, ?, 'b' FROM n`,
				each, camera, camera, y.disk, store.Micros(epoch), store.Micros(epoch), set, false); err != nil {
				return err
			}
			if _, err := tx.ExecContext(ctx, series+` INSERT INTO segment_indexes (segment, fragments, hashes) SELECT ? || `+number("i")+`, ?, ? FROM n WHERE i % 500 = 7`,
				each, camera, appendIndex(nil, epoch, entries), appendHashes(nil, entries)); err != nil {
				return err
			}
		}
		_, err := tx.ExecContext(ctx, "UPDATE disks SET used = ?, segments = ? WHERE id = ?", int64(streams)*int64(each)*150_000_000, streams*each, y.disk)
		return err
	})
	if err != nil {
		y.t.Fatal(err)
	}
}

// work is how much has been read so far: bytes of this process (SQLite reads its file by itself), or rows of all tables and
// indexes (PostgreSQL counts them, once a connection is closed).
func work(t *testing.T, opt store.Options) (n int64) {
	t.Helper()
	if opt.URL == "" {
		raw, err := os.ReadFile("/proc/self/io")
		if err != nil {
			t.Skip(err)
		}
		if _, err := fmt.Sscanf(string(raw), "rchar: %d", &n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	db, err := sql.Open("pgx", opt.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for last := int64(-1); ; last = n { // until the last connection has told what it did
		if err := db.QueryRow(`SELECT (SELECT COALESCE(SUM(seq_tup_read), 0) FROM pg_stat_user_tables) +
			(SELECT COALESCE(SUM(idx_tup_read), 0) FROM pg_stat_user_indexes)`).Scan(&n); err != nil {
			t.Fatal(err)
		}
		if n == last {
			return n
		}
		time.Sleep(100 * time.Millisecond)
	}
}

// What a start does is the same, however much footage there is: it is not timed but counted, in bytes read with SQLite and in
// rows with PostgreSQL.
func TestStartDoesNotGrow(t *testing.T) {
	rows := 30_000
	if os.Getenv("LINLI_SOAK") != "" {
		rows = 1_000_000
	}
	ctx := context.Background()
	start := func(t *testing.T, opt store.Options, n int) int64 {
		opened := func() *store.DB {
			db, err := store.Open(ctx, opt)
			if err != nil {
				t.Fatal(err)
			}
			return db
		}
		db := opened()
		y := newYard(t, db)
		y.grow(db, 64, n/64)
		s, _, b := draft("gate", Main, y.disk, 5, epoch, 10, time.Second, 1000)
		if err := y.Begin(ctx, s); err != nil {
			t.Fatal(err)
		}
		y.write(s.Path, b)
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		before := work(t, opt)
		db = opened() // with nothing in its memory
		y.open(db)
		if sum, err := y.Recover(ctx, y.disk); err != nil || sum.Segments != 1 {
			t.Fatal(sum, err)
		}
		if _, err := NewPurger(ctx, PurgerOptions{Archive: y.Archive, Retention: func(context.Context, string, Which) (int, error) { return 30, nil }}); err != nil {
			t.Fatal(err)
		}
		if _, err := y.Days(ctx, "gate", Main, time.UTC); err != nil {
			t.Fatal(err)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		return work(t, opt) - before
	}
	read := map[string]int64{}
	for _, n := range []int{640, rows} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			storetest.EachOptions(t, func(t *testing.T, opt store.Options) {
				read[fmt.Sprint(path.Base(t.Name()), n)] = start(t, opt, n)
			})
		})
	}
	for _, c := range []struct {
		kind string
		more int64 // that a deeper tree may cost: pages of some kilobytes, or rows
	}{{"sqlite", 128 << 10}, {"postgres", 200}} {
		small, large := read[c.kind+"640"], read[fmt.Sprint(c.kind, rows)]
		t.Logf("%s: a start reads %d with 640 segments, %d with %d", c.kind, small, large, rows)
		if large > small+c.more {
			t.Errorf("%s: a start reads %d with 640 segments and %d with %d", c.kind, small, large, rows)
		}
	}
}

// The figures of a compound: 30 days of 64 streams.
func BenchmarkArchive(b *testing.B) {
	db := storetest.SQLite(b)
	y := newYard(b, db)
	const each = 30 * 144
	y.grow(db, 64, each)
	y.clock.run(30 * 24 * time.Hour)
	ctx := context.Background()
	b.Run("30 days of a camera, the first time", func(b *testing.B) {
		for b.Loop() {
			y.extents.clear()
			if spans, err := y.Spans(ctx, "c0040", Main, epoch, epoch.AddDate(0, 0, 30)); err != nil || len(spans) != 5 {
				b.Fatal(len(spans), err)
			}
		}
	})
	b.Run("30 days of a camera", func(b *testing.B) {
		for b.Loop() {
			spans, err := y.Spans(ctx, "c0040", Main, epoch, epoch.AddDate(0, 0, 30))
			if err != nil || len(spans) != 5 {
				b.Fatal(len(spans), err)
			}
		}
	})
	b.Run("30 days of a camera by days", func(b *testing.B) {
		for b.Loop() {
			if days, err := y.Days(ctx, "c0041", Main, time.UTC); err != nil || len(days) != 30 {
				b.Fatal(len(days), err)
			}
		}
	})
	b.Run("any moment", func(b *testing.B) {
		i := 0
		for b.Loop() {
			i++
			n := 7 + 500*(i%8)
			s, _, err := y.At(ctx, fmt.Sprintf("c%04d", i*7%64), Main, epoch.Add(time.Duration(n)*10*time.Minute+time.Duration(i%600)*time.Second))
			if err != nil || s.Fragments != 300 {
				b.Fatal(err)
			}
		}
	})
}
