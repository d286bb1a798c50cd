package role

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A kind that is misspelt, or has another name now, would be trimmed without a word.
func TestWhatStaysOnRecordIsEmittedByThatName(t *testing.T) {
	var code strings.Builder
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "node_modules" || d.Name() == "role" || d.Name() == "dist") {
			return filepath.SkipDir
		}
		if strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go") {
			raw, err := os.ReadFile(path)
			code.Write(raw)
			return err
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, kind := range onRecord {
		if !strings.Contains(code.String(), `"`+kind+`"`) {
			t.Errorf("nobody emits %q", kind)
		}
	}
}
