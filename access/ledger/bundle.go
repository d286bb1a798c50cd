package ledger

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"

	"github.com/transparency-dev/tessera/api/layout"
)

// fetchBundle gives an entry bundle of the layout; p is how many entries it has, 0 for all 256.
type fetchBundle func(ctx context.Context, index uint64, p uint8) ([]byte, error)

// bundlesOf reads bundles from the files of a log.
func bundlesOf(files Files) fetchBundle {
	return func(ctx context.Context, index uint64, p uint8) ([]byte, error) {
		b, err := files(ctx, layout.EntriesPath(index, p))
		if errors.Is(err, os.ErrNotExist) && p > 0 { // it has grown full since
			return files(ctx, layout.EntriesPath(index, 0))
		}
		return b, err
	}
}

// bundle reads the entries from one place to the end of their bundle, or of the log.
func bundle(ctx context.Context, fetch fetchBundle, from, size uint64) ([][]byte, error) {
	index := from / layout.EntryBundleWidth
	b, err := fetch(ctx, index, layout.PartialTileSize(0, index, size))
	if err != nil {
		return nil, fmt.Errorf("the entries from %d on: %w", index*layout.EntryBundleWidth, err)
	}
	all, err := split(b)
	if err != nil {
		return nil, fmt.Errorf("the entries from %d on: %w", index*layout.EntryBundleWidth, err)
	}
	want := min(layout.EntryBundleWidth, size-index*layout.EntryBundleWidth)
	if uint64(len(all)) < want {
		return nil, fmt.Errorf("the entries from %d on: %d are there, not %d", index*layout.EntryBundleWidth, len(all), want)
	}
	return all[from%layout.EntryBundleWidth : want], nil
}

// split takes a bundle apart: each entry has its length in front, in two bytes.
func split(b []byte) ([][]byte, error) {
	var out [][]byte
	for len(b) > 0 {
		if len(b) < 2 {
			return nil, fmt.Errorf("a bundle ends within a length")
		}
		n := int(binary.BigEndian.Uint16(b))
		if len(b)-2 < n {
			return nil, fmt.Errorf("a bundle ends within an entry")
		}
		out = append(out, b[2:2+n])
		b = b[2+n:]
	}
	return out, nil
}
