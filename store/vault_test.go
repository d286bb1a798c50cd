package store_test

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"linli.dev/linli/fault"
	"linli.dev/linli/store"
)

func vault(t *testing.T, dir string) *store.Vault {
	t.Helper()
	v, err := store.OpenVault(dir)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestVault(t *testing.T) {
	dir := t.TempDir()
	v := vault(t, dir)
	secret := []byte("口令 hunter2")
	sealed, err := v.Seal(secret, "device/1")
	if err != nil || bytes.Contains(sealed, []byte("hunter2")) {
		t.Fatal(err)
	}
	if plain, err := vault(t, dir).Open(sealed, "device/1"); err != nil || !bytes.Equal(plain, secret) {
		t.Errorf("after a restart: %q %v", plain, err)
	}
	if again, _ := v.Seal(secret, "device/1"); bytes.Equal(again, sealed) {
		t.Error("the same secret is sealed to the same bytes")
	}
	if _, err := v.Open(sealed, "device/2"); fault.CodeOf(err) != "store.sealed-damaged" {
		t.Errorf("moved to another row: %v", err)
	}
	if _, err := vault(t, t.TempDir()).Open(sealed, "device/1"); fault.CodeOf(err) != "store.sealed-otherwise" {
		t.Errorf("with another key: %v", err)
	}
	for i := range sealed {
		bad := slices.Clone(sealed)
		bad[i] ^= 1
		if _, err := v.Open(bad, "device/1"); err == nil {
			t.Errorf("byte %d may be changed", i)
		}
		if _, err := v.Open(sealed[:i], "device/1"); err == nil {
			t.Errorf("%d bytes are enough", i)
		}
	}
	if empty, err := v.Seal(nil, ""); err != nil {
		t.Error(err)
	} else if plain, err := v.Open(empty, ""); err != nil || len(plain) != 0 {
		t.Error(plain, err)
	}
}

func TestVaultKeyFile(t *testing.T) {
	dir := t.TempDir()
	vault(t, dir)
	path := filepath.Join(dir, "secret.key")
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatal(info.Mode(), err)
	}
	for mode, code := range map[os.FileMode]string{0o640: "store.key-open", 0o604: "store.key-open", 0o600: ""} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		if _, err := store.OpenVault(dir); fault.CodeOf(err) != code {
			t.Errorf("%v: %v", mode, err)
		}
	}
	if err := os.Chmod(path, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, content := range []string{"", "short", strings.Repeat("g", 64), strings.Repeat("ab", 33)} {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := store.OpenVault(dir)
		if fault.CodeOf(err) != "store.key-form" || content != "" && strings.Contains(err.Error(), content) {
			t.Errorf("%q: %v", content, err)
		}
	}
	elsewhere := filepath.Join(t.TempDir(), "key")
	if err := os.Rename(path, elsewhere); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(elsewhere, path); err != nil {
		t.Fatal(err)
	}
	if _, err := store.OpenVault(dir); fault.CodeOf(err) != "store.key-no-file" {
		t.Errorf("a link: %v", err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "secret.key.*")); len(left) != 0 {
		t.Errorf("left over: %v", left)
	}
}

func TestVaultKeyFromSystemd(t *testing.T) {
	dir, creds := t.TempDir(), t.TempDir()
	key := strings.Repeat("0f", 32)
	if err := os.WriteFile(filepath.Join(creds, "linli.secret.key"), []byte(key+"\n"), 0o440); err != nil {
		t.Fatal(err)
	}
	t.Setenv("CREDENTIALS_DIRECTORY", creds)
	sealed, err := vault(t, dir).Seal([]byte("x"), "c")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "secret.key")); err == nil {
		t.Error("a key was left in the data folder")
	}
	t.Setenv("CREDENTIALS_DIRECTORY", "")
	if err := os.WriteFile(filepath.Join(dir, "secret.key"), []byte(key), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := vault(t, dir).Open(sealed, "c"); err != nil {
		t.Error(err)
	}
}

func TestVaultTwoAtOnce(t *testing.T) {
	dir := t.TempDir()
	vaults := make([]*store.Vault, 8)
	var all sync.WaitGroup
	for i := range vaults {
		all.Go(func() { vaults[i] = vault(t, dir) })
	}
	all.Wait()
	sealed, err := vaults[0].Seal([]byte("x"), "c")
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range vaults {
		if _, err := v.Open(sealed, "c"); err != nil {
			t.Error("two keys were made:", err)
		}
	}
}

func TestLock(t *testing.T) {
	dir := t.TempDir()
	if store.Locked(dir) {
		t.Error("locked before anybody came")
	}
	release, err := store.Lock(dir)
	if err != nil {
		t.Fatal(err)
	}
	if !store.Locked(dir) {
		t.Error("not locked")
	}
	_, err = store.Lock(dir)
	if fault.KindOf(err) != fault.Conflict || fault.CodeOf(err) != "store.locked" || !strings.Contains(err.Error(), "pid=") {
		t.Errorf("a second one is told %v", err)
	}
	release()
	again, err := store.Lock(dir)
	if err != nil {
		t.Fatal(err)
	}
	again()
	if _, err := store.Lock(filepath.Join(dir, "none")); fault.CodeOf(err) != "store.cannot-open" {
		t.Error(err)
	}
}

func TestIDsSort(t *testing.T) {
	var mu sync.Mutex
	seen := map[string]bool{}
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			last := ""
			for range 2000 {
				id := store.NewID()
				if id <= last || len(id) != 26 {
					t.Errorf("%s after %s", id, last)
				}
				last = id
				mu.Lock()
				if seen[id] {
					t.Errorf("%s twice", id)
				}
				seen[id] = true
				mu.Unlock()
			}
		})
	}
	all.Wait()
}

func TestMicros(t *testing.T) {
	if store.Micros(time.Time{}) != 0 || !store.Time(0).IsZero() {
		t.Error("no time is not 0")
	}
	at := time.Date(2026, 11, 23, 18, 0, 0, 123456789, time.FixedZone("", 8*3600))
	if got := store.Time(store.Micros(at)); !got.Equal(at.Truncate(time.Microsecond)) || got.Location() != time.UTC {
		t.Error(got)
	}
}
