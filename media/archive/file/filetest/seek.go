package filetest

import (
	"sync"
	"sync/atomic"
	"time"

	"linli.dev/linli/media/archive/file"
)

// Seek is a layer over another that charges what the heads of a hard disk cost: so much for each file that a sync has to
// go to, for each file made, and for each read that does not follow the one before. There is one arm: who comes second
// waits.
type Seek struct {
	file.Layer
	Each  time.Duration // per seek
	Rate  int64         // bytes per second; 0 = no charge
	arm   sync.Mutex
	Count atomic.Int64 // seeks so far
	Bytes atomic.Int64 // written and synced, or read
	owed  time.Duration

	mu    sync.Mutex
	dirty map[*seekFile]int64
}

func (s *Seek) charge(seeks int, bytes int64) {
	s.Count.Add(int64(seeks))
	s.Bytes.Add(bytes)
	d := time.Duration(seeks) * s.Each
	if s.Rate > 0 {
		d += time.Duration(float64(bytes) / float64(s.Rate) * float64(time.Second))
	}
	s.arm.Lock()
	defer s.arm.Unlock()
	if s.owed += d; s.owed < time.Millisecond {
		return
	}
	time.Sleep(s.owed)
	s.owed = 0
}

func (s *Seek) Create(name string) (file.File, error) {
	s.charge(1, 0)
	f, err := s.Layer.Create(name)
	if err != nil {
		return nil, err
	}
	return &seekFile{File: f, s: s}, nil
}

func (s *Seek) Open(name string) (file.File, error) {
	s.charge(1, 0)
	f, err := s.Layer.Open(name)
	if err != nil {
		return nil, err
	}
	return &seekFile{File: f, s: s}, nil
}

func (s *Seek) SyncGroup(files []file.File, dirs []string) error {
	plain := make([]file.File, len(files))
	s.mu.Lock()
	seeks, bytes := 0, int64(0)
	for i, f := range files {
		plain[i] = f
		if w, ok := f.(*seekFile); ok {
			plain[i] = w.File
			if n := s.dirty[w]; n > 0 {
				seeks++
				bytes += n
				delete(s.dirty, w)
			}
		}
	}
	s.mu.Unlock()
	if seeks > 0 {
		s.charge(seeks+1, bytes) // and one for the file system's own journal
	}
	return s.Layer.SyncGroup(plain, dirs)
}

type seekFile struct {
	file.File
	s    *Seek
	last atomic.Int64
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
	seeks := 1
	if f.last.Swap(off+int64(len(b))) == off {
		seeks = 0
	}
	f.s.charge(seeks, int64(len(b)))
	return f.File.ReadAt(b, off)
}
