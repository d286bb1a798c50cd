package grant

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"linli.dev/linli/access/policy"
	"linli.dev/linli/api"
	"linli.dev/linli/fault"
	"linli.dev/linli/store"
)

type lookRow struct {
	bun.BaseModel `bun:"table:looks"`

	ID          LookID   `bun:"id,pk"`
	Camera      CameraID `bun:"camera"`
	CameraName  string   `bun:"camera_name"`
	Area        string   `bun:"area"`
	Kind        Kind     `bun:"kind"`
	Stream      Stream   `bun:"stream"`
	Purpose     string   `bun:"purpose"`
	Reason      string   `bun:"reason"`
	Account     string   `bun:"account"`
	AccountName string   `bun:"account_name"`
	Role        string   `bun:"role"`
	Unit        string   `bun:"unit"`
	Session     string   `bun:"session"`
	Policy      string   `bun:"policy"`
	BeginUS     int64    `bun:"begin_us"`
	UntilUS     int64    `bun:"until_us"`
	FromUS      int64    `bun:"from_us"`
	ToUS        int64    `bun:"to_us"`
	SeenUS      int64    `bun:"seen_us"`
	EndUS       int64    `bun:"end_us"`
	Why         string   `bun:"why"`
	Played      string   `bun:"played"`
	N           int64    `bun:"n"`           // in the order in which they began
	Doubt       string   `bun:"doubt"`       // see Clock
	Unconfirmed bool     `bun:"unconfirmed"` // nobody knows for certain when it was
}

// LeaseView is a look as lists and events show it. It opens nothing.
type LeaseView struct {
	ID         LookID     `json:"id"`
	Camera     CameraID   `json:"camera"`
	CameraName string     `json:"camera_name"`
	Area       string     `json:"area"`
	Kind       Kind       `json:"kind" enum:"live,playback,export,snapshot,rtsp"`
	Stream     Stream     `json:"stream" enum:"main,sub"`
	Purpose    string     `json:"purpose"`
	Reason     string     `json:"reason,omitempty"`
	Account    string     `json:"account" doc:"Empty 1,095 days after the end, as are name and reason."`
	Name       string     `json:"name" doc:"Of the account, as it was then."`
	Role       string     `json:"role,omitempty" doc:"As what the account looked; several with commas. None: from before this was kept."`
	Unit       string     `json:"unit,omitempty" doc:"Member units for which the account looked; several with commas."`
	Policy     string     `json:"policy" doc:"What allowed it."`
	Begin      time.Time  `json:"begin"`
	Until      time.Time  `json:"until" doc:"When it had to end at the latest."`
	From       *time.Time `json:"from,omitempty" doc:"Span of the footage that was asked for."`
	To         *time.Time `json:"to,omitempty"`
	Played     []Span     `json:"played,omitempty" doc:"Playback: the footage that was really sent; of many pieces the nearest are told as one."`
	End        *time.Time `json:"end,omitempty" doc:"None: it goes on."`
	// Unconfirmed: see Clock.
	Unconfirmed bool   `json:"unconfirmed,omitempty" doc:"The machine's clock was not set when it began: its times are put right once that is known, or, after another start of the machine, as late as they can have been."`
	Why         string `json:"why,omitempty" doc:"Why it ended: deleted, idle, expired, session-ended, revoked, camera-gone, shutdown, interrupted."`
}

func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return store.Micros(t)
}

func timeOrNil(us int64) *time.Time {
	if us == 0 {
		return nil
	}
	t := store.Time(us)
	return &t
}

