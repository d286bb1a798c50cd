package demo

import (
	"fmt"
	"log/slog"

	"linli.dev/linli/demo/camsim"
)

// Free is a simulated camera that nobody has registered, for a newcomer to try it. It is the same at each start, so that
// one that was registered comes back.
type Free struct {
	sim *camsim.Simulator

	Main, Sub      string // addresses
	Moved          bool   // they are not the usual ones: another program has that port
	User, Password string
}

// FreeAddress is camsim's usual one; another where it is taken.
const FreeAddress = "127.0.0.1:8600"

// freeCamera guards nothing but a drawing on this machine: its password is known so that it can be typed.
func freeCamera(log *slog.Logger) (*Free, error) {
	f := &Free{User: "demo", Password: "try-a-camera"}
	o := camsim.Options{Count: 1, Listen: FreeAddress, User: f.User, Password: f.Password, Log: log}
	var err error
	if f.sim, err = camsim.New(o); err != nil {
		o.Listen, f.Moved = "127.0.0.1:0", true
		if f.sim, err = camsim.New(o); err != nil {
			return nil, fmt.Errorf("free camera: %w", err)
		}
	}
	f.Main, f.Sub = f.sim.URL(0, "main"), f.sim.URL(0, "sub")
	return f, nil
}
