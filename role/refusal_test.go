package role

import (
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"

	"linli.dev/linli/access/identity"
	"linli.dev/linli/api"
)

// Whoever is refused reads in words who may do it, and so whom to ask; not the name of a policy, which is for those who keep
// the rules.
func TestARefusalSaysWhoMay(t *testing.T) {
	w := newTwoCounties(t)
	refused := func(method, path, language string) (p api.Problem) {
		t.Helper()
		req := httptest.NewRequest(method, w.fill(path), strings.NewReader(w.fill(`{"from":"<today>","note":"误登"}`)))
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Accept-Language", language)
		req.Header.Set("If-Match", `"1"`)
		rec := httptest.NewRecorder()
		w.server.Handler().ServeHTTP(rec, req)
		if err := json.Unmarshal(rec.Body.Bytes(), &p); err != nil || rec.Code != 403 {
			t.Fatalf("%s %s: %d %s", method, path, rec.Code, rec.Body)
		}
		if p.Policy == "" || strings.Contains(p.Detail, p.Policy) {
			t.Errorf("%s %s: policy %q, %q", method, path, p.Policy, p.Detail)
		}
		return p
	}
	for _, c := range []struct {
		as           identity.Role
		at           string
		method, path string
		zh, en, not  []string
	}{
		{
			identity.CountyOffice, "county2", "GET", "/api/programme/counties/<county1>",
			[]string{"所在县区综治办、市综治办"},
			[]string{"the county's office, the city's office"},
			[]string{"街道", "运维"},
		},
		{
			identity.CountyOffice, "county2", "GET", "/api/programme/compounds/<compound1>",
			[]string{"该小区的物业管理人员、所在社区（村）"},
			[]string{"the compound's manager, the community above it"},
			nil,
		},
		// An own compound, but founding and ending is for the county: a permission that no community holds is not offered to it.
		{identity.CountyOffice, "county2", "POST", "/api/places/<compound1>/end", []string{"可以办理的有：所在县区综治办、市综治办。"}, []string{"Who may: the county's office, the city's office."}, nil},
	} {
		w.as(c.as, c.at)
		zh, en := refused(c.method, c.path, "zh-CN").Detail, refused(c.method, c.path, "en").Detail
		for _, want := range c.zh {
			if !strings.Contains(zh, want) {
				t.Errorf("%s: %q does not say %q", c.path, zh, want)
			}
		}
		for _, want := range c.en {
			if !strings.Contains(en, want) {
				t.Errorf("%s: %q does not say %q", c.path, en, want)
			}
		}
		for _, not := range c.not {
			if strings.Contains(zh, not) {
				t.Errorf("%s: %q says %q", c.path, zh, not)
			}
		}
	}
}
