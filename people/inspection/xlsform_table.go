package inspection

import (
	"archive/zip"
	"bytes"
	"io"
	"slices"
	"strings"

	"github.com/xuri/excelize/v2"

	"linli.dev/linli/fault"
	"linli.dev/linli/people/place"
)

// workbook reads the cells of the three sheets. A zip that unpacks to too much
// is refused before the library sees it; one on which the library fails is broken.
func workbook(file []byte) (sheets map[string]table, err error) {
	const op = "inspection.ReadXLSForm"
	broken := fault.New(fault.Invalid, op, "inspection.xlsform.broken")
	defer func() {
		if recover() != nil { // the library meets files from anywhere
			sheets, err = nil, broken
		}
	}()
	if len(file) > maxXLSForm {
		return nil, fault.New(fault.TooLarge, op, "inspection.xlsform.large")
	}
	z, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		return nil, broken
	}
	total := int64(0)
	for _, p := range z.File {
		in, err := p.Open()
		if err != nil {
			return nil, broken
		}
		n, err := io.Copy(io.Discard, io.LimitReader(in, maxUnpacked+1-total)) // what it says of its size proves nothing
		in.Close()
		if total += n; total > maxUnpacked || len(z.File) > maxParts {
			return nil, fault.New(fault.TooLarge, op, "inspection.xlsform.large")
		}
		if err != nil {
			return nil, broken
		}
	}
	f, err := excelize.OpenReader(bytes.NewReader(file), excelize.Options{UnzipSizeLimit: maxUnpacked, UnzipXMLSizeLimit: maxUnpacked})
	if err != nil {
		return nil, broken
	}
	defer f.Close()
	sheets = map[string]table{}
	for _, name := range f.GetSheetList() {
		key := strings.ToLower(strings.TrimSpace(name))
		if key != "survey" && key != "choices" && key != "settings" {
			continue
		}
		rows, err := f.Rows(name)
		if err != nil {
			return nil, broken
		}
		var t table
		for n := 1; rows.Next(); n++ {
			if n > maxRows {
				rows.Close()
				return nil, fault.New(fault.TooLarge, op, "inspection.xlsform.large")
			}
			cells, err := rows.Columns(excelize.Options{RawCellValue: true})
			if err != nil {
				return nil, broken
			}
			t.add(n, cells[:min(len(cells), maxColumns)])
		}
		rows.Close()
		sheets[key] = t
	}
	return sheets, nil
}

// table is a sheet: its first row that is not empty is the headings.
type table struct {
	heads []string
	rows  []row
}

type row struct {
	number int
	cells  map[string]string // by heading
}

func (t *table) add(number int, cells []string) {
	if !slices.ContainsFunc(cells, func(c string) bool { return strings.TrimSpace(c) != "" }) {
		return
	}
	if t.heads == nil {
		for _, c := range cells {
			t.heads = append(t.heads, strings.ToLower(strings.TrimSpace(c)))
		}
		return
	}
	r := row{number, map[string]string{}}
	for i, c := range cells {
		if i < len(t.heads) && t.heads[i] != "" {
			r.cells[t.heads[i]] = plainCell(c)
		}
	}
	t.rows = append(t.rows, r)
}

// plainCell takes the apostrophe away by which a spreadsheet is told that a text
// is no formula.
func plainCell(s string) string {
	s = place.Tidy(s)
	if len(s) > 1 && s[0] == '\'' && strings.ContainsRune("=+-@'", rune(s[1])) {
		s = s[1:]
	}
	return s
}
