package play

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"sort"
	"sync"
	"time"

	"linli.dev/linli/fault"
	"linli.dev/linli/media/archive"
	"linli.dev/linli/protocol/cmaf"
)

// extent is a run of media bytes in a segment, at its place in the exported file.
type extent struct {
	at      int64 // in the file
	size    int64
	segment archive.SegmentID
	offset  int64
}

// plan is one exported file: what stands before the media, and where the media lies. It holds no media.
type plan struct {
	head     []byte // ftyp, moov, header of mdat
	extents  []extent
	size     int64
	etag     string
	from, to time.Time // what is shown, by whole frames
	frames   int       // shown
	run      run
	modified time.Time
}

// track collects the samples of one track while the fragments are read.
type track struct {
	cmaf.Track
	table  cmaf.Table
	first  uint64 // decode time of the first sample
	begun  bool
	next   uint64 // where the last sample's duration ends
	held   []cmaf.Sample
	heldAt int64
	shows  []shown // video: when each frame is shown, in decode order
	lead   int64   // video: by how much frames are decoded before they are shown; -1: not known yet
}

type shown struct {
	at     time.Time // by the node's clock
	pts    uint64    // from the track's first decode time
	length uint32
}

// add takes a chunk's samples. The last one is held back until the next chunk says how long it really lasts: decode
// times in a progressive file are sums of durations, so a frame that was lost must lengthen the one before it.
func (t *track) add(at int64, c cmaf.ChunkInfo) {
	if !t.begun {
		t.begun, t.first = true, c.DecodeTime
		t.next = c.DecodeTime
	}
	if n := len(t.held); n > 0 && c.DecodeTime != t.next {
		if length := int64(t.held[n-1].Duration) + int64(c.DecodeTime) - int64(t.next); length > 0 {
			t.held[n-1].Duration = uint32(length)
			t.next = c.DecodeTime
		}
	}
	t.flush()
	t.held, t.heldAt = append(t.held[:0], c.Samples...), at
	t.next += c.Duration
}

func (t *track) flush() {
	if len(t.held) > 0 {
		t.table.Add(t.heldAt, t.held)
		t.held = t.held[:0]
	}
}

// makePlan reads the moof headers of a run's fragments and works the file out. Shown is every frame that stood on the
// screen at some moment of from–to: decoding begins at the key frame before, the edit list skips what leads up.
func makePlan(ctx context.Context, f Footage, r run, from, to time.Time) (*plan, error) {
	p := &plan{run: r}
	var tracks []*track
	for _, t := range r.tracks {
		tracks = append(tracks, &track{Track: t, lead: -1})
	}
	var file archive.Reader
	defer func() {
		if file != nil {
			file.Close()
		}
	}()
	var id archive.SegmentID
	var head heads
	var big gulps
	var payload int64
	for i, one := range r.pieces {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if id != one.segment.ID {
			if file != nil {
				file.Close()
				file = nil
			}
			var err error
			if file, err = f.OpenSegment(ctx, one.segment.ID); err != nil {
				return nil, err
			}
			id = one.segment.ID
			n := i
			for n < len(r.pieces) && r.pieces[n].segment.ID == id {
				n++
			}
			last := r.pieces[n-1].entry
			head.from(big.from(file, one.entry.Offset, last.Offset+int64(last.Size), n-i))
		}
		e := one.entry
		firstDecode, soonest := map[uint32]uint64{}, map[uint32]int64{}
		for c, err := range cmaf.ScanChunks(&head, e.Offset, e.Offset+int64(e.Size)) {
			if err != nil {
				return nil, fault.Wrap(err, fault.Internal, "play.export", "play.damaged", "segment", string(one.segment.ID))
			}
			for _, t := range tracks {
				if t.ID != c.Track {
					continue
				}
				t.add(payload, c)
				if t.Codec.Video() {
					base, ok := firstDecode[t.ID]
					if !ok {
						base = c.DecodeTime
						firstDecode[t.ID] = base
					}
					dts := c.DecodeTime
					for _, s := range c.Samples {
						ahead := int64(dts-base) + int64(s.CTS)
						if known, ok := soonest[t.ID]; !ok || ahead < known {
							soonest[t.ID] = ahead
						}
						t.shows = append(t.shows, shown{
							at:  e.Start.Add(time.Duration(ahead * int64(time.Second) / int64(t.Timescale))),
							pts: uint64(int64(dts-t.first) + int64(s.CTS)), length: s.Duration,
						})
						dts += uint64(s.Duration)
					}
				}
				p.extents = append(p.extents, extent{at: payload, size: c.Payload, segment: id, offset: c.PayloadOffset})
				payload += c.Payload
			}
		}
		for _, t := range tracks {
			if ahead, ok := soonest[t.ID]; ok && (t.lead < 0 || ahead < t.lead) {
				t.lead = ahead
			}
		}
	}
	if err := p.edit(tracks, from, to); err != nil {
		return nil, err
	}
	var kept []cmaf.Track
	var tables []*cmaf.Table
	for _, t := range tracks {
		if t.flush(); t.begun {
			kept = append(kept, t.Track)
			tables = append(tables, &t.table)
		}
	}
	p.head = cmaf.AppendProgressive(nil, kept, tables, payload)
	for i := range p.extents {
		p.extents[i].at += int64(len(p.head))
	}
	p.extents = merge(p.extents)
	p.size = int64(len(p.head)) + payload
	sum := sha256.New()
	sum.Write(p.head)
	for _, e := range p.extents {
		fmt.Fprintf(sum, "%s %d %d\n", e.segment, e.offset, e.size)
	}
	p.etag = `"` + base64.RawURLEncoding.EncodeToString(sum.Sum(nil)[:18]) + `"`
	p.modified = r.to()
	return p, nil
}

