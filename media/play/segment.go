package play

import (
	"bytes"
	"context"
	"encoding/binary"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"linli.dev/linli/access/grant"
	"linli.dev/linli/fault"
	"linli.dev/linli/media/archive"
	"linli.dev/linli/protocol/cmaf"
)

// players remembers up to where each lease has been sent, to tell a jump from going on.
type players struct {
	mu   sync.Mutex
	sent map[string]*player // by lease
}

type player struct {
	mu  sync.Mutex
	end time.Time
}

func newPlayers() *players { return &players{sent: map[string]*player{}} }

func (p *players) of(l *grant.Lease) *player {
	p.mu.Lock()
	one := p.sent[l.ID]
	fresh := one == nil
	if fresh {
		one = &player{}
		p.sent[l.ID] = one
	}
	p.mu.Unlock()
	if fresh {
		l.OnEnd(func() {
			p.mu.Lock()
			delete(p.sent, l.ID)
			p.mu.Unlock()
		})
	}
	return one
}

// sameMoment is how much earlier than the end of the last fragment the next one may begin and still go on from it. More
// is a jump back, also to the fragment before: what was sent ahead is thrown away by it, as by a jump of hours.
const sameMoment = 100 * time.Millisecond

// goOn waits until the pacer lets this much media pass.
func (m *Room) goOn(ctx context.Context, l *grant.Lease, start time.Time, length time.Duration) error {
	return m.pass(ctx, l, start, length, l.Pacer().Take)
}

func (m *Room) pass(ctx context.Context, l *grant.Lease, start time.Time, length time.Duration, take func(context.Context, time.Duration) error) error {
	one := m.players.of(l)
	one.mu.Lock()
	gap := start.Sub(one.end)
	jumped := !one.end.IsZero() && (gap > slack || gap < -sameMoment)
	one.end = start.Add(length)
	one.mu.Unlock()
	if jumped {
		if err := l.Pacer().Seek(ctx); err != nil {
			return err
		}
	}
	if err := take(ctx, length); err != nil {
		return err
	}
	l.Played(start, start.Add(length))
	return nil
}

// footage finds a segment that the lease may see something of, all its fragments, and those that it may see.
func (m *Room) footage(ctx context.Context, l *grant.Lease, id archive.SegmentID) (s archive.SegmentInfo, all, open []archive.Entry, err error) {
	none := fault.New(fault.NotFound, "play.segment", "play.no-segment")
	if s, err = m.o.Footage.Segment(ctx, id); err != nil {
		return s, nil, nil, err
	}
	if s.Camera != string(l.Camera) || s.Which != archive.Which(l.Stream) {
		return s, nil, nil, none
	}
	if all, err = m.o.Footage.Entries(ctx, &s); err != nil {
		return s, nil, nil, err
	}
	first, last := within(all, l.From, l.To)
	if first == last {
		return s, nil, nil, none
	}
	return s, all, all[first:last], nil
}

// behind is where a fragment ends in the file, its seal included: there the next one begins.
func behind(e archive.Entry) int64 { return e.Offset + int64(e.Size) + archive.SealSize }

