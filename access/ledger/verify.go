package ledger

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"os"

	"github.com/transparency-dev/formats/log"
	"github.com/transparency-dev/tessera/api/layout"
	"golang.org/x/mod/sumdb/note"
)

// Files gives the files of a log by their path in the layout; what is not there is os.ErrNotExist.
type Files func(ctx context.Context, path string) ([]byte, error)

// Report is what a verification found.
type Report struct {
	Origin  string
	Size    uint64 // entries that the log checkpoint covers, and that hold
	Tail    uint64 // entries after it, not yet covered
	Root    string // of the log checkpoint, hex
	Counts  map[string]int
	Schemas []SchemaChange // after the first; an operator could have left a column out
	Lost    int            // private parts that were lost with the database, as entries of the log say
}

// SchemaChange is an entry from which on entries may have other columns.
type SchemaChange struct {
	Entry uint64
	Lost  []string // kinds, and columns as kind.column, that it has no more, or as another type
}

// Damage is an entry, or a file, that is not what the log checkpoint promises.
type Damage struct {
	Entry int64 // -1: not one entry
	What  string
}

func (d *Damage) Error() string {
	if d.Entry < 0 {
		return d.What
	}
	return fmt.Sprintf("entry %d: %s", d.Entry, d.What)
}

func damaged(entry uint64, format string, args ...any) error {
	return &Damage{int64(entry), fmt.Sprintf(format, args...)}
}

// Verify reads a whole log: the signature of its log checkpoint, every entry against the tree, every tile against the entries, and every
// entry against the schema that it names. size is how far the log goes on beyond its checkpoint; 0 = unknown.
func Verify(ctx context.Context, files Files, public string, size uint64) (Report, error) {
	return verify(ctx, files, public, size, nil)
}

// eachEntry is told every entry in order, with the schema that it names; nil for a schema.
type eachEntry func(index uint64, raw []byte, l leaf, s *schema) error

func verify(ctx context.Context, files Files, public string, size uint64, each eachEntry) (Report, error) {
	report := Report{Counts: map[string]int{}}
	verifier, err := note.NewVerifier(public)
	if err != nil {
		return report, fmt.Errorf("the log's public key: %w", err)
	}
	raw, err := files(ctx, layout.CheckpointPath)
	if errors.Is(err, os.ErrNotExist) {
		return report, &Damage{-1, "there is no log checkpoint"}
	}
	if err != nil {
		return report, err
	}
	cp, _, _, err := log.ParseCheckpoint(raw, verifier.Name(), verifier)
	if err != nil {
		return report, &Damage{-1, "the log checkpoint is not signed by this log's key: " + err.Error()}
	}
	report.Origin, report.Size, report.Root = cp.Origin, cp.Size, hex.EncodeToString(cp.Hash)
	size = max(size, cp.Size)
	report.Tail = size - cp.Size

	r := reading{files: files, size: size, schemas: map[string]*schema{}, report: &report, each: each}
	root, err := r.all(ctx, cp.Size)
	if err != nil {
		return report, err
	}
	// The tiles too: the log goes on from them, so a wrong one would make every later root wrong.
	if err := newTiles(files, size).hold(ctx, r.hashes); err != nil {
		return report, err
	}
	if !bytes.Equal(root, cp.Hash) {
		return report, &Damage{-1, "entries and tiles agree with each other, but not with the signed log checkpoint: the log was written anew"}
	}
	return report, nil
}

// reading goes through a log.
type reading struct {
	files   Files
	size    uint64
	schemas map[string]*schema // that stood before this entry, by hash
	newest  *schema
	hashes  [][]byte // of all leaves
	report  *Report
	each    eachEntry
}

// all reads every entry, and gives the root of the first n.
func (r *reading) all(ctx context.Context, n uint64) ([]byte, error) {
	covered := trees.NewEmptyRange(0)
	for at := uint64(0); at < r.size; {
		leaves, err := bundle(ctx, bundlesOf(r.files), at, r.size)
		if err != nil {
			return nil, damaged(at, "%v", err)
		}
		for _, b := range leaves {
			h := leafHash(b)
			r.hashes = append(r.hashes, h)
			if at < n {
				if err := covered.Append(h, nil); err != nil {
					return nil, err
				}
			}
			if err := r.leaf(at, b); err != nil {
				var d *Damage
				if errors.As(err, &d) {
					return nil, err
				}
				return nil, damaged(at, "%v", err)
			}
			at++
		}
	}
	return rootOf(covered)
}

// leaf holds one entry against the schema that it names.
func (r *reading) leaf(at uint64, b []byte) error {
	l, err := read(b)
	if err != nil {
		return err
	}
	r.report.Counts[l.Kind]++
	if l.Kind == schemaKind {
		s, err := readSchema(l.Row)
		if err != nil {
			return err
		}
		if l.Schema != "" || l.Private != "" || l.Journal != 0 {
			return errors.New("it is a schema, and says more than one")
		}
		if r.newest != nil {
			r.report.Schemas = append(r.report.Schemas, SchemaChange{at, s.lost(r.newest)})
		}
		r.schemas[s.hash], r.newest = s, s
		return r.tell(at, b, l, nil)
	}
	if at == 0 {
		return errors.New("the first entry is not a schema")
	}
	s := r.schemas[l.Schema]
	if s == nil {
		return fmt.Errorf("it names a schema that does not stand before it: %q", l.Schema)
	}
	row, err := readRow(l.Row)
	if err != nil {
		return err
	}
	if err := s.check(l.Kind, row); err != nil {
		return err
	}
	if (len(s.Kinds[l.Kind].Private) > 0) != (l.Private != "") {
		return fmt.Errorf("%s: a private part that is not there, or none that should be", l.Kind)
	}
	return r.tell(at, b, l, s)
}

func (r *reading) tell(at uint64, b []byte, l leaf, s *schema) error {
	if r.each == nil {
		return nil
	}
	return r.each(at, b, l, s)
}
