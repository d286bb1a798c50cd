package ledger

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/transparency-dev/formats/log"
	"github.com/transparency-dev/merkle/compact"
	"github.com/transparency-dev/tessera/api/layout"

	"linli.dev/linli/store"
)

// recovered is the entry that tells of a loss and how it was made good.
func recovered(at time.Time, change string, from, to int64, key string) Entry {
	return Entry{Kind: "ledger.recovered", At: at, Row: Row{"change": change, "from": from, "to": to, "key": key}}
}

// signerOf names who signed a checkpoint, as it says itself: first line, and the last word's first letters.
func signerOf(checkpoint []byte) string {
	for _, line := range strings.Split(string(checkpoint), "\n") {
		if rest, ok := strings.CutPrefix(line, "— "); ok {
			name, sig, _ := strings.Cut(rest, " ")
			return name + " " + sig[:min(len(sig), 6)]
		}
	}
	return ""
}

// openChecked opens the log after its files were held against the signed log checkpoint: whatever is appended is built on them. Files that
// were damaged are written anew from the rows if the rows give the signed root; else nothing is appended, so that nothing false is signed.
func (l *Ledger) openChecked(ctx context.Context, state stateRow, k known, key string) (*tlog, *Entry, error) {
	var told *Entry
	done, err := l.checkFolder(ctx, state, k)
	var d *Damage
	if errors.As(err, &d) {
		n, rowsErr := l.rowsGive(ctx, state, k)
		if rowsErr != nil {
			return nil, nil, fmt.Errorf("%w (%w)", err, rowsErr)
		}
		aside := l.aside("damaged")
		if err := os.Rename(l.dir(), aside); err != nil && !errors.Is(err, os.ErrNotExist) {
			return nil, nil, err
		}
		l.out.Error("the ledger's files were damaged: they are written anew from the rows, to the root that was signed", "damage", d.Error(), "folder", aside)
		e := recovered(l.opt.Now(), "files-rebuilt", 0, int64(n), "")
		told, done, err = &e, trees.NewEmptyRange(0), nil
	}
	if err != nil {
		return nil, nil, err
	}
	t := &tree{}
	if err := t.set(done); err != nil {
		return nil, nil, err
	}
	opened, err := openLog(l.dir(), key, t, l.opt.Cover)
	return opened, told, err
}

// checkFolder holds the files that the next append builds on against each other, the log checkpoint and what the database knew: the tiles at
// the right edge, and the bundles since the rows were last compared. It gives the tree that they make. What does not hold is Damage.
func (l *Ledger) checkFolder(ctx context.Context, state stateRow, k known) (*compact.Range, error) {
	files := FolderFiles(l.opt.Dir)
	cp, err := l.checkpoint(ctx, state)
	if err != nil {
		return nil, err
	}
	tree, err := readTreeState(l.dir())
	if errors.Is(err, os.ErrNotExist) && cp.Size == 0 && k.size == 0 {
		return trees.NewEmptyRange(0), nil
	}
	if err != nil {
		return nil, asDamage(err)
	}
	if most := max(cp.Size, k.size); most > tree.Size {
		return nil, &Damage{-1, fmt.Sprintf("the log has %d entries, and had %d", tree.Size, most)}
	}
	t := newTiles(files, tree.Size)
	done, err := t.prefix(ctx, tree.Size)
	if err != nil {
		return nil, asDamage(err)
	}
	if root, err := rootOf(done); err != nil || !bytes.Equal(root, tree.Root) {
		return nil, &Damage{-1, "the tiles of the log do not give the root of its state"}
	}
	for _, p := range promises(cp, k) {
		then, err := t.prefix(ctx, p.size)
		if err != nil {
			return nil, asDamage(err)
		}
		if root, err := rootOf(then); err != nil || !bytes.Equal(root, p.root) {
			return nil, &Damage{-1, fmt.Sprintf("the tiles of the log do not give the root that it had with %d entries", p.size)}
		}
	}
	for at := compareFrom(uint64(state.Size), tree.Size); at < tree.Size; {
		leaves, err := bundle(ctx, bundlesOf(files), at, tree.Size)
		if err != nil {
			return nil, asDamage(err)
		}
		hashes, err := t.tile(ctx, 0, at/layout.TileWidth)
		if err != nil {
			return nil, asDamage(err)
		}
		for _, b := range leaves {
			i := int(at%layout.TileWidth) * len(tree.Root)
			if !bytes.Equal(leafHash(b), hashes[i:i+len(tree.Root)]) {
				return nil, damaged(at, "it is not what the log had there")
			}
			at++
		}
	}
	return done, nil
}