// segment answers GET …/segments/ID.mp4 with a Range: bytes of the file as recorded, in the lease's span and at its pace.
func (m *Room) segment(w http.ResponseWriter, r *http.Request) error {
	l, err := m.lease(r, grant.Playback)
	if err != nil {
		return err
	}
	id, rest, err := cutName(r.PathValue("file"))
	if err != nil || rest != "" {
		return fault.New(fault.NotFound, "play.segment", "play.no-segment")
	}
	ctx := archive.For(r.Context(), archive.Playback)
	s, all, entries, err := m.footage(ctx, l, id)
	if err != nil {
		return err
	}
	size := behind(all[len(all)-1]) // not of the file: what the index says to be damaged at its end is not offered
	from, to, ranged, err := byteRange(r.Header.Get("Range"), size)
	if err != nil {
		w.Header().Set("Content-Range", "bytes */"+strconv.FormatInt(size, 10))
		return err
	}
	// Outside the init, only fragments of the lease's span, each with its seal.
	lowest, highest := entries[0].Offset, behind(entries[len(entries)-1])
	if lowest == all[0].Offset { // what is before the first of all is damaged, and comes as a blank
		lowest = s.InitSize
	}
	if to > s.InitSize && (from < s.InitSize && lowest > s.InitSize || from >= s.InitSize && from < lowest || to > highest) {
		return fault.New(fault.Denied, "play.segment", "play.outside-span")
	}
	file, err := m.o.Footage.OpenSegment(ctx, id)
	if err != nil {
		return err
	}
	defer file.Close()

	h := w.Header()
	h.Set("Content-Type", "video/mp4")
	h.Set("Cache-Control", "no-store")
	h.Set("Accept-Ranges", "bytes")
	h.Set("Content-Length", strconv.FormatInt(to-from, 10))
	status := http.StatusOK
	if ranged {
		status = http.StatusPartialContent
		total := strconv.FormatInt(size, 10)
		if s.Open {
			total = "*"
		}
		h.Set("Content-Range", "bytes "+strconv.FormatInt(from, 10)+"-"+strconv.FormatInt(to-1, 10)+"/"+total)
	}
	out := newLateHeader(l, w, status)
	defer out.release()
	if from < s.InitSize {
		if err := copyRange(out, file, from, min(to, s.InitSize)); err != nil {
			return out.fail(err)
		}
	}
	if err := blank(out, from, to, lowest, entries[0].Offset); err != nil {
		return out.fail(err)
	}
	for i, e := range entries {
		if a, b := max(from, e.Offset), min(to, behind(e)); a < b { // with what of its seal is wanted: every byte is where the file has it
			// Media time in proportion to the bytes: a player may take a fragment in pieces.
			if media := min(b, e.Offset+int64(e.Size)) - a; media > 0 {
				share := func(n int64) time.Duration { return time.Duration(int64(e.Duration) / int64(e.Size) * n) }
				if err := m.goOn(ctx, l, e.Start.Add(share(a-e.Offset)), share(media)); err != nil {
					return out.fail(err)
				}
			}
			if err := copyRange(out, file, a, b); err != nil {
				return out.fail(err)
			}
		}
		if i+1 < len(entries) {
			if err := blank(out, from, to, behind(e), entries[i+1].Offset); err != nil {
				return out.fail(err)
			}
		}
	}
	return nil
}

// blank sends, of the bytes from–to, those between start and end, where a damaged fragment was taken out of the index: not
// what the file has there, but a box that players step over, so that what follows stays in its place.
func blank(w io.Writer, from, to, start, end int64) error {
	a, b := max(from, start), min(to, end)
	if a >= b {
		return nil
	}
	var head [16]byte // with a size of 64 bits
	if end-start < int64(len(head)) {
		return fault.New(fault.Internal, "play.segment", "play.damaged")
	}
	binary.BigEndian.PutUint32(head[:], 1)
	copy(head[4:], "free")
	binary.BigEndian.PutUint64(head[8:], uint64(end-start))
	if skip := a - start; skip < int64(len(head)) {
		n, err := w.Write(head[skip:min(int64(len(head)), b-start)])
		if err != nil {
			return err
		}
		a += int64(n)
	}
	_, err := io.CopyN(w, zeros{}, b-a)
	return err
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) {
	clear(b)
	return len(b), nil
}

// fragment answers GET …/fragments/ID.init.mp4 and …/fragments/ID.OFFSET.mp4: the same without the tracks that HLS
// cannot carry.
func (m *Room) fragment(w http.ResponseWriter, r *http.Request) error {
	l, err := m.lease(r, grant.Playback)
	if err != nil {
		return err
	}
	id, rest, err := cutName(r.PathValue("file"))
	if err != nil {
		return err
	}
	ctx := archive.For(r.Context(), archive.Playback)
	s, _, entries, err := m.footage(ctx, l, id)
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "video/mp4")
	h.Set("Cache-Control", "no-store")
	keep := playable(s.Tracks)
	if rest == "init" {
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(cmaf.AppendInit(nil, keep, nil)))
		return nil
	}
	offset, err := strconv.ParseInt(rest, 10, 64)
	if err != nil {
		return fault.New(fault.NotFound, "play.segment", "play.no-segment")
	}
	for _, e := range entries {
		if e.Offset != offset {
			continue
		}
		file, err := m.o.Footage.OpenSegment(ctx, id)
		if err != nil {
			return err
		}
		defer file.Close()
		if err := m.goOn(ctx, l, e.Start, e.Duration); err != nil {
			return err
		}
		out := newLateHeader(l, w, http.StatusOK)
		defer out.release()
		for c, err := range cmaf.ScanChunks(new(heads).from(file), e.Offset, e.Offset+int64(e.Size)) {
			if err != nil {
				return out.fail(fault.Wrap(err, fault.Internal, "play.fragment", "play.damaged"))
			}
			for _, t := range keep {
				if t.ID == c.Track {
					if err := copyRange(out, file, c.Offset, c.Offset+c.Size); err != nil {
						return out.fail(err)
					}
				}
			}
		}
		return nil
	}
	return fault.New(fault.NotFound, "play.segment", "play.no-segment")
}

