package pairing

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Every code that this room gives out has a sentence in both languages, and no sentence is left over.
func TestEverySentenceIsThere(t *testing.T) {
	given := map[string]bool{}
	code := regexp.MustCompile(`"(pairing\.[a-z][a-z.-]*)"`)
	op := regexp.MustCompile(`(fault\.[A-Z]\w+, |dbError\(|s\.change\(ctx, )"pairing\.\w+"`)
	not := regexp.MustCompile(`^pairing\.(read|write|begun|ended)$`)
	files, _ := filepath.Glob("*.go")
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
				if !not.MatchString(m[1]) && !strings.Contains(line, "op = ") {
					given[m[1]] = true
				}
			}
		}
	}
	if len(given) < 15 {
		t.Fatalf("only %d codes found: the search is broken", len(given))
	}
	for _, lang := range []string{"zh", "en"} {
		raw, err := messages.ReadFile("messages/" + lang + ".json")
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
