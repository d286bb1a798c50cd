package api

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"linli.dev/linli/fault"
)

// rules translate what huma says about a field to a code of ours; the groups of a pattern are arguments by name.
// A message that none fits becomes "api.field.bad", so nothing is lost but precision; a test goes through all of
// huma's messages.
var rules = []struct {
	says *regexp.Regexp
	code string
}{
	{regexp.MustCompile(`^unexpected property$`), "api.field.unknown"},
	{regexp.MustCompile(`^unknown query parameter$`), "api.field.unknown"},
	{regexp.MustCompile(`^expected required property (?P<name>\S+) to be present$`), "api.field.required"},
	{regexp.MustCompile(`^expected property (?P<name>\S+) to be present when (?P<other>\S+) is present$`), "api.field.required-with"},
	{regexp.MustCompile(`^required (?:path|query|header|cookie|form|formData) parameter is missing$`), "api.field.required"},
	{regexp.MustCompile(`^File required$|^file required$`), "api.field.required"},
	{regexp.MustCompile(`^expected boolean$|^invalid boolean$`), "api.field.boolean"},
	{regexp.MustCompile(`^expected integer$|^invalid integer$`), "api.field.integer"},
	{regexp.MustCompile(`^expected number$|^invalid float$|^invalid floating value$`), "api.field.number"},
	{regexp.MustCompile(`^expected string$`), "api.field.text"},
	{regexp.MustCompile(`^expected array$`), "api.field.list"},
	{regexp.MustCompile(`^expected object$`), "api.field.object"},
	{regexp.MustCompile(`^expected value to be one of "(?P<choices>.*)"$`), "api.field.choice"},
	{regexp.MustCompile(`^expected number >= (?P<n>\S+)$`), "api.field.min"},
	{regexp.MustCompile(`^expected number > (?P<n>\S+)$`), "api.field.more-than"},
	{regexp.MustCompile(`^expected number <= (?P<n>\S+)$`), "api.field.max"},
	{regexp.MustCompile(`^expected number < (?P<n>\S+)$`), "api.field.less-than"},
	{regexp.MustCompile(`^expected number to be a multiple of (?P<n>\S+)$`), "api.field.multiple"},
	{regexp.MustCompile(`^expected length >= 1$`), "api.field.empty"},
	{regexp.MustCompile(`^expected length >= (?P<n>\d+)$`), "api.field.min-length"},
	{regexp.MustCompile(`^expected length <= (?P<n>\d+)$`), "api.field.max-length"},
	{regexp.MustCompile(`^expected array length >= (?P<n>\d+)$`), "api.field.min-items"},
	{regexp.MustCompile(`^expected array length <= (?P<n>\d+)$`), "api.field.max-items"},
	{regexp.MustCompile(`^expected object with at (?:least|most) (?P<n>\d+) properties$`), "api.field.object-size"},
	{regexp.MustCompile(`^expected array items to be unique$`), "api.field.twice"},
	{regexp.MustCompile(`^expected string to match pattern `), "api.field.pattern"},
	{regexp.MustCompile(`^expected string to be RFC (?:3339|1123) (?:date-time|date|time)$|^invalid date/time for format `), "api.field.time"},
	{regexp.MustCompile(`^expected duration: `), "api.field.duration"},
	{regexp.MustCompile(`^expected string to be RFC 3986 uri: |^invalid url.URL value$|^expected string to be RFC 6570`), "api.field.url"},
	{regexp.MustCompile(`^expected string to be RFC 5322 email: `), "api.field.email"},
	{regexp.MustCompile(`^expected string to be RFC 5890 hostname$`), "api.field.host"},
	{regexp.MustCompile(`^expected string to be (?:either )?RFC (?:2673|2373) `), "api.field.address"},
	{regexp.MustCompile(`^expected string to be base64 encoded$`), "api.field.base64"},
	{regexp.MustCompile(`^expected at most one value`), "api.field.once"},
	{regexp.MustCompile(`^write only property is non-zero$`), "api.field.unknown"},
	{regexp.MustCompile(`^invalid character|^unexpected end of JSON|^json: |^unexpected EOF|cannot unmarshal`), "api.field.json"},
	{regexp.MustCompile(`^` + nulFound + `$`), "api.field.nul"},
	{regexp.MustCompile(`^unknown content type`), "api.field.content-type"},
	{regexp.MustCompile(`^cannot read multipart form|multipart`), "api.field.form"},
}

