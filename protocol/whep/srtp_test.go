package whep

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/pion/dtls/v3"
	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/srtp/v3"
)

// What we protect, an implementation that is not ours must open, in both profiles and over a roll-over.
func TestOthersOpenWhatWeProtect(t *testing.T) {
	for _, c := range []struct {
		name   string
		ours   dtls.SRTPProtectionProfile
		theirs srtp.ProtectionProfile
	}{
		{"gcm", dtls.SRTP_AEAD_AES_128_GCM, srtp.ProtectionProfileAeadAes128Gcm},
		{"cm", dtls.SRTP_AES128_CM_HMAC_SHA1_80, srtp.ProtectionProfileAes128CmHmacSha1_80},
	} {
		t.Run(c.name, func(t *testing.T) {
			key := []byte("0123456789abcdef")
			salt := []byte("SALTsaltSALTsa")[:saltSize(c.ours)]
			k, err := newSRTP(c.ours, key, salt)
			if err != nil {
				t.Fatal(err)
			}
			them, err := srtp.CreateContext(key, salt, c.theirs)
			if err != nil {
				t.Fatal(err)
			}
			for index := uint64(65530); index < 65545; index++ {
				var head [rtpHeader]byte
				header(&head, 96, true, uint16(index), uint32(index*3600), 0xCAFE)
				payload := bytes.Repeat([]byte{byte(index)}, 900)
				// The other side counts roll-overs from 0 as well.
				got, err := them.DecryptRTP(nil, k.sealRTP(nil, head[:], payload, 0xCAFE, index), nil)
				if err != nil {
					t.Fatalf("packet %d: %v", index, err)
				}
				var p rtp.Packet
				if err := p.Unmarshal(got); err != nil || !bytes.Equal(p.Payload, payload) {
					t.Fatalf("packet %d: %v", index, err)
				}
			}
			plain, _ := rtcp.Marshal([]rtcp.Packet{&rtcp.PictureLossIndication{SenderSSRC: 1, MediaSSRC: 2}})
			for range 3 {
				got, err := them.DecryptRTCP(nil, k.sealRTCP(nil, plain), nil)
				if err != nil || !bytes.Equal(got, plain) {
					t.Fatalf("RTCP to them: %v", err)
				}
				sealed, err := them.EncryptRTCP(nil, plain, nil)
				if err != nil {
					t.Fatal(err)
				}
				broken := bytes.Clone(sealed)
				broken[9] ^= 1
				if _, err := k.openRTCP(broken); err == nil {
					t.Fatal("a forged RTCP packet was taken")
				}
				if got, err = k.openRTCP(sealed); err != nil || !bytes.Equal(got, plain) {
					t.Fatalf("RTCP from them: %v", err)
				}
			}
		})
	}
}

func BenchmarkSeal(b *testing.B) {
	for _, p := range srtpProfiles {
		b.Run(fmt.Sprintf("profile%d", p), func(b *testing.B) {
			k, _ := newSRTP(p, make([]byte, 16), make([]byte, saltSize(p)))
			out, payload := make([]byte, 0, 1500), make([]byte, 1172)
			var head [rtpHeader]byte
			b.SetBytes(1172)
			b.ReportAllocs()
			for i := uint64(0); b.Loop(); i++ {
				header(&head, 96, false, uint16(i), 0, 1)
				out = k.sealRTP(out[:0], head[:], payload, 1, i)
			}
		})
	}
}
