package identity

import (
	"context"
	"database/sql"
	"errors"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"linli.dev/linli/fault"
	"linli.dev/linli/store"
)

// AccountID names an account for good; its sign-in name may change hands, the id never does.
type AccountID string

// Account is somebody who signs in.
type Account struct {
	ID         AccountID  `json:"id"`
	Name       string     `json:"name" doc:"What is typed at sign-in."`
	Display    string     `json:"display" doc:"What others see."`
	Role       Role       `json:"role" enum:"guard,operator,staff"`
	Disabled   bool       `json:"disabled"`
	MustChange bool       `json:"must_change" doc:"The first password stands unchanged."`
	Created    time.Time  `json:"created"`
	SignedIn   *time.Time `json:"signed_in,omitempty" doc:"Last sign-in."`
}

type accountRow struct {
	bun.BaseModel `bun:"table:accounts"`

	ID         AccountID `bun:"id,pk"`
	Name       string    `bun:"name"`
	Display    string    `bun:"display"`
	Role       Role      `bun:"role"`
	Password   string    `bun:"password"`
	MustChange bool      `bun:"must_change"`
	Disabled   bool      `bun:"disabled"`
	CreatedUS  int64     `bun:"created_us"`
	SignedInUS int64     `bun:"signed_in_us"`
}

func (r accountRow) account() Account {
	return Account{
		ID: r.ID, Name: r.Name, Display: r.Display, Role: r.Role, Disabled: r.Disabled, MustChange: r.MustChange,
		Created: store.Time(r.CreatedUS), SignedIn: timeOrNil(r.SignedInUS),
	}
}

func timeOrNil(us int64) *time.Time {
	if us == 0 {
		return nil
	}
	t := store.Time(us)
	return &t
}

// NewAccount is what an account needs. Without a password one is made, to be changed at first sign-in.
type NewAccount struct {
	Name     string
	Display  string // Name when empty
	Role     Role
	Password string
	Keep     bool // a given password need not be changed; for a demo
}

var namePattern = regexp.MustCompile(`^[\p{Han}a-z0-9][\p{Han}a-z0-9._-]{1,31}$`)

func tidyName(name string) string { return strings.ToLower(strings.TrimSpace(name)) }

func (n *NewAccount) check() error {
	n.Name, n.Display = tidyName(n.Name), strings.TrimSpace(n.Display)
	if n.Display == "" {
		n.Display = n.Name
	}
	if !namePattern.MatchString(n.Name) {
		return badField("name", "identity.name-shape")
	}
	if err := checkDisplay(n.Display); err != nil {
		return err
	}
	return checkRole(n.Role)
}

func checkDisplay(display string) error {
	if n := utf8.RuneCountInString(display); n < 1 || n > 40 {
		return badField("display", "identity.display-shape")
	}
	return nil
}

func checkRole(r Role) error {
	if !slices.Contains(Roles(), r) {
		return badField("role", "identity.role-unknown")
	}
	return nil
}

func badField(path, code string, args ...any) error {
	f := fault.New(fault.Invalid, "identity", code, args...)
	f.Fields = []fault.Field{{Path: path, Code: code, Args: f.Args}}
	return f
}

// CreateAccount makes an account and gives the password that was made for it, or "" when one was given.
func (s *Service) CreateAccount(ctx context.Context, n NewAccount) (Account, string, error) {
	if err := n.check(); err != nil {
		return Account{}, "", err
	}
	password, made := n.Password, ""
	if password == "" {
		made = firstPassword()
		password = made
	} else if err := checkNew(n.Name, password); err != nil && !n.Keep {
		return Account{}, "", err
	}
	hash, err := s.kitchen.hash(ctx, password)
	if err != nil {
		return Account{}, "", err
	}
	row := accountRow{
		ID: AccountID(store.NewID()), Name: n.Name, Display: n.Display, Role: n.Role, Password: hash,
		MustChange: made != "" || !n.Keep, CreatedUS: store.Micros(s.opt.Now()),
	}
	err = s.db.Change(ctx, func(ctx context.Context, tx *store.Tx) error { return s.insertAccount(ctx, tx, row) })
	return row.account(), made, err
}

