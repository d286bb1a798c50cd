package role

import (
	"context"
	"maps"
	"path/filepath"
	"sync"
	"time"

	"linli.dev/linli/access/identity"
	"linli.dev/linli/people/inspection"
	"linli.dev/linli/people/place"
	"linli.dev/linli/people/sheet"
)

// openProgramme opens the rooms of the city's programme.
func (a *All) openProgramme(ctx context.Context) (err error) {
	clock := &standingClock{machine: time.Now, begun: time.Now()}
	a.clock = clock
	if a.cfg.AsOf != 0 {
		clock.stand(place.Clock{}.Begin(a.cfg.AsOf).Add(OfficeCloses))
	}
	if a.city, err = OpenCity(ctx, a.db, place.Clock{Now: clock.now}); err != nil {
		return err
	}
	a.lists, err = sheet.New(ctx, a.db, sheet.Options{Clock: place.Clock{Now: clock.now}, Places: a.city.Places, Programme: shares{a.city.Programme, a.city.Places}, Since: since{a.city}, Names: a.called, Dir: filepath.Join(a.cfg.Data, "lists")})
	if err != nil {
		return err
	}
	a.identity.SetPlaces(a.city)
	a.sightings = &sightings{all: a, told: map[place.ID]place.Day{}}
	a.city.Places.SetSightings(a.sightings)
	a.city.Programme.SetPublicURL(a.cfg.PublicURL)
	a.city.Bulletin.SetPublicURL(a.cfg.PublicURL)
	a.city.Bulletin.SetNames(a.called)
	a.city.Places.SetNames(a.calledAll)
	a.city.Inspection.SetAccounts(inspectors{a})
	if err := a.findOwners(ctx); err != nil {
		return err
	}
	known, err := a.city.Places.LastKnown(ctx)
	if err == nil && a.cfg.AsOf != 0 {
		clock.stand(known)
	}
	return err
}

// called is what people call an account; its id when it is gone.
func (a *All) called(ctx context.Context, account string) string {
	return a.calledAll(ctx, account)[account]
}

// calledAll is called of several accounts, which are read at once.
func (a *All) calledAll(ctx context.Context, accounts ...string) map[string]string {
	names, err := a.identity.Displays(ctx, accounts...)
	if err != nil {
		names = map[string]string{}
	}
	for _, id := range accounts {
		if names[id] != "" {
			continue
		}
		names[id] = id
		if name, ok := demoActors[id]; ok {
			names[id] = name
		}
	}
	return names
}

// inspectors tells inspections who may be one of a team: people with an office, but for a compound's own manager and for
// who helps it.
type inspectors struct{ all *All }

func (i inspectors) Names(ctx context.Context) (map[string]string, error) {
	list, err := i.all.identity.ListAccounts(ctx)
	out := make(map[string]string, len(list))
	maps.Copy(out, demoActors)
	for _, a := range list {
		out[string(a.ID)] = a.Display
	}
	return out, err
}

func (i inspectors) Inspectors(ctx context.Context) ([]inspection.Inspector, error) {
	accounts, err := i.all.identity.ListAccounts(ctx)
	if err != nil {
		return nil, err
	}
	held, err := i.all.identity.ListAppointments(ctx, identity.AppointmentFilter{})
	if err != nil {
		return nil, err
	}
	at := map[identity.AccountID][]place.ID{}
	for _, h := range held {
		if h.Holds && h.Role != identity.Manager && h.Role != identity.MemberUnit {
			at[h.Account] = append(at[h.Account], place.ID(h.Place))
		}
	}
	var out []inspection.Inspector
	for _, a := range accounts {
		if len(at[a.ID]) > 0 && !a.Disabled {
			out = append(out, inspection.Inspector{Account: string(a.ID), Name: a.Display, At: at[a.ID]})
		}
	}
	return out, nil
}

// OfficeCloses is the time of day at which a clock that is put on a day stands: what is said on that day has been said.
const OfficeCloses = 18 * time.Hour

// DemoCity are rooms of their own on the same database and clock, without this machine's accounts: in them a demo's story
// goes on, whose people have none.
func (a *All) DemoCity(ctx context.Context) (City, error) {
	return OpenCity(ctx, a.db, a.city.Places.Clock())
}

// Stand puts the programme's clock of a demo somewhere, never back.
func (a *All) Stand(at time.Time) { a.clock.stand(at) }

// standingClock is the machine's clock, or one that was put somewhere and runs on from there.
type standingClock struct {
	machine func() time.Time

	mu    sync.Mutex
	begun time.Time // when it was put there, by the machine's clock
	at    time.Time // zero: the machine's
}

// stand puts the clock; never back, or after a restart nothing could be written until it has caught up with what is
// known.
func (c *standingClock) stand(at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if now := c.machine(); c.at.IsZero() || at.After(c.at.Add(now.Sub(c.begun))) {
		c.at, c.begun = at, now
	}
}

func (c *standingClock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.at.IsZero() {
		return c.machine()
	}
	return c.at.Add(c.machine().Sub(c.begun))
}
