package inspection

import (
	"regexp"
	"slices"

	"linli.dev/linli/people/place"
)

var (
	formName   = regexp.MustCompile(`^[a-z][a-z0-9-]{1,39}$`)
	itemName   = regexp.MustCompile(`^[a-z][a-z0-9_]{0,39}$`)
	choiceName = regexp.MustCompile(`^[a-z0-9][a-z0-9_]{0,39}$`)
)

// Lengths of texts, in characters.
const (
	longTitle  = 120
	longHint   = 300
	longNote   = 200
	longUnit   = 60
	mostItems  = 300
	allPoints  = 100
	mostPhotos = 6
)

// check says what is wrong with a form that is tidy.
func (f *FormWords) check() (p place.Problems) {
	words(&p, "title", f.Title, 60, true)
	words(&p, "note", f.Note, 500, false)
	if f.Pass < 1 || f.Pass > allPoints || f.Mend < 0 || f.Mend > f.Pass {
		p.Add("pass", "inspection.form.bounds")
	}
	if f.Judged < 1 || f.Judged > 100 {
		p.Add("judged", "inspection.form.judged")
	}
	if f.MendDays < 1 || f.MendDays > 365 {
		p.Add("mend_days", "inspection.form.mend-days")
	}
	if len(f.Sections) == 0 {
		p.Add("sections", "place.field.required")
	}
	c := checking{p: &p, seen: map[string]bool{}, before: map[string]*Item{}}
	total, items := 0, 0
	for i := range f.Sections {
		s := &f.Sections[i]
		path := place.Item("sections", i, "")
		c.name(path+"name", s.Name)
		words(&p, path+"title", s.Title, longTitle, true)
		if s.Weight > 0 {
			free(&p, path, s.Name, s.Title)
		}
		if len(s.Items) == 0 {
			p.Add(path+"items", "place.field.required")
		}
		total += s.Weight
		items += len(s.Items)
		for j := range s.Items {
			c.item(path+place.Item("items", j, ""), &s.Items[j])
		}
	}
	if items > mostItems {
		p.Add("sections", "inspection.form.many", "most", mostItems)
	}
	if total != allPoints {
		p.Add("sections", "inspection.form.total", "is", total)
	}
	return p
}

// words checks a text in both languages: its length, that it asks nothing
// about residents, and that it holds no number of a person.
func words(p *place.Problems, path string, w Words, most int, need bool) {
	if need && w == (Words{}) {
		p.Add(path, "place.field.required")
	}
	for _, s := range []struct{ lang, text string }{{"zh", w.ZH}, {"en", w.EN}} {
		p.Text(path+"."+s.lang, s.text, most, false)
		if place.AsksAboutPeople(s.text) {
			p.Add(path+"."+s.lang, "inspection.form.about-people")
		}
	}
}

// free checks that what gives points or is a number does not count who takes
// part: volunteers, home patrol, reports (red line 7). One finding says it.
func free(p *place.Problems, path, name string, texts ...Words) {
	if place.CountsTakingPart(name) {
		p.Add(path+"name", "inspection.form.taking-part")
		return
	}
	for _, w := range texts {
		if place.CountsTakingPart(w.ZH) || place.CountsTakingPart(w.EN) {
			p.Add(path+"title", "inspection.form.taking-part")
			return
		}
	}
}

// takingPart checks an item. What has points, a veto, a number or a choice as its
// answer may not be about taking part at all; any other may not demand it, since
// points can rest on it (When).
func (it *Item) takingPart(p *place.Problems, path string) {
	texts := []Words{it.Title, it.Hint}
	for i := range it.Choices {
		texts = append(texts, Words{ZH: it.Choices[i].Name}, it.Choices[i].Title)
	}
	switch {
	case it.Kind == Note || it.Kind == Photo:
	case it.Weight > 0 || it.Veto || it.Kind == Integer || it.Kind == Decimal || it.Kind == Choose:
		free(p, path, it.Name, texts...)
	default:
		for _, w := range texts {
			if place.DemandsTakingPart(w.ZH) || place.DemandsTakingPart(w.EN) {
				p.Add(path+"title", "inspection.form.taking-part")
				return
			}
		}
	}
}

// checking goes through the items in their order.
type checking struct {
	p      *place.Problems
	seen   map[string]bool  // names of sections and items
	before map[string]*Item // items already met
}

func (c *checking) name(path, name string) {
	switch {
	case !itemName.MatchString(name):
		c.p.Add(path, "inspection.form.name")
	case c.seen[name]:
		c.p.Add(path, "inspection.form.twice", "name", name)
	case place.AsksAboutPeople(name):
		c.p.Add(path, "inspection.form.about-people")
	case place.Personal(name) != "":
		c.p.Add(path, place.Personal(name))
	}
	c.seen[name] = true
}

