package sheet

import (
	"context"
	"fmt"
	"strings"

	"github.com/xuri/excelize/v2"

	"linli.dev/linli/fault"
	"linli.dev/linli/people/place"
)

const lastTemplateRow = 5001

// Template makes an empty list with headings: kind "xlsx" with drop-downs of
// the city's divisions and a sheet of notes, "csv" with the headings alone. A
// list of buildings offers the compounds that may be shown (nil: all).
func (s *Service) Template(ctx context.Context, list List, kind, lang string, show func(place.ID) bool) ([]byte, error) {
	of := listingOf(list)
	if of == nil {
		return nil, fault.New(fault.Invalid, "sheet.Template", "sheet.no-such-list")
	}
	if kind == "csv" {
		heads := make([]string, 0, len(of.columns))
		for i := range of.columns {
			heads = append(heads, of.columns[i].heading(lang))
		}
		return []byte("\ufeff" + strings.Join(heads, ",") + "\r\n"), nil // the mark makes Excel read UTF-8
	}
	tree, err := s.o.Places.Tree(ctx)
	if err != nil {
		return nil, err
	}
	t := &template{f: excelize.NewFile(), lang: lang, of: of, show: show, list: pick(lang, of.zh, of.en), places: pick(lang, "地点名录", "Places")}
	defer t.f.Close()
	if err := t.write(tree, s.today()); err != nil {
		return nil, fault.Wrap(err, fault.Internal, "sheet.Template", "sheet.store")
	}
	b, err := t.f.WriteToBuffer()
	if err != nil {
		return nil, fault.Wrap(err, fault.Internal, "sheet.Template", "sheet.store")
	}
	return b.Bytes(), nil
}

type template struct {
	f            *excelize.File
	lang         string
	of           *listing
	show         func(place.ID) bool
	list, places string
}

