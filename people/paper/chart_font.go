package paper

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"io"
	"sync"

	"golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
)

//go:embed font/NotoSansSC-GB2312.ttf.gz
var packedFont []byte

// labels reads the font of charts once, when the first chart is drawn: most
// processes never draw one.
var labels = sync.OnceValues(func() (*opentype.Font, error) {
	z, err := gzip.NewReader(bytes.NewReader(packedFont))
	if err != nil {
		return nil, err
	}
	b, err := io.ReadAll(z)
	if err != nil {
		return nil, err
	}
	return opentype.Parse(b)
})

// Face is the font in a size in pixels.
func Face(pixels float64) (font.Face, error) {
	f, err := labels()
	if err != nil {
		return nil, err
	}
	return opentype.NewFace(f, &opentype.FaceOptions{Size: pixels, DPI: 72, Hinting: font.HintingNone})
}
