package city

import (
	"context"
	"fmt"
	"time"

	"linli.dev/linli/people/pairing"
	"linli.dev/linli/role"
)

// attach puts a drawing beside an entry of help money.
type attach struct {
	entry pairing.EntryID
	kind  pairing.FileKind
	name  string
	what  picture
	seed  uint64
}

func (a attach) play(ctx context.Context, c role.City) error {
	_, err := c.Pairing.Attach(ctx, clerk, a.entry, a.kind, a.name, drawn(a.what, a.seed, a.kind == pairing.After))
	return err
}

func (a attach) tell(*Memory, time.Time) {}

// How many spends have files: those of the unit that signs in more than others.
const (
	mostShown  = 12 // spends of the unit that signs in: voucher, before, after
	othersShow = 1  // spends of each other unit: the voucher
)

// show says which files a spend has.
func (g *generator) show(p pairing.Pairing, e pairing.Entry) {
	first := p.Unit == g.units[0].ID
	n := g.purse.shown[p.Unit]
	if e.About > published || first && n >= mostShown || !first && n >= othersShow {
		return
	}
	g.purse.shown[p.Unit]++
	d := g.on(e.About)
	add := func(kind pairing.FileKind, name string, what picture) {
		d.office = append(d.office, attach{e.ID, kind, name, what, g.purse.made})
	}
	add(pairing.Voucher, fmt.Sprintf("收据 %s.jpg", e.Voucher), receipt)
	if first {
		add(pairing.Before, "帮扶前（演示绘图）.jpg", picture(e.Became))
		add(pairing.After, "帮扶后（演示绘图）.jpg", picture(e.Became))
	}
}
