package sheet

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/xuri/excelize/v2"

	"linli.dev/linli/fault"
)

// badRowsEach bounds a workbook of bad rows: notes are kept in memory until it is written. Where there are more, each
// part has as many.
var badRowsEach = 5000

// Say turns a code into a sentence of the reader's language.
type Say func(code string, args map[string]any) string

// BadRows writes a workbook with only the bad rows of a list, under the headings that the sender gave them: red cells with
// notes. Of a list with very many it is one part of several; the first is 1.
func (s *Service) BadRows(ctx context.Context, by, id string, part int, say Say) ([]byte, error) {
	const op = "sheet.BadRows"
	d, err := s.mine(by, id)
	if err != nil {
		return nil, err
	}
	again, _, done, err := s.reread(ctx, d, op)
	if err != nil {
		return nil, err
	}
	defer done()
	tree, err := s.o.Places.Tree(ctx)
	if err != nil {
		return nil, err
	}
	q := s.today()
	w := &badBook{f: excelize.NewFile(), lang: d.lang, say: say, after: (part - 1) * badRowsEach, sheets: map[*Table]*badSheet{}}
	defer w.f.Close()
	if w.red, err = w.f.NewStyle(&excelize.Style{Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{red}}}); err != nil {
		return nil, err
	}
	if w.head, err = headStyle(w.f, free); err != nil {
		return nil, err
	}
	err = s.run(ctx, again, pass{
		c: newChecker(newIndex(tree, q), q.Day, d.from, d.lang), known: q.Known, report: newReport(), each: w.row,
	})
	if err != nil && !errors.Is(err, errStop) {
		return nil, err
	}
	if len(w.sheets) == 0 {
		return nil, fault.New(fault.NotFound, op, "sheet.no-bad-rows")
	}
	b, err := w.f.WriteToBuffer()
	if err != nil {
		return nil, fault.Wrap(err, fault.Internal, op, "sheet.store")
	}
	return b.Bytes(), nil
}

type badBook struct {
	f         *excelize.File
	lang      string
	say       Say
	red, head int
	sheets    map[*Table]*badSheet
	after     int // this many stand in parts before this one
	rows      int
}

type badSheet struct {
	name string
	next int
	last int // column behind the sender's own
}

func (w *badBook) row(l *line) error {
	if len(l.problems) == 0 {
		return nil
	}
	if w.rows++; w.rows <= w.after {
		return nil
	}
	if w.rows > w.after+badRowsEach {
		return errStop
	}
	sh, err := w.sheet(l.t)
	if err != nil {
		return err
	}
	row := sh.next
	sh.next++
	for c, v := range l.cells {
		if v != "" {
			if err := w.f.SetCellStr(sh.name, cellName(c, row), v); err != nil {
				return err
			}
		}
	}
	notes, order := map[int]string{}, []int{}
	all := ""
	for _, p := range l.problems {
		text := w.say(p.Code, p.args)
		if r := w.right(p.right); r != "" {
			text += r
		}
		col := p.col
		if col < 0 {
			col = sh.last + 1
			text = p.Column + pick(w.lang, "：", ": ") + text
		}
		if notes[col] == "" {
			order = append(order, col)
		}
		notes[col] += text + "\n"
		all += text
	}
	slices.Sort(order)
	for _, col := range order {
		cell := cellName(col, row)
		if err := w.f.SetCellStyle(sh.name, cell, cell, w.red); err != nil {
			return err
		}
		if err := w.f.AddComment(sh.name, excelize.Comment{Cell: cell, Author: "Linli", Text: notes[col], Width: 260, Height: 90}); err != nil {
			return err
		}
	}
	if err := w.f.SetCellInt(sh.name, cellName(sh.last, row), int64(l.row+1)); err != nil {
		return err
	}
	return w.f.SetCellStr(sh.name, cellName(sh.last+1, row), all)
}

func (w *badBook) right(r right) string {
	switch {
	case r.code != "":
		return w.say(r.code, r.args)
	case len(r.words) > 0:
		return w.say("sheet.right.one-of", map[string]any{"words": listed(r.words, w.lang)})
	}
	return ""
}

// sheet is the sheet for the bad rows of a table, with its headings.
func (w *badBook) sheet(t *Table) (*badSheet, error) {
	if sh := w.sheets[t]; sh != nil {
		return sh, nil
	}
	name := t.Sheet
	if name == "" {
		name = pick(w.lang, t.of.zh, t.of.en)
	}
	if len(w.sheets) == 0 {
		if err := w.f.SetSheetName("Sheet1", name); err != nil {
			return nil, err
		}
	} else if _, err := w.f.NewSheet(name); err != nil {
		return nil, err
	}
	sh := &badSheet{name: name, next: 1}
	for _, c := range t.Columns {
		sh.last = max(sh.last, c.col+1)
		if err := w.f.SetCellStr(name, cellName(c.col, 0), c.Heading); err != nil {
			return nil, err
		}
	}
	for i, h := range []string{pick(w.lang, "原行号", "Row"), pick(w.lang, "问题", "Problem")} {
		if err := w.f.SetCellStr(name, cellName(sh.last+i, 0), h); err != nil {
			return nil, err
		}
	}
	if err := w.f.SetCellStyle(name, "A1", cellName(sh.last+1, 0), w.head); err != nil {
		return nil, err
	}
	if err := w.f.SetColWidth(name, "A", columnName(sh.last), 14); err != nil {
		return nil, err
	}
	if err := w.f.SetColWidth(name, columnName(sh.last+1), columnName(sh.last+1), 60); err != nil {
		return nil, err
	}
	w.sheets[t] = sh
	if err := w.f.SetPanes(name, &excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return nil, fmt.Errorf("panes: %w", err)
	}
	return sh, nil
}
