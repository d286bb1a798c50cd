package paper

import (
	"fmt"
	"io"
	"strings"

	"github.com/xuri/excelize/v2"
)

// WriteWorkbook writes the document as an Excel workbook: the words on the first
// sheet, each table on one of its own, figures as numbers.
func (d *Document) WriteWorkbook(w io.Writer) (err error) {
	f := excelize.NewFile()
	defer func() {
		if e := f.Close(); err == nil {
			err = e
		}
	}()
	book := &workbook{File: f, sheets: map[string]string{}, drawn: map[string]int{}}
	book.name(d)
	book.words(d)
	for _, b := range d.Blocks {
		if b.Table != nil {
			book.table(b.Table, d)
		}
	}
	for _, g := range d.Behind {
		book.table(g, d)
	}
	for _, b := range d.Blocks {
		if b.Chart != nil {
			book.chart(b.Chart, d)
		}
	}
	if book.err != nil {
		return book.err
	}
	return f.Write(w)
}

// workbook keeps the first error, so that a table is written as it reads.
type workbook struct {
	*excelize.File
	sheets map[string]string // of a table, by its key
	behind *Grid             // the rows of which figures are made, when they come along
	drawn  map[string]int    // charts on a sheet
	err    error
}

func (b *workbook) try(err error) {
	if b.err == nil {
		b.err = err
	}
}

func (b *workbook) style(s *excelize.Style) int {
	id, err := b.NewStyle(s)
	b.try(err)
	return id
}

func (b *workbook) set(sheet string, column, row int, value any, style int) {
	cell, err := excelize.CoordinatesToCellName(column, row)
	b.try(err)
	b.try(b.SetCellValue(sheet, cell, value))
	b.try(b.SetCellStyle(sheet, cell, cell, style))
}

func (b *workbook) words(d *Document) {
	sheet := sheetName(0, d.Title)
	b.try(b.SetColWidth(sheet, "A", "A", 90))
	title := b.style(&excelize.Style{Font: &excelize.Font{Bold: true, Size: 18}, Alignment: &excelize.Alignment{Horizontal: "center", WrapText: true}})
	under := b.style(&excelize.Style{Alignment: &excelize.Alignment{Horizontal: "center"}})
	heading := b.style(&excelize.Style{Font: &excelize.Font{Bold: true, Size: 13}})
	text := b.style(&excelize.Style{Alignment: &excelize.Alignment{WrapText: true, Vertical: "top"}})
	note := b.style(&excelize.Style{Font: &excelize.Font{Italic: true}, Alignment: &excelize.Alignment{WrapText: true}})
	right := b.style(&excelize.Style{Alignment: &excelize.Alignment{Horizontal: "right"}})
	row := 1
	put := func(s string, style int) {
		b.set(sheet, 1, row, s, style)
		row++
	}
	if d.Number != "" {
		put(d.Number, under)
	}
	put(d.Title, title)
	put(d.Under, under)
	for _, x := range d.Blocks {
		switch {
		case x.Heading != "":
			put(x.Heading, heading)
		case x.Paragraph != "":
			put(x.Paragraph, text)
		case x.Note != "":
			put(x.Note, note)
		}
	}
	if d.Signer != "" {
		put(d.Signer, right)
	}
	put(d.Date, right)
	b.printed(sheet, false)
}

func (b *workbook) table(g *Grid, d *Document) {
	sheet := b.sheets[g.Name]
	border := []excelize.Border{{Type: "left", Style: 1}, {Type: "right", Style: 1}, {Type: "top", Style: 1}, {Type: "bottom", Style: 1}}
	for i := range border {
		border[i].Color = "808080"
	}
	bold := &excelize.Font{Bold: true}
	title := b.style(&excelize.Style{Font: &excelize.Font{Bold: true, Size: 14}})
	head := b.style(&excelize.Style{Font: bold, Border: border, Alignment: &excelize.Alignment{Horizontal: "center", WrapText: true}})
	rate := "0.0%"
	formats := map[bool]map[bool]int{} // sum row → share
	for _, sum := range []bool{false, true} {
		font := &excelize.Font{Bold: sum}
		formats[sum] = map[bool]int{
			false: b.style(&excelize.Style{Font: font, Border: border}),
			true:  b.style(&excelize.Style{Font: font, Border: border, CustomNumFmt: &rate}),
		}
	}
	b.set(sheet, 1, 1, g.Name, title)
	b.set(sheet, 1, 2, d.Under, b.style(&excelize.Style{}))
	for i, h := range g.Head {
		b.set(sheet, i+1, 3, h, head)
		column, err := excelize.ColumnNumberToName(i + 1)
		b.try(err)
		wide := columns(h)
		for _, row := range g.Rows {
			wide = max(wide, columns(row[i]))
		}
		b.try(b.SetColWidth(sheet, column, column, float64(min(wide, 60))+3))
	}
	for r, row := range g.all() {
		for i, cell := range row {
			value, share := number(cell, g.Right[i])
			b.set(sheet, i+1, r+4, value, formats[r == len(g.Rows)][share])
			b.lead(d, sheet, i+1, r+4, g.ref(r, i))
		}
	}
	last, err := excelize.CoordinatesToCellName(len(g.Head), max(4, 3+len(g.Rows)))
	b.try(err)
	b.try(b.AutoFilter(sheet, "A3:"+last, nil))
	b.printed(sheet, true)
	b.try(b.SetPanes(sheet, &excelize.Panes{Freeze: true, YSplit: 3, TopLeftCell: "A4", ActivePane: "bottomLeft"}))
}

// sheetName is a table's name as Excel takes it: 31 characters, none of :\/?*[].
func sheetName(n int, name string) string {
	name = strings.NewReplacer(":", " ", "\\", " ", "/", " ", "?", " ", "*", " ", "[", " ", "]", " ", "\u3000", " ").Replace(name)
	r := []rune(fmt.Sprintf("%d %s", n, name))
	if n == 0 {
		r = []rune(name)
	}
	return strings.TrimSpace(string(r[:min(len(r), 31)]))
}
