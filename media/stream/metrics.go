package stream

import "github.com/prometheus/client_golang/prometheus"

var (
	labels   = []string{"camera", "stream"}
	metState = prometheus.NewDesc("linli_stream_state", "1 for the state that a stream is in.", append(labels, "state"), nil)
	metBytes = prometheus.NewDesc("linli_stream_received_bytes_total", "Bytes of RTP received.", labels, nil)
	metFPS   = prometheus.NewDesc("linli_stream_pictures_per_second", "Pictures per second.", labels, nil)
	metLost  = prometheus.NewDesc("linli_stream_lost_packets_total", "Packets that never came.", labels, nil)
	metBad   = prometheus.NewDesc("linli_stream_damaged_pictures_total", "Pictures dropped because they were damaged, or followed one.", labels, nil)
	metDrop  = prometheus.NewDesc("linli_stream_reader_dropped_total", "Frames that slow readers lost.", labels, nil)
	metDial  = prometheus.NewDesc("linli_stream_connects_total", "Attempts to connect.", labels, nil)
	metRead  = prometheus.NewDesc("linli_stream_readers", "Open readers.", labels, nil)
	metDrift = prometheus.NewDesc("linli_stream_clock_offset_seconds", "Camera's clock minus the node's.", labels, nil)
)

type collector struct{ h *Hub }

func (c collector) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{metState, metBytes, metFPS, metLost, metBad, metDrop, metDial, metRead, metDrift} {
		out <- d
	}
}

func (c collector) Collect(out chan<- prometheus.Metric) {
	for _, s := range c.h.Streams() {
		st := s.Status()
		l := []string{st.ID.Camera, string(st.ID.Which)}
		total := func(d *prometheus.Desc, v uint64) {
			out <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, float64(v), l...)
		}
		gauge := func(d *prometheus.Desc, v float64) {
			out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, l...)
		}
		out <- prometheus.MustNewConstMetric(metState, prometheus.GaugeValue, 1, append(l, string(st.State))...)
		total(metBytes, st.Received)
		total(metLost, st.Lost)
		total(metBad, st.Damaged)
		total(metDrop, st.DroppedToReaders)
		total(metDial, st.Connects)
		gauge(metFPS, st.FrameRate)
		gauge(metRead, float64(st.Readers))
		gauge(metDrift, st.ClockOffset.Seconds())
	}
}
