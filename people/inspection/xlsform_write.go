package inspection

import (
	"io"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"
)

// WriteXLSForm writes a form as a workbook that ReadXLSForm reads as the same
// form, and that other tools take as a form without its points.
func WriteXLSForm(w io.Writer, f *Form) (err error) {
	book := excelize.NewFile()
	defer func() {
		if e := book.Close(); err == nil {
			err = e
		}
	}()
	if err := book.SetSheetName("Sheet1", "survey"); err != nil {
		return err
	}
	survey, choices := f.surveyRows()
	for _, s := range []struct {
		name   string
		widths []float64
		rows   [][]string
	}{
		{"survey", []float64{20, 18, 48, 48, 36, 36, 10, 26, 24}, survey},
		{"choices", []float64{20, 18, 36, 36, 10}, choices},
		{"settings", []float64{30, 20, 10, 18, 30, 30}, f.settingRows()},
	} {
		if s.name != "survey" {
			if _, err := book.NewSheet(s.name); err != nil {
				return err
			}
		}
		for i, width := range s.widths {
			column, err := excelize.ColumnNumberToName(i + 1)
			if err != nil {
				return err
			}
			if err := book.SetColWidth(s.name, column, column, width); err != nil {
				return err
			}
		}
		for i, cells := range s.rows {
			for j, c := range cells {
				at, err := excelize.CoordinatesToCellName(j+1, i+1)
				if err != nil {
					return err
				}
				if err := book.SetCellStr(s.name, at, noFormula(c)); err != nil { // a text, whatever it looks like
					return err
				}
			}
		}
	}
	return book.Write(w)
}

// noFormula keeps a text a text, also where the workbook is saved as CSV and
// opened again.
func noFormula(s string) string {
	if s != "" && strings.ContainsRune("=+-@'", rune(s[0])) {
		if _, number := hundredths(s); !number {
			return "'" + s
		}
	}
	return s
}

const labelZH, labelEN, hintZH, hintEN = "label::中文 (zh)", "label::English (en)", "hint::中文 (zh)", "hint::English (en)"

func (f *Form) surveyRows() (survey, choices [][]string) {
	survey = [][]string{{"type", "name", labelZH, labelEN, hintZH, hintEN, "required", "relevant", "constraint", "weight", "veto", "na", "zero", "full"}}
	choices = [][]string{{"list_name", "name", labelZH, labelEN, "points"}}
	for _, c := range yesNo {
		choices = append(choices, c.row("yes_no"))
	}
	for i := range f.Sections {
		s := &f.Sections[i]
		survey = append(survey, []string{"begin_group", s.Name, s.Title.ZH, s.Title.EN, "", "", "", "", "", strconv.Itoa(s.Weight)})
		for j := range s.Items {
			it := &s.Items[j]
			if it.Kind == Choose {
				for _, c := range it.Choices {
					choices = append(choices, c.row(it.Name+listSuffix))
				}
			}
			survey = append(survey, it.surveyRow())
			if it.Photo != "" {
				survey = append(survey, []string{
					"image", it.Name + photoSuffix, "照片：" + it.Title.In("zh"), "Photo: " + it.Title.In("en"), "", "", flag(it.Photo == "required"), it.relevant(),
				})
			}
		}
		survey = append(survey, []string{"end_group", s.Name})
	}
	return survey, choices
}

// row is a choice in the sheet of choices.
func (c *Choice) row(list string) []string {
	return []string{list, c.Name, c.Title.ZH, c.Title.EN, strconv.Itoa(c.Share)}
}

// listSuffix keeps lists of choices apart from yes_no.
const listSuffix = "_choices"

func flag(is bool) string {
	if is {
		return yes
	}
	return ""
}

func (it *Item) relevant() string {
	if it.When == nil {
		return ""
	}
	return "${" + it.When.Item + "} = '" + it.When.Value + "'"
}

func (it *Item) surveyRow() []string {
	kind, weight := "", ""
	least, most := it.Least, it.Most
	switch it.Kind {
	case YesNo:
		kind = "select_one yes_no"
	case Choose:
		kind = "select_one " + it.Name + listSuffix
	case Give:
		kind, least, most = "integer", "0", strconv.Itoa(it.Weight)
	case Photo:
		kind = "image"
	default: // integer, decimal, text and note are called alike
		kind = string(it.Kind)
	}
	var bounds []string
	if least != "" {
		bounds = append(bounds, ". >= "+least)
	}
	if most != "" {
		bounds = append(bounds, ". <= "+most)
	}
	if it.Weight > 0 {
		weight = strconv.Itoa(it.Weight)
	}
	return []string{
		kind, it.Name, it.Title.ZH, it.Title.EN, it.Hint.ZH, it.Hint.EN, flag(it.Required || it.Weight > 0), it.relevant(), strings.Join(bounds, " and "), weight,
		flag(it.Veto), flag(it.MayNot), it.Zero, it.Full,
	}
}

func (f *Form) settingRows() [][]string {
	n := strconv.Itoa
	return [][]string{
		{"form_title", "form_id", "version", "default_language", "title_zh", "title_en", "note_zh", "note_en", "pass", "mend", "judged", "mend_days"},
		{f.Title.In("zh"), string(f.ID), n(f.Number), "中文 (zh)", f.Title.ZH, f.Title.EN, f.Note.ZH, f.Note.EN, n(f.Pass), n(f.Mend), n(f.Judged), n(f.MendDays)},
	}
}
