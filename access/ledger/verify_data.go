package ledger

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"time"

	"linli.dev/linli/store"
)

// FolderFiles gives the files of the log of a data folder.
func FolderFiles(data string) Files {
	return func(_ context.Context, name string) ([]byte, error) {
		return os.ReadFile(filepath.Join(data, folder, filepath.FromSlash(name)))
	}
}

// VerifyData verifies the log of a data folder, beside a running server or without one, and each row of the database against it: none
// may be missing or say something else, and each private part must open with its salt, fit its schema, and be there until its time is over.
// public is the key that somebody wrote down before; "": the database's own. kept is as for Verify. It writes nothing.
func VerifyData(ctx context.Context, db *store.DB, data, public string, kept ...[]byte) (Report, error) {
	state, begun, err := readState(ctx, db)
	if err != nil && store.IsNoTable(err) {
		begun, err = false, nil
	}
	if err != nil {
		return Report{}, err
	}
	if !begun {
		return Report{}, &Damage{-1, "there is no ledger yet"}
	}
	if public == "" {
		public = state.Public
	}
	tree, err := readTreeState(filepath.Join(data, folder))
	if errors.Is(err, os.ErrNotExist) {
		return Report{}, &Damage{-1, "the data folder has no log"}
	}
	if err != nil {
		return Report{}, err
	}
	keys := []string{public}
	if state.Before != "" { // which was lost, and the log says so
		keys = append(keys, state.Before)
	}
	old, err := openKept(kept, keys...)
	if err != nil {
		return Report{}, err
	}
	r := rowReading{db: db, now: store.Micros(time.Now())}
	report, err := verify(ctx, FolderFiles(data), public, tree.Size, old, func(index uint64, raw []byte, l leaf, s *schema) error {
		return r.row(ctx, index, raw, l, s)
	})
	if err == nil {
		report.Lost, err = r.missing()
	}
	return report, err
}

// rowReading goes through the rows beside the log.
type rowReading struct {
	db    *store.DB
	now   int64
	rows  []entryRow
	gone  []gonePart  // private parts that are not there before their time
	due   uint64      // after the last entry whose private part was due; those of before it that nobody could date are due with it
	spans [][2]uint64 // that were read back from the log, as its entries say
}

type gonePart struct {
	index   uint64
	undated bool // when it was nobody knew
}

func (r *rowReading) row(ctx context.Context, index uint64, raw []byte, l leaf, s *schema) error {
	var err error
	if len(r.rows) == 0 {
		if r.rows, err = rowsFrom(ctx, r.db, int64(index), batchSize); err != nil {
			return err
		}
	}
	if len(r.rows) == 0 || r.rows[0].Index != int64(index) {
		return damaged(index, "its row is missing in the database")
	}
	row := r.rows[0]
	r.rows = r.rows[1:]
	want := entryRow{Index: row.Index, Journal: l.Journal, AtUS: store.Micros(l.At), Kind: l.Kind, Leaf: string(raw), Salt: row.Salt, Private: row.Private}
	if s != nil {
		columns, err := readRow(l.Row)
		if err != nil {
			return err
		}
		want.Subject = s.subject(l.Kind, columns)
		want.ExpiresUS = s.expires(l.Kind, l.At, l.Private != "")
		if l.Kind == "ledger.recovered" && columns["change"] == "rows-read" {
			from, _ := columns["from"].(int64)
			to, _ := columns["to"].(int64)
			r.spans = append(r.spans, [2]uint64{uint64(from), uint64(to)})
		}
	}
	readBack := l.Private != "" && row.Salt == "" && row.ExpiresUS == 0
	if readBack {
		want.ExpiresUS = 0
	}
	if row != want {
		return damaged(index, "its row in the database says something else")
	}
	switch {
	case l.Private == "":
		if row.Salt != "" || row.Private != "" {
			return damaged(index, "its row has a private part that the log knows nothing of")
		}
	case row.Salt != "":
		if err := openPrivate(l, row.Salt, row.Private); err != nil {
			return damaged(index, "%v", err)
		}
		private, err := readRow([]byte(row.Private))
		if err != nil {
			return damaged(index, "its private part: %v", err)
		}
		if err := s.checkPrivate(l.Kind, private); err != nil {
			return damaged(index, "%v", err)
		}
	case row.Private != "":
		return damaged(index, "its private part has no salt")
	case readBack || l.Unconfirmed || row.ExpiresUS > r.now:
		r.gone = append(r.gone, gonePart{index, l.Unconfirmed})
	}
	if l.Private != "" && !l.Unconfirmed && row.ExpiresUS > 0 && row.ExpiresUS <= r.now {
		r.due = index + 1
	}
	return nil
}

// missing counts private parts that are not there before their time: those of entries that were read back from the log, which says so. Any
// other was taken away.
func (r *rowReading) missing() (lost int, err error) {
	for _, g := range r.gone {
		found := false
		for _, s := range r.spans {
			found = found || g.index >= s[0] && g.index < s[1]
		}
		switch {
		case found:
			lost++
		case !g.undated || g.index >= r.due:
			return 0, damaged(g.index, "its private part was taken away before its time")
		}
	}
	return lost, nil
}
