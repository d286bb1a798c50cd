package programme

import (
	"strconv"

	"linli.dev/linli/people/place"
)

// Said is a figure of a bulletin in words: its name that stays, what it is called,
// what it is.
type Said struct{ Key, Label, Text string }

// Said are the figures that a bulletin rests on, in words.
func (b *Bulletin) Said(say Speaker) (out []Said) {
	w := &writer{Speaker: say, b: b}
	n := b.Numbers
	add := func(key, label, text string) {
		out = append(out, Said{key, say.Say("programme.column." + label), text})
	}
	count := func(key, label string, n int64) { add(key, label, w.count(n)) }
	share := func(key, label string, part, whole int64) { add(key, label, percent(Share(part, whole))) }
	add("date", "date", w.day(b.Date))
	count("compounds", "compounds", n.Compounds)
	count("built", "built", n.Built)
	share("built_rate", "built-rate", n.Built, n.Compounds)
	count("networked", "networked", n.Networked)
	share("networked_rate", "networked-rate", n.Networked, n.Compounds)
	count("channels", "channels", n.Channels)
	count("paired", "paired", n.Paired)
	add("pledged", "pledged-money", w.money(n.Pledged))
	add("received", "received-money", w.money(n.Received))
	count("duties", "duties", n.Duties)
	count("done", "done", n.Done)
	share("done_rate", "rate", n.Done, n.Duties)
	count("overdue", "overdue", n.Overdue)
	count("behind", "behind", n.Behind)
	count("near", "near", n.Near)
	if b.County != nil {
		add("rank", "rank", strconv.Itoa(b.County.Rank))
	}
	return out
}

// SayDay is a day as the language writes it.
func SayDay(say Speaker, d place.Day) string { return sayDay(say, d) }