// promises are what log files and rows must give, by size: the tree that the database knew, and the one that was signed.
func promises(cp log.Checkpoint, k known) (list []known) {
	for _, p := range []known{k, {cp.Size, cp.Hash}} {
		if p.size > 0 {
			list = append(list, p)
		}
	}
	slices.SortFunc(list, func(a, b known) int { return cmp.Compare(a.size, b.size) })
	return list
}

// compareFrom is where comparing begins: at the bundle in which the part that was compared before ends.
func compareFrom(compared, size uint64) uint64 {
	at := min(compared, size)
	if at > 0 && at == size {
		at--
	}
	return at - at%layout.EntryBundleWidth
}

// checkpoint reads the published log checkpoint; without one it is of no entries. The key before may have signed it, if it was lost.
func (l *Ledger) checkpoint(ctx context.Context, state stateRow) (log.Checkpoint, error) {
	raw, err := FolderFiles(l.opt.Dir)(ctx, layout.CheckpointPath)
	if errors.Is(err, os.ErrNotExist) {
		return log.Checkpoint{}, nil
	}
	if err != nil {
		return log.Checkpoint{}, err
	}
	for _, public := range []string{state.Public, state.Before} {
		if public == "" {
			continue
		}
		cp, err := openCheckpoint(public, raw)
		if err == nil {
			return cp, nil
		}
		var d *Damage
		if !errors.As(err, &d) {
			return cp, err
		}
	}
	return log.Checkpoint{}, errForeignCheckpoint
}

var errForeignCheckpoint = &Damage{-1, "the log checkpoint is not signed by this log's key"}

// rowsGive tells whether the rows make the tree that was signed, and that the database knew, and of how many entries.
func (l *Ledger) rowsGive(ctx context.Context, state stateRow, k known) (uint64, error) {
	cp, err := l.checkpoint(ctx, state)
	if err != nil {
		return 0, err // whose log this is cannot be told: somebody must look
	}
	list := promises(cp, k)
	if len(list) == 0 { // cut off in its first second
		state, err := readTreeState(l.dir())
		if err != nil {
			return 0, err
		}
		list = []known{{state.Size, state.Root}}
	}
	done := trees.NewEmptyRange(0)
	for _, p := range list {
		for done.End() < p.size {
			rows, err := rowsFrom(ctx, l.db, int64(done.End()), int(min(batchSize, p.size-done.End())))
			if err != nil {
				return 0, err
			}
			if len(rows) == 0 {
				return 0, fmt.Errorf("the rows end at %d", done.End())
			}
			for _, r := range rows {
				if r.Index != int64(done.End()) {
					return 0, fmt.Errorf("the row of entry %d is missing", done.End())
				}
				if err := done.Append(leafHash([]byte(r.Leaf)), nil); err != nil {
					return 0, err
				}
			}
		}
		if have, err := rootOf(done); err != nil || !bytes.Equal(have, p.root) {
			return 0, fmt.Errorf("the rows do not give the root that the log had with %d entries either", p.size)
		}
	}
	return done.End(), nil
}

