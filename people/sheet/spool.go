package sheet

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"slices"

	"linli.dev/linli/fault"
)

// spooled is a workbook whose rows were unpacked into a file of plain cells. It
// is read in a transaction: on SQLite nobody else writes meanwhile, and most of
// the time that a workbook takes is its unpacking.
type spooled struct {
	f      *os.File
	sheets []string
	merged [][]span
	starts []int64 // of each sheet in the file
}

// spool unpacks a workbook; ends of sheets and broken files are as they are when it is read itself.
func spool(ctx context.Context, b book, path string) (_ *spooled, err error) {
	const op = "sheet.spool"
	f, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, op, "sheet.store")
	}
	s := &spooled{f: f, sheets: b.Sheets()}
	defer func() {
		if err != nil {
			s.Close()
		}
	}()
	w := bufio.NewWriterSize(f, 64<<10)
	at := int64(0)
	put := func(p []byte) error {
		at += int64(len(p))
		if _, err := w.Write(p); err != nil {
			return fault.Wrap(err, fault.Unavailable, op, "sheet.store")
		}
		return nil
	}
	var line []byte
	for i := range s.sheets {
		s.starts, s.merged = append(s.starts, at), append(s.merged, b.Merged(i))
		err := b.Rows(ctx, i, func(row int, cells []string) error {
			line = binary.AppendUvarint(line[:0], uint64(row)+1)
			line = binary.AppendUvarint(line, uint64(len(cells)))
			for _, c := range cells {
				line = binary.AppendUvarint(line, uint64(len(c)))
				line = append(line, c...)
			}
			return put(line)
		})
		if err != nil {
			return nil, err
		}
		if err := put([]byte{0}); err != nil { // no row has the number 0
			return nil, err
		}
	}
	if err := w.Flush(); err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, op, "sheet.store")
	}
	return s, nil
}

// Sheets names the sheets of the workbook.
func (s *spooled) Sheets() []string { return s.sheets }

// Merged lists the merged cells of a sheet.
func (s *spooled) Merged(sheet int) []span { return s.merged[sheet] }

// Close removes the file.
func (s *spooled) Close() error { return errors.Join(s.f.Close(), os.Remove(s.f.Name())) }

// Rows hands on the rows as the workbook did.
func (s *spooled) Rows(ctx context.Context, sheet int, f func(row int, cells []string) error) error {
	in := bufio.NewReaderSize(io.NewSectionReader(s.f, s.starts[sheet], 1<<62), 64<<10)
	broken := func(err error) error { return fault.Wrap(err, fault.Unavailable, "sheet.read", "sheet.store") }
	var cells []string
	var text []byte
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		row, err := binary.ReadUvarint(in)
		if err != nil {
			return broken(err)
		}
		if row == 0 {
			return nil
		}
		n, err := binary.ReadUvarint(in)
		if err != nil {
			return broken(err)
		}
		cells = cells[:0]
		for range n {
			size, err := binary.ReadUvarint(in)
			if err != nil {
				return broken(err)
			}
			text = slices.Grow(text[:0], int(size))[:size]
			if _, err := io.ReadFull(in, text); err != nil {
				return broken(err)
			}
			cells = append(cells, string(text))
		}
		if err := f(int(row)-1, cells); errors.Is(err, errStop) {
			return nil
		} else if err != nil {
			return err
		}
	}
}
