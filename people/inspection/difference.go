package inspection

import (
	"slices"
	"strconv"
)

// Difference is one thing that a version of a form has otherwise than another.
// What is called by a person's words stands in both languages; what is a code
// (a kind, a number, true) stands in zh only, and the page has words for it.
type Difference struct {
	Kind   string `json:"kind" enum:"added,removed,moved,changed"`
	What   string `json:"what" enum:"form,section,item,choice"`
	Name   string `json:"name,omitempty" doc:"Of the section or item"`
	Title  Words  `json:"title,omitzero" doc:"What the section or item is called, in the later version that has it"`
	Choice Words  `json:"choice,omitzero" doc:"What the choice of the item is called"`
	In     Words  `json:"in,omitzero" doc:"What the section of an item is called"`
	// Field is empty where something was added or removed.
	Field string `json:"field,omitempty" doc:"What has changed: title.zh, weight, veto, share, when …; of what was moved: order, section, choices"`
	Was   Words  `json:"was,omitzero"`
	Is    Words  `json:"is,omitzero"`
}

// Differences lists what is has otherwise than was, in the order of is; what was
// removed stands at the end.
func Differences(was, is *FormWords) []Difference {
	out := changed(Difference{What: "form"}, formFields(was), formFields(is))
	type spot struct {
		section *Section
		item    *Item
	}
	spots := func(f *FormWords) (map[string]spot, map[string]*Section) {
		items, sections := map[string]spot{}, map[string]*Section{}
		for i := range f.Sections {
			s := &f.Sections[i]
			sections[s.Name] = s
			for j := range s.Items {
				items[s.Items[j].Name] = spot{section: s, item: &s.Items[j]}
			}
		}
		return items, sections
	}
	before, sectionsBefore := spots(was)
	now, sectionsNow := spots(is)
	for i := range is.Sections {
		s := &is.Sections[i]
		of := Difference{What: "section", Name: s.Name, Title: s.Title}
		if old := sectionsBefore[s.Name]; old == nil {
			out = append(out, of.as("added"))
		} else {
			out = append(out, changed(of, sectionFields(old), sectionFields(s))...)
		}
		for j := range s.Items {
			it := &s.Items[j]
			of := Difference{What: "item", Name: it.Name, Title: it.Title, In: s.Title}
			old, there := before[it.Name]
			if !there {
				out = append(out, of.as("added"))
				continue
			}
			if old.section.Name != s.Name {
				d := of.as("moved")
				d.Field, d.Was, d.Is = "section", old.section.Title, s.Title
				out = append(out, d)
			}
			out = append(out, changed(of, itemFields(old.item), itemFields(it))...)
			if a, b := old.item.When, it.When; (a == nil) != (b == nil) || a != nil && *a != *b {
				d := of.as("changed")
				d.Field, d.Was, d.Is = "when", was.when(old.item), is.when(it)
				out = append(out, d)
			}
			out = append(out, choicesDiffer(of, old.item.Choices, it.Choices)...)
		}
	}
	out = append(out, moved(was, is)...)
	for i := range was.Sections {
		s := &was.Sections[i]
		for j := range s.Items {
			if _, there := now[s.Items[j].Name]; !there {
				out = append(out, Difference{Kind: "removed", What: "item", Name: s.Items[j].Name, Title: s.Items[j].Title, In: s.Title})
			}
		}
		if sectionsNow[s.Name] == nil {
			out = append(out, Difference{Kind: "removed", What: "section", Name: s.Name, Title: s.Title})
		}
	}
	return out
}

// as is what a difference is about, with what became of it.
func (d Difference) as(kind string) Difference {
	d.Kind = kind
	return d
}

