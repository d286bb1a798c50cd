package grant

import (
	"context"
	"math"
	"sync"
	"time"

	"linli.dev/linli/fault"
)

// What the pages of one account can rightly show of the past: so many cameras in step, at eight times the speed and by key
// pictures alone, or at twice the speed with all pictures. A second of whole footage therefore counts as much as four
// seconds of key pictures.
const (
	inStep    = 8
	wholeTo   = 2.0 // × real time; above it pages show key pictures only
	wholeCost = fastest / wholeTo
	keyCost   = 1.0

	allowanceRate = inStep * fastest                              // seconds of key pictures per second
	allowanceMost = inStep * fastest * float64(ahead/time.Second) // what may be sent ahead of all those cameras
)

// patience is how long media may wait for its account's turn; who would have to wait longer is told so.
const patience = 10 * time.Second

// allowance is one account's bucket above the buckets of its leases. Each lease has its own pace; but a lease is soon ended
// and another soon begun, and ninety-six of them side by side would carry the archive away at the pace of as many viewers.
type allowance struct {
	mu   sync.Mutex
	have float64 // seconds of key pictures; below zero: promised to those who wait
	at   time.Time
}

// allowances are kept by account for as long as the door stands: an account that signs in again finds its own.
type allowances struct {
	mu        sync.Mutex
	byAccount map[string]*allowance
}

func (a *allowances) of(account string) *allowance {
	a.mu.Lock()
	defer a.mu.Unlock()
	one := a.byAccount[account]
	if one == nil {
		if a.byAccount == nil {
			a.byAccount = map[string]*allowance{}
		}
		one = &allowance{have: allowanceMost, at: time.Now()}
		a.byAccount[account] = one
	}
	return one
}

// take waits for its turn, first come, first served. It fails at once with fault.TooMany where the turn is far off, and when
// the lease or ctx ends meanwhile; then it has taken nothing.
func (a *allowance) take(ctx context.Context, l *Lease, cost float64) error {
	a.mu.Lock()
	now := time.Now()
	a.have = min(allowanceMost, a.have+now.Sub(a.at).Seconds()*allowanceRate)
	a.at = now
	wait := time.Duration(max(0, cost-a.have) / allowanceRate * float64(time.Second))
	if wait > patience {
		a.mu.Unlock()
		f := fault.New(fault.TooMany, "door.pace", "door.account-pace", "cameras", inStep, "seconds", int(math.Ceil(wait.Seconds())))
		f.RetryAfter = wait.Round(time.Second)
		return f
	}
	a.have -= cost
	a.mu.Unlock()
	if wait == 0 {
		return nil
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	var err error
	select {
	case <-timer.C:
		return nil
	case <-l.done:
		err = l.Err()
	case <-ctx.Done():
		err = ctx.Err()
	}
	a.mu.Lock()
	a.have += cost
	a.mu.Unlock()
	return err
}
