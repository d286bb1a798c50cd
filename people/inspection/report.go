package inspection

import (
	"archive/zip"
	"context"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"

	"github.com/xuri/excelize/v2"

	"linli.dev/linli/api"
	"linli.dev/linli/people/place"
)

// rawReport answers with an inspection as a folder: a workbook that says what the
// page says, and the photos beside it.
func (s *Service) rawReport(w http.ResponseWriter, r *http.Request) {
	ctx := r.Context()
	ask := r.URL.Query()
	v, f, err := s.view(ctx, r.PathValue("id"), place.AsOfInput{At: ask.Get("at"), Known: ask.Get("known")})
	if err != nil {
		api.Fail(w, r, err)
		return
	}
	names := photoNames(&v, &f)
	book := excelize.NewFile()
	defer book.Close()
	if err := fillReport(ctx, book, &v, &f, names); err != nil {
		api.Fail(w, r, err)
		return
	}
	title := titleOf(&v)
	w.Header().Set("Content-Type", "application/zip")
	w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": title + ".zip"}))
	w.Header().Set("Cache-Control", "no-store")
	// From here on bytes have left: what fails leaves a zip without its end, which no program opens.
	_ = s.writeReport(ctx, w, book, title+".xlsx", &v, names)
}

// titleOf is what the report of an inspection is called.
func titleOf(v *View) string {
	return place.Tidy(strings.NewReplacer("/", " ", "\\", " ").Replace(v.Where.Name)) + " " + v.Day.String()
}

// fillReport writes the workbook in the caller's language.
func fillReport(ctx context.Context, book *excelize.File, v *View, f *Form, names map[string]string) error {
	voice := api.VoiceOf(ctx)
	rep := report{v: v, f: f, say: voice.Say, lang: voice.Language(), names: names}
	return rep.fill(book)
}

// Papers hands on what the report of an inspection is made of, the workbook and the photos that are still there, and says what
// the inspection came to.
func (s *Service) Papers(ctx context.Context, q place.AsOf, id ID, put func(name string, body []byte) error) (v View, f Form, err error) {
	v, f, err = s.View(ctx, q, "", id, func(code string, args map[string]any) string { return say(ctx, code, args) })
	if err != nil {
		return v, f, err
	}
	names := photoNames(&v, &f)
	book := excelize.NewFile()
	defer book.Close()
	if err := fillReport(ctx, book, &v, &f, names); err != nil {
		return v, f, err
	}
	sheet, err := book.WriteToBuffer()
	if err != nil {
		return v, f, err
	}
	if err := put(titleOf(&v)+".xlsx", sheet.Bytes()); err != nil {
		return v, f, err
	}
	for _, p := range v.Photos {
		if p.Purged != 0 {
			continue
		}
		bytes, err := s.Photo(ctx, v.ID, p.ID)
		if err != nil {
			return v, f, err
		}
		if err := put(names[p.ID], bytes); err != nil {
			return v, f, err
		}
	}
	return v, f, nil
}

func (s *Service) writeReport(ctx context.Context, w io.Writer, book *excelize.File, title string, v *View, names map[string]string) error {
	z := zip.NewWriter(w)
	at, err := z.Create(title)
	if err != nil {
		return err
	}
	if err := book.Write(at); err != nil {
		return err
	}
	mark, err := s.o.Places.DemoMark(ctx)
	if err != nil {
		return err
	}
	if mark != "" {
		at, err := z.Create(strings.TrimSuffix(title, ".xlsx") + ".txt")
		if err == nil {
			_, err = io.WriteString(at, "\ufeff"+mark+"\r\n")
		}
		if err != nil {
			return err
		}
	}
	for _, p := range v.Photos {
		if p.Purged != 0 { // the workbook says that it was there
			continue
		}
		bytes, err := s.Photo(ctx, v.ID, p.ID)
		if err != nil {
			return err
		}
		at, err := z.CreateHeader(&zip.FileHeader{Name: names[p.ID], Method: zip.Store}) // a JPEG gets no smaller
		if err != nil {
			return err
		}
		if _, err := at.Write(bytes); err != nil {
			return err
		}
	}
	return z.Close()
}

// photoNames names each photo by the item that it belongs to.
func photoNames(v *View, f *Form) map[string]string {
	of := map[string]string{}
	for _, a := range v.Answers {
		for _, ph := range a.Answer.Photos {
			of[ph] = a.Item
		}
	}
	for _, m := range v.Mendings {
		for _, st := range m.Steps {
			for _, ph := range st.Photos {
				of[ph] = m.Item + "-mended"
			}
		}
	}
	out, count := map[string]string{}, map[string]int{}
	for _, p := range v.Photos {
		item := of[p.ID]
		if item == "" {
			item = "other"
		}
		count[item]++
		out[p.ID] = fmt.Sprintf("photos/%s-%d.jpg", item, count[item])
	}
	return out
}

// report writes the workbook.
type report struct {
	v     *View
	f     *Form
	say   func(code string, args ...any) string
	lang  string
	names map[string]string
	book  *excelize.File
	err   error
}

func (r *report) fill(book *excelize.File) error {
	r.book = book
	r.sheet(0, r.say("inspection.report.summary"), []float64{24, 60}, r.summary())
	r.sheet(1, r.say("inspection.report.items"), []float64{18, 48, 22, 10, 10, 40, 40}, r.items())
	r.sheet(2, r.say("inspection.report.mendings"), []float64{40, 40, 24, 14, 14, 40}, r.mendings())
	return r.err
}

