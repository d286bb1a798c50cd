package camera

import (
	"bytes"
	"context"
	"fmt"
	"mime/multipart"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"

	"linli.dev/linli/fault"
)

const goodHead = "名称,区域,区域类别,画面内容,设置理由,公共区域,设置依据,主机,通道,用户名,密码,主码流地址,子码流地址\n"

func goodRow(name, host string, channel int) string {
	return fmt.Sprintf("%s,小区东门,大门,朝向大门内外车道,车辆和人员进出安全,是,公共安全视频系统,%s,%d,viewer,Sesame1,/ch{channel}/0,/ch{channel}/1\n", name, host, channel)
}

func TestImportCSV(t *testing.T) {
	each(t, func(t *testing.T, s *Service, c *clock) {
		ctx := context.Background()
		list := goodHead + goodRow("东门 1", "192.168.1.10", 1) + "\n" + goodRow("东门 2", "192.168.1.10", 2) + goodRow("西门", "192.168.1.20", 1)
		gbk, err := simplifiedchinese.GBK.NewEncoder().Bytes([]byte(list))
		if err != nil {
			t.Fatal(err)
		}
		a, err := s.Import(ctx, "op", "zh", gbk, false)
		if err != nil || a.Committed || a.Rows != 3 || a.Cameras != 3 || a.Devices != 2 || len(a.Problems) != 0 {
			t.Fatalf("%+v %v", a, err)
		}
		if list, _ := s.Cameras(ctx); len(list) != 0 {
			t.Fatal("a dry run stored something")
		}
		if a, err = s.Import(ctx, "op", "zh", gbk, true); err != nil || !a.Committed {
			t.Fatalf("%+v %v", a, err)
		}
		cams, _ := s.Cameras(ctx)
		devices, _ := s.Devices(ctx)
		if len(cams) != 3 || len(devices) != 2 {
			t.Fatal(cams, devices)
		}
		i := slices.IndexFunc(devices, func(d Device) bool { return d.Host == "192.168.1.10" })
		if d := devices[i]; d.Kind != KindRecorder || d.Channels < 2 || d.Cameras != 2 || !d.HasSecret {
			t.Errorf("%+v", d)
		}
		src, _ := s.Sources(ctx)
		urls := map[string]bool{}
		for _, x := range src {
			urls[x.URL+" "+x.User+" "+x.Password] = true
		}
		if len(src) != 6 || !urls["rtsp://192.168.1.10:554/ch2/1 viewer Sesame1"] {
			t.Error(urls)
		}
		// The same file again, with one row more: only that one is new, and it
		// joins the recorder that is there.
		a, err = s.Import(ctx, "op", "zh", []byte(list+goodRow("东门 3", "192.168.1.10", 3)), true)
		if err != nil || a.Cameras != 1 || a.Devices != 0 || a.Skipped != 3 || len(a.Warnings) != 3 {
			t.Fatalf("%+v %v", a, err)
		}
		if devices, _ = s.Devices(ctx); len(devices) != 2 {
			t.Error(devices)
		}
	})
}

