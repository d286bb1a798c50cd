package ledger

import (
	"context"
	"encoding/hex"
	"errors"
	"strings"
	"time"

	"linli.dev/linli/fault"
	"linli.dev/linli/store"
)

// Run follows the journal until ctx ends. Whatever stands in its way, it says so and goes on trying: the rest of the program records.
func (l *Ledger) Run(ctx context.Context) error {
	for {
		err := l.follow(ctx)
		if ctx.Err() != nil {
			return nil // Close goes on
		}
		if err = l.skip(ctx, err); err != nil {
			l.stuck(err)
			l.pause(ctx, err)
		}
	}
}

// stuck says why nothing can be entered just now, and nobody may look.
func (l *Ledger) stuck(err error) {
	l.mu.Lock()
	same := l.trouble != nil && l.trouble.Error() == err.Error()
	l.mu.Unlock()
	if !same {
		l.out.Error("the ledger takes no entries, and nobody may look; it is tried again", "err", err)
	}
	l.tell(func() { l.trouble = err })
}

// pause waits before the next attempt; files that were damaged do not mend themselves.
func (l *Ledger) pause(ctx context.Context, err error) {
	wait := l.opt.Retry
	var d *Damage
	if errors.As(err, &d) {
		wait *= 20
	}
	select {
	case <-time.After(wait):
	case <-ctx.Done():
	}
}

func (l *Ledger) follow(ctx context.Context) error {
	if err := l.begun(ctx); err != nil {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	events := make(chan store.Event, batchSize)
	followed := make(chan error, 1)
	from := l.followedTo()
	go func() {
		followed <- l.db.Follow(ctx, from, func(e store.Event) error {
			select {
			case events <- e:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		})
	}()
	minutely, hourly, again := time.NewTicker(time.Minute), time.NewTicker(time.Hour), time.NewTicker(l.opt.Retry)
	defer again.Stop()
	defer minutely.Stop()
	defer hourly.Stop()
	l.expire(ctx)
	for {
		select {
		case e := <-events:
			if err := l.takeUntilDone(ctx, gather(e, events)); err != nil {
				return err
			}
		case <-minutely.C:
			if err := l.keepPlace(ctx); err != nil {
				l.out.Warn("how far the journal was followed was not written", "err", err)
			}
		case <-hourly.C:
			l.expire(ctx)
		case <-again.C:
			if l.troubled() != nil { // an entry of the ledger's own waits
				if err := l.begun(ctx); err != nil {
					l.stuck(err)
				}
			}
		case err := <-followed:
			return err
		}
	}
}

// begun has the log open, and says that it takes entries.
func (l *Ledger) begun(ctx context.Context) error {
	l.writing.Lock()
	defer l.writing.Unlock()
	if err := l.complete(ctx); err != nil {
		return err
	}
	l.tell(func() { l.trouble = nil })
	return nil
}

func (l *Ledger) troubled() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.trouble
}

func (l *Ledger) followedTo() int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.journal
}

// keepPlace writes down how far the journal was followed, where nothing of it was to be entered, and what the log has.
func (l *Ledger) keepPlace(ctx context.Context) error {
	l.writing.Lock()
	defer l.writing.Unlock()
	if l.log != nil {
		l.log.forward()
	}
	state, _, err := readState(ctx, l.db)
	if err != nil {
		return err
	}
	var m mark
	if l.log != nil {
		if m, err = l.mark(state); err != nil {
			return err
		}
	}
	if at := l.followedTo(); state.Journal < at || m.size > 0 {
		err = put(ctx, l.db, nil, at, m)
	}
	return err
}

