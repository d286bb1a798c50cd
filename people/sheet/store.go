package sheet

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"linli.dev/linli/fault"
	"linli.dev/linli/people/place"
	"linli.dev/linli/store"
)

// Import is a list that was committed.
type Import struct {
	ID       string     `json:"id"`
	List     List       `json:"list" enum:"compounds,divisions,buildings,channels,areas,assets" doc:"What it was a list of"`
	By       string     `json:"by"`
	At       time.Time  `json:"at"`
	File     string     `json:"file"`
	From     place.Day  `json:"from"`
	GoodOnly bool       `json:"good_only" doc:"Its bad rows were left out"`
	Rows     int        `json:"rows"`
	New      int        `json:"new"`
	Changed  int        `json:"changed"`
	Same     int        `json:"same"`
	Bad      int        `json:"bad"`
	Skipped  int        `json:"skipped"`
	Undone   *time.Time `json:"undone,omitempty"`
	UndoneBy string     `json:"undone_by,omitempty"`
	Last     bool       `json:"last" doc:"Its sender's last that stands and changed something; the one to be undone"`
}

type importRow struct {
	bun.BaseModel `bun:"table:sheet_imports"`

	ID        string    `bun:"id,pk"`
	List      List      `bun:"list"`
	By        string    `bun:"by_account"`
	AtUS      int64     `bun:"at_us"`
	File      string    `bun:"file"`
	From      place.Day `bun:"from_day"`
	GoodOnly  bool      `bun:"good_only"`
	Rows      int       `bun:"all_rows"`
	New       int       `bun:"new_rows"`
	Changed   int       `bun:"changed_rows"`
	Same      int       `bun:"same_rows"`
	Bad       int       `bun:"bad_rows"`
	Skipped   int       `bun:"skipped_rows"`
	SeqBefore int64     `bun:"seq_before"`
	Seq       int64     `bun:"seq"`
	UndoneUS  int64     `bun:"undone_us"`
	UndoneBy  string    `bun:"undone_by"`
}

func (r *importRow) noun() Import {
	i := Import{
		ID: r.ID, List: r.List, By: r.By, At: store.Time(r.AtUS), File: r.File, From: r.From, GoodOnly: r.GoodOnly, Rows: r.Rows, New: r.New,
		Changed: r.Changed, Same: r.Same, Bad: r.Bad, Skipped: r.Skipped, UndoneBy: r.UndoneBy,
	}
	if r.UndoneUS != 0 {
		t := store.Time(r.UndoneUS)
		i.Undone = &t
	}
	return i
}

type rowRow struct {
	bun.BaseModel `bun:"table:sheet_rows"`

	Import   string   `bun:"import,pk"`
	N        int      `bun:"n,pk"`
	Sheet    string   `bun:"sheet"`
	Row      int      `bun:"row_n"`
	Compound place.ID `bun:"compound"`
	Item     string   `bun:"item"` // the channel, the area, the sort of protection that the row was about
	Name     string   `bun:"name"`
	Deed     string   `bun:"deed"`
	Before   string   `bun:"before_it"`
	Said     string   `bun:"said"`
}

func (r *rowRow) ref() ref { return ref{r.Compound, r.Item} }

// What a row did.
const (
	didNew     = "new"
	didChanged = "changed"
	didSame    = "same"
)

type headingRow struct {
	bun.BaseModel `bun:"table:sheet_headings"`

	Account string `bun:"account,pk"`
	Heading string `bun:"heading,pk"`
	Meaning Key    `bun:"meaning"`
}

// headings are what a sender meant by headings before.
func (s *Service) headings(ctx context.Context, account string, of *listing) (map[string]Key, error) {
	var rows []headingRow
	if err := s.db.NewSelect().Model(&rows).Where("account = ?", account).Scan(ctx); err != nil {
		return nil, dbError("sheet.headings", err)
	}
	out := map[string]Key{}
	for _, r := range rows {
		h, mine := r.Heading, !strings.Contains(r.Heading, ":")
		if of.key != Compounds {
			h, mine = strings.CutPrefix(r.Heading, of.remembered(""))
		}
		if mine && (r.Meaning == "" || of.knows(r.Meaning)) {
			out[h] = r.Meaning
		}
	}
	return out, nil
}

// remember keeps what the sender said a heading means, where that is not what
// its name says.
func (s *Service) remember(ctx context.Context, tx *store.Tx, d *draft) error {
	for _, t := range d.tables {
		for _, c := range t.Columns {
			h := plain(c.Heading)
			if t.Heading == 0 || h == "" || c.How == byName || c.How == byNothing || c.How == byMemory {
				continue
			}
			row := headingRow{Account: d.by, Heading: d.of.remembered(h), Meaning: c.Key}
			_, err := tx.NewInsert().Model(&row).On("CONFLICT (account, heading) DO UPDATE").Set("meaning = EXCLUDED.meaning").Exec(ctx)
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// Imports lists what was committed, of one account when it is named, the newest first.
func (s *Service) Imports(ctx context.Context, account string, limit int) ([]Import, error) {
	var rows []importRow
	q := s.db.NewSelect().Model(&rows)
	if account != "" {
		q = q.Where("by_account = ?", account)
	}
	if err := q.Order("at_us DESC", "id DESC").Limit(int64(limit)).Scan(ctx); err != nil {
		return nil, dbError("sheet.Imports", err)
	}
	out, last := make([]Import, len(rows)), map[string]bool{}
	for i := range rows {
		out[i] = rows[i].noun()
		if out[i].Undone == nil && out[i].New+out[i].Changed > 0 && !last[out[i].By] { // one that changed nothing stands in nobody's way
			out[i].Last, last[out[i].By] = true, true
		}
	}
	return out, nil
}

func (s *Service) importRow(ctx context.Context, id string) (r importRow, err error) {
	var rows []importRow
	if err := s.db.NewSelect().Model(&rows).Where("id = ?", id).Scan(ctx); err != nil {
		return r, err
	}
	if len(rows) == 0 {
		return r, fault.New(fault.NotFound, "sheet.Import", "sheet.no-import")
	}
	return rows[0], nil
}

// lastSaid is what the sender's last list of this kind said of places and what they have.
func (s *Service) lastSaid(ctx context.Context, by string, list List, ids []place.ID) (map[ref]map[Key]string, error) {
	out := map[ref]map[Key]string{}
	var last []importRow
	err := s.db.NewSelect().Model(&last).Column("id").Where("by_account = ?", by).Where("list = ?", list).Where("undone_us = 0").Order("at_us DESC", "id DESC").Limit(1).Scan(ctx)
	if err != nil || len(last) == 0 {
		return out, err
	}
	var rows []rowRow
	err = s.db.NewSelect().Model(&rows).Column("compound", "item", "said").Where("import = ?", last[0].ID).Where("compound IN (?)", bun.List(ids)).Scan(ctx)
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		said := map[Key]string{}
		if err := json.Unmarshal([]byte(r.Said), &said); err != nil {
			return nil, err
		}
		out[r.ref()] = said
	}
	return out, nil
}
