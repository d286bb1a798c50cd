package apitest

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// RoomSentences is Sentences for the people rooms, whose operations are named by dbError, change and "op = " too. other are the
// words behind the prefix that are permissions and events; fewer codes than least mean that the search is broken.
func RoomSentences(t *testing.T, messages fs.FS, prefix string, least int, other ...string) {
	t.Helper()
	given := map[string]bool{}
	code := regexp.MustCompile(`"(` + prefix + `\.[a-z][a-z.-]*)"`)
	op := regexp.MustCompile(`(fault\.[A-Z]\w+, |dbError\(|s\.change\(ctx, )"` + prefix + `\.\w+"`)
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if strings.HasSuffix(f, "_test.go") {
			continue
		}
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(op.ReplaceAllString(string(text), "")) {
			for _, m := range code.FindAllStringSubmatch(line, -1) {
				if !slices.Contains(other, strings.TrimPrefix(m[1], prefix+".")) && !strings.Contains(line, "op = ") {
					given[m[1]] = true
				}
			}
		}
	}
	if len(given) < least {
		t.Fatalf("only %d codes found: the search is broken", len(given))
	}
	Compare(t, messages, given)
}

// Compare says which codes have no sentence, and which sentences nobody says.
func Compare(t *testing.T, messages fs.FS, given map[string]bool) {
	t.Helper()
	for _, lang := range []string{"zh", "en"} {
		raw, err := fs.ReadFile(messages, lang+".json")
		if err != nil {
			t.Fatal(err)
		}
		said := map[string]string{}
		if err := json.Unmarshal(raw, &said); err != nil {
			t.Fatal(err)
		}
		for c := range given {
			if said[c] == "" {
				t.Errorf("%s: no sentence for %s", lang, c)
			}
		}
		for c := range said {
			if !given[c] {
				t.Errorf("%s: nobody says %s", lang, c)
			}
		}
	}
}