func (s *Service) insertAccount(ctx context.Context, tx *store.Tx, row accountRow) error {
	taken, err := tx.NewSelect().Model((*accountRow)(nil)).Where("name = ?", row.Name).Exists(ctx)
	if err != nil {
		return err
	}
	if taken {
		f := fault.New(fault.Conflict, "identity.create-account", "identity.name-taken", "name", row.Name)
		f.Fields = []fault.Field{{Path: "name", Code: f.Code, Args: f.Args}}
		return f
	}
	if _, err := tx.NewInsert().Model(&row).Exec(ctx); err != nil {
		return err // two at once: the index refuses the second, as a conflict too late for a nicer word
	}
	return tx.Emit(room, "account.created", string(row.ID), accountEvent(row, s.by(ctx)))
}

func accountEvent(r accountRow, by string) map[string]any {
	return map[string]any{"name": r.Name, "display": r.Display, "role": r.Role, "disabled": r.Disabled, "by": by}
}

// ListAccounts gives every account, by name.
func (s *Service) ListAccounts(ctx context.Context) ([]Account, error) {
	var rows []accountRow
	if err := s.db.NewSelect().Model(&rows).Order("name").Scan(ctx); err != nil {
		return nil, err
	}
	out := make([]Account, 0, len(rows))
	for _, r := range rows {
		out = append(out, r.account())
	}
	return out, nil
}

// Displays is what others see of some accounts, by their ids. One that is gone is left out.
func (s *Service) Displays(ctx context.Context, ids ...string) (map[string]string, error) {
	out := make(map[string]string, len(ids))
	for part := range slices.Chunk(ids, 400) {
		var rows []accountRow
		if err := s.db.NewSelect().Model(&rows).Column("id", "display").Where("id IN (?)", bun.List(part)).Scan(ctx); err != nil {
			return nil, err
		}
		for _, r := range rows {
			out[string(r.ID)] = r.Display
		}
	}
	return out, nil
}

// AccountNamed finds an account by its sign-in name.
func (s *Service) AccountNamed(ctx context.Context, name string) (Account, error) {
	row, err := findAccount(ctx, s.db.DB, "name = ?", tidyName(name))
	return row.account(), err
}

func findAccount(ctx context.Context, db bun.IDB, where string, arg any) (accountRow, error) {
	var row accountRow
	err := db.NewSelect().Model(&row).Where(where, arg).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return row, fault.New(fault.NotFound, "identity.account", "identity.account-unknown")
	}
	return row, err
}

// lockAccount reads an account for a change that depends on what it is now: until the transaction ends, nobody else
// changes it.
func lockAccount(ctx context.Context, tx *store.Tx, id AccountID) (accountRow, error) {
	var row accountRow
	err := tx.ForUpdate(tx.NewSelect().Model(&row).Where("id = ?", id)).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return row, fault.New(fault.NotFound, "identity.account", "identity.account-unknown")
	}
	return row, err
}

// lockOperators is lockAccount for a change that may take an operator away: it locks all of them as well, and says
// whether there are others. Two who demote each other at the same moment come one after the other.
func lockOperators(ctx context.Context, tx *store.Tx, id AccountID) (row accountRow, others bool, err error) {
	var rows []accountRow
	q := tx.NewSelect().Model(&rows).Where("id = ?", id).WhereOr("role = ? AND disabled = ?", Operator, false).Order("id")
	if err := tx.ForUpdate(q).Scan(ctx); err != nil {
		return row, false, err
	}
	i := slices.IndexFunc(rows, func(r accountRow) bool { return r.ID == id })
	if i < 0 {
		return row, false, fault.New(fault.NotFound, "identity.account", "identity.account-unknown")
	}
	return rows[i], len(rows) > 1, nil
}

// AccountChange is what may change; nil leaves a field as it is.
type AccountChange struct {
	Display  *string
	Role     *Role
	Disabled *bool
	Password *string // "" makes one, to be changed at the next sign-in
}

