package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/mattn/go-isatty"

	"linli.dev/linli/api"
	"linli.dev/linli/demo/city"
	"linli.dev/linli/fault"
	"linli.dev/linli/people/paper"
	"linli.dev/linli/people/place"
	"linli.dev/linli/people/programme"
	"linli.dev/linli/role"
)

type bulletinCmd struct {
	Demo     bool   `xor:"source" required:""`
	Data     string `placeholder:"DIR" xor:"source" required:""`
	Database string `placeholder:"URL"`
	Date     string `placeholder:"2017-09-27"`
	Since    string `placeholder:"DATE"`
	Known    string `placeholder:"TIME"`
	AsOf     string `placeholder:"DATE"`
	County   string `placeholder:"NAME"`
	Format   string `enum:"text,md,json,xlsx,docx" default:"text"`
	Edition  string `enum:"office,public" default:"office"`
	Template string `placeholder:"FILE"`
	URL      string `name:"public-url" placeholder:"URL"`
	Output   string `short:"o" placeholder:"FILE"`
}

// Run writes to where it is told, or to out: a pipe takes each format, a terminal only those that are text.
func (c bulletinCmd) Run(ctx context.Context, log *slog.Logger, all *commands, out io.Writer) error {
	if c.Output == "" && (c.Format == "xlsx" || c.Format == "docx") && terminal(out) { // said before the work
		return wrong("workbook")
	}
	b, err := c.compose(ctx, log)
	if err != nil {
		return err
	}
	voice, err := api.NewVoice(all.Lang, programme.Sentences()) // a bulletin is in Chinese unless it is asked for in English
	if err != nil {
		return err
	}
	if c.Output == "" {
		return c.write(out, b, voice)
	}
	f, err := os.Create(c.Output)
	if err != nil {
		return err
	}
	if err := c.write(f, b, voice); err != nil {
		_ = f.Close()
		return err
	}
	return f.Close()
}

// terminal tells whether somebody would see the bytes themselves.
func terminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && isatty.IsTerminal(f.Fd())
}

func (c bulletinCmd) write(w io.Writer, b programme.Bulletin, voice *api.Voice) error {
	doc := b.Document(voice)
	doc.Root = c.URL
	switch c.Format {
	case "md":
		return doc.WriteMarkdown(w)
	case "xlsx":
		return doc.WriteWorkbook(w)
	case "docx":
		t, err := c.template()
		if err != nil {
			return err
		}
		return doc.WriteWord(w, t)
	case "json":
		return programme.WriteJSON(w, b, doc)
	}
	return doc.WriteText(w)
}

// template is the office's own; nil: ours.
func (c bulletinCmd) template() (*paper.Template, error) {
	if c.Template == "" {
		return nil, nil
	}
	b, err := os.ReadFile(c.Template)
	if err != nil {
		return nil, err
	}
	t, err := paper.ReadTemplate(b)
	if refused := (*paper.Refused)(nil); errors.As(err, &refused) {
		return nil, wrong("template-"+refused.Code, "detail", refused.Detail)
	}
	return t, err
}

func (c bulletinCmd) compose(ctx context.Context, log *slog.Logger) (programme.Bulletin, error) {
	var clock place.Clock
	var day, since, today place.Day
	var err error
	for _, x := range []struct {
		said string
		day  *place.Day
	}{{c.Date, &day}, {c.Since, &since}, {c.AsOf, &today}} {
		if x.said == "" {
			continue
		}
		if *x.day, err = place.ParseDay(x.said); err != nil {
			return programme.Bulletin{}, err
		}
	}
	if c.Demo {
		return city.Bulletin(day, since, programme.Edition(c.Edition), c.County)
	}
	var known time.Time
	if c.Known != "" {
		if known, err = time.Parse(time.RFC3339, c.Known); err != nil {
			return programme.Bulletin{}, wrong("known", "is", c.Known)
		}
	}
	dir, err := filepath.Abs(c.Data)
	if err != nil {
		return programme.Bulletin{}, err
	}
	if err := dataFolder(dir); err != nil {
		return programme.Bulletin{}, err
	}
	db, err := role.OpenDB(ctx, role.Config{Data: dir, Database: c.Database}, log)
	if err != nil {
		return programme.Bulletin{}, err
	}
	defer db.Close()
	rooms, err := role.OpenCity(ctx, db, clock)
	if err != nil {
		return programme.Bulletin{}, err
	}
	if today == 0 {
		if today, err = rooms.Today(ctx, clock); err != nil {
			return programme.Bulletin{}, err
		}
	}
	if day == 0 {
		day = today
	}
	if day > today {
		return programme.Bulletin{}, fault.New(fault.Invalid, "linli.bulletin", "place.day-to-come", "today", today.String())
	}
	q := clock.AtClose(day)
	if !known.IsZero() {
		q.Known = known
	}
	ask := programme.BulletinAsk{Of: q, Since: since, Edition: programme.Edition(c.Edition)}
	if c.County != "" {
		if ask.County, err = rooms.Programme.CountyNamed(ctx, q, c.County); err != nil {
			return programme.Bulletin{}, err
		}
	}
	return rooms.Programme.Bulletin(ctx, ask)
}
