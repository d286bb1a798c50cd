package ledger

import (
	"github.com/prometheus/client_golang/prometheus"

	"linli.dev/linli/fault"
)

// measure has the room's figures kept.
func (l *Ledger) measure() error {
	if l.opt.Metrics == nil {
		return nil
	}
	behind := prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "linli_ledger_stuck", Help: "1 while the ledger takes no entries, and nobody may look."}, func() float64 {
		if l.troubled() != nil {
			return 1
		}
		return 0
	})
	if err := l.opt.Metrics.Register(behind); err != nil {
		return fault.Wrap(err, fault.Internal, "ledger.open", "tlog.metrics")
	}
	return nil
}
