package stream

// surface brings the stream's blocks onto the heap, where readers may see them: called under the lock when the first reader
// comes. Each block is copied to a twin of the same layout, and whoever held the old one holds the twin; fragments that are on
// their way to disk already keep theirs.
func (s *Stream) surface() {
	twins := map[*block]*block{}
	twin := func(b *block) *block {
		if b == nil || b.heap {
			return b
		}
		t := twins[b]
		if t == nil {
			t = heapBlock(len(b.buf))
			t.used = b.used
			copy(t.buf, b.buf)
			twins[b] = t
		} else {
			t.hold()
		}
		s.pool.drop(b)
		return t
	}
	for pos := s.ring.first; pos < s.ring.end(); pos++ {
		f := s.ring.at(pos)
		if t := twin(f.block); t != f.block {
			f.block = t
			f.Data = t.buf[f.from : f.from+len(f.Data) : f.from+len(f.Data)]
		}
	}
	for i, b := range s.build.held {
		s.build.held[i] = twin(b)
	}
	if in := s.in; in != nil {
		if in.video != nil {
			in.video.unit.cur = twin(in.video.unit.cur)
		}
		if a := in.sound; a != nil {
			a.cur = twin(a.cur)
			if a.open {
				a.place.block = twin(a.place.block)
			}
		}
	}
	for _, l := range [2]*lane{&s.build.video, &s.build.sound} { // not counted: the fragment holds them
		l.block = known(twins, l.block)
		for i := range l.spans {
			l.spans[i].block = known(twins, l.spans[i].block)
		}
	}
}

func known(twins map[*block]*block, b *block) *block {
	if t := twins[b]; t != nil {
		return t
	}
	return b
}
