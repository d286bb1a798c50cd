package programme

import (
	"encoding/json"
	"testing"
	"time"

	"linli.dev/linli/people/place"
)

// Which buildings have what is counted by building, not by piece, and goes up from the counts of a compound to its county's figures under the
// name of its sort; what stands in the compound itself is no building's.
func TestBuildingsByWhatTheyHave(t *testing.T) {
	known := at("2017-05-01")
	about := place.Moment{About: day("2017-05-01"), Known: known}
	var counts []place.Count
	want := map[string]float64{}
	for i, sort := range place.ByBuilding {
		for n := range i + 1 {
			counts = append(counts, place.Count{Compound: "x", Building: place.ID('a' + rune(n)), Sort: sort, Moment: about, Number: 3})
		}
		counts = append(counts, place.Count{Compound: "x", Sort: sort, Moment: about, Number: 9})
		want[string(sort)] = float64(i + 1)
	}
	// One of the six alarms is taken down again.
	counts = append(counts, place.Count{Compound: "x", Building: "a", Sort: "alarm", Moment: place.Moment{About: day("2017-06-01"), Known: known.Add(time.Hour)}, Number: 0})
	facts := append([]Fact{said(InCounty, "2017-04-20", "2017-04-20", 0, "lanshan"), said(TakesPart, "2017-04-20", "2017-04-20", 1)}, PlaceFacts(place.NewTree(nil), "x", nil, nil, counts)...)
	b := NewBook(clock, mission, facts)
	for on, alarms := range map[string]float64{"2017-05-02": 6, "2017-06-02": 5} {
		want["alarm"] = alarms
		city := b.City(clock.AtClose(day(on)))
		raw, err := json.Marshal(CountyRow{Numbers: city.Numbers()})
		if err != nil {
			t.Fatal(err)
		}
		var said map[string]any
		if err := json.Unmarshal(raw, &said); err != nil {
			t.Fatal(err)
		}
		for sort, n := range want {
			name := sort + "_buildings"
			if sort == "access-control" {
				name = "access_buildings"
			}
			if said[name] != n {
				t.Errorf("%s: %s is %v, want %v", on, name, said[name], n)
			}
		}
	}
}
