package demo

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strconv"

	"linli.dev/linli/camera"
	"linli.dev/linli/demo/camsim"
	"linli.dev/linli/store"
)

// Register is the part of the register of cameras that the demo fills.
type Register interface {
	Devices(ctx context.Context) ([]camera.Device, error)
	AddDevice(ctx context.Context, by string, e camera.DeviceEdit) (camera.Warned[camera.Device], error)
	ChangeDevice(ctx context.Context, by string, id camera.DeviceID, version int64, e camera.DeviceEdit) (camera.Warned[camera.Device], error)
	Cameras(ctx context.Context) ([]camera.Camera, error)
	Add(ctx context.Context, by string, e camera.Edit) (camera.Warned[camera.Camera], error)
}

// Options of the demo.
type Options struct {
	Cameras int    // 0 = 4; more than the scenes repeat them
	Dir     string // data folder, which remembers where the free camera is
	Free    string // address of the free camera; "" = the usual one, another where that is taken
	Log     *slog.Logger
}

// Demo is a running simulator whose cameras are registered, and one camera that is not.
type Demo struct {
	Sim  *camsim.Simulator
	Free *Free
}

// recorderName finds the demo's recorder again at the next start.
const recorderName = "门卫室录像机（演示）"

// Start simulates the cameras and registers those that are not yet there.
func Start(ctx context.Context, reg Register, o Options) (*Demo, error) {
	if o.Cameras <= 0 {
		o.Cameras = len(scenes)
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	devices, err := reg.Devices(ctx)
	if err != nil {
		return nil, err
	}
	for _, d := range devices { // an earlier start had more cameras: they are in the register, so they are simulated
		if d.Name == recorderName {
			o.Cameras = max(o.Cameras, d.Channels)
		}
	}
	password := store.NewID()
	sim, err := camsim.New(camsim.Options{
		Count: o.Cameras, Listen: "127.0.0.1:0", Ctl: "127.0.0.1:0", User: "linli", Password: password, Log: o.Log.With("room", "camsim"),
	})
	if err != nil {
		return nil, err
	}
	d := &Demo{Sim: sim}
	if err := d.register(ctx, reg, o.Cameras, password); err != nil {
		_ = d.Close()
		return nil, fmt.Errorf("demo cameras: %w", err)
	}
	if d.Free, err = freeCamera(o.Dir, o.Free, o.Log.With("room", "camsim")); err != nil {
		_ = d.Close()
		return nil, err
	}
	return d, nil
}

// Close stops the simulators.
func (d *Demo) Close() error {
	err := d.Sim.Close()
	if d.Free != nil {
		err = errors.Join(err, d.Free.sim.Close())
	}
	return err
}

func (d *Demo) register(ctx context.Context, reg Register, count int, password string) error {
	host, portText, err := net.SplitHostPort(d.Sim.Addr())
	if err != nil {
		return err
	}
	port, err := strconv.Atoi(portText)
	if err != nil {
		return err
	}
	edit := camera.DeviceEdit{
		Kind: ptr(camera.KindRecorder), Name: ptr(recorderName), Host: &host, Port: &port, Channels: &count,
		User: ptr("linli"), Password: &password, Vendor: ptr("Linli"), Model: ptr("camsim"), CallNote: ptr("值班室，分机 8001"),
	}
	device, err := recorder(ctx, reg, edit)
	if err != nil {
		return err
	}
	have, err := reg.Cameras(ctx)
	if err != nil {
		return err
	}
	taken := map[int]bool{}
	for _, c := range have {
		if c.Device == device {
			taken[c.Channel] = true
		}
	}
	for i := range count {
		if taken[i+1] {
			continue
		}
		if _, err := reg.Add(ctx, "demo", entry(i, device)); err != nil {
			return fmt.Errorf("camera %d: %w", i+1, err)
		}
	}
	return nil
}

// recorder finds the demo's device and tells it the new address, or makes it.
func recorder(ctx context.Context, reg Register, edit camera.DeviceEdit) (camera.DeviceID, error) {
	devices, err := reg.Devices(ctx)
	if err != nil {
		return "", err
	}
	for _, d := range devices {
		if d.Name == recorderName {
			changed, err := reg.ChangeDevice(ctx, "demo", d.ID, d.Version, edit)
			return changed.Value.ID, err
		}
	}
	made, err := reg.AddDevice(ctx, "demo", edit)
	return made.Value.ID, err
}

func ptr[T any](v T) *T { return &v }
