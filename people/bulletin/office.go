package bulletin

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strconv"
	"strings"

	"linli.dev/linli/fault"
	"linli.dev/linli/people/paper"
	"linli.dev/linli/people/place"
	"linli.dev/linli/store"
)

// Office is how an office's bulletins look and count.
type Office struct {
	Place   place.ID    `json:"place"`
	Level   place.Level `json:"level"`
	Name    string      `json:"name"`
	Version int64       `json:"version" doc:"0: nothing is set, and the words below are ours"`
	OfficeWords
	Template     string `json:"template,omitempty" doc:"The name of its own Word template"`
	TemplateHash string `json:"template_sha256,omitempty"`
	Next         string `json:"next" doc:"The number that the next one gets this year"`
}

// OfficeWords are what an office decides about its bulletins.
type OfficeWords struct {
	Prefix string `json:"prefix" doc:"What stands before the year: 临综治通报"`
	Signer string `json:"signer" doc:"Who signs: 临沂市社会治安综合治理委员会办公室"`
	First  int    `json:"first" minimum:"0" maximum:"9999" doc:"The first number that is not taken by a paper one; 0: 1"`
}

func (w *OfficeWords) check() (p place.Problems) {
	w.Prefix, w.Signer = place.Tidy(w.Prefix), place.Tidy(w.Signer)
	p.Text("prefix", w.Prefix, 20, true)
	p.Text("signer", w.Signer, 60, true)
	if strings.ContainsAny(w.Prefix, "〔〕[]0123456789") {
		p.Add("prefix", "bulletin.prefix")
	}
	return p
}

// Numbered is a number as official documents have it, without 第 and leading
// zeros: 临综治通报〔2017〕3号.
func Numbered(prefix string, year, serial int) string {
	return prefix + "〔" + strconv.Itoa(year) + "〕" + strconv.Itoa(serial) + "号"
}

// Office is how a place's bulletins look and count; the place is a city or a
// county.
func (s *Service) Office(ctx context.Context, id place.ID) (Office, error) {
	const op = "bulletin.Office"
	tree, err := s.o.Places.Tree(ctx)
	if err != nil {
		return Office{}, err
	}
	v, ok := tree.At(s.today(), id)
	if !ok || v.Level != place.City && v.Level != place.County {
		return Office{}, fault.New(fault.NotFound, op, "bulletin.no-office")
	}
	row, err := s.officeRow(ctx, s.db, id)
	if err != nil {
		return Office{}, dbError(op, err)
	}
	o := Office{Place: id, Level: v.Level, Name: v.Name, Version: row.Version, OfficeWords: OfficeWords{row.Prefix, row.Signer, row.First}, Template: row.TemplateName, TemplateHash: row.TemplateHash}
	if o.Prefix == "" {
		o.Prefix = s.voices["zh"].Say("bulletin.prefix-default", "name", v.Name)
	}
	if o.Signer == "" {
		o.Signer = s.voices["zh"].Say("bulletin.signer-default", "name", v.Name)
	}
	year, _, _ := s.o.Clock.Today().Date()
	serial, err := s.serial(ctx, s.db, id, year, o.First)
	o.Next = Numbered(o.Prefix, year, serial)
	return o, dbError(op, err)
}

// SetOffice changes how an office's bulletins look and count from now on.
func (s *Service) SetOffice(ctx context.Context, by string, seen int64, id place.ID, words OfficeWords) (Office, error) {
	const op = "bulletin.SetOffice"
	if err := words.check().Fault(op, "bulletin.invalid"); err != nil {
		return Office{}, err
	}
	return s.setOffice(ctx, op, by, seen, id, func(r *officeRow) {
		r.Prefix, r.Signer, r.First = words.Prefix, words.Signer, words.First
	})
}

// SetTemplate takes an office's own Word template, or takes it away when b is
// nil. It is checked first.
func (s *Service) SetTemplate(ctx context.Context, by string, seen int64, id place.ID, name string, b []byte) (Office, error) {
	const op = "bulletin.SetTemplate"
	hash := ""
	if b != nil {
		if _, err := paper.ReadTemplate(b); err != nil {
			return Office{}, refused(op, err)
		}
		hash = templateHash(b)
		if name = place.Tidy(name); name == "" || len([]rune(name)) > 80 {
			name = "template.docx"
		}
	} else {
		name = ""
	}
	return s.setOffice(ctx, op, by, seen, id, func(r *officeRow) { r.TemplateName, r.TemplateHash, r.Template = name, hash, b })
}

func templateHash(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// refused says in words why a file can be no template.
func refused(op string, err error) error {
	var r *paper.Refused
	if errors.As(err, &r) {
		return fault.New(fault.Invalid, op, "bulletin.template-"+r.Code, "detail", r.Detail)
	}
	return err
}

func (s *Service) setOffice(ctx context.Context, op, by string, seen int64, id place.ID, set func(*officeRow)) (Office, error) {
	was, err := s.Office(ctx, id)
	if err != nil {
		return was, err
	}
	err = s.change(ctx, op, func(ctx context.Context, w *writing) error {
		row, err := s.officeRow(ctx, w.tx, id)
		if err != nil {
			return err
		}
		if seen != 0 || row.Version != 0 {
			if err := place.SameVersion(op, seen, row.Version); err != nil {
				return err
			}
		}
		fresh, before := row.Version == 0, row
		if fresh {
			row = officeRow{Place: id, Prefix: was.Prefix, Signer: was.Signer}
		}
		set(&row)
		row.Version, row.KnownUS, row.By = row.Version+1, store.Micros(w.known), by
		if fresh {
			_, err = w.tx.NewInsert().Model(&row).Exec(ctx)
		} else {
			_, err = w.tx.NewUpdate().Model(&row).WherePK().Exec(ctx)
		}
		if err != nil {
			return err
		}
		if err := w.keepOffice(ctx, by, &before, &row); err != nil {
			return err
		}
		return w.tx.Emit(room, evOffice, string(id), map[string]any{"prefix": row.Prefix, "signer": row.Signer, "first": row.First, "template": row.TemplateHash, "by": by})
	})
	if err != nil {
		return was, err
	}
	return s.Office(ctx, id)
}

// Template is an office's own Word template; nil when it has none.
func (s *Service) Template(ctx context.Context, id place.ID) (name string, b []byte, err error) {
	row, err := s.officeRow(ctx, s.db, id)
	return row.TemplateName, row.Template, dbError("bulletin.Template", err)
}
