package grant

import (
	"context"
	"encoding/json"
	"io/fs"
	"maps"
	"net/http"
	"time"

	"linli.dev/linli/api"
	"linli.dev/linli/fault"
)

// Name is the room's.
func (d *Door) Name() string { return room }

// Messages are the room's sentences, and the policies' own.
func (d *Door) Messages() fs.FS { return sentences{d} }

// Routes hands the room's routes to the server.
func (d *Door) Routes(r *api.Router) {
	const tag = "Looks"
	api.Post(r, "/api/looks", api.Op{
		ID: "beginLook", Permission: "look.begin", Tag: tag, Summary: "Ask to look", Status: http.StatusCreated,
		Description: "The one way to a picture. The answer has the media URLs; they carry the lease, work from this browser only, and end with it. " +
			"Each media request keeps the lease, and so does POST …/beat; 15 s without either ends it. A refusal names the policy and is written down, too. " +
			"An account may ask for 384 looks at once and four a second from then on; beyond that it is 429 with Retry-After.",
	}, d.postLook)
	api.Get(r, "/api/looks", api.Op{
		ID: "listLooks", Permission: "look.read", Tag: tag, Summary: "The record of looks, newest first",
		Description: "Pages: give next as before.",
	}, d.getLooks)
	api.Get(r, "/api/looks/permits", api.Op{
		ID: "listPermits", Permission: "look.begin", Tag: tag, Summary: "What the policies permit the caller",
		Description: "Of a camera that is registered as a common area. A page asks this first, so that it offers nothing that the door would refuse.",
	}, d.getPermits)
	api.Delete(r, "/api/looks/{lease}", api.Op{
		ID: "endLook", Permission: api.SignedIn, Tag: tag, Summary: "End a look", Status: http.StatusNoContent,
		Description: "By its lease, or by its id. Somebody else's: for who holds look.end.",
	}, d.deleteLook)
	api.Post(r, "/api/looks/{lease}/beat", api.Op{
		ID: "keepLook", Permission: "look.begin", Tag: tag, Summary: "Somebody is still looking",
		Description: "For connections that live on, such as WebRTC, and for desktop players, which their page must keep. It may tell a new playback speed.",
	}, d.postBeat)
}

// LeaseBody is what the door gave.
type LeaseBody struct {
	Lease    string            `json:"lease" doc:"Secret: whoever has it and the session's cookie sees the picture."`
	Look     LookID            `json:"look" doc:"Id of the look in lists and events; opens nothing."`
	Camera   CameraID          `json:"camera"`
	Kind     Kind              `json:"kind" enum:"live,playback,export,snapshot,rtsp"`
	Stream   Stream            `json:"stream" enum:"main,sub" doc:"What is sent; main when the camera has no sub stream."`
	Purpose  string            `json:"purpose"`
	Begin    time.Time         `json:"begin"`
	Until    time.Time         `json:"until" doc:"It ends then at the latest."`
	IdleS    int               `json:"idle_s" doc:"It ends after so many seconds without a request."`
	Policy   string            `json:"policy" doc:"What allowed it."`
	Sentence string            `json:"sentence" doc:"The policy in words."`
	Sound    bool              `json:"sound" doc:"The camera's register gives sound a purpose."`
	URLs     map[string]string `json:"urls" doc:"Where the media is, by way: whep, hls, …"`
}

// LeaseReply is not for caches.
type LeaseReply struct {
	CacheControl string `header:"Cache-Control"`
	Body         LeaseBody
}

func (d *Door) postLook(ctx context.Context, in *struct {
	Body struct {
		Camera  CameraID   `json:"camera"`
		Purpose string     `json:"purpose" enum:"duty,home-patrol,incident,evidence,maintenance,emergency"`
		Kind    Kind       `json:"kind" enum:"live,playback,export,snapshot,rtsp"`
		Stream  Stream     `json:"stream,omitempty" enum:"main,sub" doc:"main when left out."`
		From    *time.Time `json:"from,omitempty" doc:"Playback and export: span of the footage."`
		To      *time.Time `json:"to,omitempty"`
		Reason  string     `json:"reason,omitempty" doc:"In the viewer's words, 200 characters."`
		Speed   float64    `json:"speed,omitempty" doc:"Playback: 0.25 to 8."`
	}
},
) (*LeaseReply, error) {
	b := in.Body
	q := Request{Camera: b.Camera, Kind: b.Kind, Stream: b.Stream, Purpose: b.Purpose, Reason: b.Reason, Speed: b.Speed}
	if b.From != nil {
		q.From = *b.From
	}
	if b.To != nil {
		q.To = *b.To
	}
	l, err := d.Begin(ctx, api.CallerFrom(ctx), q)
	if err != nil {
		return nil, err
	}
	return &LeaseReply{CacheControl: "no-store", Body: LeaseBody{
		Lease: l.ID, Look: l.Look, Camera: l.Camera, Kind: l.Kind, Stream: l.Stream, Purpose: l.Purpose, Begin: l.Begin.UTC(), Until: l.Until.UTC(),
		IdleS: int(d.opt.Idle.Seconds()), Policy: l.Policy, Sentence: d.Sentence(l.Policy, api.Language(ctx)), Sound: l.Sound, URLs: d.URLs(l),
	}}, nil
}

