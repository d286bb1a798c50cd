package sheet

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"strings"

	"github.com/xuri/excelize/v2"

	"linli.dev/linli/fault"
)

// Limits of a list.
const (
	MaxBytes     = 32 << 20 // of the file
	MaxRows      = 100_000  // with something in them, over all its sheets
	maxColumns   = 200
	maxCell      = 2000 // characters; no field takes a tenth of it
	maxSheets    = 50
	maxBlankRows = 2000 // formatted but empty rows end a sheet
)

// book is a file of rows. It is read again for each purpose, so that no purpose
// has to keep its rows.
type book interface {
	// Sheets names the visible sheets; a text has one without a name.
	Sheets() []string
	// Rows hands on the rows of a sheet, blank ones too, from 0 as the spreadsheet shows them. The cells are only
	// lent. errStop ends it without an error.
	Rows(ctx context.Context, sheet int, f func(row int, cells []string) error) error
	// Merged lists the cells of a sheet that were made one.
	Merged(sheet int) []span
	Close() error
}

// span is cells that were made one, from 0, the ends included.
type span struct{ top, left, bottom, right int }

var errStop = errors.New("enough rows")

// open tells by its first bytes what a file is.
func open(path string) (book, error) {
	const op = "sheet.open"
	f, err := os.Open(path)
	if err != nil {
		return nil, fault.Wrap(err, fault.Gone, op, "sheet.file-gone")
	}
	head := make([]byte, 8<<10)
	n, err := io.ReadFull(f, head)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		f.Close()
		return nil, fault.Wrap(err, fault.Unavailable, op, "sheet.store")
	}
	head = head[:n]
	switch {
	case n == 0:
		f.Close()
		return nil, fault.New(fault.Invalid, op, "sheet.empty-file")
	case bytes.HasPrefix(head, []byte("PK\x03\x04")):
		f.Close()
		return openXLSX(path)
	case bytes.HasPrefix(head, []byte{0xd0, 0xcf, 0x11, 0xe0}):
		defer f.Close()
		all, err := io.ReadAll(io.LimitReader(f, MaxBytes))
		if err == nil && bytes.Contains(append(head, all...), []byte("E\x00n\x00c\x00r\x00y\x00p\x00t\x00e\x00d\x00P\x00a\x00c\x00k\x00a\x00g\x00e\x00")) {
			return nil, fault.New(fault.Invalid, op, "sheet.encrypted") // a new file with a password has the container of old ones
		}
		return nil, fault.New(fault.Invalid, op, "sheet.old-excel")
	}
	return openText(f)
}

// tooMany counts rows with something in them over the sheets of a file.
type tooMany struct{ rows int }

func (m *tooMany) count() error {
	if m.rows++; m.rows > MaxRows+headRows { // titles and headings are no rows of the list
		return fault.New(fault.TooLarge, "sheet.read", "sheet.too-many-rows", "most", MaxRows)
	}
	return nil
}

func isBlank(cells []string) bool {
	for _, c := range cells {
		if strings.TrimSpace(c) != "" {
			return false
		}
	}
	return true
}

// cellName is what the spreadsheet calls a cell: column and row from 0.
func cellName(column, row int) string {
	name, err := excelize.CoordinatesToCellName(column+1, row+1)
	if err != nil {
		return ""
	}
	return name
}

func columnName(column int) string {
	name, err := excelize.ColumnNumberToName(column + 1)
	if err != nil {
		return ""
	}
	return name
}
