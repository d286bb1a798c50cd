package linli_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

var (
	creates = regexp.MustCompile(`(?i)\bCREATE (?:VIRTUAL )?TABLE (?:IF NOT EXISTS )?(\w+)`)
	// How SQL in a string, and bun's tag, name a table.
	namesTable = regexp.MustCompile(`(?i)(?:\b(?:FROM|JOIN|INTO|UPDATE|TABLE(?: IF EXISTS)?|ON)\s+"?|\btable:)([a-z_]+)`)
)

// A room's tables are its own: what another room wants of them it asks for in Go, through what role plugs in. So a room can
// change its tables, and keep its rules about them, without a look at the others. What stands above the rooms and keeps no rows of
// its own is left out: the demo's province copies rows as they are, the benchmark counts and fills in segments.
func TestNoRoomNamesAnothersTables(t *testing.T) {
	owner := map[string]string{}
	rooms := map[string]bool{}
	walk(t, ".sql", func(path string) {
		dir := filepath.Dir(path)
		if filepath.Base(dir) != "migrations" {
			return
		}
		room := filepath.ToSlash(filepath.Dir(dir))
		rooms[room] = true
		raw, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range creates.FindAllStringSubmatch(string(raw), -1) {
			if was := owner[m[1]]; was != "" && was != room {
				t.Errorf("both %s and %s have a table %s", was, room, m[1])
			}
			owner[m[1]] = room
		}
	})
	if len(rooms) < 12 || len(owner) < 60 {
		t.Fatalf("only %d rooms with %d tables were found", len(rooms), len(owner))
	}
	named := map[string]bool{}
	look := func(path, room, text string) {
		for _, m := range namesTable.FindAllStringSubmatch(text, -1) {
			of := owner[m[1]]
			if of == "" {
				continue
			}
			if named[m[1]] = true; of != room {
				t.Errorf("%s names %s, a table of %s", path, m[1], of)
			}
		}
	}
	walk(t, ".sql", func(path string) {
		raw, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		look(path, filepath.ToSlash(filepath.Dir(filepath.Dir(path))), string(raw))
	})
	walk(t, ".go", func(path string) {
		room := filepath.ToSlash(filepath.Dir(path))
		if strings.HasSuffix(path, "_test.go") || room == "demo/city" || room == "bench" {
			return
		}
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			lit, ok := n.(*ast.BasicLit)
			if !ok || lit.Kind != token.STRING {
				return true
			}
			text, err := strconv.Unquote(lit.Value)
			if err != nil {
				t.Fatal(err)
			}
			look(path, room, text)
			return true
		})
	})
	for table, room := range owner {
		if !named[table] {
			t.Errorf("nothing names the table %s of %s: the test does not see how it is read, or it is not needed", table, room)
		}
	}
}

// walk calls f for each file of a kind that is ours.
func walk(t *testing.T, ext string, f func(path string)) {
	t.Helper()
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "node_modules" || d.Name() == "testdata" || path != "." && strings.HasPrefix(d.Name(), ".")) {
			return filepath.SkipDir
		}
		if !d.IsDir() && filepath.Ext(path) == ext {
			f(path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
