package camera

import (
	"regexp"
	"time"

	"golang.org/x/text/unicode/norm"
)

// OtherWayID names one.
type OtherWayID string

// OtherWay is a way to the cameras that does not pass through this program, so that no look by it is in the register: an
// old recorder, a vendor's app. That it is there is for everybody to know; how to use it is not said.
type OtherWay struct {
	ID      OtherWayID `json:"id"`
	Name    string     `json:"name" doc:"What it is" example:"Old recorder in the gatehouse"`
	Reaches string     `json:"reaches" doc:"What can be seen by it, in general words" example:"All cameras of the car park, live and 15 days back"`
	RunBy   string     `json:"run_by" doc:"Which unit answers for it; no persons" example:"Property management"`
	Version int64      `json:"version"`
	Changed time.Time  `json:"changed"`
}

const (
	maxWayName = 60
	maxWayText = 200
	maxWays    = 50
)

// What would help somebody to get in: an address of any kind, a port, an account, a password.
var wayIn = regexp.MustCompile(`(?i)://|www\.|\b\d{1,3}(\.\d{1,3}){3}\b|\b[0-9a-f]{1,4}(:[0-9a-f]{0,4}){3,}|` +
	`\b([a-z0-9][a-z0-9-]*\.)+(com|cn|net|org|top|vip|cc|io|local|lan|xyz|app|tv)\b|[\w.-]+@[\w-]+|` +
	`密码|口令|用户名|账号\s*[:：]|端口|序列号|验证码|pass(word|wd|code)|\b(user|login|account|serial|port)\s*(name|no|number)?\s*[:=]|:\s*\d{2,5}\b`)

func givesAWayIn(s string) bool { return wayIn.MatchString(norm.NFKC.String(s)) }

func (w *OtherWay) normalise() {
	w.Name, w.Reaches, w.RunBy = tidy(w.Name, false), tidy(w.Reaches, false), tidy(w.RunBy, false)
}

func (w *OtherWay) check() problems {
	var p problems
	for _, f := range []struct {
		path, text string
		most       int
	}{{"name", w.Name, maxWayName}, {"reaches", w.Reaches, maxWayText}, {"run_by", w.RunBy, maxWayName}} {
		before := len(p)
		p.text(f.path, f.text, f.most, true, false)
		if len(p) == before && givesAWayIn(f.text) {
			p.add(f.path, "camera.field.way-in")
		}
	}
	return p
}
