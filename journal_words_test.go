package linli_test

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// The journal page names what happened in words: whatever kind a room writes
// into the journal has them, in both languages. The kinds are read from the
// calls of Emit, so a new one cannot be forgotten.
func TestEveryJournalKindHasWords(t *testing.T) {
	kinds := journalKinds(t)
	if len(kinds) < 50 || !slices.Contains(kinds, "look.begun") || !slices.Contains(kinds, "class.left") || !slices.Contains(kinds, "purge.stopped") {
		t.Fatalf("only %d kinds found, or not those that pass through a variable: %v", len(kinds), kinds)
	}
	for _, language := range []string{"zh", "en"} {
		raw, err := os.ReadFile("web/console/words/" + language + ".json")
		if err != nil {
			t.Fatal(err)
		}
		var words struct {
			Event map[string]any `json:"event"`
		}
		if err := json.Unmarshal(raw, &words); err != nil {
			t.Fatal(err)
		}
		for _, kind := range kinds {
			if word, _ := words.Event[strings.ReplaceAll(kind, ".", "-")].(string); word == "" {
				t.Errorf("%s.json has no words for the journal's %s (event.%s)", language, kind, strings.ReplaceAll(kind, ".", "-"))
			}
		}
	}
}

// journalKinds lists the second argument of every Emit outside tests.
func journalKinds(t *testing.T) []string {
	t.Helper()
	rooms := map[string][]*ast.File{}
	files := token.NewFileSet()
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "web" || d.Name() == "testdata" || strings.HasPrefix(d.Name(), ".") && path != ".") {
			return fs.SkipDir
		}
		dir := filepath.Dir(path)
		// Benchmarks and helpers of tests write kinds of their own.
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || strings.HasSuffix(dir, "test") || dir == "bench" || dir == "store" {
			return nil
		}
		f, err := parser.ParseFile(files, path, nil, parser.SkipObjectResolution)
		rooms[dir] = append(rooms[dir], f)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	for dir, room := range rooms {
		for _, kind := range kindsOf(t, dir, room) {
			found[kind] = true
		}
	}
	out := make([]string, 0, len(found))
	for kind := range found {
		out = append(out, kind)
	}
	slices.Sort(out)
	return out
}

// kindsOf follows the kind of each Emit in one room to its texts: a constant,
// a variable of the same function, or a parameter, which the callers give.
func kindsOf(t *testing.T, dir string, room []*ast.File) (out []string) {
	consts := map[string]string{}
	for _, f := range room {
		ast.Inspect(f, func(n ast.Node) bool {
			if v, ok := n.(*ast.ValueSpec); ok {
				for i, name := range v.Names {
					if i < len(v.Values) {
						if s, ok := text(v.Values[i]); ok {
							consts[name.Name] = s
						}
					}
				}
			}
			return true
		})
	}
	// calls gives argument i of every call of a function of this name, with the function it stands in.
	calls := func(name string, method bool, arity, i int, each func(ast.Expr, *ast.FuncDecl)) {
		for _, f := range room {
			for _, d := range f.Decls {
				in, ok := d.(*ast.FuncDecl)
				if !ok {
					continue
				}
				ast.Inspect(in, func(n ast.Node) bool {
					c, ok := n.(*ast.CallExpr)
					if !ok || len(c.Args) != arity {
						return true
					}
					switch fun := c.Fun.(type) {
					case *ast.SelectorExpr:
						ok = method && fun.Sel.Name == name
					case *ast.Ident:
						ok = !method && fun.Name == name
					default:
						ok = false
					}
					if ok {
						each(c.Args[i], in)
					}
					return true
				})
			}
		}
	}
	var follow func(e ast.Expr, in *ast.FuncDecl, deep int)
	follow = func(e ast.Expr, in *ast.FuncDecl, deep int) {
		if s, ok := text(e); ok {
			out = append(out, s)
			return
		}
		name, ok := e.(*ast.Ident)
		if !ok || deep > 3 {
			t.Errorf("%s.%s: cannot tell which kind goes into the journal", dir, in.Name.Name)
			return
		}
		if s, ok := consts[name.Name]; ok {
			out = append(out, s)
			return
		}
		hit := false
		ast.Inspect(in, func(n ast.Node) bool {
			if a, ok := n.(*ast.AssignStmt); ok && len(a.Lhs) == len(a.Rhs) {
				for i, to := range a.Lhs {
					if id, ok := to.(*ast.Ident); ok && id.Name == name.Name {
						hit = true
						follow(a.Rhs[i], in, deep+1)
					}
				}
			}
			return true
		})
		at, arity := 0, in.Type.Params.NumFields()
		for _, p := range in.Type.Params.List {
			for _, id := range p.Names {
				if id.Name == name.Name {
					hit = true
					calls(in.Name.Name, in.Recv != nil, arity, at, func(e ast.Expr, in *ast.FuncDecl) { follow(e, in, deep+1) })
				}
				at++
			}
		}
		if !hit {
			t.Errorf("%s.%s: %s goes into the journal, and nothing says what it is", dir, in.Name.Name, name.Name)
		}
	}
	calls("Emit", true, 4, 1, func(e ast.Expr, in *ast.FuncDecl) { follow(e, in, 0) })
	return out
}

func text(e ast.Expr) (string, bool) {
	lit, ok := e.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return "", false
	}
	s, err := strconv.Unquote(lit.Value)
	return s, err == nil
}