func (l *Lease) row() lookRow {
	r := lookRow{
		ID: l.Look, Camera: l.Camera, CameraName: l.CameraName, Area: l.Area, Kind: l.Kind, Stream: l.Stream, Purpose: l.Purpose,
		Reason: l.Reason, Account: l.Account, AccountName: l.Name, Role: l.Role, Unit: l.Unit, Session: l.Session, Policy: l.Policy,
		BeginUS: micros(l.Begin), UntilUS: micros(l.Until), FromUS: micros(l.From), ToUS: micros(l.To), SeenUS: micros(l.Begin),
		Played: l.playedText(), Doubt: l.doubt, Unconfirmed: l.doubt != "",
	}
	if c := l.corrected.Load(); c != nil {
		r.move(c.by, c.zero)
		r.Doubt, r.Unconfirmed = "", false
	}
	return r
}

func (r lookRow) view() LeaseView {
	return LeaseView{
		ID: r.ID, Camera: r.Camera, CameraName: r.CameraName, Area: r.Area, Kind: r.Kind, Stream: r.Stream, Purpose: r.Purpose,
		Reason: r.Reason, Account: r.Account, Name: r.AccountName, Role: r.Role, Unit: r.Unit, Policy: r.Policy, Begin: store.Time(r.BeginUS), Until: store.Time(r.UntilUS),
		From: timeOrNil(r.FromUS), To: timeOrNil(r.ToUS), End: timeOrNil(r.EndUS), Why: r.Why, Played: spansOf(r.Played),
		Unconfirmed: r.Unconfirmed,
	}
}

// Active lists the looks going on now, by their beginning.
func (d *Door) Active() []LeaseView {
	out := []LeaseView{}
	living := d.living()
	slices.SortFunc(living, func(a, b *Lease) int { return a.Begin.Compare(b.Begin) }) // by the machine's own time
	for _, l := range living {
		out = append(out, l.row().view())
	}
	return out
}

// recordWithin is how long a look waits for its entry.
const recordWithin = 5 * time.Second

// enter writes a look down, in its row and where nobody can rewrite it. Before that it opens nothing.
func (d *Door) enter(ctx context.Context, l *Lease) error {
	if err := d.writeBegin(ctx, l); err != nil || d.opt.Record == nil {
		return err
	}
	ctx, done := context.WithTimeout(ctx, recordWithin)
	defer done()
	return d.opt.Record.Sync(ctx)
}

// roleOf is as what somebody looks: roles of the account, and those held at places.
func roleOf(who api.Caller) string {
	list := slices.Clone(who.Roles)
	for _, o := range who.Offices {
		list = append(list, o.Role)
	}
	slices.Sort(list)
	return strings.Join(slices.Compact(list), ",")
}

// unitOf is for whom.
func unitOf(who api.Caller) string {
	var list []string
	for _, o := range who.Offices {
		if o.Unit != "" {
			list = append(list, o.Unit)
		}
	}
	slices.Sort(list)
	return strings.Join(slices.Compact(list), ",")
}

func (d *Door) writeBegin(ctx context.Context, l *Lease) error {
	row := l.row()
	return d.db.Change(ctx, func(ctx context.Context, tx *store.Tx) error {
		if _, err := tx.NewInsert().Model(&row).Value("n", "(SELECT COALESCE(MAX(n), 0) + 1 FROM looks)").Exec(ctx); err != nil {
			return err
		}
		return tx.Emit(room, "look.begun", string(l.Look), row.view())
	})
}

// exported is how much footage an account has asked to export in the last 24 hours, all cameras together. While nobody knows what time
// it is, these are the 24 hours before the last look of which it is known when it was, and what was asked for since.
func (d *Door) exported(ctx context.Context, account string) (time.Duration, error) {
	last := micros(time.Now())
	if d.doubt() != "" {
		if err := d.db.QueryRowContext(ctx, "SELECT COALESCE(MAX(begin_us), 0) FROM looks WHERE doubt = ''").Scan(&last); err != nil {
			return 0, err
		}
	}
	var us int64
	since := last - (24 * time.Hour).Microseconds()
	err := d.db.QueryRowContext(ctx, `SELECT CAST(COALESCE(SUM(us), 0) AS BIGINT) FROM (
		SELECT to_us - from_us AS us FROM looks WHERE account = ? AND begin_us > ? AND kind = ? UNION ALL
		SELECT to_us - from_us FROM looks WHERE doubt <> '' AND account = ? AND begin_us <= ? AND kind = ?) AS asked`,
		account, since, string(Export), account, since, string(Export)).Scan(&us)
	return time.Duration(us) * time.Microsecond, err
}

