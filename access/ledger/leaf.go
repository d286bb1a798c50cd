package ledger

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"time"

	"linli.dev/linli/store"
)

// Row is what an entry says: text, whole numbers and truth values by column.
type Row map[string]any

// Entry is what happened, as a room tells it.
type Entry struct {
	Kind    string
	At      time.Time
	Row     Row // for everybody who may read the ledger, for ever
	Private Row // for who may know, until it expires; nil: nothing
	// Unconfirmed: the clock could not be believed. A later entry tells by how much it was wrong, or that nobody knows.
	Unconfirmed bool
}

const (
	saltSize = 16
	// mostLeaf bounds a leaf, and mostPrivate a private part. The layout of the log has no room for one of more than 65,535 bytes, and one
	// such leaf would stop all that come after it.
	mostLeaf    = 16 << 10
	mostPrivate = 16 << 10
	// atForm is the one way to write a moment: UTC, six digits of a second.
	atForm = "2006-01-02T15:04:05.000000Z"
)

// leaf is an entry as it stands in the log: RFC 8785 of these.
type leaf struct {
	At      time.Time       // at
	Kind    string          // kind
	Journal int64           // journal: number of the change that it tells of; 0: none, the ledger's own
	Schema  string          // schema: hash of the one that names the columns; "": it is itself a schema
	Private string          // private: hash of salt and private part; "": there is none
	Row     json.RawMessage // row, canonical
	// unconfirmed, true and else not there: at is what a clock in doubt showed.
	Unconfirmed bool
}

func newSalt() []byte {
	salt := make([]byte, saltSize)
	_, _ = rand.Read(salt) // never fails
	return salt
}

// commit hashes a private part with its salt.
func commit(salt, private []byte) string {
	h := sha256.New()
	h.Write(salt)
	h.Write(private)
	return hex.EncodeToString(h.Sum(nil))
}

func hashOf(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// bytes gives a leaf as it stands in the log.
func (l leaf) bytes() ([]byte, error) {
	row, err := readObject(l.Row)
	if err != nil {
		return nil, err
	}
	v := map[string]any{"at": l.At.UTC().Format(atForm), "kind": l.Kind, "row": row}
	if l.Journal != 0 {
		v["journal"] = l.Journal
	}
	if l.Schema != "" {
		v["schema"] = l.Schema
	}
	if l.Private != "" {
		v["private"] = l.Private
	}
	if l.Unconfirmed {
		v["unconfirmed"] = true
	}
	return canon(v)
}

var errTooLong = errors.New("it is too long")

// write makes the bytes of an entry's leaf, and of its private part.
func (e Entry) write(seq int64, s *schema, salt []byte) (out, private []byte, err error) {
	if err := s.check(e.Kind, e.Row); err != nil {
		return nil, nil, err
	}
	if err := s.checkPrivate(e.Kind, e.Private); err != nil {
		return nil, nil, err
	}
	row, err := canon(e.row())
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", e.Kind, err)
	}
	l := leaf{At: e.At, Kind: e.Kind, Journal: seq, Schema: s.hash, Row: row, Unconfirmed: e.Unconfirmed}
	if e.Private != nil {
		if private, err = canon(e.Private); err != nil {
			return nil, nil, fmt.Errorf("%s: %w", e.Kind, err)
		}
		l.Private = commit(salt, private)
	}
	out, err = l.bytes()
	if err == nil && (len(out) > mostLeaf || len(private) > mostPrivate) {
		err = errTooLong
	}
	return out, private, err
}

func (e Entry) row() Row {
	if e.Row == nil {
		return Row{}
	}
	return e.Row
}

var hexHash = regexp.MustCompile(`^[0-9a-f]{64}$`)

// read takes a leaf apart, and refuses one that another program would have written differently.
func read(b []byte) (leaf, error) {
	var l leaf
	if len(b) > mostLeaf {
		return l, errTooLong
	}
	v, err := readCanon(b)
	if err != nil {
		return l, err
	}
	for k, x := range v {
		ok := true
		switch k {
		case "at":
			var s string
			if s, ok = x.(string); ok {
				if l.At, err = time.Parse(atForm, s); err != nil {
					return l, err
				}
			}
		case "kind":
			l.Kind, ok = x.(string)
		case "journal":
			n, number := x.(json.Number)
			l.Journal, err = n.Int64()
			ok = number && err == nil && l.Journal > 0
		case "schema":
			l.Schema, ok = x.(string)
			ok = ok && hexHash.MatchString(l.Schema)
		case "private":
			l.Private, ok = x.(string)
			ok = ok && hexHash.MatchString(l.Private)
		case "unconfirmed":
			l.Unconfirmed, ok = x.(bool)
			ok = ok && l.Unconfirmed
		case "row":
			var row map[string]any
			if row, ok = x.(map[string]any); ok {
				if l.Row, err = canon(row); err != nil {
					return l, err
				}
			}
		default:
			return l, fmt.Errorf("it has a field %q", k)
		}
		if !ok {
			return l, fmt.Errorf("its field %q is not what it must be", k)
		}
	}
	if l.At.IsZero() || l.Kind == "" || l.Row == nil {
		return l, errors.New("it lacks at, kind or row")
	}
	return l, nil
}

// readRow reads a row, or a private part, as the schema sees it.
func readRow(b []byte) (Row, error) {
	v, err := readCanon(b)
	if err != nil {
		return nil, err
	}
	for k, x := range v {
		if n, ok := x.(json.Number); ok {
			if v[k], err = n.Int64(); err != nil {
				return nil, fmt.Errorf("column %s: %w", k, err)
			}
		}
	}
	return v, nil
}

// openPrivate holds a private part against the hash in its leaf.
func openPrivate(l leaf, salt, private string) error {
	raw, err := hex.DecodeString(salt)
	if err != nil || len(raw) != saltSize || commit(raw, []byte(private)) != l.Private {
		return errors.New("its private part is not what was written down")
	}
	return nil
}

// expires is when the private part of an entry goes; zero: it has none.
func (s *schema) expires(kind string, at time.Time, private bool) int64 {
	if !private {
		return 0
	}
	return store.Micros(at.AddDate(0, 0, s.Kinds[kind].Days))
}
