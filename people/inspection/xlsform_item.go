package inspection

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// followed reports whether the row after one is an item outside of any group too.
func followed(t table, of row) bool {
	i := slices.IndexFunc(t.rows, func(r row) bool { return r.number == of.number })
	return i+1 < len(t.rows) && !strings.HasPrefix(strings.ToLower(t.rows[i+1].cells["type"]), "begin")
}

func (r *xlsReader) item(of row, kind string, open []group, section int) {
	for _, column := range []string{"calculation", "choice_filter", "repeat_count", "trigger"} {
		if of.cells[column] != "" {
			r.bad("survey", of.number, column, "inspection.xlsform.column", "column", column)
		}
	}
	if of.cells["default"] != "" {
		r.skip("survey", of.number, "default", "inspection.xlsform.column-skipped", "column", "default")
	}
	it := Item{
		Name: name(of.cells["name"], "_"), Title: r.words("survey", of, "label"), Hint: r.words("survey", of, "hint"), Weight: r.whole("survey", of, "weight"),
		Veto: isYes(of.cells["veto"]), MayNot: isYes(of.cells["na"]), Zero: of.cells["zero"], Full: of.cells["full"],
	}
	required := isYes(of.cells["required"])
	it.Required = required && it.Weight == 0
	it.When = r.relevant(of)
	for _, g := range open {
		if g.when == nil {
			continue
		}
		if it.When != nil && *it.When != *g.when {
			r.bad("survey", of.number, "relevant", "inspection.xlsform.relevant-both")
		}
		it.When = g.when
	}
	items := &r.x.Form.Sections[section].Items
	verb, list, _ := strings.Cut(kind, " ")
	switch strings.ToLower(verb) {
	case "select_one":
		if rest := strings.Fields(list); len(rest) > 1 {
			r.bad("survey", of.number, "type", "inspection.xlsform.type", "type", kind) // or_other
		}
		it.Kind, it.Choices = Choose, slices.Clone(r.lists[list])
		if r.lists[list] == nil {
			r.bad("survey", of.number, "type", "inspection.xlsform.no-list", "list", list)
		}
		if !r.scored[list] && isYesNo(it.Choices) {
			for i := range it.Choices {
				if it.Choices[i].Name == yes {
					it.Choices[i].Share = 100
				}
			}
		}
		if l := name(list, "_"); (l == "yes_no" || l == "yesno") && isYesNo(it.Choices) && it.choice(yes).Share == 100 && it.choice(no).Share == 0 {
			it.Kind, it.Choices = YesNo, nil
		}
	case "integer":
		if it.Kind = Integer; it.Weight > 0 && it.Full == "" && it.Zero == "" {
			it.Kind = Give
		}
	case "decimal":
		it.Kind = Decimal
	case "text":
		it.Kind = Text
	case "note":
		it.Kind, it.Required = Note, false
	case "image":
		// A photo that goes with the item before it.
		if n := len(*items); n > 0 && it.Name == (*items)[n-1].Name+photoSuffix && (*items)[n-1].Kind != Photo && (*items)[n-1].Kind != Note {
			if (*items)[n-1].Photo = "optional"; required {
				(*items)[n-1].Photo = "required"
			}
			return
		}
		it.Kind = Photo
	default:
		r.bad("survey", of.number, "type", "inspection.xlsform.type", "type", kind)
		return
	}
	r.constraint(of, &it)
	r.rows[section].items = append(r.rows[section].items, of.number)
	*items = append(*items, it)
}

const photoSuffix = "_photo"

func isYesNo(list []Choice) bool {
	return len(list) == 2 && (list[0].Name == yes && list[1].Name == no || list[0].Name == no && list[1].Name == yes)
}

var (
	equals   = regexp.MustCompile(`^\$\{([^}]+)\}\s*=\s*(?:'([^']*)'|"([^"]*)")$`)
	selected = regexp.MustCompile(`^selected\(\s*\$\{([^}]+)\}\s*,\s*(?:'([^']*)'|"([^"]*)")\s*\)$`)
	bound    = regexp.MustCompile(`^\.\s*(>=|<=|>|<)\s*(-?[0-9]+(?:\.[0-9]+)?)$`)
)

// relevant reads the one condition that is kept: an item before was answered so.
func (r *xlsReader) relevant(of row) *When {
	text := of.cells["relevant"]
	if text == "" {
		return nil
	}
	m := equals.FindStringSubmatch(text)
	if m == nil {
		m = selected.FindStringSubmatch(text)
	}
	if m == nil {
		r.bad("survey", of.number, "relevant", "inspection.xlsform.relevant", "is", clip(text))
		return nil
	}
	return &When{name(m[1], "_"), name(m[2]+m[3], "_")}
}

// constraint reads bounds of a number.
func (r *xlsReader) constraint(of row, it *Item) {
	text := of.cells["constraint"]
	if text == "" {
		return
	}
	for _, part := range strings.Split(text, " and ") {
		m := bound.FindStringSubmatch(strings.TrimSpace(part))
		n, ok := int64(0), false
		if m != nil {
			n, ok = hundredths(m[2])
		}
		strict := m != nil && len(m[1]) == 1
		if !ok || strict && it.Kind == Decimal || it.Kind != Integer && it.Kind != Decimal && it.Kind != Give {
			r.bad("survey", of.number, "constraint", "inspection.xlsform.constraint", "is", clip(text))
			return
		}
		if m[1][0] == '>' {
			if strict {
				n += 100
			}
			it.Least = decimal(n)
		} else {
			if strict {
				n -= 100
			}
			it.Most = decimal(n)
		}
	}
	if it.Kind == Give { // 0 to its weight by itself
		if (it.Least == "" || it.Least == "0") && (it.Most == "" || it.Most == strconv.Itoa(it.Weight)) {
			it.Least, it.Most = "", ""
		} else {
			it.Kind = Integer
		}
	}
}

func clip(s string) string {
	if r := []rune(s); len(r) > 60 {
		return string(r[:60]) + "…"
	}
	return s
}
