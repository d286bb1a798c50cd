package stream

import "time"

// meter turns counters into rates, once a second.
type meter struct {
	bytes, pictures uint64 // totals
	lastBytes       uint64
	lastPictures    uint64
	lastDamaged     uint64
	last            time.Time
	bitRate         float64
	frameRate       float64
	damaged         float64 // share of the pictures, 0 to 1
	begun           bool
}

// tick takes the mean of the last seconds, the latest weighing most. damaged counts pictures.
func (m *meter) tick(now time.Time, damaged uint64) {
	d := now.Sub(m.last).Seconds()
	if m.last.IsZero() || d <= 0 {
		m.last, m.lastBytes, m.lastPictures, m.lastDamaged = now, m.bytes, m.pictures, damaged
		return
	}
	if d < 0.5 {
		return
	}
	bits := float64(m.bytes-m.lastBytes) * 8 / d
	fps := float64(m.pictures-m.lastPictures) / d
	share := min(d/5, 1)
	if !m.begun {
		share, m.begun = 1, m.pictures > 0
	}
	m.bitRate += (bits - m.bitRate) * share
	m.frameRate += (fps - m.frameRate) * share
	if bad, good := float64(damaged-m.lastDamaged), float64(m.pictures-m.lastPictures); bad+good > 0 {
		m.damaged += (bad/(bad+good) - m.damaged) * min(d/5, 1)
	}
	m.last, m.lastBytes, m.lastPictures, m.lastDamaged = now, m.bytes, m.pictures, damaged
}
