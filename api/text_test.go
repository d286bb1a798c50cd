package api

import (
	"net/url"
	"testing"
	"testing/fstest"
	"time"

	"linli.dev/linli/fault"
)

func TestAddressesAreText(t *testing.T) {
	for address, want := range map[string]fault.Kind{
		"/api/cameras":                    "",
		"/api/cameras?q=%E5%A4%A7":        "",
		"/api/cameras?q=100%25&x=a+b":     "",
		"/api/cameras/%E5%A4%A7%E9%97%A8": "",
		"/api/cameras/%00":                fault.NotFound,
		"/api/cameras/%ff":                fault.NotFound,
		"/api/cameras?q=%00":              fault.Invalid,
		"/api/cameras?a=b&%ff=c":          fault.Invalid,
		"/api/cameras?q=%zz":              fault.Invalid,
	} {
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		got := fault.Kind("")
		if err := notText(u); err != nil {
			got = fault.KindOf(err)
		}
		if got != want {
			t.Errorf("%s: %q, want %q", address, got, want)
		}
	}
}

func TestHoldsNul(t *testing.T) {
	for text, want := range map[string]bool{
		`{"name":"a"}`:           false,
		`{"name":"\u0000"}`:      true,
		`{"name":"a\\u0000"}`:    false, // a backslash and five characters
		`{"name":"a\\\u0000"}`:   true,
		`{"n":"\\u0000 \u0000"}`: true,
		`{"n":"\u00001"}`:        true,
		`{"n":"\\\\u0000"}`:      false,
		`{"n":"\u0001 \u000"}`:   false,
	} {
		if got := holdsNul([]byte(text)); got != want {
			t.Errorf("%s: %v", text, got)
		}
	}
}

func TestAWordThatGoesWithANumber(t *testing.T) {
	w := newWords(time.UTC)
	files := fstest.MapFS{
		"zh.json": {Data: []byte(`{"late": "逾期 {days} 天"}`)},
		"en.json": {Data: []byte(`{"late": "Overdue by {days} {days:day|days}"}`)},
	}
	if err := w.add(files); err != nil {
		t.Fatal(err)
	}
	for n, want := range map[any]string{1: "Overdue by 1 day", int64(1): "Overdue by 1 day", 0: "Overdue by 0 days", 12: "Overdue by 12 days", 21: "Overdue by 21 days"} {
		if got, _ := w.say("en", "late", map[string]any{"days": n}); got != want {
			t.Errorf("%v: %q", n, got)
		}
	}
	if got, _ := w.say("zh", "late", map[string]any{"days": 1}); got != "逾期 1 天" {
		t.Error(got)
	}
	if got, _ := w.say("en", "late", nil); got != "Overdue by ? ?" {
		t.Error(got)
	}
}
