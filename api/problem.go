package api

import (
	"encoding/json"
	"errors"
	"math"
	"net/http"
	"reflect"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"linli.dev/linli/fault"
)

// Problem is an RFC 9457 reply.
type Problem struct {
	Type    string         `json:"type" doc:"urn:linli:problem: and the last part of the code." example:"urn:linli:problem:lease-required"`
	Title   string         `json:"title" doc:"What sort of trouble it is, in the language asked for."`
	Status  int            `json:"status" doc:"The HTTP status."`
	Detail  string         `json:"detail" doc:"What happened and what to do, one or two sentences in the language asked for."`
	Code    string         `json:"code" doc:"What happened, for programs." example:"door.lease-required"`
	Policy  string         `json:"policy,omitempty" doc:"The policy that refused, for whoever keeps the rules."`
	Request string         `json:"request,omitempty" doc:"The number of the request in the server's log."`
	Fields  []ProblemField `json:"fields,omitempty" doc:"The bad fields or cells."`

	headers http.Header
}

// ProblemField is a bad field, or cell.
type ProblemField struct {
	Path   string `json:"path" doc:"As it was sent: name, rows[3].name, C7."`
	Code   string `json:"code"`
	Detail string `json:"detail" doc:"What is wrong with it, a sentence."`
}

var (
	errorModel  = reflect.TypeFor[huma.ErrorModel]()
	problemType = reflect.TypeFor[Problem]()
)

// statuses maps the kinds to HTTP, here and nowhere else.
var statuses = map[fault.Kind]int{
	fault.Invalid: http.StatusUnprocessableEntity, fault.Unauthenticated: http.StatusUnauthorized,
	fault.Denied: http.StatusForbidden, fault.NotFound: http.StatusNotFound, fault.Conflict: http.StatusConflict,
	fault.Stale: http.StatusPreconditionFailed, fault.Gone: http.StatusGone, fault.TooMany: http.StatusTooManyRequests, fault.Unsupported: http.StatusNotImplemented,
	fault.Unavailable: http.StatusServiceUnavailable, fault.TooLarge: http.StatusRequestEntityTooLarge,
	fault.Internal: http.StatusInternalServerError,
}

// Status is the HTTP status of an error.
func Status(err error) int {
	if s, ok := statuses[fault.KindOf(err)]; ok {
		return s
	}
	return http.StatusInternalServerError
}

// For huma, which writes it.
func (p *Problem) Error() string             { return p.Code }
func (p *Problem) GetStatus() int            { return p.Status }
func (p *Problem) GetHeaders() http.Header   { return p.headers }
func (p *Problem) ContentType(string) string { return "application/problem+json" }

// Fail answers a request with a problem; for handlers of Raw routes.
func Fail(w http.ResponseWriter, r *http.Request, err error) {
	x := exchangeFrom(r.Context())
	if x == nil { // outside of a Server, in a room's unit test
		x = &exchange{s: &Server{words: newWords(nil)}, lang: "en"}
	}
	x.problem(err).write(w)
}

func (p *Problem) write(w http.ResponseWriter) {
	h := w.Header()
	for k, v := range p.headers {
		h[k] = v
	}
	for _, k := range []string{"Etag", "Last-Modified", "Content-Range", "Accept-Ranges", "Content-Encoding", "Content-Disposition", "Content-Length"} {
		h.Del(k) // what the handler meant for its picture
	}
	h.Set("Content-Type", "application/problem+json")
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p)
}

// problem turns an error into a reply in the caller's language. The chain of causes stays here, for the log.
func (x *exchange) problem(err error) *Problem {
	if x == nil {
		x = &exchange{s: &Server{words: newWords(nil)}, lang: "en"}
	}
	var p *Problem
	if errors.As(err, &p) {
		return p
	}
	x.cause = err
	var model *huma.ErrorModel
	if errors.As(err, &model) {
		return x.fromHuma(model)
	}
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) && fault.CodeOf(err) == "" {
		err = fault.Wrap(err, fault.TooLarge, "api.body", "api.body-too-large", "limit", size(tooLarge.Limit-1))
	}
	var f *fault.Error
	if !errors.As(err, &f) {
		f = &fault.Error{Kind: fault.KindOf(err)}
	}
	return x.build(f)
}

func (x *exchange) build(f *fault.Error) *Problem {
	words := x.s.words
	if f.Code == notAllowed {
		f = x.explained(f)
	}
	status, ok := statuses[f.Kind]
	if !ok {
		status = http.StatusInternalServerError
	}
	generic := "api.kind." + string(f.Kind)
	if !ok {
		generic = "api.kind.internal"
	}
	p := &Problem{Status: status, Code: f.Code, Request: x.id, headers: http.Header{}}
	p.headers.Set("Content-Language", map[string]string{"zh": "zh-CN", "en": "en"}[x.lang])
	p.headers.Set("Vary", "Accept-Language")
	if p.Code == "" {
		p.Code = generic
	}
	p.Policy, _ = f.Args["policy"].(string)
	p.Type = "urn:linli:problem:" + p.Code[strings.LastIndexByte(p.Code, '.')+1:]
	p.Title, _ = words.say(x.lang, generic, nil)
	for _, bad := range f.Fields {
		args := map[string]any{"path": bad.Path}
		for k, v := range bad.Args {
			args[k] = v
		}
		text, ok := words.say(x.lang, bad.Code, args)
		if !ok {
			text = bad.Code
		}
		p.Fields = append(p.Fields, ProblemField{Path: bad.Path, Code: bad.Code, Detail: text})
	}
	if p.Detail, ok = words.say(x.lang, f.Code, f.Args); !ok {
		if len(p.Fields) > 0 {
			p.Detail = x.fieldList(p.Fields)
		} else {
			p.Detail, _ = words.say(x.lang, generic+".detail", map[string]any{"request": x.id})
		}
	}
	if f.RetryAfter > 0 {
		p.headers.Set("Retry-After", strconv.Itoa(int(math.Ceil(f.RetryAfter.Seconds()))))
	}
	if f.Kind == fault.Unauthenticated {
		p.headers.Set("WWW-Authenticate", `Bearer realm="linli"`)
	}
	return p
}

// as gives a problem the status that HTTP has for it, where that is not its kind's.
func (p *Problem) as(x *exchange, status int) {
	p.Status = status
	if title, ok := x.s.words.say(x.lang, "api.status."+strconv.Itoa(status), nil); ok {
		p.Title = title
	}
}

// fieldList names the first few bad fields in one sentence.
func (x *exchange) fieldList(fields []ProblemField) string {
	var parts []string
	for i, f := range fields {
		if i == 3 {
			break
		}
		parts = append(parts, f.Detail)
	}
	text := strings.Join(parts, map[string]string{"zh": "", "en": " "}[x.lang])
	if more := len(fields) - len(parts); more > 0 {
		rest, _ := x.s.words.say(x.lang, "api.more-fields", map[string]any{"n": more})
		text += map[string]string{"zh": "", "en": " "}[x.lang] + rest
	}
	return text
}

func size(n int64) string {
	switch {
	case n >= 1<<20:
		return strconv.FormatInt(n>>20, 10) + " MiB"
	case n >= 1<<10:
		return strconv.FormatInt(n>>10, 10) + " KiB"
	}
	return strconv.FormatInt(n, 10) + " B"
}
