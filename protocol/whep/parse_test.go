package whep

import (
	"errors"
	"net/netip"
	"strings"
	"testing"

	"github.com/pion/rtcp"
	"github.com/pion/stun/v4"
)

const chromeOffer = "v=0\r\no=- 46 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0 1\r\na=extmap-allow-mixed\r\na=msid-semantic: WMS\r\n" +
	"m=video 9 UDP/TLS/RTP/SAVPF 96 97 103 104 107 108 109 114 39 35\r\nc=IN IP4 0.0.0.0\r\na=rtcp:9 IN IP4 0.0.0.0\r\na=ice-ufrag:Ab+1\r\na=ice-pwd:0123456789012345678901\r\n" +
	"a=ice-options:trickle\r\na=fingerprint:sha-256 " + testPrint + "\r\na=setup:actpass\r\na=mid:0\r\na=recvonly\r\na=rtcp-mux\r\na=rtcp-rsize\r\n" +
	"a=rtpmap:96 VP8/90000\r\na=rtpmap:97 rtx/90000\r\na=fmtp:97 apt=96\r\na=rtpmap:103 H264/90000\r\na=rtcp-fb:103 nack\r\n" +
	"a=fmtp:103 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42001f\r\na=rtpmap:107 H264/90000\r\n" +
	"a=fmtp:107 level-asymmetry-allowed=1;packetization-mode=0;profile-level-id=64001f\r\na=rtpmap:109 H264/90000\r\n" +
	"a=fmtp:109 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f\r\na=rtpmap:114 H264/90000\r\n" +
	"a=fmtp:114 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=64001f\r\na=rtpmap:39 H265/90000\r\na=fmtp:39 level-id=180;profile-id=1;tier-flag=0;tx-mode=SRST\r\n" +
	"m=audio 9 UDP/TLS/RTP/SAVPF 111 0 8\r\nc=IN IP4 0.0.0.0\r\na=mid:1\r\na=recvonly\r\na=rtcp-mux\r\na=rtpmap:111 opus/48000/2\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:8 PCMA/8000\r\n"

const testPrint = "0A:1B:2C:3D:4E:5F:60:71:82:93:A4:B5:C6:D7:E8:F9:0A:1B:2C:3D:4E:5F:60:71:82:93:A4:B5:C6:D7:E8:F9"

func TestFormatFollowsTheStream(t *testing.T) {
	for _, c := range []struct {
		content Content
		video   uint8
		audio   int
		err     error
	}{
		{Content{Video: "H264", Profile: "640028"}, 114, -1, nil},
		{Content{Video: "H264", Profile: "42e01e"}, 109, -1, nil},
		{Content{Video: "H264", Profile: "42001e", Audio: "PCMU"}, 103, 0, nil},
		{Content{Video: "H264", Profile: "4d401f", Audio: "PCMA"}, 114, 8, nil}, // main: a stronger decoder will do
		{Content{Video: "H265"}, 39, -1, nil},
		{Content{Video: "AV1"}, 0, -1, ErrCodec},
	} {
		o, err := ParseOffer(chromeOffer)
		if err != nil {
			t.Fatal(err)
		}
		ch, err := o.choose(c.content)
		if !errors.Is(err, c.err) {
			t.Errorf("%+v: %v", c.content, err)
		}
		if err != nil {
			continue
		}
		if ch.videoFormat.PayloadType != c.video || (ch.audio >= 0) != (c.audio >= 0) || ch.audio >= 0 && int(ch.audioForm.PayloadType) != c.audio {
			t.Errorf("%+v: chose %d and %d", c.content, ch.videoFormat.PayloadType, ch.audioForm.PayloadType)
		}
		answer := o.answerSDP(ch, newCredentials(), "AA", candidateLines([]netip.AddrPort{netip.MustParseAddrPort("192.0.2.1:8189")}, true), 1, 2)
		if strings.Count(answer, "m=") != 2 || !strings.Contains(answer, "tcptype passive") {
			t.Errorf("answer:\n%s", answer)
		}
		if c.audio < 0 && !strings.Contains(answer, "m=audio 0 ") {
			t.Errorf("sound that is not there must be refused:\n%s", answer)
		}
	}
}

