package play

import (
	"net/http"
	"strconv"
	"time"

	"linli.dev/linli/access/grant"
	"linli.dev/linli/fault"
	"linli.dev/linli/media/archive"
	"linli.dev/linli/protocol/cmaf"
)

const (
	slowestKeys, fastestKeys = 0.25, 64
	// keyTicks is the timescale of the re-timed track.
	keyTicks = 90000
)

// keyPicture is a fragment that begins with a key frame, and how far the footage goes on without another: cameras send them
// 20 s apart and more, and a viewer who sees nothing for so long would take it for a gap.
type keyPicture struct {
	piece
	until time.Time
}

// keys answers GET …/keys.mp4: one frame per fragment that begins with a key frame, dated closer together by speed. A
// run with other parameters ends the file: a decoder must begin anew there.
func (m *Room) keys(w http.ResponseWriter, r *http.Request) error {
	l, from, to, err := m.asked(r, grant.Playback)
	if err != nil {
		return err
	}
	speed := 1.0
	if text := r.URL.Query().Get("speed"); text != "" {
		if speed, err = strconv.ParseFloat(text, 64); err != nil || !(speed >= slowestKeys && speed <= fastestKeys) {
			return fault.New(fault.Invalid, "play.keys", "play.bad-speed")
		}
	}
	ctx := archive.For(r.Context(), archive.Playback)
	runs, err := m.runs(ctx, l, from, to)
	if err != nil {
		return err
	}
	l.Pacer().SetSpeed(speed)
	video, ok := videoOf(runs[0].tracks)
	if !ok {
		return fault.New(fault.NotFound, "play.keys", "play.no-footage")
	}
	var list []keyPicture
	for _, run := range runs {
		if v, _ := videoOf(run.tracks); string(v.SPS) != string(video.SPS) || v.Codec != video.Codec {
			break
		}
		for _, p := range run.pieces {
			if p.entry.Key {
				list = append(list, keyPicture{piece: p})
			}
			list[len(list)-1].until = p.end() // each run begins with a key frame
		}
	}
	video.Timescale = keyTicks
	w.Header().Set("Content-Type", `video/mp4; codecs="`+video.MIME()+`"`)
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Linli-Start", list[0].entry.Start.UTC().Format(milliseconds))
	out := newLateHeader(l, w, http.StatusOK)
	defer out.release()
	flush := func() { _ = http.NewResponseController(out).Flush() } // by way of what the end of the lease breaks off
	var buf []byte
	var open archive.Reader
	var openID archive.SegmentID
	var head heads
	defer func() {
		if open != nil {
			open.Close()
		}
	}()
	var decode uint64
	var samples []cmaf.Sample
	for i, p := range list {
		length := p.until.Sub(p.entry.Start)
		if i+1 < len(list) {
			length = list[i+1].entry.Start.Sub(p.entry.Start)
		}
		length = max(length, 10*time.Millisecond)
		if err := m.pass(ctx, l, p.entry.Start, min(length, p.entry.Duration*4), l.Pacer().TakeKeys); err != nil {
			return out.fail(err)
		}
		if openID != p.segment.ID {
			if open != nil {
				open.Close()
			}
			if open, err = m.o.Footage.OpenSegment(ctx, p.segment.ID); err != nil {
				return out.fail(err)
			}
			openID = p.segment.ID
			head.from(open)
		}
		for c, err := range cmaf.ScanChunks(&head, p.entry.Offset, p.entry.Offset+int64(p.entry.Size)) {
			if err != nil {
				return out.fail(fault.Wrap(err, fault.Internal, "play.keys", "play.damaged"))
			}
			if c.Track != video.ID || len(c.Samples) == 0 {
				continue
			}
			size := c.Samples[0].Size
			samples = append(samples[:0], cmaf.Sample{Duration: uint32(float64(length) / speed * keyTicks / float64(time.Second)), Size: size, Key: true})
			buf = buf[:0]
			if !out.begun {
				buf = cmaf.AppendInit(buf, []cmaf.Track{video}, nil)
			}
			buf = cmaf.AppendChunkHead(buf, uint32(i+1), video.ID, decode, samples)
			decode += uint64(samples[0].Duration)
			payload := len(buf)
			buf = append(buf, make([]byte, size)...)
			if n, err := head.ReadAt(buf[payload:], c.PayloadOffset); n < int(size) {
				return out.fail(fault.Wrap(err, fault.Unavailable, "play.read", "play.unreadable"))
			}
			if _, err := out.Write(buf); err != nil {
				panic(http.ErrAbortHandler)
			}
			flush()
			break
		}
	}
	return nil
}

func videoOf(tracks []cmaf.Track) (cmaf.Track, bool) {
	for _, t := range tracks {
		if t.Codec.Video() {
			return t, true
		}
	}
	return cmaf.Track{}, false
}