func (c *checking) item(path string, it *Item) {
	c.name(path+"name", it.Name)
	words(c.p, path+"title", it.Title, longTitle, true)
	words(c.p, path+"hint", it.Hint, longHint, false)
	if !slices.Contains(Kinds, it.Kind) {
		c.p.Add(path+"kind", "inspection.form.kind")
	}
	if it.Kind == Text || it.Kind == Integer || it.Kind == Decimal {
		for _, s := range []string{it.Name, it.Title.ZH, it.Title.EN, it.Hint.ZH, it.Hint.EN} {
			if place.AsksWhoSomebodyIs(s) && !place.AsksAboutPeople(s) {
				c.p.Add(path+"title", "inspection.form.about-people")
				break
			}
		}
	}
	scored := it.Weight > 0
	switch {
	case it.Weight < 0 || it.Weight > allPoints:
		c.p.Add(path+"weight", "inspection.form.weight")
	case scored && (it.Kind == Text || it.Kind == Photo || it.Kind == Note):
		c.p.Add(path+"weight", "inspection.form.no-points")
	case it.Kind == Give && !scored:
		c.p.Add(path+"weight", "inspection.form.weight")
	}
	if it.Veto && !scored && it.Kind != YesNo && it.Kind != Choose {
		c.p.Add(path+"veto", "inspection.form.veto")
	}
	if it.Photo != "" && it.Photo != "optional" && it.Photo != "required" || it.Photo != "" && (it.Kind == Note || it.Kind == Photo) {
		c.p.Add(path+"photo", "inspection.form.photo")
	}
	it.takingPart(c.p, path)
	c.choices(path, it)
	c.numbers(path, it)
	if it.When != nil {
		c.when(path, it.When)
	}
	c.before[it.Name] = it
	c.seen[it.Name+photoSuffix] = true // that is what an item's photos are called in a workbook
}

func (c *checking) choices(path string, it *Item) {
	if it.Kind != Choose {
		if len(it.Choices) > 0 {
			c.p.Add(path+"choices", "inspection.form.no-choices")
		}
		return
	}
	if len(it.Choices) < 2 || len(it.Choices) > 30 {
		c.p.Add(path+"choices", "inspection.form.choices")
	}
	seen, full := map[string]bool{}, false
	for k := range it.Choices {
		ch := &it.Choices[k]
		at := path + place.Item("choices", k, "")
		if !choiceName.MatchString(ch.Name) || place.Personal(ch.Name) != "" || seen[ch.Name] {
			c.p.Add(at+"name", "inspection.form.choice-name")
		} else if place.AsksAboutPeople(ch.Name) {
			c.p.Add(at+"name", "inspection.form.about-people")
		}
		seen[ch.Name] = true
		words(c.p, at+"title", ch.Title, longTitle, true)
		if ch.Share < 0 || ch.Share > 100 {
			c.p.Add(at+"share", "inspection.form.share")
		}
		full = full || ch.Share == 100
	}
	if it.Weight > 0 && !full {
		c.p.Add(path+"choices", "inspection.form.none-full")
	}
}

func (c *checking) numbers(path string, it *Item) {
	isNumber := it.Kind == Integer || it.Kind == Decimal
	var n [4]int64
	for i, s := range []struct{ field, text string }{{"least", it.Least}, {"most", it.Most}, {"zero", it.Zero}, {"full", it.Full}} {
		if s.text == "" {
			continue
		}
		var ok bool
		if n[i], ok = hundredths(s.text); !ok || !isNumber || it.Kind == Integer && n[i]%100 != 0 {
			c.p.Add(path+s.field, "inspection.form.number")
		}
	}
	if it.Least != "" && it.Most != "" && n[0] > n[1] {
		c.p.Add(path+"most", "inspection.form.bounds-number")
	}
	if isNumber && it.Weight > 0 && (it.Full == "" || it.Zero == "" || n[2] == n[3]) {
		c.p.Add(path+"full", "inspection.form.full")
	}
}

// when: the item that it rests on is one with given answers, and comes before.
func (c *checking) when(path string, w *When) {
	on := c.before[w.Item]
	switch {
	case on == nil:
		c.p.Add(path+"when", "inspection.form.when-before", "name", w.Item)
	case on.Kind == YesNo && w.Value != yes && w.Value != no, on.Kind == Choose && on.choice(w.Value) == nil, on.Kind != YesNo && on.Kind != Choose:
		c.p.Add(path+"when", "inspection.form.when-value", "name", w.Item)
	}
}
