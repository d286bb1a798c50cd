package archive

import (
	"crypto/sha256"
	"math/bits"
)

// merkleRoot is the Merkle tree hash of RFC 6962, 2.1, over the SHA-256 of fragments in order: one value that stands for
// all of them, and from which each can later be shown to have been one.
func merkleRoot(leaves [][32]byte) [32]byte {
	switch n := len(leaves); n {
	case 0:
		return sha256.Sum256(nil)
	case 1:
		return sha256.Sum256(append([]byte{0}, leaves[0][:]...))
	default:
		k := 1 << (bits.Len(uint(n-1)) - 1) // the largest power of two below n
		l, r := merkleRoot(leaves[:k]), merkleRoot(leaves[k:])
		return sha256.Sum256(append(append([]byte{1}, l[:]...), r[:]...))
	}
}