// choicesDiffer compares the choices of an item; of is the item.
func choicesDiffer(of Difference, was, is []Choice) (out []Difference) {
	of.What = "choice"
	find := func(list []Choice, name string) *Choice {
		if i := slices.IndexFunc(list, func(c Choice) bool { return c.Name == name }); i >= 0 {
			return &list[i]
		}
		return nil
	}
	var order, orderBefore []string
	for i := range is {
		of.Choice = is[i].Title
		if old := find(was, is[i].Name); old == nil {
			out = append(out, of.as("added"))
		} else {
			out = append(out, changed(of, choiceFields(old), choiceFields(&is[i]))...)
			order = append(order, is[i].Name)
		}
	}
	for i := range was {
		if find(is, was[i].Name) == nil {
			of.Choice = was[i].Title
			out = append(out, of.as("removed"))
		} else {
			orderBefore = append(orderBefore, was[i].Name)
		}
	}
	if !slices.Equal(order, orderBefore) {
		of.What, of.Choice, of.Field = "item", Words{}, "choices"
		out = append(out, of.as("moved"))
	}
	return out
}

// moved tells that what both versions have stands in another order.
func moved(was, is *FormWords) []Difference {
	order := func(f, other *FormWords) (sections, items []string) {
		for i := range f.Sections {
			s := &f.Sections[i]
			if slices.ContainsFunc(other.Sections, func(o Section) bool { return o.Name == s.Name }) {
				sections = append(sections, s.Name)
			}
			for j := range s.Items {
				if other.item(s.Items[j].Name) != nil {
					items = append(items, s.Items[j].Name)
				}
			}
		}
		return sections, items
	}
	s0, i0 := order(was, is)
	s1, i1 := order(is, was)
	if slices.Equal(s0, s1) && slices.Equal(i0, i1) {
		return nil
	}
	return []Difference{{Kind: "moved", What: "form", Field: "order"}}
}

// field is something of a form that can be another: words of a person, or a code
// in zh alone.
type field struct {
	name string
	is   Words
}

func code(name, s string) field        { return field{name, Words{ZH: s}} }
func number(name string, n int) field  { return code(name, strconv.Itoa(n)) }
func holds(name string, is bool) field { return code(name, strconv.FormatBool(is)) }
func english(name, s string) field     { return field{name, Words{EN: s}} }
func titled(name string, w Words) []field {
	return []field{code(name+".zh", w.ZH), english(name+".en", w.EN)}
}

func changed(of Difference, was, is []field) (out []Difference) {
	for i := range is {
		if was[i].is != is[i].is {
			d := of.as("changed")
			d.Field, d.Was, d.Is = is[i].name, was[i].is, is[i].is
			out = append(out, d)
		}
	}
	return out
}

func formFields(f *FormWords) []field {
	return append(append(titled("title", f.Title), titled("note", f.Note)...),
		number("pass", f.Pass), number("mend", f.Mend), number("judged", f.Judged), number("mend_days", f.MendDays))
}

func sectionFields(s *Section) []field {
	return append(titled("title", s.Title), number("weight", s.Weight))
}

func choiceFields(c *Choice) []field {
	return append(titled("title", c.Title), number("share", c.Share))
}

func itemFields(it *Item) []field {
	return append(append(titled("title", it.Title), titled("hint", it.Hint)...),
		code("kind", string(it.Kind)), number("weight", it.Weight), holds("veto", it.Veto), holds("may_not_apply", it.MayNot),
		holds("required", it.Required), code("photo", it.Photo),
		code("least", it.Least), code("most", it.Most), code("zero", it.Zero), code("full", it.Full))
}

// when says in words on which answer to which other item it depends whether an
// item is asked.
func (f *FormWords) when(it *Item) Words {
	if it.When == nil {
		return Words{}
	}
	item, value := Words{ZH: it.When.Item}, Words{ZH: it.When.Value}
	if other := f.item(it.When.Item); other != nil {
		item = other.Title
		choices := other.Choices
		if other.Kind == YesNo {
			choices = yesNo
		}
		for _, c := range choices {
			if c.Name == it.When.Value {
				value = c.Title
			}
		}
	}
	return Words{ZH: item.In("zh") + "：" + value.In("zh"), EN: item.In("en") + ": " + value.In("en")}
}
