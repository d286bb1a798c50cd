package identity

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"linli.dev/linli/api"
	"linli.dev/linli/fault"
	"linli.dev/linli/store"
)

// SessionID names a session in lists and in the record of looks. It is not what the cookie holds.
type SessionID string

// Why a session ended, as OnSessionEnd and the journal tell it.
const (
	EndSignOut  = "signed-out"
	EndExpired  = "expired"
	EndForced   = "ended-by-operator"
	EndByOwner  = "ended-by-owner" // from the list of one's own sessions
	EndRole     = "role-changed"
	EndPassword = "password-changed"
	EndDisabled = "account-disabled"
	EndDeleted  = "account-deleted"
	EndReplaced = "signed-in-again"
)

// Session is one sign-in, on one machine.
type Session struct {
	ID      SessionID `json:"id"`
	Account AccountID `json:"account"`
	Name    string    `json:"name" doc:"Sign-in name of the account."`
	Display string    `json:"display"`
	Address string    `json:"address" doc:"Where it came from."`
	Agent   string    `json:"agent" doc:"Browser, as it calls itself."`
	Begun   time.Time `json:"begun"`
	Seen    time.Time `json:"seen" doc:"Last use, to the minute."`
	Until   time.Time `json:"until" doc:"It ends then at the latest."`
	Current bool      `json:"current" doc:"The one that asks."`
}

type sessionRow struct {
	bun.BaseModel `bun:"table:sessions"`

	ID      SessionID `bun:"id,pk"`
	Account AccountID `bun:"account"`
	Token   string    `bun:"token"`
	Address string    `bun:"address"`
	Agent   string    `bun:"agent"`
	BegunUS int64     `bun:"begun_us"`
	SeenUS  int64     `bun:"seen_us"`
	UntilUS int64     `bun:"until_us"`
}

// sessionEntry is what a request needs to know of a session.
type sessionEntry struct {
	session sessionRow
	account accountRow
	held    []appointmentRow // those of the past left out
}

func (e sessionEntry) caller(now time.Time) api.Caller {
	c := api.Caller{
		Account: string(e.account.ID), Name: e.account.Display, Kind: "account", Roles: []string{string(e.account.Role)},
		Session: string(e.session.ID), MustChange: e.account.MustChange,
	}
	roles := []Role{e.account.Role}
	for _, a := range e.held {
		if a.holds(store.Micros(now)) {
			roles = append(roles, a.Role)
			c.Offices = append(c.Offices, api.Office{Role: string(a.Role), Place: a.Place, Unit: a.Unit})
		}
	}
	c.Permissions = Of(roles...)
	return c
}

// SignedIn is a fresh session with what its cookie must hold.
type SignedIn struct {
	Cookie  string
	Until   time.Time
	Account Account
	Caller  api.Caller
}

// newSecret has 256 random bits.
func newSecret() string {
	raw := make([]byte, 32)
	_, _ = rand.Read(raw) // never fails
	return base64.RawURLEncoding.EncodeToString(raw)
}

