package sheet

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"linli.dev/linli/fault"
	"linli.dev/linli/people/place"
	"linli.dev/linli/store"
)

// Journal events of the room. They speak of places, so who may read places is
// told of them.
const (
	evImported = "place.imported"
	evUndone   = "place.import-undone"
)

// Commit writes a list that was checked: all of it, or of one with bad rows the
// good ones. It goes on after the call; the draft tells how far it is.
func (s *Service) Commit(who Sender, id string, goodOnly bool) (*Draft, error) {
	const op = "sheet.Commit"
	d, err := s.mine(who.Account, id)
	if err != nil {
		return nil, err
	}
	if err := d.idle(op); err != nil {
		return nil, err
	}
	d.mu.Lock()
	report := d.report
	d.who.May, d.who.Take = who.May, who.Take // rights may have changed since the upload
	checked := d.state == Checked && report != nil
	d.mu.Unlock()
	switch {
	case !checked:
		return nil, fault.New(fault.Conflict, op, "sheet.not-checked")
	case report.Bad > 0 && !goodOnly:
		return nil, fault.New(fault.Invalid, op, "sheet.has-bad-rows", "bad", report.Bad)
	case report.New+report.Changed+report.Same == 0:
		return nil, fault.New(fault.Invalid, op, "sheet.no-good-rows")
	}
	s.start(d, Committing, func(ctx context.Context, d *draft) error { return s.commit(ctx, d, goodOnly) })
	return d.view(), nil
}

func (s *Service) commit(ctx context.Context, d *draft, goodOnly bool) error {
	const op = "sheet.Commit"
	before, err := s.db.LastSeq(ctx)
	if err != nil {
		return err
	}
	imp := importRow{ID: store.NewID(), List: d.of.key, By: d.by, File: d.file, From: d.from, GoodOnly: goodOnly, SeqBefore: before}
	from, err := unpacked(ctx, d)
	if err != nil {
		return err
	}
	defer from.Close()
	r, err := s.staged(ctx, d, from, &imp)
	if errors.Is(err, errAtOnce) {
		r, err = s.atOnce(ctx, d, from, &imp)
	}
	if err != nil {
		return dbError(op, err)
	}
	s.findSeq(context.WithoutCancel(ctx), imp.ID)
	d.mu.Lock()
	defer d.mu.Unlock()
	d.report, d.total, d.state, d.imp = r, r.Rows, Done, imp.ID
	return nil
}

// atOnce compares and writes a list in one transaction.
func (s *Service) atOnce(ctx context.Context, d *draft, from book, imp *importRow) (r *Report, err error) {
	err = s.db.Change(ctx, func(ctx context.Context, tx *store.Tx) error {
		// From the stamp on nobody else writes about places: what is compared now still holds when it is written.
		ctx, known, err := s.o.Clock.AtOnce(ctx, tx)
		if err != nil {
			return err
		}
		w := &writer{s: s, tx: tx, d: d, imp: imp.ID}
		if r, err = s.compare(ctx, d, from, known, imp.GoodOnly, w.write); err != nil {
			return err
		}
		return s.finish(ctx, tx, d, imp, r, known)
	})
	return r, err
}

// compare reads a list against what is known now, and hands on the good rows.
func (s *Service) compare(ctx context.Context, d *draft, from book, known time.Time, goodOnly bool, do func(context.Context, []*deed) error) (*Report, error) {
	tree, err := s.o.Places.Tree(ctx)
	if err != nil {
		return nil, err
	}
	r := newReport()
	q := place.AsOf{Day: s.o.Clock.Today(), Known: known}
	if err := s.run(ctx, d, pass{c: newChecker(newIndex(tree, q), q.Day, d.from, d.lang), from: from, known: known, report: r, do: do}); err != nil {
		return nil, err
	}
	if r.Bad > 0 && !goodOnly {
		return nil, fault.New(fault.Conflict, "sheet.Commit", "sheet.changed-since-check", "bad", r.Bad)
	}
	return r, nil
}

// finish writes what is kept of an import, as the last thing of its transaction.
func (s *Service) finish(ctx context.Context, tx *store.Tx, d *draft, imp *importRow, r *Report, known time.Time) error {
	if err := s.remember(ctx, tx, d); err != nil {
		return err
	}
	imp.AtUS = store.Micros(known)
	imp.Rows, imp.New, imp.Changed, imp.Same, imp.Bad, imp.Skipped = r.Rows, r.New, r.Changed, r.Same, r.Bad, r.Skipped
	if _, err := tx.NewInsert().Model(imp).Exec(ctx); err != nil {
		return err
	}
	return tx.Emit(room, evImported, imp.ID, map[string]any{"file": imp.File, "rows": imp.Rows, "new": imp.New, "changed": imp.Changed, "by": d.by})
}

// unpacked is the list of a draft, ready to be read quickly.
func unpacked(ctx context.Context, d *draft) (book, error) {
	b, err := open(d.path)
	if err != nil {
		return nil, err
	}
	if _, packed := b.(*xlsxBook); !packed {
		return b, nil
	}
	defer b.Close()
	s, err := spool(ctx, b, d.path+".rows")
	if err != nil {
		return nil, err // not s: a book that is nil is another thing than none
	}
	return s, nil
}

