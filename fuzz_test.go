package linli_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// keptInputs is how many inputs each fuzz target has in the repository at least.
const keptInputs = 10

var fuzzTarget = regexp.MustCompile(`(?m)^func (Fuzz\w+)\(f \*testing\.F\)`)

// Inputs that a fuzzer has found go through a parser with every run of the tests, not only where somebody fuzzes. So every target keeps
// some: those that reach the most of its code, as `make fuzz` finds them.
func TestEveryFuzzTargetKeepsItsInputs(t *testing.T) {
	targets := 0
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "node_modules" || d.Name() == "testdata" || strings.HasPrefix(d.Name(), ".") && path != "."):
			return fs.SkipDir
		case !strings.HasSuffix(path, "_test.go"):
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, found := range fuzzTarget.FindAllSubmatch(text, -1) {
			targets++
			folder := filepath.Join(filepath.Dir(path), "testdata", "fuzz", string(found[1]))
			kept, err := os.ReadDir(folder)
			if err != nil && !os.IsNotExist(err) {
				return err
			}
			if len(kept) < keptInputs {
				t.Errorf("%s keeps %d inputs, less than %d: run it (scripts/fuzz.sh does) and copy some of what it found from $(go env GOCACHE)/fuzz to %s",
					found[1], len(kept), keptInputs, folder)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if targets < 40 {
		t.Errorf("only %d fuzz targets were found", targets)
	}
}
