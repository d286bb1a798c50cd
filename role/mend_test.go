package role

import (
	"strings"
	"testing"

	"linli.dev/linli/access/identity"
	"linli.dev/linli/people/campaign"
	"linli.dev/linli/people/place"
	"linli.dev/linli/people/supervision"
)

// A compound that was founded by mistake is ended alone on the same day, but not with a task of the city's upon it, or a notice: those
// rooms keep them under subjects of their own.
func TestASlipIsNoSlipWithATaskUponIt(t *testing.T) {
	w := newTwoCounties(t)
	today := w.city.Places.Clock().Today()
	found := func(as, name string) place.ID {
		t.Helper()
		list, err := w.city.Places.Found(t.Context(), "somebody", []place.NewPlace{{Level: place.Compound, Parent: place.ID(w.ids["community1"]), Name: name, From: today}})
		if err != nil {
			t.Fatal(err)
		}
		w.ids[as] = string(list[0].Place)
		return list[0].Place
	}
	if _, err := w.city.Tasks.Raise(t.Context(), "chen", supervision.Raising{Places: []place.ID{found("tasked", "甲小区")}, Title: "尽快安装", Due: today + 9}); err != nil {
		t.Fatal(err)
	}
	notice := campaign.Notice{Place: found("noticed", "乙小区"), Title: "告居民书", Body: "视频监控将启用", Signed: "社区居委会", Day: today}
	if _, err := w.city.Campaign.Write(t.Context(), "chen", 0, notice); err != nil {
		t.Fatal(err)
	}
	found("slip", "丙小区")
	w.as(identity.CountyOffice, "county1")
	for as, want := range map[string]int{"tasked": 403, "noticed": 403, "slip": 200} {
		if code, said := w.ask("POST", w.fill("/api/places/<"+as+">/end"), w.fill(`{"from":"<today>","note":"误登"}`)); code != want || code == 403 && !strings.Contains(said, "place.not-permitted") {
			t.Errorf("%s: %d %s", as, code, said)
		}
	}
}
