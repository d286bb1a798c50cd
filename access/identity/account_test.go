package identity

import (
	"strings"
	"sync"
	"testing"

	"linli.dev/linli/fault"
	"linli.dev/linli/store"
	"linli.dev/linli/store/storetest"
)

func TestThereIsAlwaysAnOperator(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		h := settled(t, db)
		guard, yes := Guard, true
		for says, err := range map[string]error{
			"demoted":  second(h.ChangeAccount(h.ctx, h.sun.ID, AccountChange{Role: &guard})),
			"disabled": second(h.ChangeAccount(h.ctx, h.sun.ID, AccountChange{Disabled: &yes})),
			"deleted":  h.DeleteAccount(h.ctx, h.sun.ID),
		} {
			if fault.CodeOf(err) != "identity.last-operator" {
				t.Errorf("%s: %v", says, err)
			}
		}
		h.account("wu", "吴工", Operator, "tin-whistle-eleven")
		if err := h.DeleteAccount(h.ctx, h.sun.ID); err != nil {
			t.Error(err)
		}
	})
}

// Sun and Wu demote each other at the same moment: one of them stays.
func TestTwoOperatorsDemoteEachOther(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		h := settled(t, db)
		wu := h.account("wu", "吴工", Operator, "tin-whistle-eleven")
		guard, operator := Guard, Operator
		for round := range 10 {
			var wg sync.WaitGroup
			errs := make([]error, 2)
			for i, id := range []AccountID{h.sun.ID, wu.ID} {
				wg.Go(func() { errs[i] = second(h.ChangeAccount(h.ctx, id, AccountChange{Role: &guard})) })
			}
			wg.Wait()
			if codes := fault.CodeOf(errs[0]) + fault.CodeOf(errs[1]); codes != "identity.last-operator" {
				t.Fatalf("round %d: %v, %v", round, errs[0], errs[1])
			}
			for _, id := range []AccountID{h.sun.ID, wu.ID} {
				if err := second(h.ChangeAccount(h.ctx, id, AccountChange{Role: &operator})); err != nil {
					t.Fatal(err)
				}
			}
		}
	})
}

// Zhao signs in while Sun gives him a new password, or shuts him out: nothing of the old state is written back, and no
// session with the old password is left.
func TestSigningInWhileTheAccountChanges(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		h := settled(t, db)
		passwords := []string{"gate-lantern-seven", "pear-orchard-three"}
		for round := range 10 {
			old, next := passwords[round%2], passwords[(round+1)%2]
			row, err := findAccount(h.ctx, db.DB, "id = ?", h.zhao.ID)
			if err != nil {
				t.Fatal(err)
			}
			var wg sync.WaitGroup
			var in SignedIn
			wg.Go(func() { in, _ = h.begin(h.ctx, row, gatehouse, firefox, "", row.Password) })
			wg.Go(func() {
				if err := second(h.ChangeAccount(h.ctx, h.zhao.ID, AccountChange{Password: &next})); err != nil {
					t.Error(err)
				}
			})
			wg.Wait()
			if in.Cookie != "" && h.is(in.Cookie) == "赵师傅" {
				t.Fatalf("round %d: a session with the old password goes on", round)
			}
			if _, err := h.SignIn(h.ctx, "zhao", old, gatehouse, firefox, ""); fault.CodeOf(err) != "identity.wrong-password" {
				t.Fatalf("round %d: the old password: %v", round, err)
			}
			h.signIn("zhao", next)
		}
	})
}

func second(_ Account, _ string, err error) error { return err }

func TestNamesOfAccounts(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		h := settled(t, db)
		for name, code := range map[string]string{
			"ZHAO": "identity.name-taken", "x": "identity.name-shape", "a b": "identity.name-shape", "-a": "identity.name-shape",
			"<b>": "identity.name-shape", "王师傅": "", "li.si": "", strings.Repeat("y", 33): "identity.name-shape",
		} {
			_, made, err := h.CreateAccount(h.ctx, NewAccount{Name: name, Role: Guard})
			if fault.CodeOf(err) != code || (code == "" && made == "") {
				t.Errorf("%q: %v", name, err)
			}
		}
		if _, _, err := h.CreateAccount(h.ctx, NewAccount{Name: "chen", Role: "emperor"}); fault.CodeOf(err) != "identity.role-unknown" {
			t.Error(err)
		}
	})
}
