package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/bluenviron/gortsplib/v5"
	"github.com/bluenviron/gortsplib/v5/pkg/base"
	"github.com/bluenviron/gortsplib/v5/pkg/description"
	"github.com/bluenviron/gortsplib/v5/pkg/format"
	"github.com/pion/rtp"
	"golang.org/x/sys/unix"
)

// The latency camera stamps each picture with the time of its sending; the reader looks for the stamp. Both are this
// process, so there is one clock.
var stamp = []byte("LinliStamp")

type stampCamera struct {
	server *gortsplib.Server
	stream *gortsplib.ServerStream
	media  *description.Media
	addr   string
}

func (c *stampCamera) OnDescribe(*gortsplib.ServerHandlerOnDescribeCtx) (*base.Response, *gortsplib.ServerStream, error) {
	return &base.Response{StatusCode: base.StatusOK}, c.stream, nil
}

func (c *stampCamera) OnSetup(*gortsplib.ServerHandlerOnSetupCtx) (*base.Response, *gortsplib.ServerStream, error) {
	return &base.Response{StatusCode: base.StatusOK}, c.stream, nil
}

func (c *stampCamera) OnPlay(*gortsplib.ServerHandlerOnPlayCtx) (*base.Response, error) {
	return &base.Response{StatusCode: base.StatusOK}, nil
}

func startStampCamera() (*stampCamera, error) {
	sps, _ := hex.DecodeString("67640028acd940780227e5c05a808080a0000003002000000781e30632c0")
	pps, _ := hex.DecodeString("68ebe3cb22c0")
	c := &stampCamera{addr: freePort()}
	c.media = &description.Media{Type: description.MediaTypeVideo, Formats: []format.Format{
		&format.H264{PayloadTyp: 96, SPS: sps, PPS: pps, PacketizationMode: 1},
	}}
	c.server = &gortsplib.Server{Handler: c, RTSPAddress: c.addr}
	if err := c.server.Start(); err != nil {
		return nil, err
	}
	c.stream = &gortsplib.ServerStream{Server: c.server, Desc: &description.Session{Medias: []*description.Media{c.media}}}
	return c, c.stream.Initialize()
}

// run sends 25 pictures a second of one packet each, at a time of its own choosing within each 40 ms, so that no timer of
// the server falls into step with it.
func (c *stampCamera) run(ctx context.Context) {
	tick := time.NewTicker(40 * time.Millisecond)
	defer tick.Stop()
	for n := 0; ; n++ {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		time.Sleep(time.Duration(rand.Int64N(int64(8 * time.Millisecond))))
		payload := make([]byte, 1100)
		payload[0] = 0x41
		if n%50 == 0 {
			payload[0] = 0x65
		}
		payload[1] = 0x9a
		for i := range payload[2:] {
			payload[2+i] = byte(rand.IntN(255)) + 1
		}
		copy(payload[40:], stamp)
		binary.BigEndian.PutUint64(payload[40+len(stamp):], uint64(time.Now().UnixNano()))
		_ = c.stream.WritePacketRTP(c.media, &rtp.Packet{
			Header:  rtp.Header{Version: 2, Marker: true, PayloadType: 96, SequenceNumber: uint16(n), Timestamp: uint32(n) * 3600, SSRC: 7},
			Payload: payload,
		})
	}
}

// delays collects how old the stamps are when they come out.
type delays struct {
	mu   sync.Mutex
	list []time.Duration
}

func (d *delays) see(b []byte) {
	now := time.Now()
	for {
		i := bytes.Index(b, stamp)
		if i < 0 || len(b) < i+len(stamp)+8 {
			return
		}
		sent := int64(binary.BigEndian.Uint64(b[i+len(stamp):]))
		d.mu.Lock()
		d.list = append(d.list, now.Sub(time.Unix(0, sent)))
		d.mu.Unlock()
		b = b[i+len(stamp)+8:]
	}
}

func (d *delays) reset() { d.mu.Lock(); d.list = nil; d.mu.Unlock() }

