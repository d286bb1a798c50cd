package camera

import (
	"bytes"
	"strings"

	"github.com/xuri/excelize/v2"

	"linli.dev/linli/fault"
)

const (
	// MaxImportBytes bounds an uploaded list.
	MaxImportBytes = 8 << 20
	// MaxImportRows bounds the cameras of one list.
	MaxImportRows = 5000
	maxBlankRows  = 2000 // formatted but empty rows end a sheet
	maxColumns    = 200
	maxUnzipped   = 96 << 20
)

// sheet is a table as read; a CSV file is one sheet without a name.
type sheet struct {
	name string
	rows [][]string
}

// readTable reads a CSV or XLSX file; what it is, its first bytes say.
func readTable(b []byte) (sheets []sheet, err error) {
	const op = "camera.Import"
	switch {
	case len(b) == 0:
		return nil, fault.New(fault.Invalid, op, "camera.import.no-file")
	case len(b) > MaxImportBytes:
		return nil, fault.New(fault.TooLarge, op, "camera.import.too-large", "megabytes", MaxImportBytes>>20)
	case bytes.HasPrefix(b, []byte("PK\x03\x04")):
		return readXLSX(b)
	case bytes.HasPrefix(b, []byte{0xd0, 0xcf, 0x11, 0xe0}):
		// The container of old Excel, and of a new file with a password.
		if bytes.Contains(b, []byte("E\x00n\x00c\x00r\x00y\x00p\x00t\x00e\x00d\x00P\x00a\x00c\x00k\x00a\x00g\x00e\x00")) {
			return nil, fault.New(fault.Invalid, op, "camera.import.encrypted")
		}
		return nil, fault.New(fault.Invalid, op, "camera.import.old-excel")
	}
	text, ok := decodeText(b)
	if !ok {
		return nil, fault.New(fault.Invalid, op, "camera.import.not-readable")
	}
	delimiter, text := findDelimiter(text)
	rows, whole := csvRows(text, delimiter, MaxImportRows+maxBlankRows)
	if !whole {
		return nil, fault.New(fault.TooLarge, op, "camera.import.too-many-rows", "most", MaxImportRows)
	}
	return []sheet{{rows: clipColumns(rows)}}, nil
}

func clipColumns(rows [][]string) [][]string {
	for i, r := range rows {
		if len(r) > maxColumns {
			rows[i] = r[:maxColumns]
		}
	}
	return rows
}

func readXLSX(b []byte) (sheets []sheet, err error) {
	const op = "camera.Import"
	broken := fault.New(fault.Invalid, op, "camera.import.not-readable")
	// The library meets files from anywhere; one that makes it panic is a
	// file that cannot be read.
	defer func() {
		if recover() != nil {
			sheets, err = nil, broken
		}
	}()
	f, err := excelize.OpenReader(bytes.NewReader(b), excelize.Options{UnzipSizeLimit: maxUnzipped, UnzipXMLSizeLimit: maxUnzipped})
	if err != nil {
		return nil, broken
	}
	defer f.Close()
	total := 0
	for _, name := range f.GetSheetList() {
		if ok, err := f.GetSheetVisible(name); err == nil && !ok {
			continue
		}
		rows, err := f.Rows(name)
		if err != nil {
			return nil, broken
		}
		sh := sheet{name: name}
		for blank := 0; blank < maxBlankRows && rows.Next(); {
			cells, err := rows.Columns()
			if err != nil {
				rows.Close()
				return nil, broken
			}
			if isBlank(cells) {
				blank++
				cells = nil
			} else {
				blank = 0
				total++
			}
			if len(cells) > maxColumns {
				cells = cells[:maxColumns]
			}
			sh.rows = append(sh.rows, cells)
			if total > MaxImportRows+100 {
				rows.Close()
				return nil, fault.New(fault.TooLarge, op, "camera.import.too-many-rows", "most", MaxImportRows)
			}
		}
		rows.Close()
		sheets = append(sheets, sh)
	}
	return sheets, nil
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
		return "?"
	}
	return name
}
