package rtsp

import (
	"encoding/base64"
	"encoding/hex"
	"strconv"
	"strings"
)

// parseSDP reads a session description (RFC 8866) as cameras write it: it takes what it knows and is surprised by nothing.
// It returns the medias, the session's name and the control of the whole.
func parseSDP(text []byte) (medias []Media, name, control string) {
	var m *Media
	rtpmap := map[string]string{} // of the media being read, by payload type
	fmtps := map[string]string{}
	finish := func() {
		if m != nil {
			m.describe(rtpmap, fmtps)
			clear(rtpmap)
			clear(fmtps)
		}
	}
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		if len(line) < 2 || line[1] != '=' {
			continue
		}
		value := strings.TrimSpace(line[2:])
		switch line[0] {
		case 's':
			name = value
		case 'm':
			finish()
			if len(medias) >= 32 {
				return medias, name, control
			}
			medias = append(medias, Media{})
			m = &medias[len(medias)-1]
			fields := strings.Fields(value)
			if len(fields) > 0 {
				m.Kind = strings.ToLower(fields[0])
			}
			m.PayloadType = 255
			if len(fields) > 3 {
				if pt, err := strconv.ParseUint(fields[3], 10, 7); err == nil {
					m.PayloadType = uint8(pt)
				}
			}
		case 'a':
			key, v, _ := strings.Cut(value, ":")
			v = strings.TrimSpace(v)
			switch strings.ToLower(key) {
			case "control":
				if m != nil {
					m.Control = v
				} else {
					control = v
				}
			case "rtpmap":
				pt, rest, _ := strings.Cut(v, " ")
				rtpmap[pt] = strings.TrimSpace(rest)
			case "fmtp":
				pt, rest, _ := strings.Cut(v, " ")
				fmtps[pt] = strings.TrimSpace(rest)
			case "sendonly":
				if m != nil {
					m.BackChannel = true
				}
			case "rtcp-fb":
				if m != nil {
					m.feedback(v)
				}
			}
		}
	}
	finish()
	return medias, name, control
}

// feedback takes one line of RFC 4585, section 4.2: "96 nack pli", "* ccm fir".
func (m *Media) feedback(v string) {
	fields := strings.Fields(strings.ToLower(v))
	switch {
	case len(fields) < 3:
	case fields[1] == "nack" && fields[2] == "pli":
		m.KeyRequest = "pli"
	case fields[1] == "ccm" && fields[2] == "fir" && m.KeyRequest == "":
		m.KeyRequest = "fir"
	}
}

// describe fills in what follows from rtpmap and fmtp, or from their absence.
func (m *Media) describe(rtpmap, fmtps map[string]string) {
	pt := strconv.Itoa(int(m.PayloadType))
	if m.PayloadType == 255 { // m= was odd: take the payload type that rtpmap names
		for k := range rtpmap {
			if n, err := strconv.ParseUint(k, 10, 7); err == nil && len(rtpmap) == 1 {
				m.PayloadType, pt = uint8(n), k
			}
		}
	}
	m.Fmtp = parseFmtp(fmtps[pt])
	name, rate, _ := strings.Cut(rtpmap[pt], "/")
	rate, channels, _ := strings.Cut(rate, "/")
	m.ClockRate, _ = strconv.Atoi(strings.TrimSpace(rate))
	m.Channels, _ = strconv.Atoi(strings.TrimSpace(channels))
	switch name = strings.ToUpper(strings.TrimSpace(name)); name {
	case "":
		switch {
		case m.PayloadType == 0:
			m.Codec = "PCMU"
		case m.PayloadType == 8:
			m.Codec = "PCMA"
		case m.PayloadType == 26:
			m.Codec = "JPEG"
		case m.Kind == "video" && m.Fmtp["sprop-parameter-sets"] != "", m.Kind == "video" && m.Fmtp["packetization-mode"] != "":
			m.Codec = "H264"
		case m.Kind == "video" && m.Fmtp["sprop-sps"] != "":
			m.Codec = "H265"
		}
	case "H264", "H265", "PCMU", "PCMA":
		m.Codec = name
	case "HEVC":
		m.Codec = "H265"
	case "MPEG4-GENERIC":
		m.Codec = "AAC"
	default:
		m.Codec = name
	}
	if m.ClockRate <= 0 {
		m.ClockRate = 8000
		if m.Kind == "video" {
			m.ClockRate = 90000
		}
	}
	if m.Kind == "audio" && m.Channels <= 0 {
		m.Channels = 1
	}
	switch m.Codec {
	case "H264":
		for _, p := range strings.Split(m.Fmtp["sprop-parameter-sets"], ",") {
			m.param(p)
		}
	case "H265":
		for _, key := range []string{"sprop-vps", "sprop-sps", "sprop-pps"} {
			for _, p := range strings.Split(m.Fmtp[key], ",") {
				m.param(p)
			}
		}
	case "AAC":
		if asc, err := hex.DecodeString(strings.Trim(m.Fmtp["config"], `" `)); err == nil && len(asc) >= 2 {
			m.Params = [][]byte{asc}
		}
	}
}

