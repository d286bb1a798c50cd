package identity

import (
	"context"
	"database/sql"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"linli.dev/linli/api"
	"linli.dev/linli/fault"
	"linli.dev/linli/store"
)

// TokenID names a token in lists; it opens nothing.
type TokenID string

// Token lets a program use the API. It never holds a permission for pictures.
type Token struct {
	ID          TokenID    `json:"id"`
	Name        string     `json:"name"`
	Permissions []string   `json:"permissions"`
	Place       string     `json:"place,omitempty" doc:"The one place that it is for; none: the whole programme."`
	At          string     `json:"at,omitempty" doc:"Name of the place as it stands."`
	CreatedBy   string     `json:"created_by" doc:"Account, or cli."`
	Created     time.Time  `json:"created"`
	Until       *time.Time `json:"until,omitempty" doc:"None: until revoked."`
	Used        *time.Time `json:"used,omitempty" doc:"Last use, to the minute."`
}

type tokenRow struct {
	bun.BaseModel `bun:"table:tokens"`

	ID          TokenID `bun:"id,pk"`
	Name        string  `bun:"name"`
	Secret      string  `bun:"secret"`
	Permissions string  `bun:"permissions"`
	Place       string  `bun:"place"`
	CreatedBy   string  `bun:"created_by"`
	CreatedUS   int64   `bun:"created_us"`
	UntilUS     int64   `bun:"until_us"`
	UsedUS      int64   `bun:"used_us"`
}

type tokenEntry struct {
	row  tokenRow
	held map[string]bool
}

func (r tokenRow) token() Token {
	return Token{
		ID: r.ID, Name: r.Name, Permissions: splitList(r.Permissions), Place: r.Place, CreatedBy: r.CreatedBy,
		Created: store.Time(r.CreatedUS), Until: timeOrNil(r.UntilUS), Used: timeOrNil(r.UsedUS),
	}
}

func splitList(s string) []string {
	if s == "" {
		return []string{}
	}
	return strings.Split(s, ",")
}

// NewToken is what a token needs.
type NewToken struct {
	Name        string
	Permissions []string
	Place       string        // "": the whole programme
	Lasts       time.Duration // 0: until revoked
}

const (
	tokenPrefix  = "linli_" // found by secret scanners, and by people in a log
	tokenAccount = "token:" // before the id, where an account's would stand
)

// CreateToken makes a token and gives its secret, which is shown this once and kept as a hash.
func (s *Service) CreateToken(ctx context.Context, n NewToken) (Token, string, error) {
	n.Name = strings.TrimSpace(n.Name)
	if c := utf8.RuneCountInString(n.Name); c < 1 || c > 60 {
		return Token{}, "", badField("name", "identity.token-name")
	}
	if n.Lasts < 0 || n.Lasts > 10*366*24*time.Hour {
		return Token{}, "", badField("days", "identity.token-lasts")
	}
	may := map[string]bool{}
	for _, p := range n.Permissions {
		p = strings.TrimSpace(p)
		if err := TokenMayAt(p, n.Place); err != nil {
			var f *fault.Error
			if errors.As(err, &f) {
				f.Fields = []fault.Field{{Path: "permissions", Code: f.Code, Args: f.Args}}
			}
			return Token{}, "", err
		}
		may[p] = true
	}
	if len(may) == 0 {
		return Token{}, "", badField("permissions", "identity.token-empty")
	}
	at, err := s.tokenPlace(ctx, n.Place, may)
	if err != nil {
		return Token{}, "", err
	}
	secret := tokenPrefix + newSecret()
	now := s.opt.Now()
	row := tokenRow{
		ID: TokenID(store.NewID()), Name: n.Name, Secret: digest(secret), CreatedBy: s.by(ctx), CreatedUS: store.Micros(now),
		Place: n.Place, Permissions: strings.Join(slices.Sorted(maps.Keys(may)), ","),
	}
	if n.Lasts > 0 {
		row.UntilUS = store.Micros(now.Add(n.Lasts))
	}
	err = s.db.Change(ctx, func(ctx context.Context, tx *store.Tx) error {
		taken, err := tx.NewSelect().Model((*tokenRow)(nil)).Where("name = ?", row.Name).Exists(ctx)
		if err != nil {
			return err
		}
		if taken {
			f := fault.New(fault.Conflict, "identity.create-token", "identity.token-name-taken", "name", row.Name)
			f.Fields = []fault.Field{{Path: "name", Code: f.Code, Args: f.Args}}
			return f
		}
		if _, err := tx.NewInsert().Model(&row).Exec(ctx); err != nil {
			return err
		}
		return tx.Emit(room, "token.created", string(row.ID), map[string]any{"name": row.Name, "permissions": splitList(row.Permissions), "place": row.Place, "by": row.CreatedBy})
	})
	t := row.token()
	t.At = at
	return t, secret, err
}

