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

// Template is a Word document of an office: its red head, fonts, styles, header
// and footer stay as they are to the byte, and a document is put where it says
// {{正文}}.
type Template struct {
	parts      []part
	main       string            // the name of its text
	styles     map[string]string // ids by lower-case names
	tableStyle string
	places     map[string]bool // what it has a place for
}

type part struct {
	name  string
	bytes []byte
}

// Refused is why a file cannot be a template; Code is one of the words that
// Refusals lists.
type Refused struct {
	Code   string
	Detail string
}

func (r *Refused) Error() string { return "paper: template refused: " + r.Code + " " + r.Detail }

// Refusals are all there are.
var Refusals = []string{"size", "not-word", "bomb", "macros", "embedded", "outside", "field", "strict", "no-body", "two-bodies", "body-alone"}

func refuse(code, detail string) error { return &Refused{code, detail} }

// The most that a template may be: an office's letterhead has a few hundred
// kilobytes.
const (
	MaxTemplate = 5 << 20
	maxParts    = 300
	maxPart     = 16 << 20
	maxUnpacked = 40 << 20
)

// words that stand for something, and what they stand for.
var placeholders = map[string]string{
	"{{正文}}": "body", "{{body}}": "body", "{{标题}}": "title", "{{title}}": "title", "{{文号}}": "number", "{{number}}": "number",
	"{{签发机关}}": "signer", "{{signer}}": "signer", "{{日期}}": "date", "{{date}}": "date",
}

// ReadTemplate checks a file and reads it.
func ReadTemplate(b []byte) (*Template, error) {
	if len(b) > MaxTemplate {
		return nil, refuse("size", fmt.Sprint(MaxTemplate>>20))
	}
	t := &Template{styles: map[string]string{}, places: map[string]bool{}}
	if err := t.unpack(b); err != nil {
		return nil, err
	}
	if err := t.check(); err != nil {
		return nil, err
	}
	return t, t.learn()
}

// unpack reads the parts; what a header of the archive says of sizes is not
// believed.
func (t *Template) unpack(b []byte) error {
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		return refuse("not-word", "")
	}
	if len(z.File) > maxParts {
		return refuse("bomb", "")
	}
	total := 0
	seen := map[string]bool{}
	for _, f := range z.File {
		if strings.HasSuffix(f.Name, "/") {
			continue
		}
		if seen[f.Name] || !cleanName(f.Name) {
			return refuse("not-word", f.Name)
		}
		seen[f.Name] = true
		r, err := f.Open()
		if err != nil {
			return refuse("not-word", f.Name)
		}
		text, err := io.ReadAll(io.LimitReader(r, maxPart+1))
		_ = r.Close()
		if err != nil {
			return refuse("not-word", f.Name)
		}
		if total += len(text); len(text) > maxPart || total > maxUnpacked {
			return refuse("bomb", f.Name)
		}
		t.parts = append(t.parts, part{f.Name, text})
	}
	return nil
}

