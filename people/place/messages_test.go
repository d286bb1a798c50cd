package place

import (
	"testing"

	"linli.dev/linli/api"
	"linli.dev/linli/api/apitest"
)

// Every code that this room gives out has a sentence in both languages, and no sentence is left over.
func TestEverySentenceIsThere(t *testing.T) {
	apitest.RoomSentences(t, api.Messages(messages), "place", 30, "read", "keep", "write", "founded", "changed", "ended", "located")
}
