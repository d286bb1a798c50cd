package whep

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha1"
	"encoding/binary"
	"errors"
	"hash"

	"github.com/pion/dtls/v3"
)

// The profiles we take, in the order of our liking: GCM needs one pass over the bytes, SHA-1 a second one.
var srtpProfiles = []dtls.SRTPProtectionProfile{
	dtls.SRTP_AEAD_AES_128_GCM,
	dtls.SRTP_AES128_CM_HMAC_SHA1_80,
}

const (
	srtpKeySize = 16
	gcmTag      = 16
	shaTag      = 10
	// maxTag is the most that protection adds to an RTP packet.
	maxTag = gcmTag
)

var errSRTP = errors.New("whep: SRTCP packet refused")

// srtpKeys protects what goes one way (RFC 3711; RFC 7714 for GCM). Not safe for two callers at once.
type srtpKeys struct {
	gcm      bool
	rtp      cipher.AEAD // GCM
	rtcp     cipher.AEAD
	rtpCM    cipher.Block // counter mode
	rtcpCM   cipher.Block
	rtpMAC   hash.Hash
	rtcpMAC  hash.Hash
	rtpSalt  [14]byte // GCM uses 12 of them
	rtcpSalt [14]byte
	rtcpNext uint32 // our next SRTCP index
	iv       [16]byte
	sum      [sha1.Size]byte
}

func saltSize(p dtls.SRTPProtectionProfile) int {
	if p == dtls.SRTP_AEAD_AES_128_GCM {
		return 12
	}
	return 14
}

func newSRTP(p dtls.SRTPProtectionProfile, key, salt []byte) (*srtpKeys, error) {
	master, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	k := &srtpKeys{gcm: p == dtls.SRTP_AEAD_AES_128_GCM}
	size := saltSize(p)
	derive := func(label byte, n int) []byte { return deriveSRTP(master, salt, label, n) }
	copy(k.rtpSalt[:], derive(2, size))
	copy(k.rtcpSalt[:], derive(5, size))
	rtp, err := aes.NewCipher(derive(0, srtpKeySize))
	if err != nil {
		return nil, err
	}
	rtcp, err := aes.NewCipher(derive(3, srtpKeySize))
	if err != nil {
		return nil, err
	}
	if !k.gcm {
		k.rtpCM, k.rtcpCM = rtp, rtcp
		k.rtpMAC, k.rtcpMAC = hmac.New(sha1.New, derive(1, sha1.Size)), hmac.New(sha1.New, derive(4, sha1.Size))
		return k, nil
	}
	if k.rtp, err = cipher.NewGCM(rtp); err != nil {
		return nil, err
	}
	k.rtcp, err = cipher.NewGCM(rtcp)
	return k, err
}

// deriveSRTP is the key derivation of RFC 3711 §4.3 with a rate of 0: AES in counter mode over the salted label.
func deriveSRTP(master cipher.Block, salt []byte, label byte, n int) []byte {
	var iv [16]byte
	copy(iv[:14], salt)
	iv[7] ^= label
	out := make([]byte, n)
	cipher.NewCTR(master, iv[:]).XORKeyStream(out, out)
	return out
}

// sealRTP appends the protected form of header + payload. index is the 48 bit packet index: roll-overs << 16 | sequence.
// Sealing the same packet twice gives the same bytes, so a retransmission gives nothing away.
func (k *srtpKeys) sealRTP(dst, header, payload []byte, ssrc uint32, index uint64) []byte {
	start := len(dst)
	dst = append(dst, header...)
	if k.gcm {
		iv := k.iv[:12]
		copy(iv, k.rtpSalt[:12])
		xor32(iv[2:], ssrc)
		xor32(iv[6:], uint32(index>>16))
		iv[10] ^= byte(index >> 8)
		iv[11] ^= byte(index)
		return k.rtp.Seal(dst, iv, payload, dst[start:])
	}
	dst = append(dst, payload...)
	k.counter(k.rtpCM, &k.rtpSalt, ssrc, index, dst[start+len(header):])
	k.rtpMAC.Reset()
	k.rtpMAC.Write(dst[start:])
	k.rtpMAC.Write(binary.BigEndian.AppendUint32(k.iv[:0], uint32(index>>16)))
	return append(dst, k.rtpMAC.Sum(k.sum[:0])[:shaTag]...)
}

