package rtsp

import (
	"bytes"
	"errors"
	"net"
	"strings"
	"testing"
)

func FuzzMessage(f *testing.F) {
	f.Add([]byte("RTSP/1.0 200 OK\r\nCSeq: 1\r\nContent-Length: 3\r\n\r\nabc"))
	f.Add([]byte("\r\nDESCRIBE rtsp://cam/a b RTSP/1.0\nCSeq: 2\n Folded\n\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		m, n, err := parseMessage(data)
		if err != nil || n == 0 {
			return
		}
		if n > len(data) {
			t.Fatalf("took %d of %d", n, len(data))
		}
		// what we read, we can write, and read the same
		m.Header = without(m.Header, "Content-Length")
		for _, fd := range m.Header {
			if strings.ContainsAny(fd.Key+fd.Value+m.Reason+m.URL, "\r\n") {
				return
			}
		}
		again, n2, err := parseMessage(m.append(nil))
		if err != nil || n2 == 0 || again.Method != m.Method || again.Code != m.Code || again.URL != m.URL || !bytes.Equal(again.Body, m.Body) {
			t.Fatalf("%+v\n%+v %d %v", m, again, n2, err)
		}
	})
}

func without(h Header, key string) (out Header) {
	for _, f := range h {
		if !strings.EqualFold(f.Key, key) {
			out = append(out, f)
		}
	}
	return out
}

func FuzzSDP(f *testing.F) {
	f.Add([]byte(oddSDP))
	f.Add(appendSDP(nil, videoAndSound(), "127.0.0.1"))
	f.Add([]byte("m=audio 0 RTP/AVP 104\r\na=rtpmap:104 mpeg4-generic/16000/1\r\na=ftmp:104 config=1408\r\na=sendonly\r\n"))
	f.Add([]byte("m=video 0 RTP/AVP\na=rtpmap:96 H265/90000\na=fmtp:96 sprop-vps=QAEMAf//;sprop-sps=QgEBAWAA;sprop-pps=RAHA8w==\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		medias, name, _ := parseSDP(data)
		if len(medias) > 32 {
			t.Fatalf("%d medias", len(medias))
		}
		for _, m := range medias {
			if m.ClockRate <= 0 {
				t.Fatalf("%+v", m)
			}
		}
		again, _, _ := parseSDP(appendSDP(nil, &Description{Name: name, Medias: medias}, "::1"))
		if len(again) != len(medias) {
			t.Fatalf("%d medias, written back %d", len(medias), len(again))
		}
	})
}

func FuzzAddress(f *testing.F) {
	f.Add("rtsp://admin:p@ss@[fe80::1]:554/a?b=@", "Content-Base: rtsp://x/", "track=1")
	f.Fuzz(func(t *testing.T, url, base, control string) {
		if a, err := parseAddress(url); err == nil {
			if strings.ContainsAny(a.String(), "\r\n ") {
				t.Fatalf("%q", a.String())
			}
			b, err := parseAddress(a.String())
			if err != nil || b.Host != a.Host || b.Rest != a.Rest || b.TLS != a.TLS {
				t.Fatalf("%q: %+v, then %+v %v", url, a, b, err)
			}
		}
		resolve(baseURL(Header{{"Content-Base", base}}, url), control)
		splitPath(url)
		parameter(base, control)
	})
}

func FuzzChallenge(f *testing.F) {
	f.Add(`Digest realm="a, b", nonce="x\"y", qop="auth,auth-int", algorithm=SHA-256, stale=true`, "guard", "tea")
	f.Add(`Basic realm=cam`, "g", "")
	f.Fuzz(func(t *testing.T, line, user, password string) {
		c, ok := parseChallenges(Header{{"WWW-Authenticate", line}})
		if !ok {
			return
		}
		a := authorization{user: user, password: password}
		a.take(c)
		header := a.header("DESCRIBE", "rtsp://cam/")
		// our own server believes what our own client answers, but for texts that a header cannot carry
		if strings.ContainsAny(user+c.realm+c.nonce, "\r\n") || c.basic && strings.Contains(user, ":") {
			return
		}
		if good, _ := verify(header, "DESCRIBE", c.realm, c.nonce, Credential{User: user, Password: password, Basic: true}); !good {
			t.Fatalf("%q\n%q", line, header)
		}
		if bad, _ := verify(header, "DESCRIBE", c.realm, c.nonce, Credential{User: user, Password: password + "x", Basic: true}); bad {
			t.Fatalf("a wrong password was believed: %q", header)
		}
	})
}

type fakeLink struct{}

func (fakeLink) send(b []byte) (int, error) { return len(b), nil }
func (fakeLink) close()                     {}

type tally struct {
	packets []byte
	n       int
	closed  error
}