// skip goes on after changes that were trimmed from the journal before they were entered, and enters that. Any other error is given back.
func (l *Ledger) skip(ctx context.Context, err error) error {
	var f *fault.Error
	if !errors.As(err, &f) || f.Kind != fault.Gone {
		return err
	}
	to, ok := f.Args["trimmed"].(int64)
	from := l.followedTo() + 1
	if !ok || to < from {
		return err
	}
	l.writing.Lock()
	defer l.writing.Unlock()
	l.out.Error("changes were trimmed from the journal before they were entered", "from", from, "to", to)
	if err := l.open(ctx); err != nil {
		return err
	}
	state, _, err := readState(ctx, l.db)
	if err != nil {
		return err
	}
	if state.Journal < to { // else its row stands from the attempt before
		row := l.row(Entry{Kind: missed, At: l.opt.Now(), Row: Row{"from": from, "to": to}}, 0)
		if err := put(ctx, l.db, []entryRow{row}, to, mark{}); err != nil {
			return err
		}
	}
	if err := l.complete(ctx); err != nil {
		return err
	}
	l.tell(func() { l.journal = to })
	return nil
}

// missed is the kind of an entry that tells of changes which were gone before they could be entered.
const missed = "entry.missed"

// gather takes what has come meanwhile.
func gather(first store.Event, more <-chan store.Event) []store.Event {
	list := []store.Event{first}
	for len(list) < batchSize {
		select {
		case e := <-more:
			list = append(list, e)
		default:
			return list
		}
	}
	return list
}

// takeUntilDone writes events however long the disk is away; those who wait for them are told so meanwhile.
func (l *Ledger) takeUntilDone(ctx context.Context, events []store.Event) error {
	for {
		err := l.take(ctx, events)
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		l.stuck(err)
		l.pause(ctx, err)
	}
}

// take turns events into entries and makes them durable. Taken again, it does what is not yet done.
func (l *Ledger) take(ctx context.Context, events []store.Event) error {
	l.writing.Lock()
	defer l.writing.Unlock()
	return l.enter(ctx, events)
}

// enter is take with writing locked.
func (l *Ledger) enter(ctx context.Context, events []store.Event) error {
	if err := l.open(ctx); err != nil {
		return err
	}
	last := events[len(events)-1].Seq
	if last <= l.followedTo() { // somebody who waited for it entered it
		return nil
	}
	state, _, err := readState(ctx, l.db)
	if err != nil {
		return err
	}
	if state.Journal < last {
		var rows []entryRow
		for _, e := range events {
			if e.Seq <= state.Journal {
				continue
			}
			if told, ok := l.opt.Tell(e); ok {
				rows = append(rows, l.row(told, e.Seq))
			}
		}
		if rows, err = l.once(ctx, rows); err != nil {
			return err
		}
		if len(rows) > 0 { // most of a city's changes are none of the ledger's: they cost no write
			m, err := l.mark(state)
			if err != nil {
				return err
			}
			if err := put(ctx, l.db, rows, last, m); err != nil {
				return err
			}
		}
	}
	if err := l.complete(ctx); err != nil {
		return err
	}
	l.tell(func() { l.journal, l.trouble = max(l.journal, last), nil })
	return nil
}

// row makes an entry's row. What does not fit the schema, or is longer than a leaf may be, is a mistake of this program: it stands in the
// ledger as one, with the hash of what it would have said, so that nothing is left out in silence.
func (l *Ledger) row(t Entry, seq int64) entryRow {
	if seq == 0 { // the ledger's own: no change of the journal says when it was
		t.Unconfirmed = t.Unconfirmed || l.inDoubt()
	}
	salt := newSalt()
	b, private, err := t.write(seq, l.schema, salt)
	if err != nil {
		l.out.Error("a change does not fit the ledger's schema", "kind", t.Kind, "journal", seq, "err", err)
		t = unfitOf(t, err)
		if b, private, err = t.write(seq, l.schema, salt); err != nil {
			panic(err) // a test writes one
		}
	}
	row := entryRow{
		Journal: seq, AtUS: store.Micros(t.At), Kind: t.Kind, Subject: l.schema.subject(t.Kind, t.Row), Leaf: string(b),
		ExpiresUS: l.schema.expires(t.Kind, t.At, private != nil),
	}
	if private != nil {
		row.Salt, row.Private = hex.EncodeToString(salt), string(private)
	}
	return row
}

