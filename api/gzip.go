package api

import (
	"compress/gzip"
	"net/http"
	"strconv"
	"strings"
	"sync"
)

const worthIt = 1024 // bytes below which a packet is sent anyway

var squeezers = sync.Pool{New: func() any {
	z, _ := gzip.NewWriterLevel(nil, gzip.BestSpeed) // the level is valid
	return z
}}

// squeezer compresses JSON and pages. Media never passes here, and events are sent as they come.
type squeezer struct {
	http.ResponseWriter
	accepts bool
	decided bool
	status  int
	z       *gzip.Writer
}

func (w *squeezer) WriteHeader(status int) {
	if w.decided || status < 200 {
		w.ResponseWriter.WriteHeader(status)
		return
	}
	if w.status == 0 {
		w.status = status // sent with the first bytes, when their number is known
	}
}

func (w *squeezer) Write(b []byte) (int, error) {
	if !w.decided {
		w.decide(len(b))
	}
	if w.z != nil {
		return w.z.Write(b)
	}
	return w.ResponseWriter.Write(b)
}

func (w *squeezer) decide(first int) {
	w.decided = true
	if w.status == 0 {
		w.status = http.StatusOK
	}
	h := w.Header()
	if n, err := strconv.Atoi(h.Get("Content-Length")); err == nil {
		first = n
	}
	plain := h.Get("Content-Encoding") == "" && h.Get("Content-Range") == "" && compressible(h.Get("Content-Type")) &&
		w.status != http.StatusNoContent && w.status != http.StatusNotModified
	if plain {
		h.Add("Vary", "Accept-Encoding")
		if w.accepts && first >= worthIt {
			h.Set("Content-Encoding", "gzip")
			h.Del("Content-Length")
			h.Del("Accept-Ranges")
			w.z = squeezers.Get().(*gzip.Writer)
			w.z.Reset(w.ResponseWriter)
		}
	}
	w.ResponseWriter.WriteHeader(w.status)
}

func (w *squeezer) close() {
	if !w.decided && w.status != 0 {
		w.decide(0)
	}
	if w.z != nil {
		_ = w.z.Close()
		w.z.Reset(nil)
		squeezers.Put(w.z)
		w.z = nil
	}
}

func (w *squeezer) Flush() {
	if !w.decided {
		w.decide(0)
	}
	if w.z != nil {
		_ = w.z.Flush()
	}
	_ = http.NewResponseController(w.ResponseWriter).Flush()
}

func (w *squeezer) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func compressible(contentType string) bool {
	t, _, _ := strings.Cut(contentType, ";")
	switch t = strings.TrimSpace(t); t {
	case "text/event-stream":
		return false
	case "application/json", "application/problem+json", "application/openapi+json", "application/javascript",
		"application/manifest+json", "application/wasm", "image/svg+xml":
		return true
	}
	return strings.HasPrefix(t, "text/")
}

func acceptsGzip(r *http.Request) bool { return AcceptsGzip(r.Header.Get("Accept-Encoding")) }

// AcceptsGzip reads the header Accept-Encoding, for a room that keeps its replies as they are sent.
func AcceptsGzip(header string) bool {
	for _, part := range strings.Split(header, ",") {
		name, q, _ := strings.Cut(strings.TrimSpace(part), ";")
		if strings.TrimSpace(name) == "gzip" {
			q = strings.ReplaceAll(q, " ", "")
			return q != "q=0" && q != "q=0.0" && q != "q=0.00" && q != "q=0.000"
		}
	}
	return false
}