// digest is what is kept of a secret. It has 256 random bits, so a plain hash is enough.
func digest(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// SignIn checks a password and begins a session. replaces is the cookie that came with the request,
// if any: that session ends, so that no cookie outlives the next sign-in.
func (s *Service) SignIn(ctx context.Context, name, password, address, agent, replaces string) (SignedIn, error) {
	name = tidyName(name)
	if n := utf8.RuneCountInString(name); n == 0 || n > 64 || utf8.RuneCountInString(password) > maxPassword {
		return SignedIn{}, s.refused("wrong", fault.New(fault.Unauthenticated, "identity.sign-in", "identity.wrong-password"))
	}
	if wait := s.lockout.begin(name, address); wait > 0 {
		return SignedIn{}, s.refused("locked", s.lockedOut(wait))
	}
	row, err := findAccount(ctx, s.db.DB, "name = ?", name)
	if err != nil && fault.KindOf(err) != fault.NotFound {
		s.lockout.undo(name, address)
		return SignedIn{}, err
	}
	// An unknown name has an empty hash and is checked all the same: the time tells nothing.
	ok, stale, err := s.kitchen.check(ctx, row.Password, password)
	if err != nil {
		s.lockout.undo(name, address)
		return SignedIn{}, s.refused("busy", err)
	}
	if !ok {
		s.keepTries(ctx, name, address)
		shown := row.Name // not what was typed: it may be a password in the wrong field
		s.log.Info("wrong password", "account", shown, "address", address)
		if wait := s.lockout.waits(name, address); wait > 0 {
			s.log.Warn("sign-in locked", "account", shown, "address", address, "for", wait)
			return SignedIn{}, s.refused("wrong", s.lockedOut(wait))
		}
		return SignedIn{}, s.refused("wrong", fault.New(fault.Unauthenticated, "identity.sign-in", "identity.wrong-password"))
	}
	if s.lockout.right(name, address) {
		s.dropTries(ctx, name, address)
	}
	if row.Disabled {
		return SignedIn{}, s.refused("disabled", fault.New(fault.Denied, "identity.sign-in", "identity.account-disabled"))
	}
	hash := ""
	if stale {
		if hash, err = s.kitchen.hash(ctx, password); err != nil {
			hash = ""
		}
	}
	in, err := s.begin(ctx, row, address, agent, replaces, hash)
	if err == nil {
		s.signIns.WithLabelValues("ok").Inc()
	}
	return in, err
}

func (s *Service) refused(result string, err error) error {
	s.signIns.WithLabelValues(result).Inc()
	return err
}

func (s *Service) lockedOut(wait time.Duration) error {
	wait = wait.Round(time.Second) + time.Second
	f := fault.New(fault.TooMany, "identity.sign-in", "identity.locked-out",
		"at", s.opt.Now().Add(wait).Format("15:04:05"), "seconds", int(wait.Seconds()))
	f.RetryAfter = wait
	return f
}

// begin makes the session of an account whose password was right a moment ago.
func (s *Service) begin(ctx context.Context, checked accountRow, address, agent, replaces, hash string) (SignedIn, error) {
	now := s.opt.Now()
	secret := newSecret()
	if runes := []rune(agent); len(runes) > 200 {
		agent = string(runes[:200])
	}
	row := sessionRow{
		ID: SessionID(store.NewID()), Account: checked.ID, Token: digest(secret), Address: hostOf(address), Agent: agent,
		BegunUS: store.Micros(now), SeenUS: store.Micros(now), UntilUS: store.Micros(now.Add(s.opt.Lasts)),
	}
	var account accountRow
	var held []appointmentRow
	var old sessionRow
	err := s.db.Change(ctx, func(ctx context.Context, tx *store.Tx) error {
		var err error
		old = sessionRow{}
		if account, err = lockAccount(ctx, tx, checked.ID); err != nil {
			return err
		}
		if held, err = appointmentsOf(ctx, tx, checked.ID); err != nil {
			return err
		}
		// While the password was being checked somebody may have changed it.
		if account.Password != checked.Password || account.Disabled {
			return fault.New(fault.Unauthenticated, "identity.sign-in", "identity.wrong-password")
		}
		if replaces != "" {
			if old, err = s.endOne(ctx, tx, "token = ?", digest(replaces), EndReplaced); err != nil && fault.KindOf(err) != fault.NotFound {
				return err
			}
		}
		if hash != "" {
			account.Password = hash
		}
		account.SignedInUS = row.BegunUS
		if _, err := tx.NewUpdate().Model(&account).Column("password", "signed_in_us").WherePK().Exec(ctx); err != nil {
			return err
		}
		if _, err := tx.NewInsert().Model(&row).Exec(ctx); err != nil {
			return err
		}
		return tx.Emit(room, "session.begun", string(row.ID), map[string]any{"account": account.ID, "name": account.Name, "address": row.Address})
	})
	if err != nil {
		return SignedIn{}, err
	}
	s.doubted(row.ID)
	s.touch(row)
	if old.ID != "" {
		s.tellEnd(old.ID, old.Account, EndReplaced)
	}
	e := sessionEntry{session: row, account: account, held: held}
	return SignedIn{Cookie: secret, Until: store.Time(row.UntilUS), Account: account.account(), Caller: e.caller(now)}, nil
}

// lookUp finds the living session behind a cookie. No such session: Unauthenticated.
func (s *Service) lookUp(ctx context.Context, cookie string) (sessionEntry, error) {
	gone := fault.New(fault.Unauthenticated, "identity.session", "identity.session-ended")
	if len(cookie) != 43 { // 32 bytes in base64url
		return sessionEntry{}, gone
	}
	key := digest(cookie)
	e, err := s.sessions.get(key, func() (sessionEntry, error) { return s.readSession(ctx, "token = ?", key) })
	if err != nil {
		return sessionEntry{}, err
	}
	if !s.alive(e) {
		return sessionEntry{}, gone
	}
	s.touch(e.session)
	return e, nil
}

func (s *Service) readSession(ctx context.Context, where string, arg any) (sessionEntry, error) {
	var e sessionEntry
	err := s.db.NewSelect().Model(&e.session).Where(where, arg).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return e, fault.New(fault.Unauthenticated, "identity.session", "identity.session-ended")
	}
	if err != nil {
		return e, err
	}
	e.account, err = findAccount(ctx, s.db.DB, "id = ?", e.session.Account)
	if fault.KindOf(err) == fault.NotFound {
		return e, fault.New(fault.Unauthenticated, "identity.session", "identity.session-ended")
	}
	if err != nil {
		return e, err
	}
	e.held, err = appointmentsOf(ctx, s.db.DB, e.account.ID)
	return e, err
}

