package stream

// frame is a Frame with what the house needs besides: its place.
type frame struct {
	Frame
	block    *block
	from     int // of Data in block.buf
	fragment uint64
	cts      int32
}

// ring holds the latest frames: at least the group of pictures that a new reader begins with, and what readers have not
// fetched yet. Positions count up for ever; first is that of frames[0].
type ring struct {
	pool   *blocks
	frames []frame
	head   int   // frames[:head] is gone
	first  int64 // position of frames[head]
	bytes  int
	key    int64 // position of the latest key frame, -1 when it is gone
	before int64 // of the key frame before it
}

func newRing(p *blocks) ring { return ring{pool: p, key: -1, before: -1} }

func (r *ring) end() int64 { return r.first + int64(len(r.frames)-r.head) }

func (r *ring) at(pos int64) *frame { return &r.frames[r.head+int(pos-r.first)] }

// add takes a frame; keep says whether readers are there who may still want the group before.
func (r *ring) add(f frame, keep bool, limit int) {
	if f.Key && f.Track == videoTrack {
		r.before, r.key = r.key, r.end()
		if !keep {
			r.cut(r.key)
		} else if r.before >= 0 {
			r.cut(r.before)
		}
	}
	if r.head > 64 && r.head*2 > len(r.frames) {
		n := copy(r.frames, r.frames[r.head:])
		clear(r.frames[n:])
		r.frames, r.head = r.frames[:n], 0
	}
	f.block.hold()
	r.frames = append(r.frames, f)
	r.bytes += len(f.Data)
	if r.bytes <= limit {
		return
	}
	// Too much for one stream: what was before the running group first, then the group itself. Then nobody can begin
	// before the next key frame, which is better than a camera that takes the memory of the others.
	if r.key > r.first {
		r.cut(r.key)
	}
	if r.bytes > limit && !keep {
		r.cut(r.end())
	}
	for r.bytes > limit && r.first < r.end() {
		r.cut(r.first + 1)
	}
}

// cut forgets what is before pos.
func (r *ring) cut(pos int64) {
	for r.first < pos {
		f := &r.frames[r.head]
		r.bytes -= len(f.Data)
		r.pool.drop(f.block)
		*f = frame{}
		r.head++
		r.first++
	}
	if r.head == len(r.frames) {
		r.frames, r.head = r.frames[:0], 0
	}
	if r.key < r.first {
		r.key = -1
	}
	if r.before < r.first {
		r.before = -1
	}
}