// refuse writes a refusal down and says which policy refused. One that cannot be written down is no answer: refusals are on record.
func (d *Door) refuse(ctx context.Context, who api.Caller, q Request, name string) error {
	err := d.db.Change(ctx, func(_ context.Context, tx *store.Tx) error {
		return tx.Emit(room, "look.refused", store.NewID(), map[string]any{
			"camera": q.Camera, "kind": q.Kind, "stream": q.Stream, "purpose": q.Purpose, "account": who.Account, "name": who.Name, "role": roleOf(who), "unit": unitOf(who), "policy": name,
		})
	})
	if err != nil {
		return fault.Ensure(err, fault.Unavailable, "door.begin", "door.refusal-not-written")
	}
	if name == policy.NoPermit {
		return fault.New(fault.Denied, "door.begin", refused+name, "permits", d.policies.WhoMay(string(q.Kind), api.Language(ctx)))
	}
	return fault.New(fault.Denied, "door.begin", refused+name)
}

// refused is the beginning of the code of a refusal; the policy's name follows.
const refused = "door.refused-"

// Sentence gives a policy in words, in zh or en.
func (d *Door) Sentence(name, language string) string {
	words := d.policies.Sentence(name)
	if s, ok := words[language]; ok {
		return s
	}
	return words["zh"]
}

// policySentences are the messages of refusals, by code.
func policySentences(set *policy.Set, language string) map[string]string {
	space := map[string]string{"en": " "}[language]
	out := map[string]string{refused + policy.NoPermit: set.Sentence(policy.NoPermit)[language] + space + "{permits}"}
	for _, name := range set.Names() {
		out[refused+name] = set.Sentence(name)[language]
	}
	return out
}

