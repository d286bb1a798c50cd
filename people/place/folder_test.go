package place

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"strings"
	"testing"

	"linli.dev/linli/store/storetest"
)

func TestFileNamesThatEverySystemTakes(t *testing.T) {
	for text, want := range map[string]string{
		"大门 发票.pdf": "大门 发票.pdf", `a<b>:"c/d\e|f?g*.pdf`: "a_b___c_d_e_f_g_.pdf", "结尾. . ": "结尾", "CON": "_CON", "nul.txt": "_nul.txt", "com1.pdf": "_com1.pdf", "": "_", "..": "_",
		strings.Repeat("长", 100) + ".pdf": strings.Repeat("长", 74) + ".pdf", "a\x00b\nc": "ab c",
	} {
		if got := FileName(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// A past day's folder is what was known at its close, with what was put right since beside it; asked for with what is known now it
// has that in it, and nothing of later days.
func TestTheEvidenceOfAPastDay(t *testing.T) {
	p := newPage(t, storetest.SQLite(t))
	id := p.ids["金阳花园"]
	light := func(day Day, n int) {
		p.must(p.s.Count(p.ctx, "li", []Count{{Compound: id, Sort: "light", Moment: Moment{About: day}, Number: n}}))
	}
	p.on("2017-05-01")
	light(Date(2017, 5, 1), 4)
	p.on("2017-06-01")
	light(Date(2017, 5, 1), 7) // it was miscounted
	light(Date(2017, 6, 1), 9)
	folder := func(query string) (map[string]string, string) {
		t.Helper()
		var said string
		h := p.Do(200, "reader", "GET", "/api/compounds/"+string(id)+"/evidence.zip"+query, "", &said)
		z, err := zip.NewReader(strings.NewReader(said), int64(len(said)))
		p.must(err)
		out := map[string]string{}
		for _, f := range z.File {
			r, err := f.Open()
			p.must(err)
			b, err := io.ReadAll(r)
			p.must(err)
			out[f.Name] = string(b)
		}
		return out, h.Get("Content-Disposition")
	}
	then, name := folder("?at=2017-05-02")
	if !strings.Contains(then["防护力量.csv"], "照明,4,") || strings.Contains(then["变更记录.csv"], "照明,4,7") || !strings.Contains(then["此后的更正和补记.csv"], "照明,4,7") || strings.Contains(then["此后的更正和补记.csv"], "7,9") {
		t.Errorf("%q", then)
	}
	now, other := folder("?at=2017-05-02&known=now")
	if !strings.Contains(now["防护力量.csv"], "照明,7,") || !strings.Contains(now["变更记录.csv"], "照明,4,7") || strings.Contains(now["变更记录.csv"], "7,9") || now["此后的更正和补记.csv"] != "" {
		t.Errorf("%q", now)
	}
	if name == other {
		t.Error("two folders of one name:", name)
	}
	today, _ := folder("")
	if _, there := today["此后的更正和补记.csv"]; there || !strings.Contains(today["变更记录.csv"], "7,9") {
		t.Errorf("%q", today)
	}
}

// Everything that is in the folder is in its manifest, with the hash of its bytes; what the caller may not read is left out and named.
func TestTheEvidenceOfACompound(t *testing.T) {
	p := newPage(t, storetest.SQLite(t))
	id := p.ids["金阳花园"]
	p.must(p.s.Count(p.ctx, "li", []Count{{Compound: id, Sort: "light", Moment: Moment{About: p.s.clock.Today()}, Number: 4}}))
	p.s.SetFolders(
		Folder{Permission: "place.read", Fill: func(_ context.Context, _ AsOf, _ ID, put Put) error {
			for range 2 {
				if err := put("结对帮扶/发票?.pdf", []byte("%PDF")); err != nil {
					return err
				}
			}
			return put("a.csv", CSV([][]string{{"=1+1", "好"}}))
		}},
		Folder{Permission: "secret.read", Fill: func(context.Context, AsOf, ID, Put) error { t.Error("not for them"); return nil }},
	)
	var said string
	h := p.Do(200, "reader", "GET", "/api/compounds/"+string(id)+"/evidence.zip", "", &said)
	if !strings.Contains(h.Get("Content-Disposition"), "evidence.zip") {
		t.Error(h)
	}
	z, err := zip.NewReader(strings.NewReader(said), int64(len(said)))
	p.must(err)
	files := map[string][]byte{}
	for _, f := range z.File {
		r, err := f.Open()
		p.must(err)
		files[f.Name], err = io.ReadAll(r)
		p.must(err)
	}
	for name, words := range map[string]string{"防护力量.csv": "楼栋,种类,数量,状态,最近检查\r\n,照明,4,", "变更记录.csv": "防护力量,照明", "区域.csv": "名称,种类,楼栋", "视频监控探头.csv": "名称,区域,状态"} {
		if !strings.Contains(string(files[name]), words) {
			t.Errorf("%s: %s", name, files[name])
		}
	}
	var manifest []byte
	for name, b := range files {
		if bytes.Contains(b, []byte("SHA-256")) {
			manifest = b
			delete(files, name)
		}
	}
	for name, b := range files {
		sum := sha256.Sum256(b)
		if !bytes.Contains(manifest, []byte(name)) || !bytes.Contains(manifest, []byte(hex.EncodeToString(sum[:]))) {
			t.Errorf("%s is not in the manifest: %s", name, manifest)
		}
	}
	if files["结对帮扶/发票_.pdf"] == nil || files["结对帮扶/发票_ (2).pdf"] == nil || !bytes.Contains(files["a.csv"], []byte("'=1+1")) || !bytes.Contains(manifest, []byte("secret.read")) {
		t.Errorf("%v %s", len(files), manifest)
	}
	events, err := p.s.db.Events(p.ctx, 0, 500)
	p.must(err)
	if last := events[len(events)-1]; last.Kind != "evidence.exported" || last.Subject != string(id) || !strings.Contains(string(last.Data), "reader") {
		t.Errorf("%+v", last)
	}
}
