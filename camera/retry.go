package camera

import (
	"context"
	"net"
	"net/http"
	"strconv"
	"time"

	"linli.dev/linli/api"
	"linli.dev/linli/fault"
	"linli.dev/linli/protocol/lockout"
	"linli.dev/linli/store"
)

// Retry has a password that a camera's device has refused shown to it at once: somebody says that it was put right at the device, or that
// its lock is off. Once in 35 minutes for a device, however many people click: otherwise it would lock this machine out, and the recording
// of all its channels with it.
func (s *Service) Retry(ctx context.Context, by string, id ID) error {
	const op = "camera.Retry"
	row, err := s.cameraRow(ctx, s.db, id)
	if err != nil {
		return err
	}
	dev, err := s.deviceRow(ctx, s.db, row.Device)
	if err != nil {
		return err
	}
	var secret Secret
	if err := s.open(dev.Secret, secretContext(dev.ID), &secret); err != nil {
		return err
	}
	shown := lockout.Secret{Device: net.JoinHostPort(dev.Host, strconv.Itoa(dev.Port)), User: secret.User, Password: secret.Password}
	held := false
	for _, w := range []lockout.Way{lockout.RTSP, lockout.HTTP, lockout.ONVIF} {
		held = held || s.o.Lockouts.Wait(w, shown) > 0
	}
	if !held {
		return fault.New(fault.Conflict, op, "camera.retry.not-refused")
	}
	wait, err := s.o.Lockouts.Again(shown)
	if err != nil {
		s.log.Warn("that a refused password is tried again is forgotten with the next restart", "err", err)
	}
	if wait > 0 {
		e := fault.New(fault.TooMany, op, "camera.retry.too-soon", "minutes", minutes(wait))
		e.RetryAfter = wait.Round(time.Second)
		return e
	}
	s.tests.forgive(dev.Host, secret)
	if s.o.Retry != nil {
		s.o.Retry(id)
	}
	err = s.db.Change(ctx, func(_ context.Context, tx *store.Tx) error {
		return tx.Emit("camera", "device.retried", string(dev.ID), map[string]any{"by": by, "name": dev.Name})
	})
	if err != nil { // it is tried all the same
		s.log.Warn("that a refused password is tried again is not in the journal", "err", err)
	}
	return nil
}

func (s *Service) httpRetry(ctx context.Context, in *IDInput) (*struct{}, error) {
	return nil, s.Retry(ctx, by(ctx), ID(in.ID))
}

var retryOp = api.Op{
	ID: "retryCamera", Permission: MayWrite, Status: http.StatusNoContent, Summary: "Try a refused password again",
	Description: "It was put right at the device. Once in 35 minutes for a device (429), so that it does not lock this machine out; 409: nothing was refused.",
}
