package sheet

import (
	"github.com/xuri/excelize/v2"

	"linli.dev/linli/people/place"
)

const (
	needed = "FCE4D6"
	free   = "EDEFF3"
	red    = "F8CBAD"
)

func headStyle(f *excelize.File, fill string) (int, error) {
	return f.NewStyle(&excelize.Style{
		Font:   &excelize.Font{Bold: true},
		Border: []excelize.Border{{Type: "bottom", Color: "8A8F99", Style: 1}, {Type: "right", Color: "D5D8DE", Style: 1}},
		Fill:   excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{fill}}, Alignment: &excelize.Alignment{Vertical: "center", WrapText: true},
	})
}

func textStyle(f *excelize.File) (int, error) {
	return f.NewStyle(&excelize.Style{NumFmt: 49}) // "@": 001 stays 001, and no text is taken for a date
}

func pick(lang, zh, en string) string {
	if lang == "en" {
		return en
	}
	return zh
}

// safe is a text for a CSV cell: one that a spreadsheet would reckon gets the
// apostrophe that marks a text. tidy takes it off again.
func safe(s string) string {
	if isFormula(s) {
		return "'" + s
	}
	return s
}

// cells are a compound's record as the list has it.
func cells(r place.Record, share Share, above map[place.Level]string, criteria, evidence string, from place.Day, id place.ID, lang string) []any {
	columns := compoundColumns
	out := make([]any, len(columns))
	for i := range columns {
		c := &columns[i]
		switch c.key {
		case County:
			out[i] = above[place.County]
		case Street:
			out[i] = above[place.Street]
		case Community:
			out[i] = above[place.Community]
		case Name:
			out[i] = r.Name
		case Code:
			out[i] = r.Code
		case Class:
			out[i] = wordOf(classWords, string(r.Class), lang)
		case Weak:
			out[i] = wordOf(yesWords, map[bool]string{true: "yes", false: "no"}[r.Weak], lang)
		case Part:
			out[i] = wordOf(partWords, map[bool]string{true: "yes", false: "no"}[share.Part], lang)
		case Plan:
			out[i] = ""
			if share.Plan > 0 {
				out[i] = share.Plan
			}
		case Criteria:
			out[i] = criteria
		case Evidence:
			out[i] = evidence
		case From:
			out[i] = from.String()
		case ID:
			out[i] = string(id)
		case Lon, Lat:
			out[i] = ""
			if r.Point != (place.LonLat{}) {
				out[i] = map[Key]float64{Lon: r.Point.Lon, Lat: r.Point.Lat}[c.key]
			}
		default:
			if n, ok := r.Numbers[place.Sort(c.key)]; ok {
				out[i] = n
			} else {
				out[i] = ""
			}
		}
	}
	return out
}
