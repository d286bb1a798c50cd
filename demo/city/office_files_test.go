package city

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"linli.dev/linli/api"
	"linli.dev/linli/people/paper"
	"linli.dev/linli/people/programme"
)

// LibreOffice opens the Word and Excel files, and says what the page says, figure by figure.
func TestLibreOfficeSaysWhatThePageSays(t *testing.T) {
	for _, program := range []string{"soffice", "pdftotext"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skip(program + " is missing: scripts/need.sh test")
		}
	}
	dir := t.TempDir()
	write := func(name string, f func(*os.File) error) {
		t.Helper()
		out, err := os.Create(filepath.Join(dir, name))
		if err == nil {
			err = f(out)
		}
		if err == nil {
			err = out.Close()
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	docs := map[string]paper.Document{}
	for name, county := range map[string]string{"city": "", "county": "兰山区"} {
		b, err := Bulletin(0, 0, programme.Office, county)
		if err != nil {
			t.Fatal(err)
		}
		voice, err := api.NewVoice("zh", programme.Sentences())
		if err != nil {
			t.Fatal(err)
		}
		doc := b.Document(voice)
		doc.Root = "https://linli.example"
		docs[name] = doc
		write(name+".docx", func(f *os.File) error { return doc.WriteWord(f, nil) })
	}
	city := docs["city"]
	write("city.xlsx", func(f *os.File) error { return city.WriteWorkbook(f) })

	run := func(program string, args ...string) {
		t.Helper()
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
		defer cancel()
		cmd := exec.CommandContext(ctx, program, args...)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%s %s: %v\n%s", program, args, err, out)
		}
	}
	open := func(to string, files ...string) {
		run("soffice", append([]string{"-env:UserInstallation=file://" + filepath.Join(dir, "profile"), "--headless", "--convert-to", to}, files...)...)
	}
	open("pdf", "city.docx", "county.docx")
	open(`csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1`, "city.xlsx")
	for _, name := range []string{"city", "county"} {
		run("pdftotext", "-layout", name+".pdf")
		run("pdftotext", "-raw", name+".pdf", name+".raw")
	}

	for name, doc := range docs {
		raw, err := os.ReadFile(filepath.Join(dir, name+".txt"))
		if err != nil {
			t.Fatal(err)
		}
		lines := string(raw)
		raw, err = os.ReadFile(filepath.Join(dir, name+".raw")) // a cell of two lines is in one place here
		if err != nil {
			t.Fatal(err)
		}
		flat := strip(lines) + strip(string(raw))
		say := func(s string) {
			t.Helper()
			if !strings.Contains(flat, strip(s)) {
				t.Errorf("%s: Word does not say %q", name, s)
			}
		}
		say(doc.Title)
		say(doc.Date)
		for _, b := range doc.Blocks {
			say(b.Heading)
			for _, p := range b.Pieces {
				say(p.Text)
				// The unit may stand on the next line, the number may not be torn.
				number := strings.TrimRight(p.Text, "万元")
				if p.Figure && !strings.Contains(lines, number) {
					t.Errorf("%s: %s is torn over two lines", name, number)
				}
			}
			if b.Table == nil || name == "city" && b.Table.Key == "late" { // its cells go over lines
				continue
			}
			for _, row := range append(b.Table.Rows, b.Table.Sum) {
				say(strings.Join(row, ""))
			}
		}
		if pages := strings.Count(lines, "\f"); name == "county" && pages != 1 {
			t.Errorf("the sheet of a county has %d pages", pages)
		}
	}
	for _, figure := range []string{"2366", "1524", "930", "17475", "522", "374.5万元"} { // as they were published
		raw, _ := os.ReadFile(filepath.Join(dir, "city.txt"))
		if !strings.Contains(strip(string(raw)), figure) {
			t.Errorf("%s is missing", figure)
		}
	}
	excel(t, dir, city)
}

// excel compares each table with its sheet as LibreOffice reads it.
func excel(t *testing.T, dir string, doc paper.Document) {
	t.Helper()
	sheets, _ := filepath.Glob(filepath.Join(dir, "city-*.csv"))
	var all strings.Builder
	for _, s := range sheets {
		raw, err := os.ReadFile(s)
		if err != nil {
			t.Fatal(err)
		}
		all.WriteString("\n" + string(raw))
	}
	text := all.String()
	grids := doc.Behind
	for _, b := range doc.Blocks {
		if b.Table != nil {
			grids = append(grids, b.Table)
		}
	}
	rows := 0
	for _, g := range grids {
		for _, row := range g.Rows {
			line := make([]string, len(row))
			for i, cell := range row {
				line[i] = strings.Replace(strings.TrimPrefix(cell, "+"), ".0%", "%", 1) // CSV has it as it was typed
			}
			if rows++; !strings.Contains(text, "\n"+strings.Join(line, ",")+"\n") {
				t.Errorf("Excel does not say %q", strings.Join(row, ","))
				return
			}
		}
	}
	if rows < 2366 {
		t.Errorf("only %d rows", rows)
	}
}

// strip takes out what a layout puts between words.
func strip(s string) string {
	return strings.Map(func(r rune) rune {
		if r == ' ' || r == '\n' || r == '\f' || r == '\u3000' || r == '\u00a0' {
			return -1
		}
		return r
	}, s)
}
