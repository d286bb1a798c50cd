package camera

import (
	"context"
	"sync"
	"time"

	"linli.dev/linli/store"
)

const (
	// tellGap: a page need not hear of one camera more often.
	tellGap = 5 * time.Second
	// together: channels of a recorder that went within this span went with it.
	together = 2 * time.Minute
	// straggle: how long after its recorder a channel may take to come back.
	straggle = time.Minute
	// firstLight: a camera that is back so soon after a restart came back
	// while nobody looked.
	firstLight = 90 * time.Second
)

// registered is what the tracker knows from the register.
type registered struct {
	Device   DeviceID
	Kind     DeviceKind
	Name     string
	Disabled bool
	Main     bool
	Sub      bool
}

// tracker turns the states of streams into glances, events and outages.
// Observe only writes memory; the tick decides and commits.
type tracker struct {
	s *Service

	mu       sync.Mutex
	cams     map[ID]*watched
	recorder map[DeviceID]*outageRow // open outages of whole recorders
	reg      map[ID]registered
	regAt    time.Time // zero: stale
	regGen   int       // counts what made it stale
	blank    blankRow  // the last span in which nobody looked

	// Times in memory are steady (see timing); rows have those of the wall clock.
	begun   time.Time            // when this process began to look
	stood   time.Duration        // how the wall clock stood against steady time when rows were last dated
	settled bool                 // the blank before this process is written
	waits   map[OutageID]waiting // rows that wait for a clock that can be believed

	ticking sync.Mutex // one tick at a time; never taken under mu
}

func newTracker(s *Service) *tracker {
	return &tracker{
		s: s, cams: map[ID]*watched{}, recorder: map[DeviceID]*outageRow{}, reg: map[ID]registered{},
		begun: s.clock.steady(), waits: map[OutageID]waiting{},
	}
}

// us dates something for a row. The caller holds mu, and has called shift.
func (t *tracker) us(steady time.Time) int64 { return store.Micros(steady.Add(t.stood)) }

// Observe takes what a running stream says. It is cheap and never blocks on
// the store, so that the thread that reads cameras may call it.
func (s *Service) Observe(st Status) {
	t := s.health
	now := s.clock.steady()
	t.mu.Lock()
	defer t.mu.Unlock()
	w := t.cams[st.Camera]
	if w == nil {
		if _, known := t.reg[st.Camera]; !known {
			t.stale()
		}
		w = t.watch(st.Camera, now)
	}
	if st.State == Disabled {
		delete(w.streams, st.Which)
		if len(w.streams) > 0 {
			w.look(now)
		}
		return
	}
	w.observe(st, now)
}

// watch begins to follow a camera. The caller holds mu.
func (t *tracker) watch(id ID, now time.Time) *watched {
	w := &watched{streams: map[Which]Status{}, first: now, since: now, now: glance{State: Connecting}, gone: now}
	t.cams[id] = w
	return w
}

// forget starts a camera anew after its registration changed.
func (t *tracker) forget(id ID) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.shift()
	t.closeHeld(id)
	delete(t.cams, id)
	t.stale()
}

func (t *tracker) stale() {
	t.regAt = time.Time{}
	t.regGen++
}

// step is one change to commit, and what follows in memory when it is.
type step struct {
	camera ID
	insert *outageRow
	update *outageRow // state, reason, parent or end
	tell   *glance
	device DeviceID // tell about a recorder
	done   func()
}

