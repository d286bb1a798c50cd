package play

import (
	"bufio"
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"time"

	"linli.dev/linli/access/grant"
	"linli.dev/linli/fault"
	"linli.dev/linli/media/archive"
	"linli.dev/linli/protocol/cmaf"
)

type manifestClock struct {
	OffsetMS       int64 `json:"camera_offset_ms" doc:"The camera's clock minus the node's, when last seen."`
	DriftMSPerHour int64 `json:"camera_drift_ms_per_hour"`
}

type manifestFragment struct {
	Segment    string `json:"segment"`
	Offset     int64  `json:"offset"`
	Size       uint32 `json:"size"`
	Start      string `json:"start"`
	DurationMS int64  `json:"duration_ms"`
	SHA256     string `json:"sha256" doc:"Of the fragment as it was written when it was recorded."`

	// What was recorded is, part by part, head and then media, and the tail at the end.
	Parts []manifestPart `json:"parts,omitempty" doc:"How the fragment is put together again from the exported file; none where the recording holds media that the file does not."`
	Tail  []byte         `json:"tail,omitempty" doc:"What stood behind the last part, in base64."`
}

// manifestPart is a chunk of a fragment: its header, which the exported file does not hold, and where its media is there.
type manifestPart struct {
	Head   []byte `json:"head" doc:"In base64: moof and the header of mdat."`
	Offset int64  `json:"offset" doc:"Of the media, in the exported file."`
	Size   int64  `json:"size"`
}

type manifestRun struct {
	Run         int                `json:"run"`
	File        string             `json:"file"`
	ETag        string             `json:"etag"`
	Size        int64              `json:"size"`
	From        string             `json:"from" doc:"Of the first frame shown, by the node's clock."`
	To          string             `json:"to"`
	Frames      int                `json:"frames"`
	Codecs      string             `json:"codecs"`
	Unconfirmed bool               `json:"time_unconfirmed" doc:"The node's clock had not been set when this was recorded."`
	Fragments   []manifestFragment `json:"fragments"` // the last field: see writeUpTo
}

type manifest struct {
	Software string `json:"software"`
	Made     string `json:"made"`
	Camera   struct {
		ID     string `json:"id"`
		Name   string `json:"name"`
		Area   string `json:"area"`
		Stream string `json:"stream"`
	} `json:"camera"`
	From    string         `json:"from"`
	To      string         `json:"to"`
	By      string         `json:"by"`
	Account string         `json:"account"`
	Purpose string         `json:"purpose"`
	Reason  string         `json:"reason,omitempty"`
	Policy  string         `json:"policy"`
	Look    string         `json:"look"`
	Clock   *manifestClock `json:"clock,omitempty"`
	Note    string         `json:"note"`
	Runs    []manifestRun  `json:"runs"` // the last field: see writeUpTo
}

const manifestNote = "sha256 is of each fragment's bytes in the recording (moof and mdat), as written when it was recorded. " +
	"The exported file holds the same media bytes in the same order, without the moof headers: those are here, in the parts of each fragment. " +
	"To check the file against the recording, put each fragment together (for each part its head, from base64, then size bytes of the file from offset on; " +
	"at the end the tail) and compare its SHA-256. Times are those of the node's clock. " +
	"Decoding begins at the key frame before the span; the edit list hides what leads up to it."

// manifest answers GET …/manifest.json: what goes with an exported clip. It is written as it is read: a day that was watched
// has hundreds of thousands of parts. So a lease gets one at a time.
func (m *Room) manifest(w http.ResponseWriter, r *http.Request) error {
	l, from, to, runs, err := m.clip(r)
	if err != nil {
		return err
	}
	if _, busy := m.manifests.LoadOrStore(l.ID, true); busy {
		f := fault.New(fault.TooMany, "play.manifest", "play.manifest-busy")
		f.RetryAfter = 5 * time.Second
		return f
	}
	defer m.manifests.Delete(l.ID)
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Disposition", `attachment; filename="manifest.json"`)
	sent := &counted{to: grant.Writer(l, w)}
	defer func() {
		if sent.n > 0 {
			grant.Cut(l, w)
		}
	}()
	out := bufio.NewWriterSize(sent, 64<<10)
	if err = m.writeManifest(r.Context(), out, l, from, to, runs); err == nil {
		err = out.Flush()
	}
	switch {
	case err == nil:
		return nil
	case sent.n == 0:
		h.Del("Content-Disposition")
		return err
	}
	m.log.Warn("the manifest of an export was cut off", "look", l.Look, "camera", l.Camera, "err", err)
	panic(http.ErrAbortHandler) // the head is sent: what is cut off is no JSON, so nobody takes it for whole
}

// counted counts what has gone out.
type counted struct {
	to io.Writer
	n  int64
}

func (c *counted) Write(b []byte) (int, error) {
	n, err := c.to.Write(b)
	c.n += int64(n)
	return n, err
}

