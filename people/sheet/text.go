package sheet

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

	"linli.dev/linli/fault"
)

// textBook is a CSV file, or cells pasted from a spreadsheet.
type textBook struct {
	f         *os.File
	coding    encoding.Encoding // nil: UTF-8
	mark      int64             // bytes of the byte order mark
	delimiter rune
}

func openText(f *os.File) (_ book, err error) {
	const op = "sheet.open"
	defer func() {
		if err != nil {
			f.Close()
		}
	}()
	b := &textBook{f: f}
	if err := b.findCoding(); err != nil {
		return nil, err
	}
	start, err := b.reader()
	if err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, op, "sheet.store")
	}
	head, err := io.ReadAll(io.LimitReader(start, 64<<10))
	if err != nil {
		return nil, fault.Wrap(err, fault.Invalid, op, "sheet.not-readable")
	}
	b.delimiter = findDelimiter(string(head))
	return b, nil
}

// findCoding reads the file once: marked UTF, plain UTF-8, or what Chinese
// Excel writes without asking (GBK, of which GB 18030 is the whole).
func (b *textBook) findCoding() error {
	const op = "sheet.open"
	notReadable := fault.New(fault.Invalid, op, "sheet.not-readable")
	if _, err := b.f.Seek(0, io.SeekStart); err != nil {
		return fault.Wrap(err, fault.Unavailable, op, "sheet.store")
	}
	in := bufio.NewReaderSize(b.f, 64<<10)
	head, _ := in.Peek(3)
	switch {
	case bytes.HasPrefix(head, []byte{0xef, 0xbb, 0xbf}):
		b.mark = 3
	case bytes.HasPrefix(head, []byte{0xff, 0xfe}), bytes.HasPrefix(head, []byte{0xfe, 0xff}):
		b.coding = unicode.UTF16(unicode.LittleEndian, unicode.UseBOM)
		return nil
	}
	isUTF8 := true
	for {
		r, size, err := in.ReadRune()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return fault.Wrap(err, fault.Unavailable, op, "sheet.store")
		}
		if r == 0 {
			return notReadable // no text
		}
		isUTF8 = isUTF8 && (r != utf8.RuneError || size != 1)
	}
	if isUTF8 {
		return nil
	}
	b.coding, b.mark = simplifiedchinese.GB18030, 0
	decoded, err := b.reader()
	if err != nil {
		return fault.Wrap(err, fault.Unavailable, op, "sheet.store")
	}
	all, bad := 0, 0
	for {
		r, _, err := decoded.ReadRune()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return notReadable
		}
		if all++; r == utf8.RuneError {
			bad++
		}
	}
	if bad > all/100 {
		return notReadable
	}
	return nil
}

func (b *textBook) reader() (*bufio.Reader, error) {
	if _, err := b.f.Seek(b.mark, io.SeekStart); err != nil {
		return nil, err
	}
	if b.coding == nil {
		return bufio.NewReaderSize(b.f, 64<<10), nil
	}
	return bufio.NewReaderSize(transform.NewReader(b.f, b.coding.NewDecoder()), 64<<10), nil
}

// findDelimiter counts candidates outside quotes in the first lines. Excel's
// "sep=" line decides.
func findDelimiter(head string) rune {
	if first, _, _ := strings.Cut(head, "\n"); strings.HasPrefix(strings.ToLower(first), "sep=") {
		if r, n := utf8.DecodeRuneInString(first[4:]); n > 0 && strings.TrimSpace(first[4+n:]) == "" {
			return r
		}
	}
	counts := map[rune]int{}
	quoted, lines := false, 0
	for _, r := range head {
		switch {
		case r == '"':
			quoted = !quoted
		case quoted:
		case r == '\n':
			lines++
		case strings.ContainsRune(",\t;|，", r):
			counts[r]++
		}
		if lines == 20 {
			break
		}
	}
	best := ','
	for _, d := range []rune{',', '\t', ';', '|', '，'} {
		if counts[d] > counts[best] {
			best = d
		}
	}
	return best
}

// Sheets has one, without a name.
func (b *textBook) Sheets() []string { return []string{""} }

// Merged has none: a text cannot say it.
func (b *textBook) Merged(int) []span { return nil }

// Close closes the file.
func (b *textBook) Close() error { return b.f.Close() }

// Rows splits the text into rows as a spreadsheet shows them: blank lines are
// rows, a quoted cell may hold line breaks, so that "C7" is the C7 that the
// person sees. encoding/csv skips blank lines and refuses stray quotes.
func (b *textBook) Rows(ctx context.Context, _ int, f func(int, []string) error) error {
	in, err := b.reader()
	if err != nil {
		return fault.Wrap(err, fault.Unavailable, "sheet.read", "sheet.store")
	}
	s := splitter{in: in, delimiter: b.delimiter}
	most, blank := tooMany{}, 0
	for row := 0; ; row++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		cells, err := s.row()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fault.Wrap(err, fault.Invalid, "sheet.read", "sheet.not-readable")
		}
		if row == 0 && len(cells) > 0 && strings.HasPrefix(strings.ToLower(cells[0]), "sep=") {
			cells = nil // it stays a row, as Excel counts
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
		if err := f(row, cells); errors.Is(err, errStop) {
			return nil
		} else if err != nil {
			return err
		}
	}
}

// splitter cuts a text into rows and cells.
type splitter struct {
	in        *bufio.Reader
	delimiter rune
	cell      strings.Builder
	cells     []string
}

func (s *splitter) end() {
	if len(s.cells) < maxColumns {
		s.cells = append(s.cells, s.cell.String())
	}
	s.cell.Reset()
}

func (s *splitter) add(r rune) {
	if s.cell.Len() < 4*maxCell {
		s.cell.WriteRune(r)
	}
}

// row gives the next row; io.EOF after the last.
func (s *splitter) row() ([]string, error) {
	s.cells = s.cells[:0]
	quoted, started, any := false, false, false
	for {
		r, _, err := s.in.ReadRune()
		if errors.Is(err, io.EOF) {
			if !any {
				return nil, io.EOF
			}
			s.end()
			return s.cells, nil
		}
		if err != nil {
			return nil, err
		}
		any = true
		switch {
		case quoted && r == '"':
			if next, _, err := s.in.ReadRune(); err == nil && next == '"' {
				s.add('"')
			} else {
				quoted = false
				if err == nil {
					_ = s.in.UnreadRune()
				}
			}
		case quoted:
			s.add(r)
		case r == '"' && !started:
			quoted, started = true, true
		case r == s.delimiter:
			s.end()
			started = false
		case r == '\n', r == '\r':
			if r == '\r' {
				if next, _, err := s.in.ReadRune(); err == nil && next != '\n' {
					_ = s.in.UnreadRune()
				}
			}
			s.end()
			return s.cells, nil
		default:
			s.add(r)
			started = true
		}
	}
}
