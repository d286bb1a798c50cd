// Command draw draws the demo's scenes: a quiet compound in autumn, without people. regenerate.sh hands its frames to FFmpeg.
//
// The light of a scene is reckoned once, by following rays; each frame then only moves what the wind and the clock
// move, so that the last frame passes into the first.
package main

import (
	"bufio"
	"flag"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
)

func main() {
	name := flag.String("scene", "gate", "gate, road, parking or yard")
	width := flag.Int("width", 1280, "of the picture; the height is 9/16 of it")
	rays := flag.Int("rays", 64, "per pixel")
	frames := flag.Int("frames", 500, "of the clip")
	still := flag.String("still", "", "write one frame to this PNG file instead of raw frames to stdout")
	at := flag.Float64("at", .2, "with -still: the time of the frame, 0 to 1")
	flag.Parse()
	if err := run(*name, *width, *rays, *frames, *still, *at); err != nil {
		fmt.Fprintln(os.Stderr, "draw:", err)
		os.Exit(1)
	}
}

func run(name string, width, rays, frames int, still string, at float64) error {
	build, ok := map[string]func() *scene{"gate": gate, "road": road, "parking": parking, "yard": yard}[name]
	if !ok {
		return fmt.Errorf("no scene %q", name)
	}
	height := width * 9 / 16
	l := build().prepare(width, height)
	c := newCanvas(l, l.render(width, height, rays))
	if still != "" {
		return writePNG(still, c.draw(at), width, height)
	}
	out := bufio.NewWriterSize(os.Stdout, 1<<20)
	for f := range frames {
		if _, err := out.Write(c.draw(float64(f) / float64(frames))); err != nil {
			return err
		}
	}
	return out.Flush()
}

func writePNG(path string, pix []byte, w, h int) error {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for i := range w * h {
		img.SetRGBA(i%w, i/w, color.RGBA{pix[3*i], pix[3*i+1], pix[3*i+2], 255})
	}
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	if err := png.Encode(f, img); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}
