package camera

import (
	"context"
	"slices"
	"time"

	"linli.dev/linli/fault"
	"linli.dev/linli/store"
)

// Availability is how a stretch of time was spent, in whole seconds. Measured
// is the time in which the camera was meant to work and somebody looked:
// without the time before it was registered, while it was disabled, and while
// this server did not run.
type Availability struct {
	From     time.Time `json:"from"`
	To       time.Time `json:"to"`
	Measured int64     `json:"measured_seconds"`
	Out      int64     `json:"out_seconds" doc:"No usable picture"`
	Part     int64     `json:"part_seconds" doc:"One of two streams missing"`
	Disabled int64     `json:"disabled_seconds"`
	Unknown  int64     `json:"unknown_seconds" doc:"This server did not run"`
	Outages  int       `json:"outages"`
	// Share is 1 − out / measured; left out when nothing was measured.
	Share *float64 `json:"share,omitempty"`
}

// span is [from, to) in microseconds.
type span struct{ from, to int64 }

// Availability cuts from–to at days or months of the zone and accounts for
// each piece. Where spans overlap, not looking comes before disabled, and
// disabled before out.
func (s *Service) Availability(ctx context.Context, id ID, from, to time.Time, by string) ([]Availability, error) {
	const op = "camera.Availability"
	row := new(cameraRow)
	if err := s.db.NewSelect().Model(row).Where("id = ?", id).Scan(ctx); err != nil {
		return nil, fault.New(fault.NotFound, op, "camera.no-camera")
	}
	if !from.Before(to) || to.Sub(from) > keepOutages {
		return nil, fault.New(fault.Invalid, op, "camera.span", "days", int(keepOutages/(24*time.Hour)))
	}
	nowUS := store.Micros(s.clock.measured())
	outages, err := s.outageRows(ctx, id, from, to)
	if err != nil {
		return nil, err
	}
	var pauses []pauseRow
	if err := s.db.NewSelect().Model(&pauses).Where("camera = ?", id).Where("from_us < ?", store.Micros(to)).
		Where("(until_us = 0 OR until_us > ?)", store.Micros(from)).Scan(ctx); err != nil {
		return nil, dbError(op, err)
	}
	var blanks []blankRow
	if err := s.db.NewSelect().Model(&blanks).Where("until_us > ?", store.Micros(from)).Where("from_us < ?", store.Micros(to)).Scan(ctx); err != nil {
		return nil, dbError(op, err)
	}
	end := func(us int64) int64 {
		if us == 0 {
			return nowUS
		}
		return us
	}
	var out, part, paused, blank []span
	starts := []int64{}
	for _, o := range outages {
		if o.Part {
			part = append(part, span{o.FromUS, end(o.UntilUS)})
		} else {
			out = append(out, span{o.FromUS, end(o.UntilUS)})
			starts = append(starts, o.FromUS)
		}
	}
	for _, p := range pauses {
		paused = append(paused, span{p.FromUS, end(p.UntilUS)})
	}
	for _, b := range blanks {
		blank = append(blank, span{b.FromUS, b.UntilUS})
	}
	life := span{row.CreatedUS, end(row.DeletedUS)}
	life.to = min(life.to, nowUS)

	var list []Availability
	for a := from; a.Before(to); {
		b := nextCut(a.In(s.o.Zone), by)
		if b.After(to) {
			b = to
		}
		list = append(list, account(a, b, life, blank, paused, out, part, starts))
		a = b
	}
	return list, nil
}

// registered tells when a camera came into the register, also of one that has left it.
func (s *Service) registered(ctx context.Context, id ID) (time.Time, error) {
	var us int64
	err := s.db.NewSelect().Model((*cameraRow)(nil)).Column("created_us").Where("id = ?", id).Scan(ctx, &us)
	return store.Time(us), dbError("camera.Availability", err)
}

func nextCut(t time.Time, by string) time.Time {
	y, m, d := t.Date()
	if by == "month" {
		return time.Date(y, m+1, 1, 0, 0, 0, 0, t.Location())
	}
	return time.Date(y, m, d+1, 0, 0, 0, 0, t.Location())
}

func account(a, b time.Time, life span, blank, paused, out, part []span, starts []int64) Availability {
	w := span{max(store.Micros(a), life.from), min(store.Micros(b), life.to)}
	v := Availability{From: a, To: b}
	if w.from >= w.to {
		return v
	}
	all := []span{w}
	unknown := cut(merge(blank), all)
	rest := minus(all, unknown)
	disabled := cut(merge(paused), rest)
	rest = minus(rest, disabled)
	lost := cut(merge(out), rest)
	missing := cut(merge(part), minus(rest, lost))
	v.Unknown, v.Disabled, v.Measured = seconds(unknown), seconds(disabled), seconds(rest)
	v.Out, v.Part = seconds(lost), seconds(missing)
	for _, s := range starts {
		if s >= w.from && s < w.to {
			v.Outages++
		}
	}
	if total := length(rest); total > 0 {
		share := 1 - float64(length(lost))/float64(total)
		v.Share = &share
	}
	return v
}

// merge sorts spans and joins those that touch.
func merge(in []span) []span {
	in = slices.Clone(in)
	slices.SortFunc(in, func(a, b span) int { return int(min(max(a.from-b.from, -1), 1)) })
	var out []span
	for _, s := range in {
		if s.to <= s.from {
			continue
		}
		if n := len(out); n > 0 && s.from <= out[n-1].to {
			out[n-1].to = max(out[n-1].to, s.to)
		} else {
			out = append(out, s)
		}
	}
	return out
}

// cut gives what lies in both; both are sorted and disjoint.
func cut(a, b []span) []span {
	var out []span
	for i, j := 0, 0; i < len(a) && j < len(b); {
		if f, t := max(a[i].from, b[j].from), min(a[i].to, b[j].to); f < t {
			out = append(out, span{f, t})
		}
		if a[i].to < b[j].to {
			i++
		} else {
			j++
		}
	}
	return out
}

// minus gives what lies in a and not in b; both are sorted and disjoint.
func minus(a, b []span) []span {
	var out []span
	for _, s := range a {
		at := s.from
		for _, x := range b {
			if x.to <= at || x.from >= s.to {
				continue
			}
			if x.from > at {
				out = append(out, span{at, x.from})
			}
			at = max(at, x.to)
		}
		if at < s.to {
			out = append(out, span{at, s.to})
		}
	}
	return out
}

func length(spans []span) (us int64) {
	for _, s := range spans {
		us += s.to - s.from
	}
	return us
}

func seconds(spans []span) int64 { return length(spans) / 1e6 }