// edit finds the first and the last frame to be shown and tells each track what part of it that is.
func (p *plan) edit(tracks []*track, from, to time.Time) error {
	none := fault.New(fault.NotFound, "play.export", "play.no-footage")
	var video *track
	for _, t := range tracks {
		if t.Codec.Video() && t.begun {
			video = t
		}
	}
	if video == nil || len(video.shows) == 0 {
		return none
	}
	shows := video.shows
	// A fragment is dated by the picture of it that is shown first, not by the one that is decoded first.
	for i := range shows {
		shows[i].at = shows[i].at.Add(-time.Duration(video.lead * int64(time.Second) / int64(video.Timescale)))
	}
	sort.Slice(shows, func(i, j int) bool { return shows[i].pts < shows[j].pts })
	for i := range shows { // a frame lasts until the next one is shown
		if i+1 < len(shows) {
			shows[i].length = uint32(shows[i+1].pts - shows[i].pts)
		}
	}
	first := sort.Search(len(shows), func(i int) bool { return shows[i].at.After(from) })
	first = max(0, first-1) // the one on the screen at that moment
	last := sort.Search(len(shows), func(i int) bool { return !shows[i].at.Before(to) })
	if last <= first {
		last = first + 1
	}
	end := shows[last-1]
	start, length := shows[first].pts, end.pts+uint64(end.length)-shows[first].pts
	p.from, p.frames = shows[first].at, last-first
	scale := func(n uint64, rate uint32) time.Duration {
		return time.Duration(n/uint64(rate))*time.Second + time.Duration(n%uint64(rate)*uint64(time.Second)/uint64(rate))
	}
	p.to = p.from.Add(scale(length, video.Timescale))
	video.table.Edit(0, start, length)
	// All tracks of a run share one time line: decode time over timescale.
	zero := int64(video.first + start)
	for _, t := range tracks {
		if t == video || !t.begun {
			continue
		}
		convert := func(n int64) int64 {
			v, a := int64(video.Timescale), int64(t.Timescale)
			return n/v*a + (n%v*a)/v
		}
		at := convert(zero) - int64(t.first)
		delay := uint64(0)
		if at < 0 {
			delay, at = uint64(-at), 0
		}
		span := uint64(convert(int64(length)))
		if span <= delay {
			t.begun = false // no sound in this part
			continue
		}
		if have := t.next - t.first; uint64(at) >= have {
			t.begun = false
			continue
		} else if span-delay > have-uint64(at) {
			span = delay + have - uint64(at)
		}
		t.table.Edit(delay, uint64(at), span-delay)
	}
	return nil
}

