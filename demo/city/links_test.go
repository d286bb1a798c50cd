package city

import (
	"regexp"
	"strconv"
	"strings"
	"testing"

	"linli.dev/linli/api"
	"linli.dev/linli/people/paper"
	"linli.dev/linli/people/programme"
)

// Each number of a bulletin leads to the rows behind it, and they are as many as it says: in the city's and in a county's,
// in sentences and in tables. Of changes, shares and money it is said where they lead.
func TestEachNumberLeadsToItsRows(t *testing.T) {
	v, err := api.NewVoice("zh", programme.Sentences())
	if err != nil {
		t.Fatal(err)
	}
	plain := regexp.MustCompile(`^\d+$`)
	for _, county := range []string{"", "兰山区"} {
		b, err := Bulletin(0, 0, programme.Office, county)
		if err != nil {
			t.Fatal(err)
		}
		doc := b.Document(v)
		held := 0
		hold := func(where, text string, r *paper.Ref) {
			if r == nil && where == "city" { // a county's page has no rows of the others
				return
			}
			if r == nil {
				t.Errorf("%s: %q leads nowhere", where, text)
				return
			}
			if where == "city" || county != "" && r.County == "" {
				t.Errorf("%s: %q of a county's page leads to the rows of all", where, text)
			}
			if !programme.IsFigure(r.Figure) {
				t.Errorf("%s: %q leads to %q, which nothing is called", where, text, r.Figure)
			}
			if r.Since != "" || !plain.MatchString(text) || where == "rank" {
				return
			}
			want, _ := strconv.ParseInt(text, 10, 64)
			if strings.HasSuffix(r.Figure, "_fen") { // in ten thousand yuan
				want *= 1_000_000
			}
			if r.Figure == "late" && county != "" { // so many more than those that the page names
				want += named(&doc)
			}
			var sum int64
			for i := range b.Rows {
				if row := &b.Rows[i]; r.County == "" || string(row.County) == r.County {
					sum += row.State.Adds(r.Figure, programme.MilestoneID(r.Milestone))
				}
			}
			if sum != want {
				t.Errorf("%s: %q leads to %s of %q, which has %d", where, text, r.Figure, r.County, sum)
			}
			held++
		}
		for _, x := range doc.Blocks {
			for i, p := range x.Pieces {
				where := x.Paragraph
				if i > 0 && p.Ref != nil && p.Ref.Figure == "done" && len(p.Text) < 3 {
					where = "rank"
				}
				if p.Figure {
					hold(where, p.Text, p.Ref)
				}
			}
			if x.Table == nil {
				continue
			}
			for r, row := range append(x.Table.Rows[:len(x.Table.Rows):len(x.Table.Rows)], x.Table.Sum) {
				for c, cell := range row {
					if !x.Table.Right[c] || cell == "" || cell == "—" {
						continue
					}
					where := x.Table.Key
					if where == "county" && c == 3 {
						where = "city"
					}
					if where == "ranking" && c == 0 {
						where = "rank"
					}
					var ref *paper.Ref
					if r < len(x.Table.Refs) {
						ref = x.Table.Refs[r][c]
					}
					hold(where, cell, ref)
				}
			}
		}
		if held < 20 {
			t.Errorf("%q: only %d numbers were held against their rows", county, held)
		}
		if b, err = Bulletin(0, 0, programme.Public, county); err != nil {
			t.Fatal(err)
		}
		doc = b.Document(v)
		for _, x := range doc.Blocks {
			for _, p := range x.Pieces {
				if p.Ref != nil {
					t.Errorf("the public edition leads to rows: %q", p.Text)
				}
			}
			if x.Table != nil && x.Table.Refs != nil {
				t.Errorf("the public edition's table %s leads to rows", x.Table.Key)
			}
		}
	}
}

// named is how many compounds the table of late ones names.
func named(doc *paper.Document) int64 {
	names := map[string]bool{}
	for _, x := range doc.Blocks {
		if x.Table != nil && x.Table.Key == "late" {
			for _, row := range x.Table.Rows {
				names[row[1]] = true
			}
		}
	}
	return int64(len(names))
}
