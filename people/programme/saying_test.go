package programme

import (
	"go/ast"
	"go/parser"
	"go/token"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// The pages have words for what the API says it sends: a kind of fact that is
// not among these would be read as a key.
func TestTheAPINamesEveryKindOfFact(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "fact.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var kinds []string
	ast.Inspect(file, func(n ast.Node) bool {
		v, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if of, ok := v.Type.(*ast.Ident); ok && of.Name == "Kind" {
			word, err := strconv.Unquote(v.Values[0].(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			if k := Kind(word); k != Weak && k != People { // never sent, see History and explain
				kinds = append(kinds, word)
			}
		}
		return true
	})
	for _, k := range buildingKinds {
		if !slices.Contains(kinds, string(k)) {
			kinds = append(kinds, string(k))
		}
	}
	field, _ := reflect.TypeFor[Saying]().FieldByName("Kind")
	named := strings.Split(field.Tag.Get("enum"), ",")
	slices.Sort(kinds)
	slices.Sort(named)
	if len(kinds) == 0 || !slices.Equal(kinds, named) {
		t.Errorf("facts: %q\nthe API: %q", kinds, named)
	}
}
