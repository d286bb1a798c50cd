package sheet

import (
	"slices"
	"strings"

	"linli.dev/linli/people/place"
)

const volunteer Key = "volunteer"

// fewWords stand in a list that is given out for a number of volunteers that is
// told to the compound itself only (place.Sort.Few): in Chinese, in English.
var fewWords = [2]string{"少于10人", "fewer than 10"}

// isFew reads them back, and what people make of them.
func isFew(v string) bool {
	return slices.Contains([]string{"少于10人", "少于10", "不足10人", "不足10", "fewer than 10", "<10", "＜10", "<10人"}, strings.ToLower(strings.Join(strings.Fields(v), " ")))
}

// countsVolunteers reports whether a column of a row is their number.
func (l *line) countsVolunteers(k Key) bool {
	sort, ok := choose(sortWords, l.value(Sort))
	return k == volunteer || k == Number && ok && sort == string(volunteer)
}

// numberTold is a number of a sort as a list of changes has it.
func (c *checker) numberTold(compound place.ID, sort place.Sort, n int) string {
	if sort.Few(n) && (c.who.Own == nil || !c.who.Own(compound)) {
		return pick(c.lang, fewWords[0], fewWords[1])
	}
	return numberIn(n)
}

// hideFew takes a number out of a row of compounds that is not told to whoever
// asks for the list.
func (f *Filter) hideFew(compound place.ID, row []any, lang string) {
	if f.Own != nil && f.Own(compound) {
		return
	}
	for i := range compoundColumns {
		if n, ok := row[i].(int); ok && compoundColumns[i].key == volunteer && place.Sort(volunteer).Few(n) {
			row[i] = pick(lang, fewWords[0], fewWords[1])
		}
	}
}

// hideFewThing is the same for a row of a list of protection.
func (f *Filter) hideFewThing(compound place.ID, said map[Key]any, lang string) {
	if f.Own != nil && f.Own(compound) {
		return
	}
	n, ok := said[Number].(int)
	if sort, there := choose(sortWords, textOf(said[Sort])); ok && there && place.Sort(sort).Few(n) {
		said[Number] = pick(lang, fewWords[0], fewWords[1])
	}
}

func textOf(v any) string {
	s, _ := v.(string)
	return s
}
