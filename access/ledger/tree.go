package ledger

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"sync"

	"github.com/transparency-dev/formats/log"
	"github.com/transparency-dev/merkle/compact"
	"github.com/transparency-dev/merkle/rfc6962"
	"github.com/transparency-dev/tessera/api/layout"
	"golang.org/x/mod/sumdb/note"
)

var trees = &compact.RangeFactory{Hash: rfc6962.DefaultHasher.HashChildren}

func leafHash(leaf []byte) []byte { return rfc6962.DefaultHasher.HashLeaf(leaf) }

// rootOf is the root of a tree; without entries it is that of an empty one.
func rootOf(r *compact.Range) ([]byte, error) {
	if r.End() == 0 {
		return rfc6962.DefaultHasher.EmptyRoot(), nil
	}
	return r.GetRootHash(nil)
}

// tree is the log's tree as this program calculated it from what it appended. The key signs no other root: whoever edits the files below
// gets no signature for what comes of it.
type tree struct {
	mu     sync.Mutex
	done   *compact.Range    // of the entries that are durable
	roots  map[uint64][]byte // that may be signed, by size
	before map[uint64][]byte // the same of the append before: its log checkpoint may still be due
}

// set begins with a tree whose files were checked.
func (t *tree) set(r *compact.Range) error {
	root, err := rootOf(r)
	if err != nil {
		return err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.done, t.roots, t.before = r, map[uint64][]byte{r.End(): root}, map[uint64][]byte{0: rfc6962.DefaultHasher.EmptyRoot()}
	return nil
}

// expect allows the roots that come of appending leaves in this order, however many of them become durable. It gives the tree with all.
func (t *tree) expect(leaves [][]byte) (*compact.Range, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	next, err := trees.NewRange(0, t.done.End(), slices.Clone(t.done.Hashes()))
	if err != nil {
		return nil, err
	}
	now, err := rootOf(next)
	if err != nil {
		return nil, err
	}
	roots := map[uint64][]byte{next.End(): now}
	for _, b := range leaves {
		if err := next.Append(leafHash(b), nil); err != nil {
			return nil, err
		}
		if roots[next.End()], err = rootOf(next); err != nil {
			return nil, err
		}
	}
	t.before = t.roots
	t.roots = roots
	return next, nil
}

// grown says that the leaves expected are durable.
func (t *tree) grown(next *compact.Range) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.done = next
}

func (t *tree) size() uint64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.done.End()
}

// known is its size and root.
func (t *tree) known() (known, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	root, err := rootOf(t.done)
	return known{t.done.End(), root}, err
}

// knows tells whether a tree of this size has this root.
func (t *tree) knows(size uint64, root []byte) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, roots := range []map[uint64][]byte{t.roots, t.before} {
		if was, ok := roots[size]; ok {
			return bytes.Equal(was, root)
		}
	}
	return false
}

// ownRoots signs what the tree knows.
type ownRoots struct {
	note.Signer
	tree *tree
}

var errForeignRoot = errors.New("the log's files have another root than what was appended: no log checkpoint is signed")

func (s ownRoots) Sign(msg []byte) ([]byte, error) {
	var cp log.Checkpoint
	if _, err := cp.Unmarshal(msg); err != nil {
		return nil, err
	}
	if !s.tree.knows(cp.Size, cp.Hash) {
		return nil, errForeignRoot
	}
	return s.Signer.Sign(msg)
}

// tiles reads the hash tiles of a log of some size, which may be larger than the tree that is asked for.
type tiles struct {
	files Files
	size  uint64
	read  map[string][]byte
}

func newTiles(files Files, size uint64) *tiles {
	return &tiles{files: files, size: size, read: map[string][]byte{}}
}

// tile gives the hashes of a tile, one after the other.
func (t *tiles) tile(ctx context.Context, level, index uint64) ([]byte, error) {
	p := layout.PartialTileSize(level, index, t.size)
	name := layout.TilePath(level, index, p)
	if b, ok := t.read[name]; ok {
		return b, nil
	}
	b, err := t.files(ctx, name)
	if errors.Is(err, os.ErrNotExist) && p > 0 { // it has grown full since
		if b, err = t.files(ctx, layout.TilePath(level, index, 0)); err == nil && len(b) > int(p)*sha256.Size {
			b = b[:int(p)*sha256.Size]
		}
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	want := int(p)
	if p == 0 {
		want = layout.TileWidth
	}
	if len(b) != want*sha256.Size {
		return nil, fmt.Errorf("%s has %d bytes, not %d", name, len(b), want*sha256.Size)
	}
	t.read[name] = b
	return b, nil
}

// prefix is the tree of the first n entries as the tiles have it. It reads the tiles at its right edge only.
func (t *tiles) prefix(ctx context.Context, n uint64) (*compact.Range, error) {
	var hashes [][]byte
	for _, id := range compact.RangeNodes(0, n, nil) {
		level := uint64(id.Level) / layout.TileHeight
		width := uint64(1) << (uint64(id.Level) % layout.TileHeight) // of its hashes in that tile
		first := id.Index * width
		b, err := t.tile(ctx, level, first/layout.TileWidth)
		if err != nil {
			return nil, err
		}
		at := int(first%layout.TileWidth) * sha256.Size
		if at+int(width)*sha256.Size > len(b) {
			return nil, fmt.Errorf("the tile of the entries before %d is too short", n)
		}
		sub := trees.NewEmptyRange(0)
		for h := range slices.Chunk(b[at:at+int(width)*sha256.Size], sha256.Size) {
			if err := sub.Append(h, nil); err != nil {
				return nil, err
			}
		}
		h, err := sub.GetRootHash(nil)
		if err != nil {
			return nil, err
		}
		hashes = append(hashes, h)
	}
	return trees.NewRange(0, n, hashes)
}

// hold compares every tile of the layout with what the leaf hashes make of it.
func (t *tiles) hold(ctx context.Context, hashes [][]byte) error {
	for level := uint64(0); len(hashes) > 0; level++ {
		var up [][]byte
		for index, have := range slices.Collect(slices.Chunk(hashes, layout.TileWidth)) {
			b, err := t.tile(ctx, level, uint64(index))
			if err != nil {
				return &Damage{-1, "a tile cannot be read: " + err.Error()}
			}
			if want := bytes.Join(have, nil); !bytes.Equal(b, want) {
				for i := range have {
					if !bytes.Equal(b[i*sha256.Size:(i+1)*sha256.Size], have[i]) {
						if level == 0 {
							return damaged(uint64(index)*layout.TileWidth+uint64(i), "it is not what the log had there")
						}
						return &Damage{-1, fmt.Sprintf("the tile %s is not that of the entries below it", layout.TilePath(level, uint64(index), layout.PartialTileSize(level, uint64(index), t.size)))}
					}
				}
			}
			if len(have) == layout.TileWidth {
				sub := trees.NewEmptyRange(0)
				for _, h := range have {
					if err := sub.Append(h, nil); err != nil {
						return err
					}
				}
				h, err := sub.GetRootHash(nil)
				if err != nil {
					return err
				}
				up = append(up, h)
			}
		}
		maps.DeleteFunc(t.read, func(string, []byte) bool { return true })
		hashes = up
	}
	return nil
}
