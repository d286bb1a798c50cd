package inspection

import (
	"testing"

	"linli.dev/linli/api/apitest"
)

// Every code that this room gives out has a sentence in both languages, and no sentence is left over.
func TestEverySentenceIsThere(t *testing.T) {
	apitest.RoomSentences(t, (&Service{}).Messages(), "inspection", 70, "read", "write", "act", "publish",
		"planned", "answered", "signed", "finished", "cancelled", "mend-stepped", "form-changed", "form-published", "photos")
}
