package archive

import (
	"cmp"
	"context"
	"database/sql"
	"slices"
	"strings"
	"time"

	"linli.dev/linli/fault"
	"linli.dev/linli/store"
)

// MaxSegment bounds a segment's length: a query for a moment need not look further back than this, unless one has grown longer because
// the database was away and no other could be begun. See lookBack.
const MaxSegment = time.Hour

// lookBack is how long a segment can be, in µs.
func (a *Archive) lookBack() int64 { return max(a.longest.Load(), MaxSegment.Microseconds()) }

// keepLongest remembers that a segment is longer than was planned. Call it before its row is to be found.
func (a *Archive) keepLongest(ctx context.Context, tx *store.Tx, rows []row) error {
	longest := a.lookBack()
	for _, r := range rows {
		if len(r.entries) > 0 {
			longest = max(longest, store.Micros(r.end())-store.Micros(r.entries[0].Start))
		}
	}
	if longest <= a.lookBack() {
		return nil
	}
	if err := putMark(ctx, tx, markLongest, longest); err != nil {
		return err
	}
	a.longest.Store(longest) // even if the transaction fails: then it is only looked further back than need be
	return nil
}

const segmentColumns = `s.id, s.camera, s.which, s.disk, s.path, s.run, s.start_us, s.end_us, s.bytes, s.init_size, s.fragments, s.tracks, s.unconfirmed`

// overlapping is the condition for segments that have footage between two times, answered by the index segments_time.
const overlapping = `s.camera = ? AND s.which = ? AND s.start_us > ? AND s.start_us < ? AND s.end_us > ?`

func (a *Archive) overlapArgs(camera string, which Which, from, to time.Time) []any {
	f, t := from.UnixMicro(), to.UnixMicro()
	return []any{camera, which, f - a.lookBack(), t, f}
}

func unreadable(err error, op string) error {
	return fault.Wrap(err, fault.KindOf(err), op, "archive.index-unreadable")
}

func (a *Archive) scanSegments(ctx context.Context, rows *sql.Rows) ([]SegmentInfo, error) {
	const op = "archive.segments"
	defer rows.Close()
	var list []SegmentInfo
	var sets []string
	for rows.Next() {
		s := SegmentInfo{archive: a}
		var start, end int64
		var set string
		if err := rows.Scan(&s.ID, &s.Camera, &s.Which, &s.Disk, &s.Path, &s.Run, &start, &end, &s.Bytes, &s.InitSize,
			&s.Fragments, &set, &s.Unconfirmed); err != nil {
			return nil, unreadable(err, op)
		}
		s.Start, s.End = store.Time(start), store.Time(end)
		list, sets = append(list, s), append(sets, set)
	}
	if err := rows.Err(); err != nil {
		return nil, unreadable(err, op)
	}
	rows.Close()
	for i := range list { // after the rows: a second query must not wait for the first's connection
		tracks, err := a.tracksOf(ctx, sets[i])
		if err != nil {
			return nil, err
		}
		list[i].Tracks = tracks
	}
	return list, nil
}

// openInfo is an open segment as a reader sees it; call with mu held.
func (a *Archive) openInfo(o *openSegment) SegmentInfo {
	s := SegmentInfo{
		ID: o.ID, Camera: o.Camera, Which: o.Which, Disk: o.Disk, Path: o.Path, Run: o.Run, Start: o.Start, End: o.Start,
		Bytes: o.end(), InitSize: int64(len(o.Init)), Fragments: len(o.entries), Tracks: o.Tracks,
		Unconfirmed: o.Unconfirmed, Open: true, archive: a, live: o.entries[:len(o.entries):len(o.entries)], head: o.Init,
	}
	if n := len(o.entries); n > 0 {
		s.End = o.entries[n-1].End()
	}
	return s
}

// openOf lists a stream's open segments that have footage between from and to.
func (a *Archive) openOf(camera string, which Which, from, to time.Time) []SegmentInfo {
	a.mu.RLock()
	defer a.mu.RUnlock()
	var list []SegmentInfo
	for _, o := range a.stream[streamKey{camera, which}] {
		if s := a.openInfo(o); s.Fragments > 0 && s.Start.Before(to) && s.End.After(from) {
			list = append(list, s)
		}
	}
	return list
}

