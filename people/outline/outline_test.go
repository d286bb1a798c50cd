package outline

import (
	"context"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"linli.dev/linli/api/apitest"
	"linli.dev/linli/fault"
	"linli.dev/linli/people/place"
	"linli.dev/linli/store"
	"linli.dev/linli/store/storetest"
)

func TestEverySentenceIsThere(t *testing.T) {
	apitest.RoomSentences(t, (&Service{}).Messages(), "outline", 19)
}

const squares = `{"type":"FeatureCollection","features":[
 {"type":"Feature","properties":{"adcode":371302},"geometry":{"type":"Polygon","coordinates":[[[118.1,35.0],[118.4,35.0],[118.4,35.2],[118.1,35.2],[118.1,35.0]]]}},
 {"type":"Feature","properties":{"名称":"罗庄"},"geometry":{"type":"MultiPolygon","coordinates":[[[[118.1,34.8],[118.4,34.8],[118.4,35.0],[118.1,35.0]]],[[[118.5,34.8],[118.6,34.8],[118.6,34.9],[118.5,34.8]]]]}},
 {"type":"Feature","id":"370100","properties":{"name":"济南市"},"geometry":{"type":"Polygon","coordinates":[[[117,36],[117.1,36],[117.1,36.1],[117,36]]]}}]}`

type city struct {
	*Service
	places *place.Service
	ids    map[string]place.ID
}

func newCity(t *testing.T, db *store.DB) city {
	t.Helper()
	ctx := context.Background()
	clock := place.Clock{Now: func() time.Time { return time.Date(2017, 9, 27, 10, 0, 0, 0, time.FixedZone("", 8*3600)) }}
	places, err := place.New(ctx, db, place.Options{Clock: clock})
	if err != nil {
		t.Fatal(err)
	}
	c := city{places: places, ids: map[string]place.ID{}}
	if c.Service, err = New(ctx, db, Options{Clock: clock, Places: places}); err != nil {
		t.Fatal(err)
	}
	for _, n := range []place.NewPlace{
		{Level: place.City, Name: "临沂市"}, {Level: place.County, Name: "兰山区", Code: "371302"}, {Level: place.County, Name: "罗庄区", Code: "371311"}, {Level: place.County, Name: "费县", Code: "371325"},
	} {
		n.From = clock.Today()
		if n.Level == place.County {
			n.Parent = c.ids["临沂市"]
		}
		list, err := places.Found(ctx, "li", []place.NewPlace{n})
		if err != nil {
			t.Fatal(err)
		}
		c.ids[n.Name] = list[0].Place
	}
	return c
}

func TestOutlinesAreImported(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		c := newCity(t, db)
		u := Upload{File: "a.geojson", Note: "本项目绘制", Datum: WGS84, Raw: []byte(squares)}
		r, _, err := c.Check(ctx, u)
		if err != nil {
			t.Fatal(err)
		}
		if len(r.Matched) != 2 || r.Matched[0].By != "code" || r.Matched[1].By != "short-name" || r.Matched[1].Name != "罗庄区" || r.Kept != 14 {
			t.Errorf("%+v", r)
		}
		if len(r.Left) != 1 || r.Left[0] != (Left{2, "济南市", "unknown"}) || len(r.Missing) != 1 || r.Missing[0].Name != "费县" {
			t.Errorf("%+v", r)
		}
		if src, err := c.Source(ctx); err != nil || src.Version != 0 {
			t.Error("the dry run has stored something", src, err)
		}
		if _, err := c.Import(ctx, "op", 0, Upload{Datum: WGS84, Raw: u.Raw}); fault.CodeOf(err) != "outline.invalid" {
			t.Error("nobody says whose data it is:", err)
		}
		if _, err := c.Import(ctx, "op", 0, u); err != nil {
			t.Fatal(err)
		}
		list, err := c.Outlines(ctx)
		if err != nil || len(list) != 2 {
			t.Fatal(list, err)
		}
		if _, err := c.Import(ctx, "op", 7, u); fault.KindOf(err) != fault.Stale {
			t.Error(err)
		}
		if err := c.Drop(ctx, "op", 1); err != nil {
			t.Fatal(err)
		}
		list, err = c.Outlines(ctx)
		src, err2 := c.Source(ctx)
		if err != nil || err2 != nil || len(list) != 0 || src.Version != 2 {
			t.Error(list, src, err, err2)
		}
		told, err := c.o.Places.Traces(ctx, c.o.Clock.Close(c.o.Clock.Today()), record)
		if err != nil || len(told) != 2 || told[0].Act != "outlines-dropped" || told[1].Act != "outlines-kept" || told[1].By != "op" {
			t.Errorf("%+v %v", told, err)
		}
		if turns := told[0].Turns; len(turns) == 0 || turns[len(turns)-1] != (place.Turn{Field: "note", Was: "本项目绘制"}) {
			t.Errorf("whose outlines they were is not told: %+v", turns)
		}
	})
}

