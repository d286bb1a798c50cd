package ledger

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// schemaKind is the kind of the leaf that a schema is.
const schemaKind = "schema"

//go:embed schema.json
var ourSchema []byte

// kindSchema says which columns an entry of a kind has, and of what type: text, number or truth.
type kindSchema struct {
	About   string            `json:"about,omitempty"` // the column that says what it is about; entries of one thing are found by it
	Row     map[string]string `json:"row"`
	Private map[string]string `json:"private,omitempty"` // an entry whose kind has a private part has one
	Days    int               `json:"days,omitempty"`    // how long the private part is kept
}

// schema names the columns of every kind of entry.
type schema struct {
	Version int                   `json:"version"`
	Kinds   map[string]kindSchema `json:"kinds"`

	text []byte // canonical
	hash string
}

// readSchema takes a schema in any layout.
func readSchema(b []byte) (*schema, error) {
	var s schema
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&s); err != nil {
		return nil, fmt.Errorf("the schema cannot be read: %w", err)
	}
	for kind, k := range s.Kinds {
		if k.About != "" && k.Row[k.About] != "text" {
			return nil, fmt.Errorf("the schema: %s is about %q, which is no column of text", kind, k.About)
		}
		for _, part := range []map[string]string{k.Row, k.Private} {
			for column, typ := range part {
				if !slices.Contains([]string{"text", "number", "truth"}, typ) {
					return nil, fmt.Errorf("the schema: %s.%s is of an unknown type %q", kind, column, typ)
				}
			}
		}
		if (len(k.Private) > 0) != (k.Days > 0) {
			return nil, fmt.Errorf("the schema: %s has a private part without an end, or an end without one", kind)
		}
	}
	v, err := readObject(b)
	if err != nil {
		return nil, err
	}
	if s.text, err = canon(v); err != nil {
		return nil, fmt.Errorf("the schema: %w", err)
	}
	s.hash = hashOf(s.text)
	return &s, nil
}

// ours is the schema of this program.
func ours() *schema {
	s, err := readSchema(ourSchema)
	if err != nil {
		panic(err) // embedded; a test reads it
	}
	return s
}

// check holds an entry's row against the columns of its kind: all of them, and no other.
func (s *schema) check(kind string, row Row) error {
	k, ok := s.Kinds[kind]
	if !ok {
		return fmt.Errorf("the schema has no kind %q", kind)
	}
	if err := fits(k.Row, row); err != nil {
		return fmt.Errorf("%s: %w", kind, err)
	}
	return nil
}

// checkPrivate holds a private part against its columns. A kind that has one has it in each entry: that one is missing would tell as much as
// what stands in it.
func (s *schema) checkPrivate(kind string, private Row) error {
	k := s.Kinds[kind]
	if (len(k.Private) > 0) != (private != nil) {
		return fmt.Errorf("%s: a private part that is not there, or none that should be", kind)
	}
	if err := fits(k.Private, private); err != nil {
		return fmt.Errorf("%s, private: %w", kind, err)
	}
	return nil
}

// subject is what an entry is about.
func (s *schema) subject(kind string, row Row) string {
	about, _ := row[s.Kinds[kind].About].(string)
	return about
}

// lost names what a schema no longer has of an older one: kinds, and columns as kind.column.
func (s *schema) lost(older *schema) []string {
	var out []string
	for _, kind := range slices.Sorted(maps.Keys(older.Kinds)) {
		was := older.Kinds[kind]
		now, ok := s.Kinds[kind]
		if !ok {
			out = append(out, kind)
			continue
		}
		for _, part := range []struct {
			was, now map[string]string
			name     string
		}{{was.Row, now.Row, kind + "."}, {was.Private, now.Private, kind + ".private."}} {
			for _, c := range slices.Sorted(maps.Keys(part.was)) {
				if part.now[c] != part.was[c] {
					out = append(out, part.name+c)
				}
			}
		}
	}
	return out
}

func fits(columns map[string]string, row Row) error {
	var missing []string
	for _, c := range slices.Sorted(maps.Keys(columns)) {
		v, ok := row[c]
		if !ok {
			missing = append(missing, c)
			continue
		}
		typ := ""
		switch v.(type) {
		case string:
			typ = "text"
		case bool:
			typ = "truth"
		case int, int64:
			typ = "number"
		}
		if typ != columns[c] {
			return fmt.Errorf("column %s is not %s", c, columns[c])
		}
	}
	if len(missing) > 0 {
		return fmt.Errorf("without %s", strings.Join(missing, ", "))
	}
	for _, c := range slices.Sorted(maps.Keys(row)) {
		if _, ok := columns[c]; !ok {
			return fmt.Errorf("column %s is in no schema", c)
		}
	}
	return nil
}
