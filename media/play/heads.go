package play

import "io"

// heads reads the headers of a file's chunks: a moof and what stands around it come with one read, not three small ones,
// each of which could find the arm of a disk elsewhere. What goes on behind the header begins with what is here already.
// It is for one goroutine.
type heads struct {
	io.ReaderAt
	off int64
	b   []byte // of the file, from off on
	buf [4 << 10]byte
}

// from begins with another file.
func (h *heads) from(r io.ReaderAt) *heads {
	h.ReaderAt, h.b = r, nil
	return h
}

func (h *heads) ReadAt(b []byte, off int64) (int, error) {
	n := 0
	if skip := off - h.off; skip >= 0 && skip < int64(len(h.b)) {
		n = copy(b, h.b[skip:])
	}
	if n == len(b) {
		return n, nil
	}
	if len(b)-n >= len(h.buf)/2 {
		m, err := h.ReaderAt.ReadAt(b[n:], off+int64(n))
		return n + m, err
	}
	m, err := h.ReaderAt.ReadAt(h.buf[:], off)
	h.off, h.b = off, h.buf[:m]
	if n = copy(b, h.b); n < len(b) {
		return n, err
	}
	return n, nil
}
