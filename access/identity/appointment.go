package identity

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"linli.dev/linli/fault"
	"linli.dev/linli/store"
)

// AppointmentID names an appointment.
type AppointmentID string

// Appointment says that an account holds a role at a place, or for a member unit.
type Appointment struct {
	ID      AppointmentID `json:"id"`
	Account AccountID     `json:"account"`
	Name    string        `json:"name" doc:"Sign-in name of the account, as it was then."`
	Role    Role          `json:"role" enum:"city-office,county-office,street-office,community-office,manager,member-unit"`
	Place   string        `json:"place,omitempty" doc:"Of all but a member unit."`
	Unit    string        `json:"unit,omitempty" doc:"The member unit."`
	At      string        `json:"at" doc:"Name of the place, or of the unit."`
	From    time.Time     `json:"from"`
	Until   *time.Time    `json:"until,omitempty" doc:"It ends by itself then."`
	Note    string        `json:"note,omitempty"`
	Given   time.Time     `json:"given"`
	GivenBy string        `json:"given_by" doc:"Account, or cli."`
	Taken   *time.Time    `json:"taken,omitempty"`
	TakenBy string        `json:"taken_by,omitempty"`
	Holds   bool          `json:"holds" doc:"It counts now."`
}

// Places tells where somebody can be appointed. role plugs it in.
type Places interface {
	// Place gives the level and the name of a place as it stands; NotFound when there is none.
	Place(ctx context.Context, id string) (level, name string, err error)
	// Unit gives the name of a member unit.
	Unit(ctx context.Context, id string) (name string, err error)
}

// SetPlaces plugs in where somebody can be appointed; before anything is served.
func (s *Service) SetPlaces(p Places) { s.places = p }

// levels are those that a role belongs to.
var levels = map[Role]string{
	CityOffice: "city", CountyOffice: "county", StreetOffice: "street", CommunityOffice: "community", Manager: "compound",
}

// LevelOf is the level of the places that a role is held at; "" for a member unit.
func LevelOf(r Role) string { return levels[r] }

type appointmentRow struct {
	bun.BaseModel `bun:"table:appointments"`

	ID      AppointmentID `bun:"id,pk"`
	Account AccountID     `bun:"account"`
	Name    string        `bun:"account_name"`
	Role    Role          `bun:"role"`
	Place   string        `bun:"place"`
	Unit    string        `bun:"unit"`
	FromUS  int64         `bun:"from_us"`
	UntilUS int64         `bun:"until_us"`
	Note    string        `bun:"note"`
	GivenUS int64         `bun:"given_us"`
	GivenBy string        `bun:"given_by"`
	TakenUS int64         `bun:"taken_us"`
	TakenBy string        `bun:"taken_by"`
}

func (r *appointmentRow) holds(nowUS int64) bool {
	return r.TakenUS == 0 && r.FromUS <= nowUS && (r.UntilUS == 0 || nowUS < r.UntilUS)
}

func (r *appointmentRow) appointment(now time.Time) Appointment {
	return Appointment{
		ID: r.ID, Account: r.Account, Name: r.Name, Role: r.Role, Place: r.Place, Unit: r.Unit, From: store.Time(r.FromUS), Until: timeOrNil(r.UntilUS),
		Note: r.Note, Given: store.Time(r.GivenUS), GivenBy: r.GivenBy, Taken: timeOrNil(r.TakenUS), TakenBy: r.TakenBy, Holds: r.holds(store.Micros(now)),
	}
}

// appointmentsOf reads what an account holds, or will hold.
func appointmentsOf(ctx context.Context, db bun.IDB, account AccountID) ([]appointmentRow, error) {
	var rows []appointmentRow
	err := db.NewSelect().Model(&rows).Where("account = ?", account).Where("taken_us = 0").Order("id").Scan(ctx)
	return rows, err
}

// NewAppointment is a role to be given.
type NewAppointment struct {
	Account AccountID
	Role    Role
	Place   string
	Unit    string
	From    time.Time // zero: now
	Until   time.Time // zero: until it is taken
	Note    string
}

