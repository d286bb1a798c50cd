package pairing

import (
	"context"
	"slices"

	"github.com/uptrace/bun"

	"linli.dev/linli/fault"
	"linli.dev/linli/people/place"
	"linli.dev/linli/store"
)

type fileRow struct {
	bun.BaseModel `bun:"table:help_files"`

	ID          FileID   `bun:"id,pk"`
	Entry       EntryID  `bun:"entry"`
	Pairing     ID       `bun:"pairing"`
	Compound    place.ID `bun:"compound"`
	Kind        FileKind `bun:"kind"`
	Name        string   `bun:"name"`
	Media       string   `bun:"media"`
	Size        int64    `bun:"size"`
	Hash        string   `bun:"hash"`
	Sent        string   `bun:"sent_hash"`
	Width       int      `bun:"width"`
	Height      int      `bun:"height"`
	KnownUS     int64    `bun:"known_us"`
	By          string   `bun:"by_account"`
	WithdrawnUS int64    `bun:"withdrawn_known_us"`
	WithdrawnBy string   `bun:"withdrawn_by"`
	Why         string   `bun:"withdrawn_note"`
}

type bytesRow struct {
	bun.BaseModel `bun:"table:help_file_bytes"`

	Hash  string `bun:"hash,pk"`
	Bytes []byte `bun:"bytes"`
}

func (r *fileRow) file() File {
	return File{
		ID: r.ID, Entry: r.Entry, Pairing: r.Pairing, Compound: r.Compound, Kind: r.Kind, Name: r.Name, Media: r.Media, Size: r.Size, Hash: r.Hash, Sent: r.Sent,
		Width: r.Width, Height: r.Height, Known: store.Time(r.KnownUS), By: r.By, Withdrawn: timeOrNil(r.WithdrawnUS), Why: r.Why, EndedBy: r.WithdrawnBy,
	}
}

func (f *File) row() fileRow {
	return fileRow{
		ID: f.ID, Entry: f.Entry, Pairing: f.Pairing, Compound: f.Compound, Kind: f.Kind, Name: f.Name, Media: f.Media, Size: f.Size, Hash: f.Hash, Sent: f.Sent,
		Width: f.Width, Height: f.Height, KnownUS: store.Micros(f.Known), By: f.By,
	}
}

// Attach adds a voucher or a photo to an entry.
func (s *Service) Attach(ctx context.Context, by string, id EntryID, kind FileKind, name string, sent []byte) (File, error) {
	const op = "pairing.Attach"
	f := File{Entry: id, Kind: kind, Name: place.Tidy(name)}
	kept, err := take(op, &f, sent)
	if err != nil {
		return f, err
	}
	err = s.change(ctx, op, by, func(ctx context.Context, w *writing) error {
		list, err := read(ctx, w.tx.NewSelect().Model((*entryRow)(nil)).Where("id = ?", id), nil, (*entryRow).entry)
		if err != nil {
			return err
		}
		if len(list) == 0 {
			return fault.New(fault.NotFound, op, "pairing.no-entry")
		}
		e := &list[0]
		f.ID, f.Pairing, f.Compound, f.Known, f.By = FileID(store.NewID()), e.Pairing, e.Compound, w.known, by
		there, err := read(ctx, w.tx.NewSelect().Model((*fileRow)(nil)).Where("entry = ?", id).Where("withdrawn_known_us = 0"), nil, (*fileRow).file)
		if err != nil {
			return err
		}
		p := f.check(e)
		if len(there) >= mostFiles {
			p.Add("file", "pairing.file.many", "most", mostFiles)
		}
		if slices.ContainsFunc(there, func(x File) bool { return x.Hash == f.Hash && x.Kind == f.Kind }) {
			p.Add("file", "pairing.file.twice")
		}
		if err := p.Fault(op, "pairing.invalid"); err != nil {
			return err
		}
		row := bytesRow{Hash: f.Hash, Bytes: kept}
		if _, err := w.tx.NewInsert().Model(&row).On("CONFLICT (hash) DO NOTHING").Exec(ctx); err != nil {
			return err
		}
		if err := insert(ctx, w.tx, []fileRow{f.row()}); err != nil {
			return err
		}
		return w.tell("money.filed", []place.ID{f.Compound}, map[string]any{"entry": id, "file": f.ID, "kind": kind, "sha256": f.Hash})
	})
	return f, err
}

// Withdraw says that a file counts no longer; it stays to be seen, with why.
func (s *Service) Withdraw(ctx context.Context, by string, id FileID, why string) (File, error) {
	var f File
	err := s.change(ctx, "pairing.Withdraw", by, func(ctx context.Context, w *writing) error {
		list, err := read(ctx, w.tx.NewSelect().Model((*fileRow)(nil)).Where("id = ?", id), nil, (*fileRow).file)
		switch {
		case err != nil:
			return err
		case len(list) == 0:
			return fault.New(fault.NotFound, w.op, "pairing.file.none")
		case list[0].Withdrawn != nil:
			return fault.New(fault.Conflict, w.op, "pairing.file.withdrawn")
		}
		f = list[0]
		f.Withdrawn, f.EndedBy, f.Why = &w.known, by, place.Tidy(why)
		var p place.Problems
		p.Text("note", f.Why, 200, true)
		if err := p.Fault(w.op, "pairing.invalid"); err != nil {
			return err
		}
		_, err = w.tx.NewUpdate().Model((*fileRow)(nil)).Set("withdrawn_known_us = ?, withdrawn_by = ?, withdrawn_note = ?", store.Micros(w.known), by, f.Why).
			Where("id = ?", id).Exec(ctx)
		if err != nil {
			return err
		}
		return w.tell("money.unfiled", []place.ID{f.Compound}, map[string]any{"entry": f.Entry, "file": id})
	})
	return f, err
}

// Files lists the files of compounds' entries, withdrawn ones too.
func (s *Service) Files(ctx context.Context, compounds ...place.ID) ([]File, error) {
	out, err := read(ctx, s.db.NewSelect().Model((*fileRow)(nil)).Order("entry", "known_us", "id"), compounds, (*fileRow).file)
	return out, dbError("pairing.Files", err)
}

func (s *Service) file(ctx context.Context, id FileID) (File, error) {
	return one(ctx, s.db.NewSelect().Model((*fileRow)(nil)).Where("id = ?", id), "pairing.File", "pairing.file.none", (*fileRow).file)
}

// Bytes gives what is kept of a file, and refuses what is no longer what was
// put there: its SHA-256 is computed anew each time.
func (s *Service) Bytes(ctx context.Context, f *File) ([]byte, error) {
	const op = "pairing.Bytes"
	var rows []bytesRow
	if err := s.db.NewSelect().Model(&rows).Where("hash = ?", f.Hash).Scan(ctx); err != nil {
		return nil, dbError(op, err)
	}
	if len(rows) == 0 || sha(rows[0].Bytes) != f.Hash {
		return nil, fault.New(fault.Internal, op, "pairing.file.changed", "name", f.Name)
	}
	return rows[0].Bytes, nil
}
