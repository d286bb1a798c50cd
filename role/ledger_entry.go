package role

import (
	"encoding/json"
	"strings"
	"time"

	"linli.dev/linli/access/grant"
	"linli.dev/linli/access/ledger"
	"linli.dev/linli/store"
)

// change is what the rooms say of a change of theirs, all of them together.
type change struct {
	Name        string            `json:"name"`
	NameBefore  *string           `json:"name_before"`
	By          string            `json:"by"`
	Role        string            `json:"role"`
	Place       string            `json:"place"`
	Unit        string            `json:"unit"`
	Before      []json.RawMessage `json:"before"`
	After       []json.RawMessage `json:"after"`
	Permissions []string          `json:"permissions"`
	Fields      []string          `json:"fields"`
	Disabled    bool              `json:"disabled"`
	Version     int64             `json:"version"`

	Area           string  `json:"area"`
	AreaBefore     *string `json:"area_before"`
	AreaKind       string  `json:"area_kind"`
	AreaKindBefore *string `json:"area_kind_before"`
	Days           []int   `json:"retention_days"`
	DaysBefore     []int   `json:"retention_days_before"`

	Camera  string `json:"camera"`
	Kind    string `json:"kind"`
	Purpose string `json:"purpose"`
	Policy  string `json:"policy"`
	Account string `json:"account"`
	Why     string `json:"why"`

	From         time.Time  `json:"from"`
	To           time.Time  `json:"to"`
	Until        time.Time  `json:"until"`
	UntilBefore  *time.Time `json:"until_before"`
	Reason       string     `json:"reason"`
	ReasonBefore string     `json:"reason_before"`
	Owner        string     `json:"owner"`
	CopyOf       string     `json:"copy_of"` // of which hold

	Path  string `json:"path"`
	Quota int64  `json:"quota"`

	Hour      string          `json:"hour"`
	Root      string          `json:"root"`
	Streams   json.RawMessage `json:"streams"` // how many, or a list of them
	Segments  int             `json:"segments"`
	Fragments int64           `json:"fragments"`
	Bytes     int64           `json:"bytes"`

	Photos     []string `json:"photos"`
	Inspection string   `json:"inspection"`

	Looks     int   `json:"looks"`
	OffsetMS  int64 `json:"offset_ms"`
	Confirmed bool  `json:"confirmed"`

	Command string `json:"command"`
	What    string `json:"what"`
}

// tells maps each kind of change that the ledger has to what it has of it.
var tells = map[string]func(store.Event) (ledger.Entry, error){
	"look.begun": lookBegun, "look.ended": lookEnded, "look.refused": told(lookRefused), "look.redated": told(lookRedated), "journal.redated": journalRedated,
	"account.created": told(roleChanged), "account.changed": told(roleChanged), "account.password": told(roleChanged), "account.deleted": told(roleChanged),
	"appointment.given": told(roleChanged), "appointment.taken": told(roleChanged),
	"token.created": told(tokenChanged), "token.revoked": told(tokenChanged),
	"camera.created": told(cameraChanged), "camera.changed": told(cameraChanged), "camera.disabled": told(cameraChanged), "camera.deleted": told(cameraChanged),
	"device.created": told(deviceChanged), "device.changed": told(deviceChanged), "device.deleted": told(deviceChanged), "device.retried": told(deviceChanged),
	"other-way.created": told(wayChanged), "other-way.changed": told(wayChanged), "other-way.deleted": told(wayChanged),
	"hold.made": told(holdChanged), "hold.changed": told(holdChanged), "hold.moved": told(holdChanged), "hold.ended": told(holdChanged),
	"disk.attached": told(diskChanged), "disk.forgotten": told(diskChanged),
	"footage.purged": told(purged), "footage.rooted": told(rooted),
	"purge.stopped": footageChanged, "purge.resumed": footageChanged, "footage.found": footageChanged, "footage.mended": footageChanged,
	"footage.redated": footageChanged, "footage.differs": footageChanged,
	"photo.purged": told(photosPurged),
	"node.tied":    told(compoundChanged), "node.released": told(compoundChanged), "area.changed": told(compoundChanged),
	"program.command": told(commanded),
}

// entered turns a change into the ledger's entry of it; false when the ledger has nothing of such changes. One whose data cannot be read
// fits no schema, and stands in the ledger as that.
func entered(e store.Event) (ledger.Entry, bool) {
	f, ok := tells[e.Kind]
	if !ok {
		return ledger.Entry{}, false
	}
	out, err := f(e)
	if err != nil {
		out = ledger.Entry{Kind: e.Kind, At: e.At}
	}
	out.Unconfirmed = e.Unconfirmed
	return out, true
}

// told reads what the rooms say of a change.
func told(f func(e store.Event, c change) ledger.Entry) func(store.Event) (ledger.Entry, error) {
	return func(e store.Event) (ledger.Entry, error) {
		var c change
		err := json.Unmarshal(e.Data, &c)
		out := f(e, c)
		out.At = e.At
		return out, err
	}
}

