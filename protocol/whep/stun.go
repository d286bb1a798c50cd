package whep

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha1"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"net/netip"
)

// STUN numbers that a lite agent meets (RFC 8489, RFC 8445 §16).
const (
	stunCookie       = 0x2112A442
	stunRequest      = 0x0001
	stunIndication   = 0x0011
	stunSuccess      = 0x0101
	stunFailure      = 0x0111
	attrUsername     = 0x0006
	attrIntegrity    = 0x0008
	attrErrorCode    = 0x0009
	attrXorMapped    = 0x0020
	attrUseCandidate = 0x0025
	attrFingerprint  = 0x8028
	attrControlled   = 0x8029
	stunHeader       = 20
	fingerprintXor   = 0x5354554e
)

var errSTUN = errors.New("whep: not a usable STUN message")

// stunMessage is a parsed binding request; its slices point into the packet.
type stunMessage struct {
	kind        uint16
	id          [12]byte
	username    []byte
	use         bool // USE-CANDIDATE: the viewer chose this path
	controlled  bool // the other side believes that it is the controlled one
	integrity   []byte
	integrityAt int // where MESSAGE-INTEGRITY starts
}

// isSTUN tells STUN from DTLS and RTP by the first byte (RFC 7983) and the cookie.
func isSTUN(b []byte) bool {
	return len(b) >= stunHeader && b[0] < 4 && binary.BigEndian.Uint32(b[4:]) == stunCookie
}

func parseSTUN(b []byte) (m stunMessage, err error) {
	if !isSTUN(b) || int(binary.BigEndian.Uint16(b[2:]))+stunHeader != len(b) || len(b)%4 != 0 {
		return m, errSTUN
	}
	m.kind = binary.BigEndian.Uint16(b)
	copy(m.id[:], b[8:20])
	for at := stunHeader; at < len(b); {
		if len(b)-at < 4 {
			return m, errSTUN
		}
		kind, size := binary.BigEndian.Uint16(b[at:]), int(binary.BigEndian.Uint16(b[at+2:]))
		if len(b)-at-4 < size {
			return m, errSTUN
		}
		value := b[at+4 : at+4+size]
		switch kind {
		case attrUsername:
			m.username = value
		case attrUseCandidate:
			m.use = true
		case attrControlled:
			m.controlled = true
		case attrIntegrity:
			if size != sha1.Size {
				return m, errSTUN
			}
			m.integrity, m.integrityAt = value, at
		}
		if m.integrity != nil && kind != attrIntegrity && kind != attrFingerprint {
			return m, errSTUN // nothing but the fingerprint may follow what is signed
		}
		at += 4 + (size+3)&^3
	}
	return m, nil
}

// signed reports whether the message was made by one who knows the password.
func (m *stunMessage) signed(b []byte, password string) bool {
	if m.integrity == nil {
		return false
	}
	return hmac.Equal(m.integrity, stunMAC(b[:m.integrityAt], password))
}

// stunMAC signs a message whose length field must count up to the end of MESSAGE-INTEGRITY, whatever follows it.
func stunMAC(b []byte, password string) []byte {
	mac := hmac.New(sha1.New, []byte(password))
	var head [stunHeader]byte
	copy(head[:], b)
	binary.BigEndian.PutUint16(head[2:], uint16(len(b)-stunHeader+4+sha1.Size))
	mac.Write(head[:])
	mac.Write(b[stunHeader:])
	return mac.Sum(nil)
}

// localUfrag is the part of USERNAME before the colon: ours, when the viewer asks.
func (m *stunMessage) localUfrag() (string, bool) {
	ours, _, ok := bytes.Cut(m.username, []byte{':'})
	return string(ours), ok
}

func appendSTUN(dst []byte, kind uint16, id [12]byte) []byte {
	dst = binary.BigEndian.AppendUint16(dst, kind)
	dst = binary.BigEndian.AppendUint16(dst, 0)
	dst = binary.BigEndian.AppendUint32(dst, stunCookie)
	return append(dst, id[:]...)
}

func appendAttr(dst []byte, kind uint16, value []byte) []byte {
	dst = binary.BigEndian.AppendUint16(dst, kind)
	dst = binary.BigEndian.AppendUint16(dst, uint16(len(value)))
	dst = append(dst, value...)
	for len(dst)%4 != 0 {
		dst = append(dst, 0)
	}
	return dst
}

// sealSTUN adds MESSAGE-INTEGRITY and FINGERPRINT to a message that starts at dst[0].
func sealSTUN(dst []byte, password string) []byte {
	dst = appendAttr(dst, attrIntegrity, stunMAC(dst, password))
	binary.BigEndian.PutUint16(dst[2:], uint16(len(dst)-stunHeader+8))
	sum := crc32.ChecksumIEEE(dst) ^ fingerprintXor
	return appendAttr(dst, attrFingerprint, binary.BigEndian.AppendUint32(nil, sum))
}

// stunAnswer is the success response: it tells the viewer the address we saw.
func stunAnswer(id [12]byte, seen netip.AddrPort, password string) []byte {
	b := appendSTUN(make([]byte, 0, 96), stunSuccess, id)
	ip := seen.Addr().Unmap()
	value := []byte{0, 1}
	if ip.Is6() {
		value[1] = 2
	}
	value = binary.BigEndian.AppendUint16(value, seen.Port()^(stunCookie>>16))
	mask := binary.BigEndian.AppendUint32(nil, stunCookie)
	mask = append(mask, id[:]...)
	for i, c := range ip.AsSlice() {
		value = append(value, c^mask[i])
	}
	return sealSTUN(appendAttr(b, attrXorMapped, value), password)
}

// stunConflict answers 487: a lite agent is always the controlled one (RFC 8445 §7.3.1.1).
func stunConflict(id [12]byte, password string) []byte {
	b := appendSTUN(make([]byte, 0, 96), stunFailure, id)
	return sealSTUN(appendAttr(b, attrErrorCode, append([]byte{0, 0, 4, 87}, "Role Conflict"...)), password)
}
