package ledger

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	merkle "github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"

	"linli.dev/linli/api"
	"linli.dev/linli/api/apitest"
	"linli.dev/linli/store/storetest"
)

// asked is the ledger behind its routes. keeper may have proofs of the log, reader of its entries too.
func (c *compound) asked() apitest.Page {
	c.t.Helper()
	server := api.New(api.Options{Log: quiet()})
	server.SetAuth(apitest.Doorman{"keeper": {"ledger.proof"}, "reader": {"ledger.proof", "ledger.read"}})
	if err := server.Add(c.Ledger); err != nil {
		c.t.Fatal(err)
	}
	return apitest.Page{T: c.t.(*testing.T), HTTP: server.Handler()}
}

// Each entry has its proof, that holds by the log's key alone; nothing in it can be changed, and it proves no other entry.
func TestEntriesAreProven(t *testing.T) {
	t.Parallel()
	c := newCompound(t, storetest.SQLite(t))
	c.emitAll("look.begun", "look-", 0, 300) // beyond a full tile
	c.sync()
	if _, err := c.covers(context.Background(), 300); err != nil {
		t.Fatal(err)
	}
	page := c.asked()
	for _, i := range []int{0, 1, 255, 256, 299, 300} {
		var raw string
		page.Do(http.StatusOK, "reader", "GET", fmt.Sprintf("/api/ledger/proof?entry=%d", i), "", &raw)
		got, err := VerifyProof([]byte(raw), c.key())
		if err != nil || got.Index != uint64(i) || string(got.Leaf) != c.rows()[i].Leaf || got.Size != 301 {
			t.Errorf("%d: %+v, %v", i, got, err)
		}
	}
	var mine string
	page.Do(http.StatusOK, "reader", "GET", "/api/ledger/proof?look=look-41", "", &mine)
	got, err := VerifyProof([]byte(mine), c.key())
	if err != nil || got.Index != 42 || !strings.Contains(string(got.Leaf), `"look":"look-41"`) {
		t.Errorf("%+v, %v", got, err)
	}
	leaf := base64.StdEncoding.EncodeToString(got.Leaf)
	other := base64.StdEncoding.EncodeToString(bytes.Replace(got.Leaf, []byte("look-41"), []byte("look-42"), 1))
	for name, bad := range map[string]string{
		"another leaf":  strings.Replace(mine, leaf, other, 1),
		"another place": strings.Replace(mine, "index 42\n", "index 43\n", 1),
		"another size":  strings.Replace(mine, "\n301\n", "\n302\n", 1),
		"no leaf":       strings.Replace(mine, "extra "+leaf+"\n", "", 1),
		"no path":       mine[:strings.Index(mine, "index 42\n")+9] + mine[strings.Index(mine, "\n\n")+1:],
		"nothing":       "",
	} {
		if bad == mine {
			t.Fatalf("%s: nothing was changed", name)
		}
		var d *Damage
		if p, err := VerifyProof([]byte(bad), c.key()); !errors.As(err, &d) {
			t.Errorf("%s: %+v, %v", name, p, err)
		}
	}
	elsewhere := newCompound(t, storetest.SQLite(t))
	if _, err := VerifyProof([]byte(mine), elsewhere.key()); err == nil {
		t.Error("it holds by the key of another log")
	}
	page.Do(http.StatusNotFound, "reader", "GET", "/api/ledger/proof?entry=301", "", nil)
	page.Do(http.StatusNotFound, "reader", "GET", "/api/ledger/proof?look=nobody", "", nil)
	page.Do(http.StatusUnprocessableEntity, "reader", "GET", "/api/ledger/proof", "", nil)
	page.Do(http.StatusUnprocessableEntity, "reader", "GET", "/api/ledger/proof?entry=1&look=look-1", "", nil)
	page.Do(http.StatusForbidden, "keeper", "GET", "/api/ledger/proof?entry=1", "", nil) // it has the entry
}

