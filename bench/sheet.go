package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/xuri/excelize/v2"
)

// What an office sends: a list of compounds that are all new.
const cityRows, mostRows = 2366, 100_000

// benchSheet sends lists of compounds through the API of the real program, as the page does, and commits them.
func benchSheet(ctx context.Context, o options) ([]row, error) {
	dir, err := os.MkdirTemp("", "linli-bench-sheet-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	s := cityServer(o, filepath.Join(dir, "data"))
	defer s.stop()
	if err := s.launch(ctx); err != nil {
		return nil, err
	}
	if s.operator, err = s.signIn("operator"); err != nil {
		return nil, err
	}
	communities, err := s.communities()
	if err != nil {
		return nil, err
	}
	if _, err := s.cityPage(""); err != nil { // the first question reads everything
		return nil, err
	}
	book, err := workbookOf(listOf(communities, cityRows, "甲"))
	if err != nil {
		return nil, err
	}
	checked, written, _, err := s.importList(ctx, "list.xlsx", book, cityRows)
	if err != nil {
		return nil, err
	}
	var long bytes.Buffer
	if err := csv.NewWriter(&long).WriteAll(listOf(communities, mostRows, "乙")); err != nil {
		return nil, err
	}
	before, err := resident(s.cmd.Process.Pid)
	if err != nil {
		return nil, err
	}
	longChecked, longWritten, most, err := s.importList(ctx, "long.csv", long.Bytes(), mostRows)
	if err != nil {
		return nil, err
	}
	return []row{
		{job: "import of 2,366 compounds from Excel, checked and written", unit: "s", value: (checked + written).Seconds(), goal: 3, note: fmt.Sprintf("over HTTP into a city of 2,400; the dry run %.2f s of it", checked.Seconds())},
		{job: "import of 100,000 rows, memory above what there was", unit: "MB", value: float64(most-before.all) / 1e6, goal: 600, note: fmt.Sprintf("checked in %.1f s, written in %.1f s", longChecked.Seconds(), longWritten.Seconds())},
	}, nil
}

// communities are all of the city: county, street, community.
func (s *server) communities() ([][3]string, error) {
	resp, err := s.operator.Get(s.url + "/api/sheets/compounds.csv")
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	list := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf"))))
	list.FieldsPerRecord = -1 // above the headings a demo's list says that it is one
	rows, err := list.ReadAll()
	for len(rows) > 0 && len(rows[0]) < 4 {
		rows = rows[1:]
	}
	if err != nil || len(rows) < 2 {
		return nil, fmt.Errorf("the list of compounds: %d rows, %v", len(rows), err)
	}
	at := map[string]int{}
	for i, h := range rows[0] {
		at[h] = i
	}
	var all [][3]string
	seen := map[[3]string]bool{}
	for _, r := range rows[1:] {
		c := [3]string{}
		for i, heads := range [][]string{{"县区", "County"}, {"街道（乡镇）", "街道/乡镇", "Street or town"}, {"社区（村）", "社区", "Community"}} {
			for _, h := range heads {
				if n, ok := at[h]; ok {
					c[i] = r[n]
				}
			}
		}
		if c[2] == "" {
			return nil, fmt.Errorf("the list of compounds has other headings: %q", rows[0])
		}
		if !seen[c] {
			seen[c] = true
			all = append(all, c)
		}
	}
	return all, nil
}

// listOf are new compounds, spread over the communities.
func listOf(communities [][3]string, n int, mark string) [][]string {
	out := [][]string{{"县区", "街道/乡镇", "社区", "小区名称", "保安", "路灯"}}
	for i := range n {
		c := communities[i%len(communities)]
		out = append(out, []string{c[0], c[1], c[2], fmt.Sprintf("%s区测试家园%d号院", mark, i+1), fmt.Sprint(1 + i%7), fmt.Sprint(4 + i%40)})
	}
	return out
}

func workbookOf(rows [][]string) ([]byte, error) {
	f := excelize.NewFile()
	defer f.Close()
	for i, r := range rows {
		if err := f.SetSheetRow("Sheet1", fmt.Sprintf("A%d", i+1), &r); err != nil {
			return nil, err
		}
	}
	var out bytes.Buffer
	err := f.Write(&out)
	return out.Bytes(), err
}

// sheetDraft is how far an upload is.
type sheetDraft struct {
	ID      string `json:"id"`
	State   string `json:"state"`
	Problem string `json:"problem"`
	Report  struct {
		New, Bad int
		Problems []json.RawMessage
	} `json:"report"`
}

// importList sends a list, waits for its dry run, commits it and waits for that; most is the largest the program was meanwhile.
func (s *server) importList(ctx context.Context, name string, file []byte, rows int) (checked, written time.Duration, most int64, err error) {
	var peak atomic.Int64
	watching, stop := context.WithCancel(ctx)
	defer stop()
	go func() {
		for watching.Err() == nil {
			if m, err := resident(s.cmd.Process.Pid); err == nil {
				peak.Store(max(peak.Load(), m.all))
			}
			time.Sleep(20 * time.Millisecond)
		}
	}()
	begin := time.Now()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url+"/api/sheet-imports?name="+name+"&from="+cityClock, bytes.NewReader(file))
	if err != nil {
		return 0, 0, 0, err
	}
	req.Header.Set("Content-Type", "application/octet-stream")
	resp, err := s.operator.Do(req)
	if err != nil {
		return 0, 0, 0, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusCreated {
		raw, _ := io.ReadAll(resp.Body)
		return 0, 0, 0, fmt.Errorf("upload: %s %s", resp.Status, raw)
	}
	var d sheetDraft
	if err := json.NewDecoder(resp.Body).Decode(&d); err != nil {
		return 0, 0, 0, err
	}
	path := s.url + "/api/sheet-imports/" + d.ID
	until := func(state string) error {
		for d.State != state {
			if d.State == "failed" || d.State == "cancelled" {
				return fmt.Errorf("the import has %s: %s", d.State, d.Problem)
			}
			time.Sleep(5 * time.Millisecond)
			d = sheetDraft{}
			if err := call(s.operator, "GET", path, nil, &d); err != nil {
				return err
			}
		}
		return nil
	}
	if err := until("checked"); err != nil {
		return 0, 0, 0, err
	}
	checked = time.Since(begin)
	if d.Report.New != rows || d.Report.Bad != 0 {
		return 0, 0, 0, fmt.Errorf("%d of %d rows are new, %d are bad: %.400s", d.Report.New, rows, d.Report.Bad, d.Report.Problems)
	}
	begin = time.Now()
	if err := call(s.operator, "POST", path+"/commit", map[string]any{}, &d); err != nil {
		return 0, 0, 0, err
	}
	if err := until("done"); err != nil {
		return 0, 0, 0, err
	}
	return checked, time.Since(begin), peak.Load(), nil
}