// LookPage is a page of the record.
type LookPage struct {
	Looks []LeaseView `json:"looks"`
	Next  LookID      `json:"next,omitempty" doc:"Give it as before for the next page; none: this was the last."`
}

func (d *Door) getLooks(ctx context.Context, in *struct {
	Active  string    `query:"active" enum:"true,false" doc:"Going on now, or ended; both when left out."`
	Mine    bool      `query:"mine" doc:"One's own only."`
	Account string    `query:"account"`
	Camera  CameraID  `query:"camera"`
	From    time.Time `query:"from" doc:"Begun at or after."`
	To      time.Time `query:"to" doc:"Begun before."`
	Before  LookID    `query:"before" doc:"next of the page before."`
	Limit   int       `query:"limit" minimum:"1" maximum:"500" default:"100"`
},
) (*struct{ Body LookPage }, error) {
	q := Query{Account: in.Account, Camera: in.Camera, From: in.From, To: in.To, Before: in.Before, Limit: in.Limit}
	if in.Mine {
		q.Account = api.CallerFrom(ctx).Account
	}
	if in.Active != "" {
		active := in.Active == "true"
		q.Active = &active
	}
	looks, next, err := d.Looks(ctx, q)
	if err != nil {
		return nil, err
	}
	return &struct{ Body LookPage }{LookPage{Looks: looks, Next: next}}, nil
}

type none struct{}

func (d *Door) deleteLook(ctx context.Context, in *struct {
	Lease string `path:"lease" doc:"The lease, or the look's id."`
},
) (*none, error) {
	who := api.CallerFrom(ctx)
	l := d.find(in.Lease)
	if l == nil {
		l = d.look(LookID(in.Lease))
	}
	switch {
	case l == nil || (l.Account != who.Account && !who.May("look.end")):
		return nil, fault.New(fault.NotFound, "door.end", "door.look-unknown")
	case l.Account != who.Account:
		d.log.Info("look taken back", "look", l.Look, "by", who.Account)
		d.end(l, EndRevoked)
	default:
		d.end(l, EndDeleted)
	}
	return nil, nil
}

// BeatBody tells that somebody is looking.
type BeatBody struct {
	Speed float64 `json:"speed,omitempty" doc:"Playback: the speed from now on, 0.25 to 8."`
}

// BeatReply says how long the lease has at most.
type BeatReply struct {
	Body struct {
		Until time.Time `json:"until"`
	}
}

func (d *Door) postBeat(ctx context.Context, in *struct {
	Lease string    `path:"lease"`
	Body  *BeatBody `required:"false"`
},
) (*BeatReply, error) {
	l, err := d.Find(in.Lease)
	if err != nil {
		return nil, err
	}
	if l.Session != api.CallerFrom(ctx).Session {
		return nil, fault.New(fault.Denied, "door.beat", "door.lease-required")
	}
	l.keep()
	if in.Body != nil && in.Body.Speed != 0 {
		if !(in.Body.Speed >= slowest && in.Body.Speed <= fastest) {
			return nil, fault.New(fault.Invalid, "door.beat", "door.speed-range")
		}
		l.pacer.SetSpeed(in.Body.Speed)
	}
	out := &BeatReply{}
	out.Body.Until = l.Until.Add(l.shift()).UTC()
	return out, nil
}

// sentences are the message files, with the words of the policies beside the room's own.
type sentences struct{ d *Door }

func (s sentences) Open(name string) (fs.File, error) { return messages.Open("messages/" + name) }

func (s sentences) ReadFile(name string) ([]byte, error) {
	raw, err := messages.ReadFile("messages/" + name)
	if err != nil {
		return nil, err
	}
	words := map[string]string{}
	if err := json.Unmarshal(raw, &words); err != nil {
		return nil, err
	}
	maps.Copy(words, policySentences(s.d.policies, map[string]string{"zh.json": "zh", "en.json": "en"}[name]))
	return json.Marshal(words)
}
