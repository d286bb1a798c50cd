package camera

import (
	"fmt"
	"math"
	"strconv"
	"time"

	"linli.dev/linli/fault"
)

// Sentence is a thing to say: its key, its values, and the words, in the
// language of the request and in each.
type Sentence struct {
	Code  string            `json:"code"`
	Args  map[string]any    `json:"args,omitempty"`
	Text  string            `json:"text"`
	Texts map[string]string `json:"texts" doc:"The same by language, zh and en: a test is not made anew because the page changes its own"`
}

// Advice is a sentence with what to set, and how much depends on it.
type Advice struct {
	Sentence
	Weight string `json:"weight" enum:"must,should,may"`
}

// VideoReport says what a camera's picture is like.
type VideoReport struct {
	Codec     string  `json:"codec"`
	Profile   string  `json:"profile,omitempty"`
	Level     string  `json:"level,omitempty"`
	Width     int     `json:"width"`
	Height    int     `json:"height"`
	FrameRate float64 `json:"frame_rate"`
	BitRate   int64   `json:"bit_rate" doc:"Bits a second over the test"`
	// KeyInterval is the longest seen; KeyIntervalOpen: no second key frame
	// came, so it is longer than this.
	KeyInterval     float64 `json:"key_interval_seconds"`
	KeyIntervalOpen bool    `json:"key_interval_open"`
	KeyFrames       int     `json:"key_frames"`
	BFrames         bool    `json:"b_frames"`
	IntraRefresh    bool    `json:"intra_refresh"`
	Varying         bool    `json:"varying" doc:"The key-frame interval changes by itself: a smart codec"`
}

// SoundReport says what a camera's sound is like.
type SoundReport struct {
	Codec    string `json:"codec"`
	Rate     int    `json:"sample_rate"`
	Channels int    `json:"channels"`
}

// StreamReport is the answer of a source test for one stream.
type StreamReport struct {
	Which   Which     `json:"which"`
	OK      bool      `json:"ok" doc:"A picture came"`
	Failure *Sentence `json:"failure,omitempty"`
	Do      *Sentence `json:"do,omitempty" doc:"What to do about the failure"`
	Server  string    `json:"server,omitempty"`
	// Certificate is there where the way is encrypted, also when it was not believed.
	Certificate string       `json:"certificate,omitempty" doc:"SHA-256 fingerprint of the camera's certificate"`
	Video       *VideoReport `json:"video,omitempty"`
	Sound       *SoundReport `json:"sound,omitempty"`
	Clock       *float64     `json:"clock_offset_seconds,omitempty" doc:"Camera's clock minus this server's; left out when the camera does not tell"`
	Lost        int          `json:"lost_packets"`
	Packets     int          `json:"packets"`
	Damaged     int          `json:"damaged_frames"`
	Listened    float64      `json:"listened_seconds"`
	Words       []Sentence   `json:"words"`
	Advice      []Advice     `json:"advice"`
}

func h264Profile(idc uint8, constrained bool) string {
	switch idc {
	case 66:
		if constrained {
			return "Constrained Baseline"
		}
		return "Baseline"
	case 77:
		return "Main"
	case 88:
		return "Extended"
	case 100:
		return "High"
	case 110:
		return "High 10"
	case 122:
		return "High 4:2:2"
	case 244:
		return "High 4:4:4"
	}
	return strconv.Itoa(int(idc))
}

func h265Profile(idc int) string {
	switch idc {
	case 1:
		return "Main"
	case 2:
		return "Main 10"
	case 3:
		return "Main Still Picture"
	}
	return strconv.Itoa(idc)
}

func level(v float64) string { return strconv.FormatFloat(math.Round(v*10)/10, 'f', -1, 64) }

// report turns what was heard into numbers; words come after.
func (l *listener) report(which Which, listened time.Duration) *StreamReport {
	l.mu.Lock()
	defer l.mu.Unlock()
	r := &StreamReport{Which: which, Listened: round(listened.Seconds(), 1)}
	for _, h := range l.medias {
		r.Lost, r.Packets = r.Lost+h.lost, r.Packets+h.packets
		switch {
		case h.kind == "video" && r.Video == nil:
			r.Video = h.video(listened)
			r.Damaged += h.damaged
			// Without a key frame nothing can be shown, however much comes.
			r.OK = h.keys > 0 || h.refreshes > 0 || h.depack == nil && h.packets > 0
		case h.kind == "audio" && r.Sound == nil:
			r.Sound = &SoundReport{Codec: h.codec, Rate: h.rate, Channels: max(h.channels, 1)}
		}
		if h.reports > 0 && !h.wallless && (r.Clock == nil || h.kind == "video") {
			v := round(h.offset.Seconds(), 2)
			r.Clock = &v
		}
	}
	return r
}

