package grant

import (
	"context"
	"strings"
	"time"

	"linli.dev/linli/api"
	"linli.dev/linli/fault"
	"linli.dev/linli/store"
)

// Run writes endings down, looks every few seconds whether each living lease would still be given, takes names away whose time is over,
// and hears in the journal that a camera went. It returns when ctx ends; Close follows.
func (d *Door) Run(ctx context.Context) error {
	heard := make(chan error, 1)
	go func() { heard <- d.db.Follow(ctx, d.since, d.hear) }()
	recheck := time.NewTicker(d.opt.Recheck)
	defer recheck.Stop()
	seen := time.NewTicker(30 * time.Second)
	defer seen.Stop()
	hourly := time.NewTicker(time.Hour)
	defer hourly.Stop()
	retry := time.NewTimer(time.Hour)
	defer retry.Stop()
	for {
		select {
		case <-d.wake:
			retry.Reset(100 * time.Millisecond) // a wall that closes ends sixteen at once: one transaction
		case <-retry.C:
			if err := d.writeEnded(ctx); err != nil && ctx.Err() == nil {
				d.log.Warn("endings not written, trying again", "err", err)
				retry.Reset(time.Second)
			}
		case <-d.poke:
			d.recheck(ctx)
		case <-recheck.C:
			d.recheck(ctx)
			if err := d.settle(ctx, time.Now()); err != nil && ctx.Err() == nil {
				d.log.Warn("looks of before the clock was set are not dated anew, trying again", "err", err)
			}
		case <-seen.C:
			if err := d.writeSeen(ctx); err != nil && ctx.Err() == nil {
				d.log.Warn("living looks not written", "err", err)
			}
		case <-hourly.C:
			if n, err := d.forget(ctx, time.Now()); err != nil && ctx.Err() == nil {
				d.log.Warn("names of looks whose time is over not taken away, trying again later", "err", err)
			} else if n > 0 {
				d.log.Info("names of looks whose time is over taken away", "looks", n)
			}
		case err := <-heard:
			if ctx.Err() != nil {
				return nil
			}
			return err
		}
	}
}

// hear ends the leases of a camera that went, and looks again at all of them when something changed
// that a decision rests on.
func (d *Door) hear(e store.Event) error {
	kind := e.Kind[strings.LastIndexByte(e.Kind, '.')+1:]
	switch {
	case e.Room == "camera" && (kind == "disabled" || kind == "deleted"):
		d.EndCamera(CameraID(e.Subject), EndCamera)
	case e.Room == "camera" && kind == "changed", e.Room == "identity" && strings.HasPrefix(e.Kind, "account."):
		select {
		case d.poke <- struct{}{}:
		default:
		}
	}
	return nil
}

// recheck asks the policies again for every living lease, on fresh facts.
func (d *Door) recheck(ctx context.Context) {
	type person struct {
		caller api.Caller
		err    error
	}
	type object struct {
		facts CameraFacts
		err   error
	}
	people, cameras := map[string]person{}, map[CameraID]object{}
	for _, l := range d.living() {
		if l.Session == "" || d.opt.Sessions == nil {
			continue
		}
		p, ok := people[l.Session]
		if !ok {
			p.caller, p.err = d.opt.Sessions.CallerOf(ctx, l.Session)
			people[l.Session] = p
		}
		c, ok := cameras[l.Camera]
		if !ok {
			c.facts, c.err = d.opt.Facts.LookCamera(ctx, l.Camera)
			cameras[l.Camera] = c
		}
		switch {
		case ctx.Err() != nil:
			return
		case fault.KindOf(p.err) == fault.Unauthenticated:
			d.end(l, EndSession)
		case fault.KindOf(c.err) == fault.NotFound, c.err == nil && c.facts.Disabled:
			d.end(l, EndCamera)
		case p.err != nil || c.err != nil:
			// The facts cannot be had just now; the lease ends by itself in any case.
			d.log.Warn("lease not checked", "look", l.Look, "err", p.err, "camera_err", c.err)
		default:
			// What an account has exported since is no reason to break off what was allowed.
			if now := d.decide(p.caller, c.facts, l.Kind, l.Purpose, l.To.Sub(l.From), 0); !now.Allow {
				d.log.Info("lease taken back", "look", l.Look, "policy", now.Policy)
				d.end(l, EndRevoked)
			}
		}
	}
}
