package identity

import (
	"context"
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

// map of places that tokens can be for.
type town map[string]string

func (p town) Place(_ context.Context, id string) (level, name string, err error) {
	if level, ok := p[id]; ok {
		return level, id, nil
	}
	return "", "", fault.New(fault.NotFound, "town.place", "place.no-place")
}

func (town) Unit(context.Context, string) (string, error) { return "", nil }

func TestATokenForOnePlace(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		h := settled(t, db)
		ask := NewToken{Name: "小区机器", Permissions: []string{"node.report"}, Place: "jinyang"}
		if _, _, err := h.CreateToken(h.ctx, ask); fault.CodeOf(err) != "identity.appointment-place-unknown" {
			t.Error("there are no places here:", err)
		}
		h.SetPlaces(town{"jinyang": "compound", "lanshan": "county"})
		for place, want := range map[string]string{"": "identity.token-needs-place", "lanshan": "identity.token-not-a-compound", "nowhere": "identity.appointment-place-unknown"} {
			n := ask
			n.Place = place
			if _, _, err := h.CreateToken(h.ctx, n); fault.CodeOf(err) != want {
				t.Errorf("for %q: %v, want %s", place, err, want)
			}
		}
		token, secret, err := h.CreateToken(h.ctx, ask)
		if err != nil || token.Place != "jinyang" || token.At != "jinyang" {
			t.Fatalf("%+v %v", token, err)
		}
		r := asks("GET", "")
		r.Header.Set("Authorization", "Bearer "+secret)
		c, err := h.Authenticate(r)
		if diff := cmp.Diff([]api.Office{{Role: "program", Place: "jinyang"}}, c.Offices); err != nil || diff != "" || !c.Permissions["node.report"] {
			t.Fatalf("%s %v", diff, err)
		}
		if list, err := h.ListTokens(h.ctx); err != nil || len(list) != 1 || list[0].At != "jinyang" {
			t.Errorf("%+v %v", list, err)
		}
		if ok, err := h.TokenStands(h.ctx, c.Account); err != nil || !ok {
			t.Error(ok, err)
		}

		// A row whose place somebody took away reports nothing, nor does one that somebody gave the machine's permissions.
		for _, row := range []struct {
			update string
			held   int
		}{{"place = ''", 0}, {"place = 'jinyang', permissions = 'node.report,system.read,camera.read'", 1}} {
			if _, err := db.ExecContext(h.ctx, "UPDATE tokens SET "+row.update); err != nil {
				t.Fatal(err)
			}
			h.tokens.drop(nil)
			if c, err := h.Authenticate(r); err != nil || len(c.Permissions) != row.held {
				t.Errorf("%s: %+v %v", row.update, c, err)
			}
		}

		if err := h.RevokeToken(h.ctx, token.Name); err != nil {
			t.Fatal(err)
		}
		if ok, err := h.TokenStands(h.ctx, c.Account); err != nil || ok {
			t.Error("revoked, it stands", err)
		}
		if ok, err := h.TokenStands(h.ctx, "li"); err != nil || ok {
			t.Error("a person is no token", err)
		}
	})
}
