package programme

import (
	"context"
	"math/rand/v2"
	"slices"

	"linli.dev/linli/api"
	"linli.dev/linli/fault"
	"linli.dev/linli/people/place"
)

// paceWeeks is how many weeks the pace is taken from; farthest is how many weeks
// ahead is looked before the end counts as out of sight; runs is how many
// futures are drawn.
const (
	paceWeeks = 4
	farthest  = 520
	runs      = 1000
)

// Forecast is when something is done if it goes on as in the last four weeks.
type Forecast struct {
	What    What      `json:"what" enum:"built,networked,funds,tasks,accepted"`
	Date    place.Day `json:"date"`
	Total   int64     `json:"total" doc:"Compounds taking part; of funds, tasks and accepted: those that owe it, once for each milestone"`
	Done    int64     `json:"done"`
	Pace    []int64   `json:"pace" doc:"How many more in each of the last four weeks, the oldest first"`
	NoEnd   bool      `json:"no_end" doc:"At this pace no end is in sight"`
	Early   place.Day `json:"early,omitempty" doc:"One future in ten is done by then"`
	Middle  place.Day `json:"middle,omitempty" doc:"Half of the futures are"`
	Late    place.Day `json:"late,omitempty" doc:"Nine in ten are; left out where more than one in ten sees no end"`
	Certain bool      `json:"certain" doc:"The four weeks were alike, so that the three days are the same"`
}

// Predict draws futures: each week to come goes like one of the weeks that were.
// It gives how many weeks are needed by the earliest tenth, half and nine tenths
// of the futures; -1: no end in sight. The same question has the same answer.
func Predict(left int64, pace []int64) (early, middle, late int) {
	if left <= 0 {
		return 0, 0, 0
	}
	if len(pace) == 0 || slices.Max(pace) <= 0 {
		return -1, -1, -1
	}
	draw := rand.New(rand.NewPCG(1, uint64(left)))
	ends := make([]int, runs)
	for i := range ends {
		rest := left
		week := 0
		for rest > 0 && week <= farthest {
			rest -= pace[draw.IntN(len(pace))]
			week++
		}
		ends[i] = week
	}
	slices.Sort(ends)
	at := func(share int) int {
		if n := ends[runs*share/100-1]; n <= farthest {
			return n
		}
		return -1
	}
	return at(10), at(50), at(90)
}

// Forecast looks ahead for the city, or for a county when it is named.
func (s *Service) Forecast(ctx context.Context, q place.AsOf, county place.ID, what What) (Forecast, error) {
	if !slices.Contains(Whats, what) {
		return Forecast{}, fault.New(fault.Invalid, "programme.Forecast", "programme.milestone.what")
	}
	b, err := s.Book(ctx)
	if err != nil {
		return Forecast{}, err
	}
	f := Forecast{What: what, Date: q.Day, Pace: make([]int64, paceWeeks)}
	if what == Built || what == Networked {
		f.all(b, q, county)
	} else {
		f.owed(b, q, county)
	}
	early, middle, late := Predict(f.Total-f.Done, f.Pace)
	day := func(weeks int) place.Day {
		if weeks < 0 {
			return 0
		}
		return q.Day + place.Day(7*weeks)
	}
	f.NoEnd, f.Early, f.Middle, f.Late = middle < 0, day(early), day(middle), day(late)
	f.Certain = slices.Min(f.Pace) == slices.Max(f.Pace)
	return f, nil
}

// all counts the compounds that take part, which are all to be built and networked: how many more there are than at the close of
// each of the weeks before.
func (f *Forecast) all(b *Book, q place.AsOf, county place.ID) {
	at := func(q place.AsOf) (total, done int64) {
		t := b.total(q, county)
		if f.What == Built {
			return t[Compounds], t[BuiltCompounds]
		}
		return t[Compounds], t[NetworkedCompound]
	}
	f.Total, f.Done = at(q)
	later := f.Done
	for i := range paceWeeks {
		_, done := at(b.clock.AtClose(q.Day - place.Day(7*(i+1))))
		f.Pace[paceWeeks-1-i] = later - done
		later = done
	}
}

// owed counts the duties of those whose milestones ask for it, by the days from which they are reached. What was known at the
// close of a week before is of the milestones of then: one that is new would find all who reached it long ago in one week.
func (f *Forecast) owed(b *Book, q place.AsOf, county place.ID) {
	if !b.closed(q) {
		f.each(b, q, county)
		return
	}
	asks := map[MilestoneID]bool{}
	for _, d := range Deadlines(b, q, county) {
		if d.What == f.What {
			asks[d.ID] = true
			f.Total, f.Done = f.Total+d.Owed, f.Done+d.Reached
		}
	}
	b.mu.RLock()
	defer b.mu.RUnlock()
	for key, r := range b.reached {
		if asks[key.milestone] && (county == "" || key.county == county) {
			r.since(q.Day, q.Day-7*paceWeeks+1, f.reached(q))
		}
	}
}

// reached counts what is reached since a day in the week of that day.
func (f *Forecast) reached(q place.AsOf) func(since place.Day, n int64) {
	return func(since place.Day, n int64) {
		if week := int(q.Day-since) / 7; week < paceWeeks {
			f.Pace[paceWeeks-1-week] += n
		}
	}
}

// each is owed by way of the compounds.
func (f *Forecast) each(b *Book, q place.AsOf, county place.ID) {
	count := f.reached(q)
	b.Each(q, func(s *State) {
		if county != "" && s.County != county {
			return
		}
		for i := range s.Duties {
			d := &s.Duties[i]
			if d.What != f.What {
				continue
			}
			f.Total++
			if d.Done {
				f.Done++
				count(d.Since, 1)
			}
		}
	})
}

func (s *Service) forecastRoutes(r *api.Router) {
	api.Get(r, "/api/programme/forecast", api.Op{
		ID: "getForecast", Permission: MayRead, Summary: "When all compounds are built or networked, or have reached what else they owe, at the pace of the last four weeks",
		Description: "Futures are drawn from the four weeks; three days show how uncertain it is, no_end says so where no end is in sight.",
	}, s.httpForecast)
}

type forecastOutput struct{ Body Forecast }

func (s *Service) httpForecast(ctx context.Context, in *struct {
	place.AsOfInput
	County string `query:"county" doc:"The city when left out"`
	What   string `query:"what" enum:"built,networked,funds,tasks,accepted" default:"networked"`
},
) (*forecastOutput, error) {
	q, err := in.AsOf(s.o.Clock)
	if err != nil {
		return nil, err
	}
	if in.County == "" {
		err = s.rights().MayCity(ctx, MayTotal)
	} else {
		err = s.rights().May(ctx, MayRead, q, place.ID(in.County))
	}
	if err != nil {
		return nil, err
	}
	f, err := s.Forecast(ctx, q, place.ID(in.County), What(in.What))
	if err != nil {
		return nil, err
	}
	return &forecastOutput{f}, nil
}
