package camera

import (
	"math"

	"linli.dev/linli/fault"
)

// advise compares what a stream sends with what recording and browsers need,
// and says what to set in the words of the usual menus. sibling is the report
// of the camera's other stream, nil when it was not tested.
func (r *StreamReport) advise(sibling *StreamReport) {
	if !r.OK || r.Video == nil {
		return
	}
	add := func(weight, code string, args ...any) {
		r.Advice = append(r.Advice, Advice{Sentence{Code: code, Args: fault.At("", code, args...).Args}, weight})
	}
	v := r.Video
	frames := func(seconds float64) int {
		fps := v.FrameRate
		if fps <= 0 {
			fps = 25
		}
		return int(math.Round(fps * seconds))
	}
	switch {
	case v.Codec != "H264" && v.Codec != "H265":
		add("must", "camera.advice.codec", "codec", codecName(v.Codec))
		return
	case v.Codec == "H265" && r.Which == Sub:
		add("must", "camera.advice.sub-h264")
	case v.Codec == "H265" && (sibling == nil || sibling.OK && sibling.Video.Codec != "H264"):
		add("should", "camera.advice.main-h265")
	}
	if v.IntraRefresh || v.KeyFrames == 0 {
		add("must", "camera.advice.intra-refresh", "frames", frames(2))
	} else if v.Varying || v.KeyIntervalOpen && v.KeyInterval >= 8 || v.KeyInterval > 8 {
		add("should", "camera.advice.smart-codec", "frames", frames(2), "seconds", num(v.KeyInterval))
	} else if limit := map[Which]float64{Main: 4, Sub: 2.5}[r.Which]; v.KeyInterval > limit {
		add("should", "camera.advice.key-interval", "frames", frames(2), "seconds", num(v.KeyInterval))
	} else if v.KeyInterval < 0.5 && !v.KeyIntervalOpen {
		add("may", "camera.advice.key-too-often", "frames", frames(2), "seconds", num(v.KeyInterval))
	}
	if v.BFrames {
		add("should", "camera.advice.b-frames")
	}
	if v.Profile == "High 10" || v.Profile == "High 4:2:2" || v.Profile == "High 4:4:4" || v.Profile == "Main 10" {
		add("should", "camera.advice.profile", "profile", v.Profile)
	}
	if r.Which == Sub {
		if v.Width*v.Height > 1280*720 {
			add("should", "camera.advice.sub-size", "width", v.Width, "height", v.Height)
		}
		if v.BitRate > 1_200_000 {
			add("should", "camera.advice.sub-rate", "rate", bits(v.BitRate))
		}
	} else if v.BitRate > 8_500_000 {
		add("may", "camera.advice.main-rate", "rate", bits(v.BitRate))
	}
	if v.FrameRate > 0 && v.FrameRate < 8 {
		add("may", "camera.advice.frame-rate", "fps", num(v.FrameRate))
	}
	if s := r.Sound; s != nil {
		switch s.Codec {
		case "AAC", "MPEG4-GENERIC", "PCMA", "PCMU":
			add("may", "camera.advice.sound-off")
		default:
			add("should", "camera.advice.sound-codec", "codec", codecName(s.Codec))
		}
	}
	switch {
	case r.Clock == nil:
	case math.Abs(*r.Clock) >= 60:
		add("must", "camera.advice.clock", "by", num(math.Abs(*r.Clock)))
	case math.Abs(*r.Clock) >= 2:
		add("should", "camera.advice.clock", "by", num(math.Abs(*r.Clock)))
	}
	if all := r.Packets + r.Lost; r.Lost > 5 && r.Lost*200 > all {
		add("should", "camera.advice.loss", "percent", num(round(float64(r.Lost)*100/float64(all), 1)))
	}
}
