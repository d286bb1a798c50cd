package paper

import (
	"archive/zip"
	"bytes"
	"fmt"
	"slices"
	"strings"
	"sync"
)

// plain is our own template: A4, the margins of GB/T 9704 (37, 35, 28, 26 mm), 22
// lines of 28 characters, page numbers outside.
var plain = sync.OnceValue(func() *Template { return must(own(false, section)) })

// sheet is that of one page: more of it is used.
var sheet = sync.OnceValue(func() *Template {
	return must(own(false, strings.NewReplacer(`w:top="2098"`, `w:top="1247"`, `w:bottom="1984"`, `w:bottom="1247"`, `w:footer="1247"`, `w:footer="680"`).Replace(section)))
})

// Starter is a template with a red head, for an office to change in Word and
// upload. Its styles have names, so that what is put in follows them.
func Starter() []byte { return own(true, section) }

func must(b []byte) *Template {
	t, err := ReadTemplate(b)
	if err != nil {
		panic("paper: our own template: " + err.Error()) // a test reads both
	}
	return t
}

const head = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"

func own(red bool, section string) []byte {
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, p := range [][2]string{
		{"[Content_Types].xml", types},
		{"_rels/.rels", `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>`},
		{"word/document.xml", `<w:document ` + nsW + ` ` + nsR + `><w:body>` + front(red) + `<w:p><w:r><w:t>{{正文}}</w:t></w:r></w:p>` + section + `</w:body></w:document>`},
		{"word/_rels/document.xml.rels", documentRels},
		{"word/styles.xml", styles()},
		{"word/settings.xml", `<w:settings ` + nsW + `><w:evenAndOddHeaders/><w:characterSpacingControl w:val="compressPunctuation"/><w:compat><w:compatSetting w:name="compatibilityMode" w:uri="http://schemas.microsoft.com/office/word" w:val="15"/></w:compat><w:themeFontLang w:val="en-US" w:eastAsia="zh-CN"/></w:settings>`},
		{"word/fontTable.xml", fonts()},
		{"word/footer1.xml", footer("right", `<w:ind w:rightChars="100" w:right="280"/>`)},
		{"word/footer2.xml", footer("left", `<w:ind w:leftChars="100" w:left="280"/>`)},
	} {
		if err := store(z, p[0], []byte(head+p[1])); err != nil {
			panic(err) // it is memory
		}
	}
	if err := z.Close(); err != nil {
		panic(err)
	}
	return out.Bytes()
}

const types = `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>` +
	`<Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/>` +
	`<Override PartName="/word/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.styles+xml"/>` +
	`<Override PartName="/word/settings.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.settings+xml"/>` +
	`<Override PartName="/word/fontTable.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.fontTable+xml"/>` +
	`<Override PartName="/word/footer1.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.footer+xml"/>` +
	`<Override PartName="/word/footer2.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.footer+xml"/></Types>`

const relType = `Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/`

const documentRels = `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">` +
	`<Relationship Id="rId1" ` + relType + `styles" Target="styles.xml"/><Relationship Id="rId2" ` + relType + `settings" Target="settings.xml"/>` +
	`<Relationship Id="rId3" ` + relType + `fontTable" Target="fontTable.xml"/><Relationship Id="rId4" ` + relType + `footer" Target="footer1.xml"/>` +
	`<Relationship Id="rId5" ` + relType + `footer" Target="footer2.xml"/></Relationships>`

// section is the page: 210 × 297 mm, its margins in twentieths of a point.
const section = `<w:sectPr><w:footerReference w:type="default" r:id="rId4"/><w:footerReference w:type="even" r:id="rId5"/><w:pgSz w:w="11906" w:h="16838"/>` +
	`<w:pgMar w:top="2098" w:right="1474" w:bottom="1984" w:left="1588" w:header="851" w:footer="1247" w:gutter="0"/><w:docGrid w:type="lines" w:linePitch="579"/></w:sectPr>`

