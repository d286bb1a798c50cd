package paper

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"
)

// WriteWord writes the document as Word, in a template; nil: ours, the plain
// layout of GB/T 9704.
func (d *Document) WriteWord(w io.Writer, t *Template) error {
	if t == nil && d.Compact {
		t = sheet()
	} else if t == nil {
		t = plain()
	}
	return t.fill(w, d)
}

// Namespaces, on each paragraph and table: a template may call them otherwise.
const (
	nsW = `xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"`
	nsR = `xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"`
)

// kind is what a paragraph is. Its style is the template's, found by name; in a
// template that has none of the names, it is set as ours is.
type kind struct {
	styles []string // names in a template, the first that it has
	para   string   // pPr without a style
	run    string   // rPr without a style
}

const (
	song   = `<w:rFonts w:ascii="Times New Roman" w:hAnsi="Times New Roman" w:cs="Times New Roman" w:eastAsia="宋体"/>`
	hei    = `<w:rFonts w:ascii="Times New Roman" w:hAnsi="Times New Roman" w:cs="Times New Roman" w:eastAsia="黑体"/>`
	kai    = `<w:rFonts w:ascii="Times New Roman" w:hAnsi="Times New Roman" w:cs="Times New Roman" w:eastAsia="楷体_GB2312"/>`
	fang   = `<w:rFonts w:ascii="Times New Roman" w:hAnsi="Times New Roman" w:cs="Times New Roman" w:eastAsia="仿宋_GB2312"/>`
	banner = `<w:rFonts w:ascii="Times New Roman" w:hAnsi="Times New Roman" w:cs="Times New Roman" w:eastAsia="方正小标宋简体"/>`
	// Words and numbers of the West are not broken inside: no figure is torn.
	whole28 = `<w:wordWrap w:val="1"/>`
	tight   = `<w:autoSpaceDE w:val="0"/><w:autoSpaceDN w:val="0"/>`                  // cells: no air between 34 and 天
	line28  = `<w:spacing w:before="0" w:after="0" w:line="579" w:lineRule="exact"/>` // 22 lines on a page
	two     = `<w:ind w:firstLineChars="200" w:firstLine="640"/>`
)

// The sizes of official documents: 2号 is 22 points, 3号 16, 小四 12, 五号 10.5.
var kinds = map[string]kind{
	"number":  {[]string{"通报文号", "公文文号"}, whole28 + line28 + `<w:jc w:val="center"/>`, fang + `<w:sz w:val="32"/><w:szCs w:val="32"/>`},
	"title":   {[]string{"通报标题", "公文标题", "title", "标题"}, `<w:keepNext/>` + whole28 + `<w:spacing w:before="579" w:after="0" w:line="700" w:lineRule="exact"/><w:jc w:val="center"/>`, banner + `<w:sz w:val="44"/><w:szCs w:val="44"/>`},
	"under":   {[]string{"通报副题", "subtitle", "副标题"}, whole28 + `<w:spacing w:before="0" w:after="579" w:line="579" w:lineRule="exact"/><w:jc w:val="center"/>`, kai + `<w:sz w:val="32"/><w:szCs w:val="32"/>`},
	"heading": {[]string{"通报小标题", "公文一级标题", "heading 1", "标题 1"}, `<w:keepNext/>` + whole28 + line28 + two, hei + `<w:sz w:val="32"/><w:szCs w:val="32"/>`},
	"body":    {[]string{"通报正文", "公文正文"}, whole28 + line28 + `<w:ind w:firstLineChars="200" w:firstLine="640"/><w:jc w:val="both"/>`, fang + `<w:sz w:val="32"/><w:szCs w:val="32"/>`},
	"note":    {[]string{"通报注"}, whole28 + `<w:spacing w:before="60" w:after="60" w:line="360" w:lineRule="exact"/>`, kai + `<w:sz w:val="24"/><w:szCs w:val="24"/>`},
	"sign":    {[]string{"通报落款"}, `<w:keepNext/>` + whole28 + line28 + `<w:ind w:rightChars="200" w:right="640"/><w:jc w:val="right"/>`, fang + `<w:sz w:val="32"/><w:szCs w:val="32"/>`},
	"date":    {[]string{"通报日期"}, whole28 + line28 + `<w:ind w:rightChars="400" w:right="1280"/><w:jc w:val="right"/>`, fang + `<w:sz w:val="32"/><w:szCs w:val="32"/>`},
	"caption": {[]string{"通报表题", "caption", "题注"}, `<w:keepNext/>` + whole28 + `<w:spacing w:before="120" w:after="120" w:line="400" w:lineRule="exact"/><w:jc w:val="center"/>`, hei + `<w:sz w:val="28"/><w:szCs w:val="28"/>`},
	"cell":    {[]string{"通报表格"}, whole28 + tight + `<w:snapToGrid w:val="0"/><w:spacing w:before="20" w:after="20" w:line="260" w:lineRule="atLeast"/>`, song + `<w:sz w:val="18"/><w:szCs w:val="18"/>`},
}