func (d *delays) at(share float64) float64 {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.list) == 0 {
		return 0
	}
	slices.Sort(d.list)
	return float64(d.list[min(int(share*float64(len(d.list))), len(d.list)-1)].Microseconds()) / 1e3
}

func benchLatency(ctx context.Context, o options) ([]row, error) {
	cam, err := startStampCamera()
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go cam.run(ctx)
	dir, err := os.MkdirTemp(o.clips, "latency-")
	if err != nil {
		return nil, err
	}
	sim := &simulator{addr: cam.addr}
	s, err := startServer(ctx, o.bin, filepath.Join(dir, "data"), sim, 1, "--no-record")
	defer s.stop()
	if err != nil {
		return nil, err
	}
	if err := pause(ctx, 4*time.Second); err != nil {
		return nil, err
	}
	// The floor is the same camera read without us: what this machine's load makes late by itself.
	var bare delays
	alone, stop := context.WithCancel(ctx)
	if err := stampsOverRTSP(alone, nil, map[string]string{"rtsp": "rtsp://" + cam.addr + "/cam"}, &bare); err != nil {
		stop()
		return nil, fmt.Errorf("camera alone: %w", err)
	}
	err = pause(ctx, o.span)
	stop()
	if err != nil {
		return nil, err
	}
	var rows []row
	for _, way := range []struct {
		name, kind               string
		p50, p99, moon50, moon99 float64
		open                     func(context.Context, *server, map[string]string, *delays) error
	}{
		{"RTSP", "rtsp", 0.4, 1, 0.3, 0.5, stampsOverRTSP},
		{"WHEP", "live", 0.7, 2, 0.5, 1, stampsOverWHEP},
	} {
		var d delays
		lease, urls, err := s.look(0, way.kind, "main")
		if err != nil {
			return rows, err
		}
		kept, stop := context.WithCancel(ctx)
		go s.keep(kept, []string{lease})
		if err := way.open(kept, s, urls, &d); err != nil {
			stop()
			return rows, err
		}
		_ = pause(ctx, 3*time.Second)
		d.reset()
		err = pause(ctx, o.span)
		stop()
		if err != nil {
			return rows, err
		}
		if want := int(o.span.Seconds() * 25); len(d.list) < want*8/10 {
			return rows, fmt.Errorf("%s: only %d of %d stamped pictures came", way.name, len(d.list), want)
		}
		rows = append(rows,
			row{job: "camera packet → one reader, " + way.name + ", p50", unit: "ms", value: d.at(0.5), floor: bare.at(0.5), goal: way.p50, moonshot: way.moon50},
			row{job: "camera packet → one reader, " + way.name + ", p99", unit: "ms", value: d.at(0.99), floor: bare.at(0.99), goal: way.p99, moonshot: way.moon99})
	}
	return rows, nil
}

func stampsOverRTSP(ctx context.Context, _ *server, urls map[string]string, d *delays) error {
	u := urls["rtsp"]
	parsed, err := url.Parse(u)
	if err != nil {
		return err
	}
	fd, _, err := floorDial(parsed.Host, u)
	if err != nil {
		return err
	}
	if err := unix.SetNonblock(fd, false); err != nil {
		return err
	}
	go func() { <-ctx.Done(); _ = unix.Shutdown(fd, unix.SHUT_RDWR) }()
	go func() {
		defer unix.Close(fd)
		buf := make([]byte, 64<<10)
		for {
			n, err := unix.Read(fd, buf)
			if err == unix.EINTR {
				continue
			}
			if err != nil || n == 0 {
				return
			}
			d.see(buf[:n])
		}
	}()
	return nil
}

func stampsOverWHEP(ctx context.Context, s *server, urls map[string]string, d *delays) error {
	var got atomic.Int64
	v, err := openViewer(ctx, &http.Client{Jar: s.guard.Jar}, absolute(s.url, urls["whep"]), &got, d.see)
	if err != nil {
		return err
	}
	context.AfterFunc(ctx, func() { _ = v.pc.Close() })
	return nil
}
