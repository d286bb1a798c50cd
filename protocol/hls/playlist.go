package hls

import (
	"strconv"
	"time"
)

// partsListed is how many complete segments still list their parts. With the open one that is within three target
// durations of the end (RFC 8216bis §6.2.2: later ones should go); players that follow closely need no more.
const partsListed = 2

// skipAfter is how many target durations of the newest segments a delta update always has.
const skipAfter = 6

// skippable is how many of the oldest segments a delta update leaves out. l.mu is held.
func (l *Live) skippable() int {
	behind := time.Duration(0)
	if l.open != nil && !l.open.bulk {
		behind = l.open.duration
	}
	for i := len(l.done) - 1; i >= 0; i-- {
		if behind >= time.Duration(skipAfter*l.targetSeconds())*time.Second {
			return i + 1
		}
		behind += l.done[i].duration
	}
	return 0
}

func (l *Live) targetSeconds() int { return max(1, int(l.target.Round(time.Second)/time.Second)) }

// render writes the playlist for the present state, once for all readers. l.mu is held.
func (l *Live) render(delta bool) *text {
	if delta {
		if l.delta.body == nil {
			l.delta.body = l.draw(l.skippable())
		}
		return &l.delta
	}
	if l.full.body == nil {
		l.full.body = l.draw(0)
	}
	return &l.full
}

func (l *Live) draw(skip int) []byte {
	b := make([]byte, 0, 4096)
	target := l.targetSeconds()
	partTarget := withRoom(l.longest)
	if l.longest == 0 {
		partTarget = withRoom(l.o.Part)
	}
	b = append(b, "#EXTM3U\n#EXT-X-VERSION:9\n#EXT-X-TARGETDURATION:"...)
	b = strconv.AppendInt(b, int64(target), 10)
	b = append(b, "\n#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK="...)
	b = decimal(b, 3*partTarget)
	b = append(b, ",CAN-SKIP-UNTIL="...)
	b = decimal(b, time.Duration(skipAfter*target)*time.Second)
	b = append(b, "\n#EXT-X-PART-INF:PART-TARGET="...)
	b = decimal(b, partTarget)
	b = append(b, "\n#EXT-X-MEDIA-SEQUENCE:"...)
	first := l.next
	if len(l.done) > 0 {
		first = l.done[0].msn
	} else if l.open != nil {
		first = l.open.msn
	}
	b = strconv.AppendUint(b, first, 10)
	b = append(b, '\n')
	if l.gapsGone > 0 || l.version > 1 {
		b = append(b, "#EXT-X-DISCONTINUITY-SEQUENCE:"...)
		b = strconv.AppendInt(b, int64(l.gapsGone), 10)
		b = append(b, '\n')
	}
	mapped := 0
	if skip > 0 {
		b = append(b, "#EXT-X-SKIP:SKIPPED-SEGMENTS="...)
		b = strconv.AppendInt(b, int64(skip), 10)
		b = append(b, '\n')
		mapped = l.done[skip-1].version
	}
	for i, s := range l.done[skip:] {
		b, mapped = l.head(b, s, mapped)
		if len(l.done)-skip-i <= partsListed && !s.bulk {
			b = l.parts(b, s)
		}
		b = append(b, "#EXTINF:"...)
		b = decimal(b, s.duration)
		b = append(b, ",\n"...)
		b = append(b, l.o.Prefix...)
		b = strconv.AppendUint(b, s.msn, 10)
		b = append(b, ".mp4\n"...)
	}
	if s := l.open; s != nil && !s.bulk {
		b, _ = l.head(b, s, mapped)
		b = l.parts(b, s)
	}
	if !l.closed && (l.open == nil || !l.open.bulk) {
		msn, n := l.position()
		b = append(b, "#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\""...)
		b = l.partName(b, msn, n)
		b = append(b, "\"\n"...)
	}
	return b
}

// head writes what goes in front of a segment: a break, an init that changed, the time of day.
func (l *Live) head(b []byte, s *segment, mapped int) ([]byte, int) {
	if s.discontinuity {
		b = append(b, "#EXT-X-DISCONTINUITY\n"...)
	}
	if s.version != mapped {
		b = append(b, "#EXT-X-MAP:URI=\""...)
		b = append(b, l.o.Prefix...)
		b = append(b, "init.mp4?v="...)
		b = strconv.AppendInt(b, int64(s.version), 10)
		b = append(b, "\"\n"...)
	}
	return programTime(b, s.wall), s.version
}

func (l *Live) parts(b []byte, s *segment) []byte {
	for i, p := range s.parts {
		b = append(b, "#EXT-X-PART:DURATION="...)
		b = decimal(b, p.Duration)
		b = append(b, ",URI=\""...)
		b = l.partName(b, s.msn, i)
		b = append(b, '"')
		if p.Independent {
			b = append(b, ",INDEPENDENT=YES"...)
		}
		b = append(b, '\n')
	}
	return b
}

func (l *Live) partName(b []byte, msn uint64, n int) []byte {
	b = append(b, l.o.Prefix...)
	b = strconv.AppendUint(b, msn, 10)
	b = append(b, '.')
	b = strconv.AppendInt(b, int64(n), 10)
	return append(b, ".mp4"...)
}

func programTime(b []byte, t time.Time) []byte {
	b = append(b, "#EXT-X-PROGRAM-DATE-TIME:"...)
	b = t.AppendFormat(b, "2006-01-02T15:04:05.000Z07:00")
	return append(b, '\n')
}

func decimal(b []byte, d time.Duration) []byte {
	return strconv.AppendFloat(b, seconds(d), 'f', -1, 64)
}