func (s *Service) alive(e sessionEntry) bool {
	return !e.account.Disabled && s.lives(e.session)
}

// seen is the last use: the one that this process has seen, else the row's.
func (s *Service) seen(r sessionRow) time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	if u, ok := s.uses[r.ID]; ok {
		return s.opt.Now().Add(u.seen - s.opt.Mono())
	}
	return store.Time(r.SeenUS)
}

func (s *Service) touch(r sessionRow) {
	now, trusted := s.opt.Now(), s.trusted()
	s.mu.Lock()
	defer s.mu.Unlock()
	if d, ok := s.doubts[r.ID]; ok {
		d.seen = s.opt.Mono()
		s.doubts[r.ID] = d
		return
	}
	s.note(r, now, trusted)
	if !trusted {
		s.unwritten = true
		return
	}
	if since := now.Sub(store.Time(r.SeenUS)); since >= 30*time.Second || since < -ahead {
		s.touched[r.ID] = now
	}
}

// CallerOf gives who is behind a living session, read afresh: the door asks while a look goes on.
// The session of somebody who was shut out meanwhile is Unauthenticated.
func (s *Service) CallerOf(ctx context.Context, session string) (api.Caller, error) {
	e, err := s.readSession(ctx, "id = ?", session)
	if err != nil {
		return api.Caller{}, err
	}
	if !s.alive(e) {
		return api.Caller{}, fault.New(fault.Unauthenticated, "identity.session", "identity.session-ended")
	}
	return e.caller(s.opt.Now()), nil
}

// ListSessions gives the living sessions of an account, or of everybody for "".
func (s *Service) ListSessions(ctx context.Context, account AccountID) ([]Session, error) {
	var rows []sessionRow
	q := s.db.NewSelect().Model(&rows).Order("begun_us DESC").Limit(500)
	if account != "" {
		q = q.Where("account = ?", account)
	}
	if err := q.Scan(ctx); err != nil {
		return nil, err
	}
	accounts, err := s.ListAccounts(ctx)
	if err != nil {
		return nil, err
	}
	whose := map[AccountID]Account{}
	for _, a := range accounts {
		whose[a.ID] = a
	}
	me := api.CallerFrom(ctx).Session
	out := []Session{}
	for _, r := range rows {
		if !s.alive(sessionEntry{session: r}) {
			continue
		}
		out = append(out, Session{
			ID: r.ID, Account: r.Account, Name: whose[r.Account].Name, Display: whose[r.Account].Display, Address: r.Address, Agent: r.Agent,
			Begun: store.Time(r.BegunUS), Seen: s.seen(r), Until: store.Time(r.UntilUS), Current: string(r.ID) == me,
		})
	}
	return out, nil
}

// EndSession ends a session. Of somebody else's, unless all is set, it says that there is none.
func (s *Service) EndSession(ctx context.Context, id SessionID, owner AccountID, all bool, why string) error {
	var row sessionRow
	err := s.db.Change(ctx, func(ctx context.Context, tx *store.Tx) error {
		var err error
		if row, err = s.endOne(ctx, tx, "id = ?", id, why); err == nil && !all && row.Account != owner {
			return fault.New(fault.NotFound, "identity.session", "identity.session-unknown")
		}
		return err
	})
	if err == nil {
		s.tellEnd(row.ID, row.Account, why)
	}
	return err
}

