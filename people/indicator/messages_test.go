package indicator

import (
	"testing"

	"linli.dev/linli/api/apitest"
)

// Every code that this room gives out has a sentence in both languages, and no sentence is left over.
func TestEverySentenceIsThere(t *testing.T) {
	apitest.RoomSentences(t, (&Service{}).Messages(), "indicator", 14, "read", "write", "defined", "aimed")
}
