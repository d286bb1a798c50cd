package city

import (
	"context"
	"time"

	"linli.dev/linli/people/indicator"
	"linli.dev/linli/people/place"
	"linli.dev/linli/role"
)

// aims is an indicator with the targets that were set for it.
type aims struct {
	indicator indicator.Indicator
	targets   []indicator.Target
}

func (a aims) play(ctx context.Context, c role.City) error {
	if _, err := c.Indicator.Set(ctx, approver, 0, a.indicator); err != nil {
		return err
	}
	for _, t := range a.targets {
		if _, err := c.Indicator.Aim(ctx, approver, a.indicator.ID, t); err != nil {
			return err
		}
	}
	return nil
}

func (a aims) tell(*Memory, time.Time) {}

// indicators writes what the city office wants of itself and of its counties.
// The deadlines behind the targets are the mission's; the targets are invented.
func (g *generator) indicators() {
	const share, money = "%", "万元"
	end := place.Date(2017, time.September, 30)
	at := func(value float64, date place.Day, places ...place.ID) (out []indicator.Target) {
		for _, p := range places {
			out = append(out, indicator.Target{Place: p, Date: date, Value: value})
		}
		return out
	}
	var counties []place.ID
	for _, c := range g.counties {
		counties = append(counties, c.id)
	}
	join := func(lists ...[]indicator.Target) (out []indicator.Target) {
		for _, l := range lists {
			out = append(out, l...)
		}
		return out
	}
	list := []aims{
		{
			indicator.Indicator{ID: "built-rate", Name: "视频监控建成率", Formula: "built / compounds * 100", Period: indicator.State, Direction: "up", Unit: share},
			join(at(60, end, g.city), at(75, november, g.city), at(100, june, g.city), at(60, end, counties...), at(100, june, counties...)),
		},
		{
			indicator.Indicator{ID: "networked-rate", Name: "视频联网率", Formula: "networked / compounds * 100", Period: indicator.State, Direction: "up", Unit: share},
			join(at(40, end, g.city), at(60, november, g.city), at(100, june, g.city), at(40, end, counties...), at(100, june, counties...)),
		},
		{
			indicator.Indicator{ID: "seen-share", Name: "已联网小区中由系统看见的比例", Formula: "(networked - networked_by_return) / networked * 100", Period: indicator.State, Direction: "up", Unit: share},
			at(50, june, g.city),
		},
		{
			indicator.Indicator{ID: "networked-month", Name: "近一月新增联网小区", Formula: "networked", Period: indicator.Month, Direction: "up", Unit: "个"},
			at(200, end, g.city),
		},
		{
			indicator.Indicator{ID: "funds-rate", Name: "帮扶资金到位率", Formula: "received_fen / pledged_fen * 100", Period: indicator.State, Direction: "up", Unit: share},
			join(at(65, end, g.city), at(100, october, g.city), at(100, october, counties...)),
		},
		{
			indicator.Indicator{ID: "funds-month", Name: "近一月到位帮扶资金", Formula: "received_fen / 1000000", Period: indicator.Month, Direction: "up", Unit: money},
			nil,
		},
		{
			indicator.Indicator{ID: "in-time-rate", Name: "已完成时限任务中按期完成的比例", Formula: "done_in_time / done * 100", Period: indicator.State, Direction: "up", Unit: share},
			at(95, june, g.city),
		},
		{
			indicator.Indicator{ID: "behind", Name: "滞后和逾期的时限任务", Formula: "behind + overdue", Period: indicator.State, Direction: "down", Unit: "项"},
			at(0, june, g.city),
		},
	}
	for _, a := range list {
		on := g.on(place.Date(2017, time.September, 1))
		on.office = append(on.office, a)
	}
}
