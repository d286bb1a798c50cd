package live

import (
	"github.com/prometheus/client_golang/prometheus"

	"linli.dev/linli/fault"
	"linli.dev/linli/media/stream"
)

// register adds the room's figures to /metrics; they are gathered when asked for.
func (m *Room) register(to prometheus.Registerer) error {
	if to == nil {
		return nil
	}
	if err := to.Register(&collector{m}); err != nil {
		return fault.Wrap(err, fault.Internal, "live.new", "live.metrics")
	}
	return nil
}

type collector struct{ room *Room }

var (
	descViewers = prometheus.NewDesc("linli_live_viewers", "Viewers connected now, by way of watching.", []string{"way"}, nil)
	descSenders = prometheus.NewDesc("linli_live_senders", "Streams that are being sent now, by way of watching.", []string{"way"}, nil)
	descResent  = prometheus.NewDesc("linli_live_packets_resent", "RTP packets sent again in the senders that run now.", nil, nil)
	descExpress = prometheus.NewDesc("linli_live_hls_answers_total", "Playlists and parts sent over connections that were taken over for low-latency HLS.", nil, nil)
	descLeftOut = prometheus.NewDesc("linli_live_pictures_left_out", "Pictures not sent to viewers on a slow TCP path, in the senders that run now.", nil, nil)
)

func (c *collector) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{descViewers, descSenders, descResent, descLeftOut, descExpress} {
		to <- d
	}
}

func (c *collector) Collect(to chan<- prometheus.Metric) {
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		to <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	var senders, viewers int
	var resent, leftOut uint64
	c.room.pictures.each(func(_ stream.ID, p *pictures) {
		s := p.feed.Stats()
		senders++
		viewers += s.Viewers
		resent += s.Resent
		leftOut += s.LeftOut
	})
	gauge(descSenders, float64(senders), "webrtc")
	gauge(descViewers, float64(viewers), "webrtc")
	gauge(descResent, float64(resent))
	gauge(descLeftOut, float64(leftOut))
	to <- prometheus.MustNewConstMetric(descExpress, prometheus.CounterValue, float64(c.room.express.answers.Load()))
	senders = 0
	c.room.playlists.each(func(stream.ID, *playlist) { senders++ })
	c.room.readers.mu.RLock()
	viewers = len(c.room.readers.byLease)
	c.room.readers.mu.RUnlock()
	gauge(descSenders, float64(senders), "hls")
	gauge(descViewers, float64(viewers), "hls")
	senders, viewers = 0, 0
	c.room.desktops.each(func(_ stream.ID, d *desktop) {
		senders++
		d.mu.Lock()
		viewers += len(d.outs)
		d.mu.Unlock()
	})
	gauge(descSenders, float64(senders), "rtsp")
	gauge(descViewers, float64(viewers), "rtsp")
}
