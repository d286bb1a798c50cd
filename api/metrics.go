package api

import (
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

type metrics struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	sent     *prometheus.CounterVec
	inFlight prometheus.Gauge
	streams  prometheus.Gauge
	panics   prometheus.Counter
	refused  prometheus.Counter

	mu    sync.RWMutex
	known map[counterKey]counters // so that a media request looks up one key, and builds no label list
}

type counterKey struct {
	method, route string
	status        int
}

type counters struct {
	requests, sent prometheus.Counter
	seconds        prometheus.Observer
}

func newMetrics(version string) *metrics {
	build := prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "linli_build_info", Help: "1; the version is in the label.", ConstLabels: prometheus.Labels{"version": version},
	}, func() float64 { return 1 })
	m := &metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "linli_http_requests_total", Help: "Requests by route and status.",
		}, []string{"method", "route", "status"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "linli_http_request_seconds", Help: "Time to answer, without media and events, which last as long as somebody looks.",
			Buckets: []float64{.001, .005, .025, .1, .5, 2.5, 10},
		}, []string{"route"}),
		sent: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "linli_http_sent_bytes_total", Help: "Bytes of bodies sent, by route.",
		}, []string{"route"}),
		inFlight: prometheus.NewGauge(prometheus.GaugeOpts{Name: "linli_http_requests_in_flight", Help: "Requests being answered."}),
		streams:  prometheus.NewGauge(prometheus.GaugeOpts{Name: "linli_event_streams", Help: "Open streams of /api/events."}),
		panics:   prometheus.NewCounter(prometheus.CounterOpts{Name: "linli_http_panics_total", Help: "Handlers that panicked."}),
		refused:  prometheus.NewCounter(prometheus.CounterOpts{Name: "linli_http_connections_refused_total", Help: "Connections closed at once, because there were too many."}),
		known:    map[counterKey]counters{},
	}
	m.registry.MustRegister(m.requests, m.seconds, m.sent, m.inFlight, m.streams, m.panics, m.refused, build,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{MaxRequestsInFlight: 4, DisableCompression: true})
}

func (m *metrics) count(method, route string, status int, took time.Duration, media bool, sent int64) {
	switch method {
	case "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS":
	default:
		method = "other" // what a stranger sends must not make new series
	}
	key := counterKey{method, route, status}
	m.mu.RLock()
	c, ok := m.known[key]
	m.mu.RUnlock()
	if !ok {
		c = counters{requests: m.requests.WithLabelValues(method, route, strconv.Itoa(status)), sent: m.sent.WithLabelValues(route)}
		if !media && route != "/api/events" {
			c.seconds = m.seconds.WithLabelValues(route)
		}
		m.mu.Lock()
		m.known[key] = c
		m.mu.Unlock()
	}
	c.requests.Inc()
	c.sent.Add(float64(sent))
	if c.seconds != nil {
		c.seconds.Observe(took.Seconds())
	}
}
