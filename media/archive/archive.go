package archive

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"linli.dev/linli/fault"
	"linli.dev/linli/media/archive/file"
	"linli.dev/linli/protocol/cmaf"
	"linli.dev/linli/store"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Options of an Archive.
type Options struct {
	DB      *store.DB
	Log     *slog.Logger
	Clock   Clock                 // nil = the system's
	Time    Timekeeper            // who knows whether the clock was set; nil = nobody: its date alone is believed
	Metrics prometheus.Registerer // nil = none
	Layer   file.Layer            // of disks that are attached without one of their own; nil = the operating system
}

// Archive is the index of all footage. One process writes it; only that one's readers see open segments.
type Archive struct {
	db      *store.DB
	log     *slog.Logger
	clock   Clock
	layer   file.Layer
	cache   *indexCache
	extents *extentCache

	mu     sync.RWMutex // guards what follows
	open   map[SegmentID]*openSegment
	stream map[streamKey][]*openSegment // in the order in which they began
	disks  map[DiskID]*disk
	sets   map[string][]cmaf.Track
	rates  map[streamKey]*rate
	unread map[SegmentID]trial

	keeping  timekeeping
	settings settings
	begun    time.Duration // when it was opened, monotonic
	doubts   atomic.Bool   // something may be dated by a clock that nobody had set
	jumped   atomic.Bool   // the clock has jumped, and nobody knows yet what it is worth: see Purger
	changing sync.Mutex    // checkpoints, finishes and re-datings of open segments come one after the other
	holding  sync.Mutex    // a hold and a purge do not pass each other
	crowded  chan DiskID
	longest  atomic.Int64 // µs: see lookBack
	wall     atomic.Int64 // µs: the latest wall clock that was written down
}

type streamKey struct {
	camera string
	which  Which
}

// New makes the tables and loads the list of disks. It looks at no footage: see AttachDisk and Recover.
func New(ctx context.Context, o Options) (*Archive, error) {
	if err := o.DB.Migrate(ctx, "archive", migrations); err != nil {
		return nil, err
	}
	a := &Archive{
		db: o.DB, log: o.Log, clock: o.Clock, layer: o.Layer,
		cache: newIndexCache(60_000), extents: newExtentCache(),
		open:    map[SegmentID]*openSegment{},
		stream:  map[streamKey][]*openSegment{},
		disks:   map[DiskID]*disk{},
		sets:    map[string][]cmaf.Track{},
		rates:   map[streamKey]*rate{},
		unread:  map[SegmentID]trial{},
		crowded: make(chan DiskID, 8),
	}
	if a.log == nil {
		a.log = slog.New(slog.DiscardHandler)
	}
	if a.clock == nil {
		a.clock = SystemClock()
	}
	if a.layer == nil {
		a.layer = file.OS{}
	}
	wall, _, err := a.mark(ctx, markWall)
	if err != nil {
		return nil, err
	}
	a.wall.Store(wall)
	a.begun, a.settings.own = a.clock.Mono(), store.NewID()
	a.doubts.Store(true) // of a process before
	_, jumped, err := a.mark(ctx, markStopped)
	if err != nil {
		return nil, err
	}
	a.jumped.Store(jumped)
	_, ever, err := a.mark(ctx, markSynced)
	if err != nil {
		return nil, err
	}
	longest, _, err := a.mark(ctx, markLongest)
	if err != nil {
		return nil, err
	}
	a.longest.Store(longest)
	a.keeping.keeper = o.Time
	a.keeping.ever.Store(ever)
	if o.Metrics != nil {
		if err := o.Metrics.Register(clockCollector{a}); err != nil {
			return nil, err
		}
	}
	return a, a.loadDisks(ctx)
}

// setID names a set of track parameters.
func setID(tracks []cmaf.Track) (id string, raw []byte, err error) {
	if raw, err = json.Marshal(tracks); err != nil {
		return "", nil, err
	}
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:12]), raw, nil
}

// tracksOf loads track parameters by name, once.
func (a *Archive) tracksOf(ctx context.Context, id string) ([]cmaf.Track, error) {
	a.mu.RLock()
	tracks, ok := a.sets[id]
	a.mu.RUnlock()
	if ok {
		return tracks, nil
	}
	var raw []byte
	if err := a.db.QueryRowContext(ctx, "SELECT tracks FROM track_sets WHERE id = ?", id).Scan(&raw); err != nil {
		return nil, fault.Wrap(err, fault.Internal, "archive.tracks", "archive.index-unreadable")
	}
	if err := json.Unmarshal(raw, &tracks); err != nil {
		return nil, fault.Wrap(err, fault.Internal, "archive.tracks", "archive.index-unreadable")
	}
	a.keepSet(id, tracks)
	return tracks, nil
}

func (a *Archive) keepSet(id string, tracks []cmaf.Track) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.sets) > 4096 { // cameras that change their parameters all the time
		clear(a.sets)
	}
	a.sets[id] = tracks
}

// Now is the wall clock that footage, holds and retention are judged by.
func (a *Archive) now() time.Time { return a.clock.Wall() }
