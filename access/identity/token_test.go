package identity

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"linli.dev/linli/api"
	"linli.dev/linli/fault"
	"linli.dev/linli/store"
	"linli.dev/linli/store/storetest"
)

func TestTokens(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		h := settled(t, db)
		bearer := func(secret string) (api.Caller, error) {
			r := asks("GET", "")
			r.Header.Set("Authorization", "Bearer "+secret)
			return h.Authenticate(r)
		}
		_, _, err := h.CreateToken(h.ctx, NewToken{Name: "录像外送", Permissions: []string{"camera.read", "look.begin"}})
		if fault.CodeOf(err) != "identity.token-no-pictures" || fault.KindOf(err) != fault.Denied {
			t.Error(err)
		}
		token, secret, err := h.CreateToken(h.ctx, NewToken{Name: "看板", Permissions: []string{"recording.read", " camera.read"}, Lasts: 24 * time.Hour})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"camera.read", "recording.read"}, token.Permissions); diff != "" {
			t.Error(diff)
		}
		if _, _, err := h.CreateToken(h.ctx, NewToken{Name: "看板", Permissions: []string{"camera.read"}}); fault.CodeOf(err) != "identity.token-name-taken" {
			t.Error(err)
		}
		c, err := bearer(secret)
		if err != nil || c.Kind != "token" || c.Session != "" || len(c.Permissions) != 2 || !c.Permissions["camera.read"] {
			t.Fatalf("%+v %v", c, err)
		}
		h.flush(h.ctx)
		if list, err := h.ListTokens(h.ctx); err != nil || len(list) != 1 || list[0].Used == nil {
			t.Errorf("%+v %v", list, err)
		}

		// A row that somebody wrote by hand opens no picture either.
		if _, err := db.ExecContext(h.ctx, "UPDATE tokens SET permissions = ?", "camera.read,look.begin,account.write"); err != nil {
			t.Fatal(err)
		}
		h.tokens.drop(nil)
		if c, err := bearer(secret); err != nil || len(c.Permissions) != 1 || c.Permissions["look.begin"] {
			t.Errorf("%+v %v", c, err)
		}

		h.clock.now = h.clock.now.Add(24 * time.Hour)
		if _, err := bearer(secret); fault.CodeOf(err) != "identity.token-expired" {
			t.Error(err)
		}
		if err := h.RevokeToken(h.ctx, string(token.ID)); err != nil {
			t.Fatal(err)
		}
		for _, s := range []string{secret, "linli_", "", newSecret(), "linli_" + newSecret()} {
			if _, err := bearer(s); fault.CodeOf(err) != "identity.token-refused" {
				t.Errorf("%q: %v", s, err)
			}
		}
		if err := h.RevokeToken(h.ctx, "看板"); fault.KindOf(err) != fault.NotFound {
			t.Error(err)
		}
	})
}
