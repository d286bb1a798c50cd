package campaign

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"linli.dev/linli/people/place"
	"linli.dev/linli/store"
)

type campaignRow struct {
	bun.BaseModel `bun:"table:campaigns"`

	ID      ID        `bun:"id,pk"`
	Version int64     `bun:"version"`
	KnownUS int64     `bun:"known_us"`
	Name    string    `bun:"name"`
	From    place.Day `bun:"from_day"`
	Until   place.Day `bun:"until_day"`
	Purpose string    `bun:"purpose"`
	Goals   string    `bun:"goals"`
	By      string    `bun:"by_account"`
}

type activityRow struct {
	bun.BaseModel `bun:"table:activities"`

	ID         ActivityID `bun:"id,pk"`
	Version    int64      `bun:"version"`
	KnownUS    int64      `bun:"known_us"`
	Campaign   ID         `bun:"campaign"`
	Kind       Kind       `bun:"kind"`
	Strand     Strand     `bun:"strand"`
	Place      place.ID   `bun:"place"`
	Day        place.Day  `bun:"day"`
	Title      string     `bun:"title"`
	Text       string     `bun:"body"`
	Lessons    string     `bun:"lessons"`
	Attendance int        `bun:"attendance"`
	Lines      string     `bun:"lines"`
	Photos     string     `bun:"photos"`
	By         string     `bun:"by_account"`
}

type photoRow struct {
	bun.BaseModel `bun:"table:activity_photos"`

	Hash    string `bun:"hash,pk"`
	Bytes   []byte `bun:"bytes"`
	KnownUS int64  `bun:"known_us"`
}

type noticeRow struct {
	bun.BaseModel `bun:"table:notices"`

	ID      NoticeID    `bun:"id,pk"`
	Version int64       `bun:"version"`
	KnownUS int64       `bun:"known_us"`
	State   NoticeState `bun:"state"`
	Place   place.ID    `bun:"place"`
	Title   string      `bun:"title"`
	Body    string      `bun:"body"`
	Signed  string      `bun:"signed"`
	Day     place.Day   `bun:"day"`
	By      string      `bun:"by_account"`
	Writers string      `bun:"writers"`
}

func (r *noticeRow) writers() []string {
	if r.Writers == "" {
		return []string{r.By} // written before this was kept
	}
	return strings.Fields(r.Writers)
}

func (a *Activity) row() (activityRow, error) {
	lines, err := json.Marshal(a.Lines)
	if err != nil {
		return activityRow{}, err
	}
	photos, err := json.Marshal(a.Photos)
	return activityRow{
		ID: a.ID, Version: a.Version, KnownUS: store.Micros(a.Known), Campaign: a.Campaign, Kind: a.Kind, Strand: a.Strand, Place: a.Place, Day: a.Day,
		Title: a.Title, Text: a.Text, Lessons: a.Lessons, Attendance: a.Attendance, Lines: string(lines), Photos: string(photos), By: a.By,
	}, err
}

func (r *activityRow) activity() (Activity, error) {
	a := Activity{
		ID: r.ID, Version: r.Version, Known: store.Time(r.KnownUS), Campaign: r.Campaign, Kind: r.Kind, Strand: r.Strand, Place: r.Place, Day: r.Day,
		Title: r.Title, Text: r.Text, Lessons: r.Lessons, Attendance: r.Attendance, By: r.By,
	}
	if err := json.Unmarshal([]byte(r.Lines), &a.Lines); err != nil {
		return a, err
	}
	return a, json.Unmarshal([]byte(r.Photos), &a.Photos)
}

func (n *Notice) row() noticeRow {
	return noticeRow{
		ID: n.ID, Version: n.Version, KnownUS: store.Micros(n.Known), State: n.State, Place: n.Place, Title: n.Title, Body: n.Body, Signed: n.Signed, Day: n.Day, By: n.By, Writers: strings.Join(n.writers, " "),
	}
}

// Campaigns lists the campaigns, the newest first.
func (s *Service) Campaigns(ctx context.Context) ([]Campaign, error) {
	const op = "campaign.Campaigns"
	var rows []campaignRow
	if err := s.db.NewSelect().Model(&rows).Order("from_day DESC", "id").Scan(ctx); err != nil {
		return nil, dbError(op, err)
	}
	out := make([]Campaign, len(rows))
	for i, r := range rows {
		out[i] = Campaign{ID: r.ID, Version: r.Version, Known: store.Time(r.KnownUS), Name: r.Name, From: r.From, Until: r.Until, Purpose: r.Purpose, By: r.By}
		if err := json.Unmarshal([]byte(r.Goals), &out[i].Goals); err != nil {
			return nil, dbError(op, err)
		}
	}
	return out, nil
}

// activities reads the activities of a query, with the names of their places.
func (s *Service) activities(ctx context.Context, q *bun.SelectQuery) ([]Activity, error) {
	const op = "campaign.Activities"
	var rows []activityRow
	if err := q.Model(&rows).Order("day DESC", "id").Scan(ctx); err != nil {
		return nil, dbError(op, err)
	}
	called, err := s.names(ctx)
	if err != nil {
		return nil, err
	}
	out := make([]Activity, len(rows))
	for i := range rows {
		if out[i], err = rows[i].activity(); err != nil {
			return nil, dbError(op, err)
		}
		out[i].PlaceName = called.on(out[i].Day, out[i].Place)
	}
	return out, nil
}

// Notices lists the notices, the newest first.
func (s *Service) Notices(ctx context.Context) ([]Notice, error) {
	return s.notices(ctx, s.db.NewSelect())
}

// notices reads the notices of a query, with the names of their places.
func (s *Service) notices(ctx context.Context, q *bun.SelectQuery) ([]Notice, error) {
	var rows []noticeRow
	if err := q.Model(&rows).Order("day DESC", "id DESC").Scan(ctx); err != nil {
		return nil, dbError("campaign.Notices", err)
	}
	called, err := s.names(ctx)
	if err != nil {
		return nil, err
	}
	out := make([]Notice, len(rows))
	for i, r := range rows {
		out[i] = Notice{
			ID: r.ID, Version: r.Version, Known: store.Time(r.KnownUS), State: r.State, Place: r.Place, PlaceName: called.on(r.Day, r.Place), Title: r.Title, Body: r.Body,
			Signed: r.Signed, Day: r.Day, By: r.By, writers: r.writers(),
		}
	}
	return out, nil
}

// names are what places are called.
type names struct {
	tree *place.Tree
	now  place.AsOf
}

func (s *Service) names(ctx context.Context) (names, error) {
	tree, err := s.o.Places.Tree(ctx)
	return names{tree, s.o.Clock.AtClose(s.o.Clock.Today())}, err
}

// on is the name that a place had on a day, also of one that has been merged or has ended since; on a day on which there was no such
// place yet, the name of today.
func (n names) on(day place.Day, id place.ID) string {
	for _, q := range []place.AsOf{{Day: day, Known: n.now.Known}, n.now} {
		if of := n.tree.Ancestry(q, id); len(of) > 0 {
			return of[0].Name
		}
	}
	return ""
}

// there reports whether a place is there today, or was on another day.
func (n names) there(id place.ID, days ...place.Day) bool {
	return slices.ContainsFunc(append(days, n.now.Day), func(day place.Day) bool {
		_, ok := n.tree.At(place.AsOf{Day: day, Known: n.now.Known}, id)
		return ok
	})
}
