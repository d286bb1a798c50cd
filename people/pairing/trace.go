package pairing

import (
	"context"
	"strconv"

	"linli.dev/linli/people/place"
)

// Traces tells of a pairing's changes. Nothing of it is overwritten, so all of
// it can be told from the rows themselves; of what came later than the question
// nothing.
func Traces(q place.AsOf, p Pairing, money []Entry, tasks []Task, files []File) []place.Trace {
	var out []place.Trace
	add := func(act string, m place.Moment, by, note string, turns ...place.Turn) {
		if m.Known.After(q.Known) {
			return
		}
		var said []place.Turn
		for _, t := range turns {
			if t.Was != t.Is {
				said = append(said, t)
			}
		}
		out = append(out, place.Trace{Act: act, About: m.About, Known: m.Known, By: by, Note: note, Turns: said})
	}
	add("paired", p.Moment, p.By, "")
	if p.Until != 0 {
		add("unpaired", place.Moment{About: p.Until, Known: *p.UntilKnown}, p.UntilBy, "")
	}
	number := func(n int) string {
		if n == 0 {
			return ""
		}
		return strconv.Itoa(n)
	}
	was := Sums{}
	for i := range money { // in the order in which it became known
		e := &money[i]
		is := was
		is.add(e)
		sum := place.Turn{Field: string(e.Kind) + "-sum", Was: Yuan(sumOf(e.Kind, was)), Is: Yuan(sumOf(e.Kind, is))}
		act := string(e.Kind)
		if e.Reverses != "" {
			act += "-reversed"
		}
		add(act, e.Moment, e.By, e.Note, place.Turn{Field: "amount", Is: Yuan(e.Fen)}, sum, place.Turn{Field: "became", Is: string(e.Became)},
			place.Turn{Field: "number", Is: number(e.Number)}, place.Turn{Field: "due", Is: e.Due.String()}, place.Turn{Field: "voucher", Is: e.Voucher})
		was = is
	}
	for _, f := range files {
		add("file-added", place.Moment{Known: f.Known}, f.By, "", place.Turn{Field: "file", Is: f.Name}, place.Turn{Field: "sha256", Is: f.Hash})
		if f.Withdrawn != nil {
			add("file-withdrawn", place.Moment{Known: *f.Withdrawn}, f.EndedBy, f.Why, place.Turn{Field: "file", Was: f.Name})
		}
	}
	for _, t := range tasks {
		add("task-set", t.Moment, t.By, "", place.Turn{Field: "title", Is: t.Title}, place.Turn{Field: "due", Is: t.Due.String()})
		for _, r := range t.Reopened {
			add("task-done", place.Moment{About: r.Done, Known: r.DoneKnown}, r.DoneBy, "", place.Turn{Field: "title", Is: t.Title})
			add("task-reopened", place.Moment{About: r.Done, Known: r.Known}, r.By, r.Why, place.Turn{Field: "title", Is: t.Title})
		}
		if t.Done != 0 {
			add("task-done", place.Moment{About: t.Done, Known: *t.DoneKnown}, t.DoneBy, "", place.Turn{Field: "title", Is: t.Title})
		}
		if t.Withdrawn != nil {
			add("task-withdrawn", place.Moment{About: t.About, Known: *t.Withdrawn}, t.EndedBy, t.Why, place.Turn{Field: "title", Was: t.Title})
		}
	}
	return out
}

func sumOf(k EntryKind, s Sums) int64 {
	switch k {
	case Pledge:
		return s.Pledged
	case Receipt:
		return s.Received
	case Spend:
		return s.Spent
	}
	return s.Disclosed
}

func (s *Service) httpChanges(ctx context.Context, in *struct {
	ID string `path:"id"`
	place.AsOfInput
},
) (*place.TracesOutput, error) {
	q, err := in.AsOf(s.o.Clock)
	if err != nil {
		return nil, err
	}
	if err := s.may(ctx, MayRead, ID(in.ID)); err != nil {
		return nil, err
	}
	w, err := s.Whole(ctx, q, ID(in.ID))
	if err != nil {
		return nil, err
	}
	return place.TracesReply(s.o.Places.Told(ctx, Traces(q, w.Pairing, w.Money, w.Tasks, w.Files)), nil)
}
