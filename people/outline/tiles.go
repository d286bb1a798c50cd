package outline

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"linli.dev/linli/fault"
	"linli.dev/linli/people/place"
	"linli.dev/linli/store"
)

// Tile is where a county stands on the schematic map, and what is written there.
type Tile struct {
	Place   place.ID `json:"place"`
	Column  int      `json:"column" minimum:"0" maximum:"11"`
	Row     int      `json:"row" minimum:"0" maximum:"11"`
	ShortZH string   `json:"short_zh" maxLength:"6" doc:"Up to six characters; two or three read best"`
	ShortEN string   `json:"short_en" maxLength:"14" doc:"A word in Latin letters"`
}

// MostTiles is how many columns and rows the map has at most: what is smaller is not read from ten metres.
const MostTiles = 12

const (
	mostShortZH = 6
	mostShortEN = 14
	wide        = 5 // a row of counties that nobody has laid out
)

// Layout is the schematic map of the city.
type Layout struct {
	Version int64     `json:"version" doc:"0: nobody has laid it out; it is the one that ships, by code, or rows of five"`
	Known   time.Time `json:"known,omitzero"`
	By      string    `json:"by,omitempty"`
	Tiles   []Tile    `json:"tiles"`
}

//go:embed linyi.json
var shipped []byte

// shippedTile is a county of the map that ships with the product, drawn by this project.
type shippedTile struct {
	Code   string `json:"code"`
	Column int    `json:"column"`
	Row    int    `json:"row"`
	ZH     string `json:"zh"`
	EN     string `json:"en"`
}

type tileRow struct {
	bun.BaseModel `bun:"table:tile_layout"`

	Place   place.ID `bun:"place,pk"`
	Column  int      `bun:"tile_column"`
	Row     int      `bun:"tile_row"`
	ShortZH string   `bun:"short_zh"`
	ShortEN string   `bun:"short_en"`
}

type tileSource struct {
	bun.BaseModel `bun:"table:tile_source"`

	ID      int    `bun:"id,pk"`
	Version int64  `bun:"version"`
	KnownUS int64  `bun:"known_us"`
	By      string `bun:"by_account"`
}

const (
	evTiles    = "place.tiles"
	tileRecord = "tiles:city"
)

// Tiles is the map as an office laid it out; counties that have no place on it stand below, so that none is missing.
func (s *Service) Tiles(ctx context.Context) (Layout, error) {
	const op = "outline.Tiles"
	var rows []tileRow
	if err := s.db.NewSelect().Model(&rows).Order("place").Scan(ctx); err != nil {
		return Layout{}, dbError(op, err)
	}
	l, err := s.tileSource(ctx)
	if err != nil {
		return Layout{}, err
	}
	tree, err := s.o.Places.Tree(ctx)
	if err != nil {
		return Layout{}, err
	}
	counties := tree.Of(s.o.Clock.AtClose(s.o.Clock.Today()), place.County)
	said := map[place.ID]Tile{}
	for _, r := range rows {
		said[r.Place] = Tile{r.Place, r.Column, r.Row, r.ShortZH, r.ShortEN}
	}
	if l.Version == 0 || len(rows) == 0 {
		if said, err = shippedTiles(counties); err != nil {
			return Layout{}, err
		}
	}
	l.Tiles = lay(counties, said)
	return l, nil
}

func (s *Service) tileSource(ctx context.Context) (l Layout, err error) {
	var rows []tileSource
	if err := s.db.NewSelect().Model(&rows).Scan(ctx); err != nil || len(rows) == 0 {
		return l, dbError("outline.Tiles", err)
	}
	return Layout{Version: rows[0].Version, Known: store.Time(rows[0].KnownUS), By: rows[0].By}, nil
}

// shippedTiles are the counties that the map which ships knows, by their code.
func shippedTiles(counties []place.Version) (map[place.ID]Tile, error) {
	var all []shippedTile
	if err := json.Unmarshal(shipped, &all); err != nil {
		return nil, fault.Wrap(err, fault.Internal, "outline.Tiles", "outline.store")
	}
	out := map[place.ID]Tile{}
	for i := range counties {
		c := &counties[i]
		if k := slices.IndexFunc(all, func(t shippedTile) bool { return t.Code == c.Code && c.Code != "" }); k >= 0 {
			out[c.Place] = Tile{c.Place, all[k].Column, all[k].Row, all[k].ZH, all[k].EN}
		}
	}
	return out, nil
}

// lay gives every county a tile: its own, or one in rows below the others.
func lay(counties []place.Version, said map[place.ID]Tile) []Tile {
	out := make([]Tile, 0, len(counties))
	below := 0
	for i := range counties {
		if t, ok := said[counties[i].Place]; ok {
			below = max(below, t.Row+1)
		}
	}
	extra := 0
	for i := range counties {
		c := &counties[i]
		t, ok := said[c.Place]
		if !ok {
			t = Tile{Place: c.Place, Column: extra % wide, Row: below + extra/wide, ShortZH: clipRunes(c.Name, mostShortZH), ShortEN: shortEnglish(c)}
			extra++
		}
		out = append(out, t)
	}
	slices.SortFunc(out, func(a, b Tile) int {
		if a.Row != b.Row {
			return a.Row - b.Row
		}
		return a.Column - b.Column
	})
	return out
}

