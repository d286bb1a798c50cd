package live

import (
	"bytes"
	"strings"
)

// head is what the express way needs of a request.
type head struct {
	lease  string
	name   string // "" for the playlist
	query  string
	cookie string
}

// parseHead reads the head of a request: a GET of a live playlist or a part, without anything that would change the
// answer. For all else it says no, and the general server reads it properly.
func parseHead(b []byte) (h head, ok bool) {
	line, rest, ok := bytes.Cut(b, []byte("\r\n"))
	if !ok {
		return h, false
	}
	target, ok := bytes.CutPrefix(line, []byte("GET /media/"))
	if !ok {
		return h, false
	}
	if target, ok = bytes.CutSuffix(target, []byte(" HTTP/1.1")); !ok || bytes.ContainsAny(target, " %#\t") {
		return h, false
	}
	path, query, _ := strings.Cut(string(target), "?")
	lease, path, ok := strings.Cut(path, "/")
	if !ok || lease == "" {
		return h, false
	}
	h = head{lease: lease, query: query}
	if path != "live.m3u8" {
		if h.name, ok = strings.CutPrefix(path, "live/"); !ok || h.name == "" || strings.ContainsRune(h.name, '/') {
			return h, false
		}
	}
	host := false
	for {
		if line, rest, ok = bytes.Cut(rest, []byte("\r\n")); !ok {
			return h, false
		}
		if len(line) == 0 {
			return h, host
		}
		name, value, ok := bytes.Cut(line, []byte(":"))
		if !ok || len(name) == 0 || name[len(name)-1] <= ' ' || name[0] <= ' ' {
			return h, false
		}
		switch len(name) {
		case 4: // Host
			host = host || bytes.EqualFold(name, []byte("Host"))
		case 5: // Range
			if bytes.EqualFold(name, []byte("Range")) {
				return h, false
			}
		case 6: // Cookie, Expect
			if bytes.EqualFold(name, []byte("Cookie")) {
				if h.cookie != "" {
					return h, false
				}
				h.cookie = string(bytes.TrimSpace(value))
			} else if bytes.EqualFold(name, []byte("Expect")) {
				return h, false
			}
		case 7: // Upgrade
			if bytes.EqualFold(name, []byte("Upgrade")) {
				return h, false
			}
		case 10: // Connection
			if bytes.EqualFold(name, []byte("Connection")) && !bytes.EqualFold(bytes.TrimSpace(value), []byte("keep-alive")) {
				return h, false
			}
		case 14: // Content-Length
			if bytes.EqualFold(name, []byte("Content-Length")) {
				return h, false
			}
		case 17: // Transfer-Encoding
			if bytes.EqualFold(name, []byte("Transfer-Encoding")) {
				return h, false
			}
		}
	}
}
