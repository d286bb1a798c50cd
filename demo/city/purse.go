package city

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/oklog/ulid/v2"

	"linli.dev/linli/people/pairing"
	"linli.dev/linli/people/place"
)

// purse draws what becomes of help money. It has a die of its own, so that the
// rest of the story does not depend on how often it is thrown.
type purse struct {
	rand *rand.Rand
	made uint64

	shown map[pairing.UnitID]int // spends with files
}

func newPurse(seed uint64) *purse {
	return &purse{rand: rand.New(rand.NewPCG(seed, 0x7075727365)), shown: map[pairing.UnitID]int{}}
}

func (p *purse) id() pairing.EntryID {
	var u ulid.ULID
	_ = u.SetTime(uint64(time.Date(2017, 4, 6, 0, 0, 0, 0, time.UTC).UnixMilli()) + p.made)
	p.made++
	for i := 6; i < len(u); i++ {
		u[i] = byte(p.rand.Uint32())
	}
	return pairing.EntryID(u.String())
}

// bought is what help money became in the story, and roughly what one costs in
// yuan.
var bought = []struct {
	sort place.Sort
	cost int
	note string
}{
	{"gate", 2600, "更换小区大门"},
	{"fence", 3100, "修缮围墙围栏"},
	{"light", 420, "增设路灯"},
	{"camera", 690, "增设视频监控探头"},
	{"access-control", 880, "安装单元门禁"},
	{"door", 750, "更换单元门"},
	{"fire-lane", 1200, "清理施划消防通道"},
}

// due is the last day of a pledge: those who were paired early promised the
// money for the summer, all others for the end of October.
func due(marked place.Day) place.Day {
	if marked < place.Date(2017, time.June, 20) {
		return place.Date(2017, time.August, 31)
	}
	return max(marked, october)
}

// spend lays a receipt out, some weeks later, and has most of it made public.
func (g *generator) spend(p pairing.Pairing, fen int64, on place.Day) {
	r := g.purse.rand
	rest := fen
	for range 1 + r.IntN(2) {
		what := bought[r.IntN(len(bought))]
		n := 1 + r.IntN(max(1, int(rest/100)/what.cost))
		// A price has its odd fen, and the last of it is seldom spent.
		cost := int64(n*what.cost*(88+r.IntN(24))) + int64(r.IntN(100))
		if cost > rest || rest <= 0 {
			return
		}
		rest -= cost
		day := on + 6 + place.Day(r.IntN(34))
		e := pairing.Entry{
			ID: g.purse.id(), Pairing: p.ID, Compound: p.Compound, Kind: pairing.Spend, Fen: cost, Moment: about(day), Became: what.sort, Number: n,
			Voucher: fmt.Sprintf("演示-%05d", g.purse.made), Note: what.note + "（演示）",
		}
		if day > Last {
			return
		}
		g.on(day).money = append(g.on(day).money, e)
		g.show(p, e)
		public := day + 3 + place.Day(r.IntN(18))
		if r.IntN(8) == 0 || public > Last {
			continue
		}
		g.on(public).money = append(g.on(public).money, pairing.Entry{
			ID: g.purse.id(), Pairing: p.ID, Compound: p.Compound, Kind: pairing.Disclosure, Of: e.ID, Fen: cost, Moment: about(public), Note: "小区公示栏（演示）",
		})
	}
}
