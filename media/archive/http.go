package archive

import (
	"context"
	"embed"
	"io/fs"
	"net/http"
	"time"

	"linli.dev/linli/api"
	"linli.dev/linli/fault"
)

//go:embed messages/*.json
var messages embed.FS

// RoomOptions of a Room.
type RoomOptions struct {
	Archive   *Archive
	Purger    *Purger  // nil: nobody purges here
	Checker   *Checker // nil: nobody checks here
	Retention func(ctx context.Context, camera string, which Which) (days int, err error)
	Recorded  func(ctx context.Context, camera string, which Which) (bool, error) // nil: all are
	Zone      *time.Location                                                      // whose midnights part the days; nil = UTC+8
}

// Room serves what the archive knows. It gives no pictures: those need a lease.
type Room struct {
	o RoomOptions
	a *Archive
}

// NewRoom makes it.
func NewRoom(o RoomOptions) *Room {
	if o.Zone == nil {
		o.Zone = time.FixedZone("UTC+8", 8*3600)
	}
	return &Room{o: o, a: o.Archive}
}

// Name is the room's.
func (m *Room) Name() string { return "archive" }

// Messages are the room's sentences.
func (m *Room) Messages() fs.FS { return Sentences() }

// Sentences of the room, for commands.
func Sentences() fs.FS { return api.Messages(messages) }

// What one must hold to use the room.
const (
	mayRead      = "recording.read"
	mayReadHold  = "hold.read"
	mayWriteHold = "hold.write"
	mayReadDisk  = "disk.read"
	mayWriteDisk = "disk.write"
)

// Routes hands the room's routes to the server.
func (m *Room) Routes(r *api.Router) {
	const footage, holds, disks = "Footage", "Holds", "Disks"
	api.Get(r, "/api/cameras/{id}/recordings", api.Op{
		ID: "listRecordings", Permission: mayRead, Tag: footage, Summary: "What footage a camera has",
		Description: "Spans without a gap, the gaps between them with their reason, and the holds. Without a stream: what either has, the main stream where both have.",
	}, m.recordings)
	api.Get(r, "/api/cameras/{id}/activity", api.Op{
		ID: "getActivity", Permission: mayRead, Tag: footage, Summary: "Bytes per step of time",
		Description: "From the index, without decoding a picture: a still scene takes few bytes, a moving one many.",
	}, m.activity)
	api.Get(r, "/api/purges", api.Op{ID: "listPurges", Permission: mayRead, Tag: footage, Summary: "What was deleted, why, and the proof of what it was"}, m.purges)
	api.Get(r, "/api/footage-roots", api.Op{ID: "listFootageRoots", Permission: mayRead, Tag: footage, Summary: "Hourly Merkle roots of all fragments of a camera"}, m.roots)

	api.Get(r, "/api/holds", api.Op{ID: "listHolds", Permission: mayReadHold, Tag: holds, Summary: "Holds that stand"}, m.listHolds)
	api.Post(r, "/api/holds", api.Op{
		ID: "addHold", Permission: mayWriteHold, Tag: holds, Summary: "Keep a span past its retention", Status: http.StatusCreated,
		Description: "With now or at instead of from and to: five minutes on both sides of that moment, for 72 hours.",
	}, m.addHold)
	api.Patch(r, "/api/holds/{id}", api.Op{ID: "changeHold", Permission: mayWriteHold, Tag: holds, Summary: "Give a hold another reason or end"}, m.changeHold)
	api.Delete(r, "/api/holds/{id}", api.Op{ID: "endHold", Permission: mayWriteHold, Tag: holds, Summary: "End a hold", Status: http.StatusNoContent}, m.endHold)

	api.Get(r, "/api/disks", api.Op{ID: "listDisks", Permission: mayReadDisk, Tag: disks, Summary: "Disks that are recorded to, and how they are"}, m.disks)
	api.Get(r, "/api/footage-checks", api.Op{
		ID: "listFootageChecks", Permission: mayReadDisk, Tag: disks, Summary: "How far the background check of each disk has come, and what differs",
		Description: "Every row, every file and every fragment's hash of a disk is compared about once a week, slowly. Nothing is mended: see linli fsck.",
	}, m.checks)
	api.Delete(r, "/api/disks/{id}", api.Op{
		ID: "forgetDisk", Permission: mayWriteDisk, Tag: disks, Summary: "Give up a disk that will not come back", Status: http.StatusNoContent,
		Description: "Only a dead one. What stood on it is entered as a purge with the reason lost.",
	}, m.forgetDisk)
	api.Get(r, "/api/retention-estimate", api.Op{
		ID: "estimateRetention", Permission: mayReadDisk, Tag: disks, Summary: "What was promised, and how much of it fits",
		Description: "By measured bit rates. With a camera and days: as if that were promised.",
	}, m.estimate)
	api.Post(r, "/api/purge-resumptions", api.Op{
		ID: "resumePurging", Permission: mayWriteDisk, Tag: disks, Summary: "The clock is right: go on deleting what is due", Status: http.StatusNoContent,
		Description: "Deleting stops by itself when the clock jumps by more than an hour.",
	}, m.resume)
}

