package main

import (
	"context"
	"fmt"
	"log/slog"

	"linli.dev/linli/demo"
	"linli.dev/linli/role"
)

type demoCmd struct {
	serveFlags
	Cameras int `help:"How many simulated cameras." default:"4"`
}

func (d demoCmd) Run(ctx context.Context, log *slog.Logger) error {
	c, err := d.config()
	if err != nil {
		return err
	}
	c.AllowLoopbackCameras = true // the simulator lives on this machine
	all, err := role.Open(ctx, c, log)
	if err != nil {
		return err
	}
	sim, err := demo.Start(ctx, all.Register(), demo.Options{Cameras: d.Cameras, Log: log})
	if err != nil {
		_ = all.Close()
		return err
	}
	defer sim.Close()
	return all.Run(ctx, func(url string) {
		announce(all, url)
		fmt.Printf("\n  camera simulator control: %s\n", sim.Sim.ControlURL())
	})
}
