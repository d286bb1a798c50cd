package filetest

import (
	"io"
	"sync"
	"sync/atomic"
	"time"

	"linli.dev/linli/media/archive/file"
)

// Seek is a layer over another that charges what the one arm of a hard disk costs: so much for each movement, and the time
// that the bytes take. A request that goes on where the last one ended moves nothing; who comes second waits. A sync is
// not one request but one per file: after each few of them the disk answers who reads, as the system's scheduler has it.
// What the system keeps in memory is charged all the same, but for the entries of files that were used before.
type Seek struct {
	file.Layer
	Each  time.Duration // per movement
	Rate  int64         // bytes per second; 0 = no charge
	Count atomic.Int64  // movements so far
	Bytes atomic.Int64  // written and synced, or read

	arm  sync.Mutex // in order of arrival: whoever waits for longer than 1 ms is given it by Go's mutex
	at   place      // where the arm stands; guarded by arm
	owed time.Duration

	mu    sync.Mutex
	dirty map[*seekFile]int64
	known map[string]struct{} // files whose entries are in memory
}

// place is a byte of a file.
type place struct {
	f   *seekFile
	off int64
}

// writesAtOnce is how many requests of a sync pass before a reader's turn: fifo_batch of Linux's deadline scheduler.
const writesAtOnce = 16

// nowhere is a place that nothing goes on from: an entry, the file system's own journal.
var nowhere = place{off: -1}

// move takes the arm to a place and leaves it behind the bytes. Call with arm held.
func (s *Seek) move(to place, bytes int64) {
	s.Bytes.Add(bytes)
	if to == nowhere || to != s.at {
		s.Count.Add(1)
		s.owed += s.Each
	}
	if s.Rate > 0 {
		s.owed += time.Duration(float64(bytes) / float64(s.Rate) * float64(time.Second))
	}
	s.at = place{to.f, to.off + bytes}
	if s.owed >= time.Millisecond {
		time.Sleep(s.owed)
		s.owed = 0
	}
}

func (s *Seek) ask(to place, bytes int64) {
	s.arm.Lock()
	defer s.arm.Unlock()
	s.move(to, bytes)
}

// lookUp charges for an entry unless it is in memory.
func (s *Seek) lookUp(name string) {
	s.mu.Lock()
	_, known := s.known[name]
	if s.known == nil {
		s.known = map[string]struct{}{}
	}
	s.known[name] = struct{}{}
	s.mu.Unlock()
	if !known {
		s.ask(nowhere, 0)
	}
}

func (s *Seek) Create(name string) (file.File, error) {
	s.lookUp(name)
	f, err := s.Layer.Create(name)
	if err != nil {
		return nil, err
	}
	return &seekFile{File: f, s: s}, nil
}

func (s *Seek) Open(name string) (file.File, error) {
	s.lookUp(name)
	f, err := s.Layer.Open(name)
	if err != nil {
		return nil, err
	}
	return &seekFile{File: f, s: s}, nil
}

func (s *Seek) SyncGroup(files []file.File, dirs []string) error {
	plain := make([]file.File, len(files))
	var written []int64
	s.mu.Lock()
	for i, f := range files {
		plain[i] = f
		if w, ok := f.(*seekFile); ok {
			plain[i] = w.File
			if n := s.dirty[w]; n > 0 {
				written = append(written, n)
				delete(s.dirty, w)
			}
		}
	}
	s.mu.Unlock()
	if len(written) > 0 {
		written = append(written, 0) // the file system's own journal
	}
	for len(written) > 0 {
		n := min(writesAtOnce, len(written))
		s.arm.Lock()
		for _, bytes := range written[:n] {
			s.move(nowhere, bytes)
		}
		s.arm.Unlock()
		written = written[n:]
	}
	return s.Layer.SyncGroup(plain, dirs)
}

type seekFile struct {
	file.File
	s *Seek
}

func (f *seekFile) WriteBuffers(bufs [][]byte, off int64) (int64, error) {
	n, err := f.File.WriteBuffers(bufs, off)
	f.s.mu.Lock()
	if f.s.dirty == nil {
		f.s.dirty = map[*seekFile]int64{}
	}
	f.s.dirty[f] += n
	f.s.mu.Unlock()
	return n, err
}

func (f *seekFile) ReadAt(b []byte, off int64) (int, error) {
	f.s.ask(place{f, off}, int64(len(b)))
	return f.File.ReadAt(b, off)
}

// Carry is one request: the system is told beforehand what is wanted.
func (f *seekFile) Carry(w io.Writer, off, n int64) (int64, error) {
	f.s.ask(place{f, off}, n)
	return file.Carry(w, f.File, off, n)
}
