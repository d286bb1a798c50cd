package archive

import (
	"encoding/binary"
	"hash/crc32"
	"time"
)

// A seal stands behind each fragment in the file: a uuid box that players step over. It says what the index says of the
// fragment before it, so a file can be checked, cut behind its last whole fragment, or indexed anew, without any row.
//
//	size 4, "uuid", our type 16,
//	version 1, flags 1 (1 key, 2 unconfirmed, 4 hashed), 2 reserved, sequence 4,
//	start µs 8, duration µs 8, decode time 8, run 8, fragment size 4, SHA-256 of the fragment 32, CRC-32C of all that 4
const SealSize = 8 + 16 + 8 + 8 + 8 + 8 + 8 + 4 + 32 + 4

// sealType was drawn at random for Linli.
var sealType = [16]byte{0x6c, 0x69, 0x6e, 0x6c, 0x69, 0x66, 0x4d, 0x1e, 0x9d, 0x30, 0x51, 0xa7, 0x0c, 0x84, 0xe2, 0x17}

const (
	sealKey = 1 << iota
	sealUnconfirmed
	sealHashed
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// Seal is what a seal says.
type Seal struct {
	Key, Unconfirmed, Hashed bool
	Sequence                 uint32
	Start                    time.Time
	Duration                 time.Duration
	Decode                   uint64
	Run                      int64
	Size                     uint32
	Hash                     [32]byte
}

// AppendSeal appends the box, SealSize bytes.
func AppendSeal(dst []byte, s Seal) []byte {
	at := len(dst)
	dst = binary.BigEndian.AppendUint32(dst, SealSize)
	dst = append(dst, "uuid"...)
	dst = append(dst, sealType[:]...)
	var flags byte
	if s.Key {
		flags |= sealKey
	}
	if s.Unconfirmed {
		flags |= sealUnconfirmed
	}
	if s.Hashed {
		flags |= sealHashed
	}
	dst = append(dst, 1, flags, 0, 0)
	dst = binary.BigEndian.AppendUint32(dst, s.Sequence)
	dst = binary.BigEndian.AppendUint64(dst, uint64(s.Start.UnixMicro()))
	dst = binary.BigEndian.AppendUint64(dst, uint64(micros(s.Duration)))
	dst = binary.BigEndian.AppendUint64(dst, s.Decode)
	dst = binary.BigEndian.AppendUint64(dst, uint64(s.Run))
	dst = binary.BigEndian.AppendUint32(dst, s.Size)
	dst = append(dst, s.Hash[:]...)
	return binary.BigEndian.AppendUint32(dst, crc32.Checksum(dst[at:], castagnoli))
}

// parseSeal reads a whole box; false where it is none of ours or torn.
func parseSeal(b []byte) (Seal, bool) {
	be := binary.BigEndian
	if len(b) != SealSize || be.Uint32(b) != SealSize || string(b[4:8]) != "uuid" || [16]byte(b[8:24]) != sealType {
		return Seal{}, false
	}
	if b[24] != 1 || be.Uint32(b[SealSize-4:]) != crc32.Checksum(b[:SealSize-4], castagnoli) {
		return Seal{}, false
	}
	flags := b[25]
	s := Seal{
		Key: flags&sealKey != 0, Unconfirmed: flags&sealUnconfirmed != 0, Hashed: flags&sealHashed != 0,
		Sequence: be.Uint32(b[28:]),
		Start:    time.UnixMicro(int64(be.Uint64(b[32:]))).UTC(),
		Duration: time.Duration(be.Uint64(b[40:])) * time.Microsecond,
		Decode:   be.Uint64(b[48:]),
		Run:      int64(be.Uint64(b[56:])),
		Size:     be.Uint32(b[64:]),
	}
	copy(s.Hash[:], b[68:100])
	return s, true
}
