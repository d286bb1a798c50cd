package indicator

import (
	"context"
	"io/fs"
	"slices"

	"linli.dev/linli/api"
	"linli.dev/linli/fault"
	"linli.dev/linli/people/place"
)

// Permissions of the room.
const (
	MayRead  = "indicator.read"
	MayWrite = "indicator.write"
)

// Name of the room.
func (s *Service) Name() string { return room }

// Messages of the room.
func (s *Service) Messages() fs.FS {
	return api.Messages(messages)
}

// Routes of the room.
func (s *Service) Routes(r *api.Router) {
	api.Get(r, "/api/indicators", api.Op{ID: "listIndicators", Permission: MayRead, Summary: "Indicators, and the names that a formula may use"}, s.httpAll)
	api.Get(r, "/api/indicators/{id}/changes", api.Op{ID: "listIndicatorChanges", Permission: MayRead, Summary: "Who changed what of an indicator and its targets, before and after"}, s.httpChanges)
	api.Put(r, "/api/indicators/{id}", api.Op{
		ID: "setIndicator", Permission: MayWrite, Summary: "Add an indicator, or change it", Description: "With If-Match, but the first time.",
	}, s.httpSet)
	api.Post(r, "/api/indicators/trial", api.Op{
		ID: "tryIndicator", Permission: MayRead, Summary: "What a formula would say", Description: "A wrong formula is refused with the place of what is wrong.",
	}, s.httpTry)
	api.Get(r, "/api/indicators/{id}/values", api.Op{ID: "getIndicatorValues", Permission: MayRead, Summary: "An indicator for the city and each county as of a day, with targets"}, s.httpValues)
	api.Put(r, "/api/indicators/{id}/targets", api.Op{ID: "setIndicatorTarget", Permission: MayWrite, Summary: "Set a target of an indicator for a place and a day, or end it", Description: "With If-Match, the targets_version that getIndicatorValues gave, but the first time."}, s.httpAim)
}

func by(ctx context.Context) string { return api.CallerFrom(ctx).Account }

type allOutput struct {
	Body struct {
		Indicators []Indicator `json:"indicators"`
		Names      []string    `json:"names"`
	}
}

func (s *Service) httpAll(ctx context.Context, _ *struct{}) (*allOutput, error) {
	list, err := s.All(ctx)
	if err != nil {
		return nil, err
	}
	out := &allOutput{}
	out.Body.Indicators, out.Body.Names = list, s.o.Figures.Names()
	return out, nil
}

// Words are what a person decides about an indicator.
type Words struct {
	Name      string `json:"name"`
	Formula   string `json:"formula" example:"built / compounds * 100"`
	Period    Period `json:"period" enum:"state,week,month"`
	Direction string `json:"direction" enum:"up,down"`
	Unit      string `json:"unit,omitempty"`
	Ended     bool   `json:"ended,omitempty"`
}

func (w Words) indicator(id string) Indicator {
	return Indicator{ID: ID(id), Name: w.Name, Formula: w.Formula, Period: w.Period, Direction: w.Direction, Unit: w.Unit, Ended: w.Ended}
}

type oneOutput struct {
	ETag string `header:"ETag"`
	Body Indicator
}

func (s *Service) httpSet(ctx context.Context, in *struct {
	ID string `path:"id" pattern:"^[a-z][a-z0-9-]{1,39}$"`
	place.Versioned
	Body Words
},
) (*oneOutput, error) {
	seen, err := in.Seen()
	if err != nil {
		return nil, err
	}
	if err := s.o.Places.Rights().MayCity(ctx, MayWrite); err != nil {
		return nil, err
	}
	x, err := s.Set(ctx, by(ctx), seen, in.Body.indicator(in.ID))
	if err != nil {
		return nil, err
	}
	return &oneOutput{place.ETag(x.Version), x}, nil
}

type valuesOutput struct {
	Body struct {
		Date      place.Day `json:"date"`
		Indicator Indicator `json:"indicator" doc:"The version that the values were computed by: the one known then, or its first"`
		Targets   int64     `json:"targets_version" doc:"To be sent as If-Match with a target; 0: there are none"`
		Values    []Value   `json:"values"`
	}
}

func (s *Service) values(ctx context.Context, q place.AsOf, x Indicator) (*valuesOutput, error) {
	list, err := s.Values(ctx, q, x)
	if err != nil {
		return nil, err
	}
	scope, err := s.o.Places.Rights().Scope(ctx, MayRead, q)
	if err != nil {
		return nil, err
	}
	// Everybody in the programme reads the city's sums; of counties each caller gets the own ones.
	list = slices.DeleteFunc(list, func(v Value) bool { return v.Level != place.City && !scope.Has(v.Place) })
	out := &valuesOutput{}
	out.Body.Date, out.Body.Indicator, out.Body.Values = q.Day, x, list
	out.Body.Targets, err = s.targetsVersion(ctx, x.ID)
	return out, err
}

