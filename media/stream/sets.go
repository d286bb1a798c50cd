package stream

import (
	"bytes"
	"encoding/binary"

	"linli.dev/linli/protocol/cmaf"
)

// keepSet compares a parameter set that came in band with the one in force. A PPS with another id than the track's stays
// in the picture's data: decoders take it from there.
func (u *unit) keepSet() {
	nal := u.scratch
	i := u.set(u.kind(nal[0]))
	if now := u.latest(i); now != nil {
		if bytes.Equal(now, nal) {
			return
		}
		if i == 2 && u.fresh[1] == nil && u.number(now) != u.number(nal) {
			u.nal = u.size
			u.write([]byte{0, 0, 0, 0})
			u.write(nal)
			if !u.broken {
				binary.BigEndian.PutUint32(u.cur.buf[u.start+u.nal:], uint32(len(nal)))
			}
			u.nal = -1
			return
		}
	}
	if bytes.Equal(u.sets[i], nal) {
		u.fresh[i] = nil
		return
	}
	u.fresh[i] = bytes.Clone(nal)
}

func (u *unit) latest(i int) []byte {
	if u.fresh[i] != nil {
		return u.fresh[i]
	}
	return u.sets[i]
}

// number is the id of a PPS.
func (u *unit) number(pps []byte) int {
	skip := 1
	if u.codec == cmaf.H265 {
		skip = 2
	}
	id, _ := golomb(pps[min(skip, len(pps)):], 0)
	return id
}

// changed says whether other parameter sets wait to come into force.
func (u *unit) changed() bool { return u.fresh[0] != nil || u.fresh[1] != nil || u.fresh[2] != nil }

// enforce brings the fresh sets into force. False: the set is not complete yet.
func (u *unit) enforce() bool {
	for i := range u.sets {
		if u.fresh[i] != nil {
			u.sets[i], u.fresh[i] = u.fresh[i], nil
		}
	}
	return u.sets[1] != nil && u.sets[2] != nil && (u.codec != cmaf.H265 || u.sets[0] != nil)
}
