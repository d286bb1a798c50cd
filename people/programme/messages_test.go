package programme

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"linli.dev/linli/api"
	"linli.dev/linli/api/apitest"
	"linli.dev/linli/people/place"
)

// Every code that this room gives out has a sentence in both languages, and no sentence is left over.
func TestEverySentenceIsThere(t *testing.T) {
	given := map[string]bool{}
	code := regexp.MustCompile(`"(programme\.[a-z][a-z.-]*[a-z])"`)
	op := regexp.MustCompile(`(fault\.[A-Z]\w+, |dbError\(|s\.change\(ctx, )"programme\.\w+"`)
	not := regexp.MustCompile(`^programme\.(read|write|approve|total|publish|changed)$`)
	column := regexp.MustCompile(`w\.head\(([^)]*)\)`)
	said := regexp.MustCompile(`(?:add|count|share)\("[a-z_]+", "([a-z-]+)"`)
	name := regexp.MustCompile(`"([a-z-]+)"`)
	files, _ := filepath.Glob("*.go")
	for _, f := range append(files, "../../demo/city/bulletin.go") {
		if strings.HasSuffix(f, "_test.go") {
			continue
		}
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range code.FindAllSubmatch(op.ReplaceAll(text, nil), -1) {
			if !not.Match(m[1]) {
				given[string(m[1])] = true
			}
		}
		for _, m := range said.FindAllSubmatch(text, -1) {
			given["programme.column."+string(m[1])] = true
		}
		for _, m := range column.FindAllSubmatch(text, -1) {
			for _, n := range name.FindAllSubmatch(m[1], -1) {
				given["programme.column."+string(n[1])] = true
			}
		}
	}
	for _, f := range rowFigures {
		given["programme.column."+f.column] = true
	}
	for _, l := range Lights {
		given["programme.light."+string(l)] = true
	}
	for _, w := range Whats {
		given["programme.what."+string(w)] = true
	}
	for _, c := range place.Classes {
		given["programme.class."+string(c)] = true
	}
	if len(given) < 90 {
		t.Fatalf("only %d codes found: the search is broken", len(given))
	}
	apitest.Compare(t, api.Messages(messages), given)
}
