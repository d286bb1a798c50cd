package archive

import (
	"context"
	"encoding/hex"
	"slices"
	"time"

	"linli.dev/linli/api"
	"linli.dev/linli/fault"
	"linli.dev/linli/store"
)

type disksOutput struct {
	Body struct {
		Disks        []DiskInfo `json:"disks"`
		PurgeStopped bool       `json:"purge_stopped" doc:"Nothing is deleted, because the clock jumped."`
		ClockJump    float64    `json:"clock_jump" doc:"Seconds by which it jumped."`
		Clock        ClockState `json:"clock"`
	}
}

func (m *Room) disks(ctx context.Context, _ *struct{}) (*disksOutput, error) {
	out := &disksOutput{}
	out.Body.Disks = m.a.Disks()
	for i := range out.Body.Disks {
		if d := &out.Body.Disks[i]; d.Reason != "" {
			d.Sentence = api.Say(ctx, d.Reason, "path", d.Path)
		}
	}
	out.Body.Clock = m.a.Clock()
	if r := out.Body.Clock.Reason; r != "" {
		out.Body.Clock.Sentence = api.Say(ctx, r, "now", m.a.now().In(m.o.Zone).Format("2006-01-02 15:04"))
	}
	if m.o.Purger != nil {
		stopped, jump := m.o.Purger.Stopped()
		out.Body.PurgeStopped, out.Body.ClockJump = stopped, jump.Seconds()
	}
	return out, nil
}

type checksOutput struct {
	Body struct {
		Checks      []CheckInfo       `json:"checks" doc:"One per disk that a check has begun on."`
		Differences []FoundDifference `json:"differences" doc:"Those that stand, the latest first, 500 at most."`
	}
}

const mostDifferences = 500

func (m *Room) checks(ctx context.Context, _ *struct{}) (*checksOutput, error) {
	out := &checksOutput{}
	out.Body.Checks = []CheckInfo{}
	if m.o.Checker != nil {
		out.Body.Checks = m.o.Checker.Checks()
	}
	var err error
	out.Body.Differences, err = m.a.Differences(ctx, mostDifferences)
	voice := api.VoiceOf(ctx)
	for i := range out.Body.Differences {
		out.Body.Differences[i].say(voice, m.o.Zone)
	}
	return out, err
}

func (m *Room) forgetDisk(ctx context.Context, in *idInput) (*struct{}, error) {
	return nil, m.a.ForgetDisk(ctx, DiskID(in.ID))
}

type estimateInput struct {
	Camera      string  `query:"camera" maxLength:"64"`
	MainDays    int     `query:"main_days" minimum:"0" maximum:"3650"`
	SubDays     int     `query:"sub_days" minimum:"0" maximum:"3650"`
	MainBitRate float64 `query:"main_bit_rate" minimum:"0" doc:"Bits per second, where nothing is measured yet."`
	SubBitRate  float64 `query:"sub_bit_rate" minimum:"0"`
}

type estimateOutput struct{ Body Estimate }

func (m *Room) estimate(ctx context.Context, in *estimateInput) (*estimateOutput, error) {
	var plans []Plan
	if in.Camera != "" {
		if in.MainDays > 0 || in.MainBitRate > 0 {
			plans = append(plans, Plan{in.Camera, Main, in.MainDays, in.MainBitRate})
		}
		if in.SubDays > 0 || in.SubBitRate > 0 {
			plans = append(plans, Plan{in.Camera, Sub, in.SubDays, in.SubBitRate})
		}
	}
	e, err := m.a.EstimateRetention(ctx, Promises{m.o.Retention, m.o.Recorded}, plans)
	if err != nil {
		return nil, err
	}
	return &estimateOutput{e}, nil
}

func (m *Room) resume(ctx context.Context, _ *struct{}) (*struct{}, error) {
	if m.o.Purger == nil {
		return nil, fault.New(fault.Conflict, "archive.purge", "archive.purge-not-stopped")
	}
	return nil, m.o.Purger.Resume(ctx, api.CallerFrom(ctx).Account)
}

type purgesInput struct {
	Camera string `query:"camera" maxLength:"64"`
	SpanInput
}

type wirePurge struct {
	At  time.Time `json:"at"`
	Why string    `json:"why" enum:"retention,quota,space,lost"`
	Purge
}

type purgesOutput struct {
	Body struct {
		Purges []wirePurge `json:"purges"`
	}
}