// tokenPlace checks the place of a new token and gives its name. What a compound's machine reports with is for one compound.
func (s *Service) tokenPlace(ctx context.Context, id string, may map[string]bool) (name string, err error) {
	if id == "" {
		return "", nil
	}
	if s.places == nil {
		return "", fault.New(fault.Unavailable, "identity.create-token", "identity.appointment-place-unknown")
	}
	level, name, err := s.places.Place(ctx, id)
	switch {
	case fault.KindOf(err) == fault.NotFound:
		return "", badField("place", "identity.appointment-place-unknown")
	case err != nil:
		return "", err
	case may[nodeReport] && level != levels[Manager]:
		return "", badField("place", "identity.token-not-a-compound", "name", name)
	}
	return name, nil
}

// TokenStands says whether an account, as callers have it, is a token that still opens something.
func (s *Service) TokenStands(ctx context.Context, account string) (bool, error) {
	id, ok := strings.CutPrefix(account, tokenAccount)
	if !ok {
		return false, nil
	}
	return s.db.NewSelect().Model((*tokenRow)(nil)).Where("id = ?", id).Where("until_us = 0 OR until_us > ?", store.Micros(s.opt.Now())).Exists(ctx)
}

// ListTokens gives every token, newest first; of expired ones too, until they are revoked.
func (s *Service) ListTokens(ctx context.Context) ([]Token, error) {
	var rows []tokenRow
	if err := s.db.NewSelect().Model(&rows).Order("created_us DESC").Scan(ctx); err != nil {
		return nil, err
	}
	out := make([]Token, 0, len(rows))
	for _, r := range rows {
		t := r.token()
		if r.Place != "" && s.places != nil {
			_, t.At, _ = s.places.Place(ctx, r.Place) // one that has ended since has no name now
		}
		out = append(out, t)
	}
	return out, nil
}

// RevokeToken ends a token, by id or by name. It works beside a running server.
func (s *Service) RevokeToken(ctx context.Context, idOrName string) error {
	var row tokenRow
	err := s.db.Change(ctx, func(ctx context.Context, tx *store.Tx) error {
		row = tokenRow{}
		err := tx.NewSelect().Model(&row).Where("id = ? OR name = ?", idOrName, idOrName).Limit(1).Scan(ctx)
		if errors.Is(err, sql.ErrNoRows) {
			return fault.New(fault.NotFound, "identity.token", "identity.token-unknown")
		}
		if err != nil {
			return err
		}
		if _, err := tx.NewDelete().Model(&row).WherePK().Exec(ctx); err != nil {
			return err
		}
		return tx.Emit(room, "token.revoked", string(row.ID), map[string]any{"name": row.Name, "by": s.by(ctx)})
	})
	if err == nil {
		s.tokens.drop(func(e tokenEntry) bool { return e.row.ID == row.ID })
	}
	return err
}

// program gives who is behind a token.
func (s *Service) program(ctx context.Context, secret string) (api.Caller, error) {
	unknown := fault.New(fault.Unauthenticated, "identity.token", "identity.token-refused")
	if !strings.HasPrefix(secret, tokenPrefix) || len(secret) != len(tokenPrefix)+43 {
		return api.Caller{}, unknown
	}
	key := digest(secret)
	e, err := s.tokens.get(key, func() (tokenEntry, error) {
		var e tokenEntry
		err := s.db.NewSelect().Model(&e.row).Where("secret = ?", key).Scan(ctx)
		if errors.Is(err, sql.ErrNoRows) {
			return e, unknown
		}
		e.held = map[string]bool{}
		for _, p := range splitList(e.row.Permissions) {
			// Asked again at each use: a row from elsewhere, or from before a rule, opens no picture.
			if TokenMayAt(p, e.row.Place) == nil {
				e.held[p] = true
			}
		}
		return e, err
	})
	if err != nil {
		return api.Caller{}, err
	}
	now := s.opt.Now()
	if e.row.UntilUS != 0 && !now.Before(store.Time(e.row.UntilUS)) {
		return api.Caller{}, fault.New(fault.Unauthenticated, "identity.token", "identity.token-expired")
	}
	if now.Sub(store.Time(e.row.UsedUS)) > 30*time.Second {
		s.mu.Lock()
		s.used[e.row.ID] = now
		s.mu.Unlock()
	}
	who := api.Caller{Account: tokenAccount + string(e.row.ID), Name: e.row.Name, Kind: "token", Permissions: maps.Clone(e.held)}
	if e.row.Place != "" {
		who.Offices = []api.Office{{Role: string(Program), Place: e.row.Place}}
	}
	return who, nil
}
