package paper

import (
	"archive/zip"
	"bytes"
	"errors"
	"strings"
	"testing"
)

// letterhead is an office's template as Word may write it: other prefixes, a
// place torn over runs, a header that must stay.
func letterhead(change func(map[string]string)) []byte {
	p := map[string]string{
		"[Content_Types].xml": `<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/></Types>`,
		"_rels/.rels":         `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="/word/document.xml"/></Relationships>`,
		"word/document.xml": `<?xml version="1.0"?><x:document xmlns:x="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><x:body><x:p><x:r><x:t>莒南县委办公室 &quot;文件&quot;</x:t></x:r></x:p>` +
			`<x:p><x:r><x:t>{{文</x:t></x:r><x:r><x:t>号}} 签发人：</x:t></x:r></x:p><x:sdt><x:sdtContent><x:p><x:r><x:t>{{正</x:t></x:r><x:r><x:t>文}}</x:t></x:r></x:p></x:sdtContent></x:sdt><x:sectPr/></x:body></x:document>`,
		"word/header1.xml": `<x:hdr xmlns:x="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><x:p><x:r><x:t>内部&#x20;资料</x:t></x:r></x:p></x:hdr>`,
		"word/styles.xml":  `<x:styles xmlns:x="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><x:style x:type="paragraph" x:styleId="a7"><x:name x:val="公文正文"/></x:style><x:style x:type="paragraph" x:styleId="11"><x:name x:val="heading 1"/></x:style></x:styles>`,
	}
	if change != nil {
		change(p)
	}
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for name, text := range p {
		if err := store(z, name, []byte(text)); err != nil {
			panic(err)
		}
	}
	if err := z.Close(); err != nil {
		panic(err)
	}
	return out.Bytes()
}

func TestAnOfficesLetterheadStays(t *testing.T) {
	tp, err := ReadTemplate(letterhead(nil))
	if err != nil {
		t.Fatal(err)
	}
	p := word(t, report(), tp)
	if want := `<x:hdr xmlns:x="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><x:p><x:r><x:t>内部&#x20;资料</x:t></x:r></x:p></x:hdr>`; p["word/header1.xml"] != want {
		t.Errorf("the header is changed: %s", p["word/header1.xml"])
	}
	text := p["word/document.xml"]
	for _, want := range []string{
		`<x:t>莒南县委办公室 &quot;文件&quot;</x:t>`, // to the byte
		`<x:t>临综治通报〔2017〕3号</x:t></x:r><x:r><x:t> 签发人：</x:t>`,
		`<w:pStyle w:val="a7"/>`, `<w:pStyle w:val="11"/>`, "2366",
		`</x:sdtContent></x:sdt><x:sectPr/>`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("missing: %s", want)
		}
	}
	if strings.Count(text, "临综治通报〔2017〕3号") != 1 {
		t.Error("the number stands twice")
	}
	if !strings.Contains(p["[Content_Types].xml"], `Extension="png"`) || p["word/media/linli1.png"] == "" || !strings.Contains(p["word/_rels/document.xml.rels"], "linli1.png") {
		t.Error("the picture is not joined")
	}
}

func TestTheStarterIsATemplate(t *testing.T) {
	tp, err := ReadTemplate(Starter())
	if err != nil {
		t.Fatal(err)
	}
	text := word(t, report(), tp)["word/document.xml"]
	if strings.Contains(text, "{{") || !strings.Contains(text, "E60012") || strings.Count(text, "进展情况的通报") != 1 || !strings.Contains(text, "市综治办") {
		t.Error(text[:2000])
	}
}

func TestTemplatesThatAreRefused(t *testing.T) {
	in := func(name, old, with string) func(map[string]string) {
		return func(p map[string]string) { p[name] = strings.Replace(p[name], old, with, 1) }
	}
	add := func(name, text string) func(map[string]string) { return func(p map[string]string) { p[name] = text } }
	body := func(with string) func(map[string]string) {
		return in("word/document.xml", "<x:sectPr/>", with+"<x:sectPr/>")
	}
	for says, c := range map[string]struct {
		code  string
		bytes []byte
	}{
		"no zip":                  {"not-word", []byte("hello")},
		"too large":               {"size", make([]byte, MaxTemplate+1)},
		"a zip of something else": {"not-word", letterhead(func(p map[string]string) { clear(p); p["a.txt"] = "a" })},
		"a bomb":                  {"bomb", letterhead(add("word/media/a.png", strings.Repeat("\x00", maxPart+1)))},
		"many small ones": {"bomb", letterhead(func(p map[string]string) {
			for i := range 301 {
				p["word/media/"+string(rune('a'+i%26))+strings.Repeat("a", i)+".png"] = ""
			}
		})},
		"a name that climbs":          {"not-word", letterhead(add("../x.xml", "<a/>"))},
		"macros":                      {"macros", letterhead(add("word/vbaProject.bin", "x"))},
		"macros by their type":        {"macros", letterhead(in("[Content_Types].xml", "application/xml", "application/vnd.ms-word.document.macroEnabled.main+xml"))},
		"an embedded sheet":           {"embedded", letterhead(add("word/embeddings/a.xlsx", "x"))},
		"a picture from elsewhere":    {"outside", letterhead(add("word/_rels/header1.xml.rels", `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="a" Type="http://x/image" Target="http://elsewhere/a.png" TargetMode="External"/></Relationships>`))},
		"a field that runs something": {"field", letterhead(body(`<x:p><x:r><x:instrText> ddeauto c:\\a </x:instrText></x:r></x:p>`))},
		"a simple field that fetches": {"field", letterhead(body(`<x:p><x:fldSimple x:instr="INCLUDETEXT http://x"/></x:p>`))},
		"entities":                    {"not-word", letterhead(in("word/document.xml", `<?xml version="1.0"?>`, `<!DOCTYPE a [<!ENTITY b "c">]>`))},
		"strict":                      {"strict", letterhead(in("word/styles.xml", "http://schemas.openxmlformats.org/wordprocessingml/2006/main", "http://purl.oclc.org/ooxml/wordprocessingml/main"))},
		"no place":                    {"no-body", letterhead(in("word/document.xml", "{{正", "正"))},
		"two places":                  {"two-bodies", letterhead(body(`<x:p><x:r><x:t>{{body}}</x:t></x:r></x:p>`))},
		"a place among other words":   {"body-alone", letterhead(in("word/document.xml", "文}}", "文}}。"))},
		"a place in the header":       {"body-alone", letterhead(in("word/header1.xml", "内部", "{{正文}}"))},
		"broken XML":                  {"not-word", letterhead(in("word/document.xml", "</x:body>", ""))},
	} {
		_, err := ReadTemplate(c.bytes)
		var r *Refused
		if !errors.As(err, &r) || r.Code != c.code {
			t.Errorf("%s: %v, want %s", says, err, c.code)
		}
	}
}

func FuzzTemplate(f *testing.F) {
	f.Add([]byte(`<x:p xmlns:x="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><x:r><x:t>{{正文}}</x:t></x:r></x:p>`))
	f.Add([]byte(`<x:p xmlns:x="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><x:p><x:t>{{文号}}</x:t><x:t/></x:p></x:p>`))
	f.Fuzz(func(_ *testing.T, b []byte) {
		_, _ = put(b, "<a/>", map[string]string{"number": "1"})
		_, _ = insert(b, "Relationships", "<a/>")
		_ = typePNG(b, true)
	})
}