// asDamage keeps a disk that cannot be read apart from files that say something false or are gone.
func asDamage(err error) error {
	var d *Damage
	var p *fs.PathError
	if errors.As(err, &d) || errors.As(err, &p) && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return &Damage{-1, err.Error()}
}

// settle makes rows and log agree, writes the notes of what was made good, and has the schema of this program in the log.
func (l *Ledger) settle(ctx context.Context, state stateRow, notes []Entry) error {
	more, err := l.compare(ctx, state)
	if err != nil {
		return err
	}
	var rows []entryRow
	last, found, err := newest(ctx, l.db, schemaKind)
	if err != nil {
		return err
	}
	same := false
	if found {
		was, err := read([]byte(last.Leaf))
		same = err == nil && bytes.Equal(was.Row, l.schema.text)
	}
	if !same {
		at := l.opt.Now()
		b, err := leaf{At: at, Kind: schemaKind, Row: l.schema.text, Unconfirmed: l.inDoubt()}.bytes()
		if err != nil {
			return err
		}
		rows = append(rows, entryRow{AtUS: store.Micros(at), Kind: schemaKind, Leaf: string(b)})
	}
	for _, e := range append(notes, more...) {
		rows = append(rows, l.row(e, 0))
	}
	if rows, err = l.once(ctx, rows); err != nil {
		return err
	}
	m, err := l.mark(state)
	if err != nil {
		return err
	}
	if err := put(ctx, l.db, rows, 0, m); err != nil {
		return err
	}
	return l.appendRows(ctx)
}

// compare finds the row of each leaf since the last comparison. Rows take the log's order; a leaf without a row (an older copy of the
// database was put back) is read into one, its private part is gone; a row without a leaf comes after them, and is appended. It gives what
// is to be told of it.
func (l *Ledger) compare(ctx context.Context, state stateRow) ([]Entry, error) {
	size := int64(l.log.tree.size())
	rows, err := rowCount(ctx, l.db)
	if err != nil {
		return nil, err
	}
	at := int64(compareFrom(uint64(min(state.Size, rows)), uint64(size)))
	for at < min(size, rows) {
		leaves, err := l.leaves(ctx, uint64(at), uint64(size))
		if err != nil {
			return nil, err
		}
		have, err := rowsFrom(ctx, l.db, at, len(leaves))
		if err != nil {
			return nil, err
		}
		same := 0
		for same < min(len(leaves), len(have)) && have[same].Index == at+int64(same) && have[same].Leaf == string(leaves[same]) {
			same++
		}
		at += int64(same)
		if same < len(leaves) {
			break
		}
	}
	if at >= size {
		return nil, nil // put writes the size down
	}
	return l.merge(ctx, state, at, size)
}