// ChangeAccount changes an account and gives the password that was made, if one was. A new role, a
// new password or a disabled account ends its sessions, and with them every look.
func (s *Service) ChangeAccount(ctx context.Context, id AccountID, c AccountChange) (Account, string, error) {
	if c.Display != nil {
		*c.Display = strings.TrimSpace(*c.Display)
		if err := checkDisplay(*c.Display); err != nil {
			return Account{}, "", err
		}
	}
	if c.Role != nil {
		if err := checkRole(*c.Role); err != nil {
			return Account{}, "", err
		}
	}
	var hash, made string
	if c.Password != nil {
		before, err := findAccount(ctx, s.db.DB, "id = ?", id)
		if err != nil {
			return Account{}, "", err
		}
		password := *c.Password
		if password == "" {
			made = firstPassword()
			password = made
		} else if err := checkNew(before.Name, password); err != nil {
			return Account{}, "", err
		}
		if hash, err = s.kitchen.hash(ctx, password); err != nil {
			return Account{}, "", err
		}
	}
	var row accountRow
	var ended []SessionID
	var why string
	err := s.db.Change(ctx, func(ctx context.Context, tx *store.Tx) error {
		ended, why = nil, ""
		before, others, err := lockOperators(ctx, tx, id)
		if err != nil {
			return err
		}
		row = before
		if c.Display != nil {
			row.Display = *c.Display
		}
		if c.Role != nil && *c.Role != row.Role {
			row.Role, why = *c.Role, EndRole
		}
		if hash != "" {
			// Whoever set it knows it: the owner must choose another one.
			row.Password, row.MustChange, why = hash, true, EndPassword
		}
		if c.Disabled != nil && *c.Disabled != row.Disabled {
			row.Disabled = *c.Disabled
			if row.Disabled {
				why = EndDisabled
			}
		}
		if err := keepAnOperator(before, row.Role == Operator && !row.Disabled, others); err != nil {
			return err
		}
		if _, err := tx.NewUpdate().Model(&row).WherePK().Exec(ctx); err != nil {
			return err
		}
		if err := tx.Emit(room, "account.changed", string(id), accountEvent(row, s.by(ctx))); err != nil {
			return err
		}
		if hash != "" {
			if err := tx.Emit(room, "account.password", string(id), map[string]any{"name": row.Name, "by": s.by(ctx)}); err != nil {
				return err
			}
		}
		if why != "" {
			ended, err = s.endAll(ctx, tx, id, "", why)
		}
		return err
	})
	if err != nil {
		return Account{}, "", err
	}
	if hash != "" {
		s.lockout.forgive(row.Name)
		s.dropTries(ctx, row.Name, "")
		if err := s.tidyFirst(ctx, row.Name); err != nil {
			s.log.Warn("first-passwords not removed", "err", err)
		}
	}
	s.afterEnd(ended, id, why)
	s.sessions.drop(func(e sessionEntry) bool { return e.session.Account == id })
	return row.account(), made, nil
}

// keepAnOperator refuses a change that would leave nobody to run the machines.
func keepAnOperator(before accountRow, still, others bool) error {
	if still || others || before.Role != Operator || before.Disabled {
		return nil
	}
	return fault.New(fault.Conflict, "identity.account", "identity.last-operator")
}

// DeleteAccount removes an account with its sessions and preferences. What it did stays on record
// under its name.
func (s *Service) DeleteAccount(ctx context.Context, id AccountID) error {
	var ended []SessionID
	err := s.db.Change(ctx, func(ctx context.Context, tx *store.Tx) error {
		row, others, err := lockOperators(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := keepAnOperator(row, false, others); err != nil {
			return err
		}
		if ended, err = s.endAll(ctx, tx, id, "", EndDeleted); err != nil {
			return err
		}
		if err := s.takeAll(ctx, tx, row); err != nil {
			return err
		}
		if _, err := tx.NewDelete().Model((*preferenceRow)(nil)).Where("account = ?", id).Exec(ctx); err != nil {
			return err
		}
		if _, err := tx.NewDelete().Model(&row).WherePK().Exec(ctx); err != nil {
			return err
		}
		return tx.Emit(room, "account.deleted", string(id), accountEvent(row, s.by(ctx)))
	})
	if err != nil {
		return err
	}
	s.afterEnd(ended, id, EndDeleted)
	return s.tidyFirst(ctx, "")
}

// ResetPassword gives an account a new first password. It works beside a running server.
func (s *Service) ResetPassword(ctx context.Context, name string) (string, error) {
	a, err := s.AccountNamed(ctx, name)
	if err != nil {
		return "", err
	}
	empty := ""
	_, made, err := s.ChangeAccount(ctx, a.ID, AccountChange{Password: &empty})
	return made, err
}

// Disable shuts an account out, or lets it in again. It works beside a running server.
func (s *Service) Disable(ctx context.Context, name string, disabled bool) error {
	a, err := s.AccountNamed(ctx, name)
	if err != nil {
		return err
	}
	_, _, err = s.ChangeAccount(ctx, a.ID, AccountChange{Disabled: &disabled})
	return err
}
