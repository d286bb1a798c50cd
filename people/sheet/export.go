package sheet

import (
	"bufio"
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/xuri/excelize/v2"

	"linli.dev/linli/fault"
	"linli.dev/linli/people/place"
)

// Filter says what a list has, as of a day.
type Filter struct {
	List   List // compounds when it is not said
	Q      place.AsOf
	Parent place.ID // they hang under it; "": all
	Class  place.Class
	Weak   bool                // only weak ones
	Name   string              // a part of their name
	Show   func(place.ID) bool // which may be shown; nil: all
	Own    func(place.ID) bool // of which few volunteers are told as they are (place.Own); nil: of none
}

// Export writes the places of a filter as a list that can be imported again;
// unchanged it changes nothing. kind is "xlsx" or "csv".
func (s *Service) Export(ctx context.Context, w io.Writer, kind, lang string, f Filter) error {
	of := listingOf(f.List)
	if of == nil {
		return fault.New(fault.Invalid, "sheet.Export", "sheet.no-such-list")
	}
	if kind == "csv" {
		return s.exportCSV(ctx, w, of, lang, f)
	}
	return s.exportXLSX(ctx, w, of, lang, f)
}

// each hands on the compounds of a filter in the order of their places.
func (s *Service) each(ctx context.Context, lang string, f Filter, do func([]any) error) error {
	tree, err := s.o.Places.Tree(ctx)
	if err != nil {
		return err
	}
	if err := f.parentThere(tree); err != nil {
		return err
	}
	switch f.List {
	case Divisions:
		return s.eachDivision(tree, lang, f, do)
	case Buildings:
		return s.eachBuilding(ctx, tree, f, do)
	}
	if of := listingOf(f.List); of.thing != nil {
		return s.eachThing(ctx, of, tree, lang, f, do)
	}
	ids, above := f.compounds(tree)
	for part := range slices.Chunk(ids, rowsAtOnce) {
		if err := s.part(ctx, tree, f, part, above, lang, do); err != nil {
			return err
		}
	}
	return nil
}

// compounds are those of the filter in the order of their places, each with the names of what is above it and its own.
func (f *Filter) compounds(tree *place.Tree) (ids []place.ID, above map[place.ID]map[place.Level]string) {
	above = map[place.ID]map[place.Level]string{}
	for _, v := range tree.Of(f.Q, place.Compound) {
		if f.Show != nil && !f.Show(v.Place) || !holds(v.Name, f.Name) {
			continue
		}
		names, under := map[place.Level]string{}, f.Parent == ""
		for _, p := range tree.Path(f.Q, v.Place) {
			names[p.Level] = p.Name
			under = under || p.Place == f.Parent
		}
		if under && len(names) > 0 {
			ids = append(ids, v.Place)
			above[v.Place] = names
		}
	}
	slices.SortStableFunc(ids, func(a, b place.ID) int {
		for _, l := range []place.Level{place.County, place.Street, place.Community} {
			if c := strings.Compare(above[a][l], above[b][l]); c != 0 {
				return c
			}
		}
		return 0
	})
	return ids, above
}

// holds reports whether a name has a part, however it is typed; every name has no part at all.
func holds(name, part string) bool { return part == "" || strings.Contains(plain(name), plain(part)) }

func (s *Service) part(ctx context.Context, tree *place.Tree, f Filter, ids []place.ID, above map[place.ID]map[place.Level]string, lang string, do func([]any) error) error {
	es, err := s.o.Places.Entries(ctx, ids...)
	if err != nil {
		return err
	}
	cs, err := s.o.Places.Counts(ctx, ids...)
	if err != nil {
		return err
	}
	ps, err := s.o.Places.Points(ctx, ids...)
	if err != nil {
		return err
	}
	points := map[place.ID][]place.Point{}
	for _, x := range ps {
		points[x.Compound] = append(points[x.Compound], x)
	}
	entries, counts := map[place.ID][]place.Entry{}, map[place.ID][]place.Count{}
	for _, e := range es {
		entries[e.Compound] = append(entries[e.Compound], e)
	}
	for _, c := range cs {
		counts[c.Compound] = append(counts[c.Compound], c)
	}
	list, err := s.o.Places.Steps(ctx, ids...)
	if err != nil {
		return err
	}
	steps := map[place.ID][]place.ChannelStep{}
	for _, st := range list {
		steps[st.Compound] = append(steps[st.Compound], st)
	}
	share := func(place.AsOf, place.ID) Share { return Share{} }
	if s.o.Programme != nil {
		if share, err = s.o.Programme.Shares(ctx, ids...); err != nil {
			return err
		}
	}
	for _, id := range ids {
		r := place.RecordAt(f.Q, tree.History(id), entries[id], place.WithChannels(f.Q, f.Q.Day, counts[id], steps[id]), points[id])
		if f.Class != "" && r.Class != f.Class || f.Weak && !r.Weak {
			continue
		}
		criteria, evidence := ground(f.Q, entries[id])
		row := cells(r, share(f.Q, id), above[id], criteria, evidence, f.Q.Day, id, lang)
		f.hideFew(id, row, lang)
		if err := do(row); err != nil {
			return err
		}
	}
	return nil
}

