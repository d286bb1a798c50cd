package archive

import (
	"context"
	"database/sql"
	"math"
	"slices"
	"strings"
	"time"
)

// Promise is what is promised of a stream, and what of it the disks can keep.
type Promise struct {
	Camera  string  `json:"camera"`
	Stream  Which   `json:"stream"`
	Days    int     `json:"days" doc:"Promised."`
	Fit     int     `json:"fit" doc:"Whole days that fit, when all streams lose their oldest footage first."`
	BitRate float64 `json:"bit_rate" doc:"Bits per second, measured; 0 = not measured yet."`
}

// Estimate compares promises with disks.
type Estimate struct {
	Capacity int64     `json:"capacity" doc:"Bytes of footage that fit on all disks."`
	Held     int64     `json:"held" doc:"Bytes of it that holds keep."`
	Left     int64     `json:"left" doc:"Bytes of it that streams have left which record no more: of cameras that were deleted or switched off."`
	Needed   int64     `json:"needed" doc:"Bytes that the promises need."`
	Fits     bool      `json:"fits"`
	Days     float64   `json:"days" doc:"How far back footage will reach when the disks are full."`
	Streams  []Promise `json:"streams"`
}

// Plan changes a promise before it is made.
type Plan struct {
	Camera  string
	Stream  Which
	Days    int
	BitRate float64 // bits per second, where nothing is measured yet; 0 = as measured
}

const day = 24 * time.Hour

// Promises tell what is promised of a stream.
type Promises struct {
	Retention func(ctx context.Context, camera string, which Which) (days int, err error) // nil: nothing
	Recorded  func(ctx context.Context, camera string, which Which) (bool, error)         // nil: all are recorded
}

// EstimateRetention says how much of what is promised fits, by the bit rates that were measured and the disks that are
// well. Disks fill up to their quota; then the oldest footage of all goes first, whatever stream it is of. A stream that is recorded no more
// needs what it has left, and nothing for the days to come.
func (a *Archive) EstimateRetention(ctx context.Context, by Promises, plans []Plan) (Estimate, error) {
	var e Estimate
	streams, err := a.streams(ctx)
	if err != nil {
		return e, err
	}
	var over []streamKey
	if by.Recorded != nil {
		n := 0
		for _, k := range streams {
			ok, err := by.Recorded(ctx, k.camera, k.which)
			if err != nil {
				return e, err
			}
			if planned := slices.ContainsFunc(plans, func(p Plan) bool { return p.Camera == k.camera && p.Stream == k.which }); ok || planned {
				streams[n] = k
				n++
			} else {
				over = append(over, k)
			}
		}
		streams = streams[:n]
	}
	for _, p := range plans {
		if k := (streamKey{p.Camera, p.Stream}); !contains(streams, k) {
			streams = append(streams, k)
		}
	}
	var counts []DiskID // of which there is room: what lies on a disk that is gone takes none of it
	for _, d := range a.Disks() {
		if d.State == Dead || d.State == ReadOnly {
			continue
		}
		counts = append(counts, d.ID)
		room := d.Used + max(0, d.Free-d.Reserve)
		if d.Quota > 0 {
			room = min(room, d.Quota)
		}
		e.Capacity += room
	}
	for _, k := range over {
		for _, d := range counts {
			var bytes int64
			if err := a.db.QueryRowContext(ctx, "SELECT CAST(COALESCE(SUM(bytes), 0) AS BIGINT) FROM segments WHERE camera = ? AND which = ? AND disk = ?", k.camera, k.which, d).Scan(&bytes); err != nil {
				return e, unreadable(err, "archive.left")
			}
			e.Left += bytes
		}
	}
	for _, k := range streams {
		rate, err := a.bitRate(ctx, k)
		if err != nil {
			return e, err
		}
		p := Promise{Camera: k.camera, Stream: k.which, BitRate: rate}
		i := slices.IndexFunc(plans, func(x Plan) bool { return x.Camera == k.camera && x.Stream == k.which })
		switch {
		case i >= 0:
			p.Days = plans[i].Days
			if plans[i].BitRate > 0 {
				p.BitRate = plans[i].BitRate
			}
		case by.Retention != nil:
			if p.Days, err = by.Retention(ctx, k.camera, k.which); err != nil {
				return e, err
			}
		}
		e.Streams = append(e.Streams, p)
	}
	if e.Held, err = a.heldBytes(ctx, over, counts); err != nil {
		return e, err
	}
	e.settle()
	slices.SortFunc(e.Streams, func(x, y Promise) int {
		return strings.Compare(x.Camera+"/"+string(x.Stream), y.Camera+"/"+string(y.Stream))
	})
	return e, nil
}

