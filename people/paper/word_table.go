package paper

import (
	"fmt"
	"strings"
)

// tableWide is the width between the margins in twentieths of a point: 156 mm.
const tableWide = 8844

// table is Word's own: its heading row comes again on each page, a row is not
// torn over two.
func (b *body) table(g *Grid) {
	widths := g.widths()
	var total int
	for _, w := range widths {
		total += w
	}
	style := ""
	if id := b.t.tableStyle; id != "" {
		style = `<w:tblStyle w:val="` + escaped(id) + `"/>`
	}
	fmt.Fprintf(b, `<w:tbl %s><w:tblPr>%s<w:tblW w:w="%d" w:type="dxa"/><w:jc w:val="center"/><w:tblBorders>`, nsW, style, total)
	for _, side := range []string{"top", "left", "bottom", "right", "insideH", "insideV"} {
		size := 4
		if side == "top" || side == "bottom" {
			size = 8
		}
		fmt.Fprintf(b, `<w:%s w:val="single" w:sz="%d" w:space="0" w:color="auto"/>`, side, size)
	}
	b.WriteString(`</w:tblBorders><w:tblLayout w:type="fixed"/><w:tblCellMar><w:left w:w="40" w:type="dxa"/><w:right w:w="40" w:type="dxa"/></w:tblCellMar>`)
	fmt.Fprintf(b, `<w:tblCaption w:val="%s"/></w:tblPr><w:tblGrid>`, escaped(g.Name))
	for _, w := range widths {
		fmt.Fprintf(b, `<w:gridCol w:w="%d"/>`, w)
	}
	b.WriteString("</w:tblGrid>")
	b.row(g, widths, -1, g.Head)
	for i, row := range g.all() {
		b.row(g, widths, i, row)
	}
	b.WriteString("</w:tbl>")
}

// row i of a table; -1 is its heading.
func (b *body) row(g *Grid, widths []int, i int, cells []string) {
	b.WriteString("<w:tr><w:trPr><w:cantSplit/>")
	look := ""
	if i < 0 {
		b.WriteString("<w:tblHeader/>")
	}
	if i < 0 || i == len(g.Rows) {
		look = "<w:b/>"
	}
	b.WriteString("</w:trPr>")
	for c, cell := range cells {
		fmt.Fprintf(b, `<w:tc><w:tcPr><w:tcW w:w="%d" w:type="dxa"/>`, widths[c])
		if i < 0 {
			b.WriteString(`<w:shd w:val="clear" w:color="auto" w:fill="F2F2F2"/>`)
		} else if g.Right[c] {
			b.WriteString("<w:noWrap/>")
		}
		b.WriteString(`<w:vAlign w:val="center"/></w:tcPr>`)
		side := "left"
		switch {
		case i < 0:
			side = "center"
		case g.Right[c]:
			side = "right"
		}
		b.paragraphSide("cell", side)
		if to := b.d.link(g.ref(i, c)); i >= 0 && to != "" {
			b.links = append(b.links, to)
			fmt.Fprintf(b, `<w:hyperlink %s r:id="%s" w:history="1">`, nsR, linkID(len(b.links)))
			b.run("cell", cell, look)
			b.WriteString("</w:hyperlink>")
		} else {
			b.run("cell", cell, look)
		}
		b.end()
		b.WriteString("</w:tc>")
	}
	b.WriteString("</w:tr>")
}

func (b *body) paragraphSide(k, side string) {
	kind := b.look(k)
	b.WriteString("<w:p><w:pPr>")
	if id := b.t.style(kind.styles); id != "" {
		b.WriteString(`<w:pStyle w:val="` + escaped(id) + `"/>` + whole28)
	} else {
		b.WriteString(kind.para)
	}
	b.WriteString(`<w:jc w:val="` + side + `"/>`)
	if look := b.runLook(k); look != "" { // an empty cell is as high as a full one
		b.WriteString("<w:rPr>" + look + "</w:rPr>")
	}
	b.WriteString("</w:pPr>")
}

