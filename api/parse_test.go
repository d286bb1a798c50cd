package api

import (
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2/validation"

	"linli.dev/linli/fault"
)

func FuzzEventID(f *testing.F) {
	for _, seed := range []string{"0", "17", "-1", "+1", "", "00", "9223372036854775807", "9223372036854775808", "1e3", "\xff", "１２"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if text == "" {
			return // asked for as "now"
		}
		n, err := parseEventID(text)
		if err != nil {
			if fault.KindOf(err) != fault.Invalid || !utf8.ValidString(err.Error()) {
				t.Errorf("%q: %v", text, err)
			}
			return
		}
		if n < 0 || strings.TrimLeft(text, "0") != strings.TrimPrefix(strconv.FormatInt(n, 10), "0") {
			t.Errorf("%q is %d", text, n)
		}
	})
}

func FuzzAcceptLanguage(f *testing.F) {
	for _, seed := range []string{"", "zh", "zh-CN,zh;q=0.9,en;q=0.8", "en-GB,en", "fr;q=0.2, en;q=0.1", "*", "zh-Hant-TW", strings.Repeat("a-", 600)} {
		f.Add(seed)
	}
	w := newWords(time.UTC)
	f.Fuzz(func(t *testing.T, accept string) {
		if lang := w.pick(accept); lang != "zh" && lang != "en" {
			t.Errorf("%q: %q", accept, lang)
		}
	})
}

func FuzzAcceptEncoding(f *testing.F) {
	for _, seed := range []string{"", "gzip", "br,gzip;q=0", "gzip ; q=0.5", ";;,,", "gzip;q=0.000"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, accept string) {
		if acceptsGzip(&http.Request{Header: http.Header{"Accept-Encoding": {accept}}}) && !strings.Contains(accept, "gzip") {
			t.Errorf("%q", accept)
		}
	})
}

// Every sentence that huma can say about a field has one of ours.
func TestEveryValidationMessageIsTranslated(t *testing.T) {
	said := []string{
		validation.MsgUnexpectedProperty, validation.MsgExpectedRFC3339DateTime, validation.MsgExpectedRFC3339Date,
		validation.MsgExpectedRFC3339Time, validation.MsgExpectedRFC1123DateTime, "expected duration: x",
		"expected string to be RFC 3986 uri: x", "expected string to be RFC 5322 email: x", validation.MsgExpectedRFC5890Hostname,
		validation.MsgExpectedRFC2673IPv4, validation.MsgExpectedRFC2373IPv6, validation.MsgExpectedRFCIPAddr,
		validation.MsgExpectedBoolean, validation.MsgExpectedNumber, validation.MsgExpectedInteger, validation.MsgExpectedString,
		validation.MsgExpectedBase64String, validation.MsgExpectedArray, validation.MsgExpectedObject,
		validation.MsgExpectedArrayItemsUnique, `expected value to be one of "a, b"`, "expected number >= 1", "expected number > 1",
		"expected number <= 1", "expected number < 1", "expected number to be a multiple of 2", "expected length >= 1",
		"expected length >= 2", "expected length <= 2", "expected string to match pattern ^a$", "expected array length >= 1",
		"expected array length <= 1", "expected object with at least 1 properties", "expected object with at most 1 properties",
		"expected required property a to be present", "expected property a to be present when b is present",
		"required query parameter is missing", "invalid integer", "invalid float", "invalid boolean", "invalid floating value",
		"unknown query parameter", "invalid date/time for format x", "invalid character '}' looking", "unexpected end of JSON input",
		"unknown content type: text/plain", "expected at most one value, but received multiple values",
	}
	w := newWords(time.UTC)
	if err := w.add(ownRoom{}.Messages()); err != nil {
		t.Fatal(err)
	}
	for _, message := range said {
		code, args := translate(message)
		if code == "api.field.bad" {
			t.Errorf("%q is not translated", message)
		}
		all := map[string]any{"path": "p"}
		for k, v := range args {
			all[k] = v
		}
		for _, lang := range languages {
			if text, ok := w.say(lang, code, all); !ok || strings.Contains(text, "?") {
				t.Errorf("%q in %s: %q", message, lang, text)
			}
		}
	}
	if code, _ := translate("something new"); code != "api.field.bad" {
		t.Error(code)
	}
}

func TestFieldPath(t *testing.T) {
	for in, want := range map[string]string{
		"body": "", "body.a": "a", "body[2].a": "[2].a", "query.from": "from", "path.id": "id", "bodyguard": "bodyguard", "": "",
	} {
		if got := fieldPath(in); got != want {
			t.Errorf("%q: %q", in, got)
		}
	}
}

func TestFilledLeavesTheRoomsDataAlone(t *testing.T) {
	type inner struct {
		List []string
		When time.Time
		Raw  []byte
	}
	type outer struct {
		In   *inner
		All  []inner
		ByID map[string]*inner
		Any  any
	}
	shared := &inner{}
	in := &outer{In: shared, All: []inner{{List: []string{"x"}}, {}}, ByID: map[string]*inner{"a": shared}, Any: inner{}}
	out, ok := filled(in).(*outer)
	if !ok || out == in || shared.List != nil || in.All[1].List != nil {
		t.Fatal("the original was changed, or nothing was")
	}
	if out.In.List == nil || out.All[1].List == nil || out.ByID["a"].List == nil || out.Any.(inner).List == nil || out.In.Raw != nil || out.All[0].List[0] != "x" {
		t.Errorf("%+v", out)
	}
	same := &outer{In: &inner{List: []string{}}, All: []inner{}, ByID: map[string]*inner{}}
	if got := filled(same); got != any(same) {
		t.Error("copied without need")
	}
	if filled(nil) != nil || !reflect.DeepEqual(filled(7), 7) {
		t.Error("plain values")
	}
	if hasLists(reflect.TypeFor[time.Time]()) {
		t.Error("a time has no lists of its own")
	}
}

func TestDurationsInSentences(t *testing.T) {
	for _, c := range []struct {
		d      time.Duration
		zh, en string
	}{
		{15 * time.Second, "15 秒", "15 seconds"},
		{time.Minute, "1 分钟", "1 minute"},
		{35 * time.Minute, "35 分钟", "35 minutes"},
		{24 * time.Hour, "24 小时", "24 hours"},
		{72 * time.Hour, "3 天", "3 days"},
		{200 * time.Millisecond, "200 毫秒", "200 milliseconds"},
		{90 * time.Second, "90 秒", "90 seconds"},
	} {
		if zh, en := showDuration("zh", c.d), showDuration("en", c.d); zh != c.zh || en != c.en {
			t.Errorf("%v: %q %q", c.d, zh, en)
		}
	}
}
