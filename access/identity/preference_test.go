package identity

import (
	"encoding/json"
	"strings"
	"testing"

	"linli.dev/linli/fault"
	"linli.dev/linli/store"
	"linli.dev/linli/store/storetest"
)

func TestPreferencesAreOnesOwn(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		h := settled(t, db)
		wall := json.RawMessage(`{"layout":9,"cameras":["gate","road"]}`)
		for range 2 {
			if err := h.SetPreference(h.ctx, h.zhao.ID, "wall", wall); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := h.Preference(h.ctx, h.zhao.ID, "wall"); err != nil || string(got) != string(wall) {
			t.Errorf("%s %v", got, err)
		}
		if got, err := h.Preference(h.ctx, h.sun.ID, "wall"); err != nil || string(got) != "null" {
			t.Errorf("Sun sees %s %v", got, err)
		}
		for says, err := range map[string]error{
			"identity.preference-large": h.SetPreference(h.ctx, h.zhao.ID, "wall", json.RawMessage(`"`+strings.Repeat("x", maxPreference)+`"`)),
			"identity.preference-json":  h.SetPreference(h.ctx, h.zhao.ID, "wall", json.RawMessage(`{`)),
			"identity.preference-name":  h.SetPreference(h.ctx, h.zhao.ID, "../wall", wall),
		} {
			if fault.CodeOf(err) != says {
				t.Errorf("%s: %v", says, err)
			}
		}
		if err := h.SetPreference(h.ctx, h.zhao.ID, "wall", json.RawMessage("null")); err != nil {
			t.Fatal(err)
		}
		if got, _ := h.Preference(h.ctx, h.zhao.ID, "wall"); string(got) != "null" {
			t.Errorf("%s", got)
		}
	})
}
