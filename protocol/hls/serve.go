package hls

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
)

// Header values shared by all answers: net/http only reads them. Footage is never for a cache on the way.
var (
	typePlaylist = []string{"application/vnd.apple.mpegurl"}
	typeMedia    = []string{"video/mp4"}
	noStore      = []string{"no-store"}
)

// ServePlaylist answers a request for the playlist, with _HLS_msn, _HLS_part and _HLS_skip. ended stops a request that
// waits. An error has not been answered yet.
func (l *Live) ServePlaylist(w http.ResponseWriter, r *http.Request, ended <-chan struct{}) error {
	msn, part, delta, err := parseQuery(r.URL.RawQuery)
	if err != nil {
		return err
	}
	b, err := l.playlist(r.Context(), ended, msn, part, delta, false)
	if err != nil {
		return err
	}
	answer(w, typePlaylist, len(b))
	_, _ = w.Write(b)
	return nil
}

// ServeMedia answers a request for init.mp4, MSN.mp4 or MSN.PART.mp4, waiting for what is announced but not there yet.
func (l *Live) ServeMedia(w http.ResponseWriter, r *http.Request, name string, ended <-chan struct{}) error {
	stem, ok := strings.CutSuffix(name, ".mp4")
	if !ok {
		return ErrGone
	}
	if stem == "init" {
		version, _ := strconv.Atoi(r.URL.Query().Get("v"))
		b, err := l.initBytes(r.Context(), ended, version)
		if err != nil {
			return err
		}
		answer(w, typeMedia, len(b))
		_, _ = w.Write(b)
		return nil
	}
	msn, n, isPart, err := parseName(stem)
	if err != nil {
		return err
	}
	if isPart {
		b, err := l.part(r.Context(), ended, msn, n, false)
		if err != nil {
			return err
		}
		answer(w, typeMedia, len(b))
		_, _ = w.Write(b)
		return nil
	}
	parts, size, err := l.whole(r.Context(), ended, msn)
	if err != nil {
		return err
	}
	answer(w, typeMedia, size)
	for _, p := range parts {
		select {
		case <-ended:
			return nil // the length that was announced says that something is missing
		default:
		}
		if _, err := w.Write(p); err != nil {
			break
		}
	}
	return nil
}

// parseQuery reads _HLS_msn, _HLS_part and _HLS_skip; other parameters are not ours.
func parseQuery(query string) (msn uint64, part int, delta bool, err error) {
	part = -1
	for query != "" {
		var pair string
		pair, query, _ = strings.Cut(query, "&")
		k, v, _ := strings.Cut(pair, "=")
		switch k {
		case "_HLS_msn":
			msn, err = strconv.ParseUint(v, 10, 62)
		case "_HLS_part":
			var n uint64
			n, err = strconv.ParseUint(v, 10, 16)
			part = int(n)
		case "_HLS_skip":
			delta = v == "YES" || v == "v2"
		}
		if err != nil {
			return 0, 0, false, ErrFuture
		}
	}
	if part >= 0 && msn == 0 {
		return 0, 0, false, ErrFuture
	}
	return msn, part, delta, nil
}

// parseName reads "MSN" or "MSN.PART".
func parseName(stem string) (msn uint64, part int, isPart bool, err error) {
	first, second, isPart := strings.Cut(stem, ".")
	if msn, err = strconv.ParseUint(first, 10, 62); err != nil {
		return 0, 0, false, ErrGone
	}
	if isPart {
		n, err := strconv.ParseUint(second, 10, 16)
		if err != nil {
			return 0, 0, false, ErrGone
		}
		part = int(n)
	}
	return msn, part, isPart, nil
}

func answer(w http.ResponseWriter, kind []string, size int) {
	h := w.Header()
	h["Content-Type"] = kind
	h["Cache-Control"] = noStore
	h["Content-Length"] = []string{strconv.Itoa(size)}
	w.WriteHeader(http.StatusOK)
}

// Status is the HTTP status that fits an error of this package.
func Status(err error) int {
	switch {
	case errors.Is(err, ErrGone):
		return http.StatusNotFound
	case errors.Is(err, ErrFuture):
		return http.StatusBadRequest
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return 499 // the client has gone; nobody reads it
	default:
		return http.StatusServiceUnavailable
	}
}
