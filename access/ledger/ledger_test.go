package ledger

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"linli.dev/linli/fault"
	"linli.dev/linli/store"
	"linli.dev/linli/store/storetest"
)

// These tests wait for disks and log checkpoints, not for processors.
func TestMain(m *testing.M) {
	flag.Parse()
	if err := flag.Set("test.parallel", "8"); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

// compound is a data folder with a ledger, as a compound has one.
type compound struct {
	t     testing.TB
	db    *store.DB
	vault *store.Vault
	dir   string
	doubt atomic.Bool // of the clock
	*Ledger
	stop func()
}

func newCompound(t testing.TB, db *store.DB) *compound {
	t.Helper()
	c := &compound{t: t, db: db, dir: t.TempDir()}
	var err error
	if c.vault, err = store.OpenVault(c.dir); err != nil {
		t.Fatal(err)
	}
	c.open()
	t.Cleanup(func() {
		if c.Ledger != nil {
			c.close()
		}
	})
	return c
}

// tell takes the test's own changes: an event "look.begun" about a look.
func tell(e store.Event) (Entry, bool) {
	if e.Room != "test" {
		return Entry{}, false
	}
	var d struct{ Name, Reason string }
	_ = json.Unmarshal(e.Data, &d)
	switch e.Kind {
	case "look.refused":
		return Entry{
			Kind: "look.refused", At: e.At, Row: Row{"camera": e.Subject, "way": "live", "purpose": "duty", "grant": "", "policy": "no-permit", "role": "guard", "unit": ""},
			Private: Row{"account": "a", "name": d.Name, "case": ""},
		}, true
	case "look.begun":
		return Entry{
			Kind: e.Kind, At: e.At, Row: Row{
				"look": e.Subject, "camera": "gate", "camera_name": "东门", "area": "", "way": "live", "purpose": "duty", "grant": "", "policy": "", "role": "guard",
				"unit": "", "until": "", "from": "", "to": "", "unconfirmed": false,
			},
			Private: Row{"account": "a", "name": d.Name, "reason": "", "case": ""},
		}, true
	case "look.ended":
		return ending(e.Subject, "idle", e.At), true
	case "long":
		return Entry{Kind: "footage.rooted", At: e.At, Row: Row{"hour": strings.Repeat("x", 70<<10), "streams": 1, "root": ""}}, true
	case "odd":
		return Entry{Kind: "look.refused", At: e.At, Row: Row{"camera": e.Subject, "face": "seen"}}, true
	}
	return Entry{}, false
}

func ending(look, why string, at time.Time) Entry {
	return Entry{Kind: "look.ended", At: at, Row: Row{
		"look": look, "camera": "gate", "camera_name": "东门", "way": "live", "grant": "", "role": "guard", "unit": "", "why": why, "begun": "", "seconds": 1, "played_seconds": 0, "unconfirmed": false,
	}}
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

func (c *compound) open() {
	c.t.Helper()
	opt := Options{
		DB: c.db, Vault: c.vault, Dir: c.dir, Tell: tell, Retry: 10 * time.Millisecond, Cover: 100 * time.Millisecond, Hangs: time.Minute,
		Trusted: func() bool { return !c.doubt.Load() }, Doubt: c.doubt.Load,
		Unended: func(kind string, row Row) (Entry, bool) {
			return ending(fmt.Sprint(row["look"]), "interrupted", time.Now()), kind == "look.begun"
		},
	}
	var err error
	if c.Ledger, err = Open(context.Background(), opt); err != nil {
		c.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- c.Run(ctx) }()
	c.stop = func() {
		cancel()
		if err := <-done; err != nil {
			c.t.Error(err)
		}
	}
}

func (c *compound) close() {
	c.t.Helper()
	c.stop()
	if err := c.Close(context.Background()); err != nil {
		c.t.Error(err)
	}
	c.Ledger = nil
}

func (c *compound) emit(kind, subject, name string) {
	c.t.Helper()
	err := c.db.Change(context.Background(), func(_ context.Context, tx *store.Tx) error {
		return tx.Emit("test", kind, subject, map[string]any{"name": name})
	})
	if err != nil {
		c.t.Fatal(err)
	}
}

// emitAll emits some at once, each about a thing with its number.
func (c *compound) emitAll(kind, subject string, from, to int) {
	c.t.Helper()
	err := c.db.Change(context.Background(), func(_ context.Context, tx *store.Tx) error {
		for i := from; i < to; i++ {
			if err := tx.Emit("test", kind, fmt.Sprint(subject, i), map[string]any{"name": "王芳"}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		c.t.Fatal(err)
	}
}

func (c *compound) sync() {
	c.t.Helper()
	if err := c.Sync(context.Background()); err != nil {
		c.t.Fatal(err)
	}
}

// syncs waits until the ledger takes entries again.
func (c *compound) syncs() {
	c.t.Helper()
	for end := time.Now().Add(30 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		err := c.Sync(context.Background())
		if err == nil {
			return
		}
		if time.Now().After(end) {
			c.t.Fatal(err)
		}
	}
}

func (c *compound) path(name string) string {
	return filepath.Join(c.dir, folder, filepath.FromSlash(name))
}

func (c *compound) files(_ context.Context, name string) ([]byte, error) {
	return os.ReadFile(c.path(name))
}

// verify waits for the log checkpoint of all entries first.
func (c *compound) verify() (Report, error) {
	c.t.Helper()
	return Verify(context.Background(), c.files, c.key(), 0)
}

// verifyAll holds the rows against the log too, which need not have a log checkpoint of all.
func (c *compound) verifyAll() (Report, error) {
	c.t.Helper()
	return VerifyData(context.Background(), c.db, c.dir, "")
}

// holds verifies all, and counts.
func (c *compound) holds(kinds map[string]int) Report {
	c.t.Helper()
	report, err := c.verifyAll()
	if err != nil {
		c.t.Fatal(err)
	}
	for k, n := range kinds {
		if report.Counts[k] != n {
			c.t.Errorf("%d %s, want %d: %v", report.Counts[k], k, n, report.Counts)
		}
	}
	return report
}

func (c *compound) key() string {
	s, _, err := readState(context.Background(), c.db)
	if err != nil {
		c.t.Fatal(err)
	}
	return s.Public
}

func (c *compound) rows() []entryRow {
	c.t.Helper()
	rows, err := rowsFrom(context.Background(), c.db, 0, 100_000)
	if err != nil {
		c.t.Fatal(err)
	}
	return rows
}

// Every change is in the ledger once, in order, durable when Sync returns; the log verifies; each private part opens with its salt.
func TestFollowsTheJournal(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		c := newCompound(t, db)
		const n = 700 // more than two bundles
		for i := 0; i < n; i += 35 {
			c.emitAll("look.refused", "camera-", i, i+35)
			c.emit("something.else", "x", "")
			if i%105 == 0 {
				c.sync()
			}
		}
		c.sync()
		c.close()
		report, err := c.verify()
		if err != nil || report.Size != n+1 || report.Tail != 0 || report.Counts["look.refused"] != n || report.Counts[schemaKind] != 1 {
			t.Fatalf("%+v, %v", report, err)
		}
		c.holds(nil)
		rows := c.rows()
		for i, r := range rows {
			if r.Index != int64(i) || (i > 0 && r.Subject != fmt.Sprint("camera-", i-1)) {
				t.Fatalf("row %d: %+v", i, r)
			}
			if i > 0 {
				if strings.Contains(r.Leaf, "王芳") {
					t.Fatal("a name stands in the log")
				}
			}
		}
		// A second run adds nothing of its own.
		c.open()
		c.sync()
		if got := len(c.rows()); got != n+1 {
			t.Errorf("%d entries after a second start, want %d", got, n+1)
		}
	})
}

// Whatever is changed in the log's files, verification names the entry or the file.
func TestEditsAreNamed(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		edit func(c *compound)
		want string
	}{
		"an entry's word": {func(c *compound) { c.change("tile/entries/000.p/11", "camera-5", "camera-6") }, "entry 6: it is not what the log had there"},
		"entry and tile": {func(c *compound) {
			c.change("tile/entries/000.p/11", "camera-5", "camera-6")
			tile := c.path("tile/0/000.p/11")
			b, _ := os.ReadFile(tile)
			h := hashAt(c, 6)
			copy(b[6*32:], h)
			_ = os.WriteFile(tile, b, 0o600)
		}, "written anew"},
		"the checkpoint":                      {func(c *compound) { c.change("checkpoint", "\n11\n", "\n10\n") }, "not signed by this log's key"},
		"a row that its schema does not have": {func(c *compound) { c.change("tile/entries/000.p/11", `"policy":"no-permit"`, `"palicy":"no-permit"`) }, "entry 1: look.refused: without policy"},
		"no bundle":                           {func(c *compound) { _ = os.Remove(c.path("tile/entries/000.p/11")) }, "entry 0: "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := newCompound(t, storetest.SQLite(t))
			k.ten()
			k.close()
			if _, err := k.verify(); err != nil {
				t.Fatal(err)
			}
			c.edit(k)
			_, err := k.verify()
			var d *Damage
			if !errors.As(err, &d) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v, want %q", err, c.want)
			}
		})
	}
}

