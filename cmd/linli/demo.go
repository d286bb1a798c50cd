package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"linli.dev/linli/api"
	"linli.dev/linli/demo"
	"linli.dev/linli/demo/city"
	"linli.dev/linli/people/place"
	"linli.dev/linli/role"
	"linli.dev/linli/store"
)

type demoCmd struct {
	serveFlags
	Cameras    int `default:"4"`
	City       bool
	FreeCamera string `placeholder:"ADDR"`
}

// fillCity needs the data folder for itself, as the clock is in the script's hand meanwhile.
func fillCity(ctx context.Context, c role.Config, log *slog.Logger) error {
	if err := os.MkdirAll(c.Data, 0o700); err != nil {
		return err
	}
	unlock, err := store.Lock(c.Data)
	if err != nil {
		return err
	}
	defer unlock()
	quiet, _ := hushed(log)
	db, err := role.OpenDB(ctx, c, quiet)
	if err != nil {
		return err
	}
	defer db.Close()
	if err := role.Act(ctx, db, "demo --city", ""); err != nil {
		return err
	}
	return city.Fill(ctx, db, min(c.AsOf, city.Last), log)
}

func (d demoCmd) Run(ctx context.Context, log *slog.Logger, v *api.Voice, level logged) error {
	c, err := d.config()
	if err != nil {
		return err
	}
	c.AllowLoopbackCameras = true // the simulator lives on this machine
	if d.City {
		if c.AsOf == 0 {
			c.AsOf = place.Date(2017, time.September, 27)
		}
		if err := fillCity(ctx, c, log); err != nil {
			return fmt.Errorf("demo city: %w", err)
		}
	}
	c.KeepDays = demo.KeepDays
	log, loud := hushed(log)
	all, err := role.Open(ctx, c, log)
	if err != nil {
		return err
	}
	sim, err := demo.Start(ctx, all.Register(), demo.Options{Cameras: d.Cameras, Dir: c.Data, Free: d.FreeCamera, Log: log})
	if errors.Is(err, demo.ErrAddress) {
		log.Debug("free camera", "err", err)
		err = wrong("free-camera", "address", d.FreeCamera)
	}
	if err != nil {
		_ = all.Close()
		return err
	}
	defer sim.Close()
	if d.City {
		if err := all.City().TieDemo(ctx, city.Live); err != nil {
			log.Warn("the demo's cameras belong to no compound of the demo city", "err", err)
		}
	}
	if d.City {
		if err := all.AppointDemo(ctx, city.Live, city.Unions); err != nil {
			log.Warn("the demo city's offices have no accounts", "err", err)
		}
	}
	if d.City {
		rooms, err := all.DemoCity(ctx)
		if err != nil {
			_ = all.Close()
			return err
		}
		all.City().Programme.SetStory(city.NewMover(ctx, rooms, all.Stand, log))
	}
	err = all.Run(ctx, func(url string) {
		announce(all, url, v)
		fmt.Printf("\n  %s\n", v.Say("cli.start.free"))
		fmt.Printf("    %s  %s\n    %s  %s\n", v.Say("cli.start.main"), sim.Free.Main, v.Say("cli.start.sub"), sim.Free.Sub)
		switch {
		case sim.Free.Left != "":
			fmt.Printf("    %s\n", v.Say("cli.start.left", "address", sim.Free.Left))
		case sim.Free.Usual != "" && d.FreeCamera == "":
			fmt.Printf("    %s\n", v.Say("cli.start.moved", "address", sim.Free.Usual))
		}
		fmt.Printf("    %s\n", v.Say("cli.start.login", "user", sim.Free.User, "password", sim.Free.Password))
		fmt.Printf("\n  %s\n", v.Say("cli.start.control", "url", sim.Sim.ControlURL()))
		if level != "auto" {
			loud()
		}
		// Whoever tries it out looks for the address: it stays the last thing said, until something is wrong.
	})
	if err == nil && level == "auto" {
		fmt.Printf("\n  %s\n", v.Say("cli.start.stopped"))
	}
	return err
}
