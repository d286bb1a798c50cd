package ledger

import (
	"context"
	"embed"
	"encoding/hex"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/transparency-dev/merkle/rfc6962"

	"linli.dev/linli/api"
	"linli.dev/linli/fault"
	"linli.dev/linli/store"
)

//go:embed migrations/*.sql
var migrations embed.FS

//go:embed messages/*.json
var messages embed.FS

const (
	room    = "ledger"
	folder  = "ledger"
	sealCtx = "ledger/key"
)

// Options for Open. DB, Vault, Dir and Tell are needed.
type Options struct {
	DB      *store.DB
	Vault   *store.Vault
	Dir     string                                   // the data folder; the log lies in its folder "ledger"
	Tell    func(store.Event) (Entry, bool)          // false: the ledger has nothing of this change
	Unended func(kind string, row Row) (Entry, bool) // the end of what a lost row began; false, or nil: it needs none
	Trusted func() bool                              // whether what is old by the clock may go; nil: always
	Doubt   func() bool                              // whether nobody knows what time it is: what the ledger enters of its own is unconfirmed then; nil: never
	Log     *slog.Logger                             // nil: none
	Metrics prometheus.Registerer                    // nil: none are kept
	Retry   time.Duration                            // after a disk that did not take an entry; 1 s
	Cover   time.Duration                            // between log checkpoints while there are new entries; 1 s
	Hangs   time.Duration                            // a disk that takes longer for an entry hangs; 4 s
	Now     func() time.Time                         // nil: the clock
}

// Ledger appends entries and tells what it has.
type Ledger struct {
	opt     Options
	db      *store.DB
	out     *slog.Logger
	schema  *schema
	reserve *store.Reserve

	since int64 // the journal's end when we came: a new log has what happens from here on

	writing sync.Mutex // one writer: places in the log are given in order
	log     *tlog      // under writing; nil: it is not open

	mu      sync.Mutex
	origin  string
	public  string
	size    uint64        // entries that are durable
	journal int64         // followed and durable up to here
	ready   bool          // the log was open once
	trouble error         // why entries cannot be written just now; nil: they can
	moved   chan struct{} // closed when one of these changed
}

// Open brings the tables up to date, opens the log or begins it, and completes what the last run left undone. A log that cannot be opened
// stops nobody from recording: the ledger is stuck then, says why, lets nobody look, and Run goes on trying.
func Open(ctx context.Context, opt Options) (*Ledger, error) {
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	if opt.Retry == 0 {
		opt.Retry = time.Second
	}
	if opt.Cover == 0 {
		opt.Cover = time.Second
	}
	if opt.Hangs == 0 {
		opt.Hangs = 4 * time.Second // on a busy hard disk an entry, eight syncs, takes its time; who asks for a look waits 5 s
	}
	if opt.Now == nil {
		opt.Now = time.Now
	}
	if opt.Trusted == nil {
		opt.Trusted = func() bool { return true }
	}
	if opt.Doubt == nil {
		opt.Doubt = func() bool { return false }
	}
	if opt.Unended == nil {
		opt.Unended = func(string, Row) (Entry, bool) { return Entry{}, false }
	}
	out := opt.Log.With("room", room)
	l := &Ledger{
		opt: opt, db: opt.DB, out: out, schema: ours(), moved: make(chan struct{}),
		reserve: store.NewReserve(filepath.Join(opt.Dir, "ledger.reserve"), out),
	}
	if err := l.db.Migrate(ctx, room, migrations); err != nil {
		return nil, err
	}
	var err error
	if l.since, err = l.db.LastSeq(ctx); err != nil {
		return nil, err
	}
	l.writing.Lock()
	defer l.writing.Unlock()
	if err := l.open(ctx); err != nil {
		l.stuck(err)
	}
	return l, l.measure()
}

// dir is where the log lies.
func (l *Ledger) dir() string { return filepath.Join(l.opt.Dir, folder) }

