package camera

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
)

// decodeText finds the encoding of a CSV file: marked UTF, plain UTF-8, or
// what Chinese Excel writes without asking (GBK, of which GB 18030 is the
// whole).
func decodeText(b []byte) (string, bool) {
	switch {
	case bytes.HasPrefix(b, []byte{0xef, 0xbb, 0xbf}):
		b = b[3:]
	case bytes.HasPrefix(b, []byte{0xff, 0xfe}), bytes.HasPrefix(b, []byte{0xfe, 0xff}):
		out, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder().Bytes(b)
		if err != nil {
			return "", false
		}
		b = out
	}
	if bytes.IndexByte(b, 0) >= 0 {
		return "", false // no text
	}
	if utf8.Valid(b) {
		return string(b), true
	}
	out, err := simplifiedchinese.GB18030.NewDecoder().Bytes(b)
	if err != nil || bytes.Count(out, []byte("\uFFFD")) > len(out)/100 {
		return "", false
	}
	return string(out), true
}

// findDelimiter counts candidates outside quotes in the first lines. The one
// that occurs equally often in most of them wins; Excel's "sep=" line decides.
func findDelimiter(s string) (rune, string) {
	if first, rest, _ := strings.Cut(s, "\n"); strings.HasPrefix(strings.ToLower(first), "sep=") {
		if r, n := utf8.DecodeRuneInString(first[4:]); n > 0 && strings.TrimSpace(first[4+n:]) == "" {
			// The line is a row of the sheet as Excel counts; it stays, empty.
			return r, "\n" + rest
		}
	}
	best, bestScore := ',', 0
	for _, d := range []rune{',', '\t', ';', '|', '，'} {
		score, lines, quoted, n := 0, 0, false, 0
		for _, r := range s {
			switch {
			case r == '"':
				quoted = !quoted
			case r == d && !quoted:
				n++
			case r == '\n' && !quoted:
				if n > 0 {
					score, lines = score+n, lines+1
				}
				n = 0
			}
			if lines == 10 {
				break
			}
		}
		score += n
		if score > bestScore {
			best, bestScore = d, score
		}
	}
	return best, s
}

// csvRows splits text into rows as a spreadsheet shows them: blank lines are
// rows, a quoted cell may hold line breaks, so that "C7" is the C7 that the
// person sees. encoding/csv skips blank lines and refuses stray quotes.
func csvRows(s string, delimiter rune, most int) (rows [][]string, whole bool) {
	var row []string
	var cell strings.Builder
	quoted, any := false, false
	end := func() {
		row = append(row, cell.String())
		cell.Reset()
	}
	rs := []rune(s)
	for i := 0; i < len(rs); i++ {
		r := rs[i]
		switch {
		case quoted && r == '"':
			if i+1 < len(rs) && rs[i+1] == '"' {
				cell.WriteByte('"')
				i++
			} else {
				quoted = false
			}
		case quoted:
			cell.WriteRune(r)
		case r == '"' && cell.Len() == 0:
			quoted, any = true, true
		case r == delimiter:
			end()
			any = true
		case r == '\r' && i+1 < len(rs) && rs[i+1] == '\n':
		case r == '\n', r == '\r':
			if any || cell.Len() > 0 {
				end()
			}
			rows, row, any = append(rows, row), nil, false
			if len(rows) > most {
				return rows, false
			}
		default:
			cell.WriteRune(r)
			any = true
		}
	}
	if any || cell.Len() > 0 {
		end()
		rows = append(rows, row)
	}
	return rows, true
}
