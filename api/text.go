package api

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"

	"linli.dev/linli/fault"
)

// Text with U+0000 in it, or that is no UTF-8, is refused at the edge: no name or id has it, PostgreSQL takes it in no
// column, and SQLite ends a statement there.

// notText says what is wrong with an address, if anything is.
func notText(u *url.URL) error {
	if !isText(u.Path) {
		return fault.New(fault.NotFound, "api.route", "api.not-text")
	}
	if strings.IndexByte(u.RawQuery, '%') < 0 && isText(u.RawQuery) {
		return nil
	}
	for _, pair := range strings.Split(u.RawQuery, "&") {
		if text, err := url.QueryUnescape(pair); err != nil || !isText(text) {
			return fault.New(fault.Invalid, "api.route", "api.not-text")
		}
	}
	return nil
}

func isText(s string) bool { return strings.IndexByte(s, 0) < 0 && utf8.ValidString(s) }

const nulFound = "U+0000 in a text"

// plainJSON is JSON whose texts hold no U+0000.
var plainJSON = huma.Format{
	Marshal: func(w io.Writer, v any) error { return huma.DefaultJSONFormat.Marshal(w, v) },
	Unmarshal: func(data []byte, v any) error {
		if holdsNul(data) {
			return errors.New(nulFound)
		}
		return huma.DefaultJSONFormat.Unmarshal(data, v)
	},
}

// holdsNul looks for the escape of U+0000; as a bare byte it is no JSON anyway.
func holdsNul(data []byte) bool {
	for rest := data; ; {
		i := bytes.Index(rest, []byte(`\u0000`))
		if i < 0 {
			return false
		}
		before := 0 // backslashes in front: an odd number of them makes this one a plain backslash
		for j := i - 1; j >= 0 && rest[j] == '\\'; j-- {
			before++
		}
		if before%2 == 0 {
			return true
		}
		rest = rest[i+1:]
	}
}

// textOnly answers for requests whose address is no text.
func textOnly(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := notText(r.URL); err != nil {
			Fail(w, r, err)
			return
		}
		next.ServeHTTP(w, r)
	})
}
