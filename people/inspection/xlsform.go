package inspection

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"linli.dev/linli/fault"
	"linli.dev/linli/people/place"
)

// A form is kept by other tools (ODK, KoboToolbox) as an XLSForm: a workbook
// with the sheets survey, choices and settings. See https://xlsform.org. What
// scoring needs stands in columns of our own, which those tools pass over:
// weight, veto, na, zero, full in survey, points in choices, pass, mend, judged,
// mend_days in settings.

// Limits of a workbook.
const (
	maxXLSForm  = 4 << 20  // bytes
	maxUnpacked = 48 << 20 // bytes of all its parts
	maxParts    = 500
	maxRows     = 2000
	maxColumns  = 200
)

// XLSForm is what was read from a workbook.
type XLSForm struct {
	ID       FormID
	Form     FormWords
	Problems place.Problems // paths are "survey!12 type"
	Skipped  place.Problems // what was left out, as nothing depends on it
}

// metadata are rows that other tools add by themselves. Who inspects is known,
// when too; about devices and telephones nothing is kept (red line 9).
var metadata = []string{"start", "end", "today", "audit", "deviceid", "subscriberid", "simserial", "simid", "phonenumber", "username", "email", "background-audio", "start-geopoint"}

// ReadXLSForm reads a form. Only a file that is no XLSForm is an error; what is
// wrong in it is said row by row.
func ReadXLSForm(file []byte) (x XLSForm, err error) {
	sheets, err := workbook(file)
	if err != nil {
		return x, err
	}
	survey, ok := sheets["survey"]
	if !ok {
		return x, fault.New(fault.Invalid, "inspection.ReadXLSForm", "inspection.xlsform.no-survey")
	}
	r := &xlsReader{x: &x, dropped: map[string]bool{}}
	r.settings(sheets["settings"])
	r.choices(sheets["choices"])
	r.survey(survey)
	x.Form.tidy()
	for _, p := range x.Form.check() {
		p.Path = r.cell(p.Path)
		x.Problems = append(x.Problems, p)
	}
	return x, nil
}

type xlsReader struct {
	x        *XLSForm
	language string // of a column that names none
	lists    map[string][]Choice
	scored   map[string]bool // lists whose choices name points
	rows     []sectionRows   // where in survey the sections of the form stand
	dropped  map[string]bool // languages already spoken of
}

func (r *xlsReader) bad(sheet string, number int, column, code string, args ...any) {
	r.x.Problems.Add(sheet+"!"+strconv.Itoa(number)+" "+column, code, args...)
}

func (r *xlsReader) skip(sheet string, number int, column, code string, args ...any) {
	r.x.Skipped.Add(sheet+"!"+strconv.Itoa(number)+" "+column, code, args...)
}

// sectionRows are the rows of a section and of its items.
type sectionRows struct {
	row    int
	weight int // that the group names; -1: none
	items  []int
}

var fieldOf = regexp.MustCompile(`^sections\[([0-9]+)\](?:\.items\[([0-9]+)\])?\.?(.*)$`)

// cell says where in the workbook a field of the form came from.
func (r *xlsReader) cell(path string) string {
	if m := fieldOf.FindStringSubmatch(path); m != nil {
		i, _ := strconv.Atoi(m[1])
		n := r.rows[i].row
		if m[2] != "" {
			j, _ := strconv.Atoi(m[2])
			n = r.rows[i].items[j]
		}
		return strings.TrimSpace("survey!" + strconv.Itoa(n) + " " + m[3])
	}
	if path == "sections" {
		return "survey"
	}
	return "settings!2 " + path
}

func languageOf(s string) string {
	s = strings.ToLower(norm.NFKC.String(s))
	switch {
	case strings.Contains(s, "zh") || strings.Contains(s, "中文") || strings.Contains(s, "chinese") || strings.Contains(s, "汉"):
		return "zh"
	case s == "en" || strings.Contains(s, "english") || strings.Contains(s, "英") || strings.Contains(s, "(en"):
		return "en"
	}
	return ""
}

// words are a text in the languages of its columns: label, label::English (en),
// label::中文 (zh), label:zh.
func (r *xlsReader) words(sheet string, of row, column string) (w Words) {
	for head, text := range of.cells {
		base, language, _ := strings.Cut(head, ":")
		if strings.TrimSpace(base) != column || text == "" {
			continue
		}
		language = strings.TrimSpace(strings.TrimPrefix(language, ":"))
		lang := languageOf(language)
		if language == "" {
			if lang = r.language; lang == "" {
				lang = script(text)
			}
		}
		switch lang {
		case "zh":
			w.ZH = text
		case "en":
			w.EN = text
		default:
			if !r.dropped[language] {
				r.dropped[language] = true
				r.skip(sheet, 1, head, "inspection.xlsform.language", "language", language)
			}
		}
	}
	return w
}

// script is the language that a text looks like.
func script(s string) string {
	if strings.ContainsFunc(s, func(c rune) bool { return unicode.Is(unicode.Han, c) }) {
		return "zh"
	}
	return "en"
}

