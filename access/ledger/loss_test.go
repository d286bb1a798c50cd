package ledger

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"linli.dev/linli/fault"
	"linli.dev/linli/store"
	"linli.dev/linli/store/storetest"
)

// ten enters ten refusals.
func (c *compound) ten() {
	c.emitAll("look.refused", "camera-", 0, 10)
	c.sync()
}

// goneBack puts the database back to where it was: its rows from one on, and its journal after a change, are those of an older copy.
func (c *compound) goneBack(rows int, was stateRow, seq int64) {
	c.t.Helper()
	for _, q := range []struct {
		sql  string
		args []any
	}{
		{"DELETE FROM ledger_entries WHERE idx >= ?", []any{rows}},
		{"UPDATE ledger_state SET journal = ?, size = ?, mark = ?", []any{was.Journal, was.Size, was.Mark}},
		{"DELETE FROM journal WHERE seq > ?", []any{seq}},
		{"UPDATE journal_head SET seq = ?", []any{seq}},
	} {
		if _, err := c.db.ExecContext(context.Background(), q.sql, q.args...); err != nil {
			c.t.Fatal(err)
		}
	}
}

// An older copy of the database was put back: what it lost is read from the log, each thing once, and the ledger says so.
func TestOlderDatabase(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		c := newCompound(t, db)
		c.emit("look.begun", "open-then", "王芳")
		c.emit("look.refused", "early", "王芳")
		c.sync()
		was, _, err := readState(ctx, db)
		if err != nil {
			t.Fatal(err)
		}
		rows := len(c.rows())
		c.emit("look.refused", "between", "王芳") // committed before the copy was made, entered after
		seq, err := db.LastSeq(ctx)
		if err != nil {
			t.Fatal(err)
		}
		c.emit("look.ended", "open-then", "")
		c.emit("look.begun", "lost", "王芳")
		c.emit("look.begun", "lost-but-ended", "王芳")
		c.emit("look.ended", "lost-but-ended", "")
		c.sync()
		all := c.rows()
		c.close()
		// The newest numbers are gone from memory too: another process opens the copy.
		c.goneBack(rows, was, seq)
		c.open()
		c.emit("look.ended", "open-then", "") // the door closes what it finds open
		c.emit("look.refused", "new", "王芳")   // with a number that was given before
		c.sync()
		c.close()
		report := c.holds(map[string]int{"look.begun": 3, "look.ended": 3, "look.refused": 3, "ledger.recovered": 1})
		if report.Lost != 3 { // between, lost, lost-but-ended
			t.Errorf("%d private parts are told lost", report.Lost)
		}
		ends := map[string]int{}
		for i, r := range c.rows() {
			if i < len(all) && r.Leaf != all[i].Leaf {
				t.Errorf("entry %d is another", i)
			}
			if r.Kind == "look.ended" {
				ends[r.Subject]++
			}
			if r.Subject == "lost" && r.Kind == "look.ended" && !strings.Contains(r.Leaf, "interrupted") {
				t.Error(r.Leaf)
			}
		}
		if ends["open-then"] != 1 || ends["lost"] != 1 || ends["lost-but-ended"] != 1 {
			t.Errorf("ended: %v", ends)
		}
		// And again from there, nothing more.
		n := len(c.rows())
		c.open()
		c.sync()
		if got := len(c.rows()); got != n {
			t.Errorf("%d entries after another start, %d before", got, n)
		}
	})
}

// The database was lost altogether: the log of the other key stays as it is, and the new one says that it was there.
func TestDatabaseLost(t *testing.T) {
	t.Parallel()
	c := newCompound(t, storetest.SQLite(t))
	c.ten()
	c.close()
	c.db = storetest.SQLite(t)
	c.open()
	c.close()
	c.holds(map[string]int{"ledger.recovered": 1, "look.refused": 0})
	if r := c.rows()[1]; !strings.Contains(r.Leaf, `"change":"key-changed"`) || !strings.Contains(r.Leaf, `"to":11`) {
		t.Error(r.Leaf)
	}
	old, err := filepath.Glob(filepath.Join(c.dir, "ledger.before-*", "checkpoint"))
	if err != nil || len(old) != 1 {
		t.Errorf("%v, %v", old, err)
	}
}

