package city

import (
	"fmt"

	"linli.dev/linli/people/place"
)

// picture names a drawing.
type picture string

// The drawings. Those of protection come in two: before and after.
const (
	banner  picture = "banner"
	board   picture = "board"
	leaflet picture = "leaflet"
	meeting picture = "meeting"
	night   picture = "night"
	court   picture = "court"
	receipt picture = "receipt"
)

// drawn draws one; after is what help money has made of a thing.
func drawn(p picture, seed uint64, after bool) []byte {
	c := newCanvas(seed)
	switch p {
	case banner:
		c.street(0xcfe0ee, 0xeef3f5)
		c.gate(true)
		c.rect(60, 92, 420, 132, 0xb5202a)
		c.say("平安小区创建  宣传月", wide/2, 121, 24, 0xffe9b0)
	case board:
		c.board()
	case leaflet:
		c.leaflets()
	case meeting:
		c.meeting()
	case night:
		c.night()
	case court:
		c.court()
	case receipt:
		c.receipt(seed)
	default:
		c.protection(place.Sort(p), after)
	}
	return c.jpeg()
}

// street is the sky, blocks without windows, and the road in front of them.
func (c *canvas) street(above, below uint32) {
	c.shade(0, 0, wide, 210, above, below)
	x := -20 - c.rand.IntN(30)
	for x < wide {
		w, top := 90+c.rand.IntN(50), 40+c.rand.IntN(40)
		c.shade(x, top, x+w, 214, 0xd9cfc0, 0xc7bba9)
		for y := top + 22; y < 205; y += 26 {
			c.rect(x, y, x+w, y+2, 0xb8ab98)
		}
		x += w + 14 + c.rand.IntN(20)
	}
	c.shade(0, 208, wide, 236, 0x9db07c, 0x87a06a)
	c.shade(0, 236, wide, high, 0x8b8f93, 0x6f7377)
}

func (c *canvas) gate(sound bool) {
	for _, x := range []int{44, 404} {
		c.rect(x, 84, x+32, 250, 0xb08d6a)
		c.rect(x-4, 78, x+36, 88, 0x8d6f51)
	}
	for i := range 18 {
		x := 84 + i*18
		if !sound && i > 5 && i < 11 {
			continue
		}
		c.rect(x, 158, x+5, 250, 0x3d4650)
	}
	c.rect(80, 166, 404, 172, 0x3d4650)
	if sound {
		c.rect(80, 240, 404, 246, 0x3d4650)
	} else {
		c.poly(0x6b4a32, 180, 250, 296, 208, 300, 216, 186, 258)
	}
}

func (c *canvas) board() {
	c.street(0xd7e3ea, 0xf1f3ef)
	c.rect(70, 60, 410, 236, 0x5c4a3a)
	c.rect(80, 70, 400, 226, 0xe9e3d6)
	c.rect(96, 232, 110, 284, 0x5c4a3a)
	c.rect(370, 232, 384, 284, 0x5c4a3a)
	c.say("公 告 栏", wide/2, 96, 20, 0x7c2b25)
	for i, hex := range []uint32{0xb5202a, 0x2d6aa3, 0x4d8c57} {
		x := 96 + i*102
		c.rect(x, 106, x+88, 216, 0xffffff)
		c.rect(x, 106, x+88, 128, hex)
		for y := 138; y < 210; y += 10 {
			c.rect(x+8, y, x+40+c.rand.IntN(40), y+4, 0xb9bec4)
		}
	}
}

func (c *canvas) leaflets() {
	c.street(0xcfe0ee, 0xeef3f5)
	c.gate(true)
	c.poly(0x9c3a32, 90, 196, 390, 196, 430, 250, 50, 250)
	c.rect(50, 250, 430, 296, 0x86302a)
	for i := range 7 {
		x := float32(104 + i*40)
		y := float32(206 + c.rand.IntN(18))
		for n := range 3 {
			d := float32(n * 3)
			c.poly([]uint32{0xffffff, 0xf3efe2, 0xffffff}[n], x, y-d, x+28, y-d-4, x+31, y-d+14, x+3, y-d+18)
		}
	}
	c.say("创建宣传点", wide/2, 282, 20, 0xffe9b0)
}

func (c *canvas) meeting() {
	c.shade(0, 0, wide, 220, 0xe7e5df, 0xd8d4ca)
	c.shade(0, 220, wide, high, 0xa98b6a, 0x8d7154)
	c.rect(120, 24, 360, 164, 0x2c3640)
	c.rect(128, 32, 352, 156, 0xf7f9fa)
	c.say("联网进度", 240, 56, 16, 0x2c3640)
	for i := range 8 {
		h := 20 + c.rand.IntN(60)
		c.rect(148+i*25, 148-h, 164+i*25, 148, 0x2d6aa3)
	}
	c.poly(0x6e4f35, 90, 214, 390, 214, 450, 292, 30, 292)
	for i := range 6 { // empty chairs
		x := 66 + i*62
		c.rect(x, 262, x+40, 310, 0x39434d)
		c.rect(x+4, 266, x+36, 290, 0x4d5964)
	}
	for i := range 5 {
		x := float32(120 + i*52)
		c.poly(0xffffff, x, 226, x+30, 226, x+34, 240, x-2, 240)
	}
}

