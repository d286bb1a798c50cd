package camera

import (
	"strings"

	"github.com/xuri/excelize/v2"

	"linli.dev/linli/fault"
)

// Template makes an empty list with headings: kind "xlsx" with drop-downs and
// a sheet of notes, "csv" with the headings alone.
func Template(kind, lang string) ([]byte, error) {
	if kind == "csv" {
		heads := make([]string, len(columns))
		for i, c := range columns {
			heads[i] = c.heading(lang)
		}
		// The mark makes Excel read UTF-8.
		return []byte("\ufeff" + strings.Join(heads, ",") + "\r\n"), nil
	}
	b, err := templateXLSX(lang)
	if err != nil {
		return nil, fault.Wrap(err, fault.Internal, "camera.Template", "camera.import.not-readable")
	}
	return b, nil
}

func templateXLSX(lang string) ([]byte, error) {
	zh := lang != "en"
	word := func(z, e string) string {
		if zh {
			return z
		}
		return e
	}
	f := excelize.NewFile()
	defer f.Close()
	list, notes := word("摄像机", "Cameras"), word("填写说明", "Notes")
	if err := f.SetSheetName("Sheet1", list); err != nil {
		return nil, err
	}
	border := []excelize.Border{{Type: "bottom", Color: "8A8F99", Style: 1}, {Type: "right", Color: "D5D8DE", Style: 1}}
	style := func(fill string) (int, error) {
		return f.NewStyle(&excelize.Style{
			Font: &excelize.Font{Bold: true}, Border: border,
			Fill:      excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{fill}},
			Alignment: &excelize.Alignment{Vertical: "center", WrapText: true},
		})
	}
	needed, err := style("FCE4D6")
	if err != nil {
		return nil, err
	}
	free, err := style("EDEFF3")
	if err != nil {
		return nil, err
	}
	text, err := f.NewStyle(&excelize.Style{NumFmt: 49}) // "@": 001 stays 001, and an address no date
	if err != nil {
		return nil, err
	}
	for i, c := range columns {
		name, err := excelize.ColumnNumberToName(i + 1)
		if err != nil {
			return nil, err
		}
		head := free
		if c.need {
			head = needed
		}
		if err := f.SetColStyle(list, name, text); err != nil {
			return nil, err
		}
		if err := f.SetCellStr(list, name+"1", c.heading(lang)); err != nil {
			return nil, err
		}
		if err := f.SetCellStyle(list, name+"1", name+"1", head); err != nil {
			return nil, err
		}
		if err := f.SetColWidth(list, name, name, c.width); err != nil {
			return nil, err
		}
		if len(c.choices) == 0 {
			continue
		}
		v := excelize.NewDataValidation(true)
		v.Sqref = name + "2:" + name + "5001"
		if err := v.SetDropList(labels(c.choices, lang)); err != nil {
			return nil, err
		}
		v.SetError(excelize.DataValidationErrorStyleStop, strings.TrimSuffix(c.heading(lang), "*"), word("请从下拉列表中选择。", "Choose from the list."))
		if err := f.AddDataValidation(list, v); err != nil {
			return nil, err
		}
	}
	if err := f.SetRowHeight(list, 1, 32); err != nil {
		return nil, err
	}
	if err := f.SetPanes(list, &excelize.Panes{Freeze: true, XSplit: 1, YSplit: 1, TopLeftCell: "B2", ActivePane: "bottomRight"}); err != nil {
		return nil, err
	}
	if err := templateNotes(f, notes, lang, word, needed); err != nil {
		return nil, err
	}
	f.SetActiveSheet(0)
	b, err := f.WriteToBuffer()
	if err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// templateNotes lists the columns one below the other, so that the sheet is
// never taken for a list of cameras.
func templateNotes(f *excelize.File, sheet, lang string, word func(z, e string) string, head int) error {
	if _, err := f.NewSheet(sheet); err != nil {
		return err
	}
	rows := [][]any{
		{word("带 * 的列必填。只登记公共区域；住户家中、宿舍和客房、浴室、卫生间、更衣室、哺乳室及能拍到其内部的角度一律不得登记。", "Columns with * are needed. Only common areas: homes, dormitory and hotel rooms, baths, toilets, changing and nursing rooms, and any angle into them, are refused.")},
		{word("本文件含设备密码，导入后请删除。", "This file holds passwords of devices: delete it after the import.")},
		{},
		{word("列名", "Column"), word("说明", "What it is"), word("可填内容", "What may stand there"), word("示例", "Example")},
	}
	for _, c := range columns {
		help := c.helpZH
		if lang == "en" {
			help = c.helpEN
		}
		rows = append(rows, []any{c.heading(lang), help, strings.Join(labels(c.choices, lang), word("、", ", ")), c.sample(lang)})
	}
	for i, r := range rows {
		cell, err := excelize.CoordinatesToCellName(1, i+1)
		if err != nil {
			return err
		}
		if err := f.SetSheetRow(sheet, cell, &r); err != nil {
			return err
		}
	}
	if err := f.SetCellStyle(sheet, "A4", "D4", head); err != nil {
		return err
	}
	for col, width := range map[string]float64{"A": 24, "B": 52, "C": 60, "D": 36} {
		if err := f.SetColWidth(sheet, col, col, width); err != nil {
			return err
		}
	}
	return nil
}

// sample in English takes the word of a choice, and what needs no language.
func (c column) sample(lang string) string {
	if lang != "en" {
		return c.sampleZH
	}
	for _, x := range c.choices {
		if x.zh == c.sampleZH {
			return x.en
		}
	}
	for _, r := range c.sampleZH {
		if r > 0x7e {
			return ""
		}
	}
	return c.sampleZH
}
