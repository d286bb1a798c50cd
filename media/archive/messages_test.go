package archive

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"
)

// Whoever reads on a page that a disk or a piece of footage is in trouble reads what to do about it too.
func TestTroubleSaysWhatToDo(t *testing.T) {
	for name, asks := range map[string]string{"zh": `请`, "en": `(?i)please`} {
		raw, err := messages.ReadFile("messages/" + name + ".json")
		if err != nil {
			t.Fatal(err)
		}
		var all map[string]string
		if err := json.Unmarshal(raw, &all); err != nil {
			t.Fatal(err)
		}
		shown := 0
		for code, sentence := range all {
			switch {
			case strings.HasPrefix(code, "disk."):
			case code == "archive.not-stored", code == "archive.file-missing", code == "archive.index-unreadable":
			default:
				continue
			}
			shown++
			if regexp.MustCompile(asks).MatchString(sentence) {
				continue
			}
			t.Errorf("%s: %s says what is wrong, and not what to do: %s", name, code, sentence)
		}
		if shown < 15 {
			t.Errorf("%s: only %d sentences of trouble", name, shown)
		}
	}
}