// fromHuma turns what huma found wrong with a request into a problem of ours.
func (x *exchange) fromHuma(m *huma.ErrorModel) *Problem {
	f := &fault.Error{Kind: fault.Invalid, Code: "api.invalid"}
	for _, d := range m.Errors {
		if d == nil {
			continue
		}
		if strings.Contains(d.Message, "request body too large") {
			m.Status = http.StatusRequestEntityTooLarge
		}
		code, args := translate(d.Message)
		path := fieldPath(d.Location)
		if name, ok := args["name"].(string); ok && (code == "api.field.required" || code == "api.field.required-with") {
			path = join(path, name) // huma points at the object that lacks it
		}
		f.Fields = append(f.Fields, fault.Field{Path: path, Code: code, Args: args})
	}
	status := m.Status
	switch m.Status {
	case http.StatusRequestEntityTooLarge:
		f = fault.New(fault.TooLarge, "api.body", "api.body-too-large", "limit", limitIn(m.Detail))
	case http.StatusRequestTimeout:
		f = fault.New(fault.Invalid, "api.body", "api.body-slow")
	case http.StatusNotAcceptable:
		f = fault.New(fault.Invalid, "api.reply", "api.not-acceptable")
	case http.StatusUnsupportedMediaType:
		f = fault.New(fault.Invalid, "api.body", "api.content-type")
	case http.StatusBadRequest, http.StatusUnprocessableEntity:
		if len(f.Fields) == 0 {
			f.Code = "api.body-missing"
		}
	default:
		f = &fault.Error{Kind: kindOf(m.Status), Code: ""}
	}
	if f.Code == "api.invalid" {
		// The detail names the fields: made by build from the list.
		f.Code = ""
	}
	p := x.build(f)
	if f.Code == "" && len(f.Fields) > 0 {
		p.Code, p.Type = "api.invalid", "urn:linli:problem:invalid"
	}
	p.as(x, status)
	x.cause = fmt.Errorf("%s", m.Detail)
	return p
}

func translate(message string) (string, map[string]any) {
	for _, r := range rules {
		m := r.says.FindStringSubmatch(message)
		if m == nil {
			continue
		}
		args := map[string]any{}
		for i, name := range r.says.SubexpNames() {
			if name != "" {
				args[name] = m[i]
			}
		}
		return r.code, args
	}
	return "api.field.bad", nil
}

// fieldPath drops where the field was sent: nobody who fills in a form knows of a body.
func fieldPath(location string) string {
	for _, part := range []string{"body", "query", "path", "header", "cookie", "form", "formData"} {
		if rest, ok := strings.CutPrefix(location, part); ok && (rest == "" || rest[0] == '.' || rest[0] == '[') {
			return strings.TrimPrefix(rest, ".")
		}
	}
	return location
}

func join(path, name string) string {
	if path == "" || path == name || strings.HasSuffix(path, "."+name) {
		if path == "" {
			return name
		}
		return path
	}
	return path + "." + name
}

var limitText = regexp.MustCompile(`limit=(\d+)`)

func limitIn(detail string) string {
	var n int64
	if m := limitText.FindStringSubmatch(detail); m != nil {
		fmt.Sscan(m[1], &n)
		return size(n)
	}
	return "?"
}

func kindOf(status int) fault.Kind {
	for k, s := range statuses {
		if s == status {
			return k
		}
	}
	if status < 500 {
		return fault.Invalid
	}
	return fault.Internal
}