// Segments lists those that overlap from–to, in order, with the ones that are still open.
func (a *Archive) Segments(ctx context.Context, camera string, which Which, from, to time.Time) ([]SegmentInfo, error) {
	live := a.openOf(camera, which, from, to) // first: one that closes in between is then seen twice, not never
	rows, err := a.db.QueryContext(ctx, "SELECT "+segmentColumns+" FROM segments s WHERE "+overlapping+" ORDER BY s.start_us",
		a.overlapArgs(camera, which, from, to)...)
	if err != nil {
		return nil, unreadable(err, "archive.segments")
	}
	list, err := a.scanSegments(ctx, rows)
	if err != nil {
		return nil, err
	}
	return merge(list, live), nil
}

func merge(closed, live []SegmentInfo) []SegmentInfo {
	for _, o := range live {
		if !slices.ContainsFunc(closed, func(s SegmentInfo) bool { return s.ID == o.ID }) {
			closed = append(closed, o)
		}
	}
	if len(live) > 0 {
		slices.SortStableFunc(closed, func(x, y SegmentInfo) int { return x.Start.Compare(y.Start) })
	}
	return closed
}

// At finds the segment that holds a moment, and the fragment in it; or, where nothing was recorded then, the first one
// after it. fault.NotFound when there is none.
func (a *Archive) At(ctx context.Context, camera string, which Which, at time.Time) (SegmentInfo, int, error) {
	const op = "archive.at"
	live := a.openOf(camera, which, at, at.Add(MaxSegment))
	us := at.UnixMicro()
	var list []SegmentInfo
	for _, q := range []struct {
		where string
		args  []any
	}{
		{"s.start_us > ? AND s.start_us <= ? AND s.end_us > ? ORDER BY s.start_us DESC LIMIT 1", []any{us - a.lookBack(), us, us}},
		{"s.start_us > ? ORDER BY s.start_us LIMIT 1", []any{us}},
	} {
		rows, err := a.db.QueryContext(ctx, "SELECT "+segmentColumns+" FROM segments s WHERE s.camera = ? AND s.which = ? AND "+q.where,
			append([]any{camera, which}, q.args...)...)
		if err != nil {
			return SegmentInfo{}, 0, unreadable(err, op)
		}
		if list, err = a.scanSegments(ctx, rows); err != nil {
			return SegmentInfo{}, 0, err
		}
		if len(list) > 0 {
			break
		}
	}
	list = merge(list, live)
	if len(list) == 0 {
		list = a.openOf(camera, which, at, time.UnixMicro(1<<62)) // one that begins later
	}
	if len(list) == 0 {
		return SegmentInfo{}, 0, fault.New(fault.NotFound, op, "archive.no-footage")
	}
	best := list[0]
	for _, s := range list[1:] {
		if !s.Start.After(at) && s.End.After(at) || best.Start.After(at) && s.Start.Before(best.Start) {
			best = s
		}
	}
	entries, err := best.Entries(ctx)
	if err != nil {
		return best, 0, err
	}
	i, _ := slices.BinarySearchFunc(entries, at, func(e Entry, t time.Time) int {
		if e.End().After(t) {
			return 1
		}
		return -1
	})
	return best, min(i, len(entries)-1), nil
}

// Spans lists the footage of a stream between from and to, gapless runs merged.
func (a *Archive) Spans(ctx context.Context, camera string, which Which, from, to time.Time) ([]Span, error) {
	live := a.openOf(camera, which, from, to)
	closed, err := a.extents.of(ctx, streamKey{camera, which}, a.loadSpans)
	if err != nil {
		return nil, err
	}
	// They are in the order in which they begin; one may end before another that began earlier, so all of them are looked at.
	end, _ := slices.BinarySearchFunc(closed, to, func(s Span, t time.Time) int { return s.From.Compare(t) })
	var spans []Span
	for _, s := range closed[:end] {
		if s.To.After(from) {
			spans = append(spans, s)
		}
	}
	for _, o := range live {
		spans = append(spans, Span{From: o.Start, To: o.End, Run: o.Run, Bytes: o.Bytes, Unconfirmed: o.Unconfirmed, Codecs: codecs(o.Tracks)})
	}
	return cut(join(spans), from, to), nil
}

