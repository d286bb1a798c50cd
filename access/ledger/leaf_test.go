package ledger

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"
	"time"
)

// Leaves are for ever, and read by others: testdata/leaves.json says in bytes how they stand, for any language.
func TestLeavesAreWrittenAsOthersReadThem(t *testing.T) {
	raw, err := os.ReadFile("testdata/leaves.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Leaves []struct {
			Name, At, Kind, Schema, Salt, Leaf string
			LeafHash                           string `json:"leaf_hash"`
			PrivateText                        string `json:"private_text"`
			Journal                            int64
			Row, Private                       json.RawMessage
		}
		Keys    string
		Refused []struct{ Why, Leaf string }
	}
	if err := json.Unmarshal(raw, &file); err != nil || len(file.Leaves) < 5 || len(file.Refused) < 15 {
		t.Fatalf("%d leaves, %d refused, %v", len(file.Leaves), len(file.Refused), err)
	}
	for _, c := range file.Leaves {
		at, err := time.Parse(atForm, c.At)
		if err != nil {
			t.Fatal(err)
		}
		l := leaf{At: at, Kind: c.Kind, Journal: c.Journal, Schema: c.Schema, Row: c.Row}
		if c.Private != nil {
			v, err := readObject(c.Private)
			if err != nil {
				t.Fatal(err)
			}
			private, err := canon(v)
			if err != nil || string(private) != c.PrivateText {
				t.Errorf("%s, private:\n%s\n%s, %v", c.Name, private, c.PrivateText, err)
			}
			salt, err := hex.DecodeString(c.Salt)
			if err != nil {
				t.Fatal(err)
			}
			l.Private = commit(salt, private)
		}
		b, err := l.bytes()
		if err != nil || string(b) != c.Leaf {
			t.Errorf("%s:\n%s\n%s, %v", c.Name, b, c.Leaf, err)
		}
		if h := hex.EncodeToString(leafHash(b)); h != c.LeafHash {
			t.Errorf("%s: hash %s, want %s", c.Name, h, c.LeafHash)
		}
		again, err := read([]byte(c.Leaf))
		if err != nil || !again.At.Equal(at) || again.Kind != c.Kind || again.Journal != c.Journal || again.Schema != c.Schema || again.Private != l.Private {
			t.Errorf("%s, read: %+v, %v", c.Name, again, err)
		}
	}
	if v, err := readObject([]byte(file.Keys)); err != nil {
		t.Error(err)
	} else if b, err := canon(v); err != nil || string(b) != file.Keys {
		t.Errorf("keys:\n%s\n%s, %v", b, file.Keys, err)
	}
	for _, c := range file.Refused {
		if l, err := read([]byte(c.Leaf)); err == nil {
			t.Errorf("taken, with %s: %+v", c.Why, l)
		}
	}
	if _, err := read([]byte(strings.Replace(file.Leaves[0].Leaf, "019af0", strings.Repeat("0", mostLeaf), 1))); !errors.Is(err, errTooLong) {
		t.Errorf("a leaf that is too long: %v", err)
	}
}

// A time that a clock in doubt showed is told as that, in one way only.
func TestUnconfirmedTimes(t *testing.T) {
	s := ours()
	b, _, err := Entry{Kind: "footage.rooted", At: time.Unix(7, 0), Unconfirmed: true, Row: Row{"hour": "", "streams": 1, "root": ""}}.write(3, s, newSalt())
	if err != nil || !strings.HasSuffix(string(b), `,"unconfirmed":true}`) {
		t.Fatalf("%s, %v", b, err)
	}
	if l, err := read(b); err != nil || !l.Unconfirmed {
		t.Errorf("%+v, %v", l, err)
	}
	for _, other := range []string{`false`, `1`, `"true"`} {
		if l, err := read([]byte(strings.Replace(string(b), `"unconfirmed":true`, `"unconfirmed":`+other, 1))); err == nil {
			t.Errorf("%s is taken: %+v", other, l)
		}
	}
}

// A column's value that no other program could read alike is no value.
func TestNotCanonical(t *testing.T) {
	for name, row := range map[string]Row{
		"a fraction":   {"a": 1.5},
		"nothing":      {"a": nil},
		"a list":       {"a": []string{"b"}},
		"no UTF-8":     {"a": "\xff"},
		"no UTF-8 key": {"\xff": "a"},
		"too large":    {"a": int64(mostNumber + 1)},
		"too small":    {"a": int64(-mostNumber - 1)},
	} {
		if b, err := canon(row); err == nil {
			t.Errorf("%s: %s", name, b)
		}
	}
}

func TestSchemaTellsWhatIsLost(t *testing.T) {
	older := ours()
	newer := mustSchema(t, strings.Replace(strings.Replace(strings.Replace(string(older.text), `"purpose":"text",`, ``, 1), `"reason":"text"}`, `"reason":"number"}`, 1), `"entry.missed"`, `"entry.lost"`, 1))
	if got := strings.Join(newer.lost(older), " "); got != "entry.missed look.begun.purpose look.begun.private.reason" {
		t.Errorf("lost: %s", got)
	}
	if got := older.lost(older); got != nil {
		t.Errorf("lost of itself: %v", got)
	}
}

func mustSchema(t *testing.T, text string) *schema {
	t.Helper()
	s, err := readSchema([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// What fits no schema, and what is too long for the log, stands in it as that; what comes after is not held up.
func TestUnfit(t *testing.T) {
	l := &Ledger{schema: ours(), out: quiet()}
	for want, e := range map[string]Entry{
		"no-fit":   {Kind: "look.refused", Row: Row{"face": "seen"}},
		"too-long": {Kind: "footage.rooted", Row: Row{"hour": strings.Repeat("x", 70<<10), "streams": 1, "root": ""}},
		"no-fit2":  {Kind: "footage.rooted", Row: Row{"hour": "\xff", "streams": 1, "root": ""}},
		"no-fit3":  {Kind: "no.such-kind\xff" + strings.Repeat("x", 70<<10)},
		"no-fit4":  {Kind: "look.refused", Row: Row{"camera": "c", "way": "", "purpose": "", "grant": "", "policy": "", "role": "", "unit": ""}}, // its private part is missing
	} {
		e.At = time.Now()
		row := l.row(e, 7)
		f, err := read([]byte(row.Leaf))
		if err != nil || f.Kind != unfit || f.Journal != 7 || row.Kind != unfit {
			t.Fatalf("%s: %+v, %v", want, f, err)
		}
		columns, err := readRow(f.Row)
		if err != nil || !strings.HasPrefix(want, columns["why"].(string)) || (want == "too-long") != (columns["hash"] != "") && want != "no-fit" && want != "no-fit4" && want != "no-fit3" {
			t.Errorf("%s: %v, %v", want, columns, err)
		}
	}
}
