package role

import (
	"context"
	"strconv"
	"strings"

	"linli.dev/linli/api"
	"linli.dev/linli/people/inspection"
	"linli.dev/linli/people/place"
	"linli.dev/linli/people/supervision"
)

// inspected is every inspection with its result, what was to be mended with each step of it, and of each that was made its report
// with the photos.
func (c City) inspected(ctx context.Context, q place.AsOf, id place.ID, put place.Put) error {
	list, _, err := c.Inspection.List(ctx, q, "", inspection.Filter{Compound: id})
	if err != nil {
		return err
	}
	rows := [][]string{place.FolderWords(ctx, "head", "day", "form", "version", "state", "result", "score", "team", "open", "next-due", "id")}
	for i := range list {
		e := &list[i]
		title, score := e.Title.ZH, ""
		if api.Language(ctx) == "en" && e.Title.EN != "" {
			title = e.Title.EN
		}
		if e.Score != nil {
			b, err := e.Score.MarshalJSON()
			if err != nil {
				return err
			}
			score = string(b)
		}
		team := make([]string, len(e.Team))
		for k, m := range e.Team {
			team[k] = m.Name
		}
		rows = append(rows, []string{
			e.Day.String(), title, strconv.Itoa(e.Number), place.FolderWord(ctx, "state", string(e.State)), place.FolderWord(ctx, "result", string(e.Result)), score,
			strings.Join(team, "; "), strconv.Itoa(e.Open), e.NextDue.String(), string(e.ID),
		})
	}
	if err := put(fileOf(ctx, "inspection", "inspections"), place.CSV(rows)); err != nil {
		return err
	}
	rows = [][]string{place.FolderWords(ctx, "head", "day", "item", "mending", "unit", "due", "state", "act", "known", "by", "note", "id")}
	for i := range list {
		if list[i].State == inspection.Cancelled {
			continue
		}
		at := place.FolderWord(ctx, "dir", "inspection") + "/" + list[i].Day.String() + " " + string(list[i].ID) + "/"
		v, f, err := c.Inspection.Papers(ctx, q, list[i].ID, func(name string, body []byte) error { return put(at+name, body) })
		if err != nil {
			return err
		}
		rows = append(rows, mended(ctx, c.Places, &v, &f)...)
	}
	return put(fileOf(ctx, "inspection", "mendings"), place.CSV(rows))
}

// mended are the steps of what an inspection found to be mended.
func mended(ctx context.Context, places *place.Service, v *inspection.View, f *inspection.Form) (rows [][]string) {
	titles := map[string]string{}
	for _, s := range f.Sections {
		for i := range s.Items {
			titles[s.Items[i].Name] = s.Items[i].Title.In(api.Language(ctx))
		}
	}
	for _, m := range v.Mendings {
		for _, s := range m.Steps {
			rows = append(rows, []string{
				v.Day.String(), titles[m.Item], m.What, m.Unit, m.Due.String(), place.FolderWord(ctx, "mend", string(m.State)), place.FolderWord(ctx, "mend-act", string(s.Act)),
				places.Stamped(s.Known), s.Name, s.Note, string(v.ID),
			})
		}
	}
	return rows
}

// supervised are the supervision tasks of a compound, a line for each step.
func (c City) supervised(ctx context.Context, q place.AsOf, id place.ID, put place.Put) error {
	list, _, err := c.Tasks.List(ctx, q, supervision.Filter{Place: id})
	if err != nil {
		return err
	}
	rows := [][]string{place.FolderWords(ctx, "head", "title", "ask", "due", "state", "act", "known", "by", "note", "id")}
	for i := range list {
		for _, s := range list[i].Steps {
			rows = append(rows, []string{
				list[i].Title, list[i].Ask, list[i].Due.String(), place.FolderWord(ctx, "task", string(list[i].State)), place.FolderWord(ctx, "task-act", string(s.Act)),
				c.Places.Stamped(s.Known), c.Places.Called(ctx, s.By), s.Note, string(list[i].ID),
			})
		}
	}
	return put(fileOf(ctx, "supervision", "supervision"), place.CSV(rows))
}
