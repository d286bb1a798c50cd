package grant

import (
	"context"
	"sync"
	"time"
)

const (
	ahead     = 10 * time.Second // media that may be sent ahead of the viewer
	fastest   = 8.0              // × real time
	slowest   = 0.25
	picture   = 2 * time.Second // media that a jump gives at least: a fragment
	jumpBurst = 32 * time.Second
	jumpRate  = 8.0 // media seconds per second
)

// Pacer is a bucket of media time: it holds what may be sent ahead, ten seconds at the speed of the
// viewing, and fills at that speed. A jump throws away what was sent ahead, so the bucket is filled
// anew; what that takes comes from a second bucket, or jumping along would copy the archive out. All leases of an account
// together have a third one (allowance).
type Pacer struct {
	lease   *Lease
	account *allowance // nil: not of the past

	mu    sync.Mutex
	speed float64
	have  time.Duration
	jumps time.Duration // media that jumps may still give
	at    time.Time     // have and jumps were right then
}

func newPacer(l *Lease) *Pacer {
	p := &Pacer{lease: l, at: time.Now(), jumps: jumpBurst}
	p.speed = clampSpeed(l.Speed)
	p.have = p.most()
	if l.Kind == Playback {
		p.account = l.door.allowances.of(l.Account)
	}
	return p
}

func clampSpeed(speed float64) float64 {
	switch {
	case speed == 0 || speed != speed:
		return 1
	default:
		return min(fastest, max(slowest, speed))
	}
}

// rate is at least real time: a viewer in slow motion may also step.
func (p *Pacer) rate() float64       { return max(1, p.speed) }
func (p *Pacer) most() time.Duration { return time.Duration(float64(ahead) * p.rate()) }

func (p *Pacer) fill() {
	now := time.Now()
	gone := now.Sub(p.at)
	p.at = now
	p.have = min(p.most(), p.have+time.Duration(float64(gone)*p.rate()))
	p.jumps = min(jumpBurst, p.jumps+time.Duration(float64(gone)*jumpRate))
}

// SetSpeed changes the speed of the viewing, ¼ to 8; beyond is cut.
func (p *Pacer) SetSpeed(speed float64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fill()
	before := p.most()
	p.speed = clampSpeed(speed)
	// What is already ahead stays ahead: only the room above it changes.
	p.have += p.most() - before
}

// Speed gives the speed of the viewing.
func (p *Pacer) Speed() float64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.speed
}

// Take waits until media of this length may be sent, and counts it as sent. Something longer than the
// whole bucket goes when the bucket is full, and the next one waits for it. It fails when the lease
// ends or ctx does, and with fault.TooMany when the account's other leases have taken what there was.
func (p *Pacer) Take(ctx context.Context, media time.Duration) error {
	return p.take(ctx, media, wholeCost)
}

// TakeKeys is Take for footage of which only the key pictures are sent.
func (p *Pacer) TakeKeys(ctx context.Context, media time.Duration) error {
	return p.take(ctx, media, keyCost)
}

func (p *Pacer) take(ctx context.Context, media time.Duration, cost float64) error {
	err := p.wait(ctx, func() time.Duration {
		if missing := min(media, p.most()) - p.have; missing > 0 {
			return time.Duration(float64(missing)/p.rate()) + 1
		}
		p.have -= media
		return 0
	})
	if err != nil || p.account == nil {
		return err
	}
	if err = p.account.take(ctx, p.lease, media.Seconds()*cost); err != nil {
		p.mu.Lock()
		p.have += media // it was not sent
		p.mu.Unlock()
	}
	return err
}

// Seek tells that the viewer jumped, before the Take at the new place. It waits until there is enough
// for a picture.
func (p *Pacer) Seek(ctx context.Context) error {
	return p.wait(ctx, func() time.Duration {
		have := max(0, p.have)
		if missing := picture - have - p.jumps; missing > 0 {
			return time.Duration(float64(missing)/jumpRate) + 1
		}
		given := min(p.most()-have, p.jumps)
		p.have, p.jumps = have+given, p.jumps-given
		return 0
	})
}

func (p *Pacer) wait(ctx context.Context, try func() time.Duration) error {
	for {
		if err := p.lease.Err(); err != nil {
			return err
		}
		p.lease.Beat() // who waits for more is there
		p.mu.Lock()
		p.fill()
		d := try()
		p.mu.Unlock()
		if d == 0 {
			return nil
		}
		timer := time.NewTimer(min(d, 5*time.Second))
		select {
		case <-timer.C:
		case <-p.lease.done:
			timer.Stop()
			return p.lease.Err()
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		}
	}
}