func (c *canvas) night() {
	c.shade(0, 0, wide, 220, 0x131a2b, 0x26304a)
	for x := 0; x < wide; x += 120 {
		c.rect(x, 70+c.rand.IntN(30), x+96, 220, 0x1d2437)
	}
	c.shade(0, 216, wide, high, 0x34383f, 0x23262b)
	for i := range 4 {
		x := 60 + i*120
		c.lamp(x, true)
		c.poly(0x4a4a42, float32(x), 240, float32(x+60), 300, float32(x-60), 300)
	}
	for i := range 5 {
		x := float32(30 + i*100)
		c.poly(0xd9d9cf, x, 300, x+40, 300, x+36, 306, x-4, 306)
	}
}

func (c *canvas) lamp(x int, lit bool) {
	c.rect(x-3, 96, x+3, 244, 0x59626c)
	c.rect(x-3, 92, x+30, 97, 0x59626c)
	if lit {
		c.disc(float64(x+28), 104, 46, 0xffe7a6, 60)
		c.disc(float64(x+28), 104, 22, 0xfff3cf, 150)
		c.disc(float64(x+28), 102, 8, 0xfffbee, 255)
		return
	}
	c.disc(float64(x+28), 102, 8, 0x4c535a, 255)
}

func (c *canvas) court() {
	c.street(0xbfd8ec, 0xe9f0f3)
	c.poly(0xc9bda6, 0, 320, 120, 236, 380, 236, 480, 320)
	for i := range 6 {
		x := float64(40 + i*82 + c.rand.IntN(16))
		c.rect(int(x)-3, 170, int(x)+3, 232, 0x6b5237)
		c.disc(x, 160, 26, 0x6f9454, 255)
		c.disc(x+12, 148, 18, 0x82a863, 255)
	}
	c.camera(true)
}

func (c *canvas) camera(there bool) {
	c.rect(372, 70, 378, 262, 0x59626c)
	if !there {
		return
	}
	c.rect(330, 74, 376, 80, 0x59626c)
	c.rect(312, 82, 356, 102, 0xf2f4f5)
	c.disc(312, 92, 9, 0x1c2228, 255)
	c.rect(384, 150, 444, 206, 0xffffff)
	c.rect(384, 150, 444, 164, 0x2d6aa3)
	c.say("视频监控", 414, 186, 12, 0x2c3640)
	c.say("公共区域", 414, 201, 12, 0x2c3640)
}

// protection is a thing before help money came, or after.
func (c *canvas) protection(sort place.Sort, after bool) {
	if sort == "light" {
		c.shade(0, 0, wide, 220, 0x1a2236, 0x2b3650)
		c.shade(0, 216, wide, high, 0x34383f, 0x23262b)
		for i := range 3 {
			c.lamp(90+i*140, after)
		}
		return
	}
	c.street(0xcfe0ee, 0xeef3f5)
	switch sort {
	case "fence":
		for i := range 24 {
			x := 6 + i*20
			if !after && i > 9 && i < 15 {
				continue
			}
			c.rect(x, 150, x+6, 252, 0x4f6f58)
			c.poly(0x4f6f58, float32(x), 150, float32(x+3), 140, float32(x+6), 150)
		}
		if after {
			c.rect(0, 168, wide, 174, 0x4f6f58)
			c.rect(0, 232, wide, 238, 0x4f6f58)
		}
	case "camera", "alarm", "intercom":
		c.camera(after)
	case "access-control", "door":
		c.rect(150, 70, 330, 290, 0xb8a88f)
		c.rect(170, 90, 310, 290, map[bool]uint32{true: 0x3c5a78, false: 0x7b5f45}[after])
		if !after {
			c.poly(0x2a2a2a, 240, 90, 310, 104, 310, 290, 240, 290)
			return
		}
		c.rect(238, 90, 242, 290, 0x2a4058)
		c.rect(338, 160, 366, 204, 0x2c3640)
		for i := range 9 {
			c.rect(342+i%3*8, 166+i/3*10, 348+i%3*8, 173+i/3*10, 0xcfd6dc)
		}
	case "fire-lane":
		c.poly(0x7a7e82, 120, 236, 360, 236, 480, 320, 0, 320)
		if !after {
			for range 5 {
				x := 140 + c.rand.IntN(180)
				c.rect(x, 226, x+40, 268, 0x9c7a52)
				c.rect(x, 240, x+40, 243, 0x7d6142)
			}
			return
		}
		for i := range 8 {
			x := float32(20 + i*56)
			c.poly(0xe3b52f, x, 316, x+40, 244, x+48, 244, x+10, 316)
		}
		c.say("消防通道 禁止占用", wide/2, 300, 22, 0xffffff)
	default:
		c.gate(after)
	}
}

// receipt is a paper with a seal; it is money of the story.
func (c *canvas) receipt(n uint64) {
	c.rect(0, 0, wide, high, 0xcbc6bb)
	c.rect(40, 20, 440, 300, 0xfdfcf7)
	c.say("收  据（演示）", wide/2, 62, 26, 0x8a2a24)
	c.say(fmt.Sprintf("编号 演示-%05d", n%100_000), 350, 88, 14, 0x444444)
	for i, s := range []string{"项目", "数量", "金额", "经手"} {
		y := 120 + i*38
		c.say(s, 84, y, 15, 0x444444)
		c.rect(116, y+4, 410, y+5, 0x999999)
		c.rect(124, y-10, 180+c.rand.IntN(150), y-3, 0xd5d5d5)
	}
	c.disc(360, 232, 40, 0xc03028, 70)
	c.disc(360, 232, 34, 0xfdfcf7, 255)
	c.say("演示", 360, 240, 20, 0xc03028)
}