// open opens the log where it is not open, checks its files, makes rows and log agree, and has this program's schema in it. Call it with
// writing locked.
func (l *Ledger) open(ctx context.Context) error {
	const op = "ledger.open"
	if l.log != nil {
		return nil
	}
	state, begun, err := readState(ctx, l.db)
	if err != nil {
		return fault.Wrap(err, fault.Unavailable, op, "tlog.unreadable")
	}
	var notes []Entry
	if !begun {
		if state, notes, err = l.begin(ctx); err != nil {
			return err
		}
	}
	key, err := l.unseal(state)
	if fault.CodeOf(err) == otherVault {
		state, key, notes, err = l.renewKey(ctx, state)
	}
	if err != nil {
		return err
	}
	k, err := l.openMark(state)
	if err != nil {
		return fault.Wrap(err, fault.Unavailable, op, "tlog.mark-changed")
	}
	l.reserve.Keep()
	log, note, err := l.openChecked(ctx, state, k, key)
	if err != nil {
		return fault.Wrap(err, fault.Unavailable, op, "tlog.folder-unreadable", "path", l.dir())
	}
	log.makeWay = l.reserve.Drop
	log.hangs = l.opt.Hangs
	l.log = log
	if note != nil {
		notes = append(notes, *note)
	}
	if err := l.settle(ctx, state, notes); err != nil {
		l.abandon()
		return fault.Ensure(err, fault.Unavailable, op, "tlog.not-completed")
	}
	if state, _, err = readState(ctx, l.db); err != nil {
		l.abandon()
		return fault.Wrap(err, fault.Unavailable, op, "tlog.unreadable")
	}
	l.tell(func() {
		l.origin, l.public, l.ready = state.Origin, state.Public, true
		l.journal = max(l.journal, state.Journal)
	})
	return nil
}

// abandon closes the log without a word, for open to look at it anew. One whose disk hangs stays: what it is about to do comes first.
func (l *Ledger) abandon() {
	if l.log != nil && l.log.pending == nil {
		l.log.cancel()
		l.log = nil
	}
}

// begin makes the key of a new log. A log of another key that lies there, as when the database was
// lost, is put aside, and the new one tells of it.
func (l *Ledger) begin(ctx context.Context) (stateRow, []Entry, error) {
	const op = "ledger.begin"
	notes, err := l.putAside(ctx)
	if err != nil {
		return stateRow{}, nil, fault.Wrap(err, fault.Unavailable, op, "tlog.folder-unreadable", "path", l.dir())
	}
	s := stateRow{ID: 1, Origin: "linli.dev/ledger/" + store.NewID(), Journal: l.since}
	if _, err := l.sealKey(&s); err != nil {
		return s, nil, err
	}
	err = l.db.Change(ctx, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.NewInsert().Model(&s).Exec(ctx)
		return err
	})
	return s, notes, fault.Ensure(err, fault.Unavailable, op, "tlog.not-written")
}

// sealKey makes a key for a state, which knows nothing of the log yet.
func (l *Ledger) sealKey(s *stateRow) (private string, err error) {
	private, public, err := newKey(s.Origin)
	if err != nil {
		return "", fault.Wrap(err, fault.Internal, "ledger.key", "tlog.no-key")
	}
	sealed, err := l.opt.Vault.Seal([]byte(private), sealCtx)
	if err != nil {
		return "", err
	}
	m, err := sealMark(l.opt.Vault, s.Origin, known{root: rfc6962.DefaultHasher.EmptyRoot()})
	s.Key, s.Public, s.Size, s.Mark = hex.EncodeToString(sealed), public, 0, m.sealed
	return private, err
}

// otherVault is the code of what the vault says of something that another secret key sealed.
const otherVault = "store.sealed-otherwise"

