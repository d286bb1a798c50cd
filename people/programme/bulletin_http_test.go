package programme_test

import (
	"strings"
	"testing"

	"linli.dev/linli/people/paper"
	"linli.dev/linli/people/programme"
)

func TestABulletinIsAFileToo(t *testing.T) {
	p := newPage(t)
	var text string
	h := p.Do(200, "reader", "GET", "/api/bulletin/file?format=md&edition=public", "", &text)
	if !strings.Contains(text, "通报") || !strings.Contains(h.Get("Content-Disposition"), "filename*=utf-8''") {
		t.Errorf("%q %v", text, h)
	}
	h = p.Do(200, "reader", "GET", "/api/bulletin/file?format=xlsx", "", &text)
	if !strings.HasPrefix(text, "PK") || !strings.Contains(h.Get("Content-Type"), "spreadsheet") {
		t.Errorf("%.20q %v", text, h)
	}
	p.Do(200, "reader", "GET", "/api/bulletin/file?format=json&at=2017-04-12", "", &text, "Accept-Language", "en")
	if !strings.Contains(text, `"lang": "en"`) {
		t.Errorf("%.200s", text)
	}
	for _, bad := range []string{"", "?format=pdf", "?format=md&edition=secret", "?format=md&at=2030-01-01"} {
		p.Do(422, "reader", "GET", "/api/bulletin/file"+bad, "", nil)
	}
	p.Do(401, "nobody", "GET", "/api/bulletin/file?format=md", "", nil)
}

// A number leads to the rows as its paper knows them: of a day at its close, or with what has become known since. And the rows of a
// county's page are that county's.
func TestANumberLeadsToWhatItsPaperKnows(t *testing.T) {
	p := newPage(t)
	p.on("2017-09-05")
	p.install("金阳花园", 2)
	p.on("2017-10-05")
	p.must(p.Programme.Enrol(p.ctx, "li", []programme.Enrolment{{Compound: p.ids["百合花园"], From: day("2017-09-10"), Part: false, Reason: "拆迁"}}))
	type answer struct {
		programme.Bulletin
		Document paper.Document
	}
	refs := func(path string) (b answer, out []paper.Ref) {
		t.Helper()
		p.Do(200, "reader", "GET", path, "", &b)
		for _, x := range b.Document.Blocks {
			for _, piece := range x.Pieces {
				if piece.Ref != nil {
					out = append(out, *piece.Ref)
				}
			}
			if x.Table == nil {
				continue
			}
			for _, row := range x.Table.Refs {
				for _, r := range row {
					if r != nil {
						out = append(out, *r)
					}
				}
			}
		}
		if len(out) < 20 {
			t.Fatalf("%d of %s", len(out), path)
		}
		return b, out
	}
	_, at := refs("/api/bulletin?at=2017-09-30&since=2017-09-01")
	for _, r := range at {
		if r.Known != "" {
			t.Fatalf("%+v", r)
		}
	}
	b, since := refs("/api/bulletin?at=2017-09-30&since=2017-09-01&known=now")
	if b.Numbers.Compounds != 2 || b.Before.Compounds != 3 {
		t.Fatalf("%+v", b.Numbers)
	}
	found := false
	for _, r := range since {
		if r.Known == "" {
			t.Fatalf("%+v", r)
		}
		doc := paper.Document{Asked: "at=2017-09-30"}
		path := strings.Replace(doc.Path(&r), "/rows?", "/api/programme/compounds?", 1)
		switch {
		case r.Since != "" && r.County == "":
			path = strings.NewReplacer("since=", "from=", "&at=", "&to=", "/compounds?", "/changes?").Replace(path)
			var moves struct{ Figures []programme.FigureMove }
			p.Do(200, "reader", "GET", path, "", &moves)
			for _, f := range moves.Figures {
				if f.Figure == "compounds" && f.Before == 3 && f.After == 2 {
					found = true
				}
			}
		case r.Figure == "compounds" && r.County == "":
			var list struct{ Sum int64 }
			if p.Do(200, "reader", "GET", path, "", &list); list.Sum != 2 {
				t.Errorf("%s: %+v", path, list)
			}
		}
	}
	if !found {
		t.Error("the change of how many take part is not explained")
	}
	_, own := refs("/api/bulletin?at=2017-09-30&county=" + string(p.ids["兰山区"]))
	for _, r := range own {
		if r.County != string(p.ids["兰山区"]) {
			t.Errorf("%+v", r)
		}
	}
}
