package city

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"math"
	"math/rand/v2"

	"golang.org/x/image/font"
	"golang.org/x/image/math/fixed"
	"golang.org/x/image/vector"

	"linli.dev/linli/people/paper"
)

// The story's photos are flat drawings, made here: no people, no windows of
// homes, and each says on itself that it is no photo.
const (
	wide = 480
	high = 320
)

// canvas is one drawing. Its die moves things a little, so that no two of them
// are the same.
type canvas struct {
	*image.RGBA
	rand *rand.Rand
}

func newCanvas(seed uint64) *canvas {
	return &canvas{image.NewRGBA(image.Rect(0, 0, wide, high)), rand.New(rand.NewPCG(seed, 0x70686f746f))}
}

func rgb(hex uint32) color.RGBA {
	return color.RGBA{uint8(hex >> 16), uint8(hex >> 8), uint8(hex), 0xff}
}

// rect fills from a corner to another.
func (c *canvas) rect(x0, y0, x1, y1 int, hex uint32) {
	draw.Draw(c.RGBA, image.Rect(x0, y0, x1, y1), image.NewUniform(rgb(hex)), image.Point{}, draw.Src)
}

// shade fills with a colour that goes over into another from above to below.
func (c *canvas) shade(x0, y0, x1, y1 int, above, below uint32) {
	a, b := rgb(above), rgb(below)
	mix := func(x, y uint8, k float64) uint8 { return uint8(float64(x)*(1-k) + float64(y)*k) }
	for y := y0; y < y1; y++ {
		k := float64(y-y0) / float64(max(1, y1-y0-1))
		line := color.RGBA{mix(a.R, b.R, k), mix(a.G, b.G, k), mix(a.B, b.B, k), 0xff}
		draw.Draw(c.RGBA, image.Rect(x0, y, x1, y+1), image.NewUniform(line), image.Point{}, draw.Src)
	}
}

// poly fills a polygon: x, y, x, y ….
func (c *canvas) poly(hex uint32, at ...float32) {
	r := vector.NewRasterizer(wide, high)
	r.MoveTo(at[0], at[1])
	for i := 2; i < len(at); i += 2 {
		r.LineTo(at[i], at[i+1])
	}
	r.ClosePath()
	r.Draw(c.RGBA, c.Rect, image.NewUniform(rgb(hex)), image.Point{})
}

// disc is a filled circle; alpha of 255 covers what is behind.
func (c *canvas) disc(x, y, radius float64, hex uint32, alpha uint8) {
	r := vector.NewRasterizer(wide, high)
	const corners = 40
	for i := range corners {
		a := 2 * math.Pi * float64(i) / corners
		px, py := float32(x+radius*math.Cos(a)), float32(y+radius*math.Sin(a))
		if i == 0 {
			r.MoveTo(px, py)
		} else {
			r.LineTo(px, py)
		}
	}
	r.ClosePath()
	full := rgb(hex)
	r.Draw(c.RGBA, c.Rect, image.NewUniform(color.NRGBA{full.R, full.G, full.B, alpha}), image.Point{})
}

// say writes a text with its middle at x and its foot at y.
func (c *canvas) say(s string, x, y int, pixels float64, hex uint32) {
	face, err := paper.Face(pixels)
	if err != nil {
		panic(err) // the font is part of this program
	}
	d := font.Drawer{Dst: c.RGBA, Src: image.NewUniform(rgb(hex)), Face: face}
	d.Dot = fixed.P(x-d.MeasureString(s).Round()/2, y)
	d.DrawString(s)
}

// jpeg is the drawing as a file, with its mark.
func (c *canvas) jpeg() []byte {
	c.rect(wide-118, high-24, wide, high, 0x20262d)
	c.say("演示绘图 DEMO", wide-59, high-7, 14, 0xffffff)
	var out bytes.Buffer
	_ = jpeg.Encode(&out, c.RGBA, &jpeg.Options{Quality: 80}) // into memory
	return out.Bytes()
}
