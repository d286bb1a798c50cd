package ledger

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"linli.dev/linli/api"
	"linli.dev/linli/api/apitest"
	"linli.dev/linli/store"
	"linli.dev/linli/store/storetest"
)

// Whatever is changed in the rows, verification names the entry; what is left out of the log itself too.
func TestEditedRowsAreNamed(t *testing.T) {
	t.Parallel()
	c := newCompound(t, storetest.SQLite(t))
	c.ten()
	c.close()
	c.holds(nil)
	for name, q := range map[string]struct{ edit, back, want string }{
		"private wiped":      {"UPDATE ledger_entries SET salt = '', private = '' WHERE idx = 6", "", "entry 6: its private part was taken away before its time"},
		"as if read back":    {"UPDATE ledger_entries SET salt = '', private = '', expires_us = 0 WHERE idx = 6", "", "entry 6: its private part was taken away before its time"},
		"a name changed":     {"UPDATE ledger_entries SET private = REPLACE(private, '王芳', '张三') WHERE idx = 6", "", "entry 6: its private part is not what was written down"},
		"kept for ever":      {"UPDATE ledger_entries SET expires_us = expires_us * 2 WHERE idx = 6", "", "entry 6: its row in the database says something else"},
		"hidden from a list": {"UPDATE ledger_entries SET kind = 'schema' WHERE idx = 6", "", "entry 6: its row in the database says something else"},
		"of something else":  {"UPDATE ledger_entries SET subject = 'x' WHERE idx = 6", "", "entry 6: its row in the database says something else"},
		"of another time":    {"UPDATE ledger_entries SET at_us = 1 WHERE idx = 6", "", "entry 6: its row in the database says something else"},
		"of another change":  {"UPDATE ledger_entries SET journal = 1 WHERE idx = 6", "", "entry 6: its row in the database says something else"},
		"not there":          {"DELETE FROM ledger_entries WHERE idx = 6", "", "entry 6: its row is missing in the database"},
		"a private part":     {"UPDATE ledger_entries SET salt = '00' WHERE idx = 0", "", "entry 0: its row has a private part that the log knows nothing of"},
	} {
		was := c.rows()
		if _, err := c.db.ExecContext(context.Background(), q.edit); err != nil {
			t.Fatal(err)
		}
		_, err := c.verifyAll()
		var d *Damage
		if !errors.As(err, &d) || err.Error() != q.want {
			t.Errorf("%s: %v, want %q", name, err, q.want)
		}
		err = c.db.Change(context.Background(), func(ctx context.Context, tx *store.Tx) error {
			if _, err := tx.ExecContext(ctx, "DELETE FROM ledger_entries"); err != nil {
				return err
			}
			_, err := tx.NewInsert().Model(&was).Exec(ctx)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	c.holds(nil)
	// A key that somebody wrote down counts, not the one that lies beside the log.
	other := newCompound(t, storetest.SQLite(t))
	if _, err := VerifyData(context.Background(), c.db, c.dir, other.key()); err == nil || !strings.Contains(err.Error(), "not signed by this log's key") {
		t.Errorf("another key: %v", err)
	}
}

// A private part cannot be left out of the log, nor stand where the schema has none.
func TestPrivatePartsAreHeldAgainstTheSchema(t *testing.T) {
	t.Parallel()
	s := ours()
	r := reading{schemas: map[string]*schema{s.hash: s}, report: &Report{Counts: map[string]int{}}}
	refusal := `{"camera":"c","grant":"","policy":"","purpose":"","role":"","unit":"","way":""}`
	for kind, c := range map[string]struct {
		row, private string
		holds        bool
	}{
		"look.refused":   {refusal, strings.Repeat("a", 64), true},
		"look.refused ":  {refusal, "", false},
		"footage.rooted": {`{"hour":"","root":"","streams":1}`, strings.Repeat("a", 64), false},
	} {
		b, err := leaf{At: time.Now(), Kind: strings.TrimSpace(kind), Schema: s.hash, Private: c.private, Row: []byte(c.row)}.bytes()
		if err != nil {
			t.Fatal(err)
		}
		if err := r.leaf(1, b); (err == nil) != c.holds {
			t.Errorf("%s with %q: %v", kind, c.private, err)
		}
	}
}

// Tiles that no entry differs from are read all the same: the log would go on from them.
func TestEditedTilesAreNamed(t *testing.T) {
	t.Parallel()
	c := newCompound(t, storetest.SQLite(t))
	c.emitAll("look.refused", "camera-", 0, 300)
	c.sync()
	c.close()
	c.holds(nil)
	for name, want := range map[string]string{
		"tile/1/000.p/1":  "the tile tile/1/000.p/1 is not that of the entries below it",
		"tile/0/000":      "entry 3: it is not what the log had there",
		"tile/0/001.p/45": "entry 259: it is not what the log had there",
	} {
		at := 3 * 32
		if strings.HasPrefix(name, "tile/1") {
			at = 5
		}
		c.flip(name, at)
		if _, err := c.verifyAll(); err == nil || err.Error() != want {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := c.verify(); err == nil || err.Error() != want {
			t.Errorf("%s, from outside: %v", name, err)
		}
		c.flip(name, at)
	}
	c.holds(nil)
}

// A program with another schema enters it; what it has no more is told to who verifies. It changes what all others read: alone.
func TestSchemaChangesAreTold(t *testing.T) {
	c := newCompound(t, storetest.SQLite(t))
	c.ten()
	c.close()
	was := ourSchema
	defer func() { ourSchema = was }()
	ourSchema = []byte(strings.Replace(string(was), `"policy": "text", "role": "text", "unit": "text", "until"`, `"policy": "text", "role": "text", "until"`, 1))
	c.open()
	c.close()
	report := c.holds(map[string]int{schemaKind: 2})
	if len(report.Schemas) != 1 || report.Schemas[0].Entry != 11 || fmt.Sprint(report.Schemas[0].Lost) != "[look.begun.unit]" {
		t.Errorf("%+v", report.Schemas)
	}
}

// A database without a ledger is only looked at.
func TestVerifyingWritesNothing(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "linli.db")
	db, err := store.Open(ctx, store.Options{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if db, err = store.Open(ctx, store.Options{Path: path, ReadOnly: true}); err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var d *Damage
	if _, err := VerifyData(ctx, db, t.TempDir(), ""); !errors.As(err, &d) {
		t.Errorf("%v", err)
	}
	if _, err := readStateRaw(ctx, db); !store.IsNoTable(err) {
		t.Errorf("its tables were made: %v", err)
	}
	if _, err := db.ExecContext(ctx, "CREATE TABLE x (a INTEGER)"); err == nil {
		t.Error("something was written")
	}
}

func readStateRaw(ctx context.Context, db *store.DB) (n int, err error) {
	err = db.QueryRowContext(ctx, "SELECT COUNT(*) FROM ledger_state").Scan(&n)
	return n, err
}

// Only what the layout has is served: nothing else that lies in the folder, whatever the path; and entries only to who may read them.
func TestOnlyTheLayoutIsServed(t *testing.T) {
	t.Parallel()
	c := newCompound(t, storetest.SQLite(t))
	c.ten()
	c.close()
	server := api.New(api.Options{Log: quiet()})
	server.SetAuth(apitest.Doorman{"keeper": {"ledger.proof"}, "reader": {"ledger.proof", "ledger.read"}, "other": {"camera.read"}})
	if err := server.Add(&Ledger{opt: Options{Dir: c.dir}}); err != nil {
		t.Fatal(err)
	}
	get := func(who, path, accept string) *httptest.ResponseRecorder {
		r := httptest.NewRequest("GET", "http://x/api/ledger/"+path, nil)
		r.Header.Set("Accept-Encoding", accept)
		r.Header.Set("X-Who", who)
		w := httptest.NewRecorder()
		server.Handler().ServeHTTP(w, r)
		return w
	}
	for _, path := range []string{
		"tile/..%2f.state%2ftreeState", ".state/treeState", "tile/0", "tile/0/", "tile/entries", "tile/entries/000.p", "tile/%2e%2e/checkpoint",
		"tile/0/000.p/11%00", "tile/999/000", "checkpoint/", "tile/0/x000", "tile/0/1", "tile%2f..%2fcheckpoint", "tile/entries%2f..%2f..%2f.state%2ftreeState",
	} {
		if w := get("reader", path, ""); w.Code == http.StatusOK || w.Code >= 500 {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
	for _, path := range []string{"checkpoint", "tile/0/000.p/11", "tile/entries/000.p/11"} {
		if w := get("reader", path, ""); w.Code != http.StatusOK || w.Body.Len() == 0 {
			t.Errorf("%s: %d", path, w.Code)
		}
		if w := get("other", path, ""); w.Code != http.StatusForbidden {
			t.Errorf("%s, to who may not: %d", path, w.Code)
		}
	}
	if w := get("keeper", "tile/0/000.p/11", ""); w.Code != http.StatusOK {
		t.Errorf("a tile, to a keeper: %d", w.Code)
	}
	for _, path := range []string{"tile/entries/000.p/11", "tile/entries%2f000.p/11", "tile/entries%2F000.p%2f11", "tile/%65ntries/000.p/11", "tile%2fentries/000.p/11", "tile/0/..%2fentries%2f000.p%2f11"} {
		if w := get("keeper", path, ""); w.Code == http.StatusOK || strings.Contains(w.Body.String(), "camera-5") {
			t.Errorf("%s, to a keeper: %d", path, w.Code)
		}
	}
	plain, packed := get("reader", "tile/entries/000.p/11", ""), get("reader", "tile/entries/000.p/11", "br, gzip")
	z, err := gzip.NewReader(packed.Body)
	if err != nil {
		t.Fatal(err)
	}
	if b, err := io.ReadAll(z); err != nil || string(b) != plain.Body.String() || packed.Header().Get("Content-Encoding") != "gzip" {
		t.Errorf("packed: %d bytes of %d, %v", len(b), plain.Body.Len(), err)
	}
}