func TestImportNamesEachBadCell(t *testing.T) {
	st := newSite(t)
	rows := [][]string{
		{"某小区摄像机清单"},
		{"名称", "区域", "区域类别", "画面内容", "设置理由", "公共区域", "设置依据", "主机", "通道", "用户名", "密码", "主码流地址", "主码流保存天数", "备注"},
		{"东门 1", "小区东门", "大门", "朝向大门", "进出安全", "是", "公共安全视频系统", "192.168.1.10", "1", "viewer", "Sesame1", "/ch1/0", "30 天"},
		{},
		{"", "健身房更衣室", "天台", "朝向门口", "安全", "也许", "公共安全视频系统", "127.0.0.1", "abc", "viewer", "Sesame1", "ftp://x/y", "9999"},
		{"公厕旁", "公厕外道路", "道路", "朝向道路", "治安防范", "是", "公共安全视频系统", "192.168.1.11", "1", "", "", "/ch1/0", "30"},
		{"值班室", "卫生间", "toilet", "室内", "治安防范", "是", "公共安全视频系统", "192.168.1.12", "1", "", "", "/ch1/0", "30"},
		{"南门", "南门", "大门", "找 13800138000", "看管 11010519491231002X", "是", "公共安全视频系统", "192.168.1.10", "2", "viewer", "Sesame2", "/ch2/0", "#REF!"},
		{"北门", "北门", "大门", "朝向大门", "治安防范", "是", "公共安全视频系统", "192.168.1.10", "2", "viewer", "Sesame2", "/ch2/0", ""},
		{"侧门", "侧门", "大门", "朝向大门", "治安防范", "", "公共安全视频系统", "192.168.1.13", "1", "", "", "/ch1/0", ""}, // nobody said "yes"
		{"后门", "后门", "大门", "朝向大门", "治安防范", "否", "公共安全视频系统", "192.168.1.14", "1", "", "", "/ch1/0", ""},
	}
	f := excelize.NewFile()
	if err := f.SetSheetName("Sheet1", "点位"); err != nil {
		t.Fatal(err)
	}
	for i, r := range rows {
		for j, v := range r {
			cell, _ := excelize.CoordinatesToCellName(j+1, i+1)
			if err := f.SetCellStr("点位", cell, v); err != nil {
				t.Fatal(err)
			}
		}
	}
	file, err := f.WriteToBuffer()
	if err != nil {
		t.Fatal(err)
	}
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, _ := form.CreateFormFile("file", "清单.xlsx")
	_, _ = part.Write(file.Bytes())
	_ = form.Close()

	reply := st.do("operator", "POST", "/api/camera-imports", body.Bytes(), "Content-Type", form.FormDataContentType())
	if reply.Code != 200 {
		t.Fatal(reply.Code, reply.Body)
	}
	if strings.Contains(reply.Body.String(), "Sesame") || strings.Contains(reply.Body.String(), "ftp://") {
		t.Error("a secret cell is repeated")
	}
	var a ImportAnswer
	reply.into(&a)
	var got []string
	for _, p := range a.Problems {
		got = append(got, p.Cell+" "+p.Code)
		if p.Says == "" || p.Says == p.Code || strings.Contains(p.Says, "?") || p.Sheet != "点位" {
			t.Errorf("%+v", p)
		}
	}
	want := []string{
		"A5 camera.field.required",
		"B5 camera.forbidden.changing-room",
		"C5 camera.import.not-a-choice",
		"E5 camera.field.reason-too-short",
		"F5 camera.import.not-a-choice",
		"I5 camera.import.not-a-number",
		"L5 camera.source.scheme",
		"M5 camera.import.out-of-range",
		"A6 camera.confirm.toilet",
		"B6 camera.confirm.toilet",
		"B7 camera.forbidden.toilet",
		"C7 camera.forbidden.toilet",
		"M8 camera.import.formula-error",
		"K9 camera.import.device-differs",
		"F10 camera.field.required",
		"F11 camera.forbidden.not-common",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	// Row 3 alone is good.
	if a.Rows != 8 || a.Faulty != 7 || a.Cameras != 1 || a.Devices != 1 || a.Skipped != 0 {
		t.Errorf("%d rows, %d faulty, %d cameras, %d devices, %d skipped", a.Rows, a.Faulty, a.Cameras, a.Devices, a.Skipped)
	}
	for _, p := range a.Problems {
		switch p.Cell {
		case "C5":
			if p.Is != "天台" || !strings.Contains(p.Right, "大门、道路") {
				t.Errorf("%+v", p)
			}
		case "M5":
			if !strings.Contains(p.Right, "1 至 180") {
				t.Errorf("%+v", p)
			}
		}
	}
	if len(a.Warnings) != 1 || a.Warnings[0].Cell != "N2" {
		t.Errorf("%+v", a.Warnings)
	}

	// Committing it stores nothing and says the cells again.
	reply = st.do("operator", "POST", "/api/camera-imports?commit=true", body.Bytes(), "Content-Type", form.FormDataContentType())
	if reply.Code != 422 || !strings.Contains(reply.Body.String(), `"点位!B7"`) {
		t.Error(reply.Code, reply.Body)
	}
	if cams, _ := st.s.Cameras(t.Context()); len(cams) != 0 {
		t.Error("a bad list stored something")
	}
	if reply = st.do("guard", "POST", "/api/camera-imports", body.Bytes(), "Content-Type", form.FormDataContentType()); reply.Code != 403 {
		t.Error(reply.Code)
	}
}

func TestImportOntoASmallRecorder(t *testing.T) {
	st := newSite(t)
	head := strings.Replace(goodHead, "\n", ",设备类别,通道总数\n", 1)
	row := func(name string, channel int) string {
		return strings.TrimSuffix(goodRow(name, "192.168.1.10", channel), "\n") + ",录像机,4\n"
	}
	if _, err := st.s.Import(t.Context(), "op", "zh", []byte(head+row("东门 1", 1)), true); err != nil {
		t.Fatal(err)
	}
	list := head + row("东门 9", 9) + row("东门 1", 1) + row("东门 2", 2) + row("东门 9 又", 9)
	var a ImportAnswer
	st.do("operator", "POST", "/api/camera-imports", []byte(list), "Accept-Language", "zh").into(&a)
	if a.Rows != 4 || a.Faulty != 2 || a.Cameras != 1 || a.Devices != 0 || a.Skipped != 1 {
		t.Errorf("%d rows, %d faulty, %d cameras, %d devices, %d skipped", a.Rows, a.Faulty, a.Cameras, a.Devices, a.Skipped)
	}
	if len(a.Problems) != 2 || a.Problems[0].Cell != "I2" || a.Problems[1].Cell != "I5" {
		t.Fatalf("%+v", a.Problems)
	}
	// The advice names the bound of the device, as the complaint does.
	if p := a.Problems[0]; !strings.Contains(p.Says, "1 至 4") || !strings.Contains(p.Right, "1 至 4 ") {
		t.Errorf("%q, %q", p.Says, p.Right)
	}
}

func TestTemplateComesBack(t *testing.T) {
	for _, lang := range []string{"zh", "en"} {
		st := newSite(t)
		reply := st.do("operator", "GET", "/api/camera-imports/template.xlsx", nil, "Accept-Language", lang)
		if reply.Code != 200 || !strings.Contains(reply.Header().Get("Content-Disposition"), "attachment") {
			t.Fatal(reply.Code, reply.Header())
		}
		// Empty, it says so.
		if r := st.do("operator", "POST", "/api/camera-imports", reply.Body.Bytes()); r.Code != 422 || !strings.Contains(r.Body.String(), "camera.import.empty") {
			t.Error(r.Code, r.Body)
		}
		f, err := excelize.OpenReader(bytes.NewReader(reply.Body.Bytes()))
		if err != nil {
			t.Fatal(err)
		}
		sheet := f.GetSheetList()[0]
		v, err := f.GetDataValidations(sheet)
		if err != nil || len(v) != 7 {
			t.Errorf("%d drop-downs, %v", len(v), err)
		}
		// Filled with its own samples, it is right.
		for i, c := range columns {
			sample := c.sample(lang)
			if sample == "" && c.need {
				sample = "Gate lane"
			}
			if c.key == "password" {
				sample = "Sesame1"
			}
			cell, _ := excelize.CoordinatesToCellName(i+1, 2)
			if err := f.SetCellStr(sheet, cell, sample); err != nil {
				t.Fatal(err)
			}
		}
		b, err := f.WriteToBuffer()
		if err != nil {
			t.Fatal(err)
		}
		var a ImportAnswer
		st.do("operator", "POST", "/api/camera-imports?commit=true", b.Bytes(), "Accept-Language", lang).into(&a)
		if !a.Committed || a.Cameras != 1 || a.Devices != 1 {
			t.Fatalf("%s: %+v", lang, a)
		}
		src, _ := st.s.Sources(t.Context())
		if len(src) != 2 || src[0].URL != "rtsp://192.168.1.10:554/Streaming/Channels/101" || src[0].User != "viewer" {
			t.Errorf("%s", src[0].URL)
		}
		csv := st.do("operator", "GET", "/api/camera-imports/template.csv", nil, "Accept-Language", lang)
		sheets, err := readTable(csv.Body.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		if row, at := headings(sheets[0].rows); row != 0 || len(at) != len(columns) {
			t.Errorf("csv template: %d headings", len(at))
		}
	}
}

func TestImportRefusesTheFile(t *testing.T) {
	s := newSite(t).s
	person := strings.Replace(goodHead, "名称,", "名称,业主身份证号,", 1) + strings.Replace(goodRow("东门 1", "192.168.1.10", 1), "东门 1,", "东门 1,1,", 1)
	a, err := s.Import(t.Context(), "op", "zh", []byte(person), false)
	if err != nil || len(a.Problems) != 1 || a.Problems[0].Code != "camera.import.person-column" || a.Problems[0].Cell != "B1" {
		t.Errorf("%+v %v", a, err)
	}
	phone := strings.Replace(person, "业主身份证号", "住户电话", 1)
	if a, err = s.Import(t.Context(), "op", "zh", []byte(phone), false); err != nil || len(a.Problems) != 1 || a.Problems[0].Code != "camera.import.person-column" {
		t.Errorf("%+v %v", a, err)
	}
	// A camera without a name is one bad cell, not also a device without one.
	nameless := goodHead + strings.Replace(goodRow("东门 1", "192.168.1.10", 1), "东门 1,", ",", 1)
	if a, err = s.Import(t.Context(), "op", "zh", []byte(nameless), false); err != nil || len(a.Problems) != 1 || a.Problems[0].Cell != "A2" {
		t.Errorf("%+v %v", a, err)
	}
	many := goodHead
	var b strings.Builder
	b.WriteString(many)
	for i := range MaxImportRows + 1 {
		b.WriteString(goodRow(fmt.Sprint("路", i), "192.168.1.10", i%250+1))
	}
	for name, c := range map[string]struct {
		file []byte
		code string
	}{
		"nothing":   {nil, "camera.import.no-file"},
		"large":     {make([]byte, MaxImportBytes+1), "camera.import.too-large"},
		"picture":   {[]byte("\x89PNG\r\n\x1a\n\x00\x00\x00"), "camera.import.not-readable"},
		"zip":       {[]byte("PK\x03\x04 no zip"), "camera.import.not-readable"},
		"xls":       {[]byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), "camera.import.old-excel"},
		"prose":     {[]byte("敬请查收附件。\n谢谢。"), "camera.import.no-headings"},
		"headings":  {[]byte(goodHead), "camera.import.empty"},
		"many rows": {[]byte(b.String()), "camera.import.too-many-rows"},
	} {
		if _, err := s.Import(t.Context(), "op", "zh", c.file, false); fault.CodeOf(err) != c.code {
			t.Errorf("%s: %v", name, err)
		}
	}
	a, err = s.Import(t.Context(), "op", "zh", []byte("名称,区域,主机\n甲,乙,丙\n"), false)
	if err != nil || len(a.Problems) != 6 || a.Problems[0].Code != "camera.import.missing-column" {
		t.Errorf("%+v %v", a, err)
	}
}

func TestImportOfFiveThousandIsQuick(t *testing.T) {
	s := newSite(t).s
	var b strings.Builder
	b.WriteString(goodHead)
	for i := range MaxImportRows {
		b.WriteString(goodRow(fmt.Sprintf("第 %d 路", i+1), fmt.Sprintf("10.0.%d.%d", i/1000, i/16%62+1), i%16+1))
	}
	begin := time.Now()
	a, err := s.Import(t.Context(), "op", "zh", []byte(b.String()), true)
	if err != nil || !a.Committed || a.Cameras+a.Skipped != MaxImportRows {
		t.Fatalf("%+v %v", a, err)
	}
	// Two seconds alone; the bound catches what grows with the square.
	if took := time.Since(begin); took > time.Minute {
		t.Errorf("took %v", took)
	} else {
		t.Logf("%d cameras in %v", a.Cameras, took)
	}
}

func TestCSVCells(t *testing.T) {
	for in, want := range map[string][][]string{
		"a,b\nc,d":                    {{"a", "b"}, {"c", "d"}},
		"a;b\r\n\r\nc;d\r\n":          {{"a", "b"}, nil, {"c", "d"}},
		"a\tb\rc\td":                  {{"a", "b"}, {"c", "d"}},
		"\"x\ny\",2\nz,\"\"\"q\"\"\"": {{"x\ny", "2"}, {"z", `"q"`}},
		"sep=;\na;b,c":                {nil, {"a", "b,c"}},
		"a,b\"c,d":                    {{"a", `b"c`, "d"}},
		"a,,\n":                       {{"a", "", ""}},
		"\"\"\n":                      {{""}},
		"名称，区域，类别\n东门，东，大门": {{"名称", "区域", "类别"}, {"东门", "东", "大门"}},
	} {
		d, text := findDelimiter(in)
		got, whole := csvRows(text, d, 100)
		if !whole || cmp.Diff(want, got) != "" {
			t.Errorf("%q: %s", in, cmp.Diff(want, got))
		}
	}
	for _, in := range [][]byte{
		[]byte("\xef\xbb\xbf名称"), []byte("名称"), {0xff, 0xfe, 0x0d, 0x54, 0xf0, 0x79}, {0xfe, 0xff, 0x54, 0x0d, 0x79, 0xf0}, {0xc3, 0xfb, 0xb3, 0xc6},
	} {
		if got, ok := decodeText(in); !ok || got != "名称" {
			t.Errorf("%x: %q", in, got)
		}
	}
	for cell, want := range map[string]int{"30": 30, " 30 天": 30, "３０": 30, "30.0": 30, "30days": 30} {
		if n, ok := whole(cell); !ok || n != want {
			t.Errorf("%q: %d", cell, n)
		}
	}
	if _, ok := whole("3.5"); ok {
		t.Error("3.5")
	}
}

func FuzzImport(f *testing.F) {
	f.Add([]byte(goodHead + goodRow("东门 1", "192.168.1.10", 1)))
	f.Add([]byte("sep=;\n名称;区域;主机\na;\"b\nc\";d"))
	f.Add([]byte("\xff\xfe,\x00"))
	f.Add([]byte("名称,区域,主码流地址\n\"\"\"\",,rtsp://a:b@c/d\n,,,,,,"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if bytes.HasPrefix(b, []byte("PK")) || len(b) > 1<<16 {
			return
		}
		sheets, err := readTable(b)
		if err != nil {
			return
		}
		p, err := readPlan(sheets, Targets{}, "zh")
		if err != nil {
			return
		}
		for _, c := range append(p.problems, p.warnings...) {
			if c.Code == "" || c.Cell == "?" {
				t.Fatalf("%+v", c)
			}
			if c.column >= 0 && columns[c.column].secret && c.Is != "" {
				t.Fatalf("a secret is repeated: %+v", c)
			}
		}
		if len(p.problems) == 0 {
			for _, r := range p.rows {
				if r.device == nil || r.camera.check() != nil {
					t.Fatalf("a bad row passed: %+v", r.camera)
				}
			}
		}
	})
}

func FuzzCells(f *testing.F) {
	f.Add("a,b\n\"c\"\"d\",e", ',')
	f.Add("\r\n\r\n;", ';')
	f.Fuzz(func(t *testing.T, s string, d rune) {
		if d == '"' || d == '\n' || d == '\r' {
			return
		}
		rows, _ := csvRows(s, d, 1000)
		// What we read we can write: quoted again, the same cells come back.
		var b strings.Builder
		for _, r := range rows {
			for i, c := range r {
				if i > 0 {
					b.WriteRune(d)
				}
				b.WriteString(`"` + strings.ReplaceAll(c, `"`, `""`) + `"`)
			}
			b.WriteByte('\n')
		}
		again, _ := csvRows(b.String(), d, 1001)
		if diff := cmp.Diff(rows, again); diff != "" {
			t.Fatal(diff)
		}
	})
}
