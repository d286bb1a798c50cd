package inspection

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"linli.dev/linli/api"
	"linli.dev/linli/people/place"
)

// formRecord is what the history of a version of a form stands under.
func formRecord(id FormID, number int) string {
	return "inspection-form:" + string(id) + "/" + strconv.Itoa(number)
}

// formKept is a version of a form as its history keeps it.
type formKept struct {
	State FormState `json:"state"`
	FormWords
}

// keeps is what the history keeps of a form; of none nothing.
func (f *Form) keeps() any {
	if f == nil {
		return nil
	}
	return formKept{f.State, f.FormWords}
}

// keepForm writes down what became of a version of a form; was is what it was, or the version before it.
func (w *writing) keepForm(ctx context.Context, act string, was, is *Form) error {
	return place.Keep(ctx, w.tx, place.Kept{Record: formRecord(is.ID, is.Number), Act: act, Known: w.known, By: w.by, Before: was.keeps(), After: is.keeps()})
}

func (s *Service) traceRoutes(r *api.Router) {
	api.Get(r, "/api/inspection-forms/{form}/{number}/changes", api.Op{
		ID: "listInspectionFormChanges", Permission: MayRead, Summary: "Who wrote and published what of a version of a form, before and after",
		Description: "Drafts are written over; what they were stays here. The first draft of a version stands beside the version before it.",
	}, s.httpFormChanges)
}

// FormTrace is a change of a version of a form.
type FormTrace struct {
	place.Trace
	Differences []Difference `json:"differences,omitempty" doc:"What it asks otherwise than before; nothing of the first draft of a form"`
}

type formTracesOutput struct {
	Body struct {
		Changes []FormTrace `json:"changes" doc:"The newest first"`
	}
}

func (s *Service) httpFormChanges(ctx context.Context, in *struct{ FormInput }) (*formTracesOutput, error) {
	id := FormID(in.Form)
	if _, err := s.Form(ctx, id, in.Number); err != nil {
		return nil, err
	}
	list, err := s.FormTraces(ctx, s.today().Known, id, in.Number)
	if err != nil {
		return nil, err
	}
	out := &formTracesOutput{}
	out.Body.Changes = list
	return out, nil
}

// FormTraces are the changes of a version of a form as far as they were known at an instant, the newest first.
func (s *Service) FormTraces(ctx context.Context, known time.Time, id FormID, number int) ([]FormTrace, error) {
	list, err := s.o.Places.Traces(ctx, known, formRecord(id, number))
	if err != nil {
		return nil, err
	}
	out := make([]FormTrace, len(list))
	for i, t := range list {
		out[i].Trace = t
		var was, is formKept
		if len(t.After) == 0 || json.Unmarshal(t.After, &is) != nil || len(t.Before) > 0 && json.Unmarshal(t.Before, &was) != nil {
			continue // kept by an earlier version of this program, line by line: it is told as it was kept
		}
		out[i].Turns = []place.Turn{}
		if t.Act == "published" {
			out[i].Turns = append(out[i].Turns, place.Turn{Field: "state", Was: string(was.State), Is: string(is.State)})
		}
		if len(t.Before) > 0 {
			out[i].Differences = Differences(&was.FormWords, &is.FormWords)
		}
	}
	return out, nil
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
				return strings.Join(names, "\n") // one a line: each language joins them in its own way
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
