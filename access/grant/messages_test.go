package grant

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Every code that this room gives out has a sentence in both languages, and no sentence is left over.
func TestEveryFaultHasWords(t *testing.T) {
	given := map[string]bool{}
	code := regexp.MustCompile(`"(door\.[a-z-]*[a-z])"`)
	op := regexp.MustCompile(`fault\.[A-Z]\w+, "door[a-z.-]*"`)
	files, _ := filepath.Glob("*.go")
	for _, f := range files {
		if strings.HasSuffix(f, "_test.go") {
			continue
		}
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range code.FindAllSubmatch(op.ReplaceAll(text, nil), -1) {
			given[string(m[1])] = true
		}
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
