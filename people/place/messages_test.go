package place

import (
	"io/fs"
	"testing"

	"linli.dev/linli/api/apitest"
)

// Every code that this room gives out has a sentence in both languages, and no sentence is left over.
func TestEverySentenceIsThere(t *testing.T) {
	sub, err := fs.Sub(messages, "messages")
	if err != nil {
		t.Fatal(err)
	}
	apitest.RoomSentences(t, sub, "place", 30, "read", "keep", "write", "founded", "changed", "ended")
}
