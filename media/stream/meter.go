package stream

import (
	"math"
	"time"
)

// meter turns counters into rates, once a second.
type meter struct {
	bytes, pictures uint64        // totals
	media           time.Duration // of all pictures, by the camera's timestamps
	lastBytes       uint64
	lastPictures    uint64
	lastMedia       time.Duration
	lastDamaged     uint64
	last            time.Time
	bitRate         float64
	frameRate       float64
	shownRate       float64
	damaged         float64 // share of the pictures, 0 to 1
	begun           bool
}

// tick takes the mean of the last seconds, the latest weighing most. damaged counts pictures.
func (m *meter) tick(now time.Time, damaged uint64) {
	d := now.Sub(m.last).Seconds()
	if m.last.IsZero() || d <= 0 {
		m.last, m.lastBytes, m.lastPictures, m.lastMedia, m.lastDamaged = now, m.bytes, m.pictures, m.media, damaged
		return
	}
	if d < 0.5 {
		return
	}
	bits := float64(m.bytes-m.lastBytes) * 8 / d
	fps := float64(m.pictures-m.lastPictures) / d
	if media := (m.media - m.lastMedia).Seconds(); media > 0 && m.pictures > m.lastPictures {
		fps = float64(m.pictures-m.lastPictures) / media // not by arrival: a camera that nobody watches is read in gulps
	}
	share := min(d/5, 1)
	if !m.begun {
		share, m.begun = 1, m.pictures > 0
	}
	m.bitRate += (bits - m.bitRate) * share
	m.frameRate += (fps - m.frameRate) * share
	if math.Abs(m.frameRate-m.shownRate) > 0.4 { // a figure that flickers by a tenth says nothing
		m.shownRate = math.Round(m.frameRate*2) / 2
	}
	if bad, good := float64(damaged-m.lastDamaged), float64(m.pictures-m.lastPictures); bad+good > 0 {
		m.damaged += (bad/(bad+good) - m.damaged) * min(d/5, 1)
	}
	m.last, m.lastBytes, m.lastPictures, m.lastMedia, m.lastDamaged = now, m.bytes, m.pictures, m.media, damaged
}
