package whep

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// Content is what a stream has to send.
type Content struct {
	Video   string // "H264", "H265" or "" when only sound
	Profile string // profile-level-id of H.264, six hex digits, from the stream's SPS; chooses the best match
	Audio   string // "PCMA", "PCMU" or "" for none
}

// choice is what offer and content agree on.
type choice struct {
	video, audio           int // index of the m-line, -1: none
	videoFormat, audioForm Format
}

// choose finds for each kind the first m-line that wants to receive it, and its best format.
func (o *Offer) choose(c Content) (choice, error) {
	ch := choice{video: -1, audio: -1}
	for i, m := range o.Media {
		if !m.Receives || !strings.Contains(m.Protocol, "SAVPF") && !strings.Contains(m.Protocol, "SAVP") {
			continue
		}
		switch {
		case m.Kind == "video" && ch.video < 0:
			if f, ok := m.pickVideo(c); ok {
				ch.video, ch.videoFormat = i, f
			}
		case m.Kind == "audio" && ch.audio < 0 && c.Audio != "":
			at := slices.IndexFunc(m.Formats, func(f Format) bool { return f.Name == c.Audio && f.ClockRate == 8000 })
			if at >= 0 {
				ch.audio, ch.audioForm = i, m.Formats[at]
			}
		}
	}
	if ch.video < 0 && c.Video != "" || ch.video < 0 && ch.audio < 0 {
		return ch, ErrCodec
	}
	return ch, nil
}

// pickVideo prefers the very profile of the stream. Any other profile in mode 1 will do after that: the parameter
// sets in band say what comes, and decoders follow them.
func (m *OfferedMedia) pickVideo(c Content) (Format, bool) {
	best, score := Format{}, 0
	for _, f := range m.Formats {
		if c.Video == "" || f.Name != c.Video {
			continue
		}
		s := 1
		if f.Name == "H264" {
			if f.Params["packetization-mode"] != "1" {
				continue // single NAL units only: a key frame would not fit
			}
			theirs := strings.ToLower(f.Params["profile-level-id"])
			if len(theirs) == 6 && len(c.Profile) == 6 {
				switch {
				case theirs[:4] == strings.ToLower(c.Profile[:4]):
					s = 4
				case theirs[:2] == strings.ToLower(c.Profile[:2]):
					s = 3
				case theirs[:2] > strings.ToLower(c.Profile[:2]):
					s = 2
				}
			}
		}
		if s > score {
			best, score = f, s
		}
	}
	return best, score > 0
}

// answerSDP writes the answer for a chosen pair of formats.
func (o *Offer) answerSDP(ch choice, local credentials, fingerprint string, candidates []string, videoSSRC, audioSSRC uint32) string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\r\n", args...) }
	line("v=0")
	line("o=- %d 2 IN IP4 127.0.0.1", videoSSRC)
	line("s=-")
	line("t=0 0")
	line("a=ice-lite")
	var mids []string
	for _, i := range []int{ch.video, ch.audio} {
		if i >= 0 {
			mids = append(mids, o.Media[i].Mid)
		}
	}
	if len(o.bundle) > 0 {
		line("a=group:BUNDLE %s", strings.Join(mids, " "))
	}
	line("a=msid-semantic: WMS *")
	line("a=fingerprint:sha-256 %s", fingerprint)
	for i, m := range o.Media {
		var f Format
		var ssrc uint32
		switch i {
		case ch.video:
			f, ssrc = ch.videoFormat, videoSSRC
		case ch.audio:
			f, ssrc = ch.audioForm, audioSSRC
		default:
			format := "0"
			if len(m.Formats) > 0 {
				format = fmt.Sprint(m.Formats[0].PayloadType)
			}
			line("m=%s 0 %s %s", m.Kind, m.Protocol, format)
			line("c=IN IP4 0.0.0.0")
			if m.Mid != "" {
				line("a=mid:%s", m.Mid)
			}
			line("a=inactive")
			if len(m.Formats) > 0 && m.Formats[0].Name != "" { // some look the number up even of what is refused
				f := m.Formats[0]
				line("a=rtpmap:%d %s/%d%s", f.PayloadType, f.Name, f.ClockRate, f.channels)
			}
			continue
		}
		line("m=%s 9 %s %d", m.Kind, m.Protocol, f.PayloadType)
		line("c=IN IP4 0.0.0.0")
		if m.Mid != "" {
			line("a=mid:%s", m.Mid)
		}
		line("a=sendonly")
		line("a=rtcp-mux")
		line("a=rtcp-rsize")
		line("a=setup:passive")
		line("a=ice-ufrag:%s", local.ufrag)
		line("a=ice-pwd:%s", local.pwd)
		line("a=rtpmap:%d %s/%d", f.PayloadType, f.Name, f.ClockRate)
		if f.fmtp != "" {
			line("a=fmtp:%d %s", f.PayloadType, f.fmtp)
		}
		if m.Kind == "video" {
			line("a=rtcp-fb:%d nack", f.PayloadType)
			line("a=rtcp-fb:%d nack pli", f.PayloadType)
			line("a=rtcp-fb:%d ccm fir", f.PayloadType)
		}
		line("a=msid:linli %s", m.Kind)
		line("a=ssrc:%d cname:linli", ssrc)
		line("a=ssrc:%d msid:linli %s", ssrc, m.Kind)
		for _, c := range candidates {
			line("a=candidate:%s", c)
		}
		line("a=end-of-candidates")
	}
	return b.String()
}

// fragmentSDP answers a restart: new credentials, the same candidates.
func fragmentSDP(mid string, local credentials, candidates []string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "a=ice-lite\r\na=ice-ufrag:%s\r\na=ice-pwd:%s\r\nm=video 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:%s\r\n", local.ufrag, local.pwd, mid)
	for _, c := range candidates {
		fmt.Fprintf(&b, "a=candidate:%s\r\n", c)
	}
	b.WriteString("a=end-of-candidates\r\n")
	return b.String()
}

// candidateLines writes host candidates, UDP before TCP, in the order given.
func candidateLines(addrs []netip.AddrPort, tcp bool) []string {
	var out []string
	for i, a := range addrs {
		foundation := i + 1
		priority := func(kind uint32) uint32 { return kind<<24 | uint32(65535-i*16)<<8 | 255 }
		out = append(out, fmt.Sprintf("%d 1 udp %d %s %d typ host", foundation, priority(126), a.Addr(), a.Port()))
		if tcp {
			out = append(out, fmt.Sprintf("%d 1 tcp %d %s %d typ host tcptype passive", foundation+100, priority(90), a.Addr(), a.Port()))
		}
	}
	return out
}
