package store

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"linli.dev/linli/fault"
)

const (
	keyFile    = "secret.key"
	credential = "linli.secret.key"
	vaultMark  = 1 // first byte of what is sealed: the form of the rest
	markSize   = 1 + 4
)

// Vault seals the secrets that the program must be able to read again: passwords of cameras, keys. The key lies
// beside the database or comes from systemd, and is never part of a backup: that protects copies and backups, not a
// stolen box.
type Vault struct {
	aead cipher.AEAD
	id   [4]byte // of the key; tells "another key" from "damaged"
}

// OpenVault reads the key from $CREDENTIALS_DIRECTORY/linli.secret.key (systemd's LoadCredential), else from
// dir/secret.key, which is made on first use. The file must be the owner's alone.
//
// Asked with sealed, it is no first use where that says that secrets have been sealed already: their key is elsewhere, and a
// new one, made in silence, would open none of them.
func OpenVault(dir string, sealed ...func() (bool, error)) (*Vault, error) {
	if creds := os.Getenv("CREDENTIALS_DIRECTORY"); creds != "" {
		path := filepath.Join(creds, credential)
		raw, err := os.ReadFile(path) // systemd guards its mode
		if err == nil {
			return newVault(path, raw)
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return nil, fault.Wrap(err, fault.Unavailable, "store.vault", "store.key-unreadable", "path", path)
		}
	}
	path := filepath.Join(dir, keyFile)
	raw, err := readOwned(path)
	if errors.Is(err, fs.ErrNotExist) {
		for _, ask := range sealed {
			some, err := ask()
			if err != nil {
				return nil, err
			}
			if some {
				return nil, fault.New(fault.Unavailable, "store.vault", "store.key-gone", "path", path, "credential", credential)
			}
		}
		if err = makeKey(dir, path); err == nil {
			raw, err = readOwned(path)
		}
	}
	if err != nil {
		if fault.CodeOf(err) != "" {
			return nil, err
		}
		return nil, fault.Wrap(err, fault.Unavailable, "store.vault", "store.key-unreadable", "path", path)
	}
	return newVault(path, raw)
}

// readOwned reads a file that nobody else may read or change.
func readOwned(path string) ([]byte, error) {
	info, err := os.Lstat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fault.New(fault.Denied, "store.vault", "store.key-no-file", "path", path)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, fault.New(fault.Denied, "store.vault", "store.key-open", "path", path, "mode", info.Mode().Perm().String())
	}
	if st, ok := info.Sys().(*syscall.Stat_t); ok && st.Uid != 0 && int(st.Uid) != os.Geteuid() && os.Geteuid() != 0 {
		return nil, fault.New(fault.Denied, "store.vault", "store.key-foreign", "path", path)
	}
	return os.ReadFile(path)
}

// makeKey writes a new key under a name of its own and links it into place: two processes that start together end
// up with one key, and a power cut leaves a whole one or none.
func makeKey(dir, path string) error {
	var key [32]byte
	if _, err := rand.Read(key[:]); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, keyFile+".*") // 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	if _, err := f.WriteString(hex.EncodeToString(key[:]) + "\n"); err != nil {
		f.Close()
		return err
	}
	if err := f.Sync(); err != nil {
		f.Close()
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	if err := os.Link(f.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}

func newVault(path string, raw []byte) (*Vault, error) {
	key, err := hex.DecodeString(strings.TrimSpace(string(raw)))
	if err != nil || len(key) != 32 {
		// The content is not quoted: it may be a key in another form.
		return nil, fault.New(fault.Invalid, "store.vault", "store.key-form", "path", path)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(append([]byte("linli vault key id\x00"), key...))
	v := &Vault{aead: aead}
	copy(v.id[:], sum[:])
	return v, nil
}

// Seal encrypts with AES-256-GCM. context says what the secret belongs to ("device/01J…"): sealed bytes that were
// moved to another row do not open there.
func (v *Vault) Seal(plain []byte, context string) ([]byte, error) {
	nonceAt := markSize
	out := make([]byte, nonceAt+v.aead.NonceSize(), nonceAt+v.aead.NonceSize()+len(plain)+v.aead.Overhead())
	out[0] = vaultMark
	copy(out[1:], v.id[:])
	if _, err := rand.Read(out[nonceAt:]); err != nil {
		return nil, fault.Wrap(err, fault.Internal, "store.seal", "store.no-randomness")
	}
	return v.aead.Seal(out, out[nonceAt:], plain, v.bind(out[:markSize], context)), nil
}

// Open decrypts what Seal made with the same context.
func (v *Vault) Open(sealed []byte, context string) ([]byte, error) {
	n := v.aead.NonceSize()
	if len(sealed) < markSize+n+v.aead.Overhead() || sealed[0] != vaultMark {
		return nil, fault.New(fault.Internal, "store.unseal", "store.sealed-damaged")
	}
	if [4]byte(sealed[1:markSize]) != v.id {
		return nil, fault.New(fault.Unavailable, "store.unseal", "store.sealed-otherwise")
	}
	plain, err := v.aead.Open(nil, sealed[markSize:markSize+n], sealed[markSize+n:], v.bind(sealed[:markSize], context))
	if err != nil {
		return nil, fault.Wrap(err, fault.Internal, "store.unseal", "store.sealed-damaged")
	}
	return plain, nil
}

func (v *Vault) bind(mark []byte, context string) []byte {
	return append(append([]byte{}, mark...), context...)
}
