package sheet

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"linli.dev/linli/fault"
	"linli.dev/linli/people/place"
	"linli.dev/linli/store"
)

// State is how far an upload has come.
type State string

// The states. Every one but the first and the third waits for the sender.
const (
	Checking   State = "checking"
	Checked    State = "checked"
	Committing State = "committing"
	Done       State = "done"
	Failed     State = "failed"
	Cancelled  State = "cancelled"
)

// draft is an upload that is worked on. It lives an hour from the last touch,
// in memory and as a file; only what is committed is stored.
type draft struct {
	id, by, file, path, lang string
	size                     int64
	of                       *listing
	from                     place.Day
	create                   bool         // buildings that are missing
	take                     bool         // compounds of which no row says otherwise take part
	read                     atomic.Int64 // rows of the pass that is on

	mu      sync.Mutex // of all below
	tables  []*Table
	who     Sender
	state   State
	total   int // rows, once they were counted
	report  *Report
	err     error
	imp     string // the import that it became
	cancel  context.CancelFunc
	touched time.Time
	done    chan struct{} // closed when the work that is on has ended
}

const (
	draftLives     = time.Hour
	draftsEach     = 3 // of a sender; a further one takes the place of the oldest
	draftsTogether = 40
)

// Draft is what a sender sees of an upload.
type Draft struct {
	ID     string    `json:"id"`
	List   List      `json:"list" enum:"compounds,divisions,buildings,channels,areas,assets" doc:"What it is a list of"`
	File   string    `json:"file"`
	Size   int64     `json:"size" doc:"Bytes"`
	From   place.Day `json:"from" doc:"The day from which rows hold that do not say it"`
	Create bool      `json:"create,omitempty" doc:"Buildings that are missing are made"`
	Take   bool      `json:"take,omitempty" doc:"Compounds of which no row says otherwise take part in the programme"`
	State  State     `json:"state" enum:"checking,checked,committing,done,failed,cancelled"`
	Read   int64     `json:"read" doc:"Rows that were read in this pass"`
	Total  int       `json:"total" doc:"Rows; 0 while they are not counted"`
	Tables []Table   `json:"tables"`
	Report *Report   `json:"report,omitempty" doc:"What the check found, or what the commit did"`
	Import string    `json:"import,omitempty" doc:"The import that it became"`

	err error
}

// Asked is what a sender says of a list that is uploaded.
type Asked struct {
	List   List      // compounds when it is not said
	From   place.Day // from which rows hold that do not say it; today when it is not said
	Create bool      // buildings that are missing are made
	Take   bool      // compounds of which no row says otherwise take part
}

// Upload takes a list, finds its headings and begins to check it. The body is
// read as it comes.
func (s *Service) Upload(ctx context.Context, who Sender, name string, asked Asked, body io.Reader) (*Draft, error) {
	const op = "sheet.Upload"
	of, from := listingOf(asked.List), asked.From
	if of == nil {
		return nil, fault.New(fault.Invalid, op, "sheet.no-such-list")
	}
	today := s.o.Clock.Today()
	if from == 0 {
		from = today
	}
	if from > today {
		return nil, fault.New(fault.Invalid, op, "sheet.from-to-come", "today", today.String())
	}
	if who.Account == "" {
		return nil, fault.New(fault.Unauthenticated, op, "sheet.who")
	}
	d := &draft{id: store.NewID(), by: who.Account, file: clip(filepath.Base(name)), lang: who.Lang, of: of, from: from, create: asked.Create, take: asked.Take, who: who, touched: s.machine()}
	d.path = filepath.Join(s.o.Dir, d.id)
	if err := s.keep(d, body); err != nil {
		os.Remove(d.path)
		return nil, err
	}
	if err := s.look(ctx, d); err != nil {
		os.Remove(d.path)
		return nil, err
	}
	s.mu.Lock()
	err := s.makeRoom(d)
	if err == nil {
		s.drafts[d.id] = d
	}
	s.mu.Unlock()
	if err != nil {
		os.Remove(d.path)
		return nil, err
	}
	s.start(d, Checking, s.check)
	return d.view(), nil
}

func (s *Service) keep(d *draft, body io.Reader) error {
	const op = "sheet.Upload"
	f, err := os.OpenFile(d.path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return fault.Wrap(err, fault.Unavailable, op, "sheet.store")
	}
	d.size, err = io.Copy(f, io.LimitReader(body, MaxBytes+1))
	err = errors.Join(err, f.Close())
	switch {
	case d.size > MaxBytes:
		return fault.New(fault.TooLarge, op, "sheet.too-large", "megabytes", MaxBytes>>20)
	case err != nil:
		return fault.Wrap(err, fault.Invalid, op, "sheet.broke-off")
	}
	return nil
}

