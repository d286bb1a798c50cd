package live

import (
	"bytes"
	"context"
	"sync"
	"sync/atomic"
	"time"

	"linli.dev/linli/access/grant"
	"linli.dev/linli/fault"
	"linli.dev/linli/media/stream"
	"linli.dev/linli/protocol/cmaf"
	"linli.dev/linli/protocol/rtsp"
)

// playersPerLease: a desktop player may ask twice before it plays, and a second window is no second viewer.
const playersPerLease = 2

// desktop sends one stream to all of its RTSP players.
type desktop struct {
	source Source
	medias []rtsp.Media
	tracks [2]cmaf.Track // as described
	group  *rtsp.Group

	mu   sync.Mutex
	outs map[*rtsp.Out]bool // true: takes sound
	over bool

	begun time.Time    // an hour before it began
	asked atomic.Int64 // for a key frame, when: nanoseconds since begun, by the clock that nobody sets
}

func newDesktop(src Source) (*desktop, error) {
	video, audio, ok := pick(src.Tracks(), cmaf.AAC, cmaf.PCMA, cmaf.PCMU)
	if !ok {
		return nil, errNoPicture(src)
	}
	d := &desktop{source: src, begun: time.Now().Add(-time.Hour), outs: map[*rtsp.Out]bool{}, tracks: [2]cmaf.Track{video, audio}}
	v := rtsp.Media{Kind: "video", Codec: string(video.Codec), PayloadType: 96, ClockRate: 90000, Control: "trackID=0", Params: [][]byte{video.SPS, video.PPS}}
	if video.Codec == cmaf.H265 {
		v.Params = [][]byte{video.VPS, video.SPS, video.PPS}
	}
	d.medias = []rtsp.Media{v}
	if audio.ID != 0 {
		a := rtsp.Media{
			Kind: "audio", Codec: string(audio.Codec), PayloadType: 97, ClockRate: audio.SampleRate,
			Channels: max(1, audio.Channels), Control: "trackID=1",
		}
		switch {
		case audio.Codec == cmaf.AAC:
			a.Params = [][]byte{audio.ASC}
		case audio.SampleRate == 8000 && audio.Codec == cmaf.PCMA:
			a.PayloadType = 8
		case audio.SampleRate == 8000 && audio.Codec == cmaf.PCMU:
			a.PayloadType = 0
		}
		d.medias = append(d.medias, a)
	}
	d.group = rtsp.NewGroup(d.medias, 0)
	return d, nil
}

// description leaves the sound out where the camera's register gives it no purpose.
func (d *desktop) description(sound bool) *rtsp.Description {
	medias := d.medias
	if !sound {
		medias = medias[:1]
	}
	return &rtsp.Description{Name: "Linli", Medias: medias}
}

func (d *desktop) add(o *rtsp.Out) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.over {
		return false
	}
	d.outs[o] = true
	d.group.Add(o, true)
	return true
}

func (d *desktop) remove(o *rtsp.Out) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.outs, o)
	d.group.Remove(o)
}

func (d *desktop) stop() {
	d.mu.Lock()
	d.over = true
	outs := make([]*rtsp.Out, 0, len(d.outs))
	for o := range d.outs {
		outs = append(outs, o)
	}
	d.mu.Unlock()
	for _, o := range outs {
		o.Close()
	}
}

// askKey passes a player's wish for a key frame on, at most once a second for all players together: one whose decoder is
// lost asks again and again, and every key frame costs all who watch and the disk.
func (d *desktop) askKey(now time.Time) {
	at, last := int64(now.Sub(d.begun)), d.asked.Load()
	if at-last >= int64(time.Second) && d.asked.CompareAndSwap(last, at) {
		d.source.RequestKey()
	}
}

// run hands frames to the group until the stream ends, or its parameters change: a player must describe anew then. One
// that goes on as before after a break goes on in the same window.
func (d *desktop) run(ctx context.Context) {
	frames := d.source.Frames()
	defer frames.Close()
	var line timeline
	var tracks [2]cmaf.Track
	for {
		f, err := frames.Next(ctx)
		if err != nil {
			return
		}
		if fresh := !line.begun || f.Run != line.run; fresh {
			video, audio, ok := pick(d.source.Tracks(), cmaf.AAC, cmaf.PCMA, cmaf.PCMU)
			if !ok || !same(video, d.tracks[0]) || len(d.medias) > 1 && !same(audio, d.tracks[1]) {
				return
			}
			tracks = [2]cmaf.Track{video, audio}
			line.begin(f, tracks, [2]int64{90000, int64(max(1, audio.SampleRate))})
		}
		switch {
		case f.Track == tracks[0].ID:
			d.group.WriteUnit(0, uint32(line.at(0, f)), f.Wall.UnixNano(), f.Data, f.Key)
		case f.Track == tracks[1].ID && len(d.medias) > 1:
			d.group.WriteUnit(1, uint32(line.at(1, f)), f.Wall.UnixNano(), f.Data, true)
		}
	}
}

