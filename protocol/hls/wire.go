package hls

import (
	"context"
	"strconv"
	"strings"
	"time"
)

// Wire gives the complete answer of HTTP/1.1, header included, to a request for the playlist (name "" and the query) or
// for a part: the same bytes for every reader, to be sent with one write. ok is false for anything else; those take
// ServePlaylist and ServeMedia.
func (l *Live) Wire(ctx context.Context, ended <-chan struct{}, name, query string) (b []byte, ok bool, err error) {
	if name == "" {
		msn, part, delta, err := parseQuery(query)
		if err != nil {
			return nil, true, err
		}
		b, err = l.playlist(ctx, ended, msn, part, delta, true)
		return b, true, err
	}
	stem, found := strings.CutSuffix(name, ".mp4")
	if !found || query != "" {
		return nil, false, nil
	}
	msn, n, isPart, err := parseName(stem)
	if err != nil || !isPart {
		return nil, false, nil
	}
	b, err = l.part(ctx, ended, msn, n, true)
	return b, true, err
}

// header writes the status line and all header lines. It is dated when the bytes were made.
func (l *Live) header(kind string, size int) []byte {
	b := make([]byte, 0, 512+size)
	b = append(b, "HTTP/1.1 200 OK\r\nDate: "...)
	b = time.Now().UTC().AppendFormat(b, "Mon, 02 Jan 2006 15:04:05 GMT")
	b = append(b, "\r\nContent-Type: "...)
	b = append(b, kind...)
	b = append(b, "\r\nCache-Control: no-store\r\nContent-Length: "...)
	b = strconv.AppendInt(b, int64(size), 10)
	b = append(b, "\r\n"...)
	for _, line := range l.o.Header {
		b = append(b, line...)
		b = append(b, "\r\n"...)
	}
	return append(b, "\r\n"...)
}