// verb is what happened to the noun of a kind.
func verb(e store.Event) string {
	_, what, _ := strings.Cut(e.Kind, ".")
	return what
}

func or[T any](p *T, other T) T {
	if p == nil {
		return other
	}
	return *p
}

func nth(list []int, i int) int {
	if i < len(list) {
		return list[i]
	}
	return 0
}

// lookBegun is a look's beginning. Who it was stands in the private part; as what, in the row. Grants to outsiders, with their cases, have
// their columns already.
func lookBegun(e store.Event) (ledger.Entry, error) {
	var v grant.LeaseView
	err := json.Unmarshal(e.Data, &v)
	return ledger.Entry{
		Kind: e.Kind, At: v.Begin,
		Row: ledger.Row{
			"look": string(v.ID), "camera": string(v.Camera), "camera_name": v.CameraName, "area": v.Area, "way": string(v.Kind), "purpose": v.Purpose, "grant": "",
			"policy": v.Policy, "role": v.Role, "unit": v.Unit, "until": moment(v.Until), "from": moment(or(v.From, time.Time{})), "to": moment(or(v.To, time.Time{})), "unconfirmed": v.Unconfirmed,
		},
		Private: ledger.Row{"account": v.Account, "name": v.Name, "reason": v.Reason, "case": ""},
	}, err
}

func lookEnded(e store.Event) (ledger.Entry, error) {
	var v grant.LeaseView
	err := json.Unmarshal(e.Data, &v)
	var played time.Duration
	for _, s := range v.Played {
		played += s.To.Sub(s.From)
	}
	return ledger.Entry{Kind: e.Kind, At: e.At, Row: ledger.Row{
		"look": string(v.ID), "camera": string(v.Camera), "camera_name": v.CameraName, "way": string(v.Kind), "grant": "", "role": v.Role, "unit": v.Unit, "why": v.Why, "begun": moment(v.Begin),
		"seconds": int64(or(v.End, v.Begin).Sub(v.Begin).Round(time.Second).Seconds()), "played_seconds": int64(played.Seconds()), "unconfirmed": v.Unconfirmed,
	}}, err
}

// unended is the end of a look whose row was lost with the database: nobody is left to end it.
func unended(kind string, row ledger.Row) (ledger.Entry, bool) {
	if kind != "look.begun" {
		return ledger.Entry{}, false
	}
	return ledger.Entry{Kind: "look.ended", At: time.Now(), Row: ledger.Row{
		"look": row["look"], "camera": row["camera"], "camera_name": row["camera_name"], "way": row["way"], "grant": row["grant"], "role": row["role"], "unit": row["unit"],
		"why": grant.EndInterrupted, "begun": "", "seconds": 0, "played_seconds": 0, "unconfirmed": true,
	}}, true
}

func lookRefused(e store.Event, c change) ledger.Entry {
	return ledger.Entry{
		Kind:    e.Kind,
		Row:     ledger.Row{"camera": c.Camera, "way": c.Kind, "purpose": c.Purpose, "grant": "", "policy": c.Policy, "role": c.Role, "unit": c.Unit},
		Private: ledger.Row{"account": c.Account, "name": c.Name, "case": ""},
	}
}

// lookRedated is a correction: looks that began while the clock was in doubt were dated anew. Their entries stay as they were written.
func lookRedated(e store.Event, c change) ledger.Entry {
	return ledger.Entry{Kind: e.Kind, Row: ledger.Row{"looks": c.Looks, "offset_ms": c.OffsetMS, "confirmed": c.Confirmed}}
}

// journalRedated is a correction of the times of entries, from one number of the journal to another; the entries stay as they were written.
func journalRedated(e store.Event) (ledger.Entry, error) {
	var v struct {
		Events   int `json:"events"`
		From, To int64
		OffsetMS int64 `json:"offset_ms"`
		Exact    bool  `json:"confirmed"`
	}
	err := json.Unmarshal(e.Data, &v)
	return ledger.Entry{Kind: e.Kind, At: e.At, Row: ledger.Row{"events": v.Events, "from": v.From, "to": v.To, "offset_ms": v.OffsetMS, "confirmed": v.Exact}}, err
}

// roleChanged is a change of what an account is, or was appointed to: the offices before and after, without names.
func roleChanged(e store.Event, c change) ledger.Entry {
	what := e.Kind
	if c.Disabled && e.Kind == "account.changed" {
		what = "account.disabled"
	}
	return ledger.Entry{
		Kind:    "role.changed",
		Row:     ledger.Row{"change": what, "role": c.Role, "place": c.Place, "unit": c.Unit, "before": offices(c.Before), "after": offices(c.After)},
		Private: ledger.Row{"account": e.Subject, "name": c.Name, "by": c.By},
	}
}

func offices(list []json.RawMessage) string {
	var out []string
	for _, raw := range list {
		var o struct{ Role, Place, Unit string }
		_ = json.Unmarshal(raw, &o) // the event's data was read before
		out = append(out, strings.TrimRight(o.Role+"@"+o.Place+"@"+o.Unit, "@"))
	}
	return strings.Join(out, ",")
}