// writeEnded writes down the endings that are due, all in one transaction.
func (d *Door) writeEnded(ctx context.Context) error {
	d.mu.Lock()
	due := d.ended
	d.ended = nil
	d.mu.Unlock()
	if len(due) == 0 {
		return nil
	}
	err := d.db.Change(ctx, func(ctx context.Context, tx *store.Tx) error {
		for _, l := range due {
			end := l.row()
			// By the monotonic clock: a clock that was set meanwhile does not make a look shorter.
			end.EndUS, end.Why = end.BeginUS+l.ended.Sub(l.Begin).Microseconds(), l.why
			end.SeenUS = end.EndUS
			if err := closeRow(ctx, tx, end); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		d.mu.Lock()
		d.ended = append(due, d.ended...)
		d.mu.Unlock()
	}
	return err
}

func closeRow(ctx context.Context, tx *store.Tx, row lookRow) error {
	done, err := tx.NewUpdate().Model(&row).Column("end_us", "why", "seen_us", "played").WherePK().Where("end_us = 0").Exec(ctx)
	if err != nil {
		return err
	}
	if n, err := done.RowsAffected(); err != nil || n == 0 {
		return err // closed before, or never begun
	}
	return tx.Emit(room, "look.ended", string(row.ID), row.view())
}

// closeInterrupted closes what the last run left open: it was cut off, at the last use that is known.
func (d *Door) closeInterrupted(ctx context.Context) error {
	return d.db.Change(ctx, func(ctx context.Context, tx *store.Tx) error {
		var open []lookRow
		if err := tx.NewSelect().Model(&open).Where("end_us = 0").Scan(ctx); err != nil {
			return err
		}
		for _, row := range open {
			row.EndUS, row.Why = min(row.SeenUS, row.UntilUS), EndInterrupted
			if err := closeRow(ctx, tx, row); err != nil {
				return err
			}
		}
		return nil
	})
}

// writeSeen writes down that the living looks go on, so that one cut off with the power gets an end
// that is about right.
func (d *Door) writeSeen(ctx context.Context) error {
	var ids []LookID
	own := map[LookID]int64{} // those that are told by a clock of their own: how it stands now is not how it stood
	played := map[LookID]string{}
	doubt := d.doubt() != ""
	for _, l := range d.living() {
		row := l.row()
		if doubt || row.Doubt != "" {
			own[l.Look] = row.BeginUS + time.Since(l.Begin).Microseconds()
		} else {
			ids = append(ids, l.Look)
		}
		if _, changed := l.takePlayed(); changed {
			played[l.Look] = row.Played
		}
	}
	if len(ids)+len(own) == 0 {
		return nil
	}
	now := micros(time.Now())
	return d.db.Change(ctx, func(ctx context.Context, tx *store.Tx) error {
		for len(ids) > 0 {
			n := min(len(ids), 200)
			if _, err := tx.NewUpdate().Model((*lookRow)(nil)).Set("seen_us = ?", now).
				Where("id IN (?) AND end_us = 0", bun.List(ids[:n])).Exec(ctx); err != nil {
				return err
			}
			ids = ids[n:]
		}
		for id, at := range own {
			if _, err := tx.NewUpdate().Model((*lookRow)(nil)).Set("seen_us = ?", at).Where("id = ? AND end_us = 0", id).Exec(ctx); err != nil {
				return err
			}
		}
		for id, text := range played {
			if _, err := tx.NewUpdate().Model((*lookRow)(nil)).Set("played = ?", text).Where("id = ? AND end_us = 0", id).Exec(ctx); err != nil {
				return err
			}
		}
		return nil
	})
}

// Query asks for a page of the record of looks, newest first.
type Query struct {
	Account  string // "" is everybody
	Camera   CameraID
	Active   *bool
	From, To time.Time // begun in this span
	Before   LookID    // the last one of the page before
	Limit    int       // 1 to 500; 100
}

// Looks gives a page, and where the next one begins, "" when there is none.
func (d *Door) Looks(ctx context.Context, q Query) ([]LeaseView, LookID, error) {
	if q.Limit <= 0 || q.Limit > 500 {
		q.Limit = 100
	}
	var rows []lookRow
	s := d.db.NewSelect().Model(&rows).OrderExpr("n DESC, id DESC").Limit(int64(q.Limit) + 1)
	if q.Account != "" {
		s = s.Where("account = ?", q.Account)
	}
	if q.Camera != "" {
		s = s.Where("camera = ?", q.Camera)
	}
	if q.Active != nil && *q.Active {
		s = s.Where("end_us = 0")
	} else if q.Active != nil {
		s = s.Where("end_us <> 0")
	}
	if !q.From.IsZero() {
		s = s.Where("begin_us >= ?", micros(q.From))
	}
	if !q.To.IsZero() {
		s = s.Where("begin_us < ?", micros(q.To))
	}
	if q.Before != "" {
		s = s.Where("(n, id) < (COALESCE((SELECT n FROM looks WHERE id = ?), 0), ?)", q.Before, q.Before)
	}
	if err := s.Scan(ctx); err != nil {
		return nil, "", err
	}
	var next LookID
	if len(rows) > q.Limit {
		rows = rows[:q.Limit]
		next = rows[q.Limit-1].ID
	}
	out := make([]LeaseView, 0, len(rows))
	for _, r := range rows {
		v := r.view()
		// An ending that is not yet in its row is true all the same.
		if r.EndUS == 0 {
			l := d.look(r.ID)
			if l == nil && q.Active != nil && *q.Active {
				continue
			}
			if l != nil {
				v.Played = spansOf(l.row().Played)
			}
		}
		out = append(out, v)
	}
	return out, next, nil
}
