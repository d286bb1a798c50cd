package store

import (
	"crypto/rand"
	"sync"
	"time"

	"github.com/oklog/ulid/v2"
)

// ids hands out ids that sort in the order in which they were made, also within a millisecond. It is the one thing
// that all of a process shares without being handed it: an id means nothing but itself.
var ids = struct {
	sync.Mutex
	entropy *ulid.MonotonicEntropy
}{entropy: ulid.Monotonic(rand.Reader, 0)}

// NewID makes an id: a ULID, 26 letters and digits, sortable by time. It is no secret.
func NewID() string {
	ids.Lock()
	defer ids.Unlock()
	id, err := ulid.New(ulid.Timestamp(time.Now()), ids.entropy)
	if err != nil { // 2^80 ids within a millisecond
		ids.entropy = ulid.Monotonic(rand.Reader, 0)
		id = ulid.MustNew(ulid.Timestamp(time.Now()), ids.entropy)
	}
	return id.String()
}

// Micros is how a time stands in a table. The zero time is 0.
func Micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

// Time reads what Micros wrote.
func Time(us int64) time.Time {
	if us == 0 {
		return time.Time{}
	}
	return time.UnixMicro(us).UTC()
}
