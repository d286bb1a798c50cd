package campaign

import (
	"testing"

	"linli.dev/linli/api/apitest"
)

// Every code that this room gives out has a sentence in both languages, and no sentence is left over.
func TestEverySentenceIsThere(t *testing.T) {
	apitest.RoomSentences(t, (&Service{}).Messages(), "campaign", 17, "read", "write", "publish", "set", "activity", "notice", "photos")
}