func (s *Service) endOne(ctx context.Context, tx *store.Tx, where string, arg any, why string) (sessionRow, error) {
	var row sessionRow
	err := tx.NewSelect().Model(&row).Where(where, arg).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return row, fault.New(fault.NotFound, "identity.session", "identity.session-unknown")
	}
	if err != nil {
		return row, err
	}
	if _, err := tx.NewDelete().Model(&row).WherePK().Exec(ctx); err != nil {
		return row, err
	}
	return row, s.emitEnd(tx, row, why)
}

func (s *Service) emitEnd(tx *store.Tx, row sessionRow, why string) error {
	return tx.Emit(room, "session.ended", string(row.ID), sessionEnded{Account: row.Account, Why: why})
}

type sessionEnded struct {
	Account AccountID `json:"account"`
	Why     string    `json:"why"`
}

// endAll ends an account's sessions but one.
func (s *Service) endAll(ctx context.Context, tx *store.Tx, account AccountID, but SessionID, why string) ([]SessionID, error) {
	var rows []sessionRow
	if err := tx.NewSelect().Model(&rows).Where("account = ? AND id <> ?", account, but).Scan(ctx); err != nil {
		return nil, err
	}
	var ended []SessionID
	for _, r := range rows {
		if _, err := tx.NewDelete().Model(&r).WherePK().Exec(ctx); err != nil {
			return nil, err
		}
		if err := s.emitEnd(tx, r, why); err != nil {
			return nil, err
		}
		ended = append(ended, r.ID)
	}
	return ended, nil
}

func (s *Service) afterEnd(ended []SessionID, account AccountID, why string) {
	for _, id := range ended {
		s.tellEnd(id, account, why)
	}
}

// ChangePassword lets somebody choose a new password. Every session of theirs ends; a new one begins
// in the place of the one that asked.
func (s *Service) ChangePassword(ctx context.Context, who api.Caller, old, password, address, agent string) (SignedIn, error) {
	if who.Kind != "account" {
		return SignedIn{}, fault.New(fault.Denied, "identity.password", "identity.people-only")
	}
	row, err := findAccount(ctx, s.db.DB, "id = ?", who.Account)
	if err != nil {
		return SignedIn{}, err
	}
	if wait := s.lockout.begin(row.Name, address); wait > 0 {
		return SignedIn{}, s.lockedOut(wait)
	}
	ok, _, err := s.kitchen.check(ctx, row.Password, old)
	if err != nil {
		s.lockout.undo(row.Name, address)
		return SignedIn{}, err
	}
	if !ok {
		s.keepTries(ctx, row.Name, address)
		// Not 401: whoever asks is signed in, only this field is wrong.
		return SignedIn{}, badField("old", "identity.old-password-wrong")
	}
	if s.lockout.right(row.Name, address) {
		s.dropTries(ctx, row.Name, address)
	}
	if err := checkNew(row.Name, password); err != nil {
		return SignedIn{}, err
	}
	if password == old {
		return SignedIn{}, badField("password", "identity.password-same")
	}
	hash, err := s.kitchen.hash(ctx, password)
	if err != nil {
		return SignedIn{}, err
	}
	var ended []SessionID
	err = s.db.Change(ctx, func(ctx context.Context, tx *store.Tx) error {
		now, err := lockAccount(ctx, tx, row.ID)
		if err != nil {
			return err
		}
		if now.Password != row.Password || now.Disabled {
			return fault.New(fault.Conflict, "identity.password", "identity.changed-meanwhile")
		}
		now.Password, now.MustChange = hash, false
		if _, err := tx.NewUpdate().Model(&now).WherePK().Exec(ctx); err != nil {
			return err
		}
		if ended, err = s.endAll(ctx, tx, now.ID, "", EndPassword); err != nil {
			return err
		}
		row = now
		return tx.Emit(room, "account.password", string(now.ID), map[string]any{"name": now.Name, "by": now.ID})
	})
	if err != nil {
		return SignedIn{}, err
	}
	s.afterEnd(ended, row.ID, EndPassword)
	if err := s.tidyFirst(ctx, row.Name); err != nil {
		s.log.Warn("first-passwords not removed", "err", err)
	}
	return s.begin(ctx, row, address, agent, "", "")
}
