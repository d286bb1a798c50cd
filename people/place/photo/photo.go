// Package photo takes photos in: it checks them and writes them anew, without what cameras and phones put beside the picture.
package photo

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	_ "image/png" // read, and written as JPEG
	"net/http"
)

// MaxBytes is the largest file that is taken.
const MaxBytes = 10 << 20

const (
	mostPixels = 50_000_000
	longSide   = 2048 // pixels that are kept
	quality    = 85
)

// What can be wrong with a file.
var (
	ErrTooLarge = errors.New("photo: too large")
	ErrKind     = errors.New("photo: neither JPEG nor PNG")
	ErrBroken   = errors.New("photo: it cannot be read")
)

// Photo is a photo that was written anew.
type Photo struct {
	Hash          string // SHA-256 of Bytes, in hex
	Bytes         []byte // JPEG
	Width, Height int
}

// Take reads a JPEG or PNG and writes it anew: upright, at most 2048 pixels on
// its long side, nothing but the picture. Position, time, maker and thumbnail
// stay behind.
func Take(file []byte) (Photo, error) {
	if len(file) > MaxBytes {
		return Photo{}, ErrTooLarge
	}
	if kind := http.DetectContentType(file); kind != "image/jpeg" && kind != "image/png" {
		return Photo{}, ErrKind
	}
	head, _, err := image.DecodeConfig(bytes.NewReader(file))
	if err != nil {
		return Photo{}, ErrBroken
	}
	if head.Width <= 0 || head.Height <= 0 || head.Width > mostPixels/head.Height { // before memory is taken for it
		return Photo{}, ErrTooLarge
	}
	img, _, err := image.Decode(bytes.NewReader(file))
	if err != nil {
		return Photo{}, ErrBroken
	}
	upright := turn(shrink(img), orientation(file))
	var out bytes.Buffer
	if err := jpeg.Encode(&out, upright, &jpeg.Options{Quality: quality}); err != nil {
		return Photo{}, err
	}
	sum := sha256.Sum256(out.Bytes())
	return Photo{hex.EncodeToString(sum[:]), out.Bytes(), upright.Bounds().Dx(), upright.Bounds().Dy()}, nil
}

// shrink averages the pixels that fall into one.
func shrink(img image.Image) *image.RGBA {
	b := img.Bounds()
	w, h := b.Dx(), b.Dy()
	if long := max(w, h); long > longSide {
		w, h = max(1, w*longSide/long), max(1, h*longSide/long)
	}
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		y0, y1 := b.Min.Y+y*b.Dy()/h, b.Min.Y+(y+1)*b.Dy()/h
		for x := range w {
			x0, x1 := b.Min.X+x*b.Dx()/w, b.Min.X+(x+1)*b.Dx()/w
			var r, g, bl, n uint64
			for sy := y0; sy < max(y1, y0+1); sy++ {
				for sx := x0; sx < max(x1, x0+1); sx++ {
					cr, cg, cb, ca := img.At(sx, sy).RGBA()
					white := uint64(0xffff - ca) // what is transparent stands on white paper
					r, g, bl, n = r+uint64(cr)+white, g+uint64(cg)+white, bl+uint64(cb)+white, n+1
				}
			}
			out.SetRGBA(x, y, color.RGBA{uint8(r / n >> 8), uint8(g / n >> 8), uint8(bl / n >> 8), 255})
		}
	}
	return out
}

// turn puts a picture upright by its EXIF orientation, 1 to 8.
func turn(img *image.RGBA, how int) *image.RGBA {
	if how < 2 || how > 8 {
		return img
	}
	w, h := img.Bounds().Dx(), img.Bounds().Dy()
	ow, oh := w, h
	if how >= 5 {
		ow, oh = h, w
	}
	out := image.NewRGBA(image.Rect(0, 0, ow, oh))
	for y := range h {
		for x := range w {
			var tx, ty int
			switch how {
			case 2:
				tx, ty = w-1-x, y
			case 3:
				tx, ty = w-1-x, h-1-y
			case 4:
				tx, ty = x, h-1-y
			case 5:
				tx, ty = y, x
			case 6:
				tx, ty = h-1-y, x
			case 7:
				tx, ty = h-1-y, w-1-x
			case 8:
				tx, ty = y, w-1-x
			}
			out.SetRGBA(tx, ty, img.RGBAAt(x, y))
		}
	}
	return out
}

// orientation reads the one thing of a JPEG's EXIF that is needed: how the
// camera was held (TIFF tag 0x0112). 1 where nothing is said.
func orientation(file []byte) int {
	for at := 2; at+4 <= len(file) && file[at] == 0xff; {
		marker, size := file[at+1], int(binary.BigEndian.Uint16(file[at+2:]))
		if marker == 0xda || size < 2 || at+2+size > len(file) {
			return 1
		}
		body := file[at+4 : at+2+size]
		if marker == 0xe1 && bytes.HasPrefix(body, []byte("Exif\x00\x00")) {
			return tiff(body[6:])
		}
		at += 2 + size
	}
	return 1
}

func tiff(b []byte) int {
	if len(b) < 8 {
		return 1
	}
	var order binary.ByteOrder = binary.LittleEndian
	if b[0] == 'M' {
		order = binary.BigEndian
	}
	at := int64(order.Uint32(b[4:]))
	if at+2 > int64(len(b)) {
		return 1
	}
	n := int64(order.Uint16(b[at:]))
	for i := range n {
		entry := at + 2 + 12*i
		if entry+12 > int64(len(b)) {
			return 1
		}
		if order.Uint16(b[entry:]) == 0x0112 {
			return int(order.Uint16(b[entry+8:]))
		}
	}
	return 1
}