// SpanInput is a span of time in a query.
type SpanInput struct {
	From time.Time `query:"from" doc:"RFC 3339; 24 hours before to when left out."`
	To   time.Time `query:"to" doc:"RFC 3339; now when left out."`
}

const widestSpan = 400 * day

func (in SpanInput) span(now time.Time) (from, to time.Time, err error) {
	from, to = in.From, in.To
	if to.IsZero() {
		to = now
	}
	if from.IsZero() {
		from = to.Add(-day)
	}
	if !to.After(from) || to.Sub(from) > widestSpan {
		return from, to, fault.New(fault.Invalid, "archive.span", "archive.bad-span")
	}
	return from, to, nil
}

type recordingsInput struct {
	ID string `path:"id" maxLength:"64"`
	SpanInput
	Stream string `query:"stream" enum:"main,sub,"`
	Days   bool   `query:"days" doc:"With the calendar days that have footage."`
}

type wireSpan struct {
	From        time.Time `json:"from"`
	To          time.Time `json:"to"`
	Stream      Which     `json:"stream"`
	Run         int64     `json:"run"`
	Codecs      []string  `json:"codecs" doc:"As a browser asks for them (RFC 6381)."`
	Bytes       int64     `json:"bytes"`
	Unconfirmed bool      `json:"unconfirmed" doc:"Dated by a clock that nobody had set."`
}

type wireGap struct {
	From   time.Time `json:"from"`
	To     time.Time `json:"to"`
	Reason string    `json:"reason" doc:"In words; \"\" where nobody knows."`
	Lost   int       `json:"lost" doc:"Fragments that came and could not be written."`
}

type wireDay struct {
	Date    string `json:"date"`
	Seconds int64  `json:"seconds"`
	Bytes   int64  `json:"bytes"`
}

type recordingsOutput struct {
	Body struct {
		From  time.Time  `json:"from"`
		To    time.Time  `json:"to"`
		Spans []wireSpan `json:"spans"`
		Gaps  []wireGap  `json:"gaps"`
		Holds []Hold     `json:"holds"`
		Days  []wireDay  `json:"days,omitempty"`
	}
}

func (m *Room) recordings(ctx context.Context, in *recordingsInput) (*recordingsOutput, error) {
	from, to, err := in.span(m.a.now())
	if err != nil {
		return nil, err
	}
	out := &recordingsOutput{}
	out.Body.From, out.Body.To = from, to
	out.Body.Spans, out.Body.Gaps = []wireSpan{}, []wireGap{}
	streams := []Which{Main, Sub}
	if in.Stream != "" {
		streams = []Which{Which(in.Stream)}
	}
	var all []Span
	for _, w := range streams {
		spans, err := m.a.Spans(ctx, in.ID, w, from, to)
		if err != nil {
			return nil, err
		}
		for _, s := range without(spans, all) {
			out.Body.Spans = append(out.Body.Spans, wireSpan{s.From, s.To, w, s.Run, s.Codecs, s.Bytes, s.Unconfirmed})
		}
		all = union(all, spans)
	}
	sortSpans(out.Body.Spans)
	gaps, err := m.a.gapsBetween(ctx, in.ID, streams[0], all, from, to)
	if err != nil {
		return nil, err
	}
	for _, g := range gaps {
		says := ""
		if g.Reason != "" {
			says = api.Say(ctx, g.Reason)
		}
		out.Body.Gaps = append(out.Body.Gaps, wireGap{g.From, g.To, says, g.Lost})
	}
	if out.Body.Holds, err = m.a.ListHolds(ctx, HoldFilter{Camera: in.ID, From: from, To: to}); err != nil {
		return nil, err
	}
	if in.Days {
		days, err := m.a.Days(ctx, in.ID, streams[len(streams)-1], m.o.Zone)
		if err != nil {
			return nil, err
		}
		for _, d := range days {
			out.Body.Days = append(out.Body.Days, wireDay(d))
		}
	}
	return out, nil
}

type activityInput struct {
	ID string `path:"id" maxLength:"64"`
	SpanInput
	Stream string `query:"stream" enum:"main,sub," doc:"When left out: main, or sub where main has no footage."`
	Step   string `query:"step" doc:"A duration: 10s, 5m; a two hundredth of the span when left out." maxLength:"20"`
}

