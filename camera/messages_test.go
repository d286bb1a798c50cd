package camera

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Whatever the room says has a sentence in both languages: each code in its
// sources, each verdict on a place, each reason of a running stream.
func TestEverySentenceIsThere(t *testing.T) {
	langs := map[string]map[string]string{}
	for _, lang := range []string{"zh", "en"} {
		raw, err := messages.ReadFile("messages/" + lang + ".json")
		if err != nil {
			t.Fatal(err)
		}
		m := map[string]string{}
		if err := json.Unmarshal(raw, &m); err != nil {
			t.Fatal(err)
		}
		langs[lang] = m
	}
	need := map[string]string{}
	notSentences := regexp.MustCompile(`^camera\.(read|write|import|test|created|changed|disabled|deleted|health)$`)
	operation := regexp.MustCompile(`(fault\.\w+, )"camera\.\w+"`) // of fault.New and fault.Wrap
	code := regexp.MustCompile(`"(camera\.[a-z][a-z0-9.'-]*)"`)
	files, _ := filepath.Glob("*.go")
	for _, f := range files {
		if strings.HasSuffix(f, "_test.go") {
			continue
		}
		src, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(operation.ReplaceAllString(string(src), "$1")) {
			if strings.Contains(line, "op = ") || strings.Contains(line, "dbError(") {
				continue // names of operations
			}
			for _, m := range code.FindAllStringSubmatch(line, -1) {
				if c := m[1]; !notSentences.MatchString(c) && !strings.HasSuffix(c, ".") && strings.ToLower(c) == c {
					need[c] = f
				}
			}
		}
	}
	for _, k := range forbiddenAreas {
		need["camera.forbidden."+string(k)], need["camera.confirm."+string(k)] = "place.go", "place.go"
	}
	for _, s := range []State{Connecting, Online, NoPicture, WrongClock, Stalled, Unauthorised, Unreachable, Disabled} {
		need["camera.health."+string(s)] = "health.go"
	}
	for _, w := range []Which{Main, Sub} {
		need["camera.health.part."+string(w)] = "health_http.go"
	}
	reasons, err := os.ReadFile("../media/stream/reason.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`"(stream\.[a-z-]+)"`).FindAllStringSubmatch(string(reasons), -1) {
		need[m[1]], need[m[1]+".do"] = "media/stream", "media/stream"
	}
	// A failed test always says what to do.
	probe, _ := os.ReadFile("probe.go")
	for _, m := range regexp.MustCompile(`return "(camera\.test\.[a-z-]+)"`).FindAllStringSubmatch(string(probe), -1) {
		need[m[1]+".do"] = "probe.go"
	}
	if len(need) < 150 {
		t.Fatalf("only %d codes found: the search is broken", len(need))
	}
	for c, where := range need {
		for lang, m := range langs {
			if m[c] == "" {
				t.Errorf("%s: no sentence for %q (%s)", lang, c, where)
			}
		}
	}
	// And no sentence that nobody says.
	all := ""
	for _, f := range files {
		src, _ := os.ReadFile(f)
		all += string(src)
	}
	for c := range langs["zh"] {
		if need[c] == "" && need[strings.TrimSuffix(c, ".do")] == "" && !strings.Contains(all, `"`+c+`"`) {
			t.Errorf("%q is never said", c)
		}
	}
}
