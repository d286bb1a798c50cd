package role

import (
	"context"
	"time"

	"linli.dev/linli/people/place"
	"linli.dev/linli/people/programme"
	"linli.dev/linli/people/sheet"
)

// shares lets lists say which compounds take part in the programme, and how many channels each is to have.
type shares struct {
	*programme.Service
	places *place.Service
}

func (s shares) Shares(ctx context.Context, compounds ...place.ID) (func(place.AsOf, place.ID) sheet.Share, error) {
	at, err := s.Service.Parts(ctx, compounds...)
	if err != nil {
		return nil, err
	}
	return func(q place.AsOf, id place.ID) sheet.Share {
		is := at(q, id)
		return sheet.Share{Compound: id, From: q.Day, Part: is.Takes, Plan: is.Plan}
	}, nil
}

func (s shares) Relieves(ctx context.Context, list []sheet.Share, restored bool) ([]bool, error) {
	if restored {
		return s.Service.RestoringRelieves(ctx, enrolments(list))
	}
	return s.Service.Relieves(ctx, enrolments(list))
}

func (s shares) Take(ctx context.Context, by string, list []sheet.Share) error {
	return s.Service.Take(ctx, by, enrolments(list))
}

func (s shares) Restore(ctx context.Context, by, note string, list []sheet.Share) error {
	return s.Service.Restore(ctx, by, note, enrolments(list))
}

func enrolments(list []sheet.Share) []programme.Enrolment {
	out := make([]programme.Enrolment, len(list))
	for i, x := range list {
		out[i] = programme.Enrolment{Compound: x.Compound, From: x.From, Part: x.Part, Plan: x.Plan}
	}
	return out
}

func (s shares) Where(ctx context.Context) (func(place.ID) bool, error) {
	may, err := s.places.Rights().Scope(ctx, programme.MayWrite, s.places.Clock().AtClose(s.places.Clock().Today()))
	if err != nil {
		return nil, err
	}
	return may.Has, nil
}

// since tells lists what other rooms keep of places after an import: with that on them its undo is refused.
type since struct{ City }

func (c since) Since(ctx context.Context, at time.Time, places []place.ID) (map[place.ID]string, error) {
	out := map[place.ID]string{}
	for _, x := range []struct {
		code string
		ask  func(context.Context, time.Time, []place.ID) ([]place.ID, error)
	}{{sheet.OnNotice, c.Campaign.Since}, {sheet.OnReturn, c.Programme.ClaimedSince}, {sheet.OnTask, c.Tasks.Since}} {
		list, err := x.ask(ctx, at, places)
		if err != nil {
			return nil, err
		}
		for _, id := range list {
			out[id] = x.code
		}
	}
	return out, nil
}