// compact are the kinds of a document of one page, in smaller sizes: 小二 for the
// title, 小四 for the text. They have no styles, which would be those of an
// ordinary one.
var compact = map[string]kind{
	"title":   {nil, `<w:keepNext/>` + free + `<w:spacing w:before="0" w:after="0" w:line="500" w:lineRule="exact"/><w:jc w:val="center"/>`, banner + `<w:sz w:val="36"/><w:szCs w:val="36"/>`},
	"under":   {nil, free + `<w:spacing w:before="0" w:after="100" w:line="360" w:lineRule="exact"/><w:jc w:val="center"/>`, kai + `<w:sz w:val="24"/><w:szCs w:val="24"/>`},
	"heading": {nil, `<w:keepNext/>` + free + line20 + half, hei + `<w:sz w:val="24"/><w:szCs w:val="24"/>`},
	"body":    {nil, free + line20 + half + `<w:jc w:val="both"/>`, fang + `<w:sz w:val="24"/><w:szCs w:val="24"/>`},
	"note":    {nil, free + `<w:spacing w:before="20" w:after="40" w:line="280" w:lineRule="exact"/>`, kai + `<w:sz w:val="18"/><w:szCs w:val="18"/>`},
	"sign":    {nil, `<w:keepNext/>` + free + line20 + `<w:ind w:rightChars="200" w:right="480"/><w:jc w:val="right"/>`, fang + `<w:sz w:val="24"/><w:szCs w:val="24"/>`},
	"date":    {nil, free + line20 + `<w:ind w:rightChars="200" w:right="480"/><w:jc w:val="right"/>`, fang + `<w:sz w:val="24"/><w:szCs w:val="24"/>`},
	"caption": {nil, `<w:keepNext/>` + free + `<w:spacing w:before="40" w:after="20" w:line="280" w:lineRule="exact"/><w:jc w:val="center"/>`, hei + `<w:sz w:val="20"/><w:szCs w:val="20"/>`},
	"cell":    {nil, whole28 + tight + `<w:snapToGrid w:val="0"/>` + `<w:spacing w:before="0" w:after="0" w:line="230" w:lineRule="atLeast"/>`, song + `<w:sz w:val="18"/><w:szCs w:val="18"/>`},
}

const (
	free   = whole28 + `<w:snapToGrid w:val="0"/>`
	line20 = `<w:spacing w:before="0" w:after="0" w:line="340" w:lineRule="exact"/>`
	half   = `<w:ind w:firstLineChars="200" w:firstLine="480"/>`
)

// look is how a kind is set in this document.
func (b *body) look(k string) kind {
	if c, ok := compact[k]; ok && b.d.Compact {
		return c
	}
	return kinds[k]
}

// body writes the paragraphs of a document for one template.
type body struct {
	strings.Builder
	d      *Document
	t      *Template
	links  []string // targets, in the order of their relationships
	images [][]byte
	err    error
}

func escaped(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(strings.ToValidUTF8(s, "")))
	return b.String()
}

// paragraph begins one of a kind; the runs follow, then end.
func (b *body) paragraph(k string, more string) {
	kind := b.look(k)
	b.WriteString("<w:p " + nsW + "><w:pPr>")
	if id := b.t.style(kind.styles); id != "" {
		b.WriteString(`<w:pStyle w:val="` + escaped(id) + `"/>` + more + whole28)
	} else {
		b.WriteString(merged(kind.para, more))
	}
	b.WriteString("</w:pPr>")
}

// merged puts more properties where the order of the schema wants them: here
// only the page break before, which comes after keepNext.
func merged(para, more string) string {
	if rest, ok := strings.CutPrefix(para, "<w:keepNext/>"); ok {
		return "<w:keepNext/>" + more + rest
	}
	return more + para
}

func (b *body) end() { b.WriteString("</w:p>") }

