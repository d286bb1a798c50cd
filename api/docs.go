package api

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"html/template"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
)

//go:embed docs.html
var docsPage string

//go:embed docs.css
var docsStyle []byte

// The page is made from openapi.json on the server: no script, nothing from outside.
type (
	docSpec struct {
		Info       docInfo
		Paths      map[string]map[string]docOp
		Components struct{ Schemas map[string]docSchema }
	}
	docInfo struct{ Title, Version, Description string }
	docOp   struct {
		OperationID, Summary, Description string
		Tags                              []string
		Parameters                        []docParam
		RequestBody                       *docBody
		Responses                         map[string]docBody
		Permission                        string `json:"x-permission"`
	}
	docParam struct {
		Name, In, Description string
		Required              bool
		Schema                docSchema
	}
	docBody struct {
		Description string
		Content     map[string]struct{ Schema docSchema }
	}
	docSchema struct {
		Ref                  string `json:"$ref"`
		Type                 any
		Format, Description  string
		Enum                 []any
		Items                *docSchema
		Properties           map[string]docSchema
		AdditionalProperties any
		Required             []string
		Minimum, Maximum     *float64
		MaxLength            *int
		Default              any
		Examples             []any
	}
)

type docsView struct {
	EN    bool
	Info  docInfo
	Tags  []docTag
	Types []docType
}

type docTag struct {
	Name   string
	Routes []docRoute
}

type docRoute struct {
	Method, Path string
	docOp
}

type docType struct {
	Name   string
	Schema docSchema
}

var docsTemplate = sync.OnceValues(func() (*template.Template, error) {
	return template.New("docs").Funcs(template.FuncMap{
		"type":     docSchema.text,
		"names":    func(m map[string]docSchema) []string { return slices.Sorted(maps.Keys(m)) },
		"statuses": func(m map[string]docBody) []string { return slices.Sorted(maps.Keys(m)) },
		"required": func(s docSchema, name string) bool { return slices.Contains(s.Required, name) },
		"upper":    strings.ToUpper,
	}).Parse(docsPage)
})

// text writes a schema as a type, with a link where it has a name.
func (s docSchema) text() template.HTML {
	esc := template.HTMLEscapeString
	if s.Ref != "" {
		name := s.Ref[strings.LastIndexByte(s.Ref, '/')+1:]
		return template.HTML(`<a href="#type-` + esc(name) + `">` + esc(name) + `</a>`) //nolint:gosec // escaped
	}
	var kind string
	switch t := s.Type.(type) {
	case string:
		kind = t
	case []any:
		var all []string
		for _, e := range t {
			if e, ok := e.(string); ok {
				all = append(all, e)
			}
		}
		kind = strings.Join(all, " | ")
	}
	switch {
	case kind == "array" && s.Items != nil:
		return s.Items.text() + "[]"
	case len(s.Enum) > 0:
		var all []string
		for _, e := range s.Enum {
			raw, _ := json.Marshal(e)
			all = append(all, string(raw))
		}
		return template.HTML(esc(strings.Join(all, " | "))) //nolint:gosec // escaped
	case s.Format != "":
		kind += " (" + s.Format + ")"
	case kind == "":
		kind = "any"
	}
	return template.HTML(esc(kind)) //nolint:gosec // escaped
}

func (s *Server) docs(en bool) ([]byte, error) {
	raw, err := s.OpenAPI()
	if err != nil {
		return nil, err
	}
	var spec docSpec
	if err := json.Unmarshal(raw, &spec); err != nil {
		return nil, err
	}
	byTag := map[string][]docRoute{}
	for _, path := range slices.Sorted(maps.Keys(spec.Paths)) {
		for _, method := range []string{"get", "post", "put", "patch", "delete"} {
			if op, ok := spec.Paths[path][method]; ok {
				byTag[op.Tags[0]] = append(byTag[op.Tags[0]], docRoute{method, path, op})
			}
		}
	}
	view := docsView{EN: en, Info: spec.Info}
	for _, tag := range slices.Sorted(maps.Keys(byTag)) {
		view.Tags = append(view.Tags, docTag{tag, byTag[tag]})
	}
	for _, name := range slices.Sorted(maps.Keys(spec.Components.Schemas)) {
		view.Types = append(view.Types, docType{name, spec.Components.Schemas[name]})
	}
	page, err := docsTemplate()
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	err = page.Execute(&b, view)
	return b.Bytes(), err
}

func (s *Server) serveDocs(w http.ResponseWriter, r *http.Request) {
	page, err := s.docs(Language(r.Context()) == "en")
	if err != nil {
		Fail(w, r, err)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-cache")
	h.Add("Vary", "Accept-Language")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'")
	_, _ = w.Write(page)
}

func (s *Server) serveDocsStyle(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/css; charset=utf-8")
	w.Header().Set("Cache-Control", "no-cache")
	_, _ = w.Write(docsStyle)
}
