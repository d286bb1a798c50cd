package city

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"linli.dev/linli/store"
)

// copied are the tables of a province: whose rows a copied county has anew, and
// which of their columns name something that is copied too.
var copied = []struct {
	table string
	ids   []string
	where string // of the rows that are copied; "": all
}{
	{"places", []string{"place", "parent", "other"}, "level <> 'city'"},
	{"compound_classes", []string{"compound"}, ""},
	{"compound_points", []string{"compound"}, ""},
	{"areas", []string{"id", "compound", "building"}, ""},
	{"protection_assets", []string{"compound", "building"}, ""},
	{"channels", []string{"id", "compound"}, ""},
	{"channel_steps", []string{"compound", "channel"}, ""},
	{"programme_facts", []string{"id", "compound", "return_id"}, ""},
	{"sightings", []string{"compound"}, ""},
	{"county_returns", []string{"id", "county"}, ""},
	{"return_claims", []string{"return_id", "compound"}, ""},
	{"pairings", []string{"id", "compound"}, ""},
	{"help_entries", []string{"id", "pairing", "compound", "reverses", "of_spend"}, ""},
	{"help_tasks", []string{"id", "pairing", "compound"}, ""},
	{"inspections", []string{"id", "compound", "recheck_of"}, ""},
	{"inspection_steps", []string{"inspection"}, ""},
	{"inspection_answers", []string{"inspection"}, ""},
	{"inspection_mend_steps", []string{"inspection"}, ""},
}

// Grow makes a province of a city that was played into a database: each county,
// with everything that is known of it, stands there as often as times says. The
// rows are copied by the database itself, beside the rooms and the journal, so
// nobody else may have it open. It is for measurements.
func Grow(ctx context.Context, db *store.DB, times int) error {
	for n := 1; n < times; n++ {
		suffix := fmt.Sprintf("~%d", n)
		err := db.Change(ctx, func(ctx context.Context, tx *store.Tx) error {
			for _, c := range copied {
				columns, err := columnsOf(ctx, tx, c.table)
				if err != nil {
					return err
				}
				values := make([]string, len(columns))
				for i, name := range columns {
					values[i] = name
					if slices.Contains(c.ids, name) {
						values[i] = fmt.Sprintf("CASE WHEN %[1]s = '' THEN '' ELSE %[1]s || '%[2]s' END", name, suffix)
					}
					switch {
					case c.table == "places" && name == "parent": // the city itself is there once
						values[i] = fmt.Sprintf("CASE WHEN level = 'county' THEN parent ELSE parent || '%s' END", suffix)
					case c.table == "places" && name == "name":
						values[i] = fmt.Sprintf("CASE WHEN level = 'county' THEN name || '%d' ELSE name END", n+1)
					case c.table == "places" && name == "code":
						values[i] = fmt.Sprintf("CASE WHEN code = '' THEN '' ELSE code || '%s' END", suffix)
					}
				}
				where := " WHERE " + c.ids[0] + " NOT LIKE '%~%'" // no copy of a copy
				if c.where != "" {
					where += " AND " + c.where
				}
				query := "INSERT INTO " + c.table + " (" + strings.Join(columns, ", ") + ") SELECT " + strings.Join(values, ", ") + " FROM " + c.table + where
				if _, err := tx.Tx.Tx.ExecContext(ctx, query); err != nil {
					return fmt.Errorf("%s: %w", c.table, err)
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	_, err := db.DB.DB.ExecContext(ctx, "ANALYZE")
	return err
}

func columnsOf(ctx context.Context, tx *store.Tx, table string) ([]string, error) {
	rows, err := tx.Tx.Tx.QueryContext(ctx, "SELECT * FROM "+table+" LIMIT 0")
	if err != nil {
		return nil, fmt.Errorf("%s: %w", table, err)
	}
	defer rows.Close()
	names, err := rows.Columns()
	if err == nil {
		err = rows.Err()
	}
	return names, err
}