// shortEnglish is the name without what it is: Lanshan District is Lanshan.
func shortEnglish(c *place.Version) string {
	name, _, _ := strings.Cut(c.Called("en"), " ")
	return clipRunes(name, mostShortEN)
}

func clipRunes(s string, most int) string {
	r := []rune(s)
	return string(r[:min(len(r), most)])
}

// SetTiles lays the map out anew. Each county has one tile of its own; those left out stand below.
func (s *Service) SetTiles(ctx context.Context, by string, seen int64, tiles []Tile) (Layout, error) {
	const op = "outline.SetTiles"
	counties, err := s.counties(ctx)
	if err != nil {
		return Layout{}, err
	}
	if err := checkTiles(tiles, counties).Fault(op, "outline.tiles.invalid"); err != nil {
		return Layout{}, err
	}
	return s.putTiles(ctx, op, by, seen, tiles, counties)
}

// counties are the names of today's.
func (s *Service) counties(ctx context.Context) (map[place.ID]string, error) {
	tree, err := s.o.Places.Tree(ctx)
	if err != nil {
		return nil, err
	}
	out := map[place.ID]string{}
	for _, c := range tree.Of(s.o.Clock.AtClose(s.o.Clock.Today()), place.County) {
		out[c.Place] = c.Name
	}
	return out, nil
}

// DropTiles forgets the layout: the one that ships is back.
func (s *Service) DropTiles(ctx context.Context, by string, seen int64) error {
	counties, err := s.counties(ctx)
	if err != nil {
		return err
	}
	_, err = s.putTiles(ctx, "outline.DropTiles", by, seen, nil, counties)
	return err
}

func checkTiles(tiles []Tile, counties map[place.ID]string) (p place.Problems) {
	if len(tiles) == 0 {
		p.Add("tiles", "place.field.required")
	}
	stands, has := map[[2]int]bool{}, map[place.ID]bool{}
	for i := range tiles {
		t := &tiles[i]
		at := func(field string) string { return place.Item("tiles", i, field) }
		t.ShortZH, t.ShortEN = place.Tidy(t.ShortZH), place.Tidy(t.ShortEN)
		switch spot := [2]int{t.Column, t.Row}; {
		case counties[t.Place] == "":
			p.Add(at("place"), "outline.tiles.no-county")
		case has[t.Place]:
			p.Add(at("place"), "outline.tiles.twice")
		case t.Column < 0 || t.Row < 0 || t.Column >= MostTiles || t.Row >= MostTiles:
			p.Add(at("column"), "outline.tiles.beyond", "most", MostTiles)
		case stands[spot]:
			p.Add(at("column"), "outline.tiles.taken", "column", t.Column+1, "row", t.Row+1)
		default:
			stands[spot], has[t.Place] = true, true
		}
		p.Text(at("short_zh"), t.ShortZH, mostShortZH, true)
		p.Text(at("short_en"), t.ShortEN, mostShortEN, true)
		if !place.Latin(t.ShortEN) {
			p.Add(at("short_en"), "place.field.latin")
		}
	}
	return p
}

func (s *Service) putTiles(ctx context.Context, op, by string, seen int64, tiles []Tile, counties map[place.ID]string) (l Layout, err error) {
	rows := make([]tileRow, len(tiles))
	for i, t := range tiles {
		rows[i] = tileRow{Place: t.Place, Column: t.Column, Row: t.Row, ShortZH: t.ShortZH, ShortEN: t.ShortEN}
	}
	err = s.o.Clock.Change(ctx, s.db, func(ctx context.Context, tx *store.Tx, known time.Time) error {
		was, err := s.tileSource(ctx)
		if err != nil {
			return err
		}
		if was.Version != 0 {
			if err := place.SameVersion(op, seen, was.Version); err != nil {
				return err
			}
		}
		var before []tileRow
		if err := tx.NewSelect().Model(&before).Scan(ctx); err != nil {
			return err
		}
		for _, model := range []any{(*tileRow)(nil), (*tileSource)(nil)} {
			if _, err := tx.NewDelete().Model(model).Where("1 = 1").Exec(ctx); err != nil {
				return err
			}
		}
		if len(rows) > 0 {
			if _, err := tx.NewInsert().Model(&rows).Exec(ctx); err != nil {
				return err
			}
		}
		row := tileSource{ID: 1, Version: was.Version + 1, KnownUS: store.Micros(known), By: by}
		if _, err := tx.NewInsert().Model(&row).Exec(ctx); err != nil {
			return err
		}
		k := place.Kept{Record: tileRecord, Act: "tiles-laid", Known: known, By: by}
		if len(rows) == 0 {
			k.Act = "tiles-dropped"
		} else {
			k.After = written(rows, counties)
		}
		if len(before) > 0 {
			k.Before = written(before, counties)
		}
		if err := place.Keep(ctx, tx, k); err != nil {
			return err
		}
		return tx.Emit(room, evTiles, "", map[string]any{"counties": len(rows), "by": by})
	})
	if err != nil {
		return l, dbError(op, err)
	}
	return s.Tiles(ctx)
}

// written is the layout as its history has it: each county with its column and row, from 1.
func written(tiles []tileRow, counties map[place.ID]string) map[string]string {
	out := map[string]string{}
	for _, t := range tiles {
		out["tile."+counties[t.Place]] = t.ShortZH + " " + t.ShortEN + " " + fmt.Sprintf("%d-%d", t.Column+1, t.Row+1)
	}
	return out
}
