package paper

import (
	"slices"

	"github.com/xuri/excelize/v2"
)

// name makes the sheets, so that links and charts know where they lead.
func (b *workbook) name(d *Document) {
	b.try(b.SetSheetName("Sheet1", sheetName(0, d.Title)))
	n := 0
	add := func(g *Grid) {
		n++
		sheet := sheetName(n, g.Name)
		b.sheets[g.Name] = sheet
		_, err := b.NewSheet(sheet)
		b.try(err)
		if g.Figures != nil {
			b.behind = g
		}
	}
	for _, x := range d.Blocks {
		if x.Table != nil {
			add(x.Table)
		}
	}
	for _, g := range d.Behind {
		add(g)
	}
}

// lead links a figure to the rows it is made of: the column of the figure, at the
// first row of the county.
func (b *workbook) lead(d *Document, sheet string, column, row int, r *Ref) {
	if r == nil {
		return
	}
	cell, err := excelize.CoordinatesToCellName(column, row)
	b.try(err)
	if r.Since != "" || r.Milestone != "" { // what changed, and the duties of one milestone, are on the pages only
		if to := d.link(r); to != "" {
			b.try(b.SetCellHyperLink(sheet, cell, to, "External"))
		}
		return
	}
	if b.behind == nil {
		return
	}
	i := slices.Index(b.behind.Figures, r.Figure)
	first := 0
	if r.County != "" {
		first = slices.Index(b.behind.Keys, r.County)
	}
	if i < 0 || first < 0 {
		return
	}
	to, err := excelize.CoordinatesToCellName(i+1, first+4)
	b.try(err)
	b.try(b.SetCellHyperLink(sheet, cell, "'"+b.sheets[b.behind.Name]+"'!"+to, "Location"))
}

// printed sets how a sheet comes out of a printer: as wide as a page, its heading
// on each.
func (b *workbook) printed(sheet string, wide bool) {
	landscape, a4, one, any, yes := "landscape", 9, 1, 0, true
	o := &excelize.PageLayoutOptions{Size: &a4, FitToWidth: &one, FitToHeight: &any}
	if wide {
		o.Orientation = &landscape
		b.try(b.SetDefinedName(&excelize.DefinedName{Name: "_xlnm.Print_Titles", RefersTo: "'" + sheet + "'!$3:$3", Scope: sheet}))
	}
	b.try(b.SetPageLayout(sheet, o))
	b.try(b.SetSheetProps(sheet, &excelize.SheetPropsOptions{FitToPage: &yes}))
}
