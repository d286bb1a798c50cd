package programme

import (
	"time"

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

// Compose makes the bulletin of a date from what the book knows.
func Compose(b *Book, tree *place.Tree, p Programme, q place.AsOf, since place.Day, edition Edition) Bulletin {
	before := b.clock.AtClose(since)
	now, was := b.Counties(q), b.Counties(before)
	called := func(id place.ID) place.Version {
		v, _ := tree.At(q, id)
		return v
	}
	out := Bulletin{
		Programme: p.Name, Edition: edition, City: called(p.City).Name, Date: q.Day, Since: since, Known: q.Known,
		Counties: Table(now, was, called), Milestones: b.Rules(q), Invented: p.InventedAt(place.County), Published: p.Published,
	}
	out.InventedCity = out.Invented && q.Day != p.Published
	var city, earlier Tally
	for _, t := range now {
		city.Add(&t)
	}
	for _, t := range was {
		earlier.Add(&t)
	}
	out.Numbers, out.Before = city.Numbers(), earlier.Numbers()
	out.Help = Help{
		Paired: city[Paired], Pledged: city[FundsPledged], Received: city[FundsReceived], Rate: Share(city[FundsReceived], city[FundsPledged]),
		More: city[FundsReceived] - earlier[FundsReceived],
	}
	if edition == Office {
		out.Late = LateList(b, tree, q)
	}
	return out
}
