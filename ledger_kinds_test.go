package linli_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"testing"
)

// Every kind of change that a room writes into the journal is entered in the ledger, or there is a reason why not: a new one cannot be
// forgotten.
func TestEachJournalKindIsEnteredOrExcused(t *testing.T) {
	entered, excused := keysOf(t, "role/ledger_entry.go", "tells"), keysOf(t, "role/ledger_excused_test.go", "excused")
	kinds := append(journalKinds(t), "journal.redated") // the store's own, which is not looked through
	for _, k := range kinds {
		if !slices.Contains(entered, k) && !slices.Contains(excused, k) {
			t.Errorf("%s is neither entered in the ledger (role/ledger_entry.go) nor excused (role/ledger_excused_test.go)", k)
		}
	}
	for _, k := range slices.Concat(entered, excused) {
		if !slices.Contains(kinds, k) {
			t.Errorf("%s is no kind of the journal", k)
		}
	}
	if len(entered) < 30 || len(excused) < 40 {
		t.Errorf("%d entered, %d excused", len(entered), len(excused))
	}
}

// keysOf lists the keys of a map that a file declares.
func keysOf(t *testing.T, file, name string) (keys []string) {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(f, func(n ast.Node) bool {
		v, ok := n.(*ast.ValueSpec)
		if !ok || v.Names[0].Name != name {
			return true
		}
		for _, e := range v.Values[0].(*ast.CompositeLit).Elts {
			if s, ok := text(e.(*ast.KeyValueExpr).Key); ok {
				keys = append(keys, s)
			}
		}
		return false
	})
	return keys
}
