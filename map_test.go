package linli_test

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the map in ARCHITECTURE.md anew")

const (
	mapBegin = "<!-- map: written by `make generate` from each doc.go -->\n```\n"
	mapEnd   = "```\n<!-- end of map -->"
)

// The tree in ARCHITECTURE.md is taken from the first sentence of each package, so it cannot go stale.
func TestMapIsTrue(t *testing.T) {
	const file = "ARCHITECTURE.md"
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	text := string(raw)
	before, rest, ok := strings.Cut(text, mapBegin)
	if !ok {
		t.Fatalf("%s has no map; it begins with %q", file, mapBegin)
	}
	got, after, ok := strings.Cut(rest, mapEnd)
	if !ok {
		t.Fatalf("%s: the map has no end", file)
	}
	want := drawMap(t)
	if *update {
		text = before + mapBegin + want + mapEnd + after
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if got != want {
		t.Errorf("the map in %s is not what the doc.go files say; run make generate.\ngot:\n%s\nwant:\n%s", file, got, want)
	}
	if n := strings.Count(text, "\n"); n > 150 {
		t.Errorf("%s has %d lines; 150 are the most", file, n)
	}
}

// drawMap lists every package with the first sentence of its doc.
func drawMap(t *testing.T) string {
	t.Helper()
	out, err := exec.Command("go", "list", "-f", "{{.ImportPath}}\t{{.Doc}}", "./...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var b strings.Builder
	for line := range strings.Lines(string(out)) {
		path, doc, _ := strings.Cut(strings.TrimSpace(line), "\t")
		path = strings.TrimPrefix(path, module)
		if path == strings.TrimSuffix(module, "/") || strings.Contains(path, "testdata") {
			continue
		}
		if doc == "" {
			t.Errorf("%s has no package doc", path)
		}
		fmt.Fprintf(&b, "%-22s %s\n", path, sentence(doc))
	}
	return b.String()
}

// sentence cuts "Package x " and "Command x " off the front and the full stop off the end.
func sentence(doc string) string {
	words := strings.SplitN(doc, " ", 3)
	if len(words) == 3 && (words[0] == "Package" || words[0] == "Command") {
		doc = words[2]
	}
	return strings.TrimSuffix(doc, ".")
}