// loadSpans reads all closed footage of a stream from the index of the table alone, summed up there by runs.
func (a *Archive) loadSpans(ctx context.Context, k streamKey) ([]Span, error) {
	const op = "archive.spans"
	rows, err := a.db.QueryContext(ctx, `SELECT s.run, MIN(s.start_us), MAX(s.end_us), CAST(SUM(s.end_us - s.start_us) AS BIGINT), CAST(SUM(s.bytes) AS BIGINT),
		COUNT(*), MIN(s.tracks), MAX(CASE WHEN s.unconfirmed THEN 1 ELSE 0 END) FROM segments s WHERE s.camera = ? AND s.which = ? GROUP BY s.run ORDER BY 2`,
		k.camera, k.which)
	if err != nil {
		return nil, unreadable(err, op)
	}
	defer rows.Close()
	type runSum struct {
		run, start, end, covered, bytes, count int64
		set                                    string
		unconfirmed                            int
	}
	var sums []runSum
	for rows.Next() {
		var r runSum
		if err := rows.Scan(&r.run, &r.start, &r.end, &r.covered, &r.bytes, &r.count, &r.set, &r.unconfirmed); err != nil {
			return nil, unreadable(err, op)
		}
		sums = append(sums, r)
	}
	if err := rows.Err(); err != nil {
		return nil, unreadable(err, op)
	}
	rows.Close()
	var spans []Span
	for _, r := range sums {
		tracks, err := a.tracksOf(ctx, r.set)
		if err != nil {
			return nil, err
		}
		s := Span{From: store.Time(r.start), To: store.Time(r.end), Run: r.run, Bytes: r.bytes, Unconfirmed: r.unconfirmed != 0, Codecs: codecs(tracks)}
		// A run has holes where old segments went and held ones stayed, or where a check took a damaged one out.
		if hole := r.end - r.start - r.covered; hole > holeTolerance.Microseconds()*r.count {
			parts, err := a.runParts(ctx, k, s)
			if err != nil {
				return nil, err
			}
			spans = append(spans, parts...)
			continue
		}
		spans = append(spans, s)
	}
	return join(spans), nil
}

// holeTolerance is how far two segments of a run may be apart by slewing and rounding without a gap being shown.
const holeTolerance = 300 * time.Millisecond

func (a *Archive) runParts(ctx context.Context, k streamKey, whole Span) ([]Span, error) {
	const op = "archive.spans"
	rows, err := a.db.QueryContext(ctx, "SELECT s.start_us, s.end_us, s.bytes FROM segments s WHERE s.camera = ? AND s.which = ? AND s.run = ? ORDER BY s.start_us",
		k.camera, k.which, whole.Run)
	if err != nil {
		return nil, unreadable(err, op)
	}
	defer rows.Close()
	var spans []Span
	for rows.Next() {
		var start, end int64
		s := whole
		if err := rows.Scan(&start, &end, &s.Bytes); err != nil {
			return nil, unreadable(err, op)
		}
		s.From, s.To = store.Time(start), store.Time(end)
		spans = append(spans, s)
	}
	return join(spans), rows.Err()
}

// join makes one span of those of a run that touch. Spans of different runs stay apart even where they touch.
func join(spans []Span) []Span {
	slices.SortStableFunc(spans, func(x, y Span) int { return x.From.Compare(y.From) })
	var out []Span
	for _, s := range spans {
		if n := len(out); n > 0 && out[n-1].Run == s.Run && s.From.Sub(out[n-1].To) <= holeTolerance {
			last := &out[n-1]
			last.Bytes += s.Bytes
			last.Unconfirmed = last.Unconfirmed || s.Unconfirmed
			if s.To.After(last.To) {
				last.To = s.To
			}
			continue
		}
		out = append(out, s)
	}
	return out
}

func cut(spans []Span, from, to time.Time) []Span {
	out := spans[:0]
	for _, s := range spans {
		whole := s.To.Sub(s.From)
		if s.From.Before(from) {
			s.From = from.UTC()
		}
		if s.To.After(to) {
			s.To = to.UTC()
		}
		if d := s.To.Sub(s.From); d > 0 {
			if d < whole { // its bytes are shared out evenly
				s.Bytes = int64(float64(s.Bytes) * float64(d) / float64(whole))
			}
			out = append(out, s)
		}
	}
	return out
}

// Gaps lists what is missing between from and to; the future is not missing.
func (a *Archive) Gaps(ctx context.Context, camera string, which Which, from, to time.Time) ([]Gap, error) {
	spans, err := a.Spans(ctx, camera, which, from, to)
	if err != nil {
		return nil, err
	}
	return a.gapsBetween(ctx, camera, which, spans, from, to)
}

