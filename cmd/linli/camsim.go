package main

import (
	"context"
	"log/slog"

	"linli.dev/linli/demo/camsim"
)

type camsimCmd struct {
	Clip     string `help:"H.264 or H.265 clip for the main streams, MP4 or Annex B; default: drawn by this project." type:"existingfile"`
	SubClip  string `help:"Clip for the sub streams; default: none with --clip, else drawn by this project." type:"existingfile"`
	Sound    string `help:"WAV file in G.711, A-law or µ-law, as the sound of all streams." type:"existingfile" placeholder:"FILE"`
	Count    int    `help:"How many cameras: /cam0000 and so on." default:"4"`
	Listen   string `help:"RTSP address." default:"127.0.0.1:8600"`
	Ctl      string `help:"HTTP address for faults and figures; empty turns it off." default:"127.0.0.1:8601"`
	User     string `help:"Ask for this user by digest."`
	Password string `help:"The user's password."`
	Pacing   string `help:"One write per frame, or per packet." default:"frame" enum:"frame,packet"`
}

func (c camsimCmd) Run(ctx context.Context, log *slog.Logger) error {
	return camsim.Run(ctx, camsim.Options{
		Clip: c.Clip, SubClip: c.SubClip, Sound: c.Sound, Count: c.Count, Listen: c.Listen, Ctl: c.Ctl,
		User: c.User, Password: c.Password, Pacing: c.Pacing, Log: log,
	})
}