func (r *xlsReader) settings(t table) {
	f := &r.x.Form
	f.Pass, f.Mend, f.Judged, f.MendDays = 90, 70, 70, 30
	if len(t.rows) == 0 {
		return
	}
	s := t.rows[0]
	c := s.cells
	r.language = languageOf(c["default_language"])
	title := c["form_title"]
	if f.Title = (Words{c["title_zh"], c["title_en"]}); f.Title == (Words{}) && title != "" {
		if script(title) == "zh" {
			f.Title.ZH = title
		} else {
			f.Title.EN = title
		}
	}
	f.Note = Words{c["note_zh"], c["note_en"]}
	if id := name(strings.ReplaceAll(c["form_id"], "_", "-"), "-"); formName.MatchString(id) {
		r.x.ID = FormID(id)
	}
	for column, into := range map[string]*int{"pass": &f.Pass, "mend": &f.Mend, "judged": &f.Judged, "mend_days": &f.MendDays} {
		if c[column] != "" {
			*into = r.whole("settings", s, column)
		}
	}
}

// name makes a name of what another tool allows as one.
func name(s, dash string) string {
	return strings.NewReplacer("-", dash, ".", dash, " ", dash).Replace(strings.ToLower(strings.TrimSpace(s)))
}

func (r *xlsReader) choices(t table) {
	r.lists, r.scored = map[string][]Choice{}, map[string]bool{}
	for _, of := range t.rows {
		list := of.cells["list_name"]
		if list == "" {
			list = of.cells["list name"]
		}
		if list == "" {
			continue
		}
		c := Choice{Name: name(of.cells["name"], "_"), Title: r.words("choices", of, "label")}
		if of.cells["points"] != "" {
			c.Share = r.whole("choices", of, "points")
			r.scored[list] = true
		}
		r.lists[list] = append(r.lists[list], c)
	}
}

// whole reads a whole number; 0 where the cell is empty.
func (r *xlsReader) whole(sheet string, of row, column string) int {
	text := of.cells[column]
	if text == "" {
		return 0
	}
	n, ok := hundredths(text)
	if !ok || n%100 != 0 {
		r.bad(sheet, of.number, column, "inspection.form.number")
		return 0
	}
	return int(n / 100)
}

func isYes(s string) bool {
	switch strings.ToLower(strings.TrimSpace(s)) {
	case "yes", "true", "true()", "1", "y", "是":
		return true
	}
	return false
}

// group is an open group of a survey.
type group struct {
	repeat bool
	when   *When
}

func (r *xlsReader) survey(t table) {
	f := &r.x.Form
	var open []group
	section := -1 // of the items that come; -1: none
	for _, of := range t.rows {
		kind := strings.Join(strings.Fields(of.cells["type"]), " ")
		word := strings.ReplaceAll(strings.ToLower(kind), " ", "_")
		switch {
		case kind == "":
			continue
		case word == "begin_group", word == "begin_repeat":
			g := group{repeat: word == "begin_repeat"}
			if g.repeat {
				r.bad("survey", of.number, "type", "inspection.xlsform.type", "type", kind)
			}
			g.when = r.relevant(of)
			if len(open) == 0 {
				section = len(f.Sections)
				f.Sections = append(f.Sections, Section{Name: name(of.cells["name"], "_"), Title: r.words("survey", of, "label")})
				rows := sectionRows{row: of.number, weight: -1}
				if of.cells["weight"] != "" {
					rows.weight = r.whole("survey", of, "weight")
				}
				r.rows = append(r.rows, rows)
			} else {
				r.skip("survey", of.number, "label", "inspection.xlsform.nested")
			}
			open = append(open, g)
			continue
		case word == "end_group", word == "end_repeat":
			if len(open) == 0 {
				r.bad("survey", of.number, "type", "inspection.xlsform.end")
				continue
			}
			if open = open[:len(open)-1]; len(open) == 0 {
				section = -1
			}
			continue
		case slices.Contains(metadata, strings.ToLower(kind)):
			r.skip("survey", of.number, "type", "inspection.xlsform.metadata", "type", kind)
			continue
		}
		if section < 0 {
			section = len(f.Sections)
			f.Sections = append(f.Sections, Section{Name: "general", Title: Words{"总体情况", "General"}})
			for n := 2; slices.ContainsFunc(f.Sections[:section], func(s Section) bool { return s.Name == f.Sections[section].Name }); n++ {
				f.Sections[section].Name = "general_" + strconv.Itoa(n)
			}
			r.rows = append(r.rows, sectionRows{row: of.number, weight: -1})
		}
		r.item(of, kind, open, section)
		if len(open) == 0 && !followed(t, of) {
			section = -1
		}
	}
	if len(open) > 0 {
		r.bad("survey", t.rows[len(t.rows)-1].number, "type", "inspection.xlsform.open")
	}
	// A group of metadata only leaves an empty section: nothing is asked in it.
	var sections []Section
	var rows []sectionRows
	for i, s := range f.Sections {
		if len(s.Items) == 0 {
			continue
		}
		if w := r.rows[i].weight; w >= 0 && w != weight(&s) {
			r.bad("survey", r.rows[i].row, "weight", "inspection.xlsform.group-weight", "is", w, "items", weight(&s))
		}
		sections, rows = append(sections, s), append(rows, r.rows[i])
	}
	f.Sections, r.rows = sections, rows
}