func (c *compound) change(name, old, now string) {
	c.t.Helper()
	b, err := os.ReadFile(c.path(name))
	if err != nil || !strings.Contains(string(b), old) {
		c.t.Fatalf("%s has no %q, %v", name, old, err)
	}
	if err := os.WriteFile(c.path(name), []byte(strings.Replace(string(b), old, now, 1)), 0o600); err != nil {
		c.t.Fatal(err)
	}
}

func hashAt(c *compound, at int) []byte {
	leaves, err := bundle(context.Background(), bundlesOf(c.files), 0, 11)
	if err != nil {
		c.t.Fatal(err)
	}
	return leafHash(leaves[at])
}

// The log's newest files were lost, or the database's newest rows: the next start makes the same log and the same rows again.
func TestWhatWasLostIsCompleted(t *testing.T) {
	t.Parallel()
	c := newCompound(t, storetest.SQLite(t))
	c.ten()
	c.close()
	whole, err := c.verify()
	if err != nil {
		t.Fatal(err)
	}
	before := c.rows()

	if err := os.RemoveAll(filepath.Join(c.dir, folder)); err != nil { // the log is gone, all of it
		t.Fatal(err)
	}
	c.open()
	c.close()
	c.begins(whole)

	c.open()
	c.close()
	if after := c.rows(); len(after) != len(before)+1 {
		t.Errorf("%d rows, %d before", len(after), len(before))
	}
	c.holds(map[string]int{"ledger.recovered": 1}) // it says so
}

