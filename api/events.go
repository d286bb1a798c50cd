package api

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"linli.dev/linli/fault"
	"linli.dev/linli/store"
)

const (
	streamsPerCaller = 24 // open pages of one person
	streamsInAll     = 2000
)

// streams counts who follows, so that one page in a loop cannot take all connections.
type streams struct {
	mu       sync.Mutex
	byCaller map[string]int
	all      int
}

func (s *streams) take(account string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.byCaller == nil {
		s.byCaller = map[string]int{}
	}
	if s.all >= streamsInAll || s.byCaller[account] >= streamsPerCaller {
		return false
	}
	s.all++
	s.byCaller[account]++
	return true
}

func (s *streams) give(account string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all--
	if s.byCaller[account]--; s.byCaller[account] == 0 {
		delete(s.byCaller, account)
	}
}

type wireEvent struct {
	Seq     int64           `json:"seq"`
	At      string          `json:"at"`
	Room    string          `json:"room"`
	Kind    string          `json:"kind"`
	Subject string          `json:"subject"`
	Data    json.RawMessage `json:"data"`

	Unconfirmed bool `json:"unconfirmed,omitempty"`
}

// serveEvents sends the journal as it grows. Who asks is looked at anew with every heartbeat: a stream does not
// outlive its session by more than that.
func (s *Server) serveEvents(w http.ResponseWriter, r *http.Request) {
	after, err := s.startAt(r)
	if err != nil {
		Fail(w, r, err)
		return
	}
	who := CallerFrom(r.Context())
	if !s.events.take(who.Account) {
		f := fault.New(fault.TooMany, "api.events", "api.too-many-streams")
		f.RetryAfter = 30 * time.Second
		Fail(w, r, f)
		return
	}
	defer s.events.give(who.Account)
	s.metrics.streams.Inc()
	defer s.metrics.streams.Dec()

	st := &stream{s: s, w: w, rc: http.NewResponseController(w), who: who, rooms: roomsIn(r.URL.Query().Get("rooms"))}
	h := w.Header()
	h.Set("Content-Type", "text/event-stream; charset=utf-8")
	h.Set("Cache-Control", "no-store, no-transform")
	h.Set("X-Accel-Buffering", "no") // a proxy in front must not collect
	w.WriteHeader(http.StatusOK)
	if st.send("retry: 2000\n\n") != nil {
		return
	}

	ctx, stop := context.WithCancel(r.Context())
	defer stop()
	events := make(chan store.Event, 16)
	ended := make(chan error, 1)
	go func() {
		ended <- s.opt.Journal.Follow(ctx, after, func(e store.Event) error {
			select {
			case events <- e:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		})
	}()
	beat := time.NewTicker(s.opt.Heartbeat)
	defer beat.Stop()
	for {
		select {
		case e := <-events:
			// Asked anew for each: what somebody may hear changes with an event, too.
			if st.who, err = s.again(r); err != nil || !st.who.May("journal.read") {
				return
			}
			if err := st.event(ctx, e); err != nil {
				return
			}
		case <-beat.C:
			if who, err := s.again(r); err != nil || !who.May("journal.read") {
				return
			} else {
				st.who = who
			}
			// A comment with an id on its own would be an event; the id goes along so that a page that sees
			// nothing for a day does not ask for that whole day afterwards.
			if st.send(": "+strconv.FormatInt(st.seen, 10)+"\n\n") != nil {
				return
			}
		case err := <-ended:
			if fault.KindOf(err) == fault.Gone {
				st.reset(ctx)
			}
			return
		}
	}
}

// again asks who the caller is now.
func (s *Server) again(r *http.Request) (Caller, error) {
	if s.auth == nil {
		return CallerFrom(r.Context()), nil
	}
	who, err := s.auth.Authenticate(r)
	if err == nil && who.MustChange {
		return Caller{}, nil
	}
	return who, err
}

// startAt finds the event to begin after.
func (s *Server) startAt(r *http.Request) (int64, error) {
	last, err := s.opt.Journal.LastSeq(r.Context())
	if err != nil {
		return 0, err
	}
	text := r.Header.Get("Last-Event-ID")
	if text == "" {
		text = r.URL.Query().Get("after")
	}
	if text == "" {
		return last, nil
	}
	after, err := parseEventID(text)
	if err != nil {
		return 0, err
	}
	// A number from the future comes from before a restore: the page has to begin anew, and 0 makes Follow say so
	// if there was a trim; otherwise it gets everything, which is as good.
	if after > last {
		return 0, nil
	}
	return after, nil
}

func parseEventID(text string) (int64, error) {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 || text[0] == '+' {
		if len(text) > 40 {
			text = text[:40] + "…"
		}
		return 0, fault.New(fault.Invalid, "api.events", "api.event-id", "id", strings.ToValidUTF8(text, "?"))
	}
	return n, nil
}

func roomsIn(list string) []string {
	if list == "" {
		return nil
	}
	return strings.Split(list, ",")
}

type stream struct {
	s     *Server
	w     http.ResponseWriter
	rc    *http.ResponseController
	who   Caller
	rooms []string
	seen  int64
}

// event sends an event if it is for this caller.
func (st *stream) event(ctx context.Context, e store.Event) error {
	st.seen = e.Seq
	if len(st.rooms) > 0 && !slices.Contains(st.rooms, e.Room) || !st.s.mayHear(st.who, e) {
		return nil
	}
	if st.s.opt.EventFor != nil {
		e = st.s.opt.EventFor(ctx, st.who, e)
	}
	raw, err := json.Marshal(wireEvent{
		Seq: e.Seq, At: e.At.UTC().Format("2006-01-02T15:04:05.000Z07:00"), Room: e.Room, Kind: e.Kind, Subject: e.Subject, Data: e.Data,
		Unconfirmed: e.Unconfirmed,
	})
	if err != nil {
		st.s.log.Error("a journal event cannot be written", "seq", e.Seq, "err", err)
		return nil
	}
	return st.send("id: " + strconv.FormatInt(e.Seq, 10) + "\ndata: " + string(raw) + "\n\n")
}

// reset tells that events were missed, with the number to go on from.
func (st *stream) reset(ctx context.Context) {
	last, err := st.s.opt.Journal.LastSeq(ctx)
	if err != nil {
		return
	}
	n := strconv.FormatInt(last, 10)
	_ = st.send("id: " + n + "\ndata: {\"seq\":" + n + ",\"at\":\"\",\"room\":\"journal\",\"kind\":\"journal.reset\",\"subject\":\"\",\"data\":{}}\n\n")
}

func (st *stream) send(text string) error {
	_ = st.rc.SetWriteDeadline(time.Now().Add(10 * time.Second)) // a reader that sleeps is let go
	if _, err := st.w.Write([]byte(text)); err != nil {
		return err
	}
	if err := st.rc.Flush(); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	return nil
}

// mayHear: an event may tell only what its hearer could read anyway.
func (s *Server) mayHear(who Caller, e store.Event) bool {
	permission := e.Room + ".read"
	if s.opt.EventPermission != nil {
		permission = s.opt.EventPermission(e.Room, e.Kind)
	}
	return permission != "" && who.May(permission)
}
