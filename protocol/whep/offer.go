package whep

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// What can be wrong with an offer. Each is the viewer's side to mend.
var (
	ErrOffer = errors.New("whep: not a usable SDP offer")
	ErrCodec = errors.New("whep: the viewer offers no codec that this stream has")
)

const maxOffer = 64 << 10

// Offer is what a viewer's SDP says, as far as a sender needs it.
type Offer struct {
	Media       []OfferedMedia
	bundle      []string
	ufrag, pwd  string
	fingerprint []byte // SHA-256 of the viewer's certificate
}

// OfferedMedia is one m-line.
type OfferedMedia struct {
	Kind     string // "video", "audio", …
	Mid      string
	Protocol string
	Receives bool // recvonly or sendrecv
	Formats  []Format
	port     string
}

// Format is one payload type of an m-line.
type Format struct {
	PayloadType uint8
	Name        string // upper case: H264, H265, PCMA, PCMU, …
	ClockRate   int
	Params      map[string]string
	fmtp        string
	channels    string // "/2", "" when not said
}

// ParseOffer reads an SDP offer. It takes what browsers, GStreamer and libdatachannel write; what it does not know it passes over.
func ParseOffer(sdp string) (*Offer, error) {
	if len(sdp) > maxOffer || !strings.HasPrefix(strings.TrimSpace(sdp), "v=0") {
		return nil, ErrOffer
	}
	o := &Offer{}
	var m *OfferedMedia
	setup := ""
	for line := range strings.Lines(sdp) {
		line = strings.TrimSpace(line)
		if len(line) < 2 || line[1] != '=' {
			continue
		}
		if line[0] == 'm' {
			next, err := parseMedia(line[2:])
			if err != nil {
				return nil, err
			}
			if len(o.Media) == 16 {
				return nil, fmt.Errorf("%w: too many m-lines", ErrOffer)
			}
			o.Media = append(o.Media, next)
			m = &o.Media[len(o.Media)-1]
			continue
		}
		if line[0] != 'a' {
			continue
		}
		name, value, _ := strings.Cut(line[2:], ":")
		switch name {
		case "group":
			if rest, ok := strings.CutPrefix(value, "BUNDLE "); ok {
				o.bundle = strings.Fields(rest)
			}
		case "ice-ufrag":
			o.ufrag = first(o.ufrag, value)
		case "ice-pwd":
			o.pwd = first(o.pwd, value)
		case "setup":
			setup = first(setup, value)
		case "fingerprint":
			if o.fingerprint == nil {
				o.fingerprint = parseFingerprint(value)
			}
		default:
			if m != nil {
				m.attribute(name, value)
			}
		}
	}
	switch {
	case len(o.Media) == 0:
		return nil, fmt.Errorf("%w: no media", ErrOffer)
	case o.ufrag == "" || o.pwd == "" || len(o.ufrag) > 256:
		return nil, fmt.Errorf("%w: no ICE credentials", ErrOffer)
	case len(o.fingerprint) != 32:
		return nil, fmt.Errorf("%w: no SHA-256 fingerprint", ErrOffer)
	case setup == "passive":
		return nil, fmt.Errorf("%w: the viewer must be able to start DTLS", ErrOffer)
	}
	return o, nil
}

func first(have, value string) string {
	if have != "" {
		return have
	}
	return value
}

func parseMedia(v string) (OfferedMedia, error) {
	f := strings.Fields(v)
	if len(f) < 4 || len(f) > 260 {
		return OfferedMedia{}, fmt.Errorf("%w: bad m-line", ErrOffer)
	}
	m := OfferedMedia{Kind: f[0], port: f[1], Protocol: f[2], Receives: true}
	for _, s := range f[3:] {
		n, err := strconv.ParseUint(s, 10, 7)
		if err != nil {
			continue // a data channel's m-line names no numbers
		}
		format := Format{PayloadType: uint8(n)}
		switch n { // static types need no rtpmap (RFC 3551)
		case 0:
			format.Name, format.ClockRate = "PCMU", 8000
		case 8:
			format.Name, format.ClockRate = "PCMA", 8000
		}
		m.Formats = append(m.Formats, format)
	}
	return m, nil
}

func (m *OfferedMedia) attribute(name, value string) {
	switch name {
	case "mid":
		m.Mid = value
	case "sendonly", "inactive":
		m.Receives = false
	case "rtpmap":
		if f, rest := m.format(value); f != nil {
			codec, clock, _ := strings.Cut(rest, "/")
			rate, channels, ok := strings.Cut(clock, "/")
			if ok {
				f.channels = "/" + channels
			}
			f.Name = strings.ToUpper(codec)
			f.ClockRate, _ = strconv.Atoi(rate)
		}
	case "fmtp":
		if f, rest := m.format(value); f != nil {
			f.fmtp = rest
			f.Params = map[string]string{}
			for part := range strings.SplitSeq(rest, ";") {
				k, v, _ := strings.Cut(strings.TrimSpace(part), "=")
				f.Params[strings.ToLower(k)] = v
			}
		}
	}
}

func (m *OfferedMedia) format(value string) (*Format, string) {
	number, rest, _ := strings.Cut(value, " ")
	n, err := strconv.ParseUint(number, 10, 7)
	if err != nil {
		return nil, ""
	}
	for i := range m.Formats {
		if m.Formats[i].PayloadType == uint8(n) {
			return &m.Formats[i], strings.TrimSpace(rest)
		}
	}
	return nil, ""
}

func parseFingerprint(v string) []byte {
	algorithm, sum, _ := strings.Cut(v, " ")
	if !strings.EqualFold(algorithm, "sha-256") {
		return nil
	}
	b, err := hex.DecodeString(strings.ReplaceAll(strings.TrimSpace(sum), ":", ""))
	if err != nil {
		return nil
	}
	return b
}

// Fragment is the body of a PATCH: application/trickle-ice-sdpfrag (RFC 8840).
type Fragment struct {
	Ufrag, Pwd string
	Candidates int
}

// ParseFragment reads the little that a lite agent wants to know: new credentials mean an ICE restart.
func ParseFragment(s string) (f Fragment, err error) {
	if len(s) > maxOffer {
		return f, ErrOffer
	}
	known := false
	for line := range strings.Lines(s) {
		line = strings.TrimSpace(line)
		rest, ok := strings.CutPrefix(line, "a=")
		if !ok {
			continue
		}
		name, value, _ := strings.Cut(rest, ":")
		switch name {
		case "ice-ufrag":
			f.Ufrag, known = first(f.Ufrag, value), true
		case "ice-pwd":
			f.Pwd, known = first(f.Pwd, value), true
		case "candidate":
			f.Candidates++
			known = true
		case "end-of-candidates":
			known = true
		}
	}
	if !known || (f.Ufrag == "") != (f.Pwd == "") || len(f.Ufrag) > 256 {
		return f, fmt.Errorf("%w: not an ICE fragment", ErrOffer)
	}
	return f, nil
}