// look finds the headings. A list that asks about residents is refused here,
// and its file is not kept.
func (s *Service) look(ctx context.Context, d *draft) error {
	b, err := open(d.path)
	if err != nil {
		return err
	}
	defer b.Close()
	remembered, err := s.headings(ctx, d.by, d.of)
	if err != nil {
		return err
	}
	if d.tables, err = tables(ctx, b, d.of, remembered); err != nil {
		return err
	}
	refused := fault.New(fault.Invalid, "sheet.Upload", "sheet.asks-about-people")
	for _, t := range d.tables {
		for _, c := range t.Columns {
			if c.Person {
				path := cellName(c.col, t.bottom)
				if t.Sheet != "" {
					path = t.Sheet + "!" + path
				}
				refused.Fields = append(refused.Fields, fault.At(path, "sheet.person-column", "column", c.Heading))
			}
		}
	}
	if len(refused.Fields) > 0 {
		return refused
	}
	return nil
}

// makeRoom drops what nobody has touched for an hour, and the sender's oldest.
func (s *Service) makeRoom(d *draft) error {
	var oldest *draft
	mine := 0
	for _, x := range s.drafts {
		x.mu.Lock()
		idle, working := s.machine().Sub(x.touched), x.working()
		touched := x.touched
		x.mu.Unlock()
		switch {
		case working:
		case idle > draftLives:
			s.drop(x)
			continue
		case x.by == d.by && (oldest == nil || touched.Before(oldest.touched)):
			oldest = x
		}
		if x.by == d.by {
			mine++
		}
	}
	if mine >= draftsEach && oldest != nil {
		s.drop(oldest)
		mine--
	}
	if mine >= draftsEach || len(s.drafts) >= draftsTogether {
		return fault.New(fault.TooMany, "sheet.Upload", "sheet.too-many-lists")
	}
	return nil
}

func (s *Service) drop(d *draft) {
	delete(s.drafts, d.id)
	os.Remove(d.path)
}

// working is asked with the lock held.
func (d *draft) working() bool { return d.state == Checking || d.state == Committing }

// mine finds a draft of a sender; others' are not there for anybody else.
func (s *Service) mine(by, id string) (*draft, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	d := s.drafts[id]
	if d == nil || d.by != by {
		return nil, fault.New(fault.NotFound, "sheet.Draft", "sheet.no-draft")
	}
	d.mu.Lock()
	d.touched = s.machine()
	d.mu.Unlock()
	return d, nil
}

func (d *draft) view() *Draft {
	d.mu.Lock()
	defer d.mu.Unlock()
	v := &Draft{
		ID: d.id, List: d.of.key, File: d.file, Size: d.size, From: d.from, Create: d.create, Take: d.take, State: d.state, Read: d.read.Load(), Total: d.total, Report: d.report, Import: d.imp, err: d.err,
		Tables: []Table{},
	}
	for _, t := range d.tables {
		c := *t
		c.Columns = append([]TableColumn{}, t.Columns...)
		v.Tables = append(v.Tables, c)
	}
	return v
}

// Draft is how far an upload has come.
func (s *Service) Draft(by, id string) (*Draft, error) {
	d, err := s.mine(by, id)
	if err != nil {
		return nil, err
	}
	return d.view(), nil
}

// Map takes the sender's word for what columns mean, and checks the list again.
func (s *Service) Map(by, id string, meanings []Meaning) (*Draft, error) {
	d, err := s.mine(by, id)
	if err != nil {
		return nil, err
	}
	if err := d.idle("sheet.Map"); err != nil {
		return nil, err
	}
	d.mu.Lock()
	err = apply(d.tables, meanings)
	d.mu.Unlock()
	if err != nil {
		return nil, err
	}
	s.start(d, Checking, s.check)
	return d.view(), nil
}

// idle refuses what can only be done while nothing is done with the list, and
// before it has become an import.
func (d *draft) idle(op string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	switch {
	case d.working():
		return fault.New(fault.Conflict, op, "sheet.busy")
	case d.state == Done:
		return fault.New(fault.Conflict, op, "sheet.done-already")
	}
	return nil
}

// Cancel ends the work on a list. While it is written, nothing of it stays; a
// list that waits is dropped with its file.
func (s *Service) Cancel(by, id string) error {
	d, err := s.mine(by, id)
	if err != nil {
		return err
	}
	d.mu.Lock()
	cancel, done, working := d.cancel, d.done, d.working()
	d.mu.Unlock()
	if working {
		cancel()
		<-done
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.drop(d)
	return nil
}

// start begins work on a draft; it has one at a time.
func (s *Service) start(d *draft, state State, f func(context.Context, *draft) error) {
	ctx, cancel := context.WithCancel(s.ctx)
	done := make(chan struct{})
	d.mu.Lock()
	d.state, d.err, d.cancel, d.done = state, nil, cancel, done
	d.mu.Unlock()
	d.read.Store(0)
	s.work.Go(func() {
		defer close(done)
		defer cancel()
		var err error
		select {
		case s.slots <- struct{}{}:
			err = f(ctx, d)
			<-s.slots
		case <-ctx.Done():
			err = ctx.Err()
		}
		d.mu.Lock()
		defer d.mu.Unlock()
		d.touched = s.machine()
		switch {
		case err == nil:
		case errors.Is(err, context.Canceled) || ctx.Err() != nil:
			d.state, d.report = Cancelled, nil
		case state == Committing:
			d.state, d.err = Failed, err
		default:
			d.state, d.err = Failed, err
		}
	})
}
