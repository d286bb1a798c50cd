package place

import (
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"linli.dev/linli/store/storetest"
)

// The answer is kept as it is sent; it says what was said last all the same, of today and of a past day, packed or not.
func TestTheNamesAreKeptAsTheyAreSent(t *testing.T) {
	p := newPage(t, storetest.SQLite(t))
	names := func(path string, packed bool) map[string]string {
		t.Helper()
		req := httptest.NewRequest(http.MethodGet, path, nil)
		req.Header.Set("X-Who", "reader")
		if packed {
			req.Header.Set("Accept-Encoding", "gzip")
		}
		rec := httptest.NewRecorder()
		p.HTTP.ServeHTTP(rec, req)
		if rec.Code != 200 || rec.Header().Get("Content-Type") != "application/json" || (rec.Header().Get("Content-Encoding") == "gzip") != packed {
			t.Fatalf("%d %v", rec.Code, rec.Header())
		}
		var from io.Reader = rec.Body
		if packed {
			z, err := gzip.NewReader(rec.Body)
			p.must(err)
			from = z
		}
		var body NamesBody
		p.must(json.NewDecoder(from).Decode(&body))
		return body.Names
	}
	for range 2 {
		for _, packed := range []bool{false, true} {
			if got := names("/api/place-names", packed); len(got) != 7 || got["煤山社区"] != "Meishan Community" {
				t.Fatalf("%v", got)
			}
		}
	}
	// Who has them is told so, until one of them changes.
	ifNew := func(tag string) (int, string, int) {
		req := httptest.NewRequest(http.MethodGet, "/api/place-names", nil)
		req.Header.Set("X-Who", "reader")
		req.Header.Set("If-None-Match", tag)
		rec := httptest.NewRecorder()
		p.HTTP.ServeHTTP(rec, req)
		return rec.Code, rec.Header().Get("ETag"), rec.Body.Len()
	}
	_, tag, _ := ifNew("")
	if code, again, size := ifNew(`W/"other", ` + tag); tag == "" || code != 304 || again != tag || size != 0 {
		t.Errorf("%q: %d %q, %d bytes", tag, code, again, size)
	}
	p.on("2017-05-01")
	said := "Coal Hill"
	_, err := p.s.Change(p.ctx, "li", p.ids["煤山社区"], Whatever, Edit{From: p.s.clock.Today(), NameEN: &said})
	p.must(err)
	for range 2 {
		for path, want := range map[string]string{"/api/place-names": said, "/api/place-names?at=2017-04-30": "Meishan Community", "/api/place-names?at=2017-04-12": "Meishan Community", "/api/place-names?at=2017-04-13": "Meishan Community"} {
			if got := names(path, true); got["煤山社区"] != want {
				t.Errorf("%s: %v", path, got)
			}
		}
	}
	if code, again, _ := ifNew(tag); code != 200 || again == tag {
		t.Errorf("after a change: %d %q", code, again)
	}
	if n := len(p.s.written.list); n != mostWritten {
		t.Errorf("%d answers are kept", n)
	}
	// What is said of a compound is no news of divisions.
	kept := p.s.written.list[mostWritten-1]
	p.found("乙小区", Compound, "煤山社区")
	tree, err := p.s.Tree(p.ctx)
	p.must(err)
	if again, err := p.s.written.of(tree, kept.q); err != nil || again != kept {
		t.Error("the answer was written anew", err)
	}
	p.found("新桥社区", Community, "银雀山街道")
	if got := names("/api/place-names", true); got["新桥社区"] != "Xinqiao Community" {
		t.Errorf("%v", got)
	}
}

// What is remembered of spellings is bounded, and right also after it began anew.
func TestSpellingsAreBounded(t *testing.T) {
	x := spelling{by: map[string]string{}}
	for i := range mostSpelt {
		x.by[fmt.Sprint(i)] = ""
	}
	for range 2 {
		if got := x.of("兰山区"); got != "Lanshan District" || len(x.by) != 1 {
			t.Fatalf("%q of %d", got, len(x.by))
		}
	}
}

// divisionsOf is a tree of so many counties with forty streets and ten communities in each.
func divisionsOf(counties int) (*Tree, AsOf) {
	q := AsOf{Date(2017, 9, 27), time.Date(2017, 9, 28, 0, 0, 0, 0, shanghai)}
	at := Moment{q.Day - 100, q.Known.AddDate(0, 0, -100)}
	syllables := []rune("金银雀山河湾东西南北大小新旧高低石桥柳杨梅花泉水村店庙岭沟坡寨营堡集镇")
	name := func(n int, end string) string {
		var s []rune
		for range 3 {
			s = append(s, syllables[n%len(syllables)])
			n /= len(syllables)
		}
		return string(s) + end
	}
	all := []Version{{Place: "c", Level: City, Number: 1, Moment: at, Name: "临沂市", Open: true}}
	n := 0
	add := func(level Level, parent ID, end string) ID {
		n++
		id := ID(fmt.Sprint("p", n))
		all = append(all, Version{Place: id, Level: level, Number: 1, Moment: at, Name: name(n*7, end), Code: fmt.Sprint(n), Parent: parent, Open: true})
		return id
	}
	for range counties {
		county := add(County, "c", "县")
		for range 40 {
			street := add(Street, county, "街道")
			for range 12 {
				add(Community, street, "社区")
			}
		}
	}
	return NewTree(all), q
}

// BenchmarkNames: of a city with 7,800 divisions, and of a province with twenty times as many.
func BenchmarkNames(b *testing.B) {
	for name, counties := range map[string]int{"city": 15, "province": 300} {
		tree, q := divisionsOf(counties)
		b.Run(name+"/spelt anew", func(b *testing.B) {
			for b.Loop() {
				tree.spelt = &spelling{}
				tree.EnglishNames(q)
			}
		})
		b.Run(name+"/the tree is another one", func(b *testing.B) {
			var x writtenNames
			for b.Loop() {
				if _, err := x.of(tree.With([]Version{{Place: "c", Level: City, Number: 1, Moment: Moment{q.Day - 100, q.Known.AddDate(0, 0, -100)}, Name: "临沂市", Open: true}}), q); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(name+"/asked again", func(b *testing.B) {
			var x writtenNames
			for b.Loop() {
				if _, err := x.of(tree, q); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
