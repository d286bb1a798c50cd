package bulletin

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"linli.dev/linli/fault"
	"linli.dev/linli/people/place"
	"linli.dev/linli/store"
)

type bulletinRow struct {
	bun.BaseModel `bun:"table:bulletins"`

	ID        ID        `bun:"id,pk"`
	Version   int64     `bun:"version"`
	State     State     `bun:"state"`
	Office    place.ID  `bun:"office"`
	Day       place.Day `bun:"day"`
	Since     place.Day `bun:"since"`
	Title     string    `bun:"title"`
	InEn      string    `bun:"title_en"`
	Added     string    `bun:"added"`
	Corrects  ID        `bun:"corrects"`
	By        string    `bun:"by_account"`
	KnownUS   int64     `bun:"known_us"`
	Writers   string    `bun:"writers"`
	Checker   string    `bun:"checker"`
	CheckedUS int64     `bun:"checked_us"`
	PinnedUS  int64     `bun:"pinned_us"`
	SentBack  string    `bun:"sent_back"`
	Issuer    string    `bun:"issuer"`
	IssuedUS  int64     `bun:"issued_us"`
	Number    string    `bun:"number"`
	Year      int       `bun:"year"`
	Serial    *int      `bun:"serial"`
	OnDay     place.Day `bun:"on_day"`
	Hash      string    `bun:"hash"`
}

func (r *bulletinRow) writers() []string { return strings.Fields(r.Writers) }

func (r *bulletinRow) join(by string) string { return strings.Join(append(r.writers(), by), " ") }

// write puts what an office decides into the row.
func (r *bulletinRow) write(b *Bulletin) {
	added, _ := json.Marshal(b.Added) // plain texts
	r.ID, r.Office, r.Day, r.Since, r.Added, r.Corrects = b.ID, b.Office, b.Day, b.Since, string(added), b.Corrects
	r.Title, r.InEn = b.Title, b.InEn
}

func (r *bulletinRow) bulletin() (b Bulletin, err error) {
	b = Bulletin{
		ID: r.ID, Version: r.Version, State: r.State, Office: r.Office, Words: Words{Day: r.Day, Since: r.Since, Title: r.Title, InEn: r.InEn}, Corrects: r.Corrects,
		Written: Act{r.By, store.Time(r.KnownUS)}, SentBack: r.SentBack, Number: r.Number, On: r.OnDay, Hash: r.Hash, writers: r.writers(),
	}
	if r.Checker != "" {
		b.Checked = Act{r.Checker, store.Time(r.CheckedUS)}
	}
	if r.Issuer != "" {
		b.Given = Act{r.Issuer, store.Time(r.IssuedUS)}
	}
	if r.PinnedUS != 0 {
		b.known = store.Time(r.PinnedUS)
	}
	return b, json.Unmarshal([]byte(r.Added), &b.Added)
}

type officeRow struct {
	bun.BaseModel `bun:"table:bulletin_offices"`

	Place        place.ID `bun:"place,pk"`
	Version      int64    `bun:"version"`
	KnownUS      int64    `bun:"known_us"`
	Prefix       string   `bun:"prefix"`
	Signer       string   `bun:"signer"`
	First        int      `bun:"first"`
	TemplateName string   `bun:"template_name"`
	TemplateHash string   `bun:"template_hash"`
	Template     []byte   `bun:"template"`
	By           string   `bun:"by_account"`
}

type contentRow struct {
	bun.BaseModel `bun:"table:bulletin_contents"`

	Bulletin ID     `bun:"bulletin,pk"`
	Hash     string `bun:"hash"`
	Bytes    []byte `bun:"bytes"`
}

type fileRow struct {
	bun.BaseModel `bun:"table:bulletin_files"`

	Bulletin ID     `bun:"bulletin,pk"`
	Edition  string `bun:"edition,pk"`
	Lang     string `bun:"lang,pk"`
	Format   string `bun:"format,pk"`
	Hash     string `bun:"hash"`
	Size     int    `bun:"size"`
	Bytes    []byte `bun:"bytes"`
}

func (w *writing) put(ctx context.Context, r *bulletinRow, fresh bool) (err error) {
	if fresh {
		_, err = w.tx.NewInsert().Model(r).Exec(ctx)
	} else {
		_, err = w.tx.NewUpdate().Model(r).WherePK().Exec(ctx)
	}
	return err
}

// tell writes the event of a change. Its subject is the office, which tells who may
// hear more than that there was something.
func (w *writing) tell(_ context.Context, r *bulletinRow, kind, by string) error {
	return w.tx.Emit(room, kind, string(r.Office), map[string]any{"bulletin": r.ID, "state": r.State, "day": r.Day, "number": r.Number, "sha256": r.Hash, "by": by})
}

func noRow(op string, err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return fault.New(fault.NotFound, op, "bulletin.none")
	}
	return err
}

func (s *Service) officeRow(ctx context.Context, db bun.IDB, id place.ID) (row officeRow, err error) {
	err = db.NewSelect().Model(&row).Where("place = ?", id).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return officeRow{}, nil
	}
	return row, err
}