// same says whether a decoder that was set up for one track can go on with the other.
func same(a, b cmaf.Track) bool {
	return a.Codec == b.Codec && bytes.Equal(a.VPS, b.VPS) && bytes.Equal(a.SPS, b.SPS) && bytes.Equal(a.PPS, b.PPS) &&
		bytes.Equal(a.ASC, b.ASC) && a.SampleRate == b.SampleRate
}

// players answers desktop players: rtsp://HOST:PORT/LEASE.
type players struct {
	room *Room

	mu     sync.Mutex
	active map[*rtsp.Out]func() // what to do when it goes
	shows  map[*rtsp.Out]*desktop
	count  map[string]int // by lease
}

// RTSP is what an rtsp.Server needs to serve this room.
func (m *Room) RTSP() rtsp.ServerHandler { return m.players }

func (p *players) use(path string) (*grant.Lease, *desktop, func(), error) {
	lease, err := p.room.o.Door.Use(path, grant.RTSP)
	if err != nil {
		return nil, nil, nil, rtspError(err)
	}
	d, release, err := p.room.desktops.use(stream.ID{Camera: string(lease.Camera), Which: stream.Which(lease.Stream)})
	if err != nil {
		return nil, nil, nil, rtspError(err)
	}
	return lease, d, release, nil
}

func (p *players) Describe(r *rtsp.Request) (*rtsp.Description, error) {
	lease, d, release, err := p.use(r.Path)
	if err != nil {
		return nil, err
	}
	defer release() // it lingers until PLAY
	return d.description(lease.Sound), nil
}

// Credentials: the lease in the path is the credential.
func (p *players) Credentials(*rtsp.Request) []rtsp.Credential { return nil }

func (p *players) Play(r *rtsp.Request, o *rtsp.Out) error {
	lease, d, release, err := p.use(r.Path)
	if err != nil {
		return err
	}
	p.mu.Lock()
	if p.count[lease.ID] >= playersPerLease {
		p.mu.Unlock()
		release()
		return &rtsp.StatusError{Code: 453}
	}
	p.count[lease.ID]++
	p.shows[o] = d
	var stop func() bool
	p.active[o] = func() {
		d.remove(o) // first of all: the picture stops
		if p.count[lease.ID]--; p.count[lease.ID] <= 0 {
			delete(p.count, lease.ID)
		}
		release()
	}
	p.mu.Unlock()
	if !d.add(o) {
		p.gone(o)
		return &rtsp.StatusError{Code: 503}
	}
	stop = lease.OnEnd(func() { p.gone(o); o.Cut() })
	p.mu.Lock()
	if leave := p.active[o]; leave != nil {
		p.active[o] = func() { leave(); stop() }
	} else {
		stop()
	}
	p.mu.Unlock()
	p.room.log.Info("desktop player", "look", lease.Look, "remote", o.Remote())
	return nil
}

func (p *players) gone(o *rtsp.Out) {
	p.mu.Lock()
	leave := p.active[o]
	delete(p.active, o)
	delete(p.shows, o)
	if leave != nil {
		leave()
	}
	p.mu.Unlock()
}

// KeyAsked: a player lost a picture (RFC 4585) or cannot begin (RFC 5104). The camera is asked as for any other viewer.
func (p *players) KeyAsked(o *rtsp.Out, media int) {
	p.mu.Lock()
	d := p.shows[o]
	p.mu.Unlock()
	if d != nil && media == 0 {
		d.askKey(time.Now())
	}
}

func (p *players) Closed(o *rtsp.Out, _ error) { p.gone(o) }

func rtspError(err error) error {
	switch fault.KindOf(err) {
	case fault.Denied, fault.Gone:
		return &rtsp.StatusError{Code: 403}
	case fault.NotFound:
		return &rtsp.StatusError{Code: 404}
	default:
		return &rtsp.StatusError{Code: 503}
	}
}

const desktopLinger = 5 * time.Second
