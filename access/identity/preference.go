package identity

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"regexp"

	"github.com/uptrace/bun"

	"linli.dev/linli/fault"
	"linli.dev/linli/store"
)

type preferenceRow struct {
	bun.BaseModel `bun:"table:preferences"`

	Account   AccountID `bun:"account,pk"`
	Name      string    `bun:"name,pk"`
	Value     string    `bun:"value"`
	ChangedUS int64     `bun:"changed_us"`
}

const (
	maxPreference  = 64 << 10 // bytes
	maxPreferences = 100      // of one account
)

var preferenceName = regexp.MustCompile(`^[a-z][a-z0-9.-]{0,63}$`)

// Preference gives what an account's pages kept under a name, as JSON; null when nothing was.
func (s *Service) Preference(ctx context.Context, account AccountID, name string) (json.RawMessage, error) {
	var row preferenceRow
	err := s.db.NewSelect().Model(&row).Where("account = ? AND name = ?", account, name).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return json.RawMessage("null"), nil
	}
	return json.RawMessage(row.Value), err
}

// SetPreference keeps a page's choice, such as the arrangement of the wall; null forgets it. No journal
// event: nobody else has an interest in it.
func (s *Service) SetPreference(ctx context.Context, account AccountID, name string, value json.RawMessage) error {
	if !preferenceName.MatchString(name) {
		return badField("key", "identity.preference-name")
	}
	if len(value) > maxPreference {
		return fault.New(fault.TooLarge, "identity.preference", "identity.preference-large", "kib", maxPreference>>10)
	}
	if !json.Valid(value) {
		return badField("body", "identity.preference-json")
	}
	return s.db.Change(ctx, func(ctx context.Context, tx *store.Tx) error {
		if string(value) == "null" {
			_, err := tx.NewDelete().Model((*preferenceRow)(nil)).Where("account = ? AND name = ?", account, name).Exec(ctx)
			return err
		}
		n, err := tx.NewSelect().Model((*preferenceRow)(nil)).Where("account = ? AND name <> ?", account, name).Count(ctx)
		if err != nil {
			return err
		}
		if n >= maxPreferences {
			return fault.New(fault.TooLarge, "identity.preference", "identity.preference-many", "max", maxPreferences)
		}
		row := preferenceRow{Account: account, Name: name, Value: string(value), ChangedUS: store.Micros(s.opt.Now())}
		_, err = tx.NewInsert().Model(&row).On("CONFLICT (account, name) DO UPDATE").
			Set("value = EXCLUDED.value").Set("changed_us = EXCLUDED.changed_us").Exec(ctx)
		return err
	})
}
