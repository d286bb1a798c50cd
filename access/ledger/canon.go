package ledger

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// mostNumber is the largest whole number that every reader of JSON has exactly (RFC 8785 knows numbers as doubles).
const mostNumber = 1<<53 - 1

// canon writes a value as RFC 8785 has it: keys in the order of their UTF-16, no spaces, one way to escape. It knows objects, text, whole
// numbers and truth values: the ledger has no others.
func canon(v any) ([]byte, error) { return appendCanon(nil, v) }

func appendCanon(b []byte, v any) ([]byte, error) {
	switch v := v.(type) {
	case Row:
		return appendCanon(b, map[string]any(v))
	case map[string]any:
		var err error
		b = append(b, '{')
		for i, k := range slices.SortedFunc(maps.Keys(v), byUTF16) {
			if i > 0 {
				b = append(b, ',')
			}
			if b, err = appendText(b, k); err != nil {
				return nil, err
			}
			if b, err = appendCanon(append(b, ':'), v[k]); err != nil {
				return nil, fmt.Errorf("%s: %w", k, err)
			}
		}
		return append(b, '}'), nil
	case string:
		return appendText(b, v)
	case bool:
		return strconv.AppendBool(b, v), nil
	case int:
		return appendCanon(b, int64(v))
	case int64:
		if v > mostNumber || v < -mostNumber {
			return nil, fmt.Errorf("%d is too large a number", v)
		}
		return strconv.AppendInt(b, v, 10), nil
	case json.Number:
		n, err := strconv.ParseInt(string(v), 10, 64)
		if err != nil {
			return nil, fmt.Errorf("%s is no whole number", v)
		}
		return appendCanon(b, n)
	}
	return nil, fmt.Errorf("a %T is neither text, nor a whole number, nor a truth value", v)
}

func byUTF16(a, b string) int {
	return slices.Compare(utf16.Encode([]rune(a)), utf16.Encode([]rune(b)))
}

var shortEscapes = map[byte]byte{'\b': 'b', '\t': 't', '\n': 'n', '\f': 'f', '\r': 'r', '"': '"', '\\': '\\'}

func appendText(b []byte, s string) ([]byte, error) {
	if !utf8.ValidString(s) {
		return nil, errors.New("it is not UTF-8")
	}
	b = append(b, '"')
	for i := range len(s) {
		c := s[i]
		switch e, short := shortEscapes[c]; {
		case short:
			b = append(b, '\\', e)
		case c < 0x20:
			b = fmt.Appendf(b, `\u%04x`, c)
		default:
			b = append(b, c)
		}
	}
	return append(b, '"'), nil
}

var errNotCanonical = errors.New("it is not in canonical form")

// readCanon reads an object, and refuses one that canon would have written differently.
func readCanon(b []byte) (map[string]any, error) {
	v, err := readObject(b)
	if err != nil {
		return nil, err
	}
	if again, err := canon(v); err != nil || !bytes.Equal(again, b) {
		return nil, errNotCanonical
	}
	return v, nil
}

// readObject reads an object in any form, its numbers as they stand there.
func readObject(b []byte) (map[string]any, error) {
	var v map[string]any
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	return v, nil
}