func TestOffersThatCannotBeServed(t *testing.T) {
	for name, change := range map[string][2]string{
		"no ice":         {"a=ice-pwd", "a=x"},
		"no fingerprint": {"a=fingerprint", "a=x"},
		"sha-1":          {"sha-256", "sha-1"},
		"passive":        {"setup:actpass", "setup:passive"},
		"not sdp":        {"v=0", "{}"},
	} {
		if _, err := ParseOffer(strings.Replace(chromeOffer, change[0], change[1], 1)); !errors.Is(err, ErrOffer) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestChecksAreUnderstoodByOthers(t *testing.T) {
	ask, err := stun.Build(stun.BindingRequest, stun.TransactionID, stun.NewUsername("ours:theirs"),
		stun.NewShortTermIntegrity("password"), stun.Fingerprint)
	if err != nil {
		t.Fatal(err)
	}
	m, err := parseSTUN(ask.Raw)
	if ufrag, ok := m.localUfrag(); err != nil || !ok || ufrag != "ours" || !m.signed(ask.Raw, "password") || m.signed(ask.Raw, "passwore") {
		t.Fatalf("%v %+v", err, m)
	}
	for _, seen := range []string{"192.0.2.7:5000", "[2001:db8::7]:5000"} {
		at := netip.MustParseAddrPort(seen)
		answer := &stun.Message{Raw: stunAnswer(m.id, at, "password")}
		if err := answer.Decode(); err != nil {
			t.Fatal(err)
		}
		var mapped stun.XORMappedAddress
		if err := mapped.GetFrom(answer); err != nil || mapped.String() != seen {
			t.Errorf("told %v, want %s (%v)", mapped, seen, err)
		}
		if err := stun.NewShortTermIntegrity("password").Check(answer); err != nil {
			t.Error(err)
		}
		if err := stun.Fingerprint.Check(answer); err != nil {
			t.Error(err)
		}
	}
	conflict := &stun.Message{Raw: stunConflict(m.id, "password")}
	if err := conflict.Decode(); err != nil {
		t.Fatal(err)
	}
	var code stun.ErrorCodeAttribute
	if err := code.GetFrom(conflict); err != nil || code.Code != 487 {
		t.Errorf("%v %v", code, err)
	}
}

func FuzzOffer(f *testing.F) {
	f.Add(chromeOffer)
	f.Fuzz(func(t *testing.T, s string) {
		o, err := ParseOffer(s)
		if err != nil {
			return
		}
		ch, err := o.choose(Content{Video: "H264", Profile: "64001f", Audio: "PCMA"})
		if err != nil {
			return
		}
		o.answerSDP(ch, newCredentials(), "AA", nil, 1, 2)
	})
}

func FuzzFragment(f *testing.F) {
	f.Add("a=ice-ufrag:abcd\r\na=ice-pwd:0123456789012345678901\r\nm=video 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:0\r\na=candidate:1 1 udp 1 10.0.0.1 5 typ host\r\n")
	f.Fuzz(func(t *testing.T, s string) {
		if got, err := ParseFragment(s); err == nil && (got.Ufrag == "") != (got.Pwd == "") {
			t.Errorf("half a pair of credentials: %+v", got)
		}
	})
}

func FuzzSTUN(f *testing.F) {
	m, _ := stun.Build(stun.BindingRequest, stun.TransactionID, stun.NewUsername("a:b"), stun.NewShortTermIntegrity("p"), stun.Fingerprint)
	f.Add(m.Raw)
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := parseSTUN(b)
		if err == nil && m.signed(b, "password nobody knows") {
			t.Error("a forged signature was taken")
		}
	})
}

func FuzzRTCP(f *testing.F) {
	b, _ := rtcp.Marshal([]rtcp.Packet{
		&rtcp.ReceiverReport{SSRC: 1}, &rtcp.PictureLossIndication{MediaSSRC: 2},
		&rtcp.TransportLayerNack{MediaSSRC: 3, Nacks: []rtcp.NackPair{{PacketID: 65535, LostPackets: 0xffff}}},
	})
	f.Add(b)
	f.Fuzz(func(t *testing.T, b []byte) {
		parseRTCP(b, func(w wish) {
			if len(w.seq) > maxResend+17 {
				t.Errorf("%d packets in one wish", len(w.seq))
			}
		})
	})
}

func FuzzCut(f *testing.F) {
	f.Add(avcc(testParams[0], testParams[1], picture(1, true, 4000)), true)
	f.Fuzz(func(t *testing.T, b []byte, key bool) {
		for _, cut := range []func(*frame, []byte, [][]byte){cutH264, cutH265} {
			fr := &frame{key: key}
			cut(fr, b, testParams)
			for _, p := range fr.packets {
				if n := p.to - p.from; n <= 0 || n > maxPayload {
					t.Errorf("a packet of %d bytes", n)
				}
			}
		}
	})
}