func TestWhatIsRefused(t *testing.T) {
	polygon := func(coordinates string) string {
		return `{"type":"FeatureCollection","features":[{"type":"Feature","properties":{},"geometry":{"type":"Polygon","coordinates":` + coordinates + `}}]}`
	}
	for raw, want := range map[string]string{
		`{`:                              "outline.not-geojson",
		`{"type":"Feature"}`:             "outline.not-geojson",
		`{"type":"FeatureCollection"}`:   "outline.empty",
		`[1,2]`:                          "outline.not-geojson",
		polygon(`[]`):                    "outline.coordinates",
		polygon(`[[]]`):                  "outline.ring",
		polygon(`[[[118,35],[119,35]]]`): "outline.ring",
		polygon(`[[[118],[119,35],[119,36],[118,35]]]`):                   "outline.coordinates",
		polygon(`[[[500000,3900000],[500100,3900000],[500100,3900100]]]`): "outline.not-degrees",
		polygon(`"far"`): "outline.coordinates",
		`{"type":"FeatureCollection","features":[{"type":"Feature","properties":{},"geometry":{"type":"Point","coordinates":[118,35]}}]}`: "outline.not-a-polygon",
		`{"type":"FeatureCollection","features":[{"type":"Feature","properties":{}}]}`:                                                    "outline.no-geometry",
		`{"type":"FeatureCollection","crs":{"properties":{"name":"EPSG:3857"}},"features":[{}]}`:                                          "outline.crs",
		polygon(`[[` + strings.Repeat(`[118,35],`, MaxVertices) + `[118,35]]]`):                                                           "outline.too-many-vertices",
		strings.Repeat(" ", MaxBytes+1): "outline.too-large",
	} {
		if _, err := Read([]byte(raw)); fault.CodeOf(err) != want {
			t.Errorf("%.90s: %v, want %s", raw, err, want)
		}
	}
}

// GCJ-02 puts Linyi some four hundred metres to the east and a little to the north; undone, a point is where it was to a
// centimetre, and what lies abroad stays.
func TestTheShiftIsUndone(t *testing.T) {
	for _, p := range []orb.Point{{118.3564, 35.1045}, {117.2, 34.5}, {119.1, 36.2}, {87.6, 43.8}} {
		s := shifted(p)
		d := math.Hypot(s[0]-p[0], s[1]-p[1])
		if d < 0.001 || d > 0.02 {
			t.Errorf("%v is shifted by %g degrees", p, d)
		}
		if back := Straight(s); math.Hypot(back[0]-p[0], back[1]-p[1]) > 1e-7 {
			t.Errorf("%v comes back as %v", p, back)
		}
	}
	if p := (orb.Point{2.35, 48.85}); shifted(p) != p || Straight(p) != p {
		t.Error("Paris is shifted")
	}
}

// A border with every bend fits on a page and still is one, and the demo's file is the whole city.
func TestItIsMadeLight(t *testing.T) {
	ring := orb.Ring{}
	for i := range 200_000 {
		a := float64(i) / 200_000 * 2 * math.Pi
		r := 0.3 + 0.002*math.Sin(400*a)
		ring = append(ring, orb.Point{118 + r*math.Cos(a), 35 + r*math.Sin(a)})
	}
	ring = append(ring, ring[0])
	out, kept := Simplify(map[place.ID]orb.MultiPolygon{"a": {{ring}}, "b": {{orb.Ring{{120, 35}, {120.00001, 35}, {120, 35.00001}, {120, 35}}}}})
	if kept > MostKept || kept < 200 || len(out["b"]) != 1 || len(out["b"][0][0]) < 4 {
		t.Errorf("%d vertices, %v", kept, out["b"])
	}
	raw, err := os.ReadFile(filepath.Join("..", "..", "demo", "data", "invented-outlines.geojson"))
	if err != nil {
		t.Fatal(err)
	}
	features, err := Read(raw)
	if err != nil || len(features) != 16 {
		t.Fatal(len(features), err)
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(squares))
	f.Add([]byte(`{"type":"FeatureCollection","features":[{"type":"Feature","id":7,"properties":{"a":null,"b":1e400},"geometry":{"type":"MultiPolygon","coordinates":[[[[-180,90],[180,-90],[0,0]]]]}}]}`))
	f.Add([]byte(`{"type":"FeatureCollection","features":[null,{"geometry":{"type":"Polygon","coordinates":[[[1,1],[1,1],[1,1],[1,1]]]}}]}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		features, err := Read(raw)
		if err != nil {
			if fault.KindOf(err) != fault.Invalid && fault.KindOf(err) != fault.TooLarge {
				t.Fatal(err)
			}
			return
		}
		shapes, r := Fit(features, []place.Version{{Place: "a", Name: "兰山区", Code: "371302"}, {Place: "b", Name: "罗庄区", Code: "371311"}})
		if len(r.Left)+len(r.Missing)+len(r.Matched) == 0 || r.Features != len(features) {
			t.Fatalf("%+v", r)
		}
		all := map[place.ID]orb.MultiPolygon{}
		for i, f := range features {
			all[place.ID(rune('a'+i))] = f.Shape
		}
		out, _ := Simplify(all)
		for id, s := range out {
			if len(s) == 0 || len(s[0]) == 0 || len(s[0][0]) < 4 {
				t.Fatalf("%s has vanished: %v", id, s)
			}
		}
		for _, s := range shapes {
			straighten(s, GCJ02)
		}
	})
}