// tick decides what has settled and commits it in one transaction. When the
// store fails, nothing in memory moved and the next tick tries again.
func (t *tracker) tick(ctx context.Context) error {
	t.ticking.Lock()
	defer t.ticking.Unlock()
	doubt, now := t.s.clock.look(), t.s.clock.steady()
	if err := t.refresh(ctx, now); err != nil {
		return err
	}
	if !doubt {
		if err := t.settle(ctx); err != nil {
			return err
		}
	}
	t.mu.Lock()
	t.shift()
	var steps []step
	for id, w := range t.cams {
		if r, ok := t.reg[id]; ok && !r.Disabled {
			steps = append(steps, t.cameraSteps(id, r, w, now, doubt)...)
		}
	}
	steps = append(steps, t.recorderSteps(now, doubt)...)
	t.mu.Unlock()
	if len(steps) == 0 {
		return nil
	}
	skipped := map[ID]bool{}
	err := t.s.db.Change(ctx, func(ctx context.Context, tx *store.Tx) error {
		clear(skipped)
		return t.commit(ctx, tx, steps, skipped, doubt)
	})
	if err != nil {
		return dbError("camera.health", err)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, st := range steps {
		if skipped[st.camera] {
			continue
		}
		if doubt {
			t.hold(st)
		}
		if st.done != nil {
			st.done()
		}
	}
	return nil
}

// While the clock is in doubt it only tells what happens: the rows wait.
func (t *tracker) commit(ctx context.Context, tx *store.Tx, steps []step, skipped map[ID]bool, doubt bool) error {
	// Somebody may have disabled or deleted a camera since the registry was
	// read: nothing new begins for it.
	var gone []ID
	err := tx.NewSelect().Model((*cameraRow)(nil)).Column("id").Where("disabled = ? OR deleted_us <> 0", true).Scan(ctx, &gone)
	if err != nil {
		return err
	}
	for _, id := range gone {
		skipped[id] = true
	}
	for _, st := range steps {
		if st.camera != "" && skipped[st.camera] {
			continue
		}
		if st.update != nil && !doubt {
			if _, err := tx.NewUpdate().Model(st.update).WherePK().Exec(ctx); err != nil {
				return err
			}
		}
		if st.insert != nil && !doubt {
			if _, err := tx.NewInsert().Model(st.insert).Exec(ctx); err != nil {
				return err
			}
		}
		if st.tell == nil {
			continue
		}
		if st.device != "" {
			err = tx.Emit("camera", "device.health", string(st.device), map[string]any{"state": st.tell.State, "reason": st.tell.Reason})
		} else {
			err = tx.Emit("camera", "camera.health", string(st.camera), map[string]any{
				"state": st.tell.State, "reason": st.tell.Reason, "part": st.tell.Part, "which": st.tell.Which,
			})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// cameraSteps decides for one camera. The caller holds mu.
func (t *tracker) cameraSteps(id ID, r registered, w *watched, now time.Time, doubt bool) []step {
	var steps []step
	g := w.now
	if !g.same(w.told) && now.Sub(w.toldAt) >= tellGap && !(w.told.State == "" && g.State == Connecting) {
		steps = append(steps, step{camera: id, tell: &g, done: func() { w.told, w.toldAt = g, now }})
	}
	settle, wait := t.s.o.Settle, t.s.o.Settle
	if w.flaps(now) {
		settle, wait = 6*settle, 0
	}
	switch g.State {
	case Connecting:
		wait = max(wait, 3*t.s.o.Settle) // many cameras start in turns
	case Unauthorised:
		wait = 0 // one answer is enough, it will not be asked again
	}
	open := func(from time.Time, part bool) *outageRow {
		row := &outageRow{
			ID: OutageID(store.NewID()), Device: r.Device, Camera: id, Part: part, State: g.State,
			Reason: g.Reason, Detail: g.Detail, FromUS: t.us(from), fromHere: doubt,
		}
		steps = append(steps, step{camera: id, insert: row, done: func() { w.open, w.orphan = row, time.Time{} }})
		return row
	}
	endAt := func(us int64, here bool) {
		row := *w.open
		row.end(us, here && doubt)
		steps = append(steps, step{camera: id, update: &row, done: func() { w.open, w.orphan, w.resumed = nil, time.Time{}, time.Time{} }})
	}
	end := func(at time.Time) { endAt(t.us(at), true) }
	switch {
	case g.out() && w.open != nil && !w.open.Part:
		if !w.orphan.IsZero() && now.Sub(w.orphan) >= straggle {
			// The recorder is back, this channel is not: from here on it is
			// an outage of its own.
			end(w.orphan)
			open(w.orphan, false)
		} else if (w.open.State != g.State || w.open.Reason != g.Reason) && g.State != Connecting && now.Sub(w.since) >= wait {
			row := *w.open
			row.State, row.Reason, row.Detail = g.State, g.Reason, g.Detail
			steps = append(steps, step{camera: id, update: &row, done: func() { w.open = &row }})
		}
	case g.out() && now.Sub(w.gone) >= wait:
		if w.open != nil {
			end(w.gone)
		}
		open(w.gone, false)
	case g.out():
	case w.open != nil && !w.open.Part:
		if now.Sub(w.back) >= settle {
			if at, ok := t.cameBack(w); ok {
				endAt(at, false)
			} else {
				end(w.back)
			}
		}
	case w.open != nil:
		if !w.whole.IsZero() && now.Sub(w.whole) >= settle {
			end(w.whole)
		}
	case g.Part && now.Sub(w.partial) >= t.s.o.Settle:
		open(w.partial, true)
	}
	return steps
}

// end closes a row. One that was closed by a clock in doubt is no shorter than nothing once that is put right.
func (r *outageRow) end(us int64, doubt bool) {
	r.UntilUS, r.untilHere = us, doubt
	if !doubt {
		r.UntilUS = max(us, r.FromUS)
	}
}

// cameBack: an outage that was open at a restart, and whose camera works as
// soon as somebody looks, ended in the time that nobody saw. That time counts
// as unknown, so the outage ends where it begins.
func (t *tracker) cameBack(w *watched) (us int64, unseen bool) {
	if !w.resumed.IsZero() && w.back.Sub(w.resumed) < firstLight && t.blank.FromUS > w.open.FromUS {
		return t.blank.FromUS, true
	}
	return 0, false
}

// recorderSteps makes one outage of a recorder out of those of its channels.
// The caller holds mu.
func (t *tracker) recorderSteps(now time.Time, doubt bool) []step {
	channels := map[DeviceID][]ID{}
	for id, r := range t.reg {
		if r.Kind == KindRecorder && !r.Disabled {
			channels[r.Device] = append(channels[r.Device], id)
		}
	}
	var steps []step
	for dev, row := range t.recorder {
		if back, over := t.recovered(channels[dev], now); over {
			closed := *row
			closed.end(t.us(back), doubt)
			steps = append(steps, step{device: dev, update: &closed, tell: &glance{State: Online}, done: func() {
				delete(t.recorder, dev)
				for _, id := range channels[dev] {
					if w := t.cams[id]; w != nil && w.open != nil && w.open.Parent == closed.ID {
						w.orphan = back
					}
				}
			}})
		}
	}
	for dev, ids := range channels {
		if t.recorder[dev] != nil || len(ids) < 2 {
			continue
		}
		if with := t.wentTogether(ids); len(with) > 0 {
			steps = append(steps, t.merge(dev, with)...)
		}
	}
	return steps
}

// recovered: one channel works again, so the recorder does.
func (t *tracker) recovered(ids []ID, now time.Time) (time.Time, bool) {
	if len(ids) == 0 {
		return now, true
	}
	var first time.Time
	for _, id := range ids {
		w := t.cams[id]
		if w == nil || w.open != nil && !w.open.Part || w.back.IsZero() {
			continue
		}
		if first.IsZero() || w.back.Before(first) {
			first = w.back
		}
	}
	return first, !first.IsZero()
}

// wentTogether gives the channels that were lost within two minutes, when all
// are out and these are at least half.
func (t *tracker) wentTogether(ids []ID) []*watched {
	var last int64
	for _, id := range ids {
		w := t.cams[id]
		if w == nil || w.open == nil || w.open.Part {
			return nil
		}
		last = max(last, w.open.FromUS)
	}
	var with []*watched
	for _, id := range ids {
		if w := t.cams[id]; w.open.FromUS >= last-together.Microseconds() && w.open.Parent == "" && w.orphan.IsZero() {
			with = append(with, w)
		}
	}
	if len(with) < 2 || len(with)*2 < len(ids) {
		return nil
	}
	return with
}

func (t *tracker) merge(dev DeviceID, with []*watched) []step {
	row := *with[0].open
	row.ID, row.Camera, row.Device = OutageID(store.NewID()), "", dev
	for _, w := range with {
		if w.open.FromUS < row.FromUS {
			row.FromUS, row.fromHere = w.open.FromUS, w.open.fromHere
		}
		if w.open.State.rank() > row.State.rank() {
			row.State, row.Reason, row.Detail = w.open.State, w.open.Reason, w.open.Detail
		}
	}
	steps := []step{{device: dev, insert: &row, tell: &glance{State: row.State, Reason: row.Reason}, done: func() { t.recorder[dev] = &row }}}
	for _, w := range with {
		piece := *w.open
		piece.Parent = row.ID
		steps = append(steps, step{camera: piece.Camera, update: &piece, done: func() { w.open = &piece }})
	}
	return steps
}

// refresh reads the register again when it changed or grew old.
func (t *tracker) refresh(ctx context.Context, now time.Time) error {
	t.mu.Lock()
	fresh := !t.regAt.IsZero() && now.Sub(t.regAt) < 30*time.Second
	gen := t.regGen
	t.mu.Unlock()
	if fresh {
		return nil
	}
	var rows []struct {
		ID       ID         `bun:"id"`
		Device   DeviceID   `bun:"device"`
		Kind     DeviceKind `bun:"kind"`
		Name     string     `bun:"name"`
		Disabled bool       `bun:"disabled"`
		Main     bool       `bun:"has_main"`
		Sub      bool       `bun:"has_sub"`
	}
	err := t.s.db.NewSelect().TableExpr("cameras AS c").Join("JOIN devices AS d ON d.id = c.device").
		ColumnExpr("c.id, c.device, d.kind, c.name, c.disabled, c.main IS NOT NULL AS has_main, c.sub IS NOT NULL AS has_sub").
		Where("c.deleted_us = 0").Scan(ctx, &rows)
	if err != nil {
		return dbError("camera.health", err)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.reg = make(map[ID]registered, len(rows))
	if gen == t.regGen {
		t.regAt = now
	}
	for _, r := range rows {
		t.reg[r.ID] = registered{r.Device, r.Kind, r.Name, r.Disabled, r.Main, r.Sub}
		w := t.cams[r.ID]
		if w == nil {
			if !r.Disabled {
				t.watch(r.ID, now)
			}
			continue
		}
		// A stream that was taken out of the register says nothing any more.
		for which, has := range map[Which]bool{Main: r.Main, Sub: r.Sub} {
			if _, known := w.streams[which]; known && !has {
				delete(w.streams, which)
				w.look(now)
			}
		}
	}
	for id := range t.cams {
		if r, ok := t.reg[id]; !ok || r.Disabled {
			delete(t.cams, id)
		}
	}
	return nil
}