func (t *template) write(tree *place.Tree, q place.AsOf) error {
	if err := t.f.SetSheetName("Sheet1", t.list); err != nil {
		return err
	}
	must, err := headStyle(t.f, needed)
	if err != nil {
		return err
	}
	may, err := headStyle(t.f, free)
	if err != nil {
		return err
	}
	if err := t.notes(must); err != nil {
		return err
	}
	if err := t.divisions(tree, q); err != nil {
		return err
	}
	text, err := textStyle(t.f)
	if err != nil {
		return err
	}
	for i := range t.of.columns {
		style := may
		if t.of.columns[i].need {
			style = must
		}
		if err := t.column(i, style, text); err != nil {
			return err
		}
	}
	if err := t.f.SetRowHeight(t.list, 1, 32); err != nil {
		return err
	}
	t.f.SetActiveSheet(0)
	return t.f.SetPanes(t.list, &excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"})
}

func (t *template) column(i, style, text int) error {
	c, name := &t.of.columns[i], columnName(i)
	heading := c.heading(t.lang)
	if c.need {
		heading += "*"
	}
	if c.form != aNumber && c.form != aPlan {
		if err := t.f.SetColStyle(t.list, name, text); err != nil {
			return err
		}
	}
	if err := t.f.SetCellStr(t.list, name+"1", heading); err != nil {
		return err
	}
	if err := t.f.SetCellStyle(t.list, name+"1", name+"1", style); err != nil {
		return err
	}
	if err := t.f.SetColWidth(t.list, name, name, c.width); err != nil {
		return err
	}
	v := excelize.NewDataValidation(true)
	v.Sqref = fmt.Sprintf("%s2:%s%d", name, name, lastTemplateRow)
	say := pick(t.lang, "请从下拉列表中选择。", "Choose from the list.")
	switch {
	case len(c.words()) > 0:
		if err := v.SetDropList(labels(c.words(), t.lang)); err != nil {
			return err
		}
	case c.form == aNumber:
		if err := v.SetRange(0, maxNumber, excelize.DataValidationTypeWhole, excelize.DataValidationOperatorBetween); err != nil {
			return err
		}
		say = pick(t.lang, "应为 0 至 100000 的整数。", "A whole number from 0 to 100000.")
	case c.form == aPlan:
		if err := v.SetRange(1, maxPlan, excelize.DataValidationTypeWhole, excelize.DataValidationOperatorBetween); err != nil {
			return err
		}
		say = pick(t.lang, "应为 1 至 10000 的整数。", "A whole number from 1 to 10000.")
	case c.key == County:
		v.SetSqrefDropList(fmt.Sprintf("'%s'!$A$2:$A$%d", t.places, 1000))
	case c.key == Street: // the streets of the county in the same row
		v.SetSqrefDropList(fmt.Sprintf("OFFSET('%s'!$C$1,MATCH($A2,'%s'!$B:$B,0)-1,0,COUNTIF('%s'!$B:$B,$A2),1)", t.places, t.places, t.places))
	case c.key == Community: // the communities of the county and street in the same row; a formula is written as it is
		v.SetSqrefDropList(fmt.Sprintf("OFFSET('%s'!$E$1,MATCH($A2&amp;$B2,'%s'!$D:$D,0)-1,0,COUNTIF('%s'!$D:$D,$A2&amp;$B2),1)", t.places, t.places, t.places))
	case c.key == Name && t.of.inner: // the compounds of the community in the same row
		v.SetSqrefDropList(fmt.Sprintf("OFFSET('%s'!$G$1,MATCH($A2&amp;$B2&amp;$C2,'%s'!$F:$F,0)-1,0,COUNTIF('%s'!$F:$F,$A2&amp;$B2&amp;$C2),1)", t.places, t.places, t.places))
	default:
		return nil
	}
	if t.of.key == Divisions && len(c.words()) == 0 || t.of.inner && c.key == Name { // a new name may stand there too, or one by which the compound is known
		v.ShowErrorMessage = false
		return t.f.AddDataValidation(t.list, v)
	}
	var refusal excelize.DataValidationErrorStyle = excelize.DataValidationErrorStyleStop
	if c.form == aNumber { // a word that clears the value may stand there too
		refusal = excelize.DataValidationErrorStyleWarning
	}
	v.SetError(refusal, c.heading(t.lang), say)
	return t.f.AddDataValidation(t.list, v)
}

// divisions lists what the drop-downs offer: counties, streets by county,
// communities by county and street.
func (t *template) divisions(tree *place.Tree, q place.AsOf) error {
	if _, err := t.f.NewSheet(t.places); err != nil {
		return err
	}
	w, err := t.f.NewStreamWriter(t.places)
	if err != nil {
		return err
	}
	var rows [][7]string
	at := [4]int{}
	put := func(list int, values ...string) {
		for len(rows) <= at[list] {
			rows = append(rows, [7]string{})
		}
		copy(rows[at[list]][[]int{0, 1, 3, 5}[list]:], values)
		at[list]++
	}
	for _, county := range tree.Of(q, place.County) {
		put(0, county.Name)
		for _, street := range tree.Under(q, county.Place) {
			put(1, county.Name, street.Name)
			for _, community := range tree.Under(q, street.Place) {
				put(2, county.Name+street.Name, community.Name)
				if !t.of.inner {
					continue
				}
				for _, compound := range tree.Under(q, community.Place) {
					if t.show != nil && !t.show(compound.Place) {
						continue
					}
					put(3, county.Name+street.Name+community.Name, compound.Name)
				}
			}
		}
	}
	heads := []any{
		pick(t.lang, "县区", "County"), pick(t.lang, "所属县区", "Of county"), pick(t.lang, "街道（乡镇）", "Street or town"),
		pick(t.lang, "所属县区和街道", "Of county and street"), pick(t.lang, "社区（村）", "Community"),
		pick(t.lang, "所属社区", "Of community"), pick(t.lang, "小区", "Compound"),
	}
	if err := w.SetRow("A1", heads); err != nil {
		return err
	}
	for i, r := range rows {
		if err := w.SetRow(fmt.Sprintf("A%d", i+2), []any{r[0], r[1], r[2], r[3], r[4], r[5], r[6]}); err != nil {
			return err
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return t.f.SetSheetVisible(t.places, false)
}

// notes lists the columns one below the other, so that the sheet is never taken
// for a list of compounds.
func (t *template) notes(head int) error {
	sheet := pick(t.lang, "填写说明", "Notes")
	if _, err := t.f.NewSheet(sheet); err != nil {
		return err
	}
	rows := [][]any{
		{map[List]string{
			Compounds: pick(t.lang, "带 * 的列必填。一行一个小区，可增减列、改列名，上传后核对各列含义即可。", "Columns with * are needed. One compound a row. Columns may be left out, added or renamed: their meaning is checked after the upload."),
			Divisions: pick(t.lang, "带 * 的列必填。一行一个区划，填到哪一级就登记哪一级；上级须已登记，或在前面的行中。可增减列、改列名，上传后核对各列含义即可。", "Columns with * are needed. One division a row: the last name is the division, those before it are what is above, which is registered or stands in a row before. Columns may be left out, added or renamed: their meaning is checked after the upload."),
			Channels:  pick(t.lang, "带 * 的列必填。一行一路探头，同一小区内按名称辨认。可增减列、改列名，上传后核对各列含义即可。", "Columns with * are needed. One channel a row, told apart by name within its compound. Columns may be left out, added or renamed: their meaning is checked after the upload."),
			Areas:     pick(t.lang, "带 * 的列必填。一行一个区域，同一小区内按名称辨认。可增减列、改列名，上传后核对各列含义即可。", "Columns with * are needed. One area a row, told apart by name within its compound. Columns may be left out, added or renamed: their meaning is checked after the upload."),
			Assets:    pick(t.lang, "带 * 的列必填。一行一种设施，可填状况和最近检查日期。可增减列、改列名，上传后核对各列含义即可。", "Columns with * are needed. One sort of protection a row, with its condition and last check. Columns may be left out, added or renamed: their meaning is checked after the upload."),
			Buildings: pick(t.lang, "带 * 的列必填。一行一栋楼，数量为该楼栋所有，不计入小区总数。可增减列、改列名，上传后核对各列含义即可。", "Columns with * are needed. One building a row; the numbers are of the building and are not added to the compound's. Columns may be left out, added or renamed: their meaning is checked after the upload."),
		}[t.of.key]},
		{pick(t.lang, "空白单元格表示不变；数量为零请填 0。", "An empty cell leaves its field alone; write 0 for none.")},
		{pick(t.lang, "不得填写居民个人信息：含身份证件号码、电话号码或相关列的表格不予接收。", "Nothing about residents: a list with identity or telephone numbers, or columns for them, is not taken.")},
		{},
		{pick(t.lang, "列名", "Column"), pick(t.lang, "说明", "What it is"), pick(t.lang, "可填内容", "What may stand there"), pick(t.lang, "示例", "Example")},
	}
	for i := range t.of.columns {
		c := &t.of.columns[i]
		example := c.example
		if c.form == aNumber {
			example = "6"
		}
		if w, ok := choose(c.words(), example); ok {
			example = wordOf(c.words(), w, t.lang)
		}
		rows = append(rows, []any{c.heading(t.lang), c.help(t.lang), listed(labels(c.words(), t.lang), t.lang), example})
	}
	for i, r := range rows {
		if err := t.f.SetSheetRow(sheet, cellName(0, i), &r); err != nil {
			return err
		}
	}
	if err := t.f.SetCellStyle(sheet, "A5", "D5", head); err != nil {
		return err
	}
	for col, width := range map[string]float64{"A": 20, "B": 52, "C": 26, "D": 30} {
		if err := t.f.SetColWidth(sheet, col, col, width); err != nil {
			return err
		}
	}
	return nil
}
