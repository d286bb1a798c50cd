package city

import (
	"archive/zip"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"linli.dev/linli/api"
	"linli.dev/linli/api/apitest"
	"linli.dev/linli/people/bulletin"
	"linli.dev/linli/people/paper"
	"linli.dev/linli/people/place"
	"linli.dev/linli/people/programme"
	"linli.dev/linli/role"
	"linli.dev/linli/store/storetest"
)

// said is a bulletin as the page gets it, and its files as the page hands them out.
type said struct {
	name string // of the files
	doc  paper.Document
	lang string
	late bool // it names late compounds
}

// onPage is the city on its published day, with its routes.
type onPage struct {
	apitest.Page
	rooms role.City
	city  place.ID
	dir   string
}

func newPage(t *testing.T) *onPage {
	t.Helper()
	var hand Hand
	rooms, err := role.OpenCity(t.Context(), storetest.SQLite(t), hand.Clock())
	if err != nil {
		t.Fatal(err)
	}
	if err := script(t).figures().Play(t.Context(), rooms, &hand, time.Time{}, published); err != nil {
		t.Fatal(err)
	}
	tree, err := rooms.Places.Tree(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	city := tree.Of(rooms.Places.Clock().AtClose(published), place.City)[0].Place
	may := []string{apitest.At("city-office", city), programme.MayRead, place.MayRead, bulletin.MayRead, bulletin.MayDraft, bulletin.MayReview, bulletin.MayIssue}
	server := api.New(api.Options{Auth: apitest.Doorman{"li": may, "zhang": may}})
	if err := server.Add(rooms.Places, rooms.Programme, rooms.Bulletin); err != nil {
		t.Fatal(err)
	}
	return &onPage{apitest.Page{T: t, HTTP: server.Handler()}, rooms, city, t.TempDir()}
}

// save keeps a file that the page hands out.
func (p *onPage) save(name, path, lang string) {
	p.T.Helper()
	var b string
	p.Do(200, "li", "GET", path, "", &b, "Accept-Language", lang)
	if err := os.WriteFile(filepath.Join(p.dir, name), []byte(b), 0o600); err != nil {
		p.T.Fatal(err)
	}
}

// now is the computed bulletin of an edition and a language, of the city or a county.
func (p *onPage) now(lang, edition string, county place.ID) said {
	p.T.Helper()
	var got struct {
		Document paper.Document `json:"document"`
	}
	q := url.Values{"edition": {edition}}
	s := said{name: edition + "-" + lang, lang: lang, late: edition == "office" && county == ""}
	if county != "" {
		q.Set("county", string(county))
		s.name = "county-" + lang
	}
	p.Do(200, "li", "GET", "/api/bulletin?"+q.Encode(), "", &got, "Accept-Language", lang)
	s.doc = got.Document
	for _, format := range []string{"docx", "xlsx"} {
		q.Set("format", format)
		p.save(s.name+"."+format, "/api/bulletin/file?"+q.Encode(), lang)
	}
	return s
}

// issued is one in the city's own letterhead, with a title of its own, as it was frozen.
func (p *onPage) issued() said {
	p.T.Helper()
	city := p.city
	var starter string
	p.Do(200, "li", "GET", "/api/bulletin-starter", "", &starter)
	p.Do(200, "li", "PUT", "/api/bulletin-offices/"+string(city)+"/template?name=red.docx", starter, nil, "Content-Type", "application/octet-stream")
	ctx, rooms := p.T.Context(), p.rooms
	b, err := rooms.Bulletin.Begin(ctx, "li", city, bulletin.Words{Day: published, Title: "关于九月份平安小区创建工作的通报", Added: []bulletin.Addition{{After: "overview", Text: "目前联网率为{networked_rate}。"}}}, "")
	if err == nil {
		b, err = rooms.Bulletin.Review(ctx, "zhang", b.Version, b.ID, "")
	}
	if err == nil {
		b, err = rooms.Bulletin.Issue(ctx, "li", b.Version, b.ID)
	}
	if err != nil {
		p.T.Fatal(err)
	}
	var got struct {
		Document paper.Document `json:"document"`
		Edition  string         `json:"edition"`
	}
	path := "/api/bulletins/" + string(b.ID)
	p.Do(200, "li", "GET", path, "", &got, "Accept-Language", "zh")
	for _, format := range []string{"docx", "xlsx"} {
		p.save("issued-zh."+format, path+"/file?format="+format, "zh")
	}
	return said{name: "issued-zh", doc: got.Document, lang: "zh", late: got.Edition == "office"}
}

// LibreOffice opens the Word and Excel files that the page hands out, and says what the page says: in both languages, both
// editions, of a county, and in an office's own letterhead.
func TestLibreOfficeSaysWhatThePageSays(t *testing.T) {
	for _, program := range []string{"soffice", "pdftotext"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skip(program + " is missing: scripts/need.sh test")
		}
	}
	p := newPage(t)
	tree, err := p.rooms.Places.Tree(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	lanshan, err := programme.CountyNamed(tree, p.rooms.Places.Clock().AtClose(published), "兰山区")
	if err != nil {
		t.Fatal(err)
	}
	all := []said{
		p.now("zh", "office", ""), p.now("en", "office", ""), p.now("zh", "public", ""), p.now("en", "public", ""), p.now("zh", "office", lanshan), p.now("en", "office", lanshan), p.issued(),
	}
	var words, books []string
	for _, s := range all {
		words, books = append(words, s.name+".docx"), append(books, s.name+".xlsx")
	}
	p.open("pdf", words...)
	p.open(`csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1`, books...)
	p.open("ods", "office-zh.xlsx", "office-en.xlsx", "issued-zh.xlsx")
	for _, s := range all {
		p.run("pdftotext", "-layout", s.name+".pdf")
		p.run("pdftotext", "-raw", s.name+".pdf", s.name+".raw")
		t.Run(s.name, func(t *testing.T) {
			p.word(t, s)
			p.excel(t, s)
			if strings.HasPrefix(s.name, "office") || strings.HasPrefix(s.name, "issued") {
				p.charts(t, s)
			}
		})
	}
	for _, s := range all[:2] { // as they were published
		for _, figure := range map[string][]string{"zh": {"2366", "1524", "930", "17475", "522", "374.5万元"}, "en": {"2,366", "1,524", "930", "17,475", "522", "3.745millionyuan"}}[s.lang] {
			if !strings.Contains(p.read(t, s.name+".txt"), figure) && !strings.Contains(strip(p.read(t, s.name+".txt")), figure) {
				t.Errorf("%s: %s is missing", s.name, figure)
			}
		}
	}
}

func (p *onPage) run(program string, args ...string) {
	p.T.Helper()
	ctx, cancel := context.WithTimeout(p.T.Context(), 5*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Dir = p.dir
	if out, err := cmd.CombinedOutput(); err != nil {
		p.T.Fatalf("%s %s: %v\n%s", program, args, err, out)
	}
}

func (p *onPage) open(to string, files ...string) {
	p.T.Helper()
	p.run("soffice", append([]string{"-env:UserInstallation=file://" + filepath.Join(p.dir, "profile"), "--headless", "--convert-to", to}, files...)...)
}

func (p *onPage) read(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(p.dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

var numbers = regexp.MustCompile(`[0-9][0-9,.]*%?`)

// word compares what LibreOffice sets on paper with the page, figure by figure and cell by cell.
func (p *onPage) word(t *testing.T, s said) {
	lines := p.read(t, s.name+".txt")
	raw := strip(p.read(t, s.name+".raw")) // a cell of two lines is in one place here
	flat := strip(lines) + raw
	say := func(text string) {
		t.Helper()
		if !strings.Contains(flat, strip(text)) {
			t.Errorf("Word does not say %q", text)
		}
	}
	for _, text := range []string{s.doc.Number, s.doc.Title, s.doc.Date, s.doc.Signer} {
		say(text)
	}
	rows := 0
	for _, b := range s.doc.Blocks {
		say(b.Heading)
		say(b.Note)
		for _, piece := range b.Pieces {
			say(piece.Text)
			// Words may stand on the next line, a number may not be torn.
			for _, number := range numbers.FindAllString(piece.Text, -1) {
				if piece.Figure && !strings.Contains(lines, number) {
					t.Errorf("%s is torn over two lines", piece.Text)
				}
			}
		}
		if b.Table == nil {
			continue
		}
		for _, row := range append(b.Table.Rows, b.Table.Sum) {
			if b.Table.Key != "late" {
				say(strings.Join(row, ""))
				continue
			}
			rows++
			for _, cell := range row { // its cells go over lines, each for itself
				if !strings.Contains(raw, strip(cell)) {
					t.Errorf("the late list does not say %q of %q", cell, row)
				}
			}
		}
	}
	if s.late != (rows > 10) {
		t.Errorf("%d rows of the late list", rows)
	}
	if pages := strings.Count(lines, "\f"); strings.HasPrefix(s.name, "county") && pages != 1 {
		t.Errorf("the sheet of a county has %d pages", pages)
	}
	if mark := map[string]string{"zh": "演示", "en": "demonstration"}[s.lang]; !strings.Contains(flat, mark) {
		t.Errorf("it does not say that it is a %s", mark)
	}
}

// excel compares each table of the page with its sheet as LibreOffice reads it.
func (p *onPage) excel(t *testing.T, s said) {
	sheets, _ := filepath.Glob(filepath.Join(p.dir, s.name+"-*.csv"))
	var all strings.Builder
	for _, name := range sheets {
		all.WriteString("\n" + p.read(t, filepath.Base(name)))
	}
	text := all.String()
	if mark := map[string]string{"zh": "演示", "en": "demonstration"}[s.lang]; !strings.Contains(text, mark) {
		t.Errorf("Excel does not say that it is a %s", mark)
	}
	rows := 0
	for _, b := range s.doc.Blocks {
		if b.Table == nil {
			continue
		}
		for _, row := range b.Table.Rows {
			line := make([]string, len(row))
			for i, cell := range row {
				line[i] = cell
				if b.Table.Right[i] { // CSV has it as it was typed
					line[i] = strings.ReplaceAll(strings.Replace(strings.TrimPrefix(cell, "+"), ".0%", "%", 1), ",", "")
				}
				if strings.Contains(line[i], ",") {
					line[i] = `"` + line[i] + `"`
				}
			}
			if rows++; !strings.Contains(text, "\n"+strings.Join(line, ",")+"\n") {
				t.Errorf("Excel does not say %q", strings.Join(line, ","))
				return
			}
		}
	}
	if rows < 15 && !strings.HasPrefix(s.name, "county") {
		t.Errorf("only %d rows", rows)
	}
	if strings.HasPrefix(s.name, "office") && strings.Count(text, "\n") < 2366 {
		t.Error("the compounds behind the figures are missing")
	}
}

// charts compares the values that LibreOffice's charts draw with those of the page's.
func (p *onPage) charts(t *testing.T, s said) {
	drawn, err := chartValues(filepath.Join(p.dir, s.name+".ods"))
	if err != nil {
		t.Fatal(err)
	}
	charts := 0
	for _, b := range s.doc.Blocks {
		if b.Chart == nil {
			continue
		}
		charts++
		grid := b.Chart.Data
		for _, x := range s.doc.Blocks {
			if x.Table != nil && x.Table.Key == b.Chart.Of {
				grid = x.Table
			}
		}
		if grid == nil {
			t.Fatalf("the page cannot draw %s", b.Chart.Name)
		}
		var want []float64
		for _, row := range grid.Rows {
			for _, c := range b.Chart.Columns {
				want = append(want, numberOf(row[c]))
			}
		}
		found := false
		for _, got := range drawn {
			found = found || same(got, want)
		}
		if !found {
			t.Errorf("no chart draws what %s does on the page: %d values from %v on; LibreOffice has %d charts", b.Chart.Name, len(want), want[:4], len(drawn))
		}
	}
	if charts != 2 {
		t.Errorf("%d charts on the page", charts)
	}
}

func numberOf(cell string) float64 {
	plain := strings.ReplaceAll(strings.TrimPrefix(cell, "+"), ",", "")
	share, ok := strings.CutSuffix(plain, "%")
	f, _ := strconv.ParseFloat(share, 64)
	if ok {
		return f / 100
	}
	return f
}

func same(a, b []float64) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if math.Abs(a[i]-b[i]) > 1e-9 {
			return false
		}
	}
	return true
}

// chartValues reads the tables that the charts of an OpenDocument workbook carry along, row by row.
func chartValues(file string) (out [][]float64, err error) {
	z, err := zip.OpenReader(file)
	if err != nil {
		return nil, err
	}
	defer z.Close()
	for _, f := range z.File {
		if !strings.HasPrefix(f.Name, "Object ") || !strings.HasSuffix(f.Name, "/content.xml") {
			continue
		}
		r, err := f.Open()
		if err != nil {
			return nil, err
		}
		d := xml.NewDecoder(r)
		var values []float64
		for {
			tok, err := d.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				return nil, fmt.Errorf("%s: %w", f.Name, err)
			}
			e, ok := tok.(xml.StartElement)
			if !ok || e.Name.Local != "table-cell" {
				continue
			}
			for _, a := range e.Attr {
				if a.Name.Local == "value" {
					v, err := strconv.ParseFloat(a.Value, 64)
					if err != nil {
						return nil, err
					}
					values = append(values, v)
				}
			}
		}
		_ = r.Close()
		out = append(out, values)
	}
	return out, nil
}

var pageNumber = regexp.MustCompile(`(?m)^\s*— ?\d+ ?—\s*$`)

// strip takes out what a layout puts between words.
func strip(s string) string {
	s = pageNumber.ReplaceAllString(s, "") // a sentence may go on on the next page
	return strings.Map(func(r rune) rune {
		if r == ' ' || r == '\n' || r == '\f' || r == '\u3000' || r == '\u00a0' {
			return -1
		}
		return r
	}, s)
}