func (h *heard) video(listened time.Duration) *VideoReport {
	v := &VideoReport{Codec: h.codec, KeyFrames: h.keys}
	if p, ok := h.picture(); ok {
		v.Profile, v.Level, v.Width, v.Height, v.FrameRate = p.profile, p.level, p.width, p.height, p.fps
	}
	rate := float64(h.rate)
	if rate <= 0 {
		rate = 90000
	}
	// With B-frames the differences jump about; the mean over all does not.
	// A server that keeps the last group of pictures sends it at once: then
	// more time lies in what came than passed while it came.
	span := time.Duration(max(h.last-h.first, int64(float64(int32(h.lastTime-h.firstTime))/rate*1e9)))
	if h.frames > 10 && span > time.Second/2 {
		if m := median(h.gaps); m > 0 && h.back == 0 {
			v.FrameRate = rate / float64(m)
		} else {
			v.FrameRate = float64(h.frames-1) / span.Seconds()
		}
		v.BitRate = int64(float64(h.bytes*8) / span.Seconds())
	}
	v.FrameRate = round(v.FrameRate, 1)
	shortest, longest := int64(math.MaxInt64), int64(0)
	for _, g := range h.keyGaps {
		shortest, longest = min(shortest, g), max(longest, g)
	}
	switch {
	case len(h.keyGaps) > 0:
		v.KeyInterval = round(float64(longest)/rate, 2)
		v.Varying = len(h.keyGaps) > 1 && longest > shortest*3/2
	default:
		v.KeyIntervalOpen = true
		v.KeyInterval = round(listened.Seconds(), 1)
	}
	v.BFrames = h.back > 0 || h.bSlices > 0
	v.IntraRefresh = h.keys <= 1 && h.refreshes > 1
	return v
}

func round(v float64, places int) float64 {
	p := math.Pow10(places)
	return math.Round(v*p) / p
}

// say puts the report into words.
func (r *StreamReport) say() {
	add := func(code string, args ...any) {
		r.Words = append(r.Words, Sentence{Code: code, Args: fault.At("", code, args...).Args})
	}
	v := r.Video
	if v != nil && r.OK {
		add("camera.says.video", "codec", codecName(v.Codec), "profile", v.Profile, "width", v.Width, "height", v.Height, "fps", num(v.FrameRate), "rate", bits(v.BitRate))
		switch {
		case v.KeyIntervalOpen && v.KeyFrames == 0:
			add("camera.says.no-key", "seconds", num(v.KeyInterval))
		case v.KeyIntervalOpen:
			add("camera.says.key-open", "seconds", num(v.KeyInterval))
		case v.Varying:
			add("camera.says.key-varying", "seconds", num(v.KeyInterval))
		default:
			add("camera.says.key", "seconds", num(v.KeyInterval), "frames", int(math.Round(v.KeyInterval*v.FrameRate)))
		}
		if v.BFrames {
			add("camera.says.b-frames")
		} else {
			add("camera.says.no-b-frames")
		}
	}
	if s := r.Sound; s != nil {
		add("camera.says.sound", "codec", codecName(s.Codec), "khz", num(float64(s.Rate)/1000), "channels", s.Channels)
	} else if r.OK {
		add("camera.says.no-sound")
	}
	switch {
	case r.Clock == nil && r.OK:
		add("camera.says.clock-unknown")
	case r.Clock != nil && math.Abs(*r.Clock) < 1:
		add("camera.says.clock-right")
	case r.Clock != nil && *r.Clock > 0:
		add("camera.says.clock-ahead", "by", *r.Clock)
	case r.Clock != nil:
		add("camera.says.clock-behind", "by", -*r.Clock)
	}
	if r.Lost > 0 {
		add("camera.says.lost", "lost", r.Lost, "packets", r.Packets+r.Lost)
	}
}

func codecName(c string) string {
	switch c {
	case "H264":
		return "H.264"
	case "H265":
		return "H.265"
	case "PCMA":
		return "G.711A"
	case "PCMU":
		return "G.711µ"
	case "AAC", "MPEG4-GENERIC":
		return "AAC"
	}
	return c
}

func num(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

// bits writes a bit rate as menus do.
func bits(v int64) string {
	if v >= 1_000_000 {
		return fmt.Sprintf("%.1f Mbit/s", float64(v)/1e6)
	}
	return fmt.Sprintf("%d kbit/s", (v+500)/1000)
}
