package bulletin

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"maps"
	"runtime"
	"slices"
	"strings"
	"sync"

	"linli.dev/linli/fault"
	"linli.dev/linli/people/paper"
	"linli.dev/linli/people/place"
	"linli.dev/linli/store"
)

// Review says that a draft is right, or sends it back with a reason. Nobody
// reviews what they wrote. From here on the figures are those that are known now.
func (s *Service) Review(ctx context.Context, by string, seen int64, id ID, back string) (Bulletin, error) {
	const op = "bulletin.Review"
	b, err := s.Bulletin(ctx, id)
	if err != nil {
		return b, err
	}
	back = place.Tidy(back)
	var p place.Problems
	p.Text("send_back", back, 200, false)
	if err := p.Fault(op, "bulletin.invalid"); err != nil {
		return b, err
	}
	o, err := s.Office(ctx, b.Office)
	if err != nil {
		return b, err
	}
	var hash string
	now := s.o.Clock.Time()
	if back == "" {
		b.known = s.pin(&b, now)
		content, err := s.compose(ctx, &b, o)
		if err != nil {
			return b, err
		}
		if hash, err = content.seen(o); err != nil {
			return b, err
		}
	}
	err = s.change(ctx, op, func(ctx context.Context, w *writing) error {
		row, err := s.rowFor(ctx, w, op, seen, id)
		if err != nil {
			return err
		}
		if row.State != Draft && back == "" {
			return fault.New(fault.Conflict, op, "bulletin.reviewed-already")
		}
		for _, writer := range row.writers() {
			if writer == by {
				return fault.New(fault.Denied, op, "bulletin.own")
			}
		}
		was, act := row, "reviewed"
		row.Version++
		row.State, row.Checker, row.CheckedUS, row.PinnedUS, row.Hash, row.SentBack = Reviewed, by, store.Micros(w.known), store.Micros(b.known), hash, ""
		if back != "" {
			act = "sent-back"
			row.State, row.Checker, row.CheckedUS, row.PinnedUS, row.SentBack = Draft, "", 0, 0, back
		}
		if err := w.put(ctx, &row, false); err != nil {
			return err
		}
		if err := w.keep(ctx, act, by, back, &was, &row); err != nil {
			return err
		}
		return w.tell(ctx, &row, evWritten, by)
	})
	if err != nil {
		return b, err
	}
	return s.Bulletin(ctx, id)
}

// formats are the files that are kept of an issued bulletin.
var formats = []string{"docx", "xlsx", "md", "txt", "json"}

var medias = map[string]string{
	"docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
	"xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
	"md":   "text/markdown; charset=utf-8",
	"txt":  "text/plain; charset=utf-8",
	"json": "application/json",
}

