package play

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"linli.dev/linli/access/grant"
)

// A range is the file's bytes, each where the file has it, whatever it begins and ends in: the init, a fragment, or the seal
// between two.
func TestARangeIsTheFilesBytes(t *testing.T) {
	f := gateFilm(t)
	s := tape(f, &f.aac, 2)
	c := build(t, s, func(o *Options) { o.Footage = s.onDisk(t) })
	l := c.look(grant.Playback, 0, 10*time.Second)
	const name = "segments/SEG70.mp4"
	raw, entries := s.files["SEG70"], s.entries["SEG70"]
	size := int64(len(raw))
	second, fourth := entries[1], entries[3]
	sealed := second.Offset + int64(second.Size) // here its seal begins
	for _, q := range []struct {
		what     string
		from, to int64 // to < 0: the range has no end
	}{
		{"three fragments", second.Offset, fourth.Offset + int64(fourth.Size)},
		{"from one fragment's middle into another's", second.Offset + 1000, fourth.Offset + 1000},
		{"a seal", sealed, entries[2].Offset},
		{"part of a seal", sealed + 10, sealed + 20},
		{"from a seal's middle on", sealed + 50, fourth.Offset + 1},
		{"the last seal", size - 96, size},
		{"all of it", 0, size},
		{"all of it, without saying how much", 0, -1},
		{"from a fragment on", second.Offset, -1},
	} {
		spec, end := fmt.Sprintf("bytes=%d-%d", q.from, q.to-1), q.to
		if q.to < 0 {
			spec, end = fmt.Sprintf("bytes=%d-", q.from), size
		}
		resp, got := c.get(l, name, "Range", spec)
		if want := raw[q.from:end]; resp.StatusCode != 206 || !bytes.Equal(got, want) || resp.ContentLength != int64(len(want)) ||
			resp.Header.Get("Content-Range") != fmt.Sprintf("bytes %d-%d/%d", q.from, end-1, size) {
			t.Errorf("%s: %s, %q, %d bytes of %d", q.what, resp.Status, resp.Header.Get("Content-Range"), len(got), len(want))
		}
	}
	if resp, got := c.get(l, name); resp.StatusCode != 200 || !bytes.Equal(got, raw) {
		t.Errorf("without a range: %s, %d bytes of %d", resp.Status, len(got), size)
	}
	if resp, got := c.get(l, name, "Range", "bytes=-96"); resp.StatusCode != 206 || !bytes.Equal(got, raw[size-96:]) {
		t.Errorf("the last bytes: %s, %d of them", resp.Status, len(got))
	}

	// A look that ends within a segment ends with the seal of its last fragment.
	l = c.look(grant.Playback, time.Second, 3*time.Second)
	third := entries[2]
	if resp, got := c.get(l, name, "Range", fmt.Sprintf("bytes=%d-%d", second.Offset, entries[3].Offset-1)); resp.StatusCode != 206 || !bytes.Equal(got, raw[second.Offset:entries[3].Offset]) {
		t.Errorf("up to the last seal: %s, %d bytes", resp.Status, len(got))
	}
	for _, spec := range []string{
		fmt.Sprintf("bytes=%d-%d", third.Offset, entries[3].Offset),   // a byte of the next fragment
		fmt.Sprintf("bytes=%d-%d", second.Offset-1, second.Offset+10), // a byte of the seal before
		fmt.Sprintf("bytes=%d-", second.Offset),
	} {
		resp, body := c.get(l, name, "Range", spec)
		c.refused(resp, body, 403, "play.outside-span")
	}
}

// A damaged fragment that was taken out of the index is still in the file. What comes in its place is a box that players
// step over, and the rest lies where it lay.
func TestADamagedFragmentIsABlankInARange(t *testing.T) {
	f := gateFilm(t)
	s := tape(f, nil, 1)
	entries := s.entries["SEG70"]
	gone, next := entries[1], entries[2]
	s.entries["SEG70"] = slices.Delete(slices.Clone(entries), 1, 2)
	c := build(t, s)
	l := c.look(grant.Playback, 0, 10*time.Second)
	raw := s.files["SEG70"]
	want := bytes.Clone(raw)
	clear(want[gone.Offset:next.Offset])
	copy(want[gone.Offset:], "\x00\x00\x00\x01free")
	binary.BigEndian.PutUint64(want[gone.Offset+8:], uint64(next.Offset-gone.Offset))
	_, got := c.get(l, "segments/SEG70.mp4")
	if !bytes.Equal(got, want) {
		t.Fatalf("%d bytes, not the %d with a blank", len(got), len(want))
	}
	name := filepath.Join(t.TempDir(), "blank.mp4")
	if err := os.WriteFile(name, got, 0o600); err != nil {
		t.Fatal(err)
	}
	if shown, err := pictures(name); err != nil || !slices.Equal(shown, append(slices.Clone(f.md5[:25]), f.md5[50:125]...)) {
		t.Errorf("%v: %d pictures", err, len(shown))
	}
	for _, at := range []int64{gone.Offset + 3, gone.Offset + 12, gone.Offset + 5000, next.Offset - 1} {
		if _, part := c.get(l, "segments/SEG70.mp4", "Range", fmt.Sprintf("bytes=%d-%d", at, next.Offset+99)); !bytes.Equal(part, want[at:next.Offset+100]) {
			t.Errorf("from byte %d of the blank on: %d bytes", at-gone.Offset, len(part))
		}
	}
	// So does the first of all, right behind the init.
	s.entries["SEG70"] = entries[1:]
	first := bytes.Clone(raw)
	clear(first[entries[0].Offset:entries[1].Offset])
	copy(first[entries[0].Offset:], "\x00\x00\x00\x01free")
	binary.BigEndian.PutUint64(first[entries[0].Offset+8:], uint64(entries[1].Offset-entries[0].Offset))
	if resp, got := c.get(l, "segments/SEG70.mp4"); resp.StatusCode != 200 || !bytes.Equal(got, first) {
		t.Errorf("a damaged beginning: %s, %d bytes of %d", resp.Status, len(got), len(first))
	}
	// One at the end is not offered at all.
	s.entries["SEG70"] = entries[:4]
	if resp, got := c.get(l, "segments/SEG70.mp4", "Range", fmt.Sprintf("bytes=%d-", entries[3].Offset)); resp.StatusCode != 206 ||
		!bytes.Equal(got, raw[entries[3].Offset:entries[4].Offset]) {
		t.Errorf("before a damaged end: %s, %d bytes", resp.Status, len(got))
	}
}
