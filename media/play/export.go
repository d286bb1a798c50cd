package play

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"linli.dev/linli/access/grant"
	"linli.dev/linli/fault"
	"linli.dev/linli/media/archive"
)

// files lists the plans of a span, one per run.
func (m *Room) files(ctx context.Context, l *grant.Lease, from, to time.Time) ([]run, error) {
	return m.runs(archive.For(ctx, archive.Export), l, from, to)
}

// plan gives the plan of a run, from the cache where it can. An open segment only grows, and what lies in the span is in
// the key.
func (m *Room) plan(ctx context.Context, l *grant.Lease, r run, from, to time.Time) (*plan, error) {
	last := r.pieces[len(r.pieces)-1]
	key := fmt.Sprint(l.Camera, l.Stream, from.UnixMicro(), to.UnixMicro(), r.number, r.pieces[0].segment.ID, r.pieces[0].entry.Offset, last.segment.ID, last.entry.Offset)
	if p := m.plans.find(key); p != nil {
		return p, nil
	}
	p, err := makePlan(archive.For(ctx, archive.Export), m.o.Footage, r, from, to)
	if err != nil {
		return nil, err
	}
	m.plans.keep(key, p)
	return p, nil
}

type exportFile struct {
	Run    int      `json:"run" doc:"For ?run= of export.mp4; counts from 0."`
	URL    string   `json:"url"`
	Name   string   `json:"name"`
	From   string   `json:"from"`
	To     string   `json:"to"`
	Size   int64    `json:"size"`
	Frames int      `json:"frames"`
	Codecs []string `json:"codecs"`
	ETag   string   `json:"etag"`
}

// clip is what an export's request is about: a file for each of the runs.
func (m *Room) clip(r *http.Request) (l *grant.Lease, from, to time.Time, runs []run, err error) {
	if l, from, to, err = m.asked(r, grant.Export); err != nil {
		return
	}
	runs, err = m.files(r.Context(), l, from, to)
	return
}

// exportList answers GET …/export.json.
func (m *Room) exportList(w http.ResponseWriter, r *http.Request) error {
	l, from, to, runs, err := m.clip(r)
	if err != nil {
		return err
	}
	out := struct {
		Files []exportFile `json:"files"`
		Size  int64        `json:"size"`
	}{Files: []exportFile{}}
	for i, one := range runs {
		l.Beat() // reading many headers may take a while
		if err := l.Err(); err != nil {
			return err
		}
		p, err := m.plan(r.Context(), l, one, from, to)
		if err != nil {
			return err
		}
		q := url.Values{"from": {from.Format(time.RFC3339Nano)}, "to": {to.Format(time.RFC3339Nano)}, "run": {strconv.Itoa(i)}}
		f := exportFile{
			Run: i, URL: "/media/" + l.ID + "/export.mp4?" + q.Encode(), Name: fileName(l, p, m.o.Zone),
			From: p.from.UTC().Format(milliseconds), To: p.to.UTC().Format(milliseconds), Size: p.size, Frames: p.frames, ETag: p.etag,
		}
		for _, t := range one.tracks {
			f.Codecs = append(f.Codecs, t.MIME())
		}
		out.Files = append(out.Files, f)
		out.Size += p.size
	}
	return writeJSON(w, out)
}

// export answers GET …/export.mp4?from&to&run, whole or by Range.
func (m *Room) export(w http.ResponseWriter, r *http.Request) error {
	l, from, to, runs, err := m.clip(r)
	if err != nil {
		return err
	}
	n := 0
	if text := r.URL.Query().Get("run"); text != "" {
		if n, err = strconv.Atoi(text); err != nil || n < 0 || n >= len(runs) {
			return fault.New(fault.NotFound, "play.export", "play.no-run", "runs", len(runs))
		}
	}
	p, err := m.plan(r.Context(), l, runs[n], from, to)
	if err != nil {
		return err
	}
	if err := l.Err(); err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "video/mp4")
	h.Set("Cache-Control", "no-store")
	h.Set("ETag", p.etag)
	h.Set("Linli-Runs", strconv.Itoa(len(runs)))
	h.Set("Content-Disposition", "attachment; filename=\"clip.mp4\"; filename*=UTF-8''"+url.PathEscape(fileName(l, p, m.o.Zone)))
	body := &reader{ctx: archive.For(r.Context(), archive.Export), f: m.o.Footage, p: p}
	defer body.Close()
	m.log.Info("export", "look", l.Look, "camera", l.Camera, "from", p.from, "to", p.to, "bytes", p.size, "range", r.Header.Get("Range"))
	defer grant.Cut(l, w)
	http.ServeContent(sender{grant.Writer(l, w), body}, r, "", time.Time{}, body)
	return nil
}

// sender lets the system carry a planned file's media from the segments to the socket: http.ServeContent would read it
// 32 KB at a time, each a movement of a hard disk's arm.
type sender struct {
	http.ResponseWriter
	body *reader
}

func (s sender) Unwrap() http.ResponseWriter { return s.ResponseWriter }

func (s sender) ReadFrom(r io.Reader) (int64, error) {
	if l, ok := r.(*io.LimitedReader); ok && l.R == io.Reader(s.body) {
		n, err := s.body.send(s.ResponseWriter, l.N)
		l.N -= n
		return n, err
	}
	return io.Copy(s.ResponseWriter, r) // several ranges
}

// fileName tells camera, day and time, as a file name that every system takes.
func fileName(l *grant.Lease, p *plan, zone *time.Location) string {
	name := []rune{}
	for _, c := range l.CameraName {
		switch {
		case c < ' ', c == '/', c == '\\', c == ':', c == '*', c == '?', c == '"', c == '<', c == '>', c == '|':
			c = '-'
		}
		name = append(name, c)
	}
	return fmt.Sprintf("%s %s–%s.mp4", string(name), p.from.In(zone).Format("2006-01-02 15.04.05"), p.to.In(zone).Format("15.04.05"))
}