// Files of the log were changed or lost while nobody appended: nothing is built on them. From whole rows they are written anew, to the root
// that was signed.
func TestDamagedFilesAreRebuilt(t *testing.T) {
	t.Parallel()
	for name, edit := range map[string]func(c *compound){
		"a tile":        func(c *compound) { c.flip("tile/0/000.p/11", 3*32) },
		"no tile":       func(c *compound) { _ = os.Remove(c.path("tile/0/000.p/11")) },
		"a bundle":      func(c *compound) { c.change("tile/entries/000.p/11", "camera-5", "camera-6") },
		"the state":     func(c *compound) { c.change(stateFolder+"/treeState", `"size":11`, `"size":10`) },
		"no state":      func(c *compound) { _ = os.Remove(c.path(stateFolder + "/treeState")) },
		"bundle, tile":  func(c *compound) { c.change("tile/entries/000.p/11", "camera-5", "camera-6"); c.retile() },
		"while it runs": nil,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCompound(t, storetest.SQLite(t))
			c.ten()
			c.close()
			whole, err := c.verify()
			if err != nil {
				t.Fatal(err)
			}
			if edit == nil {
				c.open()
				c.flip("tile/0/000.p/11", 3*32)
				c.emit("look.refused", "gate", "王芳")
				c.syncs()
			} else {
				edit(c)
				c.open()
				c.emit("look.refused", "gate", "王芳")
				c.sync()
			}
			c.close()
			c.holds(map[string]int{"look.refused": 11, "ledger.recovered": 1})
			c.begins(whole)
			if aside, _ := filepath.Glob(filepath.Join(c.dir, "ledger.damaged-*")); len(aside) != 1 {
				t.Errorf("the damaged files are not kept: %v", aside)
			}
		})
	}
}

func (c *compound) flip(name string, at int) {
	c.t.Helper()
	b, err := os.ReadFile(c.path(name))
	if err != nil {
		c.t.Fatal(err)
	}
	b[at] ^= 1
	if err := os.WriteFile(c.path(name), b, 0o600); err != nil {
		c.t.Fatal(err)
	}
}

// retile makes tile and state agree with an edited entry.
func (c *compound) retile() {
	c.t.Helper()
	b, err := os.ReadFile(c.path("tile/0/000.p/11"))
	if err != nil {
		c.t.Fatal(err)
	}
	copy(b[6*32:], hashAt(c, 6))
	all := trees.NewEmptyRange(0)
	for i := range 11 {
		if err := all.Append(b[i*32:(i+1)*32], nil); err != nil {
			c.t.Fatal(err)
		}
	}
	root, err := rootOf(all)
	if err != nil {
		c.t.Fatal(err)
	}
	state := fmt.Sprintf(`{"size":11,"root":%q}`, base64of(root))
	if err := errors.Join(os.WriteFile(c.path("tile/0/000.p/11"), b, 0o600), os.WriteFile(c.path(stateFolder+"/treeState"), []byte(state), 0o600)); err != nil {
		c.t.Fatal(err)
	}
}

