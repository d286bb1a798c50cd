package rtsp

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
)

// message is a request (Method is set) or an answer (Code is set).
type message struct {
	Method, URL string
	Code        int
	Reason      string
	Header      Header
	Body        []byte
}

const (
	maxHead = 16 << 10
	maxBody = 1 << 20
)

// parseMessage reads one message from the front of b and says how many bytes it took; 0 and no error: it is not complete.
// Lines may end with a bare LF. The body is a slice of b.
func parseMessage(b []byte) (*message, int, error) {
	skip := 0
	for skip < len(b) && (b[skip] == '\r' || b[skip] == '\n') {
		skip++
	}
	m := &message{}
	rest := b[skip:]
	line, rest, ok := cutLine(rest)
	if !ok {
		return incomplete(b)
	}
	if err := m.start(string(line)); err != nil {
		return nil, 0, err
	}
	for {
		line, rest, ok = cutLine(rest)
		if !ok {
			return incomplete(b)
		}
		if len(b)-len(rest) > maxHead {
			return nil, 0, fmt.Errorf("%w: header is too long", ErrProtocol)
		}
		if len(line) == 0 {
			break
		}
		if line[0] == ' ' || line[0] == '\t' { // continues the line before
			if n := len(m.Header); n > 0 {
				m.Header[n-1].Value += " " + string(bytes.TrimSpace(line))
			}
			continue
		}
		key, value, ok := bytes.Cut(line, []byte(":"))
		if !ok {
			continue // cameras write odd lines; none of them matters
		}
		m.Header = append(m.Header, Field{string(bytes.TrimSpace(key)), string(bytes.TrimSpace(value))})
	}
	size := 0
	if v := m.Header.Get("Content-Length"); v != "" {
		n, err := strconv.Atoi(v)
		if err != nil || n < 0 || n > maxBody {
			return nil, 0, fmt.Errorf("%w: Content-Length %.20q", ErrProtocol, v)
		}
		size = n
	}
	if len(rest) < size {
		return nil, 0, nil
	}
	m.Body = rest[:size:size]
	return m, len(b) - len(rest) + size, nil
}

func incomplete(b []byte) (*message, int, error) {
	if len(b) > maxHead {
		return nil, 0, fmt.Errorf("%w: header is too long", ErrProtocol)
	}
	return nil, 0, nil
}

func cutLine(b []byte) (line, rest []byte, ok bool) {
	i := bytes.IndexByte(b, '\n')
	if i < 0 {
		return nil, b, false
	}
	return bytes.TrimSuffix(b[:i], []byte("\r")), b[i+1:], true
}

func (m *message) start(line string) error {
	if rest, ok := strings.CutPrefix(line, "RTSP/"); ok {
		_, rest, _ = strings.Cut(rest, " ")
		code, reason, _ := strings.Cut(strings.TrimSpace(rest), " ")
		n, err := strconv.Atoi(code)
		if err != nil || n < 100 || n > 999 {
			return fmt.Errorf("%w: %.40q", ErrProtocol, line)
		}
		m.Code, m.Reason = n, reason
		return nil
	}
	method, rest, ok := strings.Cut(line, " ")
	url, version, ok2 := cutLast(rest, " ")
	if !ok || !ok2 || !isMethod(method) || !strings.HasPrefix(version, "RTSP/") {
		return fmt.Errorf("%w: %.40q", ErrProtocol, line)
	}
	m.Method, m.URL = method, strings.TrimSpace(url)
	return nil
}

func cutLast(s, sep string) (before, after string, ok bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}

func isMethod(s string) bool {
	if len(s) < 3 || len(s) > 20 {
		return false
	}
	for i := range len(s) {
		if (s[i] < 'A' || s[i] > 'Z') && s[i] != '_' {
			return false
		}
	}
	return true
}

// append writes the message as it goes over the wire.
func (m *message) append(dst []byte) []byte {
	if m.Method != "" {
		dst = append(dst, m.Method...)
		dst = append(dst, ' ')
		dst = append(dst, m.URL...)
		dst = append(dst, " RTSP/1.0\r\n"...)
	} else {
		dst = append(dst, "RTSP/1.0 "...)
		dst = strconv.AppendInt(dst, int64(m.Code), 10)
		dst = append(dst, ' ')
		dst = append(dst, m.Reason...)
		dst = append(dst, "\r\n"...)
	}
	for _, f := range m.Header {
		dst = append(dst, f.Key...)
		dst = append(dst, ": "...)
		dst = append(dst, f.Value...)
		dst = append(dst, "\r\n"...)
	}
	if len(m.Body) > 0 {
		dst = append(dst, "Content-Length: "...)
		dst = strconv.AppendInt(dst, int64(len(m.Body)), 10)
		dst = append(dst, "\r\n"...)
	}
	dst = append(dst, "\r\n"...)
	return append(dst, m.Body...)
}

// mayBeMessage says whether b could be the beginning of a message; it decides on as little as there is.
func mayBeMessage(b []byte) bool {
	const max = 20
	for i, c := range b {
		switch {
		case c >= 'A' && c <= 'Z' || c == '_':
			if i > max {
				return false
			}
		case c == ' ':
			return i >= 3 // METHOD url
		case c == '/':
			return bytes.HasPrefix(b, []byte("RTSP/"))
		default:
			return false
		}
	}
	return len(b) > 0
}

var reasons = map[int]string{
	100: "Continue", 200: "OK", 301: "Moved Permanently", 302: "Found", 400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found",
	405: "Method Not Allowed", 408: "Request Timeout", 413: "Request Entity Too Large", 451: "Parameter Not Understood", 453: "Not Enough Bandwidth", 454: "Session Not Found",
	455: "Method Not Valid in This State", 459: "Aggregate Operation Not Allowed", 461: "Unsupported Transport", 500: "Internal Server Error",
	501: "Not Implemented", 503: "Service Unavailable", 505: "RTSP Version Not Supported", 551: "Option Not Supported",
}

func reason(code int) string {
	if r := reasons[code]; r != "" {
		return r
	}
	return "Status " + strconv.Itoa(code)
}
