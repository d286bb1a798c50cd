package api

import (
	"errors"
	"fmt"
	"testing"
	"testing/fstest"

	"linli.dev/linli/fault"
)

func TestExplain(t *testing.T) {
	lamps := fstest.MapFS{
		"zh.json": {Data: []byte(`{"lamp.out": "{where}的灯不亮。"}`)},
		"en.json": {Data: []byte(`{"lamp.out": "The lamp at {where} is out."}`)},
	}
	err := fmt.Errorf("a round: %w", fault.New(fault.Unavailable, "lamp.light", "lamp.out", "where", "东门"))
	for lang, want := range map[string]string{"zh": "东门的灯不亮。", "en": "The lamp at 东门 is out."} {
		if got, ok := Explain(err, lang, lamps); got != want || !ok {
			t.Errorf("%s: %q %v", lang, got, ok)
		}
	}
	if _, ok := Explain(fault.New(fault.Denied, "api", "api.sign-in"), "en"); !ok {
		t.Error("the server's own sentence is missing")
	}
	for _, err := range []error{errors.New("plain"), fault.New(fault.Internal, "x", "nobody.said"), nil} {
		if got, ok := Explain(err, "en", lamps); ok {
			t.Errorf("%v: %q", err, got)
		}
	}
}
