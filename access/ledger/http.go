package ledger

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"regexp"
	"strings"
	"time"

	"github.com/transparency-dev/tessera/api/layout"

	"linli.dev/linli/api"
	"linli.dev/linli/fault"
	"linli.dev/linli/store"
)

// Routes hands the room's routes to the server.
func (l *Ledger) Routes(r *api.Router) {
	const tag = "Ledger"
	const layoutDoc = "In the layout of C2SP tlog-tiles; any client of it reads and verifies the log."
	api.Get(r, "/api/ledger", api.Op{
		ID: "readLedger", Permission: "ledger.proof", Tag: tag, Summary: "What the ledger is, and whether it can be written",
	}, l.getState)
	api.Get(r, "/api/ledger/entries", api.Op{
		ID: "listLedgerEntries", Permission: "ledger.read", Tag: tag, Summary: "Entries, newest first, as they stand in the log",
		Description: "Without private parts. Pages: give next as before.",
	}, l.getEntries)
	r.Raw("GET", "/api/ledger/checkpoint", api.Op{
		ID: "readLogCheckpoint", Permission: "ledger.proof", Tag: tag, Summary: "The newest log checkpoint, signed", Description: layoutDoc, Replies: "text/plain",
	}, l.serve(checkpointPath))
	r.Raw("GET", "/api/ledger/tile/{path...}", api.Op{
		ID: "readLogTile", Permission: "ledger.proof", Tag: tag, Summary: "A tile of the tree: hashes", Description: layoutDoc, Replies: "application/octet-stream",
	}, l.serve(tilePath))
	r.Raw("GET", "/api/ledger/tile/entries/{path...}", api.Op{
		ID: "readLogEntries", Permission: "ledger.read", Tag: tag, Summary: "A bundle of entries", Description: layoutDoc, Replies: "application/octet-stream",
	}, l.serve(bundlePath))
	l.proofRoutes(r, tag)
}

// These are the paths of the layout; whatever else lies in the folder is nobody's. Each route serves its own: a path in which a slash is
// escaped comes in by another route than the one that it names, and with that route's permission.
var (
	checkpointPath = regexp.MustCompile(`^checkpoint$`)
	tilePath       = regexp.MustCompile(`^tile/[0-9]{1,2}(/x[0-9]{3})*/[0-9]{3}(\.p/[0-9]{1,3})?$`)
	bundlePath     = regexp.MustCompile(`^tile/entries(/x[0-9]{3})*/[0-9]{3}(\.p/[0-9]{1,3})?$`)
)

// serve gives published files of the log.
func (l *Ledger) serve(published *regexp.Regexp) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { l.serveFile(w, r, published) })
}

// serveFile gives one of them. What is full never changes, and a part of it neither.
func (l *Ledger) serveFile(w http.ResponseWriter, r *http.Request, published *regexp.Regexp) {
	name := strings.TrimPrefix(r.URL.Path, "/api/ledger/")
	b, err := []byte(nil), os.ErrNotExist
	if published.MatchString(name) {
		b, err = FolderFiles(l.opt.Dir)(r.Context(), name)
	}
	switch {
	case errors.Is(err, os.ErrNotExist):
		api.Fail(w, r, fault.New(fault.NotFound, "ledger.file", "tlog.no-file", "file", name))
		return
	case err != nil:
		api.Fail(w, r, fault.Wrap(err, fault.Unavailable, "ledger.file", "tlog.unreadable"))
		return
	}
	if name == layout.CheckpointPath {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.Header().Set("Cache-Control", "no-cache")
		_, _ = w.Write(b)
		return
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Cache-Control", "private, max-age=31536000, immutable")
	if !strings.HasPrefix(name, "tile/entries/") { // hashes do not get shorter
		_, _ = w.Write(b)
		return
	}
	w.Header().Set("Vary", "Accept-Encoding")
	if !api.AcceptsGzip(r.Header.Get("Accept-Encoding")) {
		_, _ = w.Write(b)
		return
	}
	w.Header().Set("Content-Encoding", "gzip")
	z := gzip.NewWriter(w)
	_, _ = z.Write(b)
	_ = z.Close()
}

// LogState is what the ledger is now.
type LogState struct {
	Origin  string `json:"origin" doc:"Name of the log, as its log checkpoints have it."`
	Key     string `json:"key" doc:"Public key that verifies the log checkpoints, in the form of signed notes."`
	KeyHash string `json:"key_hash" doc:"In eight letters, to compare by eye."`
	Size    uint64 `json:"size" doc:"Entries that are durable; the newest log checkpoint may cover fewer."`
	Well    bool   `json:"well" doc:"It takes entries. While it does not, nobody may look."`
}

func (l *Ledger) getState(context.Context, *struct{}) (*struct{ Body LogState }, error) {
	l.mu.Lock()
	s := LogState{Origin: l.origin, Key: l.public, Size: l.size, Well: l.ready && l.trouble == nil}
	l.mu.Unlock()
	if s.Key != "" {
		var err error
		if s.KeyHash, err = keyHash(s.Key); err != nil {
			return nil, err
		}
	}
	return &struct{ Body LogState }{s}, nil
}

// LogEntry is an entry as lists show it.
type LogEntry struct {
	Index   int64          `json:"index" doc:"Place in the log."`
	At      time.Time      `json:"at"`
	Kind    string         `json:"kind"`
	Row     map[string]any `json:"row" doc:"What it says to everybody, by column of the schema."`
	Private bool           `json:"private" doc:"It has a private part, or had one."`
	// Unconfirmed: see Entry.
	Unconfirmed bool `json:"unconfirmed,omitempty" doc:"Nobody knew the time when it was entered; at is what the clock showed."`
}

// listed is an entry as lists show it.
func (r entryRow) listed() (LogEntry, error) {
	f, err := read([]byte(r.Leaf))
	if err != nil {
		return LogEntry{}, err
	}
	v := LogEntry{Index: r.Index, At: store.Time(r.AtUS), Kind: r.Kind, Private: f.Private != "", Unconfirmed: f.Unconfirmed}
	return v, json.Unmarshal(f.Row, &v.Row)
}

// LogEntries is a page of entries.
type LogEntries struct {
	Entries []LogEntry `json:"entries"`
	Next    int64      `json:"next,omitempty" doc:"Give it as before for the next page; none: this was the last."`
}

func (l *Ledger) getEntries(ctx context.Context, in *struct {
	Before int64  `query:"before" minimum:"0" doc:"next of the page before."`
	Kind   string `query:"kind"`
	Limit  int    `query:"limit" minimum:"1" maximum:"500" default:"100"`
},
) (*struct{ Body LogEntries }, error) {
	var rows []entryRow
	q := l.db.NewSelect().Model(&rows).Order("idx DESC").Limit(int64(in.Limit) + 1)
	if in.Before > 0 {
		q = q.Where("idx < ?", in.Before)
	}
	if in.Kind != "" {
		q = q.Where("kind = ?", in.Kind)
	}
	if err := q.Scan(ctx); err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "ledger.entries", "tlog.unreadable")
	}
	out := LogEntries{Entries: []LogEntry{}}
	if len(rows) > in.Limit {
		rows = rows[:in.Limit]
		out.Next = rows[in.Limit-1].Index
	}
	for _, r := range rows {
		v, err := r.listed()
		if err != nil {
			return nil, fault.Wrap(err, fault.Internal, "ledger.entries", "tlog.unreadable")
		}
		out.Entries = append(out.Entries, v)
	}
	return &struct{ Body LogEntries }{out}, nil
}
