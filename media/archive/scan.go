package archive

import (
	"bufio"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"io"
)

// errTorn says that a file is good up to some point and no further.
var errTorn = errors.New("torn")

// scanned is a fragment as found in a file.
type scanned struct {
	Entry
	seal Seal
	good bool // its hash is that of its bytes; always true where it was not hashed
}

// scanFile walks the fragments between off and end in one sequential read and gives each to visit. It returns how far the
// file consists of whole fragments. A fragment whose bytes are not those of its hash ends the walk, unless goOn is set.
// throttle is called with the number of bytes to be read; nil = unlimited.
func scanFile(r io.ReaderAt, off, end int64, goOn bool, throttle func(n int) error, visit func(scanned) error) (good int64, err error) {
	w := walker{
		r:   bufio.NewReaderSize(&throttled{r: io.NewSectionReader(r, off, end-off), left: end - off, wait: throttle}, 256<<10),
		at:  off,
		end: end,
		sum: sha256.New(),
	}
	good = off
	for w.at < end {
		s, err := w.next()
		if err != nil {
			return good, err
		}
		if !s.good && !goOn {
			return good, fmt.Errorf("fragment at %d is not what its hash says: %w", s.Offset, errTorn)
		}
		if err := visit(s); err != nil {
			return good, err
		}
		good = w.at
	}
	return good, nil
}

type walker struct {
	r       *bufio.Reader
	at, end int64
	sum     hash.Hash
	box     [SealSize]byte
}

// next reads chunks up to and with their seal.
func (w *walker) next() (scanned, error) {
	start := w.at
	w.sum.Reset()
	for moof := false; ; {
		h, err := w.read(8)
		if err != nil {
			return scanned{}, err
		}
		size, kind, head := int64(binary.BigEndian.Uint32(h)), string(h[4:8]), int64(8)
		if kind == "uuid" && size == SealSize {
			if moof || w.at-8 == start {
				return scanned{}, w.torn("seal without a fragment")
			}
			return w.seal(start)
		}
		w.sum.Write(h)
		if size == 1 {
			if h, err = w.read(8); err != nil {
				return scanned{}, err
			}
			w.sum.Write(h)
			size, head = int64(binary.BigEndian.Uint64(h)), 16
		}
		if (kind == "moof") == moof || (kind != "moof" && kind != "mdat") || size < head || size-head > w.end-w.at {
			return scanned{}, w.torn("no chunk")
		}
		moof = kind == "moof"
		n, err := io.CopyN(w.sum, w.r, size-head)
		w.at += n
		if err != nil {
			return scanned{}, w.failed(err)
		}
	}
}

func (w *walker) seal(start int64) (scanned, error) {
	length := w.at - 8 - start
	copy(w.box[:8], binary.BigEndian.AppendUint32(nil, SealSize))
	copy(w.box[4:8], "uuid")
	n, err := io.ReadFull(w.r, w.box[8:])
	w.at += int64(n)
	if err != nil {
		return scanned{}, w.failed(err)
	}
	seal, ok := parseSeal(w.box[:])
	if !ok || int64(seal.Size) != length {
		return scanned{}, w.torn("seal is damaged")
	}
	s := scanned{seal: seal, good: true}
	s.Entry = Entry{
		Offset: start, Size: seal.Size, Start: seal.Start, Duration: seal.Duration,
		Decode: seal.Decode, Key: seal.Key, Hash: seal.Hash,
	}
	if seal.Hashed {
		var got [32]byte
		w.sum.Sum(got[:0])
		s.good = got == seal.Hash
	}
	return s, nil
}

func (w *walker) read(n int) ([]byte, error) {
	m, err := io.ReadFull(w.r, w.box[:n])
	w.at += int64(m)
	if err != nil {
		return nil, w.failed(err)
	}
	return w.box[:n], nil
}

func (w *walker) failed(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return w.torn("ends early")
	}
	return err
}

func (w *walker) torn(what string) error { return fmt.Errorf("%s at %d: %w", what, w.at, errTorn) }

// throttled asks before each read.
type throttled struct {
	r    io.Reader
	left int64
	wait func(n int) error
}

func (t *throttled) Read(b []byte) (int, error) {
	if t.wait != nil && t.left > 0 {
		b = b[:min(int64(len(b)), t.left)]
		if err := t.wait(len(b)); err != nil {
			return 0, err
		}
	}
	n, err := t.r.Read(b)
	t.left -= int64(n)
	return n, err
}
