package main

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
)

func TestHush(t *testing.T) {
	var said bytes.Buffer
	log := slog.New(slog.NewTextHandler(&said, nil))
	quiet, end := hushed(log)
	room := quiet.With("room", "store").WithGroup("g")
	room.Info("tables brought up to date")
	room.Warn("the disk is full")
	end()
	room.Info("the page is up")
	room.Debug("a detail")
	for what, want := range map[string]bool{"tables": false, "disk is full": true, "room=store": true, "page is up": true, "a detail": false} {
		if strings.Contains(said.String(), what) != want {
			t.Errorf("%q said: %v\n%s", what, !want, said.String())
		}
	}
	loud := slog.New(slog.NewTextHandler(&said, &slog.HandlerOptions{Level: slog.LevelDebug}))
	if same, _ := hushed(loud); same != loud {
		t.Error("a log that is to say everything is hushed")
	}
}
