package programme_test

import (
	"strings"
	"testing"
)

func TestABulletinIsAFileToo(t *testing.T) {
	p := newPage(t)
	var text string
	h := p.Do(200, "reader", "GET", "/api/bulletin/file?format=md&edition=public", "", &text)
	if !strings.Contains(text, "通报") || !strings.Contains(h.Get("Content-Disposition"), "filename*=utf-8''") {
		t.Errorf("%q %v", text, h)
	}
	h = p.Do(200, "reader", "GET", "/api/bulletin/file?format=xlsx", "", &text)
	if !strings.HasPrefix(text, "PK") || !strings.Contains(h.Get("Content-Type"), "spreadsheet") {
		t.Errorf("%.20q %v", text, h)
	}
	p.Do(200, "reader", "GET", "/api/bulletin/file?format=json&at=2017-04-12", "", &text, "Accept-Language", "en")
	if !strings.Contains(text, `"lang": "en"`) {
		t.Errorf("%.200s", text)
	}
	for _, bad := range []string{"", "?format=pdf", "?format=md&edition=secret", "?format=md&at=2030-01-01"} {
		p.Do(422, "reader", "GET", "/api/bulletin/file"+bad, "", nil)
	}
	p.Do(401, "nobody", "GET", "/api/bulletin/file?format=md", "", nil)
}
