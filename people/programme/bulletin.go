package programme

import (
	"cmp"
	"context"
	"slices"
	"time"

	"linli.dev/linli/fault"
	"linli.dev/linli/people/place"
)

// Edition says for whom a bulletin is.
type Edition string

// Office names late compounds; Public never does: where a camera is missing and
// who is weak would serve a burglar.
const (
	Office Edition = "office"
	Public Edition = "public"
)

// Bulletin is the published text and tables of a date. It is computed, never
// typed.
type Bulletin struct {
	Programme  string      `json:"programme"`
	English    string      `json:"programme_en,omitempty" doc:"The programme's name on English papers; left out: the name"`
	Edition    Edition     `json:"edition"`
	City       string      `json:"city"`
	Date       place.Day   `json:"date"`
	Since      place.Day   `json:"since" doc:"The day that changes are counted from"`
	Known      time.Time   `json:"known" doc:"As far as it was known then"`
	Numbers    Numbers     `json:"figures"`
	Before     Numbers     `json:"figures_since" doc:"The same figures on the earlier day"`
	Counties   []CountyRow `json:"counties"`
	Milestones []Milestone `json:"milestones"`
	Help       Help        `json:"help"`
	Late       []Late      `json:"late,omitempty" doc:"Office edition only"`
	County     *CountyPart `json:"county,omitempty" doc:"Of a county's bulletin: its place in the city"`

	Rows  []CompoundState   `json:"-"` // office edition only: what the figures are made of
	Names map[string]string `json:"-"` // of the city, its counties and streets in English papers, by name
	Trend []TrendDay        `json:"-"`

	beside bool // it knows more, or less, than its day did at its close

	Invented     bool      `json:"invented" doc:"A demo's: the figures of counties and compounds are made up"`
	InventedCity bool      `json:"invented_city" doc:"Those of the city are made up too: it is another day than the published one"`
	Published    place.Day `json:"published,omitempty" doc:"A demo's: the day whose figures of the city are real"`
}

// Help is where the help money is. It speaks of sums, never of compounds.
type Help struct {
	Paired   int64 `json:"paired"`
	Pledged  int64 `json:"pledged_fen"`
	Received int64 `json:"received_fen"`
	Rate     int64 `json:"rate" doc:"Received of pledged, in thousandths; -1: nothing is pledged"`
	More     int64 `json:"received_more_fen" doc:"Since the earlier day"`
}

// CountyPart is a county's place in the city, in its bulletin.
type CountyPart struct {
	CountyRow
	Of        int        `json:"of" doc:"How many counties the table has"`
	City      Numbers    `json:"city_figures"`
	Deadlines []Deadline `json:"deadlines"`
}

// BulletinAsk says which bulletin is wanted. The zero value of what is left out
// is the city's office edition, with the changes of a month.
type BulletinAsk struct {
	Of      place.AsOf
	Since   place.Day
	Edition Edition
	County  place.ID
}

// Compose makes the bulletin of a date from what the book knows.
func Compose(b *Book, tree *place.Tree, p Programme, ask BulletinAsk) (Bulletin, error) {
	q, since := ask.Of, ask.Since
	if since == 0 {
		since = q.Day.AddMonths(-1)
	}
	if since >= q.Day {
		return Bulletin{}, fault.New(fault.Invalid, "programme.Compose", "programme.since-later")
	}
	if ask.Edition == "" {
		ask.Edition = Office
	}
	city := cityOf(b, tree, p, q, since)
	name, _ := tree.At(q, p.City)
	out := Bulletin{
		Programme: p.Name, English: p.NameEN, Edition: ask.Edition, City: name.Name, Date: q.Day, Since: since, Known: q.Known,
		Numbers: city.Numbers, Before: city.Before, Counties: city.Counties, Milestones: b.Rules(q), Trend: city.Trend,
		Invented: p.InventedAt(place.County), Published: p.Published,
	}
	out.beside = !b.closed(q)
	out.Names = tree.EnglishNames(q, place.City, place.County, place.Street)
	if out.Edition == Office {
		out.Late = LateList(b, tree, q)
		out.Rows = rowsOf(b, tree, q)
	}
	if ask.County != "" {
		if err := out.narrow(b, tree, p, q, ask.County); err != nil {
			return Bulletin{}, err
		}
	}
	out.InventedCity = out.Invented && q.Day != p.Published
	n := out.Numbers
	out.Help = Help{Paired: n.Paired, Pledged: n.Pledged, Received: n.Received, Rate: Share(n.Received, n.Pledged), More: n.Received - out.Before.Received}
	return out, nil
}

// narrow leaves one county of the bulletin.
func (b *Bulletin) narrow(book *Book, tree *place.Tree, p Programme, q place.AsOf, county place.ID) error {
	v, ok := tree.At(q, county)
	if !ok || v.Level != place.County {
		return fault.New(fault.NotFound, "programme.Compose", "programme.return.county")
	}
	part := CountyPart{CountyRow: CountyRow{County: county, Name: v.Name, Code: v.Code, Rate: -1, InTimeRate: -1}, Of: len(b.Counties), City: b.Numbers}
	if i := slices.IndexFunc(b.Counties, func(r CountyRow) bool { return r.County == county }); i >= 0 {
		part.CountyRow = b.Counties[i]
	}
	part.Deadlines = Deadlines(book, q, county)
	was := book.Counties(book.clock.AtClose(b.Since))[county]
	b.County, b.Counties, b.Numbers, b.Before = &part, nil, part.Numbers, was.Numbers()
	days := weeks(q.Day, p.Start)
	b.Trend = make([]TrendDay, len(days))
	for i, t := range book.TrendOf(county, days) {
		b.Trend[i] = trendDay(days[i], &t)
	}
	b.Rows = slices.DeleteFunc(b.Rows, func(c CompoundState) bool { return c.books != county })
	b.Late = slices.DeleteFunc(b.Late, func(l Late) bool { return l.in != county })
	return nil
}

// rowsOf are the compounds that take part, county by county, and those that have ended and whose help money counts.
func rowsOf(b *Book, tree *place.Tree, q place.AsOf) []CompoundState {
	out := []CompoundState{}
	add := func(s *State) { out = append(out, stateOf(tree, q, *s)) }
	b.Each(q, add)
	b.EachEnded(q, add)
	slices.SortFunc(out, func(a, b CompoundState) int {
		return cmp.Or(cmp.Compare(a.codes, b.codes), cmp.Compare(a.CountyName, b.CountyName), cmp.Compare(a.books, b.books),
			cmp.Compare(a.Street, b.Street), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Compound, b.Compound))
	})
	return out
}

// CountyNamed finds a county by its name, or by its id.
func CountyNamed(tree *place.Tree, q place.AsOf, name string) (place.ID, error) {
	for _, v := range tree.Of(q, place.County) {
		if v.Name == name || string(v.Place) == name {
			return v.Place, nil
		}
	}
	return "", fault.New(fault.NotFound, "programme.CountyNamed", "programme.return.county")
}

// CountyNamed finds a county of a day by its name, or by its id.
func (s *Service) CountyNamed(ctx context.Context, q place.AsOf, name string) (place.ID, error) {
	tree, err := s.o.Places.Tree(ctx)
	if err != nil {
		return "", err
	}
	return CountyNamed(tree, q, name)
}
