package link

import (
	"crypto/sha256"
	"encoding/hex"
	"time"
)

// Local is what the machine's own register says of a camera now.
type Local struct {
	ID      string
	Name    string
	Area    string // kind of area: gate, road, building-entrance, car-park, yard
	InUse   bool
	Picture bool // it gives a usable one
}

// Camera is all that leaves the compound about a camera.
type Camera struct {
	Key   string `json:"key"`
	Name  string `json:"name"`
	Area  string `json:"area"`
	InUse bool   `json:"in_use"`
	Seen  bool   `json:"seen"`
}

// key names a camera to the hub. It stays the same when the camera is renamed, and its id cannot be told from it.
func key(id string) string {
	sum := sha256.Sum256([]byte("linli camera of a report\x00" + id))
	return hex.EncodeToString(sum[:16])
}

// zone is where days begin, as in the programme.
var zone = time.FixedZone("Asia/Shanghai", 8*3600)

// daybook remembers which cameras were seen today: that is told, and not at which hours they were not.
type daybook struct {
	day  string
	seen map[string]bool
}

func (d *daybook) cameras(now time.Time, list []Local) []Camera {
	if day := now.In(zone).Format(time.DateOnly); day != d.day {
		d.day, d.seen = day, map[string]bool{}
	}
	out := make([]Camera, len(list))
	for i, c := range list {
		k := key(c.ID)
		if c.InUse && c.Picture {
			d.seen[k] = true
		}
		out[i] = Camera{Key: k, Name: c.Name, Area: c.Area, InUse: c.InUse, Seen: c.InUse && d.seen[k]}
	}
	return out
}