// begins checks that the log now begins with all of what it was then.
func (c *compound) begins(then Report) {
	c.t.Helper()
	state, err := readTreeState(filepath.Join(c.dir, folder))
	if err != nil {
		c.t.Fatal(err)
	}
	first, err := newTiles(c.files, state.Size).prefix(context.Background(), then.Size)
	if err != nil {
		c.t.Fatal(err)
	}
	if root, err := rootOf(first); err != nil || fmt.Sprintf("%x", root) != then.Root {
		c.t.Errorf("the first %d entries have root %x, not %s, %v", then.Size, root, then.Root, err)
	}
}

// While the log's disk takes nothing, nobody waits in vain: Sync says so; afterwards everything is there.
func TestDiskTakesNothing(t *testing.T) {
	t.Parallel()
	c := newCompound(t, storetest.SQLite(t))
	tile := c.path("tile")
	if err := os.Rename(tile, tile+".away"); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(tile, nil, 0o600); err != nil { // where a folder belongs
		t.Fatal(err)
	}
	c.emit("look.refused", "gate", "王芳")
	if err := c.Sync(context.Background()); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("%v, want unavailable", err)
	}
	if err := errors.Join(os.Remove(tile), os.Rename(tile+".away", tile)); err != nil {
		t.Fatal(err)
	}
	c.syncs()
	c.close()
	if report, err := c.verify(); err != nil || report.Counts["look.refused"] != 1 {
		t.Errorf("%+v, %v", report, err)
	}
}

// A change that does not fit the schema, or into the log, is no reason to leave it out, nor to take no more.
func TestUnfitIsEntered(t *testing.T) {
	t.Parallel()
	c := newCompound(t, storetest.SQLite(t))
	c.emit("odd", "gate", "")
	c.emit("long", "gate", "")
	c.emit("look.refused", "gate", "王芳")
	c.sync()
	c.close()
	c.holds(map[string]int{unfit: 2, "look.refused": 1})
}

// The journal was trimmed while no ledger followed it: that stands in the ledger, and what comes after it is entered.
func TestTrimmedBeforeItWasEntered(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	c := newCompound(t, storetest.SQLite(t))
	c.emit("look.refused", "gate", "王芳")
	c.sync()
	c.close()
	for range 5 {
		c.emit("look.refused", "yard", "王芳")
	}
	if _, err := c.db.TrimJournal(ctx, time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	c.open()
	c.emit("look.refused", "road", "王芳")
	c.sync()
	c.close()
	report, err := c.verify()
	if err != nil || report.Counts[missed] != 1 || report.Counts["look.refused"] != 2 {
		t.Errorf("%+v, %v", report, err)
	}
}

// Changes that the ledger has nothing of cost no write, and are not read again for long.
func TestWhatIsNotEnteredCostsNoWrite(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	c := newCompound(t, storetest.SQLite(t))
	before, _, err := readState(ctx, c.db)
	if err != nil {
		t.Fatal(err)
	}
	c.emitAll("something.else", "x", 0, 300)
	c.sync()
	if s, _, err := readState(ctx, c.db); err != nil || s.Journal != before.Journal {
		t.Errorf("the place was written: %d, %d before, %v", s.Journal, before.Journal, err)
	}
	c.close()
	if s, _, err := readState(ctx, c.db); err != nil || s.Journal != before.Journal+300 {
		t.Errorf("followed to %d of %d, %v", s.Journal, before.Journal+300, err)
	}
}

func base64of(b []byte) string { return base64.StdEncoding.EncodeToString(b) }
