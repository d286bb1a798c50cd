package city

import (
	"context"
	"fmt"
	"time"

	"linli.dev/linli/people/place"
	"linli.dev/linli/people/programme"
	"linli.dev/linli/role"
)

// The returns of September 2017: four counties have not brought theirs in as it
// should be by the published day. So that the city's figures of that day are
// whole all the same, nothing of it hangs on these four: what their compounds
// reached by then, an earlier return has said (exact.go).

// handing is how a county handed its return in; a day of 0 never comes.
type handing struct {
	first    place.Day // submitted
	back     place.Day // sent back
	again    place.Day // submitted anew
	approved place.Day
}

var september = place.Date(2017, time.September, 1)

// tardy are those counties, by their place among the divisions: slow ones.
var tardy = map[int]handing{
	3:  {first: published - 2, back: published - 1, again: place.Date(2017, 10, 2), approved: place.Date(2017, 10, 3)},
	4:  {first: place.Date(2017, 10, 3), approved: place.Date(2017, 10, 4)},
	6:  {first: published, approved: place.Date(2017, 9, 29)},
	14: {first: place.Date(2017, 10, 11), approved: place.Date(2017, 10, 12)}, // after the 5th
}

// early moves what a tardy county's September return would say into that of
// August.
func (g *generator) early(x *compound) {
	if _, ok := tardy[x.county]; !ok {
		return
	}
	last := place.Date(2017, time.August, 25) // the last day that August's return speaks of
	first, then := published-1, returned(last)
	built, networked := !x.node && x.built.about != 0 && x.built.known == first, !x.node && x.networked.about != 0 && x.networked.known == first
	if !built && !networked {
		return
	}
	if x.built.about > last-2 {
		x.built = stamp{last - 2, then}
	}
	x.built.known = min(x.built.known, then)
	x.listed = stamp{min(x.listed.about, x.built.about), min(x.listed.known, then)}
	if networked {
		x.networked = stamp{max(min(x.networked.about, last), x.built.about), then}
	}
}

// handIn writes how a return came in.
func (g *generator) handIn(r programme.Return, how handing) {
	say := func(on place.Day, a act) {
		if on != 0 {
			g.on(on).office = append(g.on(on).office, a)
		}
	}
	say(how.first, submit{r})
	say(how.back, sendBack{r, "联网小区与接入平台登记不一致，请核对后重报（演示）"})
	say(how.again, submit{r})
	say(how.approved, approve{r})
}

// sendBack sends a county's return back.
type sendBack struct {
	r    programme.Return
	note string
}

func (a sendBack) play(ctx context.Context, c role.City) error {
	list, err := c.Programme.Returns(ctx, a.r.County)
	if err != nil {
		return err
	}
	for _, r := range list {
		if r.Month == a.r.Month && r.State == programme.Submitted {
			_, err := c.Programme.Decide(ctx, approver, r.ID, false, a.note)
			return err
		}
	}
	return fmt.Errorf("no return of %s for %s", a.r.County, a.r.Month)
}

func (a sendBack) tell(*Memory, time.Time) {}
