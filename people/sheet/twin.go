package sheet

import (
	"strings"

	"linli.dev/linli/people/place"
)

// twins finds rows that speak of the same compound, and names that are likely
// to mean the same.
type twins struct {
	rows  map[string]where // community and name of every row so far
	cores map[string]named // community and core of every name so far, those of the tree included
	known map[place.ID]bool
}

type where struct {
	sheet string
	row   int
}

type named struct {
	name, core string
	at         where // the zero where: it is in the tree
}

// mostLike bounds the names of a community that a new one is held against.
const mostLike = 300

func newTwins() *twins {
	return &twins{rows: map[string]where{}, cores: map[string]named{}, known: map[place.ID]bool{}}
}

var generic = []string{"住宅小区", "居民小区", "小区", "花园", "家园", "社区", "苑", "院"}

var numerals = strings.NewReplacer("一", "1", "二", "2", "三", "3", "四", "4", "五", "5", "六", "6", "七", "7", "八", "8", "九", "9", "〇", "0", "零", "0", "壹", "1", "贰", "2", "叁", "3", "号院", "院", "ⅰ", "1", "ⅱ", "2", "ⅲ", "3")

// core is a compound's name without what is often left out or written in
// another way. Numbers stay: phase one is not phase two.
func core(name string) string {
	s := numerals.Replace(plain(name))
	for i := 0; i < len(generic); i++ {
		if c, ok := strings.CutSuffix(s, generic[i]); ok && len([]rune(c)) >= 2 {
			s, i = c, -1 // there may be two of them
		}
	}
	return s
}

// row notes a row; before is the one that spoke of the same compound already.
func (t *twins) row(key string, at where) (before where, twice bool) {
	if before, twice = t.rows[key]; !twice {
		t.rows[key] = at
	}
	return before, twice
}

// like finds another name of the community that may mean the same compound as
// a new one, and notes the name.
func (t *twins) like(x *index, community place.ID, name string, at where) (named, bool) {
	if !t.known[community] {
		t.known[community] = true
		for _, n := range x.under(community).cores {
			t.cores[string(community)+n.core] = n
		}
	}
	mine := core(name)
	n, ok := t.cores[string(community)+mine]
	if !ok {
		t.cores[string(community)+mine] = named{name, mine, at}
		for _, n := range x.under(community).cores[:min(mostLike, len(x.under(community).cores))] {
			if oneApart(n.core, mine) {
				return n, true
			}
		}
	}
	return n, ok && n.name != name
}

// oneApart reports whether one character of two longer names differs, or is
// left out, and is no number.
func oneApart(a, b string) bool {
	x, y := []rune(a), []rune(b)
	if len(x) > len(y) {
		x, y = y, x
	}
	if len(x) < 3 || len(y)-len(x) > 1 {
		return false
	}
	i := 0
	for i < len(x) && x[i] == y[i] {
		i++
	}
	j := 0
	for j < len(x)-i && x[len(x)-1-j] == y[len(y)-1-j] {
		j++
	}
	left, right := x[i:len(x)-j], y[i:len(y)-j]
	if len(right) != 1 || len(left) > 1 {
		return false
	}
	for _, r := range append(left, right...) {
		if r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || strings.ContainsRune("东西南北中新老甲乙丙丁", r) {
			return false
		}
	}
	return true
}
