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
	var msn uint64
	part, delta := -1, false
	if query := r.URL.RawQuery; query != "" {
		var hasPart bool
		for pair := range strings.SplitSeq(query, "&") {
			k, v, _ := strings.Cut(pair, "=")
			var err error
			switch k {
			case "_HLS_msn":
				msn, err = strconv.ParseUint(v, 10, 62)
			case "_HLS_part":
				part, err = strconv.Atoi(v)
				hasPart = true
			case "_HLS_skip":
				delta = v == "YES" || v == "v2"
			}
			if err != nil || part < -1 {
				return ErrFuture
			}
		}
		if hasPart && msn == 0 {
			return ErrFuture
		}
	}
	b, err := l.Playlist(r.Context(), ended, msn, part, delta)
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
	first, second, isPart := strings.Cut(stem, ".")
	msn, err := strconv.ParseUint(first, 10, 62)
	if err != nil {
		return ErrGone
	}
	if isPart {
		n, err := strconv.ParseUint(second, 10, 16)
		if err != nil {
			return ErrGone
		}
		b, err := l.part(r.Context(), ended, msn, int(n))
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
			return ErrClosed
		default:
		}
		if _, err := w.Write(p.Data); err != nil {
			break
		}
	}
	return nil
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