// serial is the next number of an office in a year.
func (s *Service) serial(ctx context.Context, db bun.IDB, office place.ID, year, first int) (int, error) {
	var last sql.NullInt64
	err := db.NewSelect().Model((*bulletinRow)(nil)).ColumnExpr("MAX(serial)").Where("office = ? AND year = ?", office, year).Scan(ctx, &last)
	return max(int(last.Int64)+1, first, 1), err
}

// Filter says which bulletins are wanted; its zero value is all.
type Filter struct {
	Office place.ID
	Issued bool
	Open   bool // those still being written
}

// List gives bulletins: those still being written first, then the newest.
func (s *Service) List(ctx context.Context, want Filter) ([]Bulletin, error) {
	const op = "bulletin.List"
	var rows []bulletinRow
	q := s.db.NewSelect().Model(&rows).Where("state <> ?", Dropped)
	if want.Office != "" {
		q = q.Where("office = ?", want.Office)
	}
	if want.Issued {
		q = q.Where("state = ?", Issued)
	}
	if want.Open {
		q = q.Where("state <> ?", Issued)
	}
	if err := q.Scan(ctx); err != nil {
		return nil, dbError(op, err)
	}
	slices.SortFunc(rows, func(a, b bulletinRow) int {
		open := func(r *bulletinRow) int64 {
			if r.State != Issued {
				return 1
			}
			return 0
		}
		for _, c := range [][2]int64{{open(&a), open(&b)}, {a.IssuedUS, b.IssuedUS}, {int64(a.Day), int64(b.Day)}} {
			if c[0] != c[1] {
				return int(min(1, max(-1, c[1]-c[0])))
			}
		}
		return strings.Compare(string(b.ID), string(a.ID))
	})
	return s.bulletins(ctx, op, rows)
}

// Bulletin is one of them.
func (s *Service) Bulletin(ctx context.Context, id ID) (Bulletin, error) {
	const op = "bulletin.Bulletin"
	var row bulletinRow
	if err := s.db.NewSelect().Model(&row).Where("id = ?", id).Scan(ctx); err != nil {
		return Bulletin{}, dbError(op, noRow(op, err))
	}
	list, err := s.bulletins(ctx, op, []bulletinRow{row})
	if err != nil {
		return Bulletin{}, err
	}
	return list[0], nil
}

// bulletins gives rows the names of their offices, and says which one corrects
// which.
func (s *Service) bulletins(ctx context.Context, op string, rows []bulletinRow) ([]Bulletin, error) {
	var other []bulletinRow
	err := s.db.NewSelect().Model(&other).Column("id", "corrects", "number", "state").Where("state = ?", Issued).Scan(ctx)
	if err != nil {
		return nil, dbError(op, err)
	}
	tree, err := s.o.Places.Tree(ctx)
	if err != nil {
		return nil, err
	}
	out := make([]Bulletin, len(rows))
	for i := range rows {
		b, err := rows[i].bulletin()
		if err != nil {
			return nil, dbError(op, err)
		}
		v, _ := tree.At(place.AsOf{Day: b.Day, Known: time.UnixMicro(1 << 55)}, b.Office)
		b.OfficeName = v.Name
		for j := range other {
			if o := &other[j]; o.Corrects == b.ID {
				b.CorrectedBy = o.ID
			} else if o.ID == b.Corrects {
				b.CorrectsNumber = o.Number
			}
		}
		out[i] = b
	}
	return out, nil
}

// content is what an issued bulletin says.
func (s *Service) content(ctx context.Context, id ID) (c Content, err error) {
	const op = "bulletin.content"
	var row contentRow
	if err := s.db.NewSelect().Model(&row).Where("bulletin = ?", id).Scan(ctx); err != nil {
		return nil, dbError(op, noRow(op, err))
	}
	return c, dbError(op, json.Unmarshal(row.Bytes, &c))
}

// File is one that was frozen.
type File struct {
	Format string `json:"format"`
	Hash   string `json:"sha256"`
	Size   int    `json:"bytes"`
}

// Files are the frozen files of an edition in a language.
func (s *Service) Files(ctx context.Context, id ID, edition, lang string) ([]File, error) {
	var rows []fileRow
	err := s.db.NewSelect().Model(&rows).Column("format", "hash", "size").Where("bulletin = ? AND edition = ? AND lang = ?", id, edition, lang).Scan(ctx)
	out := []File{}
	for _, f := range formats {
		for _, r := range rows {
			if r.Format == f {
				out = append(out, File{r.Format, r.Hash, r.Size})
			}
		}
	}
	return out, dbError("bulletin.Files", err)
}

// file is a frozen file.
func (s *Service) file(ctx context.Context, id ID, edition, lang, format string) (fileRow, error) {
	const op = "bulletin.File"
	var row fileRow
	err := s.db.NewSelect().Model(&row).Where("bulletin = ? AND edition = ? AND lang = ? AND format = ?", id, edition, lang, format).Scan(ctx)
	return row, dbError(op, noRow(op, err))
}