func (h *tally) Packet(_ int, _ int64, pkt []byte) {
	h.n++
	h.packets = append(append(h.packets, byte(len(pkt)>>8), byte(len(pkt))), pkt...)
}
func (h *tally) SenderReport(int, uint64, uint32, int64) {}
func (h *tally) Batch()                                  {}
func (h *tally) Closed(err error)                        { h.closed = err }

// fakeSession plays one media on channels 0 and 1 of nothing.
func fakeSession(h Handler) (*Session, *thread) {
	t := &thread{members: map[watched]struct{}{}}
	s := &Session{url: "rtsp://cam/", o: Options{UserAgent: "linli"}}
	s.state.h, s.state.link, s.state.rx = h, fakeLink{}, make([]reception, 1)
	s.state.rx[0] = reception{used: true, rate: 90000}
	s.state.chans[0], s.state.chans[1] = 1, 2
	t.join(s)
	return s, t
}

// The stream gives the same packets however the network cuts it, and nothing that comes breaks us.
func FuzzStream(f *testing.F) {
	f.Add(framedUnits(0, 2, 100), uint16(7))
	f.Add([]byte("RTSP/1.0 200 OK\r\nCSeq: 1\r\n\r\n$\x00\x00\x10junk$$OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n\r\n"), uint16(3))
	f.Fuzz(func(t *testing.T, data []byte, cut uint16) {
		if len(data) > 60000 {
			return
		}
		run := func(step int) *tally {
			h := &tally{}
			s, th := fakeSession(h)
			var carry []byte
			for at := 0; at < len(data) && h.closed == nil; at += step {
				carry = append(carry, data[at:min(len(data), at+step)]...)
				rest := s.take(th, carry, moment{1, 1})
				carry = append([]byte(nil), rest...)
				if len(carry) >= scratchHead {
					t.Fatalf("%d bytes are carried over", len(carry))
				}
			}
			return h
		}
		whole, parts := run(len(data)+1), run(int(cut)%997+1)
		// Garbage may be told apart better when more of it is seen at once; a clean stream may not differ.
		if clean(data) && !bytes.Equal(whole.packets, parts.packets) {
			t.Fatalf("%d packets at once, %d in pieces of %d", whole.n, parts.n, int(cut)%997+1)
		}
	})
}

func clean(b []byte) bool {
	for len(b) >= 4 {
		n := 4 + int(b[2])<<8 + int(b[3])
		if b[0] != '$' || b[1] > 1 {
			return false
		}
		if n > len(b) {
			return true
		}
		b = b[n:]
	}
	return true
}

type nowhere struct{}

func (nowhere) Describe(*Request) (*Description, error) { return nil, errors.New("nothing") }
func (nowhere) Credentials(*Request) []Credential       { return nil }
func (nowhere) Play(*Request, *Out) error               { return nil }
func (nowhere) Closed(*Out, error)                      {}

// A playing reader may send what it likes.
func FuzzReader(f *testing.F) {
	f.Add([]byte("$\x01\x00\x04abcdGET_PARAMETER rtsp://x/ RTSP/1.0\r\nCSeq: 4\r\n\r\nTEARDOWN rtsp://x/ RTSP/1.0\r\nCSeq: 5\r\n\r\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		th := &thread{members: map[watched]struct{}{}}
		srv := &Server{Handler: nowhere{}}
		o := newOut(srv, &Request{Remote: &net.TCPAddr{}}, []transport{{used: true}}, "1")
		o.th = th
		o.dead = true // answers go nowhere
		th.join(o)
		if rest := o.take(th, data); len(rest) > len(data) {
			t.Fatal("more is left than came")
		}
	})
}

// A connection that has not begun to play may ask what it likes.
func FuzzPeer(f *testing.F) {
	f.Add([]byte("DESCRIBE rtsp://x/gate/main RTSP/1.0\r\nCSeq: 4\r\n\r\n"))
	f.Add([]byte("SETUP rtsp://x/gate/main/trackID=0 RTSP/1.0\r\nCSeq: 4\r\nTransport: RTP/AVP/TCP;interleaved=0-1, RTP/AVP;client_port=5-6\r\n\r\nPLAY rtsp://x/ RTSP/1.0\r\nCSeq: 5\r\n\r\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		a, b := net.Pipe()
		defer a.Close()
		defer b.Close()
		g := &gate{d: videoAndSound(), asked: map[string]int{}}
		g.group = NewGroup(g.d.Medias, 0)
		p := &peer{srv: &Server{Handler: g}, nc: a}
		for {
			m, n, err := parseMessage(data)
			if err != nil || n == 0 {
				return
			}
			data = data[n:]
			if m.Method == "" {
				continue
			}
			answer, _, err := p.handle(t.Context(), m)
			if err != nil || answer.Code < 200 {
				t.Fatalf("%+v %v", answer, err)
			}
			again, _, err := parseMessage(answer.append(nil))
			if err != nil || again.Code != answer.Code {
				t.Fatalf("our answer is not to be understood: %v\n%s", err, answer.append(nil))
			}
		}
	})
}
