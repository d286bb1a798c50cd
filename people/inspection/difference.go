package inspection

import (
	"slices"
	"strconv"
	"strings"
)

// Difference is one thing that a version of a form has otherwise than another.
type Difference struct {
	Kind string `json:"kind" enum:"added,removed,moved,changed"`
	What string `json:"what" enum:"form,section,item"`
	Name string `json:"name,omitempty" doc:"Of the section or item"`
	In   string `json:"in,omitempty" doc:"The section of an item"`
	// Field is empty but for a change.
	Field string `json:"field,omitempty" doc:"What has changed: title, weight, veto, choices, …"`
	Was   string `json:"was,omitempty"`
	Is    string `json:"is,omitempty"`
}

// Differences lists what is has otherwise than was, in the order of is; what was
// removed stands at the end.
func Differences(was, is *FormWords) []Difference {
	out := changed("form", "", "", formFields(was), formFields(is))
	type spot struct {
		section string
		item    *Item
	}
	spots := func(f *FormWords) (map[string]spot, map[string]*Section) {
		items, sections := map[string]spot{}, map[string]*Section{}
		for i := range f.Sections {
			s := &f.Sections[i]
			sections[s.Name] = s
			for j := range s.Items {
				items[s.Items[j].Name] = spot{section: s.Name, item: &s.Items[j]}
			}
		}
		return items, sections
	}
	before, sectionsBefore := spots(was)
	now, sectionsNow := spots(is)
	for i := range is.Sections {
		s := &is.Sections[i]
		if old := sectionsBefore[s.Name]; old == nil {
			out = append(out, Difference{Kind: "added", What: "section", Name: s.Name, Is: s.Title.In("zh")})
		} else {
			out = append(out, changed("section", s.Name, "", sectionFields(old), sectionFields(s))...)
		}
		for j := range s.Items {
			it := &s.Items[j]
			old, there := before[it.Name]
			switch {
			case !there:
				out = append(out, Difference{Kind: "added", What: "item", Name: it.Name, In: s.Name, Is: it.Title.In("zh")})
				continue
			case old.section != s.Name:
				out = append(out, Difference{Kind: "moved", What: "item", Name: it.Name, In: s.Name, Was: old.section, Is: s.Name})
			}
			out = append(out, changed("item", it.Name, s.Name, itemFields(old.item), itemFields(it))...)
		}
	}
	out = append(out, moved(was, is)...)
	for i := range was.Sections {
		s := &was.Sections[i]
		for j := range s.Items {
			if _, there := now[s.Items[j].Name]; !there {
				out = append(out, Difference{Kind: "removed", What: "item", Name: s.Items[j].Name, In: s.Name, Was: s.Items[j].Title.In("zh")})
			}
		}
		if sectionsNow[s.Name] == nil {
			out = append(out, Difference{Kind: "removed", What: "section", Name: s.Name, Was: s.Title.In("zh")})
		}
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

// field is something of a form as a text that a page can show.
type field struct{ name, text string }

func changed(what, name, in string, was, is []field) (out []Difference) {
	for i := range is {
		if was[i].text != is[i].text {
			out = append(out, Difference{Kind: "changed", What: what, Name: name, In: in, Field: is[i].name, Was: was[i].text, Is: is[i].text})
		}
	}
	return out
}

func formFields(f *FormWords) []field {
	return []field{
		{"title.zh", f.Title.ZH},
		{"title.en", f.Title.EN},
		{"note.zh", f.Note.ZH},
		{"note.en", f.Note.EN},
		{"pass", strconv.Itoa(f.Pass)},
		{"mend", strconv.Itoa(f.Mend)},
		{"judged", strconv.Itoa(f.Judged)},
		{"mend_days", strconv.Itoa(f.MendDays)},
	}
}

func sectionFields(s *Section) []field {
	return []field{{"title.zh", s.Title.ZH}, {"title.en", s.Title.EN}, {"weight", strconv.Itoa(s.Weight)}}
}

func itemFields(it *Item) []field {
	when := ""
	if it.When != nil {
		when = it.When.Item + " = " + it.When.Value
	}
	choices := make([]string, len(it.Choices))
	for i, c := range it.Choices {
		choices[i] = c.Title.In("zh") + " " + strconv.Itoa(c.Share) + "% (" + c.Name + ", " + c.Title.In("en") + ")"
	}
	return []field{
		{"title.zh", it.Title.ZH},
		{"title.en", it.Title.EN},
		{"hint.zh", it.Hint.ZH},
		{"hint.en", it.Hint.EN},
		{"kind", string(it.Kind)},
		{"weight", strconv.Itoa(it.Weight)},
		{"veto", strconv.FormatBool(it.Veto)},
		{"may_not_apply", strconv.FormatBool(it.MayNot)},
		{"required", strconv.FormatBool(it.Required)},
		{"photo", it.Photo},
		{"choices", strings.Join(choices, "; ")},
		{"when", when},
		{"least", it.Least},
		{"most", it.Most},
		{"zero", it.Zero},
		{"full", it.Full},
	}
}