type activityOutput struct {
	Body struct {
		Stream      Which   `json:"stream"`
		StepSeconds float64 `json:"step_seconds"`
		Steps       []Step  `json:"steps"`
	}
}

func (m *Room) activity(ctx context.Context, in *activityInput) (*activityOutput, error) {
	from, to, err := in.span(m.a.now())
	if err != nil {
		return nil, err
	}
	step := max(to.Sub(from)/200, time.Second)
	if in.Step != "" {
		if step, err = time.ParseDuration(in.Step); err != nil {
			return nil, fault.Wrap(err, fault.Invalid, "archive.activity", "archive.bad-span")
		}
	}
	which := Which(in.Stream)
	if which == "" {
		which = Main
	}
	steps, err := m.a.Activity(ctx, in.ID, which, from, to, step)
	if err == nil && in.Stream == "" && empty(steps) {
		which = Sub
		steps, err = m.a.Activity(ctx, in.ID, which, from, to, step)
	}
	if err != nil {
		return nil, err
	}
	out := &activityOutput{}
	out.Body.Stream, out.Body.StepSeconds, out.Body.Steps = which, step.Seconds(), steps
	return out, nil
}

func empty(steps []Step) bool {
	for _, s := range steps {
		if s.Bytes > 0 {
			return false
		}
	}
	return true
}

type holdsInput struct {
	Camera string    `query:"camera" maxLength:"64"`
	From   time.Time `query:"from"`
	To     time.Time `query:"to"`
}

type holdsOutput struct {
	Body struct {
		Holds []Hold `json:"holds"`
	}
}

func (m *Room) listHolds(ctx context.Context, in *holdsInput) (*holdsOutput, error) {
	list, err := m.a.ListHolds(ctx, HoldFilter{Camera: in.Camera, From: in.From, To: in.To})
	if err != nil {
		return nil, err
	}
	out := &holdsOutput{}
	out.Body.Holds = list
	return out, nil
}

type addHoldInput struct {
	Body struct {
		Camera string     `json:"camera" minLength:"1" maxLength:"64"`
		Stream string     `json:"stream,omitempty" enum:"main,sub," doc:"\"\" = both."`
		Now    bool       `json:"now,omitempty" doc:"Marks this moment, by this server's clock, instead of from and to."`
		At     *time.Time `json:"at,omitempty" doc:"A moment to mark, by this server's clock, instead of from and to."`
		From   *time.Time `json:"from,omitempty"`
		To     *time.Time `json:"to,omitempty"`
		Until  *time.Time `json:"until,omitempty" doc:"At most 180 days from now; 72 hours from now when left out."`
		Reason string     `json:"reason,omitempty" maxLength:"1000" doc:"Why; at most 200 characters. May be left out with now and at."`
	}
}

type holdOutput struct{ Body Hold }

func (m *Room) addHold(ctx context.Context, in *addHoldInput) (*holdOutput, error) {
	b := in.Body
	who := api.CallerFrom(ctx)
	h := Hold{Camera: b.Camera, Stream: Which(b.Stream), Reason: b.Reason, Owner: who.Account, OwnerName: who.Name}
	if b.Until != nil {
		h.Until = *b.Until
	}
	marks := b.Now || b.At != nil
	if marks && h.Reason == "" {
		h.Reason = api.Say(ctx, "archive.marked")
	}
	var err error
	switch {
	case marks && (b.From != nil || b.To != nil) || b.Now && b.At != nil, !marks && (b.From == nil || b.To == nil):
		return nil, fault.New(fault.Invalid, "archive.hold", "archive.bad-span")
	case b.At != nil:
		h, err = m.a.MarkMoment(ctx, h, *b.At)
	case b.Now:
		h, err = m.a.MarkMoment(ctx, h, time.Time{})
	default:
		h.From, h.To = *b.From, *b.To
		h, err = m.a.AddHold(ctx, h)
	}
	if err != nil {
		return nil, err
	}
	return &holdOutput{h}, nil
}

type changeHoldInput struct {
	ID   string `path:"id" maxLength:"64"`
	Body struct {
		Reason *string    `json:"reason,omitempty" maxLength:"1000"`
		Until  *time.Time `json:"until,omitempty"`
	}
}

func (m *Room) changeHold(ctx context.Context, in *changeHoldInput) (*holdOutput, error) {
	h, err := m.a.ChangeHold(ctx, in.ID, in.Body.Reason, in.Body.Until, api.CallerFrom(ctx).Account)
	if err != nil {
		return nil, err
	}
	return &holdOutput{h}, nil
}

type idInput struct {
	ID string `path:"id" maxLength:"64"`
}

func (m *Room) endHold(ctx context.Context, in *idInput) (*struct{}, error) {
	return nil, m.a.EndHold(ctx, in.ID, api.CallerFrom(ctx).Account)
}