func (a *Archive) gapsBetween(ctx context.Context, camera string, which Which, spans []Span, from, to time.Time) ([]Gap, error) {
	if now := a.now(); to.After(now) {
		to = now
	}
	var gaps []Gap
	at := from.UTC()
	for _, s := range spans {
		if s.From.Sub(at) > holeTolerance {
			gaps = append(gaps, Gap{From: at, To: s.From})
		}
		if s.To.After(at) {
			at = s.To
		}
	}
	// The newest fragment is always some seconds old: that is no gap.
	if to.Sub(at) > freshness {
		gaps = append(gaps, Gap{From: at, To: to.UTC()})
	}
	return gaps, a.explainGaps(ctx, camera, which, gaps)
}

const freshness = 15 * time.Second

// GapNote says why footage of a stream ends at a moment.
type GapNote struct {
	Camera string
	Which  Which
	From   time.Time
	Reason string // a code of the message file
	Lost   int    // fragments that were received and could not be written, beside those that were told of before
	Boot   string // Dating of what ends there, where its date is in doubt
}

// AddGap writes down why footage ends at some moments, and how many fragments were lost.
func (a *Archive) AddGap(ctx context.Context, list ...GapNote) error {
	boots := make([]string, len(list))
	for i, g := range list {
		boots[i] = g.Boot
	}
	var kept func()
	err := a.db.Change(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
		if kept, err = a.keepSettings(ctx, tx, boots...); err != nil { // there may be no footage by it
			return err
		}
		for _, g := range list {
			if err := putGap(ctx, tx, g); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fault.Wrap(err, fault.KindOf(err), "archive.gap", "archive.not-stored")
	}
	kept()
	if slices.ContainsFunc(list, func(g GapNote) bool { return g.Boot != "" }) {
		a.doubts.Store(true)
	}
	return nil
}

func putGap(ctx context.Context, tx *store.Tx, g GapNote) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO footage_gaps (camera, which, from_us, reason, lost, boot) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT (camera, which, from_us) DO UPDATE SET reason = excluded.reason, lost = footage_gaps.lost + excluded.lost`,
		g.Camera, g.Which, store.Micros(g.From), g.Reason, g.Lost, g.Boot)
	return err
}

func (a *Archive) explainGaps(ctx context.Context, camera string, which Which, gaps []Gap) error {
	if len(gaps) == 0 {
		return nil
	}
	const slack = 3 * time.Second
	rows, err := a.db.QueryContext(ctx, `SELECT from_us, reason, lost FROM footage_gaps
		WHERE camera = ? AND which = ? AND from_us >= ? AND from_us <= ? ORDER BY from_us`,
		camera, which, gaps[0].From.Add(-slack).UnixMicro(), gaps[len(gaps)-1].To.UnixMicro())
	if err != nil {
		return unreadable(err, "archive.gaps")
	}
	defer rows.Close()
	for rows.Next() {
		var us int64
		var reason string
		var lost int
		if err := rows.Scan(&us, &reason, &lost); err != nil {
			return unreadable(err, "archive.gaps")
		}
		at := store.Time(us)
		i, _ := slices.BinarySearchFunc(gaps, at, func(g Gap, t time.Time) int { return cmp.Or(g.To.Compare(t), -1) })
		if i < len(gaps) && !at.Before(gaps[i].From.Add(-slack)) {
			gaps[i].Lost += lost
			if gaps[i].Reason == "" {
				gaps[i].Reason = reason
			}
		}
	}
	return rows.Err()
}

// Days lists the calendar days on which a stream has footage, in the given zone.
func (a *Archive) Days(ctx context.Context, camera string, which Which, zone *time.Location) ([]Day, error) {
	spans, err := a.Spans(ctx, camera, which, time.UnixMicro(0), a.now().AddDate(1, 0, 0))
	if err != nil {
		return nil, err
	}
	var days []Day
	var seen time.Time // up to here it was counted: two spans may lie in each other
	for _, s := range spans {
		for at := s.From; at.Before(s.To); {
			y, m, d := at.In(zone).Date()
			end := time.Date(y, m, d+1, 0, 0, 0, 0, zone)
			if end.After(s.To) {
				end = s.To
			}
			date := at.In(zone).Format(time.DateOnly)
			i, found := slices.BinarySearchFunc(days, date, func(d Day, date string) int { return strings.Compare(d.Date, date) })
			if !found {
				days = slices.Insert(days, i, Day{Date: date})
			}
			if fresh := end.Sub(latest(at, seen)); fresh > 0 {
				days[i].Seconds += int64(fresh.Seconds())
			}
			days[i].Bytes += int64(float64(s.Bytes) * float64(end.Sub(at)) / float64(s.To.Sub(s.From)))
			at = end
		}
		seen = latest(seen, s.To)
	}
	return days, nil
}

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
