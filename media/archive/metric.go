package archive

import "github.com/prometheus/client_golang/prometheus"

func describeCheck(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("linli_check_"+name, help, labels, nil)
}

var (
	metCheckRead     = describeCheck("read_bytes_total", "Bytes of footage that the background check has read since start.")
	metCheckRunning  = describeCheck("running", "1 while a disk is being checked.", "disk")
	metCheckSegments = describeCheck("segments", "Segments that the latest walk over a disk has compared.", "disk")
	metCheckEnded    = describeCheck("last_complete_timestamp_seconds", "When the latest complete walk ended, Unix time; 0: none yet.", "disk")
	metClockTrusted  = prometheus.NewDesc("linli_clock_trusted", "1 while footage is dated by the machine's clock; 0: it is unconfirmed, and nothing is deleted.", nil, nil)
	metClockSynced   = prometheus.NewDesc("linli_clock_synced", "1 while somebody sets the machine's clock, 0 while nobody does, -1 where the machine does not say.", nil, nil)
	metCheckDiffer   = describeCheck("differences", "Differences between index and disk that stand.", "disk", "kind")
)

// checkCollector reads a Checker when somebody asks.
type checkCollector struct{ k *Checker }

func (c checkCollector) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{metCheckRead, metCheckRunning, metCheckSegments, metCheckEnded, metCheckDiffer} {
		ch <- d
	}
}

func (c checkCollector) Collect(ch chan<- prometheus.Metric) {
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	paths := map[DiskID]string{}
	for _, d := range c.k.a.Disks() {
		paths[d.ID] = d.Path
	}
	for _, i := range c.k.Checks() {
		path := paths[i.Disk]
		if path == "" { // not connected
			continue
		}
		running, ended := 0.0, 0.0
		if i.Running {
			running = 1
		}
		if !i.Ended.IsZero() {
			ended = float64(i.Ended.Unix())
		}
		gauge(metCheckRunning, running, path)
		gauge(metCheckSegments, float64(i.Segments), path)
		gauge(metCheckEnded, ended, path)
		for _, k := range kinds {
			gauge(metCheckDiffer, float64(i.Differences[k]), path, string(k))
		}
	}
	c.k.mu.Lock()
	read := c.k.read
	c.k.mu.Unlock()
	ch <- prometheus.MustNewConstMetric(metCheckRead, prometheus.CounterValue, float64(read))
}

// clockCollector tells what the clock is worth.
type clockCollector struct{ a *Archive }

func (clockCollector) Describe(ch chan<- *prometheus.Desc) {
	ch <- metClockTrusted
	ch <- metClockSynced
}

func (c clockCollector) Collect(ch chan<- prometheus.Metric) {
	s := c.a.Clock()
	trusted := 0.0
	if s.Trusted {
		trusted = 1
	}
	ch <- prometheus.MustNewConstMetric(metClockTrusted, prometheus.GaugeValue, trusted)
	ch <- prometheus.MustNewConstMetric(metClockSynced, prometheus.GaugeValue, map[string]float64{"yes": 1, "no": 0, "unknown": -1}[s.Synced])
}
