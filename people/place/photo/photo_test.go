package photo_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"testing"

	"linli.dev/linli/people/place/photo"
)

// picture is red on its left half and blue on its right.
func picture(w, h int) image.Image {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			c := color.RGBA{200, 0, 0, 255}
			if x >= w/2 {
				c = color.RGBA{0, 0, 200, 255}
			}
			img.SetRGBA(x, y, c)
		}
	}
	return img
}

// withPlace is a JPEG of a phone: EXIF with a way of holding it, a maker and a position.
func withPlace(t *testing.T, img image.Image, orientation uint16) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, nil); err != nil {
		t.Fatal(err)
	}
	var exif bytes.Buffer
	exif.WriteString("Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x02")
	for _, e := range [][4]uint32{{0x0112, 3, 1, uint32(orientation) << 16}, {0x8825, 4, 1, 38}} {
		_ = binary.Write(&exif, binary.BigEndian, uint16(e[0]))
		_ = binary.Write(&exif, binary.BigEndian, uint16(e[1]))
		_ = binary.Write(&exif, binary.BigEndian, e[2:])
	}
	exif.WriteString("GPS 35.0518N 118.3425E ACME Phone")
	out := append([]byte{}, b.Bytes()[:2]...)
	out = append(out, 0xff, 0xe1, byte((exif.Len()+2)>>8), byte(exif.Len()+2))
	out = append(append(out, exif.Bytes()...), b.Bytes()[2:]...)
	return out
}

func TestNothingButThePictureStays(t *testing.T) {
	file := withPlace(t, picture(400, 200), 6)
	got, err := photo.Take(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"Exif", "GPS", "35.0518", "ACME"} {
		if !bytes.Contains(file, []byte(secret)) {
			t.Fatalf("the test's own file has no %s", secret)
		}
		if bytes.Contains(got.Bytes, []byte(secret)) {
			t.Errorf("%s is still in it", secret)
		}
	}
	sum := sha256.Sum256(got.Bytes)
	if got.Hash != hex.EncodeToString(sum[:]) {
		t.Error("the hash is not that of the bytes")
	}
	// Held upright: the left half is the upper one now.
	img, err := jpeg.Decode(bytes.NewReader(got.Bytes))
	if err != nil {
		t.Fatal(err)
	}
	if b := img.Bounds(); b.Dx() != 200 || b.Dy() != 400 || got.Width != 200 || got.Height != 400 {
		t.Fatal(b)
	}
	if r, _, b, _ := img.At(100, 50).RGBA(); r < 0x9000 || b > 0x4000 {
		t.Errorf("above: red %x blue %x", r, b)
	}
	if r, _, b, _ := img.At(100, 350).RGBA(); b < 0x9000 || r > 0x4000 {
		t.Errorf("below: red %x blue %x", r, b)
	}
	again, err := photo.Take(file)
	if err != nil || again.Hash != got.Hash {
		t.Error("the same file twice is the same photo", err)
	}
}

func TestEachWayOfHolding(t *testing.T) {
	// Where the red half comes to lie: left, right, above or below.
	for how, want := range map[uint16]string{0: "left", 1: "left", 2: "right", 3: "right", 4: "left", 5: "above", 6: "above", 7: "below", 8: "below", 9: "left"} {
		got, err := photo.Take(withPlace(t, picture(64, 32), how))
		if err != nil {
			t.Fatal(err)
		}
		img, _ := jpeg.Decode(bytes.NewReader(got.Bytes))
		b := img.Bounds()
		red := func(x, y int) bool { r, _, bl, _ := img.At(x, y).RGBA(); return r > bl }
		at := map[string]bool{"left": red(3, b.Dy()/2), "right": red(b.Dx()-4, b.Dy()/2), "above": red(b.Dx()/2, 3), "below": red(b.Dx()/2, b.Dy()-4)}
		if !at[want] || (want == "left" && at["right"]) || (want == "right" && at["left"]) || (want == "above" && at["below"]) || (want == "below" && at["above"]) {
			t.Errorf("orientation %d: %v, want %s", how, at, want)
		}
	}
}

func TestLimits(t *testing.T) {
	if got, err := photo.Take(withPlace(t, picture(3000, 1500), 1)); err != nil || got.Width != 2048 || got.Height != 1024 {
		t.Error(got.Width, got.Height, err)
	}
	var p bytes.Buffer
	_ = png.Encode(&p, picture(10, 10))
	if got, err := photo.Take(p.Bytes()); err != nil || got.Width != 10 || !bytes.HasPrefix(got.Bytes, []byte{0xff, 0xd8}) {
		t.Error("a PNG becomes a JPEG:", err)
	}
	// A PNG that says it is 60,000 by 60,000: refused before memory is taken.
	bomb := append([]byte{}, p.Bytes()...)
	binary.BigEndian.PutUint32(bomb[16:], 60_000)
	binary.BigEndian.PutUint32(bomb[20:], 60_000)
	binary.BigEndian.PutUint32(bomb[29:], crc32.ChecksumIEEE(bomb[12:29]))
	for _, c := range []struct {
		file []byte
		want error
	}{
		{[]byte("<svg onload=alert(1)>"), photo.ErrKind},
		{[]byte("GIF89a....."), photo.ErrKind},
		{nil, photo.ErrKind},
		{append([]byte{0xff, 0xd8, 0xff}, make([]byte, 100)...), photo.ErrBroken},
		{make([]byte, photo.MaxBytes+1), photo.ErrTooLarge},
		{bomb, photo.ErrTooLarge},
	} {
		if _, err := photo.Take(c.file); !errors.Is(err, c.want) {
			t.Errorf("%.10q: %v, want %v", c.file, err, c.want)
		}
	}
}