// sealRTCP appends the protected form of a compound RTCP packet.
func (k *srtpKeys) sealRTCP(dst, plain []byte) []byte {
	start := len(dst)
	index := k.rtcpNext & 0x7fffffff
	k.rtcpNext++
	ssrc := binary.BigEndian.Uint32(plain[4:])
	mark := index | 1<<31 // E: encrypted
	dst = append(dst, plain[:8]...)
	if k.gcm {
		aad := binary.BigEndian.AppendUint32(append(make([]byte, 0, 12), plain[:8]...), mark)
		dst = k.rtcp.Seal(dst, k.rtcpIV(ssrc, index), plain[8:], aad)
		return binary.BigEndian.AppendUint32(dst, mark)
	}
	dst = append(dst, plain[8:]...)
	k.counter(k.rtcpCM, &k.rtcpSalt, ssrc, uint64(index), dst[start+8:])
	dst = binary.BigEndian.AppendUint32(dst, mark)
	k.rtcpMAC.Reset()
	k.rtcpMAC.Write(dst[start:])
	return append(dst, k.rtcpMAC.Sum(k.sum[:0])[:shaTag]...)
}

// openRTCP undoes sealRTCP in place; the result points into b. Replays do no harm here: all that a viewer may
// ask for is limited by rate elsewhere.
func (k *srtpKeys) openRTCP(b []byte) ([]byte, error) {
	if k.gcm {
		if len(b) < 8+gcmTag+4 {
			return nil, errSRTP
		}
		end := len(b) - 4
		mark := binary.BigEndian.Uint32(b[end:])
		aad := binary.BigEndian.AppendUint32(append(make([]byte, 0, 12), b[:8]...), mark)
		if mark>>31 == 0 {
			return nil, errSRTP
		}
		out, err := k.rtcp.Open(b[:8], k.rtcpIV(binary.BigEndian.Uint32(b[4:]), mark&0x7fffffff), b[8:end], aad)
		if err != nil {
			return nil, errSRTP
		}
		return out, nil
	}
	if len(b) < 8+4+shaTag {
		return nil, errSRTP
	}
	end := len(b) - shaTag
	k.rtcpMAC.Reset()
	k.rtcpMAC.Write(b[:end])
	if !hmac.Equal(k.rtcpMAC.Sum(k.sum[:0])[:shaTag], b[end:]) {
		return nil, errSRTP
	}
	mark := binary.BigEndian.Uint32(b[end-4:])
	out := b[:end-4]
	if mark>>31 == 1 {
		k.counter(k.rtcpCM, &k.rtcpSalt, binary.BigEndian.Uint32(b[4:]), uint64(mark&0x7fffffff), out[8:])
	}
	return out, nil
}

func (k *srtpKeys) rtcpIV(ssrc, index uint32) []byte {
	iv := k.iv[:12]
	copy(iv, k.rtcpSalt[:12])
	xor32(iv[2:], ssrc)
	xor32(iv[8:], index)
	return iv
}

// counter is AES-CM of RFC 3711 §4.1.1, in place.
func (k *srtpKeys) counter(block cipher.Block, salt *[14]byte, ssrc uint32, index uint64, b []byte) {
	var iv [16]byte
	copy(iv[:14], salt[:])
	xor32(iv[4:], ssrc)
	xor32(iv[8:], uint32(index>>16))
	iv[12] ^= byte(index >> 8)
	iv[13] ^= byte(index)
	cipher.NewCTR(block, iv[:]).XORKeyStream(b, b)
}

func xor32(b []byte, v uint32) {
	binary.BigEndian.PutUint32(b, binary.BigEndian.Uint32(b)^v)
}

// tag is how much longer a packet gets by protection.
func (k *srtpKeys) tag() int {
	if k.gcm {
		return gcmTag
	}
	return shaTag
}