// front is the red head of the starter: the office, the number, the red line, the
// title.
func front(red bool) string {
	if !red {
		return ""
	}
	line := func(para, run, s string) string {
		return `<w:p><w:pPr>` + para + `</w:pPr><w:r><w:rPr>` + run + `</w:rPr><w:t>` + s + `</w:t></w:r></w:p>`
	}
	return line(`<w:spacing w:before="579" w:after="579"/><w:jc w:val="center"/>`, banner+`<w:color w:val="E60012"/><w:sz w:val="72"/><w:szCs w:val="72"/>`, "{{签发机关}}") +
		line(`<w:pBdr><w:bottom w:val="single" w:sz="18" w:space="6" w:color="E60012"/></w:pBdr><w:spacing w:after="0"/><w:jc w:val="center"/>`, fang+`<w:sz w:val="32"/><w:szCs w:val="32"/>`, "{{文号}}") +
		line(`<w:pStyle w:val="LinliTitle"/>`, "", "{{标题}}")
}

func footer(side, indent string) string {
	look := `<w:rPr>` + song + `<w:sz w:val="28"/><w:szCs w:val="28"/></w:rPr>`
	run := func(inside string) string { return `<w:r>` + look + inside + `</w:r>` }
	return `<w:ftr ` + nsW + `><w:p><w:pPr><w:snapToGrid w:val="0"/>` + indent + `<w:jc w:val="` + side + `"/></w:pPr>` + run(`<w:t xml:space="preserve">— </w:t>`) +
		run(`<w:fldChar w:fldCharType="begin"/>`) + run(`<w:instrText xml:space="preserve"> PAGE </w:instrText>`) + run(`<w:fldChar w:fldCharType="separate"/>`) +
		run(`<w:t>1</w:t>`) + run(`<w:fldChar w:fldCharType="end"/>`) + run(`<w:t xml:space="preserve"> —</w:t>`) + `</w:p></w:ftr>`
}

// styles are those that paragraphs ask for, by their names.
func styles() string {
	var b strings.Builder
	b.WriteString(`<w:styles ` + nsW + `><w:docDefaults><w:rPrDefault><w:rPr>` + fang + `<w:sz w:val="32"/><w:szCs w:val="32"/><w:lang w:val="en-US" w:eastAsia="zh-CN"/></w:rPr></w:rPrDefault><w:pPrDefault/></w:docDefaults>` +
		`<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/><w:qFormat/></w:style>`)
	names := make([]string, 0, len(kinds))
	for k := range kinds {
		names = append(names, k)
	}
	slices.Sort(names)
	for _, k := range names {
		outline := ""
		if k == "heading" {
			outline = `<w:outlineLvl w:val="0"/>`
		}
		fmt.Fprintf(&b, `<w:style w:type="paragraph" w:customStyle="1" w:styleId="Linli%s"><w:name w:val="%s"/><w:basedOn w:val="Normal"/><w:qFormat/><w:pPr>%s%s</w:pPr><w:rPr>%s</w:rPr></w:style>`,
			strings.ToUpper(k[:1])+k[1:], kinds[k].styles[0], kinds[k].para, outline, kinds[k].run)
	}
	return b.String() + `</w:styles>`
}

// fonts says what may stand for a font that a machine has not.
func fonts() string {
	var b strings.Builder
	for _, f := range [][2]string{{"方正小标宋简体", "华文中宋"}, {"仿宋_GB2312", "仿宋"}, {"楷体_GB2312", "楷体"}, {"黑体", "SimHei"}, {"宋体", "SimSun"}, {"Times New Roman", ""}} {
		alt := ""
		if f[1] != "" {
			alt = `<w:altName w:val="` + f[1] + `"/>`
		}
		fmt.Fprintf(&b, `<w:font w:name="%s">%s</w:font>`, f[0], alt)
	}
	return `<w:fonts ` + nsW + `>` + b.String() + `</w:fonts>`
}
