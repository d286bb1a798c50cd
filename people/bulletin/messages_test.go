package bulletin

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"linli.dev/linli/api/apitest"
	"linli.dev/linli/people/paper"
)

// Every code that this room gives out has a sentence in both languages, and no sentence is left over.
func TestEverySentenceIsThere(t *testing.T) {
	given := map[string]bool{}
	for _, code := range paper.Refusals {
		given["bulletin.template-"+code] = true
	}
	code := regexp.MustCompile(`"(bulletin\.[a-z][a-z-]*)"`)
	files, _ := filepath.Glob("*.go")
	for _, f := range files {
		if strings.HasSuffix(f, "_test.go") {
			continue
		}
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range code.FindAllSubmatch(text, -1) {
			switch c := string(m[1]); c {
			case MayRead, MayDraft, MayReview, MayIssue, evWritten, evIssued, evOffice, "bulletin.template", "bulletin.template-", "bulletin.content":
			default:
				given[c] = true
			}
		}
	}
	if len(given) < 35 {
		t.Fatalf("only %d codes found: the search is broken", len(given))
	}
	apitest.Compare(t, (&Service{}).Messages(), given)
}
