package play

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"linli.dev/linli/access/grant"
	"linli.dev/linli/media/archive"
	"linli.dev/linli/media/archive/file"
	"linli.dev/linli/media/archive/file/filetest"
)

// onDisk is a shelf whose segments are real files, which the system carries to the socket.
type onDisk struct {
	*shelf
	dir     string
	carried atomic.Int64
	reads   atomic.Int64
}

func (s *shelf) onDisk(t testing.TB) *onDisk {
	d := &onDisk{shelf: s, dir: t.TempDir()}
	for id, b := range s.files {
		if err := os.WriteFile(filepath.Join(d.dir, string(id)), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return d
}

func (d *onDisk) OpenSegment(_ context.Context, id archive.SegmentID) (archive.Reader, error) {
	f, err := file.OS{}.Open(filepath.Join(d.dir, string(id)))
	if err != nil {
		return nil, err
	}
	d.mu.Lock()
	d.opened++
	d.mu.Unlock()
	return &platter{File: f, d: d}, nil
}

type platter struct {
	file.File
	d *onDisk
}

func (p *platter) Size() int64 { n, _ := p.File.Size(); return n }
func (p *platter) Carry(w io.Writer, off, n int64) (int64, error) {
	done, err := file.Carry(w, p.File, off, n)
	p.d.carried.Add(done)
	return done, err
}

// settled gives what was carried once no request holds a segment: the client has its last byte before the system call that
// brought it has returned, and been counted.
func (d *onDisk) settled(t *testing.T) int64 {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(time.Millisecond) {
		d.mu.Lock()
		opened := d.opened
		d.mu.Unlock()
		if opened == 0 {
			return d.carried.Load()
		}
		if time.Now().After(end) {
			t.Fatalf("%d segments are still open", opened)
		}
	}
}

func (p *platter) ReadAt(b []byte, off int64) (int, error) {
	p.d.reads.Add(1)
	return p.File.ReadAt(b, off)
}

func (p *platter) Close() error {
	p.d.mu.Lock()
	p.d.opened--
	p.d.mu.Unlock()
	return p.File.Close()
}

// What the system carries is what would have been read: whole, in parts, across the end of a segment, in several ranges.
func TestTheSystemCarriesFootage(t *testing.T) {
	f := gateFilm(t)
	s := tape(f, &f.aac, 2)
	inMemory := build(t, s)
	disk := s.onDisk(t)
	c := build(t, s, func(o *Options) { o.Footage = disk })
	one, two := inMemory.look(grant.Export, 1500*time.Millisecond, 8*time.Second), c.look(grant.Export, 1500*time.Millisecond, 8*time.Second)
	_, want := inMemory.get(one, "export.mp4")
	resp, got := c.get(two, "export.mp4")
	if resp.StatusCode != 200 || !bytes.Equal(got, want) {
		t.Fatalf("status %d, %d bytes of %d, the same: %v", resp.StatusCode, len(got), len(want), bytes.Equal(got, want))
	}
	carried := disk.settled(t)
	if carried < int64(len(want))/2 {
		t.Errorf("only %d of %d bytes were carried", carried, len(want))
	}
	if n := disk.reads.Load(); n > 7*2*2 {
		t.Errorf("%d reads for the headers of 7 fragments with 4 chunks", n)
	}
	for range 30 {
		a := rand.IntN(len(want) - 1)
		b := a + 1 + rand.IntN(len(want)-a-1)
		resp, got := c.get(two, "export.mp4", "Range", fmt.Sprintf("bytes=%d-%d", a, b))
		if resp.StatusCode != 206 || !bytes.Equal(got, want[a:b+1]) {
			t.Fatalf("bytes %d to %d: status %d, %d bytes", a, b, resp.StatusCode, len(got))
		}
	}
	if resp, got := c.get(two, "export.mp4", "Range", "bytes=0-9,2000-2999"); resp.StatusCode != 206 || !bytes.Contains(got, want[2000:3000]) {
		t.Errorf("two ranges: status %d, %d bytes", resp.StatusCode, len(got))
	}
	if resp, got := c.get(two, "export.mp4", "If-None-Match", resp.Header.Get("ETag")); resp.StatusCode != 304 || len(got) > 0 {
		t.Errorf("the same ETag: status %d, %d bytes", resp.StatusCode, len(got))
	}

	play := c.look(grant.Playback, 0, 10*time.Second)
	e := s.entries["SEG70"][2]
	carried = disk.settled(t)
	resp, got = c.get(play, "segments/SEG70.mp4", "Range", fmt.Sprintf("bytes=%d-%d", e.Offset, e.Offset+int64(e.Size)-1))
	if want := s.files["SEG70"][e.Offset : e.Offset+int64(e.Size)]; resp.StatusCode != 206 || !bytes.Equal(got, want) {
		t.Errorf("a fragment: status %d, %d bytes", resp.StatusCode, len(got))
	}
	if n := disk.settled(t) - carried; n != int64(e.Size) {
		t.Errorf("%d of %d bytes of a fragment were carried", n, e.Size)
	}
}

// seeking lets footage lie on a disk whose arm takes its time.
type seeking struct {
	*onDisk
	layer *filetest.Seek
}

func (d *seeking) OpenSegment(_ context.Context, id archive.SegmentID) (archive.Reader, error) {
	f, err := d.layer.Open(filepath.Join(d.dir, string(id)))
	if err != nil {
		return nil, err
	}
	d.mu.Lock()
	d.opened++
	d.mu.Unlock()
	return &platter{File: f, d: d.onDisk}, nil
}

// An export begins when all headers have been read. Where they lie near each other the arm does not move for each, and what
// comes out is the same to the byte, also from the middle of a segment on.
func TestAnExportBeginsSoonOnASlowDisk(t *testing.T) {
	f := gateFilm(t)
	s := tape(f, &f.aac, 2)
	for i := range 9 {
		s.add(f, &f.aac, 2, 7, noon.Add(time.Duration(i+1)*10*time.Second), 900000+uint64(i+1)*900000)
	}
	s.rename()
	inMemory := build(t, s)
	layer := &filetest.Seek{Layer: file.OS{}, Each: 10 * time.Millisecond, Rate: 150 << 20}
	c := build(t, s, func(o *Options) { o.Footage = &seeking{s.onDisk(t), layer} })
	from, to := 2500*time.Millisecond, 100*time.Second
	begun := time.Now()
	resp, list := c.get(c.look(grant.Export, from, to), "export.json")
	took := time.Since(begun)
	if resp.StatusCode != 200 {
		t.Fatalf("%s %s", resp.Status, list)
	}
	// A movement for the entry of each of 20 short segments and one for its headers; not one for each of 100 fragments.
	if n := layer.Count.Load(); n > 44 {
		t.Errorf("%d movements of the arm", n)
	}
	t.Logf("%d movements, %v, for 98 fragments in 20 segments", layer.Count.Load(), took)
	_, want := inMemory.get(inMemory.look(grant.Export, from, to), "export.mp4")
	if _, got := c.get(c.look(grant.Export, from, to), "export.mp4"); !bytes.Equal(got, want) {
		t.Errorf("%d bytes, not the same %d", len(got), len(want))
	}
}

// Whatever is asked of gulps, it answers as the file would.
func TestGulpsReadWhatIsThere(t *testing.T) {
	raw := make([]byte, 3*gulp+12345)
	for i := range raw {
		raw[i] = byte(i * 7919 >> 8)
	}
	var g gulps
	r := g.from(bytes.NewReader(raw), 100, int64(len(raw))-100, 100)
	if r != io.ReaderAt(&g) {
		t.Fatal("headers 126 KB apart are not read together")
	}
	walk := int64(0)
	for i := range 4000 {
		off := rand.Int64N(int64(len(raw)))
		if i%2 == 0 { // header by header, as an export reads
			if walk += rand.Int64N(200 << 10); walk >= int64(len(raw)) {
				walk = 0
			}
			off = walk
		}
		if i < 2000 && i%2 == 1 {
			continue // for a while nothing comes between
		}
		b := make([]byte, 1+rand.IntN(9000))
		n, err := r.ReadAt(b, off)
		want := raw[off:min(off+int64(len(b)), int64(len(raw)))]
		if !bytes.Equal(b[:n], want) || (err != nil) != (n < len(b)) {
			t.Fatalf("%d bytes at %d: %d, %v", len(b), off, n, err)
		}
	}
	if r := g.from(bytes.NewReader(raw), 0, 100*besideEachOther*2, 100); r == io.ReaderAt(&g) {
		t.Error("headers a megabyte apart are read together")
	}
}

// A file that is gone, or shorter than its index says, is told before anything is sent, or by a broken connection.
func TestAnUnreadableSegmentIsAnAnswer(t *testing.T) {
	f := gateFilm(t)
	s := tape(f, nil, 1)
	disk := s.onDisk(t)
	c := build(t, s, func(o *Options) { o.Footage = disk })
	play := c.look(grant.Playback, 0, 10*time.Second)
	e := s.entries["SEG70"][2]
	part := fmt.Sprintf("bytes=%d-%d", e.Offset, e.Offset+int64(e.Size)-1)
	if err := os.Truncate(filepath.Join(disk.dir, "SEG70"), e.Offset); err != nil {
		t.Fatal(err)
	}
	resp, body := c.get(play, "segments/SEG70.mp4", "Range", part)
	c.refused(resp, body, 503, "play.unreadable")
	if resp.Header.Get("Content-Range") != "" {
		t.Errorf("a refusal has the range %q", resp.Header.Get("Content-Range"))
	}
}
