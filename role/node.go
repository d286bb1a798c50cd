package role

import (
	"context"
	"errors"
	"time"

	"linli.dev/linli/api"
	"linli.dev/linli/camera"
	"linli.dev/linli/fault"
	"linli.dev/linli/people/place"
	"linli.dev/linli/people/programme"
	"linli.dev/linli/store"
)

// register tells places what this machine's register and health say of cameras. Sources, angles and outages stay there.
type register struct{ *camera.Service }

func (r register) Registered(ctx context.Context) ([]place.Registered, error) {
	list, err := r.Cameras(ctx)
	if err != nil {
		return nil, err
	}
	out := make([]place.Registered, 0, len(list))
	for _, c := range list {
		h := r.Health(c.ID)
		state := h.State
		if c.Disabled {
			state = camera.Disabled
		}
		out = append(out, place.Registered{
			Camera: place.CameraID(c.ID), Name: c.Name, Area: areaOf(c.AreaKind), InUse: !c.Disabled, Picture: !c.Disabled && state.Usable(),
			State: string(state), Says: api.Say(ctx, "camera.health."+string(state)), Since: h.Since,
		})
	}
	return out, nil
}

// areaOf is the part of a compound that the programme's lists know, for the finer kinds of the register.
func areaOf(k camera.AreaKind) place.AreaKind {
	switch k {
	case camera.AreaGate:
		return place.Gate
	case camera.AreaRoad, camera.AreaPerimeter:
		return place.Road
	case camera.AreaEntrance, camera.AreaLift, camera.AreaCorridor:
		return place.Entrance
	case camera.AreaCarPark, camera.AreaShed:
		return place.CarPark
	}
	return place.Yard
}

// nodeSpan is for how many days a picture counts as a connection where the programme does not say.
const nodeSpan = 30

// spanOf is for how many days a picture counts.
func spanOf(p programme.Programme) place.Day {
	if p.Span > 0 {
		return place.Day(p.Span)
	}
	return nodeSpan
}

// nodeQuiet gathers what comes together: cameras that start, an import.
const nodeQuiet = 2 * time.Second

// keepNode writes down, whenever a camera is registered, seen, lost or removed, what that changes for the compound that
// this machine stands in; and each day that it is seen.
//
// Health runs by the machine's clock, the programme by its own, which may stand years apart. So nothing is computed from
// the one for the other: what is seen now is stamped with the programme's day of now, like a sentence that somebody
// types now, and keeps it. The published day of a demo is closed to it: its figures are exact.
func (a *All) keepNode(ctx context.Context) error {
	news := make(chan struct{}, 1)
	failed := make(chan error, 1)
	go func() { failed <- a.followNode(ctx, news) }()
	day := time.NewTicker(10 * time.Minute) // a new day of the programme, and one on which nothing happens
	defer day.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case err := <-failed:
			return err
		case <-day.C:
		case <-news:
			select {
			case <-time.After(nodeQuiet):
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		if err := a.nodeSays(ctx); err != nil && ctx.Err() == nil {
			a.log.Warn("the register's word for the compound was not written; it will be tried again", "err", err)
		}
	}
}

// followNode reports what may be news of the compound's cameras.
func (a *All) followNode(ctx context.Context, news chan<- struct{}) error {
	tell := func() {
		select {
		case news <- struct{}{}:
		default:
		}
	}
	for {
		seq, err := a.db.LastSeq(ctx)
		if err == nil {
			tell()
			err = a.db.Follow(ctx, seq, func(e store.Event) error {
				if e.Room == "camera" || e.Room == "place" && e.Kind == "node.tied" {
					tell()
				}
				return nil
			})
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if fault.KindOf(err) == fault.Gone {
			continue
		}
		select { // the database will answer again
		case <-time.After(time.Second):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (a *All) nodeSays(ctx context.Context) error {
	k, err := a.sightings.Keeping(ctx)
	if err != nil {
		return err
	}
	compound, seen, err := a.city.Places.KeepNode(ctx, k)
	if err != nil || compound == "" || !seen {
		return err
	}
	return a.sightings.Saw(ctx, compound)
}

// TieDemo makes the demo's cameras channels of a compound of the demo city that its story has listed already: each one the
// first channel of its kind of area. So the city has no channel more than was published.
func (c City) TieDemo(ctx context.Context, name string) error {
	places := c.Places
	if n, err := places.Node(ctx); err != nil || n.Version != 0 {
		return err
	}
	compound, err := c.named(ctx, name)
	if err != nil {
		return err
	}
	cameras, err := places.Registered(ctx)
	if err != nil {
		return err
	}
	channels, err := places.Channels(ctx, compound)
	if err != nil {
		return err
	}
	chosen, taken := map[place.CameraID]place.ChannelID{}, map[place.ChannelID]bool{}
	for _, cam := range cameras {
		for _, ch := range channels {
			if ch.Area == cam.Area && !taken[ch.ID] {
				chosen[cam.Camera], taken[ch.ID] = ch.ID, true
				break
			}
		}
	}
	if len(chosen) < len(cameras) {
		return errors.New("the compound's channels are not listed yet on this day")
	}
	return places.TieNode(ctx, place.Register, 0, compound, chosen)
}

func (c City) named(ctx context.Context, compound string) (place.ID, error) {
	tree, err := c.Places.Tree(ctx)
	if err != nil {
		return "", err
	}
	clock := c.Places.Clock()
	for _, v := range tree.Of(clock.AtClose(clock.Today()), place.Compound) {
		if v.Name == compound {
			return v.Place, nil
		}
	}
	return "", fault.New(fault.NotFound, "role.Named", "place.no-compound")
}

// City is the rooms of the programme.
func (a *All) City() City { return a.city }
