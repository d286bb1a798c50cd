package ledger

import (
	"testing"

	"linli.dev/linli/api"
	"linli.dev/linli/api/apitest"
)

func TestEveryFaultHasWords(t *testing.T) {
	apitest.Sentences(t, api.Messages(messages), "tlog")
}