// write writes a page as a file.
func (p *Page) write(w io.Writer, format string, t *paper.Template) error {
	d := &p.Document
	switch format {
	case "docx":
		return d.WriteWord(w, t)
	case "xlsx":
		return d.WriteWorkbook(w)
	case "md":
		return d.WriteMarkdown(w)
	case "txt":
		return d.WriteText(w)
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(p)
}

// Issue gives a reviewed bulletin its number, and freezes what it says and its
// files. It says what was reviewed: should it say anything else by now, it has to
// be reviewed again.
func (s *Service) Issue(ctx context.Context, by string, seen int64, id ID) (Bulletin, error) {
	const op = "bulletin.Issue"
	b, err := s.Bulletin(ctx, id)
	if err != nil {
		return b, err
	}
	if b.State != Reviewed {
		return b, fault.New(fault.Conflict, op, "bulletin.not-reviewed")
	}
	o, err := s.Office(ctx, b.Office)
	if err != nil {
		return b, err
	}
	reviewed, err := s.compose(ctx, &b, o)
	if err != nil {
		return b, err
	}
	if hash, err := reviewed.seen(o); err != nil {
		return b, err
	} else if hash != b.Hash {
		return b, fault.New(fault.Conflict, op, "bulletin.says-otherwise")
	}
	on := s.o.Clock.Today()
	year, _, _ := on.Date()
	// Files are made before the transaction, which would hold up every writer; the number may be another one's by then.
	for range 3 {
		var serial int
		if serial, err = s.serial(ctx, s.db, b.Office, year, o.First); err != nil {
			return b, dbError(op, err)
		}
		b.Number, b.On = Numbered(o.Prefix, year, serial), on
		var kept frozen
		if kept, err = s.freeze(ctx, op, &b, o, reviewed); err != nil {
			return b, err
		}
		if err = s.give(ctx, op, by, seen, &b, o, year, serial, kept); fault.CodeOf(err) != "bulletin.number-taken" {
			break
		}
	}
	if err != nil {
		return b, err
	}
	return s.Bulletin(ctx, id)
}

// frozen is what is kept of an issued bulletin.
type frozen struct {
	content []byte
	hash    string
	files   []fileRow
}

// freeze puts number and date on what was reviewed, and makes its files.
func (s *Service) freeze(ctx context.Context, op string, b *Bulletin, o Office, reviewed Content) (f frozen, err error) {
	content := Content{}
	for of, page := range reviewed {
		page.Document.Number, page.Document.Date = b.Number, page.dated
		content[of] = page
	}
	if f.content, f.hash, err = content.hash(); err != nil {
		return f, err
	}
	t, hash, err := s.template(ctx, b.Office)
	if err != nil {
		return f, err
	}
	if hash != o.TemplateHash { // replaced since it was compared
		return f, fault.New(fault.Conflict, op, "bulletin.says-otherwise")
	}
	f.files, err = s.files(b.ID, content, t)
	return f, err
}

// files writes a bulletin in all editions, languages and formats, as many at a
// time as there are processors, the large formats first.
func (s *Service) files(id ID, content Content, t *paper.Template) ([]fileRow, error) {
	type job struct {
		page Page
		row  fileRow
		err  error
	}
	var jobs []*job
	for _, format := range formats {
		for _, of := range slices.Sorted(maps.Keys(content)) {
			page := content[of]
			page.Document.Root = s.url
			edition, lang, _ := strings.Cut(of, " ")
			jobs = append(jobs, &job{page: page, row: fileRow{Bulletin: id, Edition: edition, Lang: lang, Format: format}})
		}
	}
	next := make(chan *job)
	var group sync.WaitGroup
	for range min(len(jobs), runtime.GOMAXPROCS(0)) {
		group.Go(func() {
			for j := range next {
				var out bytes.Buffer
				if j.err = j.page.write(&out, j.row.Format, t); j.err == nil {
					sum := sha256.Sum256(out.Bytes())
					j.row.Hash, j.row.Size, j.row.Bytes = hex.EncodeToString(sum[:]), out.Len(), out.Bytes()
				}
			}
		})
	}
	for _, j := range jobs {
		next <- j
	}
	close(next)
	group.Wait()
	rows := make([]fileRow, len(jobs))
	for i, j := range jobs {
		if j.err != nil {
			return nil, j.err
		}
		rows[i] = j.row
	}
	return rows, nil
}

// template is an office's letterhead and its hash; nil: ours. It was checked when it came.
func (s *Service) template(ctx context.Context, office place.ID) (*paper.Template, string, error) {
	_, b, err := s.Template(ctx, office)
	if err != nil || b == nil {
		return nil, "", err
	}
	t, err := paper.ReadTemplate(b)
	return t, templateHash(b), refused("bulletin.template", err)
}

// give is the act itself: the number, the state and what is kept, or nothing.
func (s *Service) give(ctx context.Context, op, by string, seen int64, b *Bulletin, o Office, year, serial int, kept frozen) error {
	return s.change(ctx, op, func(ctx context.Context, w *writing) error {
		row, err := s.rowFor(ctx, w, op, seen, b.ID)
		if err != nil {
			return err
		}
		if row.State != Reviewed {
			return fault.New(fault.Conflict, op, "bulletin.not-reviewed")
		}
		if next, err := s.serial(ctx, w.tx, b.Office, year, o.First); err != nil {
			return err
		} else if next != serial {
			return fault.New(fault.Conflict, op, "bulletin.number-taken")
		}
		if b.Corrects != "" {
			n, err := w.tx.NewSelect().Model((*bulletinRow)(nil)).Where("corrects = ? AND state = ?", b.Corrects, Issued).Count(ctx)
			if err != nil {
				return err
			}
			if n > 0 {
				return fault.New(fault.Conflict, op, "bulletin.corrected-already")
			}
		}
		was := row
		row.Version++
		row.State, row.Issuer, row.IssuedUS, row.Hash = Issued, by, store.Micros(w.known), kept.hash
		row.Number, row.Year, row.Serial, row.OnDay = b.Number, year, &serial, b.On
		if err := w.put(ctx, &row, false); err != nil {
			return err
		}
		if err := w.keep(ctx, "issued", by, "", &was, &row); err != nil {
			return err
		}
		content := contentRow{Bulletin: b.ID, Hash: kept.hash, Bytes: kept.content}
		if _, err := w.tx.NewInsert().Model(&content).Exec(ctx); err != nil {
			return err
		}
		for i := range kept.files {
			if _, err := w.tx.NewInsert().Model(&kept.files[i]).Exec(ctx); err != nil {
				return err
			}
		}
		return w.tell(ctx, &row, evIssued, by)
	})
}
