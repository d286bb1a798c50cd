package programme

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"linli.dev/linli/api"
	"linli.dev/linli/people/place"
)

// LateRow is a late compound in the list over all counties: with the duty that
// is the most overdue.
type LateRow struct {
	Compound place.ID `json:"compound"`
	Name     string   `json:"name"`
	CountyID place.ID `json:"county_id"`
	County   string   `json:"county"`
	Street   string   `json:"street"`
	Light    Light    `json:"light"`
	Worst    Duty     `json:"duty" doc:"What is the most overdue, or the nearest to its last day"`
	Others   int      `json:"others" doc:"So many more of its duties are overdue or behind"`
}

// LateCounty is how many compounds of a county are late.
type LateCounty struct {
	County place.ID `json:"county"`
	Name   string   `json:"name"`
	Red    int      `json:"red"`
	Yellow int      `json:"yellow"`
}

// LateRows lists the late compounds that fit, the most overdue first, and
// counts them by county, the county with the most overdue first.
func LateRows(b *Book, tree *place.Tree, q place.AsOf, fits func(*Late) bool) (rows []LateRow, counties []LateCounty) {
	rows, counties = []LateRow{}, []LateCounty{}
	at := map[place.ID]int{}
	for _, l := range LateList(b, tree, q) {
		if !fits(&l) {
			continue
		}
		r := LateRow{Compound: l.Compound, Name: l.Name, CountyID: l.in, County: l.County, Street: l.Street, Light: l.Light, Others: len(l.Duties) - 1}
		r.Worst = slices.MinFunc(l.Duties, func(a, b Duty) int {
			return cmp.Or(cmp.Compare(b.Light.rank(), a.Light.rank()), cmp.Compare(a.Days, b.Days))
		})
		rows = append(rows, r)
		i, ok := at[l.in]
		if !ok {
			i = len(counties)
			at[l.in] = i
			counties = append(counties, LateCounty{County: l.in, Name: l.County})
		}
		if l.Light == Red {
			counties[i].Red++
		} else {
			counties[i].Yellow++
		}
	}
	// Stable: what is equally late stays in the order of offices, by code of county and street.
	slices.SortStableFunc(rows, func(a, b LateRow) int {
		return cmp.Or(cmp.Compare(b.Light.rank(), a.Light.rank()), cmp.Compare(a.Worst.Days, b.Worst.Days))
	})
	slices.SortStableFunc(counties, func(a, b LateCounty) int {
		return cmp.Or(cmp.Compare(b.Red, a.Red), cmp.Compare(b.Yellow, a.Yellow))
	})
	return rows, counties
}

// eachCounty is how many compounds of a county the text for a chat names.
const eachCounty = 10

// lateText is the list as plain text that can be pasted into a chat: each
// county with its number and the most overdue of its compounds. english are what divisions are called in English; nil: in Chinese.
func lateText(v Speaker, q place.AsOf, rows []LateRow, counties []LateCounty, english map[string]string, all bool) string {
	called := func(name string) string { return cmp.Or(english[name], name) }
	if len(rows) == 0 {
		return v.Say("programme.late.none", "date", sayDay(v, q.Day))
	}
	red := 0
	for _, c := range counties {
		red += c.Red
	}
	var b strings.Builder
	line := func(code string, args ...any) { b.WriteString(v.Say(code, args...) + "\n") }
	line("programme.late.head", "date", sayDay(v, q.Day), "red", red, "yellow", len(rows)-red)
	for _, c := range counties {
		line("programme.late.county", "county", called(c.Name), "red", c.Red, "yellow", c.Yellow)
		n := 0
		for _, r := range rows {
			if r.CountyID != c.County {
				continue
			}
			if n++; n > eachCounty && !all {
				continue
			}
			where := r.Street + r.Name
			if v.Language() == "en" {
				where = called(r.Street) + " " + r.Name
			}
			line("programme.late.line", "n", n, "place", where, "what", v.Say("programme.what."+string(r.Worst.What)), "why", SayWhy(v, r.Worst))
		}
		if n > eachCounty && !all {
			line("programme.late.rest", "n", n-eachCounty)
		}
	}
	line("programme.late.foot")
	return b.String()
}

func (s *Service) lateRoutes(r *api.Router) {
	api.Get(r, "/api/programme/late", api.Op{
		ID: "listLate", Permission: MayRead, Summary: "Who is late, over all counties: the most overdue first, with a number for each county",
		Description: "For staff: it says where no camera is. Each caller gets the compounds of the own area.",
	}, s.httpLate)
	api.Get(r, "/api/programme/lights", api.Op{ID: "listLights", Permission: MayRead, Summary: "The compounds of the own area by their light, for a map"}, s.httpLights)
	api.Get(r, "/api/programme/late/text", api.Op{ID: "getLateText", Permission: MayRead, Summary: "Who is late, as plain text for a chat"}, s.httpLateText)
}

