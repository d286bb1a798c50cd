package role

import (
	"context"
	"strconv"

	"linli.dev/linli/fault"
	"linli.dev/linli/people/inspection"
	"linli.dev/linli/people/pairing"
	"linli.dev/linli/people/place"
	"linli.dev/linli/people/programme"
	"linli.dev/linli/people/supervision"
)

// folders are what the rooms put into a compound's evidence, in the words of the caller's language.
func (c City) folders() []place.Folder {
	return []place.Folder{
		{Permission: programme.MayRead, Fill: c.standing},
		{Permission: pairing.MayRead, Each: true, Fill: c.help},
		{Permission: inspection.MayRead, Fill: c.inspected},
		{Permission: supervision.MayRead, Fill: c.supervised},
	}
}

// fileOf is the path of a file of a folder.
func fileOf(ctx context.Context, folder, name string) string {
	return place.FolderWord(ctx, "dir", folder) + "/" + place.FolderWord(ctx, "file", name) + ".csv"
}

// standing is what is due, by when, and what each of it rests on.
func (c City) standing(ctx context.Context, q place.AsOf, id place.ID, put place.Put) error {
	book, err := c.Programme.Book(ctx)
	if err != nil {
		return err
	}
	word := func(group, key string) string { return place.FolderWord(ctx, group, key) }
	rows := [][]string{place.FolderWords(ctx, "head", "milestone", "what", "due", "extended", "light", "done", "since", "basis")}
	if s, ok := book.Compound(q, id); ok {
		for _, d := range s.Duties {
			rows = append(rows, []string{
				string(d.Milestone), word("what", string(d.What)), d.Due.String(), word("yes", strconv.FormatBool(d.Extended)), word("light", string(d.Light)), word("yes", strconv.FormatBool(d.Done)), d.Since.String(), word("basis", string(d.Basis)),
			})
		}
	}
	if err := put(fileOf(ctx, "programme", "milestones"), place.CSV(rows)); err != nil {
		return err
	}
	said, err := c.Programme.History(ctx, q, id)
	if err != nil {
		return err
	}
	rows = [][]string{place.FolderWords(ctx, "head", "from", "known", "kind", "value", "until", "text", "by", "reason", "return")}
	for _, s := range said {
		text := s.Text
		switch s.Kind {
		case programme.InClass:
			text = word("class", text)
		case programme.Inspected:
			text = word("result", text)
		}
		rows = append(rows, []string{
			s.About.String(), c.Places.Stamped(s.Known), word("saying", string(s.Kind)), strconv.FormatInt(s.Value, 10), s.Until, text, c.Places.Called(ctx, s.By), s.Reason, string(s.Return),
		})
	}
	return put(fileOf(ctx, "programme", "facts"), place.CSV(rows))
}

// help is every pairing, ended ones too, with its money, tasks, vouchers and photos.
func (c City) help(ctx context.Context, q place.AsOf, id place.ID, put place.Put) error {
	views, err := c.Pairing.Views(ctx, q, "", id)
	if err != nil {
		return err
	}
	word := func(group, key string) string { return place.FolderWord(ctx, group, key) }
	for _, v := range views {
		// A member unit has its own pairing of a compound, not another unit's.
		may, err := place.Permitted(c.Places.Rights().MayPairing(ctx, pairing.MayRead, v.Compound, string(v.ID), string(v.Unit)))
		if err != nil {
			return err
		}
		if !may {
			continue
		}
		w, err := c.Pairing.Whole(ctx, q, v.ID)
		if err != nil {
			return err
		}
		at := word("dir", "help") + "/" + w.UnitName + "/"
		rows := [][]string{place.FolderWords(ctx, "head", "id", "kind", "yuan", "from", "known", "due", "became", "number", "voucher", "note", "reverses", "of", "by")}
		for _, e := range w.Money {
			rows = append(rows, []string{
				string(e.ID), word("money", string(e.Kind)), pairing.Yuan(e.Fen), e.About.String(), c.Places.Stamped(e.Known), e.Due.String(), word("sort", string(e.Became)), strconv.Itoa(e.Number), e.Voucher,
				e.Note, string(e.Reverses), string(e.Of), w.Names[e.By],
			})
		}
		if err := put(at+word("file", "money")+".csv", place.CSV(rows)); err != nil {
			return err
		}
		rows = [][]string{place.FolderWords(ctx, "head", "title", "from", "due", "done-day", "by", "done-by")}
		for _, t := range w.Tasks {
			if t.Withdrawn != nil { // a mistake is no evidence; the history tells of it
				continue
			}
			rows = append(rows, []string{t.Title, t.About.String(), t.Due.String(), t.Done.String(), w.Names[t.By], w.Names[t.DoneBy]})
		}
		if err := put(at+word("file", "tasks")+".csv", place.CSV(rows)); err != nil {
			return err
		}
		for i := range w.Files {
			f := &w.Files[i]
			if f.Withdrawn != nil { // as with tasks
				continue
			}
			body, err := c.Pairing.Bytes(ctx, f)
			if fault.CodeOf(err) == "pairing.file.changed" { // the rest is evidence all the same
				body, err = nil, nil
			}
			if err != nil {
				return err
			}
			name := f.Name
			if f.Media == "image/jpeg" {
				name += ".jpg"
			}
			if err := put(at+word("dir", string(f.Kind))+"/"+name, body); err != nil {
				return err
			}
		}
	}
	return nil
}