func cleanName(name string) bool {
	return name == path.Clean(name) && !strings.HasPrefix(name, "/") && !strings.HasPrefix(name, "..") && !strings.Contains(name, `\`)
}

func (t *Template) part(name string) []byte {
	if i := slices.IndexFunc(t.parts, func(p part) bool { return p.name == name }); i >= 0 {
		return t.parts[i].bytes
	}
	return nil
}

func (t *Template) has(what string) bool { return t.places[what] }

func (t *Template) style(names []string) string {
	for _, n := range names {
		if id := t.styles[n]; id != "" {
			return id
		}
	}
	return ""
}

// check refuses what a letterhead has no need of and what could run, or fetch
// something, on the machine of whoever opens the bulletin.
func (t *Template) check() error {
	if t.part("[Content_Types].xml") == nil {
		return refuse("not-word", "")
	}
	for _, p := range t.parts {
		name := strings.ToLower(p.name)
		switch {
		case strings.HasSuffix(name, ".bin") && !strings.Contains(name, "printersettings"), strings.Contains(name, "activex/"), strings.Contains(name, "vbaproject"):
			return refuse("macros", p.name)
		case strings.Contains(name, "embeddings/"), strings.Contains(name, "afchunk"):
			return refuse("embedded", p.name)
		}
		if !strings.HasSuffix(name, ".xml") && !strings.HasSuffix(name, ".rels") {
			continue
		}
		if err := checkXML(p); err != nil {
			return err
		}
	}
	t.main = t.mainPart()
	if t.part(t.main) == nil {
		return refuse("not-word", "")
	}
	return nil
}

// Fields that fetch or run something.
var badFields = []string{"DDE", "INCLUDETEXT", "INCLUDEPICTURE", "IMPORT", "MACROBUTTON", "LINK", "DATABASE"}

func checkXML(p part) error {
	d := xml.NewDecoder(bytes.NewReader(p.bytes))
	var in string
	for {
		tok, err := d.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return refuse("not-word", p.name)
		}
		switch x := tok.(type) {
		case xml.Directive: // a document type could define entities without end
			return refuse("not-word", p.name)
		case xml.StartElement:
			in = x.Name.Local
			if strings.Contains(x.Name.Space, "purl.oclc.org/ooxml") {
				return refuse("strict", "")
			}
			if err := checkElement(p, x); err != nil {
				return err
			}
		case xml.EndElement:
			in = ""
		case xml.CharData:
			if in == "instrText" {
				if err := checkField(p, string(x)); err != nil {
					return err
				}
			}
		}
	}
}

func checkElement(p part, x xml.StartElement) error {
	get := func(name string) string {
		for _, a := range x.Attr {
			if a.Name.Local == name {
				return a.Value
			}
		}
		return ""
	}
	switch x.Name.Local {
	case "Override", "Default":
		if kind := get("ContentType"); strings.Contains(kind, "macroEnabled") || strings.Contains(kind, "vbaProject") {
			return refuse("macros", get("PartName"))
		}
	case "Relationship":
		if strings.EqualFold(get("TargetMode"), "External") && !strings.HasSuffix(get("Type"), "/hyperlink") {
			return refuse("outside", get("Target"))
		}
	case "altChunk", "object", "OLEObject":
		return refuse("embedded", p.name)
	case "fldSimple":
		return checkField(p, get("instr"))
	}
	return nil
}

func checkField(p part, code string) error {
	first, _, _ := strings.Cut(strings.TrimSpace(strings.ToUpper(code)), " ")
	for _, bad := range badFields {
		if strings.HasPrefix(first, bad) {
			return refuse("field", first)
		}
	}
	return nil
}

// mainPart is where the relationships of the package say that the text is.
func (t *Template) mainPart() string {
	for target, kind := range relationships(t.part("_rels/.rels")) {
		if strings.HasSuffix(kind, "/officeDocument") {
			return strings.TrimPrefix(target, "/")
		}
	}
	return ""
}

// relationships are the types by target.
func relationships(b []byte) map[string]string {
	var rels struct {
		List []struct {
			Type   string `xml:"Type,attr"`
			Target string `xml:"Target,attr"`
		} `xml:"Relationship"`
	}
	_ = xml.Unmarshal(b, &rels)
	out := map[string]string{}
	for _, r := range rels.List {
		out[r.Target] = r.Type
	}
	return out
}

// learn finds the styles by their names, and what there are places for.
func (t *Template) learn() error {
	var styles struct {
		List []struct {
			Type string `xml:"type,attr"`
			ID   string `xml:"styleId,attr"`
			Name struct {
				Val string `xml:"val,attr"`
			} `xml:"name"`
		} `xml:"style"`
	}
	_ = xml.Unmarshal(t.part(path.Join(path.Dir(t.main), "styles.xml")), &styles)
	for _, s := range styles.List {
		switch name := strings.ToLower(s.Name.Val); {
		case s.Type == "paragraph":
			t.styles[name] = s.ID
		case s.Type == "table" && name == "通报表":
			t.tableStyle = s.ID
		}
	}
	bodies := 0
	for _, p := range t.parts {
		if !t.worded(p.name) {
			continue
		}
		found, err := paragraphs(p.bytes)
		if err != nil {
			return refuse("not-word", p.name)
		}
		for _, x := range found {
			for word, what := range placeholders {
				if !strings.Contains(x.text(), word) {
					continue
				}
				t.places[what] = true
				if what != "body" {
					continue
				}
				bodies++
				if p.name != t.main || strings.TrimSpace(x.text()) != word || !x.block {
					return refuse("body-alone", word)
				}
			}
		}
	}
	switch {
	case bodies == 0:
		return refuse("no-body", "{{正文}}")
	case bodies > 1:
		return refuse("two-bodies", "{{正文}}")
	}
	return nil
}

// worded are the parts that may have places in them: the text, headers, footers.
func (t *Template) worded(name string) bool {
	base := path.Base(name)
	return name == t.main || path.Dir(name) == path.Dir(t.main) && (strings.HasPrefix(base, "header") || strings.HasPrefix(base, "footer")) && strings.HasSuffix(base, ".xml")
}
