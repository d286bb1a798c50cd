package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"path"
	"reflect"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

func (s *Server) humaConfig() huma.Config {
	n := &namer{types: map[string]reflect.Type{}, names: map[reflect.Type]string{}}
	version := s.opt.Version
	if version == "" {
		version = "unknown"
	}
	doc := &huma.OpenAPI{
		OpenAPI: "3.1.0",
		Info: &huma.Info{
			Title: "Linli 邻里", Version: version,
			Description: "The API of a Linli server. Times are RFC 3339 with a zone, names are snake_case, ids are strings. " +
				"Errors are application/problem+json in Chinese or English, by Accept-Language. x-permission is what a caller must hold.",
			License: &huma.License{Name: "Apache-2.0", Identifier: "Apache-2.0"},
		},
		Components: &huma.Components{
			Schemas: huma.NewMapRegistry("#/components/schemas/", n.name),
			SecuritySchemes: map[string]*huma.SecurityScheme{
				"session": {Type: "apiKey", In: "cookie", Name: "linli_session", Description: "What signing in gives a browser."},
				"token":   {Type: "http", Scheme: "bearer", Description: "For programs, with named permissions; never for pictures."},
			},
		},
	}
	if s.opt.PublicURL != "" {
		doc.Servers = []*huma.Server{{URL: strings.TrimSuffix(s.opt.PublicURL, "/")}}
	}
	// OpenAPIPath, DocsPath and SchemasPath stay empty: huma's own routes would be without a guard, and its page
	// loads from elsewhere.
	return huma.Config{
		OpenAPI:       doc,
		Formats:       map[string]huma.Format{"application/json": plainJSON, "json": plainJSON},
		DefaultFormat: "application/json",
		Transformers:  []huma.Transformer{transform},
	}
}

// transform puts our problems in the place of huma's, and [] in the place of null for lists.
func transform(ctx huma.Context, _ string, v any) (any, error) {
	if m, ok := v.(*huma.ErrorModel); ok {
		x := exchangeFrom(ctx.Context())
		if x == nil {
			return v, nil
		}
		p := x.fromHuma(m)
		for k, values := range p.headers {
			for _, value := range values {
				ctx.AppendHeader(k, value)
			}
		}
		return p, nil
	}
	return filled(v), nil
}

func (s *Server) problemResponse() *huma.Response {
	schema := s.api.OpenAPI().Components.Schemas.Schema(problemType, true, "Problem")
	return &huma.Response{Description: "Error", Content: map[string]*huma.MediaType{"application/problem+json": {Schema: schema}}}
}

// namer names the schemas. Two rooms may each have a Status; the second one is called after its room.
type namer struct {
	types map[string]reflect.Type
	names map[reflect.Type]string
}

func (n *namer) name(t reflect.Type, hint string) string {
	t = bare(t)
	if t.Kind() != reflect.Struct {
		return huma.DefaultSchemaNamer(t, hint)
	}
	if name, ok := n.names[t]; ok {
		return name
	}
	name := huma.DefaultSchemaNamer(t, hint)
	if n.types[name] != nil && t.PkgPath() != "" {
		room := path.Base(t.PkgPath())
		name = strings.ToUpper(room[:1]) + room[1:] + name
	}
	for base, i := name, 2; n.types[name] != nil; i++ {
		name = fmt.Sprintf("%s%d", base, i)
	}
	n.types[name], n.names[t] = t, name
	return name
}

func bare(t reflect.Type) reflect.Type {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t
}

// OpenAPI is the description of all routes that were added, as JSON. The first call freezes it.
func (s *Server) OpenAPI() ([]byte, error) {
	s.specOnce.Do(func() {
		raw, err := json.Marshal(s.api.OpenAPI())
		if err != nil {
			s.specErr = err
			return
		}
		var doc any
		if s.specErr = json.Unmarshal(raw, &doc); s.specErr != nil {
			return
		}
		notNull(doc)
		s.spec, s.specErr = json.MarshalIndent(doc, "", "  ")
	})
	return s.spec, s.specErr
}

// notNull says of lists what is true of them: they are never null. huma marks every slice of Go as nullable.
func notNull(v any) {
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			notNull(e)
		}
	case map[string]any:
		if t, ok := v["type"].([]any); ok && len(t) == 2 && t[0] == "array" && t[1] == "null" {
			v["type"] = "array"
		}
		for _, e := range v {
			notNull(e)
		}
	}
}

func (s *Server) serveSpec(w http.ResponseWriter, r *http.Request) {
	spec, err := s.OpenAPI()
	if err != nil {
		Fail(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "application/openapi+json")
	w.Header().Set("Cache-Control", "no-cache")
	_, _ = w.Write(spec)
}
