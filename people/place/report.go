package place

import (
	"fmt"
	"regexp"
	"time"
)

// Reported is all that leaves a compound about a camera. It has no field for what the camera looks at, where its stream
// is, or when it failed: that stays with the machine that registers it.
type Reported struct {
	Key   CameraID `json:"key" doc:"Names the camera in this compound's reports, 8 to 64 characters of a-z and 0-9. It opens nothing, and is not the camera's id"`
	Name  string   `json:"name"`
	Area  AreaKind `json:"area" enum:"gate,road,building-entrance,car-park,yard"`
	InUse bool     `json:"in_use"`
	Seen  bool     `json:"seen" doc:"A picture of it was seen today; when, and what was in it, is not told"`
}

// Report is the last word of a compound's own machine.
type Report struct {
	Compound ID
	By       string // the program
	Cameras  []Reported
	Day      Day       // by the programme's clock
	Since    time.Time // of the first, by this server's clock
	At       time.Time // of the last
}

// maxReported is more cameras than any compound has.
const maxReported = 512

var keyForm = regexp.MustCompile(`^[a-z0-9]{8,64}$`)

// checkReported says what is wrong with a report. A name is checked like one that somebody types.
func checkReported(list []Reported) (p Problems) {
	if len(list) > maxReported {
		p.Add("cameras", "place.report.too-many", "max", maxReported)
		return p
	}
	had := map[CameraID]bool{}
	for i := range list {
		c := &list[i]
		c.Name = Tidy(c.Name)
		in := func(field string) string { return fmt.Sprintf("cameras[%d].%s", i, field) }
		switch {
		case !keyForm.MatchString(string(c.Key)):
			p.Add(in("key"), "place.report.key")
		case had[c.Key]:
			p.Add(in("key"), "place.report.twice")
		}
		had[c.Key] = true
		ch := Channel{Name: c.Name, Area: c.Area}
		for _, f := range ch.check() {
			f.Path = in(f.Path)
			p = append(p, f)
		}
	}
	return p
}

// registered puts a report in the form of this machine's own register. Later, on a day of which there is no report yet,
// nothing was seen.
func (r *Report) registered(today Day) []Registered {
	out := make([]Registered, len(r.Cameras))
	for i, c := range r.Cameras {
		out[i] = Registered{Camera: c.Key, Name: c.Name, Area: c.Area, InUse: c.InUse, Picture: c.InUse && c.Seen && r.Day == today}
	}
	return out
}
