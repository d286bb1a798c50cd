package inspection

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"linli.dev/linli/api"
	"linli.dev/linli/people/place"
)

// formRecord is what the history of a version of a form stands under.
func formRecord(id FormID, number int) string {
	return "inspection-form:" + string(id) + "/" + strconv.Itoa(number)
}

// said is what a history tells of a form, item by item when there is something to compare it with; nil of none.
func (f *Form) said(items bool) any {
	if f == nil {
		return nil
	}
	out := map[string]string{
		"state": string(f.State), "title": f.Title.both(), "note": f.Note.both(), "pass": strconv.Itoa(f.Pass), "mend": strconv.Itoa(f.Mend),
		"judged": strconv.Itoa(f.Judged), "mend_days": strconv.Itoa(f.MendDays),
	}
	for _, x := range f.Sections {
		if !items {
			break
		}
		out["section."+x.Name] = x.Title.both()
		for i := range x.Items {
			out["item."+x.Items[i].Name] = x.Items[i].said()
		}
	}
	return out
}

// both is a text in both languages.
func (w Words) both() string {
	if w.EN == "" || w.ZH == "" {
		return w.ZH + w.EN
	}
	return w.ZH + " / " + w.EN
}

// said is an item on one line: all that makes it ask something else when it is another one.
func (it *Item) said() string {
	parts := []string{it.Title.both(), it.Hint.both(), string(it.Kind), strconv.Itoa(it.Weight)}
	for _, x := range []struct {
		holds bool
		name  string
	}{{it.Veto, "veto"}, {it.MayNot, "may_not_apply"}, {it.Required, "required"}, {it.Photo != "", "photo " + it.Photo}} {
		if x.holds {
			parts = append(parts, x.name)
		}
	}
	for _, c := range it.Choices {
		parts = append(parts, fmt.Sprintf("%s %s %d%%", c.Name, c.Title.both(), c.Share))
	}
	if it.When != nil {
		parts = append(parts, it.When.Item+" = "+it.When.Value)
	}
	for _, x := range [][2]string{{"≥", it.Least}, {"≤", it.Most}, {"0: ", it.Zero}, {"100%: ", it.Full}} {
		if x[1] != "" {
			parts = append(parts, x[0]+x[1])
		}
	}
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), " · ")
}

// keepForm writes down what became of a version of a form; was is what it was, or the version before it. Of the very first draft the
// head is enough: what its items were stands in the next change, or in the form.
func (w *writing) keepForm(ctx context.Context, act string, was, is *Form) error {
	return place.Keep(ctx, w.tx, place.Kept{Record: formRecord(is.ID, is.Number), Act: act, Known: w.known, By: w.by, Before: was.said(true), After: is.said(was != nil)})
}

func (s *Service) traceRoutes(r *api.Router) {
	api.Get(r, "/api/inspection-forms/{form}/{number}/changes", api.Op{
		ID: "listInspectionFormChanges", Permission: MayRead, Summary: "Who wrote and published what of a version of a form, before and after",
		Description: "Drafts are written over; what they were stays here. The first draft of a version stands beside the version before it.",
	}, s.httpFormChanges)
}

func (s *Service) httpFormChanges(ctx context.Context, in *struct{ FormInput }) (*place.TracesOutput, error) {
	if _, err := s.Form(ctx, FormID(in.Form), in.Number); err != nil {
		return nil, err
	}
	return place.TracesReply(s.o.Places.Traces(ctx, s.today().Known, formRecord(FormID(in.Form), in.Number)))
}

// turned says of steps that give an inspection another day or team what they were before.
func turned(steps []Step, name func(string) string) {
	var was *Step
	for i := range steps {
		st := &steps[i]
		if st.Act != Plan && st.Act != Replan {
			continue
		}
		if was != nil {
			team := func(list []string) string {
				names := make([]string, len(list))
				for i, a := range list {
					names[i] = name(a)
				}
				return strings.Join(names, ", ")
			}
			for _, t := range []place.Turn{{Field: "day", Was: was.Day.String(), Is: st.Day.String()}, {Field: "team", Was: team(was.Team), Is: team(st.Team)}} {
				if t.Was != t.Is {
					st.Turns = append(st.Turns, t)
				}
			}
		}
		was = st
	}
}
