package city

import (
	"bytes"
	"image/jpeg"
	"testing"

	"linli.dev/linli/people/pairing"
	"linli.dev/linli/people/place"
)

// On the published day every page of the demo has something to show, whatever the seed.
func TestThePublishedDayIsAlive(t *testing.T) {
	for _, seed := range []uint64{Seed, 1, 2} {
		s, err := New(seed)
		if err != nil {
			t.Fatal(err)
		}
		var clock place.Clock
		end := clock.Close(published)
		n := map[string]int{}
		late := map[place.ID]bool{}
		spends := map[pairing.EntryID]bool{}
		for _, st := range s.Steps {
			if st.At.After(end) {
				break
			}
			switch a := st.act.(type) {
			case publishForm:
				n["published forms"]++
			case plans:
				n["planned inspections"] += len(a)
			case visits:
				n["finished inspections"] += len(a)
			case begun:
				n["begun inspections"]++
			case mended:
				n["mended"] += len(a.compounds)
			case reported:
				n["reported"]++
			case activity:
				n["activities"]++
				n["photos"] += len(a.photos)
			case notice:
				n["notices"]++
				if a.draft {
					n["draft notices"]++
				}
			case aims:
				n["indicators"]++
				n["targets"] += len(a.targets)
			case located:
				n["points"] += len(a)
			case outlined:
				n["outlines"]++
			case money:
				for _, e := range a {
					spends[e.ID] = e.Kind == pairing.Spend
				}
			case attach:
				if !spends[a.entry] {
					t.Errorf("seed %d: %s is put beside what is no spend, or not yet", seed, a.name)
				}
				n["files "+string(a.kind)]++
			case submit:
				if a.r.Month == september {
					n["returns of September"]++
					late[a.r.County] = true
				}
			case sendBack:
				n["sent back"]++
			}
		}
		for what, least := range map[string]int{
			"published forms": 1, "planned inspections": 16, "finished inspections": 11, "begun inspections": 2, "mended": 1, "reported": 1, "activities": 8,
			"photos": 15, "notices": 6, "draft notices": 1, "indicators": 8, "targets": 40, "points": 2366, "outlines": 1,
			"files voucher": 15, "files before": 5, "files after": 5, "sent back": 1,
		} {
			if n[what] < least {
				t.Errorf("seed %d: %d %s, want %d", seed, n[what], what, least)
			}
		}
		if n["points"] != 2366 || n["returns of September"] != 13 {
			t.Errorf("seed %d: %d points, %d returns of September", seed, n["points"], n["returns of September"])
		}
	}
}

// What is reached in a tardy county hangs on no return of September.
func TestTardyCountiesHoldNothingBack(t *testing.T) {
	for _, seed := range []uint64{Seed, 1, 2} {
		s, err := New(seed)
		if err != nil {
			t.Fatal(err)
		}
		claims := 0
		for _, st := range s.Steps {
			if a, ok := st.act.(submit); ok && a.r.Month == september {
				claims += len(a.r.Claims)
				for i, c := range s.counties {
					if _, is := tardy[i]; is && c == a.r.County && len(a.r.Claims) > 0 {
						t.Errorf("seed %d: %d claims of %s", seed, len(a.r.Claims), c)
					}
				}
			}
		}
		if claims < 100 {
			t.Errorf("seed %d: only %d claims in September: the search is broken", seed, claims)
		}
	}
}

// A drawing is a picture, small, the same for the same seed, and another for another.
func TestDrawings(t *testing.T) {
	all := []picture{banner, board, leaflet, meeting, night, court, receipt}
	for _, s := range place.Sorts() {
		if k := s.Kind(); k != place.People {
			all = append(all, picture(s))
		}
	}
	for _, p := range all {
		a, b := drawn(p, 1, false), drawn(p, 1, false)
		if !bytes.Equal(a, b) {
			t.Errorf("%s is not the same twice", p)
		}
		if len(a) > 40_000 {
			t.Errorf("%s has %d bytes", p, len(a))
		}
		img, err := jpeg.Decode(bytes.NewReader(a))
		if err != nil || img.Bounds().Dx() != wide || img.Bounds().Dy() != high {
			t.Errorf("%s: %v", p, err)
		}
		if _, protection := place.Sort(p), place.Sort(p).Kind() != ""; protection && bytes.Equal(a, drawn(p, 1, true)) {
			t.Errorf("%s looks after as it did before", p)
		}
	}
}
