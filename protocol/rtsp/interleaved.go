package rtsp

import (
	"bytes"
	"fmt"

	"linli.dev/linli/protocol/rtp"
)

// Packets and messages share one connection (RFC 2326 §10.12). All of this runs on the session's thread.

// take uses up b but for a packet or message that is not complete, which it returns.
func (s *Session) take(t *thread, b []byte, now moment) []byte {
	p := &s.state
	p.heard = now.since
	for len(b) >= 4 && !p.ended {
		if b[0] != '$' {
			rest, more := s.text(t, b)
			if !more {
				return rest
			}
			b = rest
			continue
		}
		n := 4 + int(b[2])<<8 + int(b[3])
		ch := p.chans[b[1]]
		if ch == 0 && !plausible(b) {
			b = s.resync(t, b)
			continue
		}
		if len(b) < n {
			break
		}
		if ch != 0 {
			pkt := b[4:n:n]
			p.garbage = 0
			if ch--; ch&1 == 0 {
				s.packet(int(ch>>1), now.wall, pkt)
			} else {
				s.report(int(ch>>1), now.wall, pkt)
			}
		}
		b = b[n:]
	}
	return b
}

// plausible looks at a packet of a channel that nobody has set up: some cameras send such, garbage looks like it too.
func plausible(b []byte) bool {
	return len(b) < 5 || b[1] < 64 && b[4]>>6 == 2
}

// packet takes an RTP packet of the batch that was heard last.
func (s *Session) packet(media int, arrival int64, pkt []byte) {
	if len(pkt) < rtp.HeaderSize || pkt[0]>>6 != 2 {
		return
	}
	rx := &s.state.rx[media]
	rx.Take(rtp.Header{
		Sequence:  uint16(pkt[2])<<8 | uint16(pkt[3]),
		Timestamp: uint32(pkt[4])<<24 | uint32(pkt[5])<<16 | uint32(pkt[6])<<8 | uint32(pkt[7]),
		SSRC:      uint32(pkt[8])<<24 | uint32(pkt[9])<<16 | uint32(pkt[10])<<8 | uint32(pkt[11]),
	}, s.state.heard, rx.rate)
	s.state.h.Packet(media, arrival, pkt)
}

func (s *Session) report(media int, arrival int64, pkt []byte) {
	r, ok := rtp.ParseReports(pkt)
	if ok && r.IsSender {
		s.state.rx[media].Sender(r.Sender.NTP, s.state.heard)
		s.state.h.SenderReport(media, r.Sender.NTP, r.Sender.RTP, arrival)
	}
}

// text handles what stands between the packets: answers, a camera's own requests, garbage. more: go on with rest.
func (s *Session) text(t *thread, b []byte) (rest []byte, more bool) {
	if b[0] == '\r' || b[0] == '\n' {
		return b[1:], true
	}
	head := b[:min(len(b), 24)]
	if !mayBeMessage(head) {
		return s.resync(t, b), true
	}
	m, n, err := parseMessage(b)
	if err != nil || n == 0 && len(b) >= maxHead {
		return s.resync(t, b), true
	}
	if n == 0 {
		return b, false
	}
	s.state.garbage = 0
	s.message(t, m)
	return b[n:], true
}

// resync passes over garbage up to the next thing that may be a packet or an answer.
func (s *Session) resync(t *thread, b []byte) []byte {
	p := &s.state
	i := 1
	for ; i < len(b); i++ {
		if b[i] == '$' {
			if len(b)-i < 5 || p.chans[b[i+1]] != 0 && b[i+4]>>6 == 2 && int(b[i+2])<<8+int(b[i+3]) >= 8 {
				break
			}
		} else if b[i] == 'R' && bytes.HasPrefix(b[i:], []byte("RTSP/1.0 ")[:min(9, len(b)-i)]) {
			break
		}
	}
	p.garbage += i
	if p.garbage > 4<<20 {
		s.end(t, fmt.Errorf("%w: it sends rubbish", ErrProtocol))
		return nil
	}
	return b[i:]
}

func (s *Session) message(t *thread, m *message) {
	p := &s.state
	switch {
	case m.Method == "REDIRECT" || m.Method == "TEARDOWN":
		s.send(t, answerTo(m))
		s.end(t, fmt.Errorf("%w: the camera asks to connect anew", ErrUnreachable))
	case m.Method != "":
		s.send(t, answerTo(m))
	case m.Code == 401:
		ch, ok := parseChallenges(m.Header)
		if ok && (!p.auth.have || ch.nonce != p.auth.c.nonce) && p.auth.count != 1 {
			p.auth.take(ch) // the nonce ran out; once more with the new one
			s.send(t, s.request(s.aliveMethod()))
		} else if ok {
			p.auth.take(ch)
		}
	case m.Code == 454:
		s.end(t, &StatusError{Method: s.aliveMethod(), Code: m.Code, Reason: m.Reason})
	case m.Code >= 400 && s.aliveMethod() == "GET_PARAMETER":
		s.offers = offer{known: true} // OPTIONS it is, then
	}
}