// ground is on what the compound's class rests, or that it is weak.
func ground(q place.AsOf, entries []place.Entry) (criteria, evidence string) {
	for _, m := range []place.Mark{place.MarkWeak, place.MarkHelped, place.MarkDemonstration} {
		if !place.Marked(q, entries, m) {
			continue
		}
		for i := range entries {
			if e := &entries[i]; e.Mark == m && e.In && e.Stands(q) {
				criteria, evidence = e.Criteria, e.Evidence
			}
		}
	}
	return criteria, evidence
}

func (s *Service) exportCSV(ctx context.Context, w io.Writer, of *listing, lang string, f Filter) error {
	out := bufio.NewWriter(w)
	if _, err := out.WriteString("\ufeff"); err != nil { // for Excel
		return err
	}
	c := csv.NewWriter(out)
	c.UseCRLF = true
	row := make([]string, len(of.columns))
	mark, err := s.o.Places.DemoMark(ctx)
	if err != nil {
		return err
	}
	if mark != "" { // above the headings: the list can be taken in again
		if err := c.Write([]string{mark}); err != nil {
			return err
		}
	}
	for i := range of.columns {
		row[i] = of.columns[i].heading(lang)
	}
	if err := c.Write(row); err != nil {
		return err
	}
	err = s.each(ctx, lang, f, func(cells []any) error {
		for i, v := range cells {
			row[i] = safe(fmt.Sprint(v))
		}
		return c.Write(row)
	})
	c.Flush()
	if err == nil {
		err = c.Error()
	}
	if err == nil {
		err = out.Flush()
	}
	return err
}

func (s *Service) exportXLSX(ctx context.Context, w io.Writer, of *listing, lang string, f Filter) error {
	x := excelize.NewFile(excelize.Options{TmpDir: s.o.Dir})
	defer x.Close()
	list := pick(lang, of.zh, of.en)
	if err := x.SetSheetName("Sheet1", list); err != nil {
		return err
	}
	head, err := headStyle(x, free)
	if err != nil {
		return err
	}
	text, err := textStyle(x)
	if err != nil {
		return err
	}
	sw, err := x.NewStreamWriter(list)
	if err != nil {
		return err
	}
	for i := range of.columns {
		if err := sw.SetColWidth(i+1, i+1, of.columns[i].width); err != nil {
			return err
		}
	}
	n := 1
	mark, err := s.o.Places.DemoMark(ctx)
	if err != nil {
		return err
	}
	if mark != "" { // above the headings: the list can be taken in again
		n++
	}
	if err := sw.SetPanes(&excelize.Panes{Freeze: true, YSplit: n, TopLeftCell: cellName(0, n), ActivePane: "bottomLeft"}); err != nil {
		return err
	}
	if mark != "" {
		if err := sw.SetRow("A1", []any{excelize.Cell{StyleID: text, Value: mark}}); err != nil {
			return err
		}
	}
	heads := make([]any, len(of.columns))
	for i := range of.columns {
		heads[i] = excelize.Cell{StyleID: head, Value: of.columns[i].heading(lang)}
	}
	if err := sw.SetRow(cellName(0, n-1), heads, excelize.RowOpts{Height: 32}); err != nil {
		return err
	}
	err = s.each(ctx, lang, f, func(cells []any) error {
		n++
		for i, v := range cells {
			// A cell of the type text is never reckoned, whatever it begins with.
			if str, ok := v.(string); ok {
				cells[i] = excelize.Cell{StyleID: text, Value: str}
			}
		}
		return sw.SetRow(cellName(0, n-1), cells)
	})
	if err != nil {
		return err
	}
	if err := sw.Flush(); err != nil {
		return err
	}
	_, err = x.WriteTo(w)
	return err
}
