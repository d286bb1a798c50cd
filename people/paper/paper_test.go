package paper

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"image/png"
	"io"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
)

func report() *Document {
	ref := func(f, county string) *Ref { return &Ref{Figure: f, County: county} }
	return &Document{
		Lang: "zh", Number: "临综治通报〔2017〕3号", Title: "关于临沂市“平安小区”创建工作进展情况的通报", Turn: "关于临沂市“平安小区”创建工作", Under: "（截至2017年9月27日）", Date: "2017年9月28日", Signer: "市综治办",
		Annexes: "附件：", Root: "https://linli.example/", Asked: "at=2017-09-27",
		Blocks: []Block{
			{Section: "overview", Heading: "一、总体情况"},
			{Paragraph: "全市共有2366个小区，<b>&已建成。", Pieces: []Piece{{Text: "全市共有"}, {Text: "2366", Figure: true, Ref: ref("compounds", "")}, {Text: "个小区，<b>&已建成。"}}},
			{Table: &Grid{
				Key: "progress", Name: "附表1　各县区", Head: []string{"县区", "小区", "建成率"}, Right: []bool{false, true, true},
				Rows: [][]string{{"兰山区", "520", "77.3%"}, {"=1+1", "1846", "60.0%"}}, Sum: []string{"合计", "2366", "64.4%"},
				Refs: [][]*Ref{{nil, ref("compounds", "a"), nil}, {nil, ref("compounds", "b"), nil}, {nil, ref("compounds", ""), nil}},
			}},
			{Chart: &Chart{Name: "附图", Alt: "建成率，见附表1", Of: "progress", Columns: []int{2}}},
			{Note: "注：演示。"},
		},
		Behind: []*Grid{{
			Key: "rows", Name: "小区明细", Head: []string{"县区", "小区", "参加"}, Right: []bool{false, false, true}, Figures: []string{"", "", "compounds"}, Keys: []string{"a", "a", "b"},
			Rows: [][]string{{"兰山区", "金阳花园", "1"}, {"兰山区", "三孔桥小区", "1"}, {"罗庄区", "百合花园", "1"}},
		}},
	}
}

// parts unpacks a file, and reads each part of it as XML.
func parts(t *testing.T, b []byte) map[string]string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, _ := io.ReadAll(r)
		out[f.Name] = string(text)
		if !strings.HasSuffix(f.Name, ".png") {
			d := xml.NewDecoder(bytes.NewReader(text))
			for err == nil {
				_, err = d.Token()
			}
			if !errors.Is(err, io.EOF) {
				t.Errorf("%s: %v", f.Name, err)
			}
		}
	}
	return out
}

func word(t *testing.T, d *Document, tp *Template) map[string]string {
	t.Helper()
	var one, two bytes.Buffer
	if err := d.WriteWord(&one, tp); err != nil {
		t.Fatal(err)
	}
	if err := d.WriteWord(&two, tp); err != nil || !bytes.Equal(one.Bytes(), two.Bytes()) {
		t.Error("the same document is not the same bytes", err)
	}
	return parts(t, one.Bytes())
}

func TestWord(t *testing.T) {
	p := word(t, report(), nil)
	text := p["word/document.xml"]
	for what, want := range map[string]string{
		"the number":                 "临综治通报〔2017〕3号",
		"a figure in one run":        ">2366</w:t>",
		"text, not markup":           "&lt;b&gt;&amp;已建成",
		"a heading row on each page": "<w:cantSplit/><w:tblHeader/>",
		"words in the alternative":   `descr="建成率，见附表1"`,
		"the margins":                `w:top="2098" w:right="1474" w:bottom="1984" w:left="1588"`,
		"the title turned over":      `创建工作</w:t></w:r><w:r><w:br/></w:r><w:r><w:t xml:space="preserve">进展情况`,
		"no torn words":              `<w:wordWrap w:val="1"/>`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%s is missing: %s", what, want)
		}
	}
	if strings.Contains(text, "{{") {
		t.Error("a place is left open")
	}
	if rels := p["word/_rels/document.xml.rels"]; !strings.Contains(rels, `Target="https://linli.example/rows?county=a&amp;figure=compounds&amp;at=2017-09-27"`) {
		t.Error(rels)
	}
	if !strings.Contains(p["word/footer1.xml"], " PAGE ") || !strings.Contains(p["word/settings.xml"], "evenAndOddHeaders") {
		t.Error("no page numbers outside")
	}
	img, err := png.Decode(strings.NewReader(p["word/media/linli1.png"]))
	if err != nil || img.Bounds().Dx() != chartWide {
		t.Fatal(err)
	}
	// The first bar is 77.3 % long: its colour is there, and a label beside it.
	inked := 0
	for x := range chartWide {
		for y := range img.Bounds().Dy() {
			if r, g, b, _ := img.At(x, y).RGBA(); r>>8 == 0x1f && g>>8 == 0x4e && b>>8 == 0x79 {
				inked++
			}
		}
	}
	if inked < 20_000 {
		t.Errorf("only %d pixels are drawn", inked)
	}
	d := report()
	d.Root = ""
	if strings.Contains(word(t, d, nil)["word/document.xml"], "hyperlink") {
		t.Error("a link to nowhere")
	}
}

func TestWorkbookLeadsToTheRows(t *testing.T) {
	var out bytes.Buffer
	if err := report().WriteWorkbook(&out); err != nil {
		t.Fatal(err)
	}
	charts := 0
	for name := range parts(t, out.Bytes()) {
		if strings.HasPrefix(name, "xl/charts/chart") {
			charts++
		}
	}
	if charts != 1 {
		t.Errorf("%d charts", charts)
	}
	x, err := excelize.OpenReader(&out)
	if err != nil {
		t.Fatal(err)
	}
	defer x.Close()
	sheets := x.GetSheetList()
	for cell, want := range map[string]string{"B4": "'2 小区明细'!C4", "B5": "'2 小区明细'!C6", "B6": "'2 小区明细'!C4"} {
		if ok, to, _ := x.GetCellHyperLink(sheets[1], cell); !ok || to != want {
			t.Errorf("%s leads to %q, want %q", cell, to, want)
		}
	}
	if ok, to, _ := x.GetCellHyperLink(sheets[1], "C4"); ok {
		t.Errorf("a share leads to %q", to)
	}
}
