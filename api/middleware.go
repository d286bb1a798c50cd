package api

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"linli.dev/linli/fault"
)

// outermost surrounds every request: a number, the language, headers, the log, figures, and a net below panics.
func (s *Server) outermost(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		begun := time.Now()
		media := isMedia(r.URL.Path)
		rec := &recorder{ResponseWriter: w}
		x := &exchange{s: s, id: requestID(), lang: s.words.pick(r.Header.Get("Accept-Language"))}
		var out http.ResponseWriter = rec
		if !media {
			z := &squeezer{ResponseWriter: rec, accepts: acceptsGzip(r)}
			defer z.close()
			out = z
		}
		x.w = out
		s.headers(out.Header(), r, x.id, media)
		r = r.WithContext(context.WithValue(r.Context(), exchangeKey{}, x))
		defer func() {
			if p := recover(); p != nil {
				s.broken(out, r, rec, x, p)
			}
			s.account(r, rec, x, media, time.Since(begun))
		}()
		s.metrics.inFlight.Inc()
		defer s.metrics.inFlight.Dec()
		next.ServeHTTP(out, r)
	})
}

// broken answers for a handler that panicked.
func (s *Server) broken(w http.ResponseWriter, r *http.Request, rec *recorder, x *exchange, p any) {
	if err, ok := p.(error); ok && errors.Is(err, http.ErrAbortHandler) {
		rec.aborted = true
	} else {
		s.log.Error("a handler panicked", "request", x.id, "route", route(r), "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
		s.metrics.panics.Inc()
		if rec.status == 0 {
			Fail(w, r, fault.New(fault.Internal, "api.serve", ""))
			return
		}
	}
	// Something was sent already: only a cut connection tells the reader that the rest is missing. The panic may not
	// go on upwards, or the log line would be lost.
	if c, _, err := http.NewResponseController(rec.ResponseWriter).Hijack(); err == nil {
		c.Close()
	}
}

// account writes the log line and counts. Neither ever holds a path or a query of a route: they carry leases. What
// stands there is the pattern.
func (s *Server) account(r *http.Request, rec *recorder, x *exchange, media bool, took time.Duration) {
	status := rec.status
	if status == 0 {
		status = http.StatusOK
	}
	s.metrics.count(r.Method, route(r), status, took, media, rec.bytes)
	level := slog.LevelDebug
	switch {
	case status >= 500 && !errors.Is(x.cause, context.Canceled):
		level = slog.LevelWarn
		if status == http.StatusInternalServerError {
			level = slog.LevelError
		}
	case r.Method != http.MethodGet && r.Method != http.MethodHead && !media && !strings.HasSuffix(r.Pattern, "/beat"), status == http.StatusForbidden:
		level = slog.LevelInfo
	}
	if !s.log.Enabled(r.Context(), level) {
		return
	}
	attrs := []slog.Attr{
		slog.String("request", x.id), slog.String("method", r.Method), slog.String("route", route(r)), slog.Int("status", status),
		slog.Int64("bytes", rec.bytes), slog.Duration("took", took.Round(10*time.Microsecond)), slog.String("from", host(r.RemoteAddr)),
	}
	if x.account != "" {
		attrs = append(attrs, slog.String("account", x.account))
	}
	if x.cause != nil {
		attrs = append(attrs, slog.String("err", x.cause.Error()))
	}
	s.log.LogAttrs(r.Context(), level, "http", attrs...)
}

// route is the pattern that took the request.
func route(r *http.Request) string {
	if _, path, ok := strings.Cut(r.Pattern, " "); ok {
		return path
	}
	if r.Pattern == "" {
		return "-"
	}
	return r.Pattern
}

func isMedia(path string) bool { return strings.HasPrefix(path, "/media/") }

func host(addr string) string {
	if h, _, err := net.SplitHostPort(addr); err == nil {
		return h
	}
	return addr
}

var idText = base32.NewEncoding("abcdefghijkmnpqrstuvwxyz23456789").WithPadding(base32.NoPadding)

// requestID is short enough to be read out on the telephone.
func requestID() string {
	var b [5]byte
	_, _ = rand.Read(b[:])
	return idText.EncodeToString(b[:])
}

// What pages may do. Scripts come from here and nowhere else; style attributes are allowed, because charts and
// menus place their parts with them. blob: is for the player: its media source, its worker, its still pictures.
const pagePolicy = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; " +
	"img-src 'self' data: blob:; media-src 'self' blob:; connect-src 'self'; font-src 'self' data:; worker-src 'self' blob:; " +
	"manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

// What bytes may do when somebody opens them as a page: nothing.
const bytesPolicy = "default-src 'none'; frame-ancestors 'none'; sandbox"

func (s *Server) headers(h http.Header, r *http.Request, id string, media bool) {
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer") // leases stand in paths
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	if media {
		h.Set("Content-Security-Policy", bytesPolicy)
		return
	}
	h.Set("X-Request-Id", id)
	h.Set("X-Frame-Options", "DENY")
	if r.TLS != nil {
		// On plain http browsers ignore it, and say so as an error on every page.
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
	}
	h.Set("Permissions-Policy", "camera=(self), microphone=(), geolocation=(self), payment=(), usb=()")
	if s.opt.HSTS && r.TLS != nil {
		h.Set("Strict-Transport-Security", "max-age=31536000")
	}
	if strings.HasPrefix(r.URL.Path, "/api/") {
		h.Set("Content-Security-Policy", bytesPolicy)
		h.Set("Cache-Control", "no-store") // a handler that knows better sets its own
		return
	}
	h.Set("Content-Security-Policy", pagePolicy)
}

// recorder sees what is answered. It keeps the ways around it open: sendfile for footage, flushing, deadlines.
type recorder struct {
	http.ResponseWriter
	status  int
	bytes   int64
	aborted bool
}

func (w *recorder) WriteHeader(status int) {
	if w.status == 0 && status >= 200 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *recorder) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	n, err := w.ResponseWriter.Write(b)
	w.bytes += int64(n)
	return n, err
}

func (w *recorder) ReadFrom(src io.Reader) (int64, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	var n int64
	var err error
	if _, ok := w.ResponseWriter.(io.ReaderFrom); ok {
		n, err = io.Copy(w.ResponseWriter, src) // the system's way, or net/http's own buffers
	} else { // HTTP/2: io.Copy would make a buffer each time
		buf := copyBuffers.Get().(*[64 << 10]byte)
		n, err = io.CopyBuffer(w.ResponseWriter, src, buf[:])
		copyBuffers.Put(buf)
	}
	w.bytes += n
	return n, err
}

var copyBuffers = sync.Pool{New: func() any { return new([64 << 10]byte) }}

func (w *recorder) Flush() {
	_ = http.NewResponseController(w.ResponseWriter).Flush()
}

func (w *recorder) Unwrap() http.ResponseWriter { return w.ResponseWriter }
