package main

import (
	"context"
	"log/slog"

	"linli.dev/linli/demo/camsim"
)

type camsimCmd struct {
	Clip     string `type:"existingfile"`
	SubClip  string `type:"existingfile"`
	Sound    string `type:"existingfile" placeholder:"FILE"`
	Count    int    `default:"4"`
	Listen   string `default:"127.0.0.1:8600"`
	Ctl      string `default:"127.0.0.1:8601"`
	User     string
	Password string
	Pacing   string `default:"frame" enum:"frame,packet"`
}

func (c camsimCmd) Run(ctx context.Context, log *slog.Logger) error {
	return camsim.Run(ctx, camsim.Options{
		Clip: c.Clip, SubClip: c.SubClip, Sound: c.Sound, Count: c.Count, Listen: c.Listen, Ctl: c.Ctl,
		User: c.User, Password: c.Password, Pacing: c.Pacing, Log: log,
	})
}
