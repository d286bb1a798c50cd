package ledger

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/transparency-dev/tessera"
	"github.com/transparency-dev/tessera/api/layout"
	"github.com/transparency-dev/tessera/storage/posix"
	"golang.org/x/mod/sumdb/note"
	"k8s.io/klog/v2"
)

const (
	batchAge  = 200 * time.Microsecond // what is appended comes gathered; this is only the wait of a lone look
	batchSize = 256
)

// newKey makes a signing key for a log: the note forms of its private and its public half.
func newKey(origin string) (private, public string, err error) {
	return note.GenerateKey(rand.Reader, origin)
}

// quietly: the library tells of each start and each batch on the standard error. What goes wrong comes back as an error.
var quietly sync.Once

// tlog is the Merkle log in a folder. One goroutine at a time appends.
type tlog struct {
	dir     string
	tree    *tree
	add     tessera.AddFn
	close   func()
	cancel  func()        // ends it without a word
	pending chan struct{} // of an append that was not waited for; closed when it came back
	makeWay func() bool   // makes room on a full disk; false: there is none to make
	wayMade bool          // it has
	hangs   time.Duration // a disk that takes longer for an append hangs
}

// openLog opens the log in a folder, whose tree was checked, or begins one.
func openLog(dir, key string, t *tree, cover time.Duration) (*tlog, error) {
	quietly.Do(func() { klog.SetSlogLogger(slog.New(slog.DiscardHandler)) })
	signer, err := note.NewSigner(key)
	if err != nil {
		return nil, fmt.Errorf("the signing key: %w", err)
	}
	l := &tlog{dir: dir, tree: t, makeWay: func() bool { return false }, hangs: time.Second}
	if err := os.MkdirAll(l.path(stateFolder), 0o700); err != nil {
		return nil, err
	}
	if err := l.probe(); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	driver, err := posix.New(ctx, posix.Config{Path: dir})
	if err != nil {
		cancel()
		return nil, err
	}
	opts := tessera.NewAppendOptions().WithCheckpointSigner(ownRoots{signer, t}).WithBatching(batchSize, batchAge).
		WithCheckpointInterval(cover).WithGarbageCollectionInterval(time.Minute).WithShutdownTimeout(3 * time.Second)
	appender, shutdown, _, err := tessera.NewAppender(ctx, driver, opts)
	if err != nil {
		cancel()
		return nil, err
	}
	l.add, l.cancel = appender.Add, cancel
	l.close = func() {
		if l.pending == nil { // else the disk hangs: what it took is found at the next start
			_ = shutdown(ctx) // the entries are durable; only the log checkpoint may come at the next start
		}
		cancel()
	}
	return l, nil
}

const stateFolder = ".state"

func (l *tlog) path(name string) string { return filepath.Join(l.dir, filepath.FromSlash(name)) }

// probe does what the library ends the whole program for when it fails in the midst of an append.
func (l *tlog) probe() error {
	f, err := os.OpenFile(l.path(stateFolder+"/treeState.lock"), os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return err
	}
	return f.Close()
}

var (
	// errWrongPlace: the log has other entries than the rows.
	errWrongPlace = errors.New("the log gave an entry another place than its row has")
	errHangs      = errors.New("the disk of the ledger does not answer")
	errCameBack   = errors.New("the disk of the ledger answers again")
)

// append adds leaves in order, the first at a place, and waits until they are durable. After any error the log may have some of them, in
// another order too: compare before the next one.
func (l *tlog) append(ctx context.Context, first uint64, leaves [][]byte) error {
	if l.pending != nil {
		if err := l.wait(ctx, l.pending); err != nil {
			return err
		}
		l.pending = nil
		return errCameBack
	}
	if size := l.tree.size(); size != first {
		return fmt.Errorf("%w: %d, not %d", errWrongPlace, size, first)
	}
	next, err := l.tree.expect(leaves)
	if err != nil {
		return err
	}
	if err := l.probe(); err != nil {
		return err
	}
	l.forward()
	done := make(chan struct{})
	var bad error
	go func() {
		defer close(done)
		bad = l.addAll(ctx, first, leaves)
	}()
	if err := l.wait(ctx, done); err != nil {
		l.pending = done
		return err
	}
	if bad != nil {
		l.wayMade = noRoom(bad) && l.makeWay()
		return bad
	}
	state, err := readTreeState(l.dir)
	if err != nil {
		return err
	}
	if root, err := rootOf(next); err != nil || state.Size != next.End() || !bytes.Equal(state.Root, root) {
		return &Damage{-1, "the log's files were changed while it was written"}
	}
	l.tree.grown(next)
	return nil
}

func (l *tlog) addAll(ctx context.Context, first uint64, leaves [][]byte) error {
	futures := make([]tessera.IndexFuture, len(leaves))
	for i, b := range leaves {
		futures[i] = l.add(context.WithoutCancel(ctx), tessera.NewEntry(b))
	}
	var bad error
	for i, f := range futures {
		at, err := f()
		switch {
		case err != nil:
			bad = errors.Join(bad, err)
		case at.Index != first+uint64(i):
			bad = errors.Join(bad, fmt.Errorf("%w: %d, not %d", errWrongPlace, at.Index, first+uint64(i)))
		}
	}
	return bad
}

// wait waits for something that a disk does.
func (l *tlog) wait(ctx context.Context, done <-chan struct{}) error {
	hangs := time.NewTimer(l.hangs)
	defer hangs.Stop()
	select {
	case <-done:
		return nil
	case <-hangs.C:
		return errHangs
	case <-ctx.Done():
		return ctx.Err()
	}
}

// noRoom knows a full disk; on some ways the library gives its error as text only.
func noRoom(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || strings.Contains(err.Error(), syscall.ENOSPC.Error())
}

// forward dates a log checkpoint of the future now: the clock was set back, and until it got there again none would be published.
func (l *tlog) forward() {
	name := l.path(layout.CheckpointPath)
	now := time.Now()
	if info, err := os.Stat(name); err == nil && info.ModTime().After(now) {
		_ = os.Chtimes(name, now, now)
	}
}

// treeState is how far the log of a folder goes, log checkpoint or not.
type treeState struct {
	Size uint64 `json:"size"`
	Root []byte `json:"root"`
}

func readTreeState(dir string) (treeState, error) {
	var s treeState
	b, err := os.ReadFile(filepath.Join(dir, stateFolder, "treeState"))
	if err != nil {
		return s, err
	}
	if err := json.Unmarshal(b, &s); err != nil {
		return s, &Damage{-1, "the log's state cannot be read: " + err.Error()}
	}
	return s, nil
}

// keyHash tells a public key in few letters, for people who compare two.
func keyHash(public string) (string, error) {
	v, err := note.NewVerifier(public)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%08x", v.KeyHash()), nil
}
