package paper

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"math"
	"strconv"

	"golang.org/x/image/font"
	"golang.org/x/image/math/fixed"
	"golang.org/x/image/vector"
)

// Charts for Word are pictures, 156 mm wide at 254 dots per inch: what a page of
// an official document holds between its margins.
const (
	chartWide  = 1560
	chartEm    = 28 // labels: 8 points on paper
	chartLegal = 78 // the line of the legend
	chartHigh  = 780
)

// PNG draws a chart; nil when its table is not there. tall is its height in
// pixels.
func (c *Chart) PNG(d *Document) (b []byte, tall int, err error) {
	g := d.grid(c.Of)
	if g == nil || len(g.Rows) == 0 {
		return nil, 0, nil
	}
	f, err := Face(chartEm)
	if err != nil {
		return nil, 0, err
	}
	bar := min(32, max(18, (chartHigh/len(g.Rows)-12)/len(c.Columns)))
	tall = chartLegal + 20 + len(g.Rows)*(len(c.Columns)*bar+12)
	if c.Lines {
		tall = 700
	}
	p := &plot{bar: bar, RGBA: image.NewRGBA(image.Rect(0, 0, chartWide, tall)), Drawer: font.Drawer{Face: f}, chart: c, grid: g}
	p.Dst = p.RGBA
	draw.Draw(p.RGBA, p.Rect, image.White, image.Point{}, draw.Src)
	p.legend()
	if c.Lines {
		p.lines()
	} else {
		p.bars()
	}
	var out bytes.Buffer
	err = png.Encode(&out, p.RGBA)
	return out.Bytes(), tall, err
}

type plot struct {
	*image.RGBA
	font.Drawer
	chart *Chart
	grid  *Grid
	bar   int // how thick a bar is
}

var (
	text  = color.RGBA{0x22, 0x22, 0x22, 0xff}
	quiet = color.RGBA{0xd5, 0xd9, 0xde, 0xff}
)

func ink(i int) color.RGBA {
	n, _ := strconv.ParseUint(inks[i%len(inks)], 16, 32)
	return color.RGBA{uint8(n >> 16), uint8(n >> 8), uint8(n), 0xff}
}

// say writes a text with its left end at x, or its right end there, its middle at y.
func (p *plot) say(s string, x, y int, right bool, c color.Color) {
	if right {
		x -= p.MeasureString(s).Ceil()
	}
	p.Src = image.NewUniform(c)
	p.Dot = fixed.P(x, y+chartEm*36/100)
	p.DrawString(s)
}

func (p *plot) fill(x0, y0, x1, y1 int, c color.Color) {
	draw.Draw(p.RGBA, image.Rect(x0, y0, x1, y1), image.NewUniform(c), image.Point{}, draw.Src)
}

func (p *plot) legend() {
	x := 8
	for i, column := range p.chart.Columns {
		name := p.grid.Head[column]
		p.fill(x, 24, x+34, 50, ink(i))
		p.say(name, x+46, 37, false, text)
		x += 46 + p.MeasureString(name).Ceil() + 56
	}
}

// most is the largest value of the chart, and whether values are shares.
func (p *plot) most() (most float64, share bool) {
	for _, row := range p.grid.Rows {
		for _, c := range p.chart.Columns {
			f, s := float(row[c])
			most, share = max(most, f), share || s
		}
	}
	return most, share
}

