package camsim

import (
	"encoding/binary"
	"errors"
	"fmt"

	"linli.dev/linli/protocol/rtsp"
)

// packetTime is how much sound goes into a packet, as most cameras do it: 20 ms.
const packetTime = 50 // a second

// The formats of a WAV file (RFC 2361) that cameras send.
var g711 = map[uint16]struct {
	codec       string
	payloadType uint8
}{6: {"PCMA", 8}, 7: {"PCMU", 0}}

// parseSound reads a WAV file in G.711, the sound of most cameras, which an MP4 file seldom holds. It is as long as the
// pictures beside it: cut where it is longer, begun anew where it is shorter.
func parseSound(raw []byte, pictures track) (track, error) {
	samples, codec, payloadType, err := readWAV(raw)
	if err != nil {
		return track{}, err
	}
	const rate = 8000
	t := track{media: rtsp.Media{Kind: "audio", Codec: codec, PayloadType: payloadType, ClockRate: rate, Channels: 1}}
	t.length = pictures.length * rate / int64(pictures.media.ClockRate)
	for at := int64(0); at < t.length; {
		n := min(rate/packetTime, t.length-at)
		data := make([]byte, n)
		for i := range data {
			data[i] = samples[(at+int64(i))%int64(len(samples))]
		}
		t.samples = append(t.samples, sample{at: at, key: true, data: data})
		at += n
	}
	return t, nil
}

func readWAV(raw []byte) (samples []byte, codec string, payloadType uint8, err error) {
	bad := func(format string, a ...any) ([]byte, string, uint8, error) {
		return nil, "", 0, fmt.Errorf(format+": a WAV file with one channel of G.711 at 8000 Hz is wanted, such as ffmpeg -i FILE -ac 1 -ar 8000 -c:a pcm_alaw SOUND.wav", a...)
	}
	if len(raw) < 12 || string(raw[:4]) != "RIFF" || string(raw[8:12]) != "WAVE" {
		return bad("no WAV file")
	}
	for rest := raw[12:]; len(rest) >= 8; {
		kind, size := string(rest[:4]), int(binary.LittleEndian.Uint32(rest[4:]))
		if size < 0 || size > len(rest)-8 {
			size = len(rest) - 8 // written to a pipe: its size was not known
		}
		body := rest[8 : 8+size]
		switch kind {
		case "fmt ":
			if len(body) < 16 {
				return bad("its format is cut off")
			}
			format, channels, rate := binary.LittleEndian.Uint16(body), binary.LittleEndian.Uint16(body[2:]), binary.LittleEndian.Uint32(body[4:])
			law, ok := g711[format]
			if !ok || channels != 1 || rate != 8000 {
				return bad("format %d, %d channels, %d Hz", format, channels, rate)
			}
			codec, payloadType = law.codec, law.payloadType
		case "data":
			if codec == "" || len(body) == 0 {
				return bad("no sound in it")
			}
			return body, codec, payloadType, nil
		}
		rest = rest[min(8+size+size&1, len(rest)):]
	}
	return nil, "", 0, errors.New("no sound in the WAV file")
}