func (s *Service) checkAppointment(ctx context.Context, n *NewAppointment) error {
	n.Note = strings.TrimSpace(n.Note)
	now := s.opt.Now()
	if n.From.IsZero() {
		n.From = now
	}
	switch {
	case !slices.Contains(Offices(), n.Role):
		return badField("role", "identity.appointment-role")
	case n.Role != MemberUnit && (n.Place == "" || n.Unit != ""):
		return badField("place", "identity.appointment-place")
	case n.Role == MemberUnit && (n.Unit == "" || n.Place != ""):
		return badField("unit", "identity.appointment-unit")
	case !n.Until.IsZero() && (!n.Until.After(n.From) || !n.Until.After(now)):
		return badField("until", "identity.appointment-span")
	case utf8.RuneCountInString(n.Note) > 200:
		return badField("note", "identity.appointment-note")
	}
	if s.places == nil {
		return fault.New(fault.Unavailable, "identity.appoint", "identity.appointment-place-unknown")
	}
	if n.Role == MemberUnit {
		if _, err := s.places.Unit(ctx, n.Unit); fault.KindOf(err) == fault.NotFound {
			return badField("unit", "identity.appointment-place-unknown")
		} else if err != nil {
			return err
		}
		return nil
	}
	level, name, err := s.places.Place(ctx, n.Place)
	switch {
	case fault.KindOf(err) == fault.NotFound:
		return badField("place", "identity.appointment-place-unknown")
	case err != nil:
		return err
	case level != levels[n.Role]:
		return badField("place", "identity.appointment-level", "name", name)
	}
	return nil
}

// Appoint gives an account a role at a place, or for a member unit, from now on or from a given instant.
func (s *Service) Appoint(ctx context.Context, n NewAppointment) (Appointment, error) {
	if err := s.checkAppointment(ctx, &n); err != nil {
		return Appointment{}, err
	}
	now := s.opt.Now()
	row := appointmentRow{
		ID: AppointmentID(store.NewID()), Account: n.Account, Role: n.Role, Place: n.Place, Unit: n.Unit, FromUS: store.Micros(n.From),
		Note: n.Note, GivenUS: store.Micros(now), GivenBy: s.by(ctx),
	}
	if !n.Until.IsZero() {
		row.UntilUS = store.Micros(n.Until)
	}
	err := s.db.Change(ctx, func(ctx context.Context, tx *store.Tx) error {
		account, err := lockAccount(ctx, tx, n.Account)
		if err != nil {
			return err
		}
		row.Name = account.Name
		before, err := appointmentsOf(ctx, tx, n.Account)
		if err != nil {
			return err
		}
		for _, b := range before {
			if b.Role == row.Role && b.Place == row.Place && b.Unit == row.Unit && (b.UntilUS == 0 || row.FromUS < b.UntilUS) {
				return fault.New(fault.Conflict, "identity.appoint", "identity.appointment-twice")
			}
		}
		if _, err := tx.NewInsert().Model(&row).Exec(ctx); err != nil {
			return err
		}
		return s.tellAppointment(tx, "appointment.given", row, row.GivenBy, before, append(slices.Clone(before), row))
	})
	if err != nil {
		return Appointment{}, err
	}
	s.sessions.drop(func(e sessionEntry) bool { return e.account.ID == n.Account })
	return s.named(ctx, row.appointment(now)), nil
}

// Withdraw takes a role away, at once.
func (s *Service) Withdraw(ctx context.Context, id AppointmentID) error {
	var row appointmentRow
	err := s.db.Change(ctx, func(ctx context.Context, tx *store.Tx) error {
		var rows []appointmentRow
		if err := tx.NewSelect().Model(&rows).Where("id = ?", id).Where("taken_us = 0").Scan(ctx); err != nil {
			return err
		}
		if len(rows) == 0 {
			return fault.New(fault.NotFound, "identity.withdraw", "identity.appointment-unknown")
		}
		row = rows[0]
		if _, err := lockAccount(ctx, tx, row.Account); err != nil {
			return err
		}
		before, err := appointmentsOf(ctx, tx, row.Account)
		if err != nil {
			return err
		}
		after := slices.DeleteFunc(slices.Clone(before), func(a appointmentRow) bool { return a.ID == id })
		return s.take(ctx, tx, row, before, after)
	})
	if err == nil {
		s.sessions.drop(func(e sessionEntry) bool { return e.account.ID == row.Account })
	}
	return err
}

