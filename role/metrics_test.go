package role

import (
	"context"
	"log/slog"
	"testing"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
)

// Names and units are as Prometheus has them: base units, _total for what only grows, a help for each.
func TestFiguresFollowPrometheus(t *testing.T) {
	a, err := Open(context.Background(), Config{Data: t.TempDir(), Listen: "127.0.0.1:0"}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = a.Close() }()
	families, err := a.server.Metrics().Gather()
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	for _, f := range families {
		found[f.GetName()] = true
	}
	for _, name := range []string{"linli_build_info", "linli_record_streams", "linli_looks_active", "linli_journal_events_trimmed_total"} {
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