func (r *report) sheet(n int, name string, widths []float64, rows [][]any) {
	try := func(err error) {
		if r.err == nil {
			r.err = err
		}
	}
	if n == 0 {
		try(r.book.SetSheetName("Sheet1", name))
	} else {
		_, err := r.book.NewSheet(name)
		try(err)
	}
	style, err := r.book.NewStyle(&excelize.Style{Alignment: &excelize.Alignment{WrapText: true, Vertical: "top"}})
	try(err)
	for i, w := range widths {
		column, err := excelize.ColumnNumberToName(i + 1)
		try(err)
		try(r.book.SetColWidth(name, column, column, w))
		try(r.book.SetColStyle(name, column, style))
	}
	for i, row := range rows {
		for j, c := range row {
			at, err := excelize.CoordinatesToCellName(j+1, i+1)
			try(err)
			if text, ok := c.(string); ok {
				try(r.book.SetCellStr(name, at, noFormula(text)))
			} else {
				try(r.book.SetCellValue(name, at, c))
			}
		}
	}
}

// points as a spreadsheet takes them: a number.
func (p Points) float() float64 { return float64(p) / 100 }

func (r *report) summary() [][]any {
	v := r.v
	var team []string
	for _, m := range v.Team {
		signed := ""
		if m.Signed != nil {
			signed = r.say("inspection.report.signed")
		}
		team = append(team, m.Name+signed)
	}
	result := string(v.State)
	if v.Result != "" {
		result = string(v.Result)
	}
	rows := [][]any{
		{r.say("inspection.report.form"), r.f.Title.In(r.lang) + " (" + string(v.Form) + " " + fmt.Sprint(v.Number) + ")"},
		{r.say("inspection.report.compound"), strings.Join([]string{v.Where.CountyName, v.Where.Street, v.Where.Community, v.Where.Name}, " ")},
		{r.say("inspection.report.day"), v.Day.String()},
		{r.say("inspection.report.team"), strings.Join(team, "\n")},
		{r.say("inspection.report.result"), r.say(inWords[result])},
		{r.say("inspection.report.score"), v.SoFar.Score.float()},
		{r.say("inspection.report.judged"), v.SoFar.Judged},
	}
	for _, p := range v.SoFar.Parts {
		for i := range r.f.Sections {
			if s := &r.f.Sections[i]; s.Name == p.Section && s.Weight > 0 {
				rows = append(rows, []any{s.Title.In(r.lang), p.Points.float()})
			}
		}
	}
	return rows
}

func (r *report) items() [][]any {
	rows := [][]any{{
		r.say("inspection.report.section"), r.say("inspection.report.item"), r.say("inspection.report.answer"), r.say("inspection.report.of"), r.say("inspection.report.points"),
		r.say("inspection.report.note"), r.say("inspection.report.photos"),
	}}
	lines := map[string]Line{}
	for _, l := range r.v.SoFar.Lines {
		lines[l.Item] = l
	}
	said := map[string]Settled{}
	for _, a := range r.v.Answers {
		said[a.Item] = a
	}
	for i := range r.f.Sections {
		s := &r.f.Sections[i]
		for j := range s.Items {
			it := &s.Items[j]
			if it.Kind == Note {
				continue
			}
			a := said[it.Name].Answer
			row := []any{s.Title.In(r.lang), it.Title.In(r.lang), r.answer(it, &a, lines[it.Name]), nil, nil, a.Note, ""}
			if a.NA {
				row[5] = a.Reason
			}
			if l, ok := lines[it.Name]; ok {
				row[3], row[4] = l.Of.float(), l.Points.float()
			}
			var photos []string
			for _, ph := range a.Photos {
				photos = append(photos, r.names[ph])
			}
			row[6] = strings.Join(photos, "\n")
			rows = append(rows, row)
		}
	}
	return rows
}

// inWords are results, answers and states as codes of sentences.
var inWords = map[string]string{
	string(Passed): "inspection.report.result.pass", string(ToBeMended): "inspection.report.result.mend", string(Failed): "inspection.report.result.fail",
	string(Planned): "inspection.report.result.planned", string(Cancelled): "inspection.report.result.cancelled",
	string(Open): "inspection.report.state.open", string(Reported): "inspection.report.state.reported", string(Accepted): "inspection.report.state.accepted",
	yes: "inspection.report.yes", no: "inspection.report.no",
}

// answer is an answer in words.
func (r *report) answer(it *Item, a *Answer, l Line) string {
	switch {
	case l.State == "not-asked":
		return r.say("inspection.report.not-asked")
	case a.NA:
		return r.say("inspection.report.not-applicable")
	case it.Kind == YesNo && a.Value != "":
		return r.say(inWords[a.Value])
	case it.Kind == Choose:
		if c := it.choice(a.Value); c != nil {
			return c.Title.In(r.lang)
		}
	}
	return a.Value
}

func (r *report) mendings() [][]any {
	rows := [][]any{{
		r.say("inspection.report.item"), r.say("inspection.report.what"), r.say("inspection.report.unit"), r.say("inspection.report.due"), r.say("inspection.report.state"), r.say("inspection.report.photos"),
	}}
	for _, m := range r.v.Mendings {
		var photos []string
		for _, st := range m.Steps {
			for _, ph := range st.Photos {
				photos = append(photos, r.names[ph])
			}
		}
		title := m.Item
		if it := r.f.item(m.Item); it != nil {
			title = it.Title.In(r.lang)
		}
		rows = append(rows, []any{title, m.What, m.Unit, m.Due.String(), r.say(inWords[string(m.State)]), strings.Join(photos, "\n")})
	}
	return rows
}
