package role

import (
	"context"

	"linli.dev/linli/access/grant"
	"linli.dev/linli/access/identity"
	"linli.dev/linli/camera"
	"linli.dev/linli/people/place"
	"linli.dev/linli/store"
)

// openPeople opens who signs in and the door that every look passes.
func (a *All) openPeople(ctx context.Context) (err error) {
	a.identity, err = identity.New(ctx, a.db, identity.Options{
		Log: a.log.With("room", "identity"), Metrics: a.server.Metrics(), Dir: a.cfg.Data, PublicURL: a.cfg.PublicURL,
		Zone: place.Clock{}.Time().Location(), Trusted: a.clockTrusted,
	})
	if err != nil {
		return err
	}
	a.first, err = a.identity.EnsureFirst(ctx, a.cfg.Data, []identity.First{
		{Name: "operator", Display: "运维", Role: identity.Operator},
		{Name: "guard", Display: "保安", Role: identity.Guard},
	})
	if err != nil {
		return err
	}
	a.door, err = grant.New(ctx, grant.Options{
		DB: a.db, Facts: cameraFacts{a}, Sessions: a.identity, Record: a.ledger, Log: a.log.With("room", "grant"), Metrics: a.server.Metrics(),
		PerAccount: a.cfg.LeasesPerAccount, Clock: lookClock{a},
	})
	return err
}

// cameraFacts answers the door's questions from the register of cameras.
type cameraFacts struct{ all *All }

func (f cameraFacts) LookCamera(ctx context.Context, id grant.CameraID) (grant.CameraFacts, error) {
	c, err := f.all.cameras.LookCamera(ctx, camera.ID(id))
	if err != nil {
		return grant.CameraFacts{}, err
	}
	return grant.CameraFacts{
		ID: id, Name: c.Name, Area: c.Area, Common: c.Common, Disabled: c.Disabled, HasSub: c.HasSub, SoundAllowed: c.SoundAllowed,
	}, nil
}

// endLooks closes the door on a camera that is disabled or gone. It reads the journal, so that it hears of changes
// made by any process.
func (a *All) endLooks(e store.Event) {
	if e.Room != "camera" {
		return
	}
	switch e.Kind {
	case "camera.disabled", "camera.deleted":
		a.door.EndCamera(grant.CameraID(e.Subject), "camera-gone")
	}
}

// FirstPasswords are those that this start made; they are shown once.
func (a *All) FirstPasswords() []identity.FirstPassword { return a.first }
