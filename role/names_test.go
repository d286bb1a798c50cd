package role

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/uptrace/bun"

	"linli.dev/linli/access/identity"
	"linli.dev/linli/people/place"
	"linli.dev/linli/people/supervision"
)

// readings counts the queries that read a table.
type readings struct {
	table string
	n     atomic.Int64
	bare  atomic.Int64 // those without a condition: all of it
}

func (r *readings) BeforeQuery(ctx context.Context, _ *bun.QueryEvent) context.Context { return ctx }

func (r *readings) AfterQuery(_ context.Context, e *bun.QueryEvent) {
	if strings.HasPrefix(e.Query, "SELECT") && strings.Contains(e.Query, `FROM "`+r.table+`"`) {
		r.n.Add(1)
		if !strings.Contains(e.Query, " WHERE ") {
			r.bare.Add(1)
		}
	}
}

// Each task was signed for by another person: their names are read at once, and not all accounts for each of them.
func TestTheNamesOfAListAreReadAtOnce(t *testing.T) {
	w := newTwoCounties(t)
	ctx := t.Context()
	accounts := &readings{table: "accounts"}
	w.db.DB = w.db.WithQueryHook(accounts)
	const signers = 6
	for i := range signers {
		a, _, err := w.identity.CreateAccount(ctx, identity.NewAccount{Name: fmt.Sprint("manager", i), Display: fmt.Sprint("负责人", i), Role: identity.Staff})
		if err != nil {
			t.Fatal(err)
		}
		list, err := w.city.Tasks.Raise(ctx, "op", supervision.Raising{Places: []place.ID{place.ID(w.ids["compound1"])}, Title: fmt.Sprint("整改", i), Due: w.city.Places.Clock().Today() + 9})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.city.Tasks.Take(ctx, string(a.ID), supervision.Sign, []supervision.Taken{{ID: list[0].ID, Version: 1}}, "", 0); err != nil {
			t.Fatal(err)
		}
	}
	w.as(identity.CityOffice, "city")
	accounts.n.Store(0)
	accounts.bare.Store(0)
	code, said := w.ask("GET", "/api/supervision-tasks", "")
	for i := range signers {
		if name := fmt.Sprint("负责人", i); code != 200 || !strings.Contains(said, name) {
			t.Errorf("%d, without %s: %s", code, name, said)
		}
	}
	if n, bare := accounts.n.Load(), accounts.bare.Load(); n > 1 || bare > 0 {
		t.Errorf("the accounts were read %d times, %d times all of them", n, bare)
	}
	if got := w.called(ctx, "nobody"); got != "nobody" {
		t.Error(got)
	}
}