// unfitOf tells of an entry that could not be written.
func unfitOf(t Entry, err error) Entry {
	why, hash := "no-fit", ""
	if errors.Is(err, errTooLong) {
		why = "too-long"
	}
	if b, err := canon(t.row()); err == nil {
		hash = hashOf(b)
	}
	kind := strings.ToValidUTF8(t.Kind, "?")
	return Entry{Kind: unfit, At: t.At, Unconfirmed: t.Unconfirmed, Row: Row{"kind": kind[:min(len(kind), 64)], "why": why, "hash": hash}}
}

// Put enters what is no change of a room's rows: that the program started, which policies hold. When it returns without an error the entry
// has its row: it is durable, or will be as soon as the log's disk takes anything again.
func (l *Ledger) Put(ctx context.Context, e Entry) error {
	l.writing.Lock()
	defer l.writing.Unlock()
	if err := l.open(ctx); err != nil {
		return fault.Ensure(err, fault.Unavailable, "ledger.put", "tlog.not-written")
	}
	if err := put(ctx, l.db, []entryRow{l.row(e, 0)}, 0, mark{}); err != nil {
		return fault.Wrap(err, fault.Unavailable, "ledger.put", "tlog.not-written")
	}
	if err := l.complete(ctx); err != nil {
		l.stuck(err)
	}
	return nil
}

// PutNew is Put, unless the newest entry of its kind says the same.
func (l *Ledger) PutNew(ctx context.Context, e Entry) error {
	row, found, err := newest(ctx, l.db, e.Kind)
	if err != nil {
		return fault.Wrap(err, fault.Unavailable, "ledger.put", "tlog.unreadable")
	}
	if found {
		was, err := read([]byte(row.Leaf))
		now, errNow := canon(e.row())
		if err == nil && errNow == nil && string(was.Row) == string(now) {
			return nil
		}
	}
	return l.Put(ctx, e)
}

// unfit is the kind of an entry that tells of a change which did not fit the schema.
const unfit = "entry.unfit"

// tell changes what waiters see.
func (l *Ledger) tell(f func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	f()
	close(l.moved)
	l.moved = make(chan struct{})
}

// Sync waits until everything that is committed now is durable in the log. It fails at once while the log's disk takes nothing. Who finds
// nobody writing enters what is committed, that of others too, rather than wait for who follows the journal.
func (l *Ledger) Sync(ctx context.Context) error {
	const op, code = "ledger.sync", "tlog.not-written"
	seq, err := l.db.LastSeq(ctx)
	if err != nil {
		return err
	}
	for {
		l.mu.Lock()
		at, ready, trouble, moved := l.journal, l.ready, l.trouble, l.moved
		l.mu.Unlock()
		if ready && at >= seq {
			return nil
		}
		if trouble != nil {
			return fault.Wrap(trouble, fault.Unavailable, op, code)
		}
		if ready && l.writing.TryLock() {
			entered, err := l.enterNext(ctx)
			l.writing.Unlock()
			if err != nil && ctx.Err() == nil {
				l.stuck(err)
			}
			if err != nil {
				return fault.Wrap(err, fault.Unavailable, op, code)
			}
			if entered {
				continue
			}
		}
		select {
		case <-moved:
		case <-ctx.Done():
			return fault.Wrap(ctx.Err(), fault.Unavailable, op, code)
		}
	}
}

// enterNext enters what the journal has now. It leaves a journal that cannot be read to who follows it. Call it with writing locked.
func (l *Ledger) enterNext(ctx context.Context) (bool, error) {
	events, err := l.db.Events(ctx, l.followedTo(), batchSize)
	if err != nil || len(events) == 0 {
		return false, nil
	}
	return true, l.enter(ctx, events)
}

// catchUp takes what the journal has, without following it.
func (l *Ledger) catchUp(ctx context.Context) error {
	for {
		events, err := l.db.Events(ctx, l.followedTo(), batchSize)
		if err = l.skip(ctx, err); err != nil {
			return err
		}
		if len(events) == 0 {
			return l.keepPlace(ctx)
		}
		if err := l.take(ctx, events); err != nil {
			return err
		}
	}
}