// findSeq notes the number of an import's event, so that an undo need not read
// the journal from before it. It does without when the note fails.
func (s *Service) findSeq(ctx context.Context, id string) {
	events, err := s.db.History(ctx, 0, 100)
	if err != nil {
		return
	}
	for _, e := range events {
		if e.Room == room && e.Kind == evImported && e.Subject == id {
			_, _ = s.db.NewUpdate().Model((*importRow)(nil)).Set("seq = ?", e.Seq).Where("id = ?", id).Exec(ctx)
			return
		}
	}
}

// writer writes good rows, and what each did.
type writer struct {
	s   *Service
	tx  *store.Tx
	d   *draft
	imp string
	n   int
}

func (w *writer) write(ctx context.Context, deeds []*deed) error {
	var found []place.NewPlace
	var entries []place.Entry
	var counts []place.Count
	var points []place.Point
	var shares []Share
	var has belongings
	for _, x := range deeds {
		if x.found != nil {
			if x.id == "" {
				x.id = place.ID(store.NewID())
			}
			x.found.ID = x.id
			if x.level == place.Compound {
				x.compound = x.id
			}
			found = append(found, *x.found)
		}
	}
	if len(found) > 0 {
		if _, err := w.s.o.Places.Found(ctx, w.d.by, found); err != nil {
			return err
		}
	}
	rows := make([]rowRow, 0, len(deeds))
	for _, x := range deeds {
		if x.edit != nil {
			if _, err := w.s.o.Places.Change(ctx, w.d.by, x.id, place.Whatever, *x.edit); err != nil {
				return err
			}
		}
		for _, e := range x.entries {
			e.Compound = x.id
			entries = append(entries, e)
		}
		for _, c := range x.counts {
			c.Compound = x.compound
			counts = append(counts, c)
		}
		if x.point != nil {
			x.point.Compound = x.id
			points = append(points, *x.point)
		}
		has.add(x)
		if x.share != nil {
			x.share.Compound = x.id
			shares = append(shares, *x.share)
		}
		row, err := w.row(x)
		if err != nil {
			return err
		}
		rows = append(rows, row)
	}
	if len(entries) > 0 {
		if err := w.s.o.Places.Enter(ctx, w.d.by, entries); err != nil {
			return err
		}
	}
	if len(counts) > 0 {
		if err := w.s.o.Places.Count(ctx, w.d.by, counts); err != nil {
			return err
		}
	}
	if len(points) > 0 {
		if err := w.s.o.Places.Locate(ctx, w.d.by, points); err != nil {
			return err
		}
	}
	if len(shares) > 0 {
		if err := w.s.o.Programme.Take(ctx, w.d.by, shares); err != nil {
			return err
		}
	}
	if err := has.write(ctx, w.s.o.Places, w.d.by); err != nil {
		return err
	}
	// Even where the rest is staged: nobody asks for the rows of an import before there is one.
	_, err := w.tx.Tx.NewInsert().Model(&rows).Exec(ctx)
	return err
}

// belongings are channels and areas that rows make or change.
type belongings struct {
	channels []place.Channel
	first    []place.ChannelStep // of these
	steps    []place.ChannelStep
	areas    []place.Area
	edits    []*deed
}

func (b *belongings) add(d *deed) {
	if d.channel != nil {
		b.channels = append(b.channels, *d.channel)
	}
	switch {
	case d.step == nil:
	case d.channel != nil:
		b.first = append(b.first, *d.step)
	default:
		b.steps = append(b.steps, *d.step)
	}
	if d.area != nil {
		b.areas = append(b.areas, *d.area)
	}
	if d.named != nil || d.ended != (AreaBefore{}) {
		b.edits = append(b.edits, d)
	}
}

func (b *belongings) write(ctx context.Context, p Writer, by string) error {
	if len(b.channels) > 0 {
		if err := p.AddChannels(ctx, by, b.channels, b.first); err != nil {
			return err
		}
	}
	if len(b.steps) > 0 {
		if err := p.StepChannels(ctx, by, b.steps); err != nil {
			return err
		}
	}
	if len(b.areas) > 0 {
		if err := p.AddAreas(ctx, by, b.areas); err != nil {
			return err
		}
	}
	for _, d := range b.edits {
		if d.named != nil {
			if _, err := p.ChangeChannel(ctx, by, place.ChannelID(d.thing.id), place.Whatever, *d.named); err != nil {
				return err
			}
			continue
		}
		if _, err := p.ChangeArea(ctx, by, place.AreaID(d.thing.id), place.Whatever, d.ended.Name, d.ended.Until); err != nil {
			return err
		}
	}
	return nil
}

func (w *writer) row(x *deed) (rowRow, error) {
	w.n++
	row := rowRow{Import: w.imp, N: w.n, Sheet: x.t.Sheet, Row: x.row + 1, Compound: x.id, Item: x.thing.id, Name: x.name, Deed: didSame, Before: "{}"}
	said, err := json.Marshal(x.values())
	if err != nil {
		return row, err
	}
	row.Said = string(said)
	if x.same() {
		return row, nil
	}
	row.Deed = didChanged
	if x.fresh() {
		row.Deed = didNew
	}
	before, err := json.Marshal(x.before)
	row.Before = string(before)
	return row, err
}
