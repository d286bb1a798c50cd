package place

import (
	"context"
	"slices"

	"github.com/uptrace/bun"

	"linli.dev/linli/fault"
	"linli.dev/linli/store"
)

type placeRow struct {
	bun.BaseModel `bun:"table:places"`

	Place   ID     `bun:"place,pk"`
	Version int64  `bun:"version,pk"`
	Level   Level  `bun:"level"`
	About   Day    `bun:"about"`
	KnownUS int64  `bun:"known_us"`
	Name    string `bun:"name"`
	NameEN  string `bun:"name_en"`
	Code    string `bun:"code"`
	Parent  ID     `bun:"parent"`
	Open    bool   `bun:"is_open"`
	Why     Why    `bun:"why"`
	Other   ID     `bun:"other"`
	Note    string `bun:"note"`
	By      string `bun:"by_account"`
}

func (r *placeRow) version() Version {
	return Version{
		Place: r.Place, Level: r.Level, Number: r.Version, Moment: Moment{r.About, store.Time(r.KnownUS)}, Name: r.Name, NameEN: r.NameEN,
		Code: r.Code, Parent: r.Parent, Open: r.Open, Why: r.Why, Other: r.Other, Note: r.Note, By: r.By,
	}
}

// versions reads the versions of some places, or of all, in the order in which
// they became known.
func (s *Service) versions(ctx context.Context, db bun.IDB, ids ...ID) ([]Version, error) {
	q := db.NewSelect().Model((*placeRow)(nil)).Order("place", "version")
	if len(ids) > 0 {
		q = q.Where("place IN (?)", bun.List(ids))
	}
	return read(ctx, q, (*placeRow).version)
}

// versionsUnder reads every version of what was ever said to hang under a
// place.
func (s *Service) versionsUnder(ctx context.Context, db bun.IDB, parent ID) ([]Version, error) {
	q := db.NewSelect().Model((*placeRow)(nil)).Order("place", "version").
		Where("place IN (SELECT place FROM places WHERE parent = ?)", parent)
	return read(ctx, q, (*placeRow).version)
}

// read scans rows and makes nouns of them.
func read[R, T any](ctx context.Context, q *bun.SelectQuery, as func(*R) T) ([]T, error) {
	var rows []R
	if err := q.Scan(ctx, &rows); err != nil {
		return nil, err
	}
	out := make([]T, len(rows))
	for i := range rows {
		out[i] = as(&rows[i])
	}
	return out, nil
}

// batch is how many rows go into one statement.
const batch = 400

// insert adds rows, many at a time.
func insert[R any](ctx context.Context, tx *store.Tx, rows []R) error {
	for len(rows) > 0 {
		n := min(batch, len(rows))
		part := rows[:n]
		if _, err := tx.NewInsert().Model(&part).Exec(ctx); err != nil {
			return err
		}
		rows = rows[n:]
	}
	return nil
}

// mergedInto lists what was ever merged into a place, and what into that.
func (w *writing) mergedInto(ctx context.Context, into ID) (out []ID, err error) {
	for next := []ID{into}; len(next) > 0; {
		var more []ID
		err := w.tx.NewSelect().Model((*placeRow)(nil)).Distinct().Column("place").Where("other IN (?)", bun.List(next)).Where("why = ?", Merged).Scan(ctx, &more)
		if err != nil {
			return nil, err
		}
		next = slices.DeleteFunc(more, func(id ID) bool { return id == into || slices.Contains(out, id) })
		out = append(out, next...)
	}
	return out, nil
}

// add writes versions and tells of them.
func (w *writing) add(ctx context.Context, list ...Version) error {
	rows := make([]placeRow, len(list))
	for i, v := range list {
		rows[i] = placeRow{
			Place: v.Place, Version: v.Number, Level: v.Level, About: v.About, KnownUS: store.Micros(v.Known), Name: v.Name, NameEN: v.NameEN,
			Code: v.Code, Parent: v.Parent, Open: v.Open, Why: v.Why, Other: v.Other, Note: v.Note, By: v.By,
		}
	}
	if err := insert(ctx, w.tx, rows); err != nil {
		if store.IsUnique(err) {
			return fault.Wrap(err, fault.Conflict, w.op, "place.changed-meanwhile")
		}
		return err
	}
	if w.tx.Staged() && !slices.ContainsFunc(list, func(v Version) bool { return v.Why != Founded || v.Level != list[0].Level }) {
		// Thousands at once are told of together: who listens reads them together, too.
		ids := make([]ID, len(list))
		for i, v := range list {
			ids[i] = v.Place
		}
		return w.tx.Emit(room, evFounded, "", map[string]any{"places": ids, "level": list[0].Level, "why": Founded, "by": list[0].By})
	}
	for _, v := range list {
		kind := evChanged
		switch v.Why {
		case Founded, Split:
			kind = evFounded
		case Ended, Merged:
			kind = evEnded
		}
		data := map[string]any{"level": v.Level, "name": v.Name, "why": v.Why, "from": v.About, "version": v.Number, "by": v.By}
		if v.Level == Compound && kind != evFounded && v.Why != Changed {
			with, err := w.mergedInto(ctx, v.Place)
			if err != nil {
				return err
			}
			if len(with) > 0 {
				data["with"] = with // what they count goes where it goes
			}
		}
		if err := w.tx.Emit(room, kind, string(v.Place), data); err != nil {
			return err
		}
	}
	return nil
}
