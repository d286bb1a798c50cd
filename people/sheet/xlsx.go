package sheet

import (
	"archive/zip"
	"bufio"
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/xuri/excelize/v2"

	"linli.dev/linli/fault"
)

// What a workbook may unpack to. A sheet is read as a stream, all else is kept
// in memory by the library.
const (
	maxEntries = 2000
	maxSheet   = 256 << 20
	maxStrings = 48 << 20
	maxRest    = 48 << 20
	inMemory   = 1 << 20 // a larger part lies in a file of its own while it is read
	maxMerged  = 100_000
)

type xlsxBook struct {
	f      *excelize.File
	sheets []string
	merged [][]span
}

var errBroken = fault.New(fault.Invalid, "sheet.open", "sheet.broken")

func openXLSX(file string) (_ book, err error) {
	// The library meets files from anywhere; one that makes it panic is a file that cannot be read.
	defer func() {
		if recover() != nil {
			err = errBroken
		}
	}()
	spans, err := inspect(file)
	if err != nil {
		return nil, err
	}
	f, err := excelize.OpenFile(file, excelize.Options{
		UnzipSizeLimit: maxSheet + maxStrings + maxRest, UnzipXMLSizeLimit: inMemory, TmpDir: filepath.Dir(file),
		ShortDatePattern: "yyyy-mm-dd", LongDatePattern: "yyyy-mm-dd",
	})
	if err != nil {
		return nil, fault.Wrap(err, fault.Invalid, "sheet.open", "sheet.broken")
	}
	b := &xlsxBook{f: f}
	for _, name := range f.GetSheetList() {
		if seen, err := f.GetSheetVisible(name); err == nil && !seen {
			continue
		}
		if len(b.sheets) == maxSheets {
			break
		}
		b.sheets = append(b.sheets, name)
		b.merged = append(b.merged, spans[name])
	}
	return b, nil
}

// inspect reads every part of the zip to its end before the library does: it
// would take a part that breaks off for a shorter one. On the way it finds the
// merged cells, for which the library would load the whole sheet.
func inspect(file string) (map[string][]span, error) {
	z, err := zip.OpenReader(file)
	if err != nil {
		return nil, fault.Wrap(err, fault.Invalid, "sheet.open", "sheet.broken")
	}
	defer z.Close()
	tooLarge := fault.New(fault.TooLarge, "sheet.open", "sheet.unpacks-too-large")
	if len(z.File) > maxEntries {
		return nil, tooLarge
	}
	var rest uint64
	parts := map[string]*zip.File{}
	for _, p := range z.File {
		name := strings.ToLower(p.Name)
		parts[strings.TrimPrefix(p.Name, "/")] = p
		switch {
		case strings.HasPrefix(name, "xl/worksheets/") && strings.HasSuffix(name, ".xml"):
			if p.UncompressedSize64 > maxSheet {
				return nil, tooLarge
			}
		case name == "xl/sharedstrings.xml":
			if p.UncompressedSize64 > maxStrings {
				return nil, tooLarge
			}
		default:
			rest += p.UncompressedSize64
			if rest > maxRest || p.UncompressedSize64 > maxRest {
				return nil, tooLarge
			}
		}
	}
	paths, err := sheetPaths(parts)
	if err != nil {
		return nil, err
	}
	found := map[string][]span{}
	for _, p := range z.File {
		spans, err := readPart(p)
		if err != nil {
			return nil, fault.Wrap(err, fault.Invalid, "sheet.open", "sheet.broken")
		}
		found[strings.TrimPrefix(p.Name, "/")] = spans
	}
	out := map[string][]span{}
	for name, p := range paths {
		out[name] = found[p]
	}
	return out, nil
}

