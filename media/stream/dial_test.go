package stream

import (
	"testing"

	"linli.dev/linli/protocol/rtsp"
)

// No sound is recorded unless the register gives it a reason: then want is true.
func TestWhatIsTakenOfACamera(t *testing.T) {
	video := rtsp.Media{Kind: "video", Codec: "H264", ClockRate: 90000}
	vp8 := rtsp.Media{Kind: "video", Codec: "VP8", ClockRate: 90000}
	alaw := rtsp.Media{Kind: "audio", Codec: "PCMA", ClockRate: 8000}
	aac := rtsp.Media{Kind: "audio", Codec: "AAC", ClockRate: 16000, Params: [][]byte{{0x14, 0x08}}}
	bare := rtsp.Media{Kind: "audio", Codec: "AAC", ClockRate: 16000}
	opus := rtsp.Media{Kind: "audio", Codec: "opus", ClockRate: 48000}
	talk := rtsp.Media{Kind: "audio", Codec: "PCMA", ClockRate: 8000, BackChannel: true}
	for _, c := range []struct {
		name           string
		medias         []rtsp.Media
		want           bool
		picture, sound int
		reason         string
	}{
		{"sound without a reason", []rtsp.Media{video, alaw}, false, 0, -1, ""},
		{"AAC without a reason", []rtsp.Media{aac, video}, false, 1, -1, ""},
		{"G.711 with a reason", []rtsp.Media{video, alaw}, true, 0, 1, ""},
		{"AAC with a reason", []rtsp.Media{aac, video}, true, 1, 0, ""},
		{"AAC of which nothing is said", []rtsp.Media{video, bare}, true, 0, -1, ""},
		{"sound that no file can keep", []rtsp.Media{video, opus}, true, 0, -1, ""},
		{"a loudspeaker", []rtsp.Media{talk, video}, true, 1, -1, ""},
		{"two pictures", []rtsp.Media{vp8, video, video}, false, 1, -1, ""},
		{"a picture of another kind", []rtsp.Media{vp8}, false, -1, -1, ReasonCodec},
		{"sound only", []rtsp.Media{alaw}, true, -1, -1, ReasonNoVideo},
	} {
		if p, s, why := choose(c.medias, c.want); p != c.picture || s != c.sound || why.reason != c.reason {
			t.Errorf("%s: picture %d, sound %d, %q; want %d, %d, %q", c.name, p, s, why.reason, c.picture, c.sound, c.reason)
		}
	}
}