func (s *Service) httpTry(ctx context.Context, in *struct {
	place.AsOfInput
	Body Words
},
) (*valuesOutput, error) {
	q, err := in.AsOf(s.o.Clock)
	if err != nil {
		return nil, err
	}
	x := in.Body.indicator("trial")
	if err := x.check(s.o.Figures.Names()).Fault("indicator.Try", "indicator.invalid"); err != nil {
		return nil, err
	}
	x.ID = ""
	return s.values(ctx, q, x)
}

func (s *Service) httpValues(ctx context.Context, in *struct {
	ID string `path:"id"`
	place.AsOfInput
},
) (*valuesOutput, error) {
	q, err := in.AsOf(s.o.Clock)
	if err != nil {
		return nil, err
	}
	x, err := s.OneAt(ctx, ID(in.ID), q.Known)
	if err != nil {
		return nil, err
	}
	if x.Version == 0 {
		return nil, fault.New(fault.NotFound, "indicator.Values", "indicator.none")
	}
	return s.values(ctx, q, x)
}

type targetOutput struct{ Body Target }

func (s *Service) httpAim(ctx context.Context, in *struct {
	ID string `path:"id"`
	place.Versioned
	Body struct {
		Place place.ID  `json:"place"`
		Date  place.Day `json:"date"`
		Value float64   `json:"value"`
		Ended bool      `json:"ended,omitempty"`
	}
},
) (*targetOutput, error) {
	b := in.Body
	seen, err := in.Seen()
	if err != nil {
		return nil, err
	}
	if err := s.o.Places.Rights().MayCity(ctx, MayWrite); err != nil {
		return nil, err
	}
	t, err := s.AimSeen(ctx, by(ctx), seen, ID(in.ID), Target{Place: b.Place, Date: b.Date, Value: b.Value, Ended: b.Ended})
	if err != nil {
		return nil, err
	}
	return &targetOutput{t}, nil
}

// changes tells of an indicator from its versions, and of its targets from
// theirs. Of counties each caller gets the own ones.
func (s *Service) changes(ctx context.Context, id ID, show func(place.ID) bool) ([]place.Trace, error) {
	var rows []indicatorRow
	if err := s.db.NewSelect().Model(&rows).Where("id = ?", id).Order("version").Scan(ctx); err != nil {
		return nil, dbError("indicator.Changes", err)
	}
	var out []place.Trace
	var was any
	for _, r := range rows {
		is := r.indicator()
		is.Retired = "" // nobody has said that
		t := place.Trace{Act: "added", Known: is.Known, By: is.By, Turns: place.TurnsOf(was, is)}
		if was != nil {
			t.Act = "changed"
		}
		was = is
		out = append(out, t)
	}
	targets, err := s.Targets(ctx, id)
	if err != nil {
		return nil, err
	}
	tree, err := s.o.Places.Tree(ctx)
	if err != nil {
		return nil, err
	}
	q := s.o.Clock.AtClose(s.o.Clock.Today())
	type key struct {
		place place.ID
		date  place.Day
	}
	before := map[key]any{}
	for _, x := range targets {
		if !show(x.Place) {
			continue
		}
		v, _ := tree.At(q, x.Place)
		k := key{x.Place, x.Date}
		is := struct {
			Place string    `json:"place"`
			Date  place.Day `json:"date"`
			Value float64   `json:"value"`
			Ended bool      `json:"ended,omitempty"`
		}{v.Name, x.Date, x.Value, x.Ended}
		out = append(out, place.Trace{Act: "target", About: x.Date, Known: x.Known, By: x.By, Note: v.Name, Turns: place.TurnsOf(before[k], is)})
		before[k] = is
	}
	return s.o.Places.Told(ctx, out), nil
}

func (s *Service) httpChanges(ctx context.Context, in *struct {
	ID string `path:"id"`
},
) (*place.TracesOutput, error) {
	scope, err := s.o.Places.Rights().Scope(ctx, MayRead, s.o.Clock.AtClose(s.o.Clock.Today()))
	if err != nil {
		return nil, err
	}
	tree, err := s.o.Places.Tree(ctx)
	if err != nil {
		return nil, err
	}
	city := func(id place.ID) bool {
		v, _ := tree.At(s.o.Clock.AtClose(s.o.Clock.Today()), id)
		return v.Level == place.City
	}
	return place.TracesReply(s.changes(ctx, ID(in.ID), func(id place.ID) bool { return city(id) || scope.Has(id) }))
}
