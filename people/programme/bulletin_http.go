package programme

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"mime"
	"net/http"

	"linli.dev/linli/api"
	"linli.dev/linli/fault"
	"linli.dev/linli/people/paper"
	"linli.dev/linli/people/place"
)

// formats are the files that a bulletin comes as.
var formats = map[string]struct {
	media string
	write func(w io.Writer, b *Bulletin, d *paper.Document) error
}{
	"text": {"text/plain; charset=utf-8", func(w io.Writer, _ *Bulletin, d *paper.Document) error { return d.WriteText(w) }},
	"md":   {"text/markdown; charset=utf-8", func(w io.Writer, _ *Bulletin, d *paper.Document) error { return d.WriteMarkdown(w) }},
	"xlsx": {"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", func(w io.Writer, _ *Bulletin, d *paper.Document) error { return d.WriteWorkbook(w) }},
	"docx": {"application/vnd.openxmlformats-officedocument.wordprocessingml.document", func(w io.Writer, _ *Bulletin, d *paper.Document) error { return d.WriteWord(w, nil) }},
	"json": {"application/json", func(w io.Writer, b *Bulletin, d *paper.Document) error { return WriteJSON(w, *b, *d) }},
}

// WriteJSON writes a bulletin's figures with its words.
func WriteJSON(w io.Writer, b Bulletin, d paper.Document) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(struct {
		Bulletin
		Document paper.Document `json:"document"`
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
	ask := r.URL.Query()
	f, ok := formats[ask.Get("format")]
	if !ok {
		return nil, "", "", fault.New(fault.Invalid, "programme.file", "programme.bulletin.no-format")
	}
	bulletin, err := s.asked(r.Context(), bulletinInput{
		AsOfInput: place.AsOfInput{At: ask.Get("at"), Known: ask.Get("known")}, SinceInput: SinceInput{Since: ask.Get("since")},
		Edition: ask.Get("edition"), County: ask.Get("county"),
	})
	if err != nil {
		return nil, "", "", err
	}
	doc := bulletin.Document(api.VoiceOf(r.Context()))
	doc.Root = s.at
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

type bulletinInput struct {
	place.AsOfInput
	SinceInput
	Edition string `query:"edition" enum:"office,public" default:"office"`
	County  string `query:"county" doc:"One page about a county, for its leader"`
}

// asked composes the bulletin that a caller asks for: of the city for who reads
// the whole city, of a county for who reads it.
func (s *Service) asked(ctx context.Context, in bulletinInput) (Bulletin, error) {
	edition := Edition(in.Edition)
	if edition == "" {
		edition = Office
	}
	if edition != Office && edition != Public {
		return Bulletin{}, fault.New(fault.Invalid, "programme.file", "programme.bulletin.no-format")
	}
	q, err := in.AsOf(s.o.Clock)
	if err != nil {
		return Bulletin{}, err
	}
	since, err := in.day()
	if err != nil {
		return Bulletin{}, err
	}
	if in.County == "" {
		err = s.rights().MayCity(ctx, MayRead)
	} else {
		err = s.rights().May(ctx, MayRead, q, place.ID(in.County))
	}
	if err != nil {
		return Bulletin{}, err
	}
	return s.Bulletin(ctx, BulletinAsk{Of: q, Since: since, Edition: edition, County: place.ID(in.County)})
}

type bulletinOutput struct {
	Body struct {
		Bulletin
		Document paper.Document `json:"document" doc:"The same in words"`
	}
}

func (s *Service) httpBulletin(ctx context.Context, in *bulletinInput) (*bulletinOutput, error) {
	b, err := s.asked(ctx, *in)
	if err != nil {
		return nil, err
	}
	out := &bulletinOutput{}
	out.Body.Bulletin, out.Body.Document = b, b.Document(api.VoiceOf(ctx))
	return out, nil
}
