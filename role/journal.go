package role

import (
	"context"
	"time"

	"linli.dev/linli/access/grant"
	"linli.dev/linli/store"
)

// journalKept is how long the journal goes back. It feeds pages, and what they missed in three months they read anew.
const journalKept = 90 * 24 * time.Hour

// onRecord are the kinds that stay beyond that, for as long as looks and the ledger keep names: they say who changed what others may see, or was refused.
// The ledger has them for good, without names; what was entered before there was a ledger stands here alone. Looks and purges have rows of
// their own; so have holds, but what a hold said before it was changed does not stand there.
var onRecord = []string{
	"look.refused", "look.redated", "journal.redated",
	"account.created", "account.changed", "account.password", "account.deleted",
	"appointment.given", "appointment.taken",
	"token.created", "token.revoked",
	"device.created", "device.changed", "device.deleted", "device.retried", "other-way.created", "other-way.changed", "other-way.deleted",
	"camera.created", "camera.changed", "camera.disabled", "camera.deleted",
	"hold.made", "hold.changed", "hold.moved", "hold.ended",
	"purge.stopped", "purge.resumed", "footage.found", "footage.mended", "footage.redated", "disk.forgotten",
}

// journalClock tells the journal what the archive knows of the clock.
type journalClock struct{ lookClock }

func (c journalClock) Correction(doubt string) store.Correction {
	is := c.lookClock.Correction(doubt)
	return store.Correction{By: is.By, Exact: is.Exact, Start: is.Start}
}

func (a *All) openTrimmer(context.Context) (err error) {
	a.dates = store.NewDates(store.DatesOptions{DB: a.db, Clock: journalClock{lookClock{a}}, Log: a.log.With("room", "store")})
	a.trimmer, err = store.NewTrimmer(store.TrimmerOptions{
		DB: a.db, For: journalKept, Keep: onRecord, KeepFor: grant.NamesKept, Log: a.log.With("room", "store"), Metrics: a.server.Metrics(),
		Trusted: func() bool { return a.clockTrusted() && !a.dates.InDoubt() }, // what is old by a wrong date is not old
	})
	return err
}