// merge gives rows the places that the log has, from one on.
func (l *Ledger) merge(ctx context.Context, state stateRow, at, size int64) ([]Entry, error) {
	have, err := rowsFrom(ctx, l.db, at, 1<<30)
	if err != nil {
		return nil, err
	}
	byLeaf := map[string][]int{}
	for i, r := range have {
		byLeaf[r.Leaf] = append(byLeaf[r.Leaf], i)
	}
	last, err := l.db.LastSeq(ctx)
	if err != nil {
		return nil, err
	}
	var list []entryRow
	var tell []Entry
	taken := map[int]bool{}
	lost, from, to, journal := 0, int64(-1), int64(0), state.Journal
	for i := at; i < size; {
		leaves, err := l.leaves(ctx, uint64(i), uint64(size))
		if err != nil {
			return nil, err
		}
		for _, b := range leaves {
			if mine := byLeaf[string(b)]; len(mine) > 0 {
				byLeaf[string(b)] = mine[1:]
				taken[mine[0]] = true
				list = append(list, have[mine[0]])
				i++
				continue
			}
			row, columns, err := l.made(i, b)
			if err != nil {
				return nil, err
			}
			if row.Journal <= last { // later numbers are given anew, to other changes
				journal = max(journal, row.Journal)
			}
			list = append(list, row)
			if e, ok := l.opt.Unended(row.Kind, columns); ok {
				tell = append(tell, e)
			}
			if from < 0 {
				from = i
			}
			lost++
			i++
			to = i
		}
	}
	for i, r := range have {
		if !taken[i] && r.Index >= state.Size { // one that was durable before, and is not what the log has, was changed in the database
			list = append(list, r)
		}
	}
	for i := range list {
		list[i].Index = at + int64(i)
	}
	m, err := l.mark(state)
	if err != nil {
		return nil, err
	}
	err = l.db.Change(ctx, func(ctx context.Context, tx *store.Tx) error {
		if _, err := tx.ExecContext(ctx, "DELETE FROM ledger_entries WHERE idx >= ?", at); err != nil {
			return err
		}
		for some := range slices.Chunk(list, 200) {
			if _, err := tx.NewInsert().Model(&some).Exec(ctx); err != nil {
				return err
			}
		}
		return moveState(ctx, tx, journal, m)
	})
	if err != nil {
		return nil, err
	}
	if lost > 0 {
		l.out.Error("entries that the database had lost were read from the log", "from", from, "to", to, "entries", lost)
		tell = append([]Entry{recovered(l.opt.Now(), "rows-read", from, to, "")}, tell...)
	} else {
		l.out.Warn("the rows took the log's order", "from", at, "to", size)
	}
	return tell, nil
}

// made reads a leaf that stands in the log into a row without its private part, which the log does not have.
func (l *Ledger) made(index int64, b []byte) (entryRow, Row, error) {
	f, err := read(b)
	if err != nil {
		return entryRow{}, nil, damaged(uint64(index), "%v", err)
	}
	row := entryRow{Index: index, Journal: f.Journal, AtUS: store.Micros(f.At), Kind: f.Kind, Leaf: string(b)}
	if f.Kind == schemaKind {
		return row, nil, nil
	}
	columns, err := readRow(f.Row)
	if err != nil {
		return entryRow{}, nil, damaged(uint64(index), "%v", err)
	}
	row.Subject = l.schema.subject(f.Kind, columns)
	return row, columns, nil
}

// once leaves out what there is one of for each thing, and what has one already: the end of a look.
func (l *Ledger) once(ctx context.Context, rows []entryRow) ([]entryRow, error) {
	out := rows[:0:0]
	for _, r := range rows {
		if r.Kind == "look.ended" && r.Subject != "" {
			n, err := l.db.NewSelect().Model((*entryRow)(nil)).Where("subject = ?", r.Subject).Where("kind = ?", r.Kind).Count(ctx)
			if err != nil {
				return nil, err
			}
			if n > 0 || slices.ContainsFunc(out, func(o entryRow) bool { return o.Kind == r.Kind && o.Subject == r.Subject }) {
				continue
			}
		}
		out = append(out, r)
	}
	return out, nil
}

// leaves reads entries from one place on, as far as their bundle goes; size is how many there are.
func (l *Ledger) leaves(ctx context.Context, from, size uint64) ([][]byte, error) {
	return bundle(ctx, bundlesOf(FolderFiles(l.opt.Dir)), from, size)
}

// appendRows appends what the rows have beyond the log. Call it with the log open.
func (l *Ledger) appendRows(ctx context.Context) error {
	for {
		size := l.log.tree.size()
		rows, err := rowsFrom(ctx, l.db, int64(size), batchSize)
		if err != nil {
			return err
		}
		if len(rows) == 0 {
			l.tell(func() { l.size = size })
			return nil
		}
		leaves := make([][]byte, len(rows))
		for i, r := range rows {
			if r.Index != int64(size)+int64(i) {
				return fmt.Errorf("the row of entry %d is missing", int64(size)+int64(i))
			}
			leaves[i] = []byte(r.Leaf)
		}
		if err := l.log.append(ctx, size, leaves); err != nil {
			return err
		}
	}
}
