package paper

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/width"
)

// lineWidth is that of a terminal and of an A4 page in a plain font.
const lineWidth = 80

// WriteText writes the document as plain text. Lines are not broken: whoever
// shows it does, and no figure is torn.
func (d *Document) WriteText(w io.Writer) error {
	var b strings.Builder
	centre := func(s string) {
		b.WriteString(strings.Repeat(" ", max(0, (lineWidth-columns(s))/2)) + s + "\n")
	}
	indent := ""
	if d.Lang == "zh" {
		indent = "　　"
	}
	if d.Number != "" {
		centre(d.Number)
	}
	centre(d.Title)
	centre(d.Under)
	for _, block := range d.Blocks {
		if block.Chart != nil { // it shows what a table says
			continue
		}
		b.WriteString("\n")
		switch {
		case block.Heading != "":
			b.WriteString(block.Heading + "\n")
		case block.Paragraph != "":
			b.WriteString(indent + block.Paragraph + "\n")
		case block.Note != "":
			b.WriteString(block.Note + "\n")
		case block.Table != nil:
			block.Table.text(&b)
		}
	}
	b.WriteString("\n")
	for _, s := range []string{d.Signer, d.Date} {
		if s != "" {
			b.WriteString(strings.Repeat(" ", max(0, lineWidth-columns(s))) + s + "\n")
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// text sets a table in columns that stand under one another in a fixed font,
// where a Chinese character is two wide.
func (g *Grid) text(b *strings.Builder) {
	b.WriteString(g.Name + "\n")
	widths := make([]int, len(g.Head))
	rows := append([][]string{g.Head}, g.all()...)
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], columns(cell))
		}
	}
	for _, row := range rows {
		var line strings.Builder
		for i, cell := range row {
			pad := strings.Repeat(" ", widths[i]-columns(cell))
			if i > 0 {
				line.WriteString("  ")
			}
			if g.Right[i] {
				line.WriteString(pad + cell)
			} else {
				line.WriteString(cell + pad)
			}
		}
		b.WriteString(strings.TrimRight(line.String(), " ") + "\n")
	}
}

// columns is how wide a text is in a fixed font.
func columns(s string) (n int) {
	for _, r := range s {
		switch width.LookupRune(r).Kind() {
		case width.EastAsianWide, width.EastAsianFullwidth:
			n += 2
		default:
			n++
		}
	}
	return n
}

// WriteMarkdown writes the document as Markdown.
func (d *Document) WriteMarkdown(w io.Writer) error {
	var b strings.Builder
	if d.Number != "" {
		b.WriteString(escape(d.Number) + "\n\n")
	}
	fmt.Fprintf(&b, "# %s\n\n%s\n", escape(d.Title), escape(d.Under))
	for _, block := range d.Blocks {
		if block.Chart != nil { // it shows what a table says
			continue
		}
		b.WriteString("\n")
		switch {
		case block.Heading != "":
			b.WriteString("## " + escape(block.Heading) + "\n")
		case block.Paragraph != "":
			b.WriteString(escape(block.Paragraph) + "\n")
		case block.Note != "":
			b.WriteString("> " + escape(block.Note) + "\n")
		case block.Table != nil:
			block.Table.markdown(&b)
		}
	}
	if d.Signer != "" {
		b.WriteString("\n" + escape(d.Signer) + "\n")
	}
	fmt.Fprintf(&b, "\n%s\n", escape(d.Date))
	_, err := io.WriteString(w, b.String())
	return err
}

func (g *Grid) markdown(b *strings.Builder) {
	row := func(cells []string, bold bool) {
		for _, c := range cells {
			c = escape(c)
			if bold && c != "" {
				c = "**" + c + "**"
			}
			b.WriteString("| " + c + " ")
		}
		b.WriteString("|\n")
	}
	fmt.Fprintf(b, "**%s**\n\n", escape(g.Name))
	row(g.Head, false)
	for _, right := range g.Right {
		if right {
			b.WriteString("|---:")
		} else {
			b.WriteString("|:---")
		}
	}
	b.WriteString("|\n")
	for _, r := range g.Rows {
		row(r, false)
	}
	if g.Sum != nil {
		row(g.Sum, true)
	}
}

// escape keeps a name from being read as Markdown.
func escape(s string) string {
	if !utf8.ValidString(s) || !strings.ContainsAny(s, "\\`*_{}[]<>#|\n") {
		return s
	}
	return strings.NewReplacer("\\", "\\\\", "`", "\\`", "*", "\\*", "_", "\\_", "[", "\\[", "]", "\\]", "<", "&lt;", ">", "&gt;", "#", "\\#", "|", "\\|", "\n", " ").Replace(s)
}