// runLook is how the text of a kind looks; "" when its style says so.
func (b *body) runLook(k string) string {
	kind := b.look(k)
	if b.t.style(kind.styles) != "" {
		return ""
	}
	return kind.run
}

// run is a text in the look of a kind.
func (b *body) run(k, s, more string) {
	look := b.runLook(k)
	if size := strings.Index(look, "<w:sz "); size >= 0 { // in the order of the schema
		look = look[:size] + more + look[size:]
	} else {
		look += more
	}
	if look != "" {
		look = "<w:rPr>" + look + "</w:rPr>"
	}
	fmt.Fprintf(b, `<w:r>%s<w:t xml:space="preserve">%s</w:t></w:r>`, look, escaped(s))
}

func (b *body) line(k, s string) {
	b.paragraph(k, "")
	b.run(k, s, "")
	b.end()
}

// figure is a text that leads to the rows behind it, when it is known where they
// are. It looks like the text around it: this is a printed document.
func (b *body) figure(k, s string, r *Ref) {
	to := b.d.link(r)
	if to == "" {
		b.run(k, s, "")
		return
	}
	b.links = append(b.links, to)
	fmt.Fprintf(b, `<w:hyperlink %s r:id="%s" w:history="1">`, nsR, linkID(len(b.links)))
	b.run(k, s, "")
	b.WriteString("</w:hyperlink>")
}

func linkID(n int) string  { return fmt.Sprintf("rIdLinliLink%d", n) }
func imageID(n int) string { return fmt.Sprintf("rIdLinliImage%d", n) }

// write sets the document: the text, who speaks and when, then the tables.
func (b *body) write() {
	d := b.d
	if !b.t.has("title") {
		if d.Number != "" && !b.t.has("number") {
			b.line("number", d.Number)
		}
		b.title()
	}
	b.line("under", d.Under)
	var annexes, end []Block
	for _, x := range d.Blocks {
		switch {
		case x.Table != nil && !x.Table.Inline, x.Chart != nil:
			annexes = append(annexes, x)
		case x.Note != "" && len(annexes) > 0:
			end = append(end, x) // what is said of the tables stands after them
		default:
			b.block(x)
		}
	}
	b.list(annexes)
	if !b.t.has("signer") || !b.t.has("date") {
		if !d.Compact {
			b.line("body", "")
		}
		if d.Signer != "" {
			b.line("sign", d.Signer)
		}
		b.line("date", d.Date)
	}
	for i, x := range annexes {
		b.annex(x, i == 0 || x.Table != nil)
	}
	for _, x := range end {
		b.block(x)
	}
}

// title turns over where its words allow it, if it is too long for a line.
func (b *body) title() {
	d := b.d
	b.paragraph("title", "")
	if rest, ok := strings.CutPrefix(d.Title, d.Turn); ok && d.Turn != "" && rest != "" && columns(d.Title) > 40 && !d.Compact {
		b.run("title", d.Turn, "")
		b.WriteString("<w:r><w:br/></w:r>")
		b.run("title", rest, "")
	} else {
		b.run("title", d.Title, "")
	}
	b.end()
}

func (b *body) block(x Block) {
	switch {
	case x.Heading != "":
		b.line("heading", x.Heading)
	case len(x.Pieces) > 0:
		b.paragraph("body", "")
		for _, p := range x.Pieces {
			b.figure("body", p.Text, p.Ref)
		}
		b.end()
	case x.Paragraph != "":
		b.line("body", x.Paragraph)
	case x.Note != "":
		b.line("note", x.Note)
	case x.Table != nil:
		if !b.d.Compact { // there its heading says what it is
			b.line("caption", x.Table.Name)
		}
		b.table(x.Table)
	}
}

// list names the tables that follow.
func (b *body) list(annexes []Block) {
	n := 0
	for _, x := range annexes {
		if x.Table == nil {
			continue
		}
		if n++; n == 1 {
			b.line("body", "")
			b.paragraph("body", "<w:keepNext/>")
			b.run("body", b.d.Annexes, "")
			b.end()
		}
		b.line("body", x.Table.Name)
	}
}

func (b *body) annex(x Block, page bool) {
	more := ""
	if page {
		more = "<w:pageBreakBefore/>"
	}
	switch {
	case x.Table != nil:
		b.paragraph("caption", more)
		b.run("caption", x.Table.Name, "")
		b.end()
		b.table(x.Table)
	case x.Chart != nil:
		b.picture(x.Chart, more)
	}
}