func tokenChanged(e store.Event, c change) ledger.Entry {
	return ledger.Entry{
		Kind:    "token.changed",
		Row:     ledger.Row{"change": verb(e), "token": e.Subject, "permissions": strings.Join(c.Permissions, ","), "place": c.Place},
		Private: ledger.Row{"name": c.Name, "by": c.By},
	}
}

func cameraChanged(e store.Event, c change) ledger.Entry {
	if c.DaysBefore == nil {
		c.DaysBefore = c.Days
	}
	return ledger.Entry{
		Kind: "camera.changed",
		Row: ledger.Row{
			"change": verb(e), "camera": e.Subject, "name": c.Name, "name_before": or(c.NameBefore, c.Name), "fields": strings.Join(c.Fields, ","),
			"area": c.Area, "area_before": or(c.AreaBefore, c.Area), "area_kind": c.AreaKind, "area_kind_before": or(c.AreaKindBefore, c.AreaKind),
			"retention_main_days": nth(c.Days, 0), "retention_main_days_before": nth(c.DaysBefore, 0),
			"retention_sub_days": nth(c.Days, 1), "retention_sub_days_before": nth(c.DaysBefore, 1),
		},
		Private: ledger.Row{"by": c.By},
	}
}

func deviceChanged(e store.Event, c change) ledger.Entry {
	return ledger.Entry{
		Kind:    "device.changed",
		Row:     ledger.Row{"change": verb(e), "device": e.Subject, "fields": strings.Join(c.Fields, ",")},
		Private: ledger.Row{"name": c.Name, "by": c.By},
	}
}

func wayChanged(e store.Event, c change) ledger.Entry {
	return ledger.Entry{
		Kind: "other-way.changed", Row: ledger.Row{"change": verb(e), "way": e.Subject, "name": c.Name},
		Private: ledger.Row{"by": c.By},
	}
}

func holdChanged(e store.Event, c change) ledger.Entry {
	by := c.By
	if by == "" {
		by = c.Owner // who makes one owns it
	}
	return ledger.Entry{
		Kind: "hold.changed",
		Row: ledger.Row{
			"change": verb(e), "hold": e.Subject, "camera": c.Camera, "from": moment(c.From), "to": moment(c.To), "until": moment(c.Until),
			"until_before": moment(or(c.UntilBefore, c.Until)), "why": c.Why, "copy_of": c.CopyOf,
		},
		Private: ledger.Row{"reason": c.Reason, "reason_before": c.ReasonBefore, "owner": c.Owner, "by": by},
	}
}

func diskChanged(e store.Event, c change) ledger.Entry {
	return ledger.Entry{
		Kind: "disk.changed", Row: ledger.Row{"change": verb(e), "disk": e.Subject, "quota_bytes": c.Quota},
		Private: ledger.Row{"path": c.Path},
	}
}

// purged says how much was deleted, and the root of the deleted streams' roots; each of them stands in the record of purges.
func purged(e store.Event, c change) ledger.Entry {
	var streams []json.RawMessage
	_ = json.Unmarshal(c.Streams, &streams)
	return ledger.Entry{Kind: e.Kind, Row: ledger.Row{
		"purge": e.Subject, "why": c.Why, "segments": c.Segments, "fragments": c.Fragments, "bytes": c.Bytes, "streams": len(streams), "root": c.Root,
	}}
}

func rooted(e store.Event, c change) ledger.Entry {
	n := 0
	_ = json.Unmarshal(c.Streams, &n)
	return ledger.Entry{Kind: e.Kind, Row: ledger.Row{"hour": c.Hour, "streams": n, "root": c.Root}}
}

// mostWhat is how much of a change's data goes into a private part.
const mostWhat = 8 << 10

// footageChanged has the details in the private part: paths, gaps and differences are for staff only.
func footageChanged(e store.Event) (ledger.Entry, error) {
	what := string(e.Data)
	if len(what) > mostWhat {
		what = strings.ToValidUTF8(what[:mostWhat], "") + "…"
	}
	return ledger.Entry{Kind: "footage.changed", At: e.At, Row: ledger.Row{"change": e.Kind, "subject": e.Subject}, Private: ledger.Row{"what": what}}, nil
}

func photosPurged(e store.Event, c change) ledger.Entry {
	subject := e.Subject
	if c.Inspection != "" {
		subject = c.Inspection
	}
	return ledger.Entry{Kind: "photos.purged", Row: ledger.Row{"change": e.Room, "subject": subject, "photos": len(c.Photos)}}
}

func compoundChanged(e store.Event, c change) ledger.Entry {
	return ledger.Entry{
		Kind: "compound.changed", Row: ledger.Row{"change": e.Kind, "compound": e.Subject, "area": c.Area, "version": c.Version},
		Private: ledger.Row{"by": c.By},
	}
}

func commanded(_ store.Event, c change) ledger.Entry {
	return ledger.Entry{Kind: "program.command", Row: ledger.Row{"command": c.Command}, Private: ledger.Row{"by": c.By, "what": c.What}}
}

func moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}
