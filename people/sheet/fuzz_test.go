package sheet

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"linli.dev/linli/fault"
	"linli.dev/linli/people/place"
)

// FuzzList: whatever is uploaded is read to its end or refused with a sentence; no cell that is told lies outside the sheet.
func FuzzList(f *testing.F) {
	for _, s := range []string{
		"社区,小区名称\n煤山社区,甲小区\n", "sep=;\n社区;小区名称\n\"a\n\"\"b\";c", "\xff\xfeA\x00", "社区\t小区名称\r\n\t\r\n", "\"", ",\n,,\n", "社区，小区名称\r\n=1+1，'=2",
	} {
		f.Add([]byte(s))
	}
	x := excelize.NewFile()
	_ = x.SetSheetRow("Sheet1", "A1", &[]any{"社区", "小区名称", "路灯", "统计日期"})
	_ = x.SetSheetRow("Sheet1", "A2", &[]any{"煤山社区", "甲小区", 12, 43001.5})
	_ = x.MergeCell("Sheet1", "A2", "A3")
	if b, err := x.WriteToBuffer(); err == nil {
		f.Add(b.Bytes())
	}
	_ = x.Close()
	tree := place.NewTree(nil)
	day := place.Date(2017, 9, 27)
	f.Fuzz(func(t *testing.T, file []byte) {
		path := filepath.Join(t.TempDir(), "list")
		if err := os.WriteFile(path, file, 0o600); err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithTimeout(context.Background(), 20*time.Second)
		defer stop()
		b, err := open(path)
		if err != nil {
			if fault.CodeOf(err) == "" {
				t.Fatalf("no sentence: %v", err)
			}
			return
		}
		defer b.Close()
		list, err := tables(ctx, b, listings[Compounds], nil)
		if err != nil {
			if fault.CodeOf(err) == "" {
				t.Fatalf("no sentence: %v", err)
			}
			return
		}
		c := newChecker(newIndex(tree, place.AsOf{Day: day, Known: time.Now()}), day, day, "zh")
		for _, x := range list {
			if x.Heading == 0 {
				continue
			}
			c.spans[x] = between(b.Merged(x.index), x.bottom+1)
			err := b.Rows(ctx, x.index, func(row int, cells []string) error {
				l := c.row(x, row, bytesFree(cells))
				if l == nil {
					return nil
				}
				for _, p := range l.problems {
					if p.Row != row+1 || p.col >= maxColumns || p.Code == "" {
						t.Fatalf("%+v", p)
					}
				}
				return nil
			})
			if err != nil && fault.CodeOf(err) == "" {
				t.Fatalf("no sentence: %v", err)
			}
		}
	})
}

func bytesFree(cells []string) []string {
	out := make([]string, len(cells))
	for i := range cells {
		out[i] = string(bytes.Clone([]byte(cells[i])))
	}
	return out
}

// FuzzCell: numbers, days and names of any shape are read or not, and never reckoned.
func FuzzCell(f *testing.F) {
	for _, s := range []string{"12", "１２ 人", "1e9", "NaN", "0x10", "2017年9月27日", "43005", "'=1", "一二三号院", "", "-"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if n, whole, ok := number(s); ok && whole && n > 1e15 {
			t.Fatal(n)
		}
		if d, ok := day(s); ok && d.String() == "" {
			t.Fatal(s)
		}
		v := tidy(s)
		if isFormula(safe(v)) {
			t.Fatalf("%q is reckoned", safe(v))
		}
		_ = core(v)
		_, _ = listings[Compounds].meaning(v, nil)
	})
}