func (m *Room) writeManifest(ctx context.Context, w *bufio.Writer, l *grant.Lease, from, to time.Time, runs []run) error {
	stamp := func(t time.Time) string { return t.UTC().Format(milliseconds) }
	out := manifest{
		Software: "Linli " + m.o.Version, Made: stamp(time.Now()), From: stamp(from), To: stamp(to),
		By: l.Name, Account: l.Account, Purpose: l.Purpose, Reason: l.Reason, Policy: l.Policy, Look: string(l.Look), Note: manifestNote,
	}
	out.Camera.ID, out.Camera.Name, out.Camera.Area, out.Camera.Stream = string(l.Camera), l.CameraName, l.Area, string(l.Stream)
	if m.o.Clock != nil {
		if c, ok := m.o.Clock(string(l.Camera), archive.Which(l.Stream)); ok {
			out.Clock = &manifestClock{c.Offset.Milliseconds(), c.Drift.Milliseconds()}
		}
	}
	if err := writeUpTo(w, out); err != nil {
		return err
	}
	for i, one := range runs {
		l.Beat()
		p, err := m.plan(ctx, l, one, from, to)
		if err != nil {
			return err
		}
		mr := manifestRun{
			Run: i, File: fileName(l, p, m.o.Zone), ETag: p.etag, Size: p.size, From: stamp(p.from), To: stamp(p.to), Frames: p.frames, Codecs: codecs(one.tracks),
		}
		for _, x := range one.pieces {
			mr.Unconfirmed = mr.Unconfirmed || x.segment.Unconfirmed
		}
		if i > 0 {
			_ = w.WriteByte(',')
		}
		if err := writeUpTo(w, mr); err != nil {
			return err
		}
		if err := m.writeFragments(ctx, w, l, one, int64(len(p.head)), stamp); err != nil {
			return err
		}
		_, _ = w.WriteString("]}")
	}
	_, err := w.WriteString("]}\n")
	return err
}

// writeUpTo writes a struct as JSON up to its last field, a list that is written after it, bit by bit.
func writeUpTo(w *bufio.Writer, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	head, ok := bytes.CutSuffix(b, []byte("null}"))
	if !ok {
		return fault.New(fault.Internal, "play.manifest", "play.damaged")
	}
	_, _ = w.Write(head)
	return w.WriteByte('[')
}

// writeFragments writes the fragments of a run, each with how it is put together again from the exported file, segment by
// segment. The media is not read for it. at is where the first of it is in that file.
func (m *Room) writeFragments(ctx context.Context, w *bufio.Writer, l *grant.Lease, one run, at int64, stamp func(time.Time) string) error {
	ctx = archive.For(ctx, archive.Export)
	for i := 0; i < len(one.pieces); {
		l.Beat() // a day has many headers
		if err := l.Err(); err != nil {
			return err
		}
		n := i
		for n < len(one.pieces) && one.pieces[n].segment.ID == one.pieces[i].segment.ID {
			n++
		}
		list := make([]manifestFragment, 0, n-i)
		for _, x := range one.pieces[i:n] {
			list = append(list, manifestFragment{
				Segment: string(x.segment.ID), Offset: x.entry.Offset, Size: x.entry.Size, Start: stamp(x.entry.Start),
				DurationMS: x.entry.Duration.Milliseconds(), SHA256: hex.EncodeToString(x.entry.Hash[:]),
			})
		}
		if err := m.partsOf(ctx, one.tracks, one.pieces[i:n], list, &at); err != nil {
			return err
		}
		for k := range list {
			if i+k > 0 {
				_ = w.WriteByte(',')
			}
			b, err := json.Marshal(&list[k])
			if err != nil {
				return err
			}
			if _, err := w.Write(b); err != nil {
				return err
			}
		}
		if err := w.Flush(); err != nil {
			return err
		}
		i = n
	}
	return nil
}

// partsOf says how the fragments of one segment are put together again; at is where the next media is in the exported file.
func (m *Room) partsOf(ctx context.Context, tracks []cmaf.Track, pieces []piece, out []manifestFragment, at *int64) error {
	file, err := m.o.Footage.OpenSegment(ctx, pieces[0].segment.ID)
	if err != nil {
		return err
	}
	defer file.Close()
	last := pieces[len(pieces)-1].entry
	var head heads
	var big gulps
	head.from(big.from(file, pieces[0].entry.Offset, last.Offset+int64(last.Size), len(pieces)))
	for i, x := range pieces {
		f := &out[i]
		whole := true // all that is in the fragment is in the file
		next, end := x.entry.Offset, x.entry.Offset+int64(x.entry.Size)
		between := func(to int64) ([]byte, error) {
			b := make([]byte, to-next)
			if n, err := head.ReadAt(b, next); n < len(b) {
				return nil, fault.Wrap(err, fault.Unavailable, "play.read", "play.unreadable")
			}
			return b, nil
		}
		for c, err := range cmaf.ScanChunks(&head, next, end) {
			if err != nil {
				return fault.Wrap(err, fault.Internal, "play.export", "play.damaged", "segment", string(x.segment.ID))
			}
			if whole = whole && exported(tracks, c.Track); !whole {
				if exported(tracks, c.Track) {
					*at += c.Payload
				}
				continue
			}
			b, err := between(c.PayloadOffset)
			if err != nil {
				return err
			}
			f.Parts = append(f.Parts, manifestPart{Head: b, Offset: *at, Size: c.Payload})
			*at += c.Payload
			next = c.PayloadOffset + c.Payload
		}
		if !whole { // it cannot be put together without media that was not given
			f.Parts = nil
			continue
		}
		if f.Tail, err = between(end); err != nil {
			return err
		}
	}
	return nil
}

func exported(tracks []cmaf.Track, id uint32) bool {
	for _, t := range tracks {
		if t.ID == id {
			return true
		}
	}
	return false
}
