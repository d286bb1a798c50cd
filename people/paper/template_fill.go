package paper

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
)

// found is a paragraph of a part: where it lies in the bytes, and its texts.
type found struct {
	from, to int64
	block    bool // it stands where a table could stand too
	texts    []span
}

// span is the inside of one w:t.
type span struct {
	from, to int64
	text     string
	said     bool // something was put in
}

func (f *found) text() string {
	var b strings.Builder
	for _, s := range f.texts {
		b.WriteString(s.text)
	}
	return b.String()
}

// paragraphs finds those of a part, inner ones before outer ones.
func paragraphs(b []byte) (all []found, err error) {
	d := xml.NewDecoder(bytes.NewReader(b))
	var above []string
	var open []found
	inText := false
	for {
		at := d.InputOffset()
		tok, err := d.Token()
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return nil, err
		}
		switch x := tok.(type) {
		case xml.StartElement:
			word := strings.HasSuffix(x.Name.Space, "wordprocessingml/2006/main")
			parent := ""
			if len(above) > 0 {
				parent = above[len(above)-1]
			}
			above = append(above, x.Name.Local)
			switch {
			case word && x.Name.Local == "p":
				open = append(open, found{from: at, block: parent == "body" || parent == "sdtContent" || parent == "tc"})
			case word && x.Name.Local == "t" && len(open) > 0:
				f := &open[len(open)-1]
				f.texts = append(f.texts, span{from: d.InputOffset(), to: -1})
				inText = true
			}
		case xml.CharData:
			if inText {
				f := &open[len(open)-1]
				f.texts[len(f.texts)-1].text += string(x)
			}
		case xml.EndElement:
			above = above[:len(above)-1]
			if len(open) == 0 {
				continue
			}
			f := &open[len(open)-1]
			switch {
			case inText && x.Name.Local == "t":
				f.texts[len(f.texts)-1].to = at
				inText = false
			case x.Name.Local == "p" && strings.HasSuffix(x.Name.Space, "wordprocessingml/2006/main"):
				f.to = d.InputOffset()
				all = append(all, *f)
				open = open[:len(open)-1]
			}
		}
	}
}

// edit replaces bytes of a part.
type edit struct {
	from, to int64
	with     string
}

// splice makes the edits; the rest stays as it is to the byte.
func splice(b []byte, edits []edit) []byte {
	slices.SortFunc(edits, func(x, y edit) int { return int(x.from - y.from) })
	var out bytes.Buffer
	var at int64
	for _, e := range edits {
		if e.from < at { // inside of what was replaced
			continue
		}
		out.Write(b[at:e.from])
		out.WriteString(e.with)
		at = e.to
	}
	out.Write(b[at:])
	return out.Bytes()
}

// put finds the places in a part and says what goes there.
func put(b []byte, body string, says map[string]string) ([]byte, error) {
	all, err := paragraphs(b)
	if err != nil {
		return nil, err
	}
	var edits []edit
	for _, f := range all {
		text := f.text()
		if word := strings.TrimSpace(text); placeholders[word] == "body" {
			edits = append(edits, edit{f.from, f.to, body})
			continue
		}
		for word, what := range placeholders {
			for at := strings.Index(text, word); at >= 0 && what != "body"; at = strings.Index(text, word) {
				f.say(at, len(word), says[what])
				text = f.text()
			}
		}
		for _, s := range f.texts {
			if s.said {
				edits = append(edits, edit{s.from, s.to, escaped(s.text)})
			}
		}
	}
	return splice(b, edits), nil
}

// say puts a text for some bytes of the paragraph, which may lie in several runs:
// it gets the look of the first of them.
func (f *found) say(at, long int, with string) {
	for i := range f.texts {
		s := &f.texts[i]
		n := len(s.text)
		if at >= n || long == 0 {
			at -= n
			continue
		}
		end := min(n, at+long)
		long -= end - at
		s.text = s.text[:at] + with + s.text[end:]
		s.said = true
		with, at = "", 0
	}
}

// fill writes the template with the document in it.
func (t *Template) fill(w io.Writer, d *Document) error {
	b := &body{d: d, t: t}
	b.write()
	if b.err != nil {
		return b.err
	}
	text := b.String()
	if strings.HasSuffix(text, "</w:tbl>") { // a table must have a paragraph after it
		text += "<w:p " + nsW + "/>"
	}
	says := map[string]string{"title": d.Title, "number": d.Number, "signer": d.Signer, "date": d.Date}
	dir := path.Dir(t.main)
	rels := path.Join(dir, "_rels", path.Base(t.main)+".rels")
	parts := slices.Clone(t.parts)
	if t.part(rels) == nil {
		parts = append(parts, part{rels, []byte(`<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"></Relationships>`)})
	}
	z := zip.NewWriter(w)
	for _, p := range parts {
		out := p.bytes
		var err error
		switch {
		case t.worded(p.name):
			out, err = put(out, text, says)
		case p.name == rels:
			out, err = b.relate(out)
		case p.name == "[Content_Types].xml":
			out = typePNG(out, len(b.images) > 0)
		}
		if err != nil {
			return err
		}
		if err := store(z, p.name, out); err != nil {
			return err
		}
	}
	for i, png := range b.images {
		if err := store(z, path.Join(dir, imageName(i+1)), png); err != nil {
			return err
		}
	}
	return z.Close()
}

func imageName(n int) string { return fmt.Sprintf("media/linli%d.png", n) }

// store writes a part without a time: the same document is the same bytes.
func store(z *zip.Writer, name string, b []byte) error {
	f, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate})
	if err == nil {
		_, err = f.Write(b)
	}
	return err
}

// relate adds the links and pictures to the relationships of the text.
func (b *body) relate(rels []byte) ([]byte, error) {
	const kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
	var add strings.Builder
	for i, to := range b.links {
		fmt.Fprintf(&add, `<Relationship Id="%s" Type="%shyperlink" Target="%s" TargetMode="External"/>`, linkID(i+1), kind, escaped(to))
	}
	for i := range b.images {
		fmt.Fprintf(&add, `<Relationship Id="%s" Type="%simage" Target="%s"/>`, imageID(i+1), kind, imageName(i+1))
	}
	return insert(rels, "Relationships", add.String())
}

// insert puts something before the end of the outermost element.
func insert(b []byte, root, add string) ([]byte, error) {
	i := bytes.LastIndex(b, []byte("</"))
	if i >= 0 && bytes.Contains(b[i:], []byte(root)) {
		return slices.Concat(b[:i], []byte(add), b[i:]), nil
	}
	i = bytes.LastIndex(b, []byte("/>")) // <Relationships …/>: there are none yet
	if i < 0 {
		return nil, errors.New("paper: no " + root)
	}
	return slices.Concat(b[:i], []byte(">"+add+"</"+root+">"), b[i+2:]), nil
}

func typePNG(types []byte, need bool) []byte {
	if !need || bytes.Contains(bytes.ToLower(types), []byte(`extension="png"`)) {
		return types
	}
	i := bytes.Index(types, []byte("<Types"))
	if i < 0 {
		return types
	}
	j := i + bytes.IndexByte(types[i:], '>') + 1
	if j <= i {
		return types
	}
	return slices.Concat(types[:j], []byte(`<Default Extension="png" ContentType="image/png"/>`), types[j:])
}
