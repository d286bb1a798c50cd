package paper

import (
	"fmt"

	"github.com/xuri/excelize/v2"
)

// chart has Excel draw a chart beside its table, from the table's cells: whoever
// changes a cell changes it.
func (b *workbook) chart(c *Chart, d *Document) {
	g := d.grid(c.Of)
	if g == nil || len(g.Rows) == 0 {
		return
	}
	sheet := b.sheets[g.Name]
	cells := func(column int) string {
		name, err := excelize.ColumnNumberToName(column + 1)
		b.try(err)
		return fmt.Sprintf("'%s'!$%s$4:$%s$%d", sheet, name, name, 3+len(g.Rows))
	}
	chart := excelize.Chart{
		Type: excelize.Bar, Title: excelize.ChartTitle{Paragraph: []excelize.RichTextRun{{Text: c.Name}}}, Legend: excelize.ChartLegend{Position: "top"},
		Dimension: excelize.ChartDimension{Width: 640, Height: uint(160 + 30*len(g.Rows))},
		PlotArea:  excelize.ChartPlotArea{ShowVal: true},
		Format:    excelize.GraphicOptions{AltText: c.Alt},
		YAxis:     excelize.ChartAxis{MajorGridLines: true},
	}
	if c.Lines {
		chart.Type, chart.Dimension.Height, chart.PlotArea.ShowVal = excelize.Line, 360, false
	} else {
		chart.XAxis.ReverseOrder = true // the first row on top
	}
	for i, column := range c.Columns {
		name, err := excelize.CoordinatesToCellName(column+1, 3, true)
		b.try(err)
		s := excelize.ChartSeries{
			Name: fmt.Sprintf("'%s'!%s", sheet, name), Categories: cells(c.Label), Values: cells(column),
			Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{inks[i%len(inks)]}}, Marker: excelize.ChartMarker{Symbol: "none"},
			Line: excelize.LineOptions{Width: 2, Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{inks[i%len(inks)]}}},
		}
		chart.Series = append(chart.Series, s)
	}
	at, err := excelize.CoordinatesToCellName(len(g.Head)+2, 3+b.drawn[sheet]*20)
	b.try(err)
	b.drawn[sheet]++
	b.try(b.AddChart(sheet, at, &chart))
}

// inks are the colours of series, in order: told apart by their lightness too.
var inks = []string{"1F4E79", "2A9D8F", "C8553D"}
