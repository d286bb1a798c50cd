package camera

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"linli.dev/linli/fault"
)

// ID names a camera: one channel.
type ID string

// Which is the main or the sub stream.
type Which string

const (
	Main Which = "main"
	Sub  Which = "sub"
)

// AreaKind is the kind of place a camera watches. The glossary's five, and
// those that the rules for residents name (a lift, a corridor, a playground
// can never be opened to them).
type AreaKind string

const (
	AreaRoad       AreaKind = "road"
	AreaEntrance   AreaKind = "building-entrance"
	AreaCarPark    AreaKind = "car-park"
	AreaGate       AreaKind = "gate"
	AreaYard       AreaKind = "yard"
	AreaLift       AreaKind = "lift"
	AreaCorridor   AreaKind = "corridor"
	AreaPlayground AreaKind = "playground"
	AreaShed       AreaKind = "bicycle-shed"
	AreaPerimeter  AreaKind = "perimeter"
	AreaPlant      AreaKind = "plant-room"
	AreaOther      AreaKind = "other"
)

// AreaKinds in the order the pages show them.
var AreaKinds = []AreaKind{
	AreaGate, AreaRoad, AreaEntrance, AreaCarPark, AreaYard, AreaLift, AreaCorridor,
	AreaPlayground, AreaShed, AreaPerimeter, AreaPlant, AreaOther,
}

// forbiddenAreas can be said, so that an honest answer gets an honest refusal.
var forbiddenAreas = []Forbidden{
	ForbiddenHome, ForbiddenDormitory, ForbiddenHotel, ForbiddenBath,
	ForbiddenToilet, ForbiddenChanging, ForbiddenNursing,
}

// Camera is one channel with all that the register says about it. What opens
// it (source addresses, secrets) is not in here: see Source.
type Camera struct {
	ID      ID       `json:"id"`
	Device  DeviceID `json:"device"`
	Channel int      `json:"channel" doc:"Channel of the recorder, from 1"`
	Name    string   `json:"name"`

	Area     string   `json:"area" doc:"Where it stands, in words"`
	AreaKind AreaKind `json:"area_kind"`
	Angle    string   `json:"angle" doc:"What it looks at, in words"`
	Range    string   `json:"range" doc:"How far it sees, in words"`
	Reason   string   `json:"reason" doc:"Why it is there"`
	Common   bool     `json:"common" doc:"It watches an area that all owners share"`
	FacesUp  bool     `json:"faces_up" doc:"It looks upwards along a building (falling objects)"`
	// LooksAtOutside: a person confirmed that the words of a forbidden place
	// in this entry speak of its outside.
	LooksAtOutside bool  `json:"looks_at_outside"`
	Basis          Basis `json:"basis"`

	RetentionMain int    `json:"retention_main_days"`
	RetentionSub  int    `json:"retention_sub_days"`
	Sound         bool   `json:"sound"`
	SoundReason   string `json:"sound_reason,omitempty"`
	Sign          string `json:"sign" doc:"Text of the sign on the spot"`
	CallNote      string `json:"call_note" doc:"Whom to call when it is red (staff)"`

	Disabled       bool      `json:"disabled"`
	DisabledReason string    `json:"disabled_reason,omitempty"`
	HasMain        bool      `json:"has_main"`
	HasSub         bool      `json:"has_sub"`
	HasSnapshot    bool      `json:"has_snapshot"`
	Version        int64     `json:"version"`
	Created        time.Time `json:"created"`
	Changed        time.Time `json:"changed"`
}

// limits of the texts, in characters
const (
	maxName = 60
	maxText = 200
)

// problems collects what is wrong with an entry, field by field, so that a
// form and a spreadsheet can say all of it at once.
type problems []fault.Field

func (p *problems) add(path, code string, args ...any) {
	f := fault.Field{Path: path, Code: code}
	if len(args) > 0 {
		f.Args = map[string]any{}
		for i := 0; i+1 < len(args); i += 2 {
			f.Args[args[i].(string)] = args[i+1]
		}
	}
	*p = append(*p, f)
}

// text checks one text field. need: it must not be empty; contact: telephone
// numbers are meant.
func (p *problems) text(path, s string, most int, need, contact bool) {
	switch n := utf8.RuneCountInString(s); {
	case need && n == 0:
		p.add(path, "camera.field.required")
	case n > most:
		p.add(path, "camera.field.too-long", "most", most, "is", n)
	case holdsIdentity(s):
		p.add(path, "camera.field.identity-number")
	case !contact && holdsPhone(s):
		p.add(path, "camera.field.phone-number")
	}
}

// normalise trims texts and fills the defaults.
func (c *Camera) normalise() {
	for _, s := range []*string{&c.Name, &c.Area, &c.Range} {
		*s = tidy(*s, false)
	}
	for _, s := range []*string{&c.Angle, &c.Reason, &c.SoundReason, &c.Sign, &c.CallNote, &c.DisabledReason} {
		*s = tidy(*s, true)
	}
	if c.RetentionMain == 0 {
		c.RetentionMain = DefaultRetention
	}
	if c.RetentionSub == 0 {
		c.RetentionSub = DefaultRetention
	}
	if c.Channel == 0 {
		c.Channel = 1
	}
	if c.SoundReason == "" {
		c.Sound = false
	}
	if !c.Disabled {
		c.DisabledReason = ""
	}
}