// LateInput says of which compounds.
type LateInput struct {
	place.AsOfInput
	County string `query:"county"`
	Under  string `query:"under" doc:"A place above them, at any level"`
}

func (s *Service) late(ctx context.Context, in LateInput) (q place.AsOf, rows []LateRow, counties []LateCounty, err error) {
	if q, err = in.AsOf(s.o.Clock); err != nil {
		return q, nil, nil, err
	}
	scope, err := s.rights().Scope(ctx, MayRead, q)
	if err != nil {
		return q, nil, nil, err
	}
	b, err := s.Book(ctx)
	if err != nil {
		return q, nil, nil, err
	}
	tree, err := s.o.Places.Tree(ctx)
	if err != nil {
		return q, nil, nil, err
	}
	under := setBelow(tree, q, place.ID(in.Under))
	rows, counties = LateRows(b, tree, q, func(l *Late) bool {
		return scope.Has(l.Compound) && (in.County == "" || l.in == place.ID(in.County)) && (in.Under == "" || under[l.Compound])
	})
	return q, rows, counties, nil
}

type lateOutput struct {
	Body struct {
		Date     place.Day    `json:"date"`
		Total    int          `json:"total"`
		Red      int          `json:"red"`
		Counties []LateCounty `json:"counties"`
		Late     []LateRow    `json:"compounds"`
	}
}

func (s *Service) httpLate(ctx context.Context, in *struct {
	LateInput
	Limit int `query:"limit" minimum:"1" maximum:"5000" default:"20"`
},
) (*lateOutput, error) {
	q, rows, counties, err := s.late(ctx, in.LateInput)
	if err != nil {
		return nil, err
	}
	out := &lateOutput{}
	out.Body.Date, out.Body.Total, out.Body.Counties = q.Day, len(rows), counties
	for _, c := range counties {
		out.Body.Red += c.Red
	}
	v := api.VoiceOf(ctx)
	rows = rows[:min(len(rows), in.Limit)]
	for i := range rows {
		rows[i].Worst.Why = SayWhy(v, rows[i].Worst)
	}
	out.Body.Late = rows
	return out, nil
}

type lightsOutput struct {
	Body struct {
		Date   place.Day            `json:"date"`
		Lights map[Light][]place.ID `json:"lights" doc:"Those that take part"`
	}
}

func (s *Service) httpLights(ctx context.Context, in *struct{ place.AsOfInput }) (*lightsOutput, error) {
	q, err := in.AsOf(s.o.Clock)
	if err != nil {
		return nil, err
	}
	scope, err := s.rights().Scope(ctx, MayRead, q)
	if err != nil {
		return nil, err
	}
	b, err := s.Book(ctx)
	if err != nil {
		return nil, err
	}
	out := &lightsOutput{}
	out.Body.Date = q.Day
	out.Body.Lights = map[Light][]place.ID{}
	for _, l := range Lights {
		out.Body.Lights[l] = []place.ID{}
	}
	b.EachLight(q, func(id place.ID, l Light) {
		if scope.Has(id) {
			out.Body.Lights[l] = append(out.Body.Lights[l], id)
		}
	})
	return out, nil
}

type lateTextOutput struct {
	Body struct {
		Text   string `json:"text"`
		Number int    `json:"number"`
	}
}

func (s *Service) httpLateText(ctx context.Context, in *struct {
	LateInput
	All bool `query:"all" doc:"Every late compound, however long the text gets; else ten of each county"`
},
) (*lateTextOutput, error) {
	q, rows, counties, err := s.late(ctx, in.LateInput)
	if err != nil {
		return nil, err
	}
	v := api.VoiceOf(ctx)
	mark, err := s.o.Places.DemoMark(ctx)
	if err != nil {
		return nil, err
	}
	var english map[string]string
	if v.Language() == "en" {
		if english, err = s.o.Places.EnglishNames(ctx, q); err != nil {
			return nil, err
		}
	}
	out := &lateTextOutput{}
	out.Body.Text, out.Body.Number = lateText(v, q, rows, counties, english, in.All), len(rows)
	if mark != "" { // it goes into a chat, away from the page that says so
		out.Body.Text = mark + "\n" + out.Body.Text
	}
	return out, nil
}
