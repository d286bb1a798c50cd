package outline

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/paulmach/orb"

	"linli.dev/linli/fault"
	"linli.dev/linli/people/place"
)

// Limits of a file. A county with every bend of its rivers has some ten
// thousand vertices; a province of them fits.
const (
	MaxBytes    = 16 << 20
	MaxFeatures = 2_000
	MaxVertices = 400_000
)

// Feature is one polygon of a file with the words that may name its county.
type Feature struct {
	Words []string // of its properties and its id, tidy
	Shape orb.MultiPolygon
}

// Called is how the file calls it, as far as it does.
func (f *Feature) Called() string {
	for _, w := range f.Words {
		if strings.IndexFunc(w, func(r rune) bool { return r > 0x2e80 }) >= 0 {
			return w
		}
	}
	if len(f.Words) > 0 {
		return f.Words[0]
	}
	return ""
}

type collection struct {
	Type string `json:"type"`
	CRS  *struct {
		Properties struct {
			Name string `json:"name"`
		} `json:"properties"`
	} `json:"crs"`
	Features []feature `json:"features"`
}

type feature struct {
	Type       string                     `json:"type"`
	ID         json.RawMessage            `json:"id"`
	Properties map[string]json.RawMessage `json:"properties"`
	Geometry   *struct {
		Type        string          `json:"type"`
		Coordinates json.RawMessage `json:"coordinates"`
	} `json:"geometry"`
}

// Read reads a FeatureCollection of polygons in degrees.
func Read(raw []byte) ([]Feature, error) {
	const op = "outline.Read"
	if len(raw) > MaxBytes {
		return nil, fault.New(fault.TooLarge, op, "outline.too-large", "megabytes", MaxBytes>>20)
	}
	var c collection
	if err := json.Unmarshal(raw, &c); err != nil || c.Type != "FeatureCollection" {
		return nil, fault.New(fault.Invalid, op, "outline.not-geojson")
	}
	if c.CRS != nil && !degrees(c.CRS.Properties.Name) {
		return nil, fault.New(fault.Invalid, op, "outline.crs", "is", clip(c.CRS.Properties.Name))
	}
	switch n := len(c.Features); {
	case n == 0:
		return nil, fault.New(fault.Invalid, op, "outline.empty")
	case n > MaxFeatures:
		return nil, fault.New(fault.TooLarge, op, "outline.too-many-features", "most", MaxFeatures, "is", n)
	}
	out := make([]Feature, 0, len(c.Features))
	vertices := 0
	for i := range c.Features {
		f, n, err := c.Features[i].read(MaxVertices - vertices)
		if err != nil {
			return nil, atFeature(err, i)
		}
		vertices += n
		out = append(out, f)
	}
	return out, nil
}

// degrees: the file says by an older habit in what it measures; RFC 7946 knows degrees only.
func degrees(crs string) bool {
	return crs == "" || slices.ContainsFunc([]string{"CRS84", "4326", "4490"}, func(s string) bool { return strings.HasSuffix(crs, s) })
}

func atFeature(err error, i int) error {
	if f, ok := err.(*fault.Error); ok {
		f.Fields = append(f.Fields, fault.At(fmt.Sprintf("features[%d]", i), f.Code))
		f.Fields[len(f.Fields)-1].Args = f.Args
	}
	return err
}

func (f *feature) read(room int) (out Feature, vertices int, err error) {
	const op = "outline.Read"
	for _, k := range sortedKeys(f.Properties) {
		out.word(f.Properties[k])
	}
	out.word(f.ID)
	if f.Geometry == nil {
		return out, 0, fault.New(fault.Invalid, op, "outline.no-geometry")
	}
	var polygons [][][][]float64
	switch f.Geometry.Type {
	case "Polygon":
		var one [][][]float64
		err = json.Unmarshal(f.Geometry.Coordinates, &one)
		polygons = append(polygons, one)
	case "MultiPolygon":
		err = json.Unmarshal(f.Geometry.Coordinates, &polygons)
	default:
		return out, 0, fault.New(fault.Invalid, op, "outline.not-a-polygon", "is", clip(f.Geometry.Type))
	}
	if err != nil {
		return out, 0, fault.New(fault.Invalid, op, "outline.coordinates")
	}
	for _, rings := range polygons {
		var polygon orb.Polygon
		for _, points := range rings {
			if vertices += len(points); vertices > room {
				return out, 0, fault.New(fault.TooLarge, op, "outline.too-many-vertices", "most", MaxVertices)
			}
			ring, err := readRing(points)
			if err != nil {
				return out, 0, err
			}
			polygon = append(polygon, ring)
		}
		if len(polygon) == 0 {
			return out, 0, fault.New(fault.Invalid, op, "outline.coordinates")
		}
		out.Shape = append(out.Shape, polygon)
	}
	if len(out.Shape) == 0 {
		return out, 0, fault.New(fault.Invalid, op, "outline.coordinates")
	}
	return out, vertices, nil
}

func readRing(points [][]float64) (orb.Ring, error) {
	const op = "outline.Read"
	ring := make(orb.Ring, 0, len(points)+1)
	for _, p := range points {
		switch {
		case len(p) < 2 || math.IsNaN(p[0]) || math.IsNaN(p[1]):
			return nil, fault.New(fault.Invalid, op, "outline.coordinates")
		case math.Abs(p[0]) > 180 || math.Abs(p[1]) > 90:
			return nil, fault.New(fault.Invalid, op, "outline.not-degrees", "is", fmt.Sprintf("%.6g, %.6g", p[0], p[1]))
		}
		ring = append(ring, orb.Point{p[0], p[1]})
	}
	if n := len(ring); n > 0 && ring[0] != ring[n-1] {
		ring = append(ring, ring[0]) // some programs leave it open
	}
	if len(ring) < 4 {
		return nil, fault.New(fault.Invalid, op, "outline.ring")
	}
	return ring, nil
}

// word takes a property that may be a name or a code.
func (f *Feature) word(raw json.RawMessage) {
	var s string
	var n json.Number
	switch {
	case json.Unmarshal(raw, &s) == nil:
	case json.Unmarshal(raw, &n) == nil:
		s = n.String()
	}
	if s = place.Tidy(s); s != "" && len([]rune(s)) <= 60 && len(f.Words) < 40 {
		f.Words = append(f.Words, s)
	}
}

func sortedKeys(m map[string]json.RawMessage) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

func clip(s string) string {
	s = place.Tidy(s)
	if r := []rune(s); len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return s
}
