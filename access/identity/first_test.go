package identity

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"linli.dev/linli/store"
	"linli.dev/linli/store/storetest"
)

func TestFirstPasswords(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		dir := t.TempDir()
		path := filepath.Join(dir, "first-passwords")
		h := open(t, db, func(o *Options) { o.Dir = dir })
		first := []First{{Name: "operator", Display: "运维", Role: Operator}, {Name: "guard", Display: "保安", Role: Guard}}
		made, err := h.EnsureFirst(h.ctx, dir, first)
		if err != nil || len(made) != 2 {
			t.Fatal(made, err)
		}
		info, err := os.Stat(path)
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Fatal(info, err)
		}
		text, _ := os.ReadFile(path)
		for _, p := range made {
			if !strings.Contains(string(text), p.Name+"\t"+p.Password) {
				t.Errorf("%s is not in the file", p.Name)
			}
		}
		// A second start makes nothing and leaves the file.
		if again, err := h.EnsureFirst(h.ctx, dir, first); again != nil || err != nil {
			t.Error(again, err)
		}
		for i, p := range made {
			in := h.signIn(p.Name, p.Password)
			if !in.Caller.MustChange {
				t.Error("the first password need not be changed")
			}
			in, err := h.ChangePassword(h.ctx, in.Caller, p.Password, "chosen by myself", gatehouse, firefox)
			if err != nil || in.Caller.MustChange {
				t.Fatal(err)
			}
			text, err := os.ReadFile(path)
			if strings.Contains(string(text), p.Password) {
				t.Error("a password that was changed is still in the file")
			}
			if gone := errors.Is(err, fs.ErrNotExist); gone != (i == len(made)-1) {
				t.Errorf("after %d changes: %v", i+1, err)
			}
		}
	})
}

func TestMoreFirstAccounts(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx, dir := t.Context(), t.TempDir()
		s, err := New(ctx, db, Options{Dir: dir})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.EnsureFirst(ctx, dir, []First{{Name: "operator", Display: "运维", Role: Operator}}); err != nil {
			t.Fatal(err)
		}
		who := []First{{Name: "operator", Display: "运维", Role: Operator}, {Name: "county", Display: "兰山区综治办", Role: Staff}}
		made, err := s.AddFirst(ctx, who)
		if err != nil || len(made) != 1 || made[0].Name != "county" {
			t.Fatal(made, err)
		}
		text, err := os.ReadFile(filepath.Join(dir, firstFile))
		if err != nil || !strings.Contains(string(text), "operator\t") || !strings.Contains(string(text), "county\t"+made[0].Password) {
			t.Errorf("%s %v", text, err)
		}
		if again, err := s.AddFirst(ctx, who); err != nil || len(again) != 0 {
			t.Error(again, err)
		}
	})
}
