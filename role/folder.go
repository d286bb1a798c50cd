package role

import (
	"context"
	"strconv"

	"linli.dev/linli/people/pairing"
	"linli.dev/linli/people/place"
	"linli.dev/linli/people/programme"
)

// folders are what the rooms put into a compound's evidence. Names of columns
// are those of the API, so that a program can read them, too.
func (c City) folders() []place.Folder {
	return []place.Folder{{Permission: programme.MayRead, Fill: c.standing}, {Permission: pairing.MayRead, Each: true, Fill: c.help}}
}

// standing is what is due, by when, and what each of it rests on.
func (c City) standing(ctx context.Context, q place.AsOf, id place.ID, put place.Put) error {
	book, err := c.Programme.Book(ctx)
	if err != nil {
		return err
	}
	rows := [][]string{{"milestone", "what", "due", "extended", "light", "done", "since", "basis"}}
	if s, ok := book.Compound(q, id); ok {
		for _, d := range s.Duties {
			rows = append(rows, []string{
				string(d.Milestone), string(d.What), d.Due.String(), strconv.FormatBool(d.Extended), string(d.Light), strconv.FormatBool(d.Done), d.Since.String(), string(d.Basis),
			})
		}
	}
	if err := put("programme/milestones.csv", place.CSV(rows)); err != nil {
		return err
	}
	said, err := c.Programme.History(ctx, q, id)
	if err != nil {
		return err
	}
	rows = [][]string{{"from", "known", "kind", "value", "until", "text", "by", "reason", "return"}}
	for _, s := range said {
		rows = append(rows, []string{
			s.About.String(), c.Places.Stamped(s.Known), string(s.Kind), strconv.FormatInt(s.Value, 10), s.Until, s.Text, c.Places.Called(ctx, s.By), s.Reason, string(s.Return),
		})
	}
	return put("programme/facts.csv", place.CSV(rows))
}

// help is every pairing with its money, tasks, vouchers and photos.
func (c City) help(ctx context.Context, q place.AsOf, id place.ID, put place.Put) error {
	views, err := c.Pairing.Views(ctx, q, "", id)
	if err != nil {
		return err
	}
	for _, v := range views {
		// A member unit has its own pairing of a compound, not another unit's.
		if c.Places.Rights().MayPairing(ctx, pairing.MayRead, v.Compound, string(v.ID), string(v.Unit)) != nil {
			continue
		}
		w, err := c.Pairing.Whole(ctx, q, v.ID)
		if err != nil {
			return err
		}
		at := "help/" + w.UnitName + "/"
		rows := [][]string{{"id", "kind", "yuan", "from", "known", "due", "became", "number", "voucher", "note", "reverses", "of", "by"}}
		for _, e := range w.Money {
			rows = append(rows, []string{
				string(e.ID), string(e.Kind), pairing.Yuan(e.Fen), e.About.String(), c.Places.Stamped(e.Known), e.Due.String(), string(e.Became), strconv.Itoa(e.Number), e.Voucher,
				e.Note, string(e.Reverses), string(e.Of), w.Names[e.By],
			})
		}
		if err := put(at+"money.csv", place.CSV(rows)); err != nil {
			return err
		}
		rows = [][]string{{"title", "from", "due", "done", "by", "done_by"}}
		for _, t := range w.Tasks {
			rows = append(rows, []string{t.Title, t.About.String(), t.Due.String(), t.Done.String(), w.Names[t.By], w.Names[t.DoneBy]})
		}
		if err := put(at+"tasks.csv", place.CSV(rows)); err != nil {
			return err
		}
		for i := range w.Files {
			f := &w.Files[i]
			body, err := c.Pairing.Bytes(ctx, f)
			if err != nil {
				return err
			}
			name := f.Name
			if f.Media == "image/jpeg" {
				name += ".jpg"
			}
			if err := put(at+string(f.Kind)+"/"+name, body); err != nil {
				return err
			}
		}
	}
	return nil
}