func (m *Room) purges(ctx context.Context, in *purgesInput) (*purgesOutput, error) {
	from, to, err := in.span(m.a.now())
	if err != nil {
		return nil, err
	}
	query := "SELECT at_us, why, camera, which, from_us, to_us, seconds, segments, fragments, bytes, root FROM purges WHERE at_us >= ? AND at_us <= ?"
	args := []any{store.Micros(from), store.Micros(to)}
	if in.Camera != "" {
		query, args = query+" AND camera = ?", append(args, in.Camera)
	}
	rows, err := m.a.db.QueryContext(ctx, query+" ORDER BY at_us DESC LIMIT 1000", args...)
	if err != nil {
		return nil, unreadable(err, "archive.purges")
	}
	defer rows.Close()
	out := &purgesOutput{}
	out.Body.Purges = []wirePurge{}
	for rows.Next() {
		var p wirePurge
		var at, from, to int64
		var root []byte
		if err := rows.Scan(&at, &p.Why, &p.Camera, &p.Stream, &from, &to, &p.Seconds, &p.Segments, &p.Fragments, &p.Bytes, &root); err != nil {
			return nil, unreadable(err, "archive.purges")
		}
		p.At, p.From, p.To, p.Root = store.Time(at), store.Time(from), store.Time(to), hex.EncodeToString(root)
		out.Body.Purges = append(out.Body.Purges, p)
	}
	return out, rows.Err()
}

type rootsInput struct {
	Camera string `query:"camera" required:"true" maxLength:"64"`
	SpanInput
}

type wireRoot struct {
	Hour      time.Time `json:"hour"`
	Camera    string    `json:"camera"`
	Stream    Which     `json:"stream"`
	Fragments int64     `json:"fragments"`
	Bytes     int64     `json:"bytes"`
	Root      string    `json:"root" doc:"Merkle tree hash (RFC 6962) over the SHA-256 of the hour's fragments, in order."`
}

type rootsOutput struct {
	Body struct {
		Roots []wireRoot `json:"roots"`
	}
}

func (m *Room) roots(ctx context.Context, in *rootsInput) (*rootsOutput, error) {
	from, to, err := in.span(m.a.now())
	if err != nil {
		return nil, err
	}
	rows, err := m.a.db.QueryContext(ctx, `SELECT hour_us, camera, which, fragments, bytes, root FROM footage_roots
		WHERE camera = ? AND hour_us >= ? AND hour_us < ? ORDER BY hour_us, which LIMIT 5000`, in.Camera, store.Micros(from), store.Micros(to))
	if err != nil {
		return nil, unreadable(err, "archive.roots")
	}
	defer rows.Close()
	out := &rootsOutput{}
	out.Body.Roots = []wireRoot{}
	for rows.Next() {
		var r wireRoot
		var hour int64
		var root []byte
		if err := rows.Scan(&hour, &r.Camera, &r.Stream, &r.Fragments, &r.Bytes, &root); err != nil {
			return nil, unreadable(err, "archive.roots")
		}
		r.Hour, r.Root = store.Time(hour), hex.EncodeToString(root)
		out.Body.Roots = append(out.Body.Roots, r)
	}
	return out, rows.Err()
}

func sortSpans(spans []wireSpan) {
	slices.SortFunc(spans, func(x, y wireSpan) int { return x.From.Compare(y.From) })
}

// union covers what either covers; both are in order.
func union(a, b []Span) []Span {
	all := slices.Concat(a, b)
	slices.SortFunc(all, func(x, y Span) int { return x.From.Compare(y.From) })
	var out []Span
	for _, s := range all {
		if n := len(out); n > 0 && !s.From.After(out[n-1].To) {
			if s.To.After(out[n-1].To) {
				out[n-1].To = s.To
			}
			continue
		}
		out = append(out, Span{From: s.From, To: s.To})
	}
	return out
}

// without cuts out of spans what covered covers; covered is a union.
func without(spans, covered []Span) []Span {
	var out []Span
	for _, s := range spans {
		for _, c := range covered {
			if !c.To.After(s.From) || !c.From.Before(s.To) {
				continue
			}
			if c.From.Sub(s.From) > holeTolerance {
				part := s
				part.To = c.From
				out = append(out, part)
			}
			s.From = c.To
		}
		if s.To.Sub(s.From) > holeTolerance || len(covered) == 0 {
			out = append(out, s)
		}
	}
	return out
}
