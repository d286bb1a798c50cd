package identity

import (
	"io/fs"
	"testing"

	"linli.dev/linli/api/apitest"
)

func TestEveryFaultHasWords(t *testing.T) {
	sub, err := fs.Sub(messages, "messages")
	if err != nil {
		t.Fatal(err)
	}
	apitest.Sentences(t, sub, "identity")
}
