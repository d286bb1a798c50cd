package play

import (
	"encoding/hex"
	"net/http"
	"time"

	"linli.dev/linli/media/archive"
)

type manifestClock struct {
	OffsetMS       int64 `json:"camera_offset_ms" doc:"The camera's clock minus the node's, when last seen."`
	DriftMSPerHour int64 `json:"camera_drift_ms_per_hour"`
}

type manifestFragment struct {
	Segment    string `json:"segment"`
	Offset     int64  `json:"offset"`
	Size       uint32 `json:"size"`
	Start      string `json:"start"`
	DurationMS int64  `json:"duration_ms"`
	SHA256     string `json:"sha256"`
}

type manifestRun struct {
	Run         int                `json:"run"`
	File        string             `json:"file"`
	ETag        string             `json:"etag"`
	Size        int64              `json:"size"`
	From        string             `json:"from" doc:"Of the first frame shown, by the node's clock."`
	To          string             `json:"to"`
	Frames      int                `json:"frames"`
	Codecs      string             `json:"codecs"`
	Unconfirmed bool               `json:"time_unconfirmed" doc:"The node's clock had not been set when this was recorded."`
	Fragments   []manifestFragment `json:"fragments"`
}

type manifest struct {
	Software string `json:"software"`
	Made     string `json:"made"`
	Camera   struct {
		ID     string `json:"id"`
		Name   string `json:"name"`
		Area   string `json:"area"`
		Stream string `json:"stream"`
	} `json:"camera"`
	From    string         `json:"from"`
	To      string         `json:"to"`
	By      string         `json:"by"`
	Account string         `json:"account"`
	Purpose string         `json:"purpose"`
	Reason  string         `json:"reason,omitempty"`
	Policy  string         `json:"policy"`
	Look    string         `json:"look"`
	Clock   *manifestClock `json:"clock,omitempty"`
	Note    string         `json:"note"`
	Runs    []manifestRun  `json:"runs"`
}

const manifestNote = "sha256 is of each fragment's bytes in the recording (moof and mdat), as written when it was recorded. " +
	"The exported file holds the same media bytes in the same order, without the moof headers. Times are those of the node's clock. " +
	"Decoding begins at the key frame before the span; the edit list hides what leads up to it."

// manifest answers GET …/manifest.json: what goes with an exported clip.
func (m *Room) manifest(w http.ResponseWriter, r *http.Request) error {
	l, from, to, runs, err := m.clip(r)
	if err != nil {
		return err
	}
	stamp := func(t time.Time) string { return t.UTC().Format(milliseconds) }
	out := manifest{
		Software: "Linli " + m.o.Version, Made: stamp(time.Now()), From: stamp(from), To: stamp(to),
		By: l.Name, Account: l.Account, Purpose: l.Purpose, Reason: l.Reason, Policy: l.Policy, Look: string(l.Look), Note: manifestNote,
	}
	out.Camera.ID, out.Camera.Name, out.Camera.Area, out.Camera.Stream = string(l.Camera), l.CameraName, l.Area, string(l.Stream)
	if m.o.Clock != nil {
		if c, ok := m.o.Clock(string(l.Camera), archive.Which(l.Stream)); ok {
			out.Clock = &manifestClock{c.Offset.Milliseconds(), c.Drift.Milliseconds()}
		}
	}
	for i, one := range runs {
		l.Beat()
		p, err := m.plan(r.Context(), l, one, from, to)
		if err != nil {
			return err
		}
		mr := manifestRun{
			Run: i, File: fileName(l, p, m.o.Zone), ETag: p.etag, Size: p.size, From: stamp(p.from), To: stamp(p.to), Frames: p.frames,
			Codecs: codecs(one.tracks), Fragments: make([]manifestFragment, 0, len(one.pieces)),
		}
		for _, x := range one.pieces {
			mr.Unconfirmed = mr.Unconfirmed || x.segment.Unconfirmed
			mr.Fragments = append(mr.Fragments, manifestFragment{
				Segment: string(x.segment.ID), Offset: x.entry.Offset, Size: x.entry.Size, Start: stamp(x.entry.Start),
				DurationMS: x.entry.Duration.Milliseconds(), SHA256: hex.EncodeToString(x.entry.Hash[:]),
			})
		}
		out.Runs = append(out.Runs, mr)
	}
	w.Header().Set("Content-Disposition", `attachment; filename="manifest.json"`)
	return writeJSON(w, out)
}