// unsaid: what nobody has said yet is missing, not refused.
func (p problems) unsaid(path, refused, missing string) {
	for i := range p {
		if p[i].Path == path && p[i].Code == refused {
			p[i].Code = missing
		}
	}
}

// check says everything that is wrong with the entry.
func (c *Camera) check() problems {
	var p problems
	p.text("name", c.Name, maxName, true, false)
	p.text("area", c.Area, maxName, true, false)
	p.text("angle", c.Angle, maxText, true, false)
	p.text("range", c.Range, maxName, false, false)
	p.text("reason", c.Reason, maxText, true, false)
	p.text("sound_reason", c.SoundReason, maxText, false, false)
	p.text("sign", c.Sign, maxText, false, true) // a sign names the operator's number
	p.text("call_note", c.CallNote, maxText, false, true)
	p.text("disabled_reason", c.DisabledReason, maxText, false, false)
	if n := utf8.RuneCountInString(c.Reason); n > 0 && n < 4 {
		p.add("reason", "camera.field.reason-too-short")
	}
	switch {
	case slices.Contains(forbiddenAreas, Forbidden(c.AreaKind)):
		p.add("area_kind", "camera.forbidden."+string(c.AreaKind), "word", forbiddenLabel(c.AreaKind))
	case c.AreaKind == "":
		p.add("area_kind", "camera.field.required")
	case !slices.Contains(AreaKinds, c.AreaKind):
		p.add("area_kind", "camera.field.area-kind", "is", clip(string(c.AreaKind)))
	}
	if !c.Common && !c.Disabled { // one that is out of use may stay in the list
		p.add("common", "camera.forbidden.not-common")
	}
	if c.Channel < 1 || c.Channel > maxChannels {
		p.add("channel", "camera.field.channel", "most", maxChannels)
	}
	rule, known := c.Basis.rule()
	switch {
	case c.Basis == "":
		p.add("basis", "camera.field.required")
	case !known:
		p.add("basis", "camera.field.basis", "is", clip(string(c.Basis)))
	default:
		for path, days := range map[string]int{"retention_main_days": c.RetentionMain, "retention_sub_days": c.RetentionSub} {
			if days < 1 || days > rule.Most {
				p.add(path, "camera.field.retention", "most", rule.Most, "is", days)
			}
		}
	}
	slices.SortStableFunc(p, func(a, b fault.Field) int { return strings.Compare(a.Path, b.Path) })
	return append(p, c.checkPlace()...)
}

// checkPlace turns hits into field problems. A refusal stands whatever else
// is said; a question is answered by looks_at_outside.
func (c *Camera) checkPlace() (p problems) {
	refusals, questions := splitHits(checkPlaces(
		placeText{"name", c.Name}, placeText{"area", c.Area},
		placeText{"angle", c.Angle}, placeText{"range", c.Range}))
	for _, h := range refusals {
		p.add(h.Field, "camera.forbidden."+string(h.Kind), "word", h.Word)
	}
	if len(refusals) == 0 && !c.LooksAtOutside {
		for _, h := range questions {
			p.add(h.Field, "camera.confirm."+string(h.Kind), "word", h.Word)
		}
	}
	return p
}

// asFault gives the error of an entry: a forbidden place first, then an open
// question, then the rest.
func (p problems) asFault(op string) error {
	if len(p) == 0 {
		return nil
	}
	code := "camera.invalid"
	for _, f := range p {
		if strings.HasPrefix(f.Code, "camera.forbidden.") {
			code = "camera.forbidden-place"
			break
		}
		if strings.HasPrefix(f.Code, "camera.confirm.") {
			code = "camera.confirm-outside"
		}
	}
	err := fault.New(fault.Invalid, op, code)
	err.Fields = p
	return err
}

// Warning is something a person should know that refuses nothing.
type Warning struct {
	Path   string         `json:"path,omitempty"`
	Code   string         `json:"code"`
	Args   map[string]any `json:"args,omitempty"`
	Detail string         `json:"detail" doc:"The sentence, in the language of the request"`
}

// warnings of an entry that is otherwise right.
func (c *Camera) warnings() []Warning {
	var ws []Warning
	if r, ok := c.Basis.rule(); ok && r.Least > 0 {
		best := c.RetentionMain
		if c.HasSub {
			best = max(best, c.RetentionSub)
		}
		if best < r.Least {
			ws = append(ws, Warning{Path: "retention_main_days", Code: "camera.warn.retention-short", Args: map[string]any{"least": r.Least, "is": best}})
		}
	}
	if !c.HasSub {
		ws = append(ws, Warning{Path: "sub", Code: "camera.warn.no-sub"})
	}
	if c.Sign == "" {
		ws = append(ws, Warning{Path: "sign", Code: "camera.warn.no-sign"})
	}
	return ws
}

// clip keeps a value from outside short enough to be repeated in a sentence.
func clip(s string) string {
	s = tidy(s, false)
	if r := []rune(s); len(r) > 24 {
		return string(r[:24]) + "…"
	}
	return s
}
