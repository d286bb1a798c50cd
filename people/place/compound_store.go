package place

import (
	"context"

	"github.com/uptrace/bun"

	"linli.dev/linli/fault"
	"linli.dev/linli/store"
)

type classRow struct {
	bun.BaseModel `bun:"table:compound_classes"`

	Compound ID     `bun:"compound,pk"`
	Mark     Mark   `bun:"mark,pk"`
	About    Day    `bun:"about,pk"`
	KnownUS  int64  `bun:"known_us,pk"`
	Enters   bool   `bun:"enters"`
	Criteria string `bun:"criteria"`
	Evidence string `bun:"evidence"`
	By       string `bun:"by_account"`
	VoidUS   int64  `bun:"void_us"`
	VoidBy   string `bun:"void_by"`
	VoidWhy  string `bun:"void_why"`
}

func (r *classRow) entry() Entry {
	e := Entry{
		Compound: r.Compound, Mark: r.Mark, In: r.Enters, Moment: Moment{r.About, store.Time(r.KnownUS)},
		Criteria: r.Criteria, Evidence: r.Evidence, By: r.By, VoidBy: r.VoidBy, VoidWhy: r.VoidWhy,
	}
	if r.VoidUS != 0 {
		at := store.Time(r.VoidUS)
		e.Void = &at
	}
	return e
}

func (e Entry) row() classRow {
	return classRow{
		Compound: e.Compound, Mark: e.Mark, About: e.About, KnownUS: store.Micros(e.Known), Enters: e.In,
		Criteria: e.Criteria, Evidence: e.Evidence, By: e.By,
	}
}

type areaRow struct {
	bun.BaseModel `bun:"table:areas"`

	ID       AreaID   `bun:"id,pk"`
	Compound ID       `bun:"compound"`
	Building ID       `bun:"building"`
	Kind     AreaKind `bun:"kind"`
	Name     string   `bun:"name"`
	From     Day      `bun:"from_day"`
	Until    Day      `bun:"until_day"`
	Version  int64    `bun:"version"`
	KnownUS  int64    `bun:"known_us"`
	By       string   `bun:"by_account"`
}

func (r *areaRow) area() Area {
	return Area{
		ID: r.ID, Compound: r.Compound, Building: r.Building, Kind: r.Kind, Name: r.Name, From: r.From, Until: r.Until,
		Version: r.Version, Known: store.Time(r.KnownUS), By: r.By,
	}
}

func (a Area) row() areaRow {
	return areaRow{
		ID: a.ID, Compound: a.Compound, Building: a.Building, Kind: a.Kind, Name: a.Name, From: a.From, Until: a.Until,
		Version: a.Version, KnownUS: store.Micros(a.Known), By: a.By,
	}
}

type countRow struct {
	bun.BaseModel `bun:"table:protection_assets"`

	Compound  ID        `bun:"compound,pk"`
	Building  ID        `bun:"building,pk"`
	Sort      Sort      `bun:"sort,pk"`
	About     Day       `bun:"about,pk"`
	KnownUS   int64     `bun:"known_us,pk"`
	Number    int       `bun:"number"`
	Condition Condition `bun:"state"`
	Checked   Day       `bun:"checked"`
	By        string    `bun:"by_account"`
}

func (r *countRow) count() Count {
	return Count{
		Compound: r.Compound, Building: r.Building, Sort: r.Sort, Moment: Moment{r.About, store.Time(r.KnownUS)},
		Number: r.Number, Condition: r.Condition, Checked: r.Checked, By: r.By,
	}
}

func (c Count) row() countRow {
	return countRow{
		Compound: c.Compound, Building: c.Building, Sort: c.Sort, About: c.About, KnownUS: store.Micros(c.Known),
		Number: c.Number, Condition: c.Condition, Checked: c.Checked, By: c.By,
	}
}

type channelRow struct {
	bun.BaseModel `bun:"table:channels"`

	ID       ChannelID `bun:"id,pk"`
	Compound ID        `bun:"compound"`
	Name     string    `bun:"name"`
	Area     AreaKind  `bun:"area"`
	Version  int64     `bun:"version"`
	By       string    `bun:"by_account"`
}

func (r *channelRow) channel() Channel {
	return Channel{ID: r.ID, Compound: r.Compound, Name: r.Name, Area: r.Area, Version: r.Version, By: r.By}
}

type stepRow struct {
	bun.BaseModel `bun:"table:channel_steps"`

	Compound ID           `bun:"compound,pk"`
	Channel  ChannelID    `bun:"channel,pk"`
	About    Day          `bun:"about,pk"`
	KnownUS  int64        `bun:"known_us,pk"`
	State    ChannelState `bun:"state"`
	By       string       `bun:"by_account"`
}

func (r *stepRow) step() ChannelStep {
	return ChannelStep{Channel: r.Channel, Compound: r.Compound, State: r.State, Moment: Moment{r.About, store.Time(r.KnownUS)}, By: r.By}
}

// of narrows a query to some compounds; none: all.
func of(q *bun.SelectQuery, compounds []ID) *bun.SelectQuery {
	if len(compounds) == 0 {
		return q
	}
	return q.Where("compound IN (?)", bun.List(compounds))
}

// Entries reads which marks compounds entered and left; of all compounds when
// none is named.
func (s *Service) Entries(ctx context.Context, compounds ...ID) ([]Entry, error) {
	out, err := read(ctx, of(s.db.NewSelect().Model((*classRow)(nil)), compounds).Order("compound", "known_us"), (*classRow).entry)
	return out, dbError("place.Entries", err)
}

// Areas reads the areas of compounds, past ones too.
func (s *Service) Areas(ctx context.Context, compounds ...ID) ([]Area, error) {
	out, err := read(ctx, of(s.db.NewSelect().Model((*areaRow)(nil)), compounds).Order("compound", "kind", "name", "id"), (*areaRow).area)
	return out, dbError("place.Areas", err)
}

// Counts reads what was ever counted in compounds.
func (s *Service) Counts(ctx context.Context, compounds ...ID) ([]Count, error) {
	out, err := read(ctx, of(s.db.NewSelect().Model((*countRow)(nil)), compounds).Order("compound", "known_us"), (*countRow).count)
	return out, dbError("place.Counts", err)
}

// Channels reads the channels of compounds.
func (s *Service) Channels(ctx context.Context, compounds ...ID) ([]Channel, error) {
	out, err := read(ctx, of(s.db.NewSelect().Model((*channelRow)(nil)), compounds).Order("compound", "name", "id"), (*channelRow).channel)
	return out, dbError("place.Channels", err)
}

// Steps reads what was ever said of the state of channels.
func (s *Service) Steps(ctx context.Context, compounds ...ID) ([]ChannelStep, error) {
	out, err := read(ctx, of(s.db.NewSelect().Model((*stepRow)(nil)), compounds).Order("compound", "known_us"), (*stepRow).step)
	return out, dbError("place.Steps", err)
}

// area reads one area.
func (s *Service) area(ctx context.Context, id AreaID) (Area, error) {
	list, err := read(ctx, s.db.NewSelect().Model((*areaRow)(nil)).Where("id = ?", id), (*areaRow).area)
	if err != nil {
		return Area{}, dbError("place.Area", err)
	}
	if len(list) == 0 {
		return Area{}, fault.New(fault.NotFound, "place.Area", "place.no-area")
	}
	return list[0], nil
}