func (s *Service) take(ctx context.Context, tx *store.Tx, row appointmentRow, before, after []appointmentRow) error {
	by := s.by(ctx)
	_, err := tx.NewUpdate().Model((*appointmentRow)(nil)).Set("taken_us = ?, taken_by = ?", store.Micros(s.opt.Now()), by).
		Where("id = ?", row.ID).Where("taken_us = 0").Exec(ctx)
	if err != nil {
		return err
	}
	return s.tellAppointment(tx, "appointment.taken", row, by, before, after)
}

// takeAll ends what an account holds; it is about to be deleted.
func (s *Service) takeAll(ctx context.Context, tx *store.Tx, account accountRow) error {
	held, err := appointmentsOf(ctx, tx, account.ID)
	if err != nil {
		return err
	}
	for i, row := range held {
		if err := s.take(ctx, tx, row, held[i:], held[i+1:]); err != nil {
			return err
		}
	}
	return nil
}

// tellAppointment writes down who changed whose rights, with what was held before and after.
func (s *Service) tellAppointment(tx *store.Tx, kind string, row appointmentRow, by string, before, after []appointmentRow) error {
	held := func(list []appointmentRow) []map[string]any {
		out := make([]map[string]any, len(list))
		for i, a := range list {
			out[i] = map[string]any{"role": a.Role, "place": a.Place, "unit": a.Unit, "until": timeOrNil(a.UntilUS)}
		}
		return out
	}
	return tx.Emit(room, kind, string(row.Account), map[string]any{
		"appointment": row.ID, "name": row.Name, "role": row.Role, "place": row.Place, "unit": row.Unit, "by": by, "before": held(before), "after": held(after),
	})
}

// AppointmentFilter is whose appointments are asked for; zero: everybody's that count or will count.
type AppointmentFilter struct {
	Account AccountID
	Place   string
	Unit    string
	Past    bool // those too that ended or were taken
}

// Occupied are the places at which anybody holds an office now.
func (s *Service) Occupied(ctx context.Context) (places []string, err error) {
	now := store.Micros(s.opt.Now())
	err = s.db.NewSelect().Model((*appointmentRow)(nil)).ColumnExpr("DISTINCT place").Where("place <> ''").Where("taken_us = 0").
		Where("from_us <= ?", now).Where("until_us = 0 OR until_us > ?", now).Scan(ctx, &places)
	return places, err
}

// ListAppointments gives who holds what where, the newest first.
func (s *Service) ListAppointments(ctx context.Context, f AppointmentFilter) ([]Appointment, error) {
	var rows []appointmentRow
	now := s.opt.Now()
	q := s.db.NewSelect().Model(&rows).Order("given_us DESC", "id")
	for column, value := range map[string]string{"account": string(f.Account), "place": f.Place, "unit": f.Unit} {
		if value != "" {
			q = q.Where("? = ?", bun.Ident(column), value)
		}
	}
	if !f.Past {
		q = q.Where("taken_us = 0").Where("until_us = 0 OR until_us > ?", store.Micros(now))
	}
	if err := q.Scan(ctx); err != nil {
		return nil, err
	}
	out := make([]Appointment, len(rows))
	for i := range rows {
		out[i] = s.named(ctx, rows[i].appointment(now))
	}
	return out, nil
}

// named puts in the name of the place or the unit; of one that is gone its id.
func (s *Service) named(ctx context.Context, a Appointment) Appointment {
	a.At = a.Place + a.Unit
	if s.places == nil {
		return a
	}
	if a.Unit != "" {
		if name, err := s.places.Unit(ctx, a.Unit); err == nil {
			a.At = name
		}
	} else if _, name, err := s.places.Place(ctx, a.Place); err == nil {
		a.At = name
	}
	return a
}