// lateHeader sends the status with the first byte, so that what goes wrong before it is still a proper answer.
type lateHeader struct {
	http.ResponseWriter
	status int
	begun  bool
	lease  *grant.Lease
}

// newLateHeader sends under a lease: at its end nothing more leaves, not even what is queued. release must be deferred.
func newLateHeader(l *grant.Lease, w http.ResponseWriter, status int) *lateHeader {
	return &lateHeader{ResponseWriter: grant.Writer(l, w), status: status, lease: l}
}

func (h *lateHeader) release() {
	if h.begun {
		grant.Cut(h.lease, h)
	}
}

func (h *lateHeader) Unwrap() http.ResponseWriter { return h.ResponseWriter }

func (h *lateHeader) Write(b []byte) (int, error) {
	if !h.begun {
		h.begun = true
		h.WriteHeader(h.status)
	}
	return h.ResponseWriter.Write(b)
}

// ReadFrom leaves the way open that footage takes from the file to the socket. The first bytes are read before anything is
// said: a disk that cannot be read is a proper answer too.
func (h *lateHeader) ReadFrom(r io.Reader) (int64, error) {
	var done int64
	if !h.begun {
		var first [512]byte
		n, err := io.ReadFull(r, first[:])
		switch {
		case n == 0 && err == io.EOF:
			return 0, nil
		case n == 0:
			return 0, err
		}
		if n, err = h.Write(first[:n]); err != nil {
			return int64(n), err
		}
		done = int64(n)
	}
	n, err := io.Copy(h.ResponseWriter, r)
	return done + n, err
}

// fail passes an error on while it can still be answered; later the broken connection says it.
func (h *lateHeader) fail(err error) error {
	if !h.begun {
		for _, name := range []string{"Content-Length", "Content-Range", "Content-Type", "ETag", "Content-Disposition", "Accept-Ranges"} {
			h.Header().Del(name)
		}
		return err
	}
	panic(http.ErrAbortHandler)
}

var buffers = sync.Pool{New: func() any { b := make([]byte, 256<<10); return &b }}

// carrier is a file whose bytes the system itself can send, as the archive's are.
type carrier interface {
	Carry(w io.Writer, off, n int64) (int64, error)
}

// copyRange sends bytes of a file. Unreadable ones are fault.Unavailable.
func copyRange(w io.Writer, r io.ReaderAt, from, to int64) error {
	if c, ok := r.(carrier); ok {
		n, err := c.Carry(w, from, to-from)
		if err == nil && n < to-from {
			err = io.ErrUnexpectedEOF
		}
		if err != nil && fault.KindOf(err) == fault.Internal {
			err = fault.Wrap(err, fault.Unavailable, "play.read", "play.unreadable")
		}
		return err
	}
	buf := buffers.Get().(*[]byte)
	defer buffers.Put(buf)
	for from < to {
		b := (*buf)[:min(int64(len(*buf)), to-from)]
		n, err := r.ReadAt(b, from)
		if n < len(b) {
			if err == nil || err == io.EOF {
				err = io.ErrUnexpectedEOF
			}
			return fault.Wrap(err, fault.Unavailable, "play.read", "play.unreadable")
		}
		if _, err := w.Write(b); err != nil {
			return err
		}
		from += int64(n)
	}
	return nil
}

// byteRange reads a Range header of one range, as a half-open span. A list of ranges is answered in full, as RFC 9110
// allows; here that means from the first to the last byte.
func byteRange(header string, size int64) (from, to int64, ranged bool, err error) {
	bad := fault.New(fault.Invalid, "play.range", "play.bad-range")
	spec, ok := strings.CutPrefix(header, "bytes=")
	if header == "" || !ok || strings.Contains(spec, ",") {
		return 0, size, false, nil
	}
	first, last, ok := strings.Cut(strings.TrimSpace(spec), "-")
	if !ok {
		return 0, 0, false, bad
	}
	if first == "" { // the last n bytes
		n, err := strconv.ParseInt(last, 10, 64)
		if err != nil || n <= 0 {
			return 0, 0, false, bad
		}
		return max(0, size-n), size, true, nil
	}
	if from, err = strconv.ParseInt(first, 10, 64); err != nil || from < 0 || from >= size {
		return 0, 0, false, bad
	}
	to = size
	if last != "" {
		n, err := strconv.ParseInt(last, 10, 64)
		if err != nil || n < from {
			return 0, 0, false, bad
		}
		to = min(size, n+1)
	}
	return from, to, true, nil
}
