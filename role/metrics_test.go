package role

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"

	"linli.dev/linli/media/stream"
	"linli.dev/linli/store"
	"linli.dev/linli/store/storetest"
)

// Names and units are as Prometheus has them: base units, _total for what only grows, a help for each.
func TestFiguresFollowPrometheus(t *testing.T) {
	storetest.EachOptions(t, figuresFollowPrometheus)
}

func figuresFollowPrometheus(t *testing.T, opt store.Options) {
	a, err := Open(context.Background(), Config{Data: t.TempDir(), Listen: "127.0.0.1:0", Database: opt.URL}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = a.Close() }()
	// A stream that runs has figures of its own; that its camera is not there is one of them.
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- a.hub.Run(ctx) }()
	defer func() {
		if stop(); <-ended != nil {
			t.Error("the streams did not end in order")
		}
	}()
	a.hub.Apply([]stream.Source{{ID: stream.ID{Camera: "gate", Which: stream.Main}, URL: "rtsp://127.0.0.1:1/gate", Host: "127.0.0.1:1"}})
	for end := time.Now().Add(10 * time.Second); len(a.hub.Streams()) == 0; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("the stream does not begin")
		}
	}
	families, err := a.server.Metrics().Gather()
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	for _, f := range families {
		found[f.GetName()] = true
	}
	for _, name := range []string{
		"linli_build_info", "linli_record_streams", "linli_record_disk_state", "linli_record_lost_fragments_total", "linli_record_unread_segments", "linli_record_waiting_seconds",
		"linli_looks_active", "linli_journal_events_trimmed_total", "linli_clock_trusted", "linli_stream_state", "linli_stream_received_bytes_total",
		"linli_stream_pictures_per_second", "linli_stream_lost_packets_total", "linli_stream_damaged_pictures_total", "linli_stream_reader_dropped_total",
		"linli_stream_connects_total", "linli_stream_readers", "linli_stream_clock_offset_seconds",
	} {
		if !found[name] {
			t.Errorf("%s is missing", name)
		}
	}
	problems, err := promlint.NewWithMetricFamilies(families).Lint()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Errorf("%s: %s", p.Metric, p.Text)
	}
}
