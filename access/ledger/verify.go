package ledger

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"os"

	"github.com/transparency-dev/formats/log"
	"github.com/transparency-dev/merkle/compact"
	"github.com/transparency-dev/tessera/api/layout"
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
	Kept    int            // log checkpoints of earlier that hold too
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
// entry against the schema that it names. size is how far the log goes on beyond its checkpoint; 0 = unknown. kept are log checkpoints of
// earlier, which somebody kept: the log must begin with what they promised.
func Verify(ctx context.Context, files Files, public string, size uint64, kept ...[]byte) (Report, error) {
	old, err := openKept(kept, public)
	if err != nil {
		return Report{}, err
	}
	return verify(ctx, files, public, size, old, nil)
}

// openKept holds log checkpoints that somebody kept against the keys that the log had.
func openKept(kept [][]byte, keys ...string) (list []known, err error) {
	for _, raw := range kept {
		var cp log.Checkpoint
		for _, public := range keys {
			if cp, err = openCheckpoint(public, raw); err == nil {
				break
			}
		}
		if err != nil {
			return nil, fmt.Errorf("the log checkpoint that was kept: %w", err)
		}
		list = append(list, known{cp.Size, cp.Hash})
	}
	return list, nil
}

// eachEntry is told every entry in order, with the schema that it names; nil for a schema.
type eachEntry func(index uint64, raw []byte, l leaf, s *schema) error

func verify(ctx context.Context, files Files, public string, size uint64, kept []known, each eachEntry) (Report, error) {
	report := Report{Counts: map[string]int{}}
	raw, err := files(ctx, layout.CheckpointPath)
	if errors.Is(err, os.ErrNotExist) {
		return report, &Damage{-1, "there is no log checkpoint"}
	}
	if err != nil {
		return report, err
	}
	cp, err := openCheckpoint(public, raw)
	if err != nil {
		return report, err
	}
	report.Origin, report.Size, report.Root = cp.Origin, cp.Size, hex.EncodeToString(cp.Hash)
	size = max(size, cp.Size)
	report.Tail = size - cp.Size

	r := reading{files: files, size: size, schemas: map[string]*schema{}, report: &report, each: each, roots: map[uint64][]byte{cp.Size: nil}}
	for _, k := range kept {
		if k.size > size {
			return report, &Damage{-1, fmt.Sprintf("the log has %d entries, and had %d when the log checkpoint was kept", size, k.size)}
		}
		r.roots[k.size] = nil
	}
	if err := r.all(ctx); err != nil {
		return report, err
	}
	// The tiles too: the log goes on from them, so a wrong one would make every later root wrong.
	if err := newTiles(files, size).hold(ctx, r.hashes); err != nil {
		return report, err
	}
	if !bytes.Equal(r.roots[cp.Size], cp.Hash) {
		return report, &Damage{-1, "entries and tiles agree with each other, but not with the signed log checkpoint: the log was written anew"}
	}
	for _, k := range kept {
		if !bytes.Equal(r.roots[k.size], k.root) {
			return report, &Damage{-1, fmt.Sprintf("its first %d entries are not those of the log checkpoint that was kept: the log was written anew", k.size)}
		}
		report.Kept++
	}
	return report, nil
}

// reading goes through a log.
type reading struct {
	files   Files
	size    uint64
	schemas map[string]*schema // that stood before this entry, by hash
	newest  *schema
	hashes  [][]byte          // of all leaves
	roots   map[uint64][]byte // by how many entries: which are wanted
	report  *Report
	each    eachEntry
}

// all reads every entry, and calculates the roots that are wanted.
func (r *reading) all(ctx context.Context) error {
	done := trees.NewEmptyRange(0)
	if err := r.wanted(done); err != nil {
		return err
	}
	for at := uint64(0); at < r.size; {
		leaves, err := bundle(ctx, bundlesOf(r.files), at, r.size)
		if err != nil {
			return damaged(at, "%v", err)
		}
		for _, b := range leaves {
			h := leafHash(b)
			r.hashes = append(r.hashes, h)
			if err := done.Append(h, nil); err != nil {
				return err
			}
			if err := r.wanted(done); err != nil {
				return err
			}
			if err := r.leaf(at, b); err != nil {
				var d *Damage
				if errors.As(err, &d) {
					return err
				}
				return damaged(at, "%v", err)
			}
			at++
		}
	}
	return nil
}

// wanted calculates the root of what was read, if it is wanted.
func (r *reading) wanted(done *compact.Range) (err error) {
	if _, ok := r.roots[done.End()]; ok {
		r.roots[done.End()], err = rootOf(done)
	}
	return err
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
