package programme

import (
	"bytes"
	"encoding/json"
	"io"
	"mime"
	"net/http"

	"linli.dev/linli/api"
	"linli.dev/linli/fault"
	"linli.dev/linli/people/place"
)

// formats are the files that a bulletin comes as.
var formats = map[string]struct {
	media string
	write func(w io.Writer, b *Bulletin, d *Document) error
}{
	"text": {"text/plain; charset=utf-8", func(w io.Writer, _ *Bulletin, d *Document) error { return d.WriteText(w) }},
	"md":   {"text/markdown; charset=utf-8", func(w io.Writer, _ *Bulletin, d *Document) error { return d.WriteMarkdown(w) }},
	"xlsx": {"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", func(w io.Writer, _ *Bulletin, d *Document) error { return d.WriteWorkbook(w) }},
	"json": {"application/json", func(w io.Writer, b *Bulletin, d *Document) error { return WriteJSON(w, *b, *d) }},
}

// WriteJSON writes a bulletin's figures with its words.
func WriteJSON(w io.Writer, b Bulletin, d Document) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(struct {
		Bulletin
		Document Document `json:"document"`
	}{b, d})
}

// file answers with the bulletin as a file, in the caller's language.
func (s *Service) file(w http.ResponseWriter, r *http.Request) {
	b, media, name, err := s.bulletinFile(r)
	if err != nil {
		api.Fail(w, r, err)
		return
	}
	w.Header().Set("Content-Type", media)
	w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
	_, _ = w.Write(b)
}

func (s *Service) bulletinFile(r *http.Request) (b []byte, media, name string, err error) {
	if err := s.rights().MayCity(r.Context(), MayRead); err != nil {
		return nil, "", "", err
	}
	ask := r.URL.Query()
	f, ok := formats[ask.Get("format")]
	edition := Edition(ask.Get("edition"))
	if edition == "" {
		edition = Office
	}
	if !ok || edition != Office && edition != Public {
		return nil, "", "", fault.New(fault.Invalid, "programme.file", "programme.bulletin.no-format")
	}
	q, err := place.AsOfInput{At: ask.Get("at"), Known: ask.Get("known")}.AsOf(s.o.Clock)
	if err != nil {
		return nil, "", "", err
	}
	since, err := SinceInput{Since: ask.Get("since")}.day()
	if err != nil {
		return nil, "", "", err
	}
	bulletin, err := s.Bulletin(r.Context(), q, since, edition)
	if err != nil {
		return nil, "", "", err
	}
	doc := bulletin.Document(api.VoiceOf(r.Context()))
	var out bytes.Buffer
	if err := f.write(&out, &bulletin, &doc); err != nil {
		return nil, "", "", err
	}
	ext := ask.Get("format")
	if ext == "text" {
		ext = "txt"
	}
	return out.Bytes(), f.media, doc.Title + doc.Under + "." + ext, nil
}
