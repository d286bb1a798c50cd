package bulletin_test

import (
	"testing"
	"time"

	"linli.dev/linli/api"
	"linli.dev/linli/api/apitest"
	"linli.dev/linli/people/bulletin"
	"linli.dev/linli/people/place"
	"linli.dev/linli/store/storetest"
)

// away are places whose rights cannot be asked.
type away struct {
	*place.Service
	gone *place.Service
}

func (a away) Rights() *place.Rights { return a.gone.Rights() }

// Whoever cannot be asked has not said no: where the database is away the office does not get the public edition, nor a list without
// its drafts, nor one without its own office.
func TestWhoCannotBeAskedHasNotSaidNo(t *testing.T) {
	c := newCity(t, storetest.SQLite(t))
	b := c.issued("", bulletin.Words{Day: day(today)})
	clock := place.Clock{Now: func() time.Time { return *c.now }}
	places, err := place.New(t.Context(), c.db, place.Options{Clock: clock})
	must(t, err)
	db := storetest.SQLite(t)
	gone, err := place.New(t.Context(), db, place.Options{Clock: clock})
	must(t, err)
	s, err := bulletin.New(t.Context(), c.db, bulletin.Options{Clock: clock, Places: away{places, gone}, Composer: counted{clock, c.late}})
	must(t, err)
	must(t, db.Close())
	server := api.New(api.Options{Auth: apitest.Doorman{"li": {bulletin.MayRead, bulletin.MayDraft, apitest.At("county-office", c.one)}}})
	must(t, server.Add(s))
	p := apitest.Page{T: t, HTTP: server.Handler()}
	for _, path := range []string{"/api/bulletins", "/api/bulletins/" + string(b.ID), "/api/bulletins/" + string(b.ID) + "/file?format=md", "/api/bulletin-offices"} {
		c.Do(200, "li", "GET", path, "", nil)
		p.Do(503, "li", "GET", path, "", nil)
	}
}