// sheetPaths tells which part holds which sheet.
func sheetPaths(parts map[string]*zip.File) (map[string]string, error) {
	var book struct {
		Sheets []struct {
			Name string `xml:"name,attr"`
			ID   string `xml:"http://schemas.openxmlformats.org/officeDocument/2006/relationships id,attr"`
		} `xml:"sheets>sheet"`
	}
	var rels struct {
		All []struct {
			ID     string `xml:"Id,attr"`
			Target string `xml:"Target,attr"`
		} `xml:"Relationship"`
	}
	for name, into := range map[string]any{"xl/workbook.xml": &book, "xl/_rels/workbook.xml.rels": &rels} {
		p := parts[name]
		if p == nil {
			return nil, errBroken
		}
		r, err := p.Open()
		if err != nil {
			return nil, errBroken
		}
		err = xml.NewDecoder(io.LimitReader(r, 8<<20)).Decode(into)
		r.Close()
		if err != nil {
			return nil, fault.Wrap(err, fault.Invalid, "sheet.open", "sheet.broken")
		}
	}
	target := map[string]string{}
	for _, r := range rels.All {
		if strings.HasPrefix(r.Target, "/") {
			target[r.ID] = strings.TrimPrefix(r.Target, "/")
		} else {
			target[r.ID] = path.Join("xl", r.Target)
		}
	}
	out := map[string]string{}
	for _, s := range book.Sheets {
		out[s.Name] = target[s.ID]
	}
	return out, nil
}

var mergeCell = regexp.MustCompile(`mergeCell\s[^>]*ref="([A-Za-z]{1,3}[0-9]{1,7}):([A-Za-z]{1,3}[0-9]{1,7})"`)

// readPart reads a part to its end; of a sheet it gives the merged cells, which
// stand behind the rows.
func readPart(p *zip.File) ([]span, error) {
	r, err := p.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	if !strings.HasPrefix(strings.ToLower(p.Name), "xl/worksheets/") {
		_, err := io.Copy(io.Discard, r)
		return nil, err
	}
	var tail []byte // what may be half an element
	var spans []span
	in, buf := bufio.NewReaderSize(r, 64<<10), make([]byte, 64<<10)
	ended := false
	for {
		n, err := in.Read(buf)
		tail = append(tail, buf[:n]...)
		ended = ended || bytes.Contains(tail, []byte("worksheet>"))
		for len(spans) < maxMerged {
			m := mergeCell.FindSubmatchIndex(tail)
			if m == nil {
				break
			}
			if s, ok := asSpan(string(tail[m[2]:m[3]]), string(tail[m[4]:m[5]])); ok {
				spans = append(spans, s)
			}
			tail = tail[m[1]:]
		}
		if len(tail) > 256 {
			tail = append(tail[:0], tail[len(tail)-256:]...)
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
	}
	if !ended {
		return nil, io.ErrUnexpectedEOF
	}
	return spans, nil
}

func asSpan(from, to string) (s span, ok bool) {
	left, top, err := excelize.CellNameToCoordinates(from)
	if err != nil {
		return s, false
	}
	right, bottom, err := excelize.CellNameToCoordinates(to)
	return span{top - 1, left - 1, bottom - 1, right - 1}, err == nil && bottom >= top && right >= left
}

func (b *xlsxBook) Sheets() []string { return b.sheets }

func (b *xlsxBook) Merged(sheet int) []span { return b.merged[sheet] }

func (b *xlsxBook) Close() error { return b.f.Close() }

func (b *xlsxBook) Rows(ctx context.Context, sheet int, f func(int, []string) error) (err error) {
	inside := false // f may panic for its own reasons
	defer func() {
		if !inside {
			if recover() != nil {
				err = errBroken
			}
		}
	}()
	rows, err := b.f.Rows(b.sheets[sheet])
	if err != nil {
		return fault.Wrap(err, fault.Invalid, "sheet.read", "sheet.broken")
	}
	defer rows.Close()
	most, blank := tooMany{}, 0
	for row := 0; rows.Next(); row++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		cells, err := rows.Columns()
		if err != nil {
			return fault.Wrap(err, fault.Invalid, "sheet.read", "sheet.broken")
		}
		if len(cells) > maxColumns {
			cells = cells[:maxColumns]
		}
		if isBlank(cells) {
			if blank++; blank > maxBlankRows {
				return nil
			}
		} else {
			blank = 0
			if err := most.count(); err != nil {
				return err
			}
		}
		inside = true
		err = f(row, cells)
		inside = false
		if errors.Is(err, errStop) {
			return nil
		}
		if err != nil {
			return err
		}
	}
	if err := rows.Error(); err != nil && !errors.Is(err, os.ErrClosed) {
		return fault.Wrap(err, fault.Invalid, "sheet.read", "sheet.broken")
	}
	return nil
}