// Files and rows were changed alike, or the log checkpoint is somebody else's: nothing is appended and nothing signed, but the rest of the
// program goes on.
func TestNothingIsBuiltOnALie(t *testing.T) {
	t.Parallel()
	for name, edit := range map[string]func(c *compound){
		"rows too": func(c *compound) {
			c.change("tile/entries/000.p/11", "camera-5", "camera-6")
			c.retile()
			c.sql("UPDATE ledger_entries SET leaf = REPLACE(leaf, 'camera-5', 'camera-6')")
		},
		"rows too, and no file is left": func(c *compound) {
			c.sql("UPDATE ledger_entries SET leaf = REPLACE(leaf, 'camera-5', 'camera-6')")
			if err := os.RemoveAll(filepath.Join(c.dir, folder)); err != nil {
				c.t.Fatal(err)
			}
		},
		"rows too, and no checkpoint": func(c *compound) {
			c.change("tile/entries/000.p/11", "camera-5", "camera-6")
			c.retile()
			c.sql("UPDATE ledger_entries SET leaf = REPLACE(leaf, 'camera-5', 'camera-6')")
			if err := os.Remove(c.path("checkpoint")); err != nil {
				c.t.Fatal(err)
			}
		},
		"the newest rows, and no file is left": func(c *compound) {
			c.sql("DELETE FROM ledger_entries WHERE idx >= 9")
			if err := os.RemoveAll(filepath.Join(c.dir, folder)); err != nil {
				c.t.Fatal(err)
			}
		},
		"rows too, as if nothing had been known": func(c *compound) {
			c.sql("UPDATE ledger_entries SET leaf = REPLACE(leaf, 'camera-5', 'camera-6')")
			c.sql("UPDATE ledger_state SET size = 0")
			if err := os.RemoveAll(filepath.Join(c.dir, folder)); err != nil {
				c.t.Fatal(err)
			}
		},
		"what the database knew": func(c *compound) { c.sql("UPDATE ledger_state SET mark = ''") },
		"another log's checkpoint": func(c *compound) {
			other := newCompound(c.t, storetest.SQLite(c.t))
			other.ten()
			other.close()
			b, err := os.ReadFile(other.path("checkpoint"))
			if err != nil {
				c.t.Fatal(err)
			}
			if err := os.WriteFile(c.path("checkpoint"), b, 0o600); err != nil {
				c.t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCompound(t, storetest.SQLite(t))
			c.ten()
			c.close()
			edit(c)
			before, _ := os.ReadFile(c.path("checkpoint"))
			c.open() // it comes up, stuck
			c.emit("look.refused", "gate", "王芳")
			if err := c.Sync(context.Background()); fault.KindOf(err) != fault.Unavailable {
				t.Errorf("sync: %v", err)
			}
			if err := c.Put(context.Background(), Entry{Kind: "entry.missed", At: time.Now(), Row: Row{"from": 1, "to": 2}}); err == nil {
				t.Error("something was put")
			}
			c.stop()
			if err := c.Close(context.Background()); err == nil {
				t.Error("it closed as if all were well")
			}
			c.Ledger = nil
			if after, _ := os.ReadFile(c.path("checkpoint")); !bytes.Equal(after, before) {
				t.Errorf("signed all the same: %s", after)
			}
		})
	}
}

func (c *compound) sql(query string) {
	c.t.Helper()
	if _, err := c.db.ExecContext(context.Background(), query); err != nil {
		c.t.Fatal(err)
	}
}

// The machine's secret key was lost, and a new one made by hand: the log goes on as the same tree, with a new signing key, and says so.
func TestSecretKeyLost(t *testing.T) {
	t.Parallel()
	c := newCompound(t, storetest.SQLite(t))
	c.ten()
	c.close()
	whole, err := c.verify()
	if err != nil {
		t.Fatal(err)
	}
	was := c.key()
	if err := os.Remove(filepath.Join(c.dir, "secret.key")); err != nil {
		t.Fatal(err)
	}
	if c.vault, err = store.OpenVault(c.dir); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second start finds nothing new
		c.open()
		c.emit("look.refused", "gate", "王芳")
		c.sync()
		c.close()
	}
	c.holds(map[string]int{"look.refused": 12, "ledger.recovered": 1})
	c.begins(whole)
	hash, err := keyHash(was)
	if err != nil {
		t.Fatal(err)
	}
	if r := c.rows()[11]; !strings.Contains(r.Leaf, `"change":"key-lost"`) || !strings.Contains(r.Leaf, hash) {
		t.Error(r.Leaf)
	}
	if _, err := Verify(context.Background(), c.files, was, 0); err == nil {
		t.Error("it verifies by the key that was lost")
	}
}

// A folder that cannot be opened does not keep the program from starting, and is opened as soon as it can be.
func TestComesUpStuck(t *testing.T) {
	t.Parallel()
	c := &compound{t: t, db: storetest.SQLite(t), dir: t.TempDir()}
	var err error
	if c.vault, err = store.OpenVault(c.dir); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(c.dir, folder), nil, 0o600); err != nil { // where the folder belongs
		t.Fatal(err)
	}
	c.open()
	c.emit("look.refused", "gate", "王芳")
	if err := c.Sync(context.Background()); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("sync: %v", err)
	}
	if s, err := c.getState(context.Background(), nil); err != nil || s.Body.Well {
		t.Errorf("%+v, %v", s, err)
	}
	if err := os.Remove(filepath.Join(c.dir, folder)); err != nil {
		t.Fatal(err)
	}
	c.syncs()
	c.close()
	c.holds(map[string]int{"look.refused": 1})
}