// settle finds how many days back all streams can reach together.
func (e *Estimate) settle() {
	need := func(days float64) float64 {
		var sum float64
		for _, s := range e.Streams {
			sum += s.BitRate / 8 * math.Min(float64(s.Days), days) * day.Seconds()
		}
		return sum
	}
	most := 0.0
	for _, s := range e.Streams {
		most = math.Max(most, float64(s.Days))
	}
	room := float64(max(0, e.Capacity-e.Held-e.Left))
	e.Needed = int64(need(most))
	e.Fits = need(most) <= room
	e.Days = most
	if !e.Fits {
		lo, hi := 0.0, most
		for range 50 {
			if mid := (lo + hi) / 2; need(mid) <= room {
				lo = mid
			} else {
				hi = mid
			}
		}
		e.Days = lo
	}
	for i := range e.Streams {
		e.Streams[i].Fit = int(math.Min(float64(e.Streams[i].Days), e.Days+1e-6))
	}
}

// bitRate is what a stream was measured to need: by what this process wrote, else by its last day.
func (a *Archive) bitRate(ctx context.Context, k streamKey) (float64, error) {
	a.mu.RLock()
	perSecond := a.rates[k].perSecond()
	a.mu.RUnlock()
	if perSecond > 0 {
		return perSecond * 8, nil
	}
	var last sql.NullInt64
	if err := a.db.QueryRowContext(ctx, "SELECT MAX(start_us) FROM segments WHERE camera = ? AND which = ?", k.camera, k.which).Scan(&last); err != nil {
		return 0, unreadable(err, "archive.rate")
	}
	if !last.Valid {
		return 0, nil
	}
	var bytes, us sql.NullInt64
	err := a.db.QueryRowContext(ctx, `SELECT CAST(SUM(bytes) AS BIGINT), CAST(SUM(end_us - start_us) AS BIGINT) FROM segments
		WHERE camera = ? AND which = ? AND start_us > ?`, k.camera, k.which, last.Int64-day.Microseconds()).Scan(&bytes, &us)
	if err != nil {
		return 0, unreadable(err, "archive.rate")
	}
	if us.Int64 < 1_000_000 {
		return 0, nil
	}
	return float64(bytes.Int64) * 8 / (float64(us.Int64) / 1e6), nil
}

// heldBytes is what standing holds keep on these disks, but for some streams.
func (a *Archive) heldBytes(ctx context.Context, without []streamKey, on []DiskID) (int64, error) {
	holds, err := a.ListHolds(ctx, HoldFilter{})
	if err != nil {
		return 0, err
	}
	seen := map[SegmentID]bool{}
	var sum int64
	for _, h := range holds {
		for _, w := range []Which{Main, Sub} {
			if h.Stream != "" && h.Stream != w || contains(without, streamKey{h.Camera, w}) {
				continue
			}
			rows, err := a.db.QueryContext(ctx, "SELECT s.id, s.bytes, s.disk FROM segments s WHERE "+overlapping, a.overlapArgs(h.Camera, w, h.From, h.To)...)
			if err != nil {
				return 0, unreadable(err, "archive.held")
			}
			for rows.Next() {
				var id SegmentID
				var bytes int64
				var disk DiskID
				if err := rows.Scan(&id, &bytes, &disk); err != nil {
					rows.Close()
					return 0, unreadable(err, "archive.held")
				}
				if !seen[id] && slices.Contains(on, disk) {
					seen[id] = true
					sum += bytes
				}
			}
			if err := rows.Close(); err != nil {
				return 0, err
			}
		}
	}
	return sum, nil
}