// widths shares the page out: a column of numbers gets what its longest one
// needs, and so does a short column of words; the long ones share what is left.
func (g *Grid) widths() []int {
	const em = 91 // half of a Chinese character at 9 points, in twentieths, with a little air
	out := make([]int, len(g.Head))
	open := map[int]int{} // the columns that have no width yet, with what they need
	room := tableWide
	for c, head := range g.Head {
		cells := 0
		for _, row := range g.Rows {
			cells = max(cells, columns(row[c])+air(row[c]))
		}
		if g.Sum != nil {
			cells = max(cells, columns(g.Sum[c])+1) // it is bold
		}
		need := max(cells, headWide(head))*em + 100
		if open[c] = need; g.Right[c] {
			out[c] = need
			room -= need
			delete(open, c)
		}
	}
	for len(open) > 0 {
		fair := room / len(open)
		short := -1
		for c, need := range open {
			if need <= fair && (short < 0 || c < short) {
				short = c
			}
		}
		if short < 0 { // all that are left want more than there is
			for c := range open {
				out[c] = max(fair, 600)
			}
			return out
		}
		out[short] = open[short]
		room -= out[short]
		delete(open, short)
	}
	total := tableWide - room
	for c := range out { // there is room for all: grow together
		out[c] = out[c] * tableWide / max(total, 1)
	}
	return out
}

// air is the space that a program may put between Chinese characters and
// numbers: a quarter of a character at each change, here in halves.
func air(s string) (n int) {
	was := 0
	for _, r := range s {
		is := columns(string(r))
		if was != 0 && is != was {
			n++
		}
		was = is
	}
	return (n + 1) / 2
}

// headWide is what a heading needs: a short one its length, a long one half of
// it, and no word is broken.
func headWide(head string) int {
	n := columns(head)
	if n > 8 {
		n = (n + 1) / 2
		for _, word := range strings.Fields(head) {
			if len(word) == len([]rune(word)) { // of the West
				n = max(n, len(word)+1)
			}
		}
	}
	if n == len(head) || strings.Contains(head, " ") { // bold letters of the West are wide
		n++
	}
	return n + 1
}

// picture is a chart, said in words for who cannot see it.
func (b *body) picture(c *Chart, more string) {
	png, tall, err := c.PNG(b.d)
	if err != nil {
		b.err = err
	}
	if png == nil {
		return
	}
	b.paragraph("caption", more)
	b.run("caption", c.Name, "")
	b.end()
	b.images = append(b.images, png)
	n := len(b.images)
	const emu = 3600 // of a pixel at 254 dots per inch
	wide, high := chartWide*emu, tall*emu
	b.WriteString("<w:p " + nsW + `><w:pPr><w:snapToGrid w:val="0"/><w:spacing w:before="0" w:after="120" w:line="240" w:lineRule="auto"/><w:jc w:val="center"/></w:pPr><w:r><w:drawing>`)
	b.WriteString(strings.NewReplacer(
		"{wide}", fmt.Sprint(wide), "{high}", fmt.Sprint(high), "{n}", fmt.Sprint(9000+n), "{alt}", escaped(c.Alt), "{name}", escaped(c.Name), "{id}", imageID(n),
	).Replace(`<wp:inline xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" distT="0" distB="0" distL="0" distR="0">` +
		`<wp:extent cx="{wide}" cy="{high}"/><wp:docPr id="{n}" name="{name}" descr="{alt}"/>` +
		`<a:graphic xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"><a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/picture">` +
		`<pic:pic xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:nvPicPr><pic:cNvPr id="{n}" name="{name}" descr="{alt}"/><pic:cNvPicPr/></pic:nvPicPr>` +
		`<pic:blipFill><a:blip ` + nsR + ` r:embed="{id}"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill>` +
		`<pic:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="{wide}" cy="{high}"/></a:xfrm><a:prstGeom prst="rect"><a:avLst/></a:prstGeom></pic:spPr></pic:pic>` +
		`</a:graphicData></a:graphic></wp:inline>`))
	b.WriteString("</w:drawing></w:r></w:p>")
}
