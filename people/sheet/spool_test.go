package sheet

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"linli.dev/linli/store/storetest"
)

// A workbook that was unpacked reads as the workbook does, row for row, and leaves no file behind.
func TestUnpackedReadsTheSame(t *testing.T) {
	o := newOffice(t, storetest.SQLite(t))
	file := workbook(t, "甲", [][]any{{"社区", "小区名称", "路灯"}, {"煤山社区", "", 7}, {}, {"", "乙\n小区", "1,200"}}, func(f *excelize.File) {
		if _, err := f.NewSheet("乙"); err != nil {
			t.Fatal(err)
		}
		o.must(f.SetCellStr("乙", "C3", "末"))
		o.must(f.MergeCell("甲", "A2", "A4"))
	})
	path := filepath.Join(t.TempDir(), "a.xlsx")
	o.must(os.WriteFile(path, file, 0o600))
	b, err := open(path)
	o.must(err)
	defer b.Close()
	s, err := spool(o.ctx, b, path+".rows")
	o.must(err)
	type said struct {
		Sheet, Row int
		Cells      []string
	}
	read := func(b book, most int) (out []said) {
		for i := range b.Sheets() {
			o.must(b.Rows(o.ctx, i, func(row int, cells []string) error {
				if len(out) == most {
					return errStop
				}
				out = append(out, said{i, row, append([]string{}, cells...)})
				return nil
			}))
		}
		return out
	}
	for range 2 { // it is read more than once
		if diff := cmp.Diff(read(b, 100), read(s, 100)); diff != "" || len(read(s, 100)) < 5 {
			t.Error(diff)
		}
	}
	if len(read(s, 2)) != 2 || len(s.Merged(0)) != 1 || len(s.Merged(1)) != 0 || len(s.Sheets()) != 2 {
		t.Error("other sheets, or no end")
	}
	o.must(s.Close())
	if _, err := os.Stat(path + ".rows"); !os.IsNotExist(err) {
		t.Error("the file is still there")
	}
	// A damaged one fails as itself.
	o.must(os.WriteFile(path, file[:len(file)/2], 0o600))
	if b, err := unpacked(o.ctx, &draft{path: path}); err == nil {
		b.Close()
		t.Error("half a workbook was read")
	}
}
