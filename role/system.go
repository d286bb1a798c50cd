package role

import (
	"context"
	"encoding/json"
	"io/fs"
	"runtime"
	"time"

	"linli.dev/linli/access/identity"
	"linli.dev/linli/api"
	"linli.dev/linli/store"
)

// system is what the operator's page shows of the process itself.
type system struct{ all *All }

func (system) Name() string    { return "system" }
func (system) Messages() fs.FS { return nil }
func (s system) Routes(r *api.Router) {
	api.Get(r, "/api/system", api.Op{
		ID: "getSystem", Permission: "system.read", Summary: "Version, uptime, streams and bit rates of this process", Tag: "System",
	}, s.get)
	api.Get(r, "/api/journal", api.Op{
		ID: "listJournal", Permission: "system.read", Summary: "The journal: committed changes, newest first", Tag: "System",
	}, s.journal)
	s.hubRoutes(r)
}

type systemReply struct {
	Body struct {
		Version  string    `json:"version"`
		Go       string    `json:"go"`
		Started  time.Time `json:"started"`
		Now      time.Time `json:"now" doc:"The node's clock, by which footage is dated."`
		Database string    `json:"database" enum:"sqlite,postgresql"`
		Streams  struct {
			Wanted  int   `json:"wanted"`
			Online  int   `json:"online"`
			BitRate int64 `json:"bit_rate" doc:"Bits per second that come from the cameras."`
			Readers int   `json:"readers"`
		} `json:"streams"`
		Open  []string `json:"open" enum:"plain,plain-rtsp" doc:"Ways in that other machines can take and that nothing encrypts: plain, the pages and this API; plain-rtsp, the pictures for desktop players."`
		Looks int      `json:"looks" doc:"Leases that are running."`
	}
}

func (s system) get(context.Context, *struct{}) (*systemReply, error) {
	out := &systemReply{}
	b := &out.Body
	b.Version, b.Go, b.Started, b.Now, b.Database = s.all.cfg.Version, runtime.Version(), s.all.started, time.Now(), "sqlite"
	if s.all.db.Postgres() {
		b.Database = "postgresql"
	}
	for _, st := range s.all.hub.Streams() {
		status := st.Status()
		b.Streams.Wanted++
		if status.State == "online" {
			b.Streams.Online++
		}
		b.Streams.BitRate += status.BitRate
		b.Streams.Readers += status.Readers
	}
	b.Open = []string{}
	for _, open := range s.all.cfg.InTheOpen() {
		b.Open = append(b.Open, open.What)
	}
	b.Looks = len(s.all.door.Active())
	return out, nil
}

type journalQuery struct {
	Before int64 `query:"before" minimum:"0" doc:"Only what came before this number; 0: the newest."`
	Limit  int   `query:"limit" minimum:"1" maximum:"500" default:"100"`
}

type journalReply struct {
	Body struct {
		Events []journalEvent `json:"events"`
	}
}

type journalEvent struct {
	Seq     int64           `json:"seq"`
	At      time.Time       `json:"at"`
	Room    string          `json:"room"`
	Kind    string          `json:"kind"`
	Subject string          `json:"subject"`
	Data    json.RawMessage `json:"data,omitempty"`

	Unconfirmed bool `json:"unconfirmed,omitempty" doc:"The clock could not be believed when this was written: at is not certain."`
}

func (s system) journal(ctx context.Context, q *journalQuery) (*journalReply, error) {
	events, err := s.all.db.History(ctx, q.Before, q.Limit)
	if err != nil {
		return nil, err
	}
	out := &journalReply{}
	out.Body.Events = []journalEvent{}
	who := api.CallerFrom(ctx)
	for _, e := range events {
		// As on /api/events: only what the caller could read anyway.
		if who.May(identity.EventPermission(e.Room, e.Kind)) {
			out.Body.Events = append(out.Body.Events, view(s.all.eventFor(ctx, who, e)))
		}
	}
	return out, nil
}

func view(e store.Event) journalEvent {
	return journalEvent{Seq: e.Seq, At: e.At, Room: e.Room, Kind: e.Kind, Subject: e.Subject, Data: e.Data, Unconfirmed: e.Unconfirmed}
}
