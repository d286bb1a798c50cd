package place

import "slices"

// The cameras of a compound are its channels, where any are listed: their number is typed once, as channels, and derived wherever
// protection is counted. A number of cameras that was typed before is kept, and speaks again if no channel is left.

const cameras Sort = "camera"

// WithChannels are the counts of a compound as they hold for a question, and on one day before it: with its channels for the number of
// its cameras, where channels are listed.
func WithChannels(q AsOf, since Day, counts []Count, steps []ChannelStep) []Count {
	if len(steps) == 0 {
		return counts
	}
	typed := OfSort(counts, cameras)
	out := slices.Clone(counts)
	for _, day := range []Day{min(since, q.Day), q.Day} {
		on := AsOf{day, q.Known}
		c := Count{Compound: steps[0].Compound, Sort: cameras, Number: Unsaid}
		if i := Picks(on, typed, (*Count).moment); i >= 0 {
			c = typed[i]
		}
		if n := Channels(on, steps).Installed; n > 0 {
			c.Number = n
		}
		c.Moment = Moment{day, q.Known}
		out = append(out, c)
	}
	return out
}

// ByChannels reports whether the number of cameras of a compound is that of its channels on a day, and which it is.
func ByChannels(q AsOf, steps []ChannelStep) (n int, derived bool) {
	n = Channels(q, steps).Installed
	return n, n > 0
}

// CoverWith is Cover with the channels of a compound for the number of its cameras, where channels are listed: for those of its
// buildings too, of which then only counts which buildings have one.
func CoverWith(counts []Count, steps []ChannelStep) []CoverageChange {
	if len(steps) == 0 {
		return Cover(counts)
	}
	typed := map[ID][]Count{}
	var others []Count
	for _, c := range counts {
		if c.Sort == cameras {
			typed[c.Building] = append(typed[c.Building], c)
		} else {
			others = append(others, c)
		}
	}
	out := Cover(others)
	for _, g := range Grow(steps) {
		if g.Installed != 0 {
			out = append(out, CoverageChange{g.Moment, Coverage{Technical: g.Installed}})
		}
	}
	if len(typed) == 0 {
		return out
	}
	var turns []Moment // at which there may be channels, or none any more
	for _, s := range steps {
		turns = append(turns, s.Moment)
	}
	sum := map[micros]Coverage{}
	for _, list := range typed {
		moments := slices.Clone(turns)
		for _, c := range list {
			moments = append(moments, c.Moment)
		}
		said := replay(moments, func(q AsOf) (c Coverage) {
			i := Picks(q, list, (*Count).moment)
			if i < 0 {
				return c
			}
			c = list[i].covers()
			if _, derived := ByChannels(q, steps); derived {
				c.Technical = 0
			}
			return c
		})
		grow(said, func(s *Said[Coverage]) Moment { return s.Moment }, func(s *Said[Coverage]) Coverage { return s.Value }, sum)
	}
	for _, m := range inTime(sum) {
		out = append(out, CoverageChange{m.moment(), sum[m]})
	}
	return out
}

// takeChannels gives cameras of which no number was said that of the channels on that day; where there are none, or it is
// something else, a number is missing.
func (c *Count) takeChannels(q AsOf, steps []ChannelStep, path string, p *Problems) {
	if c.Number != Unsaid {
		return
	}
	if n, derived := ByChannels(q, steps); derived && c.Sort == cameras && c.Building == "" {
		c.Number = n
		return
	}
	p.Add(path, "place.field.required")
}

// checkCameras refuses a number of cameras of the compound as a whole that is not the number of its channels.
func (c *Count) checkCameras(q AsOf, steps []ChannelStep, path string, p *Problems) {
	if c.Sort != cameras || c.Building != "" || c.Number == Unsaid {
		return
	}
	if n, derived := ByChannels(q, steps); derived && c.Number != n {
		p.Add(path, "place.asset.cameras-are-channels", "channels", n)
	}
}
