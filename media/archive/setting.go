package archive

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"linli.dev/linli/store"
)

// setting is one setting of the machine's clock: how the wall clock stood against the time since the machine's start, from
// one moment at which somebody set it to the next. Slewing moves both alike, so only a step makes another. The difference of
// two settings of a boot is, to the millisecond, by how much what was dated by the one has to be moved.
type setting struct {
	id     string // stands in the boot column of what was dated by it
	boot   string
	zero   int64 // µs: what this clock showed when the machine was started
	after  int64 // µs: the latest time that was known to have passed; what was dated by this setting is younger
	made   int64 // counts the settings that are stored
	stored bool
}

// settings are those that this process has seen.
type settings struct {
	mu   sync.Mutex
	own  string // stands for a boot whose name the machine does not tell
	list []setting
}

// sameSetting is how far two readings of one setting may differ: the two clocks are read one after the other.
const sameSetting = 50 * time.Millisecond

// reading tells how the wall clock stands against the time since the machine's start, and which start that was.
func (a *Archive) reading() (boot string, zero, up int64) {
	for i := range 3 { // whoever is interrupted between the two clocks reads too much
		boot, up = a.settings.own, a.clock.Mono().Microseconds()
		if a.keeping.keeper != nil {
			if t := a.keeping.keeper.Timekeeping(); t.Boot != "" && t.Up > 0 {
				boot, up = t.Boot, t.Up.Microseconds()
			}
		}
		if z := a.now().UnixMicro() - up; i == 0 || z < zero {
			zero = z
		}
	}
	return boot, zero, up
}

// Dating names the setting of the clock by which something was dated that has just ended, at the moment given. Segments and gaps carry it
// as their boot.
func (a *Archive) Dating(end time.Time) string { return a.dating(end).id }

func (a *Archive) dating(end time.Time) setting {
	boot, zero, up := a.reading()
	s := &a.settings
	s.mu.Lock()
	defer s.mu.Unlock()
	far := func(x setting, z int64) int64 { return max(x.zero-z, z-x.zero) }
	near := func(z int64) int {
		best := -1
		for i, x := range s.list {
			if x.boot == boot && (best < 0 || far(x, z) < far(s.list[best], z)) {
				best = i
			}
		}
		return best
	}
	if i := near(zero); i < 0 || far(s.list[i], zero) > sameSetting.Microseconds() {
		s.list = append(s.list, setting{id: fmt.Sprintf("%s#%d", boot, zero), boot: boot, zero: zero, after: a.wall.Load()})
		if n := len(s.list); n > mostSettings {
			s.list = slices.Delete(s.list, 0, n-mostSettings)
		}
	}
	// It may have been dated just before somebody set the clock.
	return s.list[near(end.UnixMicro()-up)]
}

// Correction is what is known of something that was dated by a setting, now that the clock is right.
type Correction struct {
	By    time.Duration // so much too early
	Exact bool          // false: by another boot, of which nobody can know
	Zero  time.Time     // what that clock showed when the machine was started
	Start time.Time     // when this boot began
}

// Correction says by how much what a setting has dated (Dating) is to be moved. Ask only while the clock can be trusted.
func (a *Archive) Correction(dating string) Correction {
	boot, zero, _ := a.reading()
	c := Correction{Start: time.UnixMicro(zero)}
	i := strings.LastIndexByte(dating, '#')
	was, err := strconv.ParseInt(dating[i+1:], 10, 64)
	if i < 0 || err != nil {
		return c
	}
	c.Zero, c.Exact = time.UnixMicro(was), dating[:i] == boot
	if by := time.Duration(zero-was) * time.Microsecond; c.Exact && by.Abs() > sameSetting {
		c.By = by
	}
	return c
}

// mostSettings bounds what is remembered of a clock that is set all the time.
const mostSettings = 64

// keepSettings stores those of the settings named that are not stored yet. Call kept once the transaction stands.
func (a *Archive) keepSettings(ctx context.Context, tx *store.Tx, ids ...string) (kept func(), err error) {
	s := &a.settings
	s.mu.Lock()
	var fresh []setting
	for _, x := range s.list {
		if !x.stored && slices.Contains(ids, x.id) {
			fresh = append(fresh, x)
		}
	}
	s.mu.Unlock()
	for _, x := range fresh {
		if _, err := tx.ExecContext(ctx, `INSERT INTO clock_settings (id, boot, zero_us, after_us, made)
			SELECT ?, ?, ?, ?, COALESCE(MAX(made), 0) + 1 FROM clock_settings WHERE 1 = 1 ON CONFLICT DO NOTHING`, x.id, x.boot, x.zero, x.after); err != nil {
			return nil, err
		}
	}
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		for i := range s.list {
			if slices.ContainsFunc(fresh, func(x setting) bool { return x.id == s.list[i].id }) {
				s.list[i].stored = true
			}
		}
	}, nil
}

// loadSettings reads those that are stored.
func loadSettings(ctx context.Context, tx *store.Tx) (map[string]setting, error) {
	rows, err := tx.QueryContext(ctx, "SELECT id, boot, zero_us, after_us, made FROM clock_settings")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	all := map[string]setting{}
	for rows.Next() {
		var x setting
		if err := rows.Scan(&x.id, &x.boot, &x.zero, &x.after, &x.made); err != nil {
			return nil, err
		}
		all[x.id] = x
	}
	return all, rows.Err()
}
