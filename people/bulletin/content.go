package bulletin

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"linli.dev/linli/people/paper"
	"linli.dev/linli/people/place"
	"linli.dev/linli/store"
)

// Composer says what there is to say of an office's area. role plugs in the
// programme.
type Composer interface {
	Compose(ctx context.Context, ask Ask) (Composed, error)
}

// Ask is what is wanted of a composer.
type Ask struct {
	Office place.ID
	City   bool // the office is that of the whole city
	Of     place.AsOf
	Since  place.Day
	Public bool      // the edition that names no compound
	Lang   string    // zh, en
	Dated  place.Day // a day to be put into words: that of the issue
}

// Composed is what a composer says.
type Composed struct {
	Document paper.Document
	Figures  []Figure
	Dated    string
}

// Figure is one that a bulletin rests on, in words.
type Figure struct {
	Key   string `json:"key"`
	Label string `json:"label"`
	Text  string `json:"text"`
}

// Difference is a figure that a correction says otherwise than the bulletin that
// it corrects.
type Difference struct {
	Key    string `json:"key"`
	Label  string `json:"label"`
	Before string `json:"before"`
	After  string `json:"after"`
}

// Page is a bulletin in one edition and one language.
type Page struct {
	Document paper.Document `json:"document"`
	Figures  []Figure       `json:"figures"`
	Differs  []Difference   `json:"differs,omitempty" doc:"Of a correction"`

	dated string // the date that it gets when it is issued today
}

// Content is a bulletin in all editions and languages: what is frozen.
type Content map[string]Page // by edition and language, "office zh"

var (
	editions = []string{"office", "public"}
	langs    = []string{"zh", "en"}
)

func key(edition, lang string) string { return edition + " " + lang }

// hash is that of the content as it is kept.
func (c Content) hash() (raw []byte, hash string, err error) {
	raw, err = json.Marshal(c)
	sum := sha256.Sum256(raw)
	return raw, hex.EncodeToString(sum[:]), err
}

// seen is the hash of what a review looks at: the content, the office's own Word template, whose fixed text is issued with it, and what
// its number is made of, which stands in the head of the paper.
func (c Content) seen(o Office) (string, error) {
	raw, _, err := c.hash()
	sum := sha256.Sum256(fmt.Appendf(raw, "\n%s\n%q %d", o.TemplateHash, o.Prefix, o.First))
	return hex.EncodeToString(sum[:]), err
}

// asOf is the question that a bulletin answers: the close of its day, or for a
// correction what has become known since.
func (s *Service) asOf(b *Bulletin) place.AsOf {
	q := s.o.Clock.AtClose(b.Day)
	now := s.o.Clock.Time()
	switch {
	case !b.known.IsZero():
		q.Known = b.known
	case b.Corrects != "":
		q.Known = now
	}
	return q
}

// pin is the instant up to which what is known counts, from the review on: as it is kept, so that what is issued from there on says the same to the letter.
func (s *Service) pin(b *Bulletin, now time.Time) time.Time {
	if closed := s.o.Clock.Close(b.Day); b.Corrects == "" && closed.Before(now) {
		now = closed
	}
	return store.Time(store.Micros(now))
}

// compose says the whole bulletin, as yet without a number.
func (s *Service) compose(ctx context.Context, b *Bulletin, o Office) (Content, error) {
	out := Content{}
	for _, e := range editions {
		for _, l := range langs {
			page, err := s.page(ctx, b, o, e, l)
			if err != nil {
				return nil, err
			}
			out[key(e, l)] = page
		}
	}
	return out, nil
}

func (s *Service) page(ctx context.Context, b *Bulletin, o Office, edition, lang string) (Page, error) {
	c, err := s.o.Composer.Compose(ctx, Ask{Office: b.Office, City: o.Level == place.City, Of: s.asOf(b), Since: b.Since, Public: edition == "public", Lang: lang, Dated: s.o.Clock.Today()})
	if err != nil {
		return Page{}, err
	}
	p := Page{Document: c.Document, Figures: c.Figures, dated: c.Dated}
	p.Document.Signer = o.Signer
	if title := b.titled(lang); title != "" {
		p.Document.Title, p.Document.Turn = title, ""
	}
	for _, a := range b.Added {
		p.Document.Blocks = add(p.Document.Blocks, a, c.Figures)
	}
	if b.Corrects == "" {
		return p, nil
	}
	old, err := s.content(ctx, b.Corrects)
	if err != nil {
		return Page{}, err
	}
	p.Differs = differ(old[key(edition, lang)].Figures, p.Figures)
	p.Document.Blocks = slices.Insert(p.Document.Blocks, front(p.Document.Blocks), s.correction(b, p.Differs, lang)...)
	return p, nil
}

// titled is the office's own title; "": the computed one.
func (w *Words) titled(lang string) string {
	if lang == "en" {
		return w.InEn
	}
	return w.Title
}

// front is where the text begins, after the first notes.
func front(blocks []paper.Block) int {
	i := 0
	for i < len(blocks) && blocks[i].Note != "" {
		i++
	}
	return i
}

// correction says which bulletin is corrected, and what differs.
func (s *Service) correction(b *Bulletin, differs []Difference, lang string) []paper.Block {
	say := s.voices[lang]
	out := []paper.Block{{Paragraph: say.Say("bulletin.corrects", "number", b.CorrectsNumber)}}
	for _, d := range differs {
		out = append(out, paper.Block{Paragraph: say.Say("bulletin.differs", "label", d.Label, "before", d.Before, "after", d.After)})
	}
	if len(differs) == 0 {
		out = append(out, paper.Block{Paragraph: say.Say("bulletin.differs-not")})
	}
	return out
}

func differ(old, now []Figure) (out []Difference) {
	for _, f := range now {
		i := slices.IndexFunc(old, func(o Figure) bool { return o.Key == f.Key })
		before := "—"
		if i >= 0 {
			before = old[i].Text
		}
		if before != f.Text {
			out = append(out, Difference{f.Key, f.Label, before, f.Text})
		}
	}
	return out
}

// add puts an office's paragraph after a section.
func add(blocks []paper.Block, a Addition, figures []Figure) []paper.Block {
	var more []paper.Block
	if a.Heading != "" {
		more = append(more, paper.Block{Heading: a.Heading, Added: true})
	}
	more = append(more, said(a.Text, figures))
	at := front(blocks)
	if a.After != "start" {
		at = len(blocks)
		begin := slices.IndexFunc(blocks, func(b paper.Block) bool { return b.Section == a.After && a.After != "" })
		for i := begin + 1; begin >= 0 && i < len(blocks); i++ {
			if blocks[i].Section != "" {
				at = i
				break
			}
		}
		for at > 0 && at == len(blocks) && blocks[at-1].Note != "" { // notes stay last
			at--
			if at == 0 || blocks[at-1].Note == "" {
				break
			}
		}
	}
	return slices.Insert(blocks, at, more...)
}

// said puts the figures of a text in, for their names.
func said(text string, figures []Figure) paper.Block {
	b := paper.Block{Added: true}
	for text != "" {
		before, rest, ok := strings.Cut(text, "{")
		if before != "" {
			b.Pieces = append(b.Pieces, paper.Piece{Text: before})
		}
		if !ok {
			break
		}
		name, after, _ := strings.Cut(rest, "}")
		for _, f := range figures {
			if f.Key == name {
				b.Pieces = append(b.Pieces, paper.Piece{Text: f.Text, Figure: true})
			}
		}
		text = after
	}
	for _, p := range b.Pieces {
		b.Paragraph += p.Text
	}
	return b
}
