package play

import "io"

const (
	// gulp is how much is read at once. A hard disk's arm is away from the recording for some 30 ms.
	gulp = 4 << 20
	// besideEachOther is up to how many bytes between two headers are read along: in the time of one movement of an arm, some 10 ms, a disk
	// reads three times as much.
	besideEachOther = 512 << 10
)

// gulps reads headers that lie near each other together with what is between them. An hour of a sub stream has 1,800 headers
// within 100 MB: eighteen seconds of movements, or less than one of reading on. It is for one goroutine.
type gulps struct {
	io.ReaderAt
	end  int64 // nothing behind it is wanted
	over bool  // the file ends with b
	off  int64
	b    []byte // of the file, from off on
	room []byte
}

// from begins with another file, whose headers wanted lie between first and end, so many.
func (g *gulps) from(r io.ReaderAt, first, end int64, headers int) io.ReaderAt {
	if headers < 2 || (end-first)/int64(headers) > besideEachOther {
		return r
	}
	if g.room == nil {
		g.room = make([]byte, gulp)
	}
	g.ReaderAt, g.end, g.b = r, end+int64(len(heads{}.buf)), nil // a header is read with what follows it
	return g
}

func (g *gulps) ReadAt(b []byte, off int64) (int, error) {
	if n, ok, err := g.have(b, off); ok {
		return n, err
	}
	if off+int64(len(b)) > g.end || len(b) > len(g.room) {
		return g.ReaderAt.ReadAt(b, off)
	}
	at := off
	if end := g.off + int64(len(g.b)); len(g.b) > 0 && off >= end && off+int64(len(b))-end <= besideEachOther+int64(len(heads{}.buf)) {
		at = end // the next header is a little further on: without a step the arm need not move
	}
	n, err := g.ReaderAt.ReadAt(g.room[:min(int64(len(g.room)), g.end-at)], at)
	g.off, g.b, g.over = at, g.room[:n], err == io.EOF
	if n, ok, err := g.have(b, off); ok {
		return n, err
	}
	return 0, err
}

// have answers from what was read, at the end of the file too.
func (g *gulps) have(b []byte, off int64) (n int, ok bool, err error) {
	skip := off - g.off
	switch {
	case skip < 0 || skip >= int64(len(g.b)):
		return 0, false, nil
	case skip+int64(len(b)) <= int64(len(g.b)):
		return copy(b, g.b[skip:]), true, nil
	}
	return copy(b, g.b[skip:]), g.over, io.EOF
}
