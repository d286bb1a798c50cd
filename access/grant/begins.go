package grant

import (
	"log/slog"
	"math"
	"sync"
	"time"

	"linli.dev/linli/fault"
)

// What one account may ask for: all the pictures that it may have open, four times over, at once, and from then on as many in
// begunAnew. That is 384 and four a second: somebody may leaf through sixty-four cameras six times without a pause, and a screen
// that turns sixteen pictures every five seconds needs 3.2. Each look is a row and two lines in the journal, each refusal one; a
// program that asks without a pause would fill the disk that the record is kept on.
const (
	begunAtOnce = 4 // × Options.PerAccount
	begunAnew   = 24 * time.Second
	begunLogged = time.Minute // between two lines in the log about the same account
)

// begins are the buckets of the accounts, kept for as long as the door stands.
type begins struct {
	mu        sync.Mutex
	byAccount map[string]*begun
}

type begun struct {
	have   float64
	at     time.Time
	logged time.Time
}

// take lets one look be asked for, or fails with fault.TooMany; then it has taken nothing.
func (b *begins) take(account string, perAccount int, log *slog.Logger) error {
	most, rate := float64(begunAtOnce*perAccount), float64(perAccount)/begunAnew.Seconds()
	now := time.Now()
	b.mu.Lock()
	defer b.mu.Unlock()
	one := b.byAccount[account]
	if one == nil {
		if b.byAccount == nil {
			b.byAccount = map[string]*begun{}
		}
		one = &begun{have: most, at: now}
		b.byAccount[account] = one
	}
	one.have = min(most, one.have+now.Sub(one.at).Seconds()*rate)
	one.at = now
	if one.have >= 1 {
		one.have--
		return nil
	}
	if now.Sub(one.logged) >= begunLogged { // the first of many, and one a minute: no more than the journal is the log there to be filled
		one.logged = now
		log.Warn("an account asks for looks faster than pages do", "account", account)
	}
	wait := math.Ceil((1 - one.have) / rate)
	f := fault.New(fault.TooMany, "door.begin", "door.too-often", "seconds", int(wait))
	f.RetryAfter = time.Duration(wait) * time.Second
	return f
}
