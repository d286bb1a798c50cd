package main

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"encoding/xml"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
	"golang.org/x/sys/unix"

	"linli.dev/linli/demo/city"
	"linli.dev/linli/demo/data"
	"linli.dev/linli/people/place"
	"linli.dev/linli/role"
)

// published are the sentences of a bulletin with the six published figures.
var published = map[string][]string{
	"zh": {
		"截至2017年9月27日，全市共有2366个小区开展“平安小区”创建工作，其中1524个已建设完成视频监控系统，占64.4%；930个与各级综治信息平台联网，占39.3%，联网视频监控探头17475个。",
		"全市已结对帮扶治安基础薄弱小区522个，", "已到位帮扶资金374.5万元，",
	},
	"en": {
		"As of 27 September 2017, 2,366 compounds of the city take part in the programme. 1,524 of them have built their video system, 64.4%; 930 are networked with a governance platform, 39.3%, with 17,475 camera channels.",
		"522 weak compounds are paired with a helping unit.", "3.745 million yuan are in place,",
	},
}

// The command as an office calls it, to its result: of the demo and of a server's data, in each format and both languages,
// with the published figures to the digit.
func TestTheBulletinAsACommand(t *testing.T) {
	dir := t.TempDir()
	db, err := role.OpenDB(t.Context(), role.Config{Data: dir}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	day, err := place.ParseDay(data.Date)
	if err != nil {
		t.Fatal(err)
	}
	if err := city.Fill(t.Context(), db, day, slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	t.Run("the day is the programme's, not the machine's", func(t *testing.T) {
		of := func(args string) (int, string, string) {
			return typed(t, "C", strings.Fields("bulletin --data "+dir+" --lang en "+args)...)
		}
		_, on, _ := of("--date " + data.Date)
		if code, out, bad := of(""); code != 0 || out != on || !strings.Contains(out, "27 September 2017") {
			t.Errorf("%d %s: %s", code, bad, firstDifference(on, out))
		}
		if code, out, bad := of("--date 2017-12-05"); code == 0 || out != "" || !strings.Contains(bad, data.Date) {
			t.Errorf("a day to come: %d %q %.200s", code, bad, out)
		}
		if code, out, bad := of("--as-of 2017-10-10"); code != 0 || !strings.Contains(out, "10 October 2017") {
			t.Errorf("%d %s %.200s", code, bad, out)
		}
	})
	said := map[string]string{}
	for _, source := range []string{"--demo", "--data " + dir} {
		for language, sentences := range published {
			for format, words := range map[string]func(*testing.T, []byte) string{"text": plain, "md": plain, "json": ofJSON, "xlsx": ofWorkbook, "docx": ofWord} {
				t.Run(strings.Fields(source)[0]+" "+language+" "+format, func(t *testing.T) {
					code, out, bad := typed(t, "C", strings.Fields("bulletin "+source+" --date "+data.Date+" --lang "+language+" --format "+format)...)
					if code != 0 || bad != "" {
						t.Fatalf("%d %s", code, bad)
					}
					got := words(t, []byte(out))
					for _, s := range sentences {
						if !strings.Contains(got, s) {
							t.Errorf("it does not say %q:\n%.3000s", s, got)
						}
					}
					if s, ok := said[language+format]; ok && s != got {
						t.Errorf("the demo and the data of the demo say two things: %s", firstDifference(s, got))
					}
					said[language+format] = got
				})
			}
		}
	}
}

func plain(_ *testing.T, b []byte) string { return string(b) }

// ofJSON gives the paragraphs, and holds the numbers against those that were published.
func ofJSON(t *testing.T, b []byte) string {
	var got struct {
		Figures  map[string]int64
		Document struct{ Blocks []struct{ Paragraph string } }
	}
	if err := json.Unmarshal(b, &got); err != nil {
		t.Fatal(err)
	}
	want, err := data.Figures()
	if err != nil {
		t.Fatal(err)
	}
	for figure, name := range map[string]string{
		"compounds": "compounds_taking_part", "built": "compounds_with_video_built", "networked": "compounds_networked",
		"channels_networked": "channels_networked", "paired": "weak_compounds_helped", "received_fen": "help_funds_in_place",
	} {
		if n, ok := want[name]; !ok || got.Figures[figure] != n {
			t.Errorf("%s is %d, %d was published", figure, got.Figures[figure], n)
		}
	}
	var all strings.Builder
	for _, x := range got.Document.Blocks {
		all.WriteString(x.Paragraph + "\n")
	}
	return all.String()
}

// ofWorkbook gives the words, and holds the row of sums against the published figures: numbers, not texts.
func ofWorkbook(t *testing.T, b []byte) string {
	x, err := excelize.OpenReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	defer x.Close()
	var all strings.Builder
	sheets := x.GetSheetList()
	rows, err := x.GetRows(sheets[0])
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		all.WriteString(strings.Join(r, "\t") + "\n")
	}
	if rows, err = x.GetRows(sheets[1], excelize.Options{RawCellValue: true}); err != nil {
		t.Fatal(err)
	}
	sum := rows[len(rows)-1]
	want := []string{"2366", "1524", "0.644", "930", "0.393", "17475", "522", "374.5"}
	if strings.HasPrefix(rows[0][0], "Table") {
		want[7] = "3745000" // in yuan, as its heading says
	}
	if got := strings.Join(sum[1:], " "); got != strings.Join(want, " ") {
		t.Errorf("the sums are %s", got)
	}
	return all.String()
}

// ofWord gives the paragraphs of a Word document, whose runs are joined as they are read.
func ofWord(t *testing.T, b []byte) string {
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	f, err := z.Open("word/document.xml")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var all strings.Builder
	d := xml.NewDecoder(f)
	text := false
	for {
		token, err := d.Token()
		if err == io.EOF {
			return all.String()
		}
		if err != nil {
			t.Fatal(err)
		}
		switch x := token.(type) {
		case xml.StartElement:
			text = x.Name.Local == "t"
		case xml.EndElement:
			if text = false; x.Name.Local == "p" {
				all.WriteString("\n")
			}
		case xml.CharData:
			if text {
				all.Write(x)
			}
		}
	}
}

func firstDifference(a, b string) string {
	one, two := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range one {
		if i >= len(two) || one[i] != two[i] {
			return strconv.Quote(one[i]) + " and " + strconv.Quote(strings.Join(two[min(i, len(two)):min(i+1, len(two))], ""))
		}
	}
	return "the second is longer"
}

// A file takes each format, and so does a pipe; a terminal is spared what is no text, before the work is done.
func TestNoWorkbookOnATerminal(t *testing.T) {
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skipf("no terminals here: %v", err)
	}
	defer master.Close()
	if err := unix.IoctlSetPointerInt(int(master.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetInt(int(master.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	screen, err := os.OpenFile("/dev/pts/"+strconv.Itoa(n), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer screen.Close()
	for language, want := range map[string]string{"zh": "xlsx 和 docx 不能显示在终端", "en": "is no text"} {
		for _, format := range []string{"xlsx", "docx"} {
			var bad bytes.Buffer
			if code := run(t.Context(), strings.Fields("bulletin --demo --lang "+language+" --format "+format), screen, &bad); code == 0 || !strings.Contains(bad.String(), want) {
				t.Errorf("%s: %d %s", format, code, bad.String())
			}
		}
	}
	file := filepath.Join(t.TempDir(), "bulletin.xlsx")
	var bad bytes.Buffer
	if code := run(t.Context(), strings.Fields("bulletin --demo --lang en --format xlsx -o "+file), screen, &bad); code != 0 {
		t.Fatalf("%d %s", code, bad.String())
	}
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got := regexp.MustCompile(`\s+`).ReplaceAllString(ofWorkbook(t, b), " "); !strings.Contains(got, published["en"][0]) {
		t.Error(got)
	}
}