// bars lie one under another, with their values at their ends.
func (p *plot) bars() {
	most, share := p.most()
	if share {
		most = max(1, most)
	}
	left, ends := 0, 0
	for _, row := range p.grid.Rows {
		left = max(left, p.MeasureString(row[p.chart.Label]).Ceil())
		for _, c := range p.chart.Columns {
			ends = max(ends, p.MeasureString(row[c]).Ceil())
		}
	}
	left = min(left, chartWide/3) + 28
	room := float64(chartWide - left - ends - 24)
	y := chartLegal + 10
	p.fill(left-3, y, left, y+len(p.grid.Rows)*(len(p.chart.Columns)*p.bar+12), quiet)
	for _, row := range p.grid.Rows {
		high := len(p.chart.Columns)*p.bar + 12
		p.say(row[p.chart.Label], left-20, y+high/2, true, text)
		for i, c := range p.chart.Columns {
			f, _ := float(row[c])
			long := 0
			if most > 0 {
				long = int(math.Round(max(0, f) / most * room))
			}
			at := y + 6 + i*p.bar
			p.fill(left, at+1, left+long, at+p.bar-1, ink(i))
			p.say(row[c], left+long+12, at+p.bar/2, false, text)
		}
		y += high
	}
}

// lines go from the first row to the last, over whole steps of the scale.
func (p *plot) lines() {
	most, _ := p.most()
	step := nice(most / 5)
	top := max(step, math.Ceil(most/step)*step)
	wide := p.MeasureString(whole(top)).Ceil()
	left, right, high, low := wide+28, chartWide-40, chartLegal+24, p.Rect.Max.Y-84
	at := func(v float64) float64 { return float64(low) - v/top*float64(low-high) }
	for v := 0.0; v <= top+step/2; v += step {
		y := int(math.Round(at(v)))
		p.fill(left, y-1, right, y+1, quiet)
		p.say(whole(v), left-16, y, true, text)
	}
	rows := p.grid.Rows
	x := func(i int) float64 {
		return float64(left) + float64(i)*float64(right-left)/float64(max(1, len(rows)-1))
	}
	every := max(1, (len(rows)+5)/6)
	for i := len(rows) - 1; i >= 0; i -= every { // the last day always has its name
		name := rows[i][p.chart.Label]
		half := p.MeasureString(name).Ceil() / 2
		p.say(name, min(max(int(x(i))-half, 0), chartWide-2*half-8), low+44, false, text)
		p.fill(int(x(i))-1, low, int(x(i))+2, low+12, quiet)
	}
	for s, c := range p.chart.Columns {
		for i := 1; i < len(rows); i++ {
			a, _ := float(rows[i-1][c])
			b, _ := float(rows[i][c])
			p.stroke(x(i-1), at(a), x(i), at(b), ink(s))
		}
	}
}

// stroke is a line 6 pixels thick.
func (p *plot) stroke(x0, y0, x1, y1 float64, c color.Color) {
	long := math.Hypot(x1-x0, y1-y0)
	if long == 0 {
		return
	}
	nx, ny := (y1-y0)/long*3, (x0-x1)/long*3
	// Only the box around the line is drawn: the whole picture for each of some hundred lines takes a second.
	box := image.Rect(int(min(x0, x1))-4, int(min(y0, y1))-4, int(max(x0, x1))+5, int(max(y0, y1))+5).Intersect(p.Rect)
	left, top := float64(box.Min.X), float64(box.Min.Y)
	r := vector.NewRasterizer(box.Dx(), box.Dy())
	r.MoveTo(float32(x0+nx-left), float32(y0+ny-top))
	r.LineTo(float32(x1+nx-left), float32(y1+ny-top))
	r.LineTo(float32(x1-nx-left), float32(y1-ny-top))
	r.LineTo(float32(x0-nx-left), float32(y0-ny-top))
	r.ClosePath()
	r.Draw(p.RGBA, box, image.NewUniform(c), image.Point{})
	p.fill(int(x1)-2, int(y1)-2, int(x1)+3, int(y1)+3, c)
}

// nice is the next of 1, 2, 5, 10, 20 ….
func nice(v float64) float64 {
	if v <= 1 {
		return 1
	}
	ten := math.Pow(10, math.Floor(math.Log10(v)))
	for _, m := range []float64{1, 2, 5} {
		if v <= m*ten {
			return m * ten
		}
	}
	return 10 * ten
}

func whole(v float64) string { return strconv.FormatFloat(v, 'f', 0, 64) }
