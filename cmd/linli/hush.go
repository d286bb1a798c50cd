package main

import (
	"context"
	"log/slog"
	"sync/atomic"
)

// hush keeps a log to what is wrong until somebody lets go of it: the demo's first lines are for a person who looks for an
// address.
type hush struct {
	slog.Handler
	over *atomic.Bool
}

// hushed gives a log that is quiet, and what ends that. A log that was asked to say everything is left as it is.
func hushed(log *slog.Logger) (quiet *slog.Logger, end func()) {
	if log.Enabled(context.Background(), slog.LevelDebug) {
		return log, func() {}
	}
	h := hush{log.Handler(), new(atomic.Bool)}
	return slog.New(h), func() { h.over.Store(true) }
}

func (h hush) Enabled(ctx context.Context, l slog.Level) bool {
	return (l >= slog.LevelWarn || h.over.Load()) && h.Handler.Enabled(ctx, l)
}

func (h hush) WithAttrs(attrs []slog.Attr) slog.Handler {
	return hush{h.Handler.WithAttrs(attrs), h.over}
}

func (h hush) WithGroup(name string) slog.Handler { return hush{h.Handler.WithGroup(name), h.over} }