func merge(list []extent) []extent {
	out := list[:0]
	for _, e := range list {
		if n := len(out); n > 0 && out[n-1].segment == e.segment && out[n-1].offset+out[n-1].size == e.offset {
			out[n-1].size += e.size
			continue
		}
		out = append(out, e)
	}
	return out
}

// reader reads a planned file as if it existed.
type reader struct {
	ctx  context.Context
	f    Footage
	p    *plan
	at   int64
	file archive.Reader
	id   archive.SegmentID
}

func (r *reader) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += r.at
	case io.SeekEnd:
		offset += r.p.size
	}
	if offset < 0 {
		return 0, fmt.Errorf("play: seek to %d", offset)
	}
	r.at = offset
	return offset, nil
}

func (r *reader) Read(b []byte) (int, error) {
	if r.at >= r.p.size {
		return 0, io.EOF
	}
	if r.at < int64(len(r.p.head)) {
		n := copy(b, r.p.head[r.at:])
		r.at += int64(n)
		return n, nil
	}
	offset, left, err := r.open()
	if err != nil {
		return 0, err
	}
	b = b[:min(int64(len(b)), left)]
	n, err := r.file.ReadAt(b, offset)
	r.at += int64(n)
	if n == len(b) {
		err = nil
	} else if err == nil || err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

// open opens the segment that holds the next byte, and says where it lies there and how many follow it.
func (r *reader) open() (offset, left int64, err error) {
	i := sort.Search(len(r.p.extents), func(i int) bool { return r.p.extents[i].at > r.at }) - 1
	e := r.p.extents[i]
	if r.id != e.segment {
		r.Close()
		if r.file, err = r.f.OpenSegment(r.ctx, e.segment); err != nil {
			r.file = nil
			return 0, 0, err
		}
		r.id = e.segment
	}
	skip := r.at - e.at
	return e.offset + skip, e.size - skip, nil
}

// send writes the next n bytes to w.
func (r *reader) send(w io.Writer, n int64) (done int64, err error) {
	for done < n && r.at < r.p.size {
		var sent int64
		if r.at < int64(len(r.p.head)) {
			var m int
			head := r.p.head[r.at:]
			m, err = w.Write(head[:min(int64(len(head)), n-done)])
			sent = int64(m)
		} else {
			var offset, left int64
			if offset, left, err = r.open(); err != nil {
				return done, err
			}
			left = min(left, n-done)
			if c, ok := r.file.(carrier); ok {
				sent, err = c.Carry(w, offset, left)
			} else {
				sent, err = io.Copy(w, io.NewSectionReader(r.file, offset, left))
			}
			if err == nil && sent < left {
				err = io.ErrUnexpectedEOF
			}
		}
		done += sent
		r.at += sent
		if err != nil {
			return done, err
		}
	}
	return done, nil
}

func (r *reader) Close() error {
	if r.file != nil {
		r.file.Close()
		r.file, r.id = nil, ""
	}
	return nil
}

// plans keeps the last few plans: a download that goes on, or the page that asked for the sizes, need not read all moof
// headers again.
type plans struct {
	mu   sync.Mutex
	list []kept
}

type kept struct {
	key  string
	plan *plan
	used time.Time
}

const (
	plansKept  = 8
	plansBytes = 64 << 20
	plansFor   = 5 * time.Minute
)

func newPlans() *plans { return &plans{} }

func (p *plans) find(key string) *plan {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i := range p.list {
		if k := &p.list[i]; k.key == key && time.Since(k.used) < plansFor {
			k.used = time.Now()
			return k.plan
		}
	}
	return nil
}

func (p *plans) keep(key string, one *plan) {
	p.mu.Lock()
	defer p.mu.Unlock()
	list := append(p.list, kept{key, one, time.Now()})
	sort.Slice(list, func(i, j int) bool { return list[i].used.After(list[j].used) })
	bytes := 0
	for i, k := range list {
		bytes += len(k.plan.head) + 48*len(k.plan.extents)
		if i >= plansKept || i > 0 && bytes > plansBytes || time.Since(k.used) > plansFor {
			list = list[:i]
			break
		}
	}
	p.list = list
}