// Who kept a log checkpoint is shown that the log only grew since.
func TestTheLogOnlyGrew(t *testing.T) {
	t.Parallel()
	c := newCompound(t, storetest.SQLite(t))
	page := c.asked()
	kept := map[uint64][]byte{}
	for _, n := range []int{1, 9, 260, 40} {
		c.emitAll("look.refused", "camera-", 0, n)
		c.sync()
		cp, err := c.covers(context.Background(), uint64(len(c.rows())-1))
		if err != nil {
			t.Fatal(err)
		}
		kept[cp.Size] = cp.Hash
	}
	if len(kept) != 4 {
		t.Fatalf("%d log checkpoints", len(kept))
	}
	for size, root := range kept {
		var raw string
		page.Do(http.StatusOK, "keeper", "GET", fmt.Sprintf("/api/ledger/consistency?from=%d", size), "", &raw)
		head, signed, _ := strings.Cut(raw, "\n\n")
		lines := strings.Split(head, "\n")
		if lines[0] != fmt.Sprintf("old %d", size) {
			t.Fatalf("%d: %q", size, lines[0])
		}
		var path [][]byte
		for _, line := range lines[1:] {
			h, err := base64.StdEncoding.DecodeString(line)
			if err != nil {
				t.Fatal(err)
			}
			path = append(path, h)
		}
		cp, err := openCheckpoint(c.key(), []byte(signed))
		if err != nil || cp.Size != 311 {
			t.Fatalf("%d: %+v, %v", size, cp, err)
		}
		if err := merkle.VerifyConsistency(rfc6962.DefaultHasher, size, cp.Size, path, root, cp.Hash); err != nil {
			t.Errorf("%d: %v", size, err)
		}
	}
	page.Do(http.StatusUnprocessableEntity, "keeper", "GET", "/api/ledger/consistency?from=312", "", nil)
	page.Do(http.StatusUnprocessableEntity, "keeper", "GET", "/api/ledger/consistency", "", nil)
}

// Who kept a log checkpoint finds a log that was put back to an older state and went on otherwise, which nothing on the machine can tell.
func TestKeptCheckpoints(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	c := newCompound(t, storetest.SQLite(t))
	c.ten()
	c.close()
	checkpoint := func() []byte {
		t.Helper()
		b, err := c.files(ctx, "checkpoint")
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	early, rows := checkpoint(), len(c.rows())
	was, _, err := readState(ctx, c.db)
	if err != nil {
		t.Fatal(err)
	}
	seq, err := c.db.LastSeq(ctx)
	if err != nil {
		t.Fatal(err)
	}
	copied := filepath.Join(t.TempDir(), "copy")
	if err := os.CopyFS(copied, os.DirFS(filepath.Join(c.dir, folder))); err != nil {
		t.Fatal(err)
	}

	c.open()
	c.emit("look.begun", "unwelcome", "王芳")
	c.sync()
	c.close()
	late := checkpoint()
	if report, err := Verify(ctx, c.files, c.key(), 0, early, late); err != nil || report.Kept != 2 {
		t.Errorf("%+v, %v", report, err)
	}
	if report, err := VerifyData(ctx, c.db, c.dir, "", early, late); err != nil || report.Kept != 2 {
		t.Errorf("with the rows: %+v, %v", report, err)
	}
	other := newCompound(t, storetest.SQLite(t))
	other.ten()
	if _, err := Verify(ctx, c.files, other.key(), 0, late); err == nil {
		t.Error("a log checkpoint of this log is taken for another's")
	}

	if err := os.RemoveAll(filepath.Join(c.dir, folder)); err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(filepath.Join(c.dir, folder), os.DirFS(copied)); err != nil {
		t.Fatal(err)
	}
	c.goneBack(rows, was, seq)
	refused := func(want string) {
		t.Helper()
		c.holds(nil) // all is well but for what was kept
		if report, err := Verify(ctx, c.files, c.key(), 0, early); err != nil || report.Kept != 1 {
			t.Errorf("%+v, %v", report, err)
		}
		var d *Damage
		if _, err := VerifyData(ctx, c.db, c.dir, "", early, late); !errors.As(err, &d) || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	refused("the log has 11 entries, and had 12")
	c.open()
	c.emit("look.refused", "harmless", "王芳")
	c.emit("look.refused", "harmless too", "王芳")
	c.sync()
	c.close()
	refused("its first 12 entries are not those of the log checkpoint that was kept")
}