// renewKey gives the log a new key, as the machine's secret key was lost and with it the old one. The log goes on as the same tree, and
// tells of it: the next log checkpoint has a signature by which nobody could take the one for the other.
func (l *Ledger) renewKey(ctx context.Context, s stateRow) (stateRow, string, []Entry, error) {
	size, was := s.Size, s.Public
	private, err := l.sealKey(&s)
	if err != nil {
		return s, "", nil, err
	}
	s.Before = was
	hash, err := keyHash(was)
	if err != nil {
		return s, "", nil, fault.Wrap(err, fault.Internal, "ledger.key", "tlog.no-key")
	}
	err = l.db.Change(ctx, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.NewUpdate().Model(&s).WherePK().Exec(ctx)
		return err
	})
	if err != nil {
		return s, "", nil, fault.Ensure(err, fault.Unavailable, "ledger.key", "tlog.not-written")
	}
	l.out.Error("the secret key that sealed the ledger's signing key is another one: the ledger goes on with a new signing key, and says so", "before", hash)
	return s, private, []Entry{recovered(l.opt.Now(), "key-lost", 0, size, s.Origin+" "+hash)}, nil
}

// HoldsSecrets tells whether the ledger has sealed something already: then the secret key is not to be made anew in silence.
func HoldsSecrets(ctx context.Context, db *store.DB) (bool, error) {
	_, begun, err := readState(ctx, db)
	if store.IsNoTable(err) {
		return false, nil
	}
	return begun, err
}

// putAside moves the log of a database that is no more out of the way.
func (l *Ledger) putAside(_ context.Context) ([]Entry, error) {
	state, err := readTreeState(l.dir())
	var d *Damage
	switch {
	case errors.Is(err, os.ErrNotExist):
		if _, err := os.Stat(filepath.Join(l.dir(), "checkpoint")); err != nil {
			return nil, nil
		}
	case errors.As(err, &d):
	case err != nil:
		return nil, err
	}
	if err == nil && state.Size == 0 {
		return nil, nil
	}
	checkpoint, err := os.ReadFile(filepath.Join(l.dir(), "checkpoint"))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	aside := l.aside("before")
	if err := os.Rename(l.dir(), aside); err != nil {
		return nil, err
	}
	l.out.Error("the database has no ledger, but its folder has one: it was put aside, and a new one begins with a new key", "folder", aside, "entries", state.Size)
	return []Entry{recovered(l.opt.Now(), "key-changed", 0, int64(state.Size), signerOf(checkpoint))}, nil
}

func (l *Ledger) aside(why string) string {
	return l.dir() + "." + why + "-" + l.opt.Now().UTC().Format("20060102T150405.000000Z")
}

func (l *Ledger) unseal(s stateRow) (string, error) {
	sealed, err := hex.DecodeString(s.Key)
	if err != nil {
		return "", fault.Wrap(err, fault.Internal, "ledger.open", "tlog.no-key")
	}
	plain, err := l.opt.Vault.Open(sealed, sealCtx)
	return string(plain), err
}

// complete appends the rows that the log does not have yet, in order. Call it with writing locked. After an error the log is not open any
// more: what of it is there is looked at afresh.
func (l *Ledger) complete(ctx context.Context) error {
	ctx = context.WithoutCancel(ctx) // what is begun is finished, so that it need not be looked at afresh; a disk that hangs holds it up for a moment only
	for again := true; ; again = false {
		err := l.completeOpen(ctx)
		if err == nil {
			l.reserve.Keep()
			return nil
		}
		way := l.log != nil && l.log.wayMade
		l.abandon()
		if !way || !again {
			return err
		}
		if err := l.open(ctx); err != nil { // the full disk has room now
			return err
		}
	}
}

func (l *Ledger) completeOpen(ctx context.Context) error {
	if err := l.open(ctx); err != nil {
		return err
	}
	return l.appendRows(ctx)
}

// Close writes what the journal has of the end, and closes the log. Nothing may be changed in the database afterwards.
func (l *Ledger) Close(ctx context.Context) error {
	err := l.catchUp(ctx)
	l.writing.Lock()
	defer l.writing.Unlock()
	if l.log != nil {
		l.log.close()
		l.log = nil
	}
	return err
}

// Messages are the room's sentences.
func (l *Ledger) Messages() fs.FS { return api.Messages(messages) }

// Name is the room's.
func (l *Ledger) Name() string { return room }
