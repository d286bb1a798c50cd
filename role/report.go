package role

import (
	"context"
	"sync"
	"time"

	"linli.dev/linli/api"
	"linli.dev/linli/fault"
	"linli.dev/linli/link"
	"linli.dev/linli/people/place"
	"linli.dev/linli/people/programme"
)

// openLink reads what is needed to report to a hub; without one there is nothing to do.
func (a *All) openLink(ctx context.Context) (err error) {
	if a.cfg.Hub == "" {
		return nil
	}
	a.link, err = link.New(ctx, a.db, link.Options{
		URL: a.cfg.Hub, TokenFile: a.cfg.HubTokenFile, CAFile: a.cfg.HubCA, Log: a.log.With("room", "link"), Cameras: a.localCameras,
	})
	return err
}

// localCameras is the register as it may be told; the link tells less. A name from before that the city's list does not take stays
// here, and keeps no other camera of this machine from being told of.
func (a *All) localCameras(ctx context.Context) ([]link.Local, error) {
	list, err := register{a.cameras}.Registered(ctx)
	if err != nil {
		return nil, err
	}
	out := make([]link.Local, len(list))
	for i, c := range place.Plain(list) {
		out[i] = link.Local{ID: string(c.Camera), Name: c.Name, Area: string(c.Area), InUse: c.InUse, Picture: c.Picture}
	}
	return out, nil
}

// reportToHub tells the hub whenever a camera is registered, seen or removed.
func (a *All) reportToHub(ctx context.Context) error {
	news := make(chan struct{}, 1)
	failed := make(chan error, 1)
	go func() { failed <- a.followNode(ctx, news) }()
	err := a.link.Run(ctx, news)
	<-failed
	return err
}

// sightings is what this machine's own register, and the reports of other compounds' machines, need of the programme and of the
// tokens.
type sightings struct {
	all *All

	mu   sync.Mutex
	told map[place.ID]place.Day // the last day on which a compound's connection was said to be seen
}

// Keeping is how what is seen now is dated: a demo's published day is closed, its figures are exact.
func (x *sightings) Keeping(ctx context.Context) (place.Keeping, error) {
	k, _, err := x.keeping(ctx)
	return k, err
}

func (x *sightings) keeping(ctx context.Context) (k place.Keeping, closed bool, err error) {
	p, err := x.all.city.Programme.Programme(ctx)
	switch {
	case fault.KindOf(err) == fault.NotFound: // what is seen before it is set up is seen all the same
	case err != nil:
		return k, false, err
	}
	k.Span = spanOf(p)
	if closed = p.Published != 0 && x.all.city.Places.Clock().Today() <= p.Published; closed {
		k.From = p.Published + 1
	}
	return k, closed, nil
}

// Saw says once a day that a compound's connection was seen.
func (x *sightings) Saw(ctx context.Context, compound place.ID) error {
	clock := x.all.city.Places.Clock()
	today := clock.Today()
	x.mu.Lock()
	told := x.told[compound]
	x.mu.Unlock()
	if told == today {
		return nil
	}
	_, closed, err := x.keeping(ctx)
	if err != nil {
		return err
	}
	if closed {
		book, err := x.all.city.Programme.Book(ctx)
		if err != nil {
			return err
		}
		if s, ok := book.Compound(clock.AtClose(today), compound); !ok || !s.Networked.Done || s.Networked.Basis != programme.ByEvidence {
			return nil // a connection that begins now would be one more
		}
	}
	if err := x.all.city.Programme.Saw(ctx, []place.ID{compound}); err != nil {
		return err
	}
	x.mu.Lock()
	x.told[compound] = today
	x.mu.Unlock()
	return nil
}

// Released says that a compound's machine is its machine no longer.
func (x *sightings) Released(ctx context.Context, by string, compound place.ID) error {
	if err := x.all.city.Programme.Released(ctx, by, compound); err != nil {
		return err
	}
	x.mu.Lock()
	delete(x.told, compound) // the next one is seen anew
	x.mu.Unlock()
	return nil
}

// Reports says whether the token of a program that reported before is still good.
func (x *sightings) Reports(ctx context.Context, program string) (bool, error) {
	return x.all.identity.TokenStands(ctx, program)
}

// silenceEvery is how often a new day of the programme is looked for.
const silenceEvery = 10 * time.Minute

// hearSilence writes down each day which machines have not been heard of for so long that their channels count as connected
// no longer.
func (a *All) hearSilence(ctx context.Context) error {
	tick := time.NewTicker(silenceEvery)
	defer tick.Stop()
	for {
		if err := a.lapse(ctx); err != nil && ctx.Err() == nil {
			a.log.Warn("which machines are silent was not written down; it will be tried again", "err", err)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (a *All) lapse(ctx context.Context) error {
	k, err := a.sightings.Keeping(ctx)
	if err != nil {
		return err
	}
	_, err = a.city.Places.Lapse(ctx, k)
	return err
}

type hubReply struct {
	Body struct {
		Hub      string     `json:"hub,omitempty" doc:"Left out: this machine reports to no hub."`
		Compound string     `json:"compound,omitempty" doc:"The hub's id of the compound that the token is for."`
		Name     string     `json:"name,omitempty" doc:"What the hub calls it."`
		Cameras  int        `json:"cameras" doc:"In use, in the last report that the hub took."`
		Success  *time.Time `json:"success,omitempty" doc:"When the hub last took a report; none: never yet."`
		Tried    *time.Time `json:"tried,omitempty" doc:"The last attempt since the start."`
		Problem  string     `json:"problem,omitempty" enum:"token-file,ca-file,unreachable,certificate,token,conflict,refused,busy,no-hub" doc:"Why the last attempt failed."`
		Code     string     `json:"code,omitempty" doc:"What the hub has against it."`
		Camera   string     `json:"camera,omitempty" doc:"Name of the camera that the hub does not take."`
		Next     *time.Time `json:"next,omitempty" doc:"The next attempt."`
	}
}

func (s system) hubRoutes(r *api.Router) {
	api.Get(r, "/api/system/hub", api.Op{
		ID: "getHubReports", Permission: "system.read", Summary: "How the reports of this machine to the city's hub go", Tag: "System",
		Description: "The hub is told names, areas and use of cameras, and whether a picture was seen that day; no angle, source, address, picture or outage.",
	}, s.hub)
}

func (s system) hub(context.Context, *struct{}) (*hubReply, error) {
	out := &hubReply{}
	if s.all.link == nil {
		return out, nil
	}
	st, b := s.all.link.State(), &out.Body
	b.Hub, b.Compound, b.Name, b.Cameras, b.Problem, b.Code, b.Camera = st.Hub, st.Compound, st.Name, st.Cameras, string(st.Problem), st.Code, st.Camera
	for _, x := range []struct {
		at time.Time
		to **time.Time
	}{{st.Success, &b.Success}, {st.Tried, &b.Tried}, {st.Next, &b.Next}} {
		if !x.at.IsZero() {
			*x.to = &x.at
		}
	}
	return out, nil
}
