package camera

import (
	"time"

	"linli.dev/linli/store"
)

// Health is a camera's state at a glance, and of each stream.
type Health struct {
	State State `json:"state"`
	// Part: one stream works, which names the other.
	Part    bool           `json:"part"`
	Which   Which          `json:"which,omitempty" doc:"The stream that the reason speaks of"`
	Reason  string         `json:"reason,omitempty"`
	Says    string         `json:"says" doc:"The reason in words"`
	Do      string         `json:"do,omitempty" doc:"What to do about it"`
	Detail  string         `json:"detail,omitempty" doc:"Only for those who may edit cameras"`
	Since   time.Time      `json:"since"`
	NextTry *time.Time     `json:"next_try,omitempty" doc:"When a refused password is tried again, or the next attempt is due"`
	Outage  *time.Time     `json:"outage_since,omitempty" doc:"An outage is under way since"`
	Streams []StreamHealth `json:"streams"`
}

// StreamHealth is one stream's state with its figures.
type StreamHealth struct {
	Which       Which      `json:"which"`
	State       State      `json:"state"`
	Reason      string     `json:"reason,omitempty"`
	Says        string     `json:"says"`
	Do          string     `json:"do,omitempty"`
	Since       time.Time  `json:"since"`
	NextTry     *time.Time `json:"next_try,omitempty"`
	Video       string     `json:"video,omitempty"`
	Sound       string     `json:"sound,omitempty"`
	Width       int        `json:"width,omitempty"`
	Height      int        `json:"height,omitempty"`
	BitRate     int64      `json:"bit_rate"`
	FrameRate   float64    `json:"frame_rate"`
	KeyInterval float64    `json:"key_interval_seconds"`
	BFrames     bool       `json:"b_frames"`
	Drift       float64    `json:"drift_ms_per_hour"`
	ClockOffset float64    `json:"clock_offset_seconds"`
	Lost        uint64     `json:"lost_packets"`
	Damaged     uint64     `json:"damaged_frames"`
	Dropped     uint64     `json:"dropped_to_readers"`
	LastPicture *time.Time `json:"last_picture,omitempty"`
	Readers     int        `json:"readers"`
}

// Health gives the state of a camera without a look at the store. A camera
// that no stream has spoken of yet is connecting.
func (s *Service) Health(id ID) Health {
	t := s.health
	t.mu.Lock()
	defer t.mu.Unlock()
	w := t.cams[id]
	if w == nil {
		return Health{State: Connecting, Since: s.now(), Streams: []StreamHealth{}}
	}
	h := Health{
		State: w.now.State, Part: w.now.Part, Which: w.now.Which, Reason: w.now.Reason,
		Detail: w.now.Detail, Since: s.clock.at(w.since), Streams: []StreamHealth{},
	}
	if w.open != nil {
		h.Outage = moment(store.Time(w.open.FromUS))
		if !w.open.Part {
			h.Since = store.Time(w.open.FromUS)
		}
	}
	for _, which := range []Which{Main, Sub} {
		st, ok := w.streams[which]
		if !ok {
			continue
		}
		h.Streams = append(h.Streams, StreamHealth{
			Which: which, State: st.State, Reason: st.Reason, Since: st.Since, NextTry: moment(st.NextTry),
			Video: codecName(st.Video), Sound: codecName(st.Sound), Width: st.Width, Height: st.Height,
			BitRate: st.BitRate, FrameRate: round(st.FrameRate, 1), KeyInterval: round(st.KeyInterval.Seconds(), 2), BFrames: st.BFrames,
			Drift: round(float64(st.Drift)/1e6, 1), ClockOffset: round(st.ClockOffset.Seconds(), 2),
			Lost: st.Lost, Damaged: st.Damaged, Dropped: st.Dropped, LastPicture: moment(st.LastPicture), Readers: st.Readers,
		})
		if !st.State.usable() && !st.NextTry.IsZero() && (h.NextTry == nil || st.NextTry.Before(*h.NextTry)) {
			h.NextTry = moment(st.NextTry)
		}
	}
	return h
}

func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
