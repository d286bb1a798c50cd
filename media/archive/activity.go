package archive

import (
	"context"
	"time"

	"linli.dev/linli/fault"
	"linli.dev/linli/store"
)

// MaxSteps bounds an activity strip.
const MaxSteps = 5000

// fineSpan is how much footage is looked at fragment by fragment. A wider strip spreads each segment's bytes evenly.
const fineSpan = 26 * time.Hour

// Activity sums the bytes of fragments per step. A still camera sends little and a moving picture much, so the strip shows
// where something moved, without a picture being decoded.
func (a *Archive) Activity(ctx context.Context, camera string, which Which, from, to time.Time, step time.Duration) ([]Step, error) {
	const op = "archive.activity"
	if step < time.Second || !to.After(from) {
		return nil, fault.New(fault.Invalid, op, "archive.bad-span")
	}
	n := int((to.Sub(from) + step - 1) / step)
	if n > MaxSteps {
		return nil, fault.New(fault.TooLarge, op, "archive.too-many-steps", "most", MaxSteps)
	}
	steps := make([]Step, n)
	for i := range steps {
		steps[i].Start = from.Add(time.Duration(i) * step).UTC()
	}
	live := a.openOf(camera, which, from, to)
	seen, err := a.activityClosed(ctx, camera, which, from, to, step, steps)
	if err != nil {
		return nil, err
	}
	for _, o := range live {
		if !seen[o.ID] {
			spreadEntries(steps, from, step, o.live)
		}
	}
	return steps, nil
}

func (a *Archive) activityClosed(ctx context.Context, camera string, which Which, from, to time.Time, step time.Duration, steps []Step) (map[SegmentID]bool, error) {
	const op = "archive.activity"
	fine := step < 10*time.Minute && to.Sub(from) <= fineSpan
	query := "SELECT s.id, s.start_us, s.end_us, s.bytes FROM segments s WHERE " + overlapping
	if fine {
		query = "SELECT s.id, s.start_us, s.end_us, s.bytes, i.fragments FROM segments s JOIN segment_indexes i ON i.segment = s.id WHERE " + overlapping
	}
	rows, err := a.db.QueryContext(ctx, query, a.overlapArgs(camera, which, from, to)...)
	if err != nil {
		return nil, unreadable(err, op)
	}
	defer rows.Close()
	seen := map[SegmentID]bool{}
	var entries []Entry
	for rows.Next() {
		var id SegmentID
		var start, end, bytes int64
		var frags []byte
		into := []any{&id, &start, &end, &bytes}
		if fine {
			into = append(into, &frags)
		}
		if err := rows.Scan(into...); err != nil {
			return nil, unreadable(err, op)
		}
		seen[id] = true
		if !fine {
			spread(steps, from, step, store.Time(start), store.Time(end), bytes)
			continue
		}
		if entries, err = parseIndex(frags, nil, store.Time(start), entries[:0]); err != nil {
			return nil, unreadable(err, op)
		}
		spreadEntries(steps, from, step, entries)
	}
	return seen, rows.Err()
}

func spreadEntries(steps []Step, from time.Time, step time.Duration, entries []Entry) {
	for _, e := range entries {
		spread(steps, from, step, e.Start, e.End(), int64(e.Size))
	}
}

// spread shares bytes out over the steps that begin–end touches.
func spread(steps []Step, from time.Time, step time.Duration, begin, end time.Time, bytes int64) {
	total := end.Sub(begin)
	if total <= 0 {
		total, end = 1, begin.Add(1)
	}
	i := int(begin.Sub(from) / step)
	if begin.Before(from) {
		i = 0
	}
	for ; i < len(steps) && steps[i].Start.Before(end); i++ {
		lo, hi := steps[i].Start, steps[i].Start.Add(step)
		if begin.After(lo) {
			lo = begin
		}
		if end.Before(hi) {
			hi = end
		}
		if d := hi.Sub(lo); d > 0 {
			steps[i].Bytes += int64(float64(bytes) * float64(d) / float64(total))
		}
	}
}