// param adds a parameter set in base64: with or without padding, with spaces, with a start code in front.
func (m *Media) param(s string) {
	s = strings.Map(func(r rune) rune {
		if r == ' ' || r == '\t' || r == '"' || r == '=' {
			return -1
		}
		return r
	}, s)
	b, err := base64.RawStdEncoding.DecodeString(s)
	if err != nil {
		return
	}
	for _, code := range []string{"\x00\x00\x00\x01", "\x00\x00\x01"} {
		b = []byte(strings.TrimPrefix(string(b), code))
	}
	if len(b) > 2 {
		m.Params = append(m.Params, b)
	}
}

func parseFmtp(s string) map[string]string {
	all := map[string]string{}
	for item := range strings.SplitSeq(s, ";") {
		key, value, ok := strings.Cut(item, "=")
		if key = strings.ToLower(strings.TrimSpace(key)); ok && key != "" {
			all[key] = strings.TrimSpace(value)
		}
	}
	return all
}

// appendSDP writes a description; controls are trackID=n where a media has none.
func appendSDP(dst []byte, d *Description, addr string) []byte {
	family := "IP4"
	if strings.Contains(addr, ":") {
		family = "IP6"
	}
	name := d.Name
	if name == "" {
		name = "-"
	}
	dst = append(dst, "v=0\r\no=- 0 0 IN "+family+" "+addr+"\r\ns="+oneLine(name)+"\r\nc=IN "+family+" "+zeroAddress(family)+"\r\nt=0 0\r\na=control:*\r\n"...)
	for i, m := range d.Medias {
		pt := strconv.Itoa(int(m.PayloadType))
		dst = append(dst, "m="+oneLine(m.Kind)+" 0 RTP/AVP "+pt+"\r\n"...)
		encoding := m.Codec
		if m.Codec == "AAC" {
			encoding = "mpeg4-generic"
		}
		dst = append(dst, "a=rtpmap:"+pt+" "+oneLine(encoding)+"/"+strconv.Itoa(m.ClockRate)...)
		if m.Kind == "audio" && m.Channels > 1 {
			dst = append(dst, "/"+strconv.Itoa(m.Channels)...)
		}
		dst = append(dst, "\r\n"...)
		if f := m.fmtp(); f != "" {
			dst = append(dst, "a=fmtp:"+pt+" "+f+"\r\n"...)
		}
		switch m.KeyRequest {
		case "pli":
			dst = append(dst, "a=rtcp-fb:"+pt+" nack pli\r\n"...)
		case "fir":
			dst = append(dst, "a=rtcp-fb:"+pt+" ccm fir\r\n"...)
		}
		dst = append(dst, "a=control:"+m.control(i)+"\r\n"...)
	}
	return dst
}

func (m *Media) control(i int) string {
	if m.Control != "" {
		return oneLine(m.Control)
	}
	return "trackID=" + strconv.Itoa(i)
}

func (m *Media) fmtp() string {
	b64 := base64.StdEncoding.EncodeToString
	switch m.Codec {
	case "H264":
		f := "packetization-mode=1"
		if len(m.Params) >= 2 && len(m.Params[0]) >= 4 {
			f += ";sprop-parameter-sets=" + b64(m.Params[0]) + "," + b64(m.Params[1]) + ";profile-level-id=" + strings.ToUpper(hex.EncodeToString(m.Params[0][1:4]))
		}
		return f
	case "H265":
		if len(m.Params) >= 3 {
			return "sprop-vps=" + b64(m.Params[0]) + ";sprop-sps=" + b64(m.Params[1]) + ";sprop-pps=" + b64(m.Params[2])
		}
	case "AAC":
		f := "streamtype=5;profile-level-id=1;mode=AAC-hbr;sizelength=13;indexlength=3;indexdeltalength=3"
		if len(m.Params) > 0 {
			f += ";config=" + hex.EncodeToString(m.Params[0])
		}
		return f
	}
	return ""
}

func zeroAddress(family string) string {
	if family == "IP6" {
		return "::"
	}
	return "0.0.0.0"
}

func oneLine(s string) string { return strings.NewReplacer("\r", " ", "\n", " ").Replace(s) }
