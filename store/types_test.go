package store

import (
	"testing"
	"testing/fstest"
)

func TestToPostgres(t *testing.T) {
	for in, want := range map[string]string{
		"a BLOB, b blob":                  "a BYTEA, b BYTEA",
		"note TEXT DEFAULT 'a BLOB''s'":   "note TEXT DEFAULT 'a BLOB''s'",
		"-- a BLOB\nx BLOB":               "-- a BLOB\nx BYTEA",
		`"BLOB" BLOB, blobs TEXT, a_BLOB`: `"BLOB" BYTEA, blobs TEXT, a_BLOB`,
	} {
		if got := toPostgres(in); got != want {
			t.Errorf("%q: %q", in, got)
		}
	}
}

func TestPostgresFS(t *testing.T) {
	plain := fstest.MapFS{"00001_a.sql": {Data: []byte("x BLOB")}, "readme.txt": {Data: []byte("BLOB")}}
	f, err := postgresFS{plain}.Open("00001_a.sql")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || info.Size() != int64(len("x BYTEA")) {
		t.Error(info.Size(), err)
	}
}

func FuzzToPostgres(f *testing.F) {
	for _, s := range []string{"a BLOB", "'BLOB", "--BLOB", `"BLOB`, "''BLOB''", "blob\x00BLOB"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, sql string) {
		out := toPostgres(sql)
		if toPostgres(out) != out {
			t.Errorf("%q: not the same a second time", sql)
		}
	})
}
