package city

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"

	"linli.dev/linli/demo/data"
	"linli.dev/linli/people/outline"
	"linli.dev/linli/people/place"
	"linli.dev/linli/role"
)

// Where compounds lie in the story: somewhere in their county's invented cell,
// nearer to its middle than to its edge. No real border, no real address.

// located says where compounds lie.
type located []place.Point

func (a located) play(ctx context.Context, c role.City) error {
	return c.Places.Locate(ctx, clerk, a)
}

func (a located) tell(*Memory, time.Time) {}

// outlined imports the cells as outlines of the counties.
type outlined struct{}

func (outlined) play(ctx context.Context, c role.City) error {
	_, err := c.Outlines.Import(ctx, approver, 0, outline.Upload{
		File: "演示示意图.geojson", Note: "本项目绘制的演示示意图，不是真实边界", Datum: outline.WGS84, Raw: data.Outlines,
	})
	return err
}

func (outlined) tell(*Memory, time.Time) {}

// points gives each compound its place, with a die of its own.
func (g *generator) points(seed uint64) error {
	features, err := outline.Read(data.Outlines)
	if err != nil {
		return err
	}
	var counties []place.Version
	for _, c := range g.counties {
		counties = append(counties, place.Version{Place: c.id, Name: c.name, Code: c.code})
	}
	cells, report := outline.Fit(features, counties)
	if len(report.Missing) > 0 {
		return fmt.Errorf("%d counties have no cell in the invented outlines", len(report.Missing))
	}
	r := rand.New(rand.NewPCG(seed, 0x706f696e74))
	for _, x := range g.all {
		at := somewhere(r, cells[g.counties[x.county].id])
		d := g.on(x.joins)
		d.located = append(d.located, place.Point{Compound: x.id, LonLat: place.LonLat{Lon: at[0], Lat: at[1]}, Moment: about(x.joins)})
	}
	return nil
}

// somewhere draws a point in a shape.
func somewhere(r *rand.Rand, shape orb.MultiPolygon) orb.Point {
	box := shape.Bound()
	middle, reach := box.Center(), orb.Point{(box.Max[0] - box.Min[0]) / 2, (box.Max[1] - box.Min[1]) / 2}
	for range 200 {
		p := orb.Point{middle[0] + r.NormFloat64()*reach[0]*0.42, middle[1] + r.NormFloat64()*reach[1]*0.42}
		if planar.MultiPolygonContains(shape, p) {
			return p
		}
	}
	return middle
}
