package apitest

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Sentences checks that every code which the room in this folder gives out has a sentence in both languages, and that no
// sentence is left over. A code is a string "prefix.word" in the room's sources; names of operations, the second
// argument of fault.New and fault.Wrap, are none. messages holds zh.json and en.json.
func Sentences(t *testing.T, messages fs.FS, prefix string) {
	t.Helper()
	given := codes(t, prefix)
	if len(given) == 0 {
		t.Fatalf("no code that begins with %s. is in this folder", prefix)
	}
	Compare(t, messages, given)
}

func codes(t *testing.T, prefix string) map[string]bool {
	t.Helper()
	code := regexp.MustCompile(`"(` + prefix + `\.[a-z-]*[a-z])"`)
	op := regexp.MustCompile(`fault\.[A-Z]\w+, "` + prefix + `[a-z.-]*"`)
	given := map[string]bool{}
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
		for _, m := range code.FindAllSubmatch(op.ReplaceAll(text, nil), -1) {
			given[string(m[1])] = true
		}
	}
	return given
}

// SayWhatToDo checks that the sentences of these codes do not only say what is wrong: in Chinese they ask for something; in English
// they hold the polite word.
func SayWhatToDo(t *testing.T, messages fs.FS, codes ...string) {
	t.Helper()
	for name, asks := range map[string]string{"zh": "请", "en": "lease "} {
		raw, err := fs.ReadFile(messages, "messages/"+name+".json")
		if err != nil {
			t.Fatal(err)
		}
		var all map[string]string
		if err := json.Unmarshal(raw, &all); err != nil {
			t.Fatal(err)
		}
		for _, code := range codes {
			if !strings.Contains(all[code], asks) {
				t.Errorf("%s: %s says what is wrong, and not what to do: %q", name, code, all[code])
			}
		}
	}
}
