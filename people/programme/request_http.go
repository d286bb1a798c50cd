package programme

import (
	"context"
	"time"

	"linli.dev/linli/api"
	"linli.dev/linli/people/place"
)

func (s *Service) requestRoutes(r *api.Router) {
	api.Get(r, "/api/programme/requests", api.Op{
		ID: "listReliefRequests", Permission: MayRead, Summary: "What offices have asked the level above for: extensions, fewer channels, leaving the programme or a class, the end of a compound", Description: "The newest first.",
	}, s.httpRequests)
	api.Post(r, "/api/programme/compounds/{id}/requests", api.Op{
		ID: "askForRelief", Permission: MayWrite, Summary: "Ask the level above for what makes a compound's duties less, with a reason", Status: 201,
	}, s.httpAsk)
	api.Post(r, "/api/programme/requests/{id}/decision", api.Op{
		ID: "decideRelief", Permission: MayApprove, Summary: "Grant a request, which is done at once, or refuse it with a word",
		Description: "With If-Match. Nobody decides on a request of their own.",
	}, s.httpAnswer)
	api.Post(r, "/api/programme/requests/{id}/withdrawal", api.Op{
		ID: "withdrawRelief", Permission: MayWrite, Summary: "Take a request back that nobody has decided on", Description: "With If-Match.",
	}, s.httpUnask)
	api.Get(r, "/api/programme/requests/{id}/changes", api.Op{ID: "listReliefChanges", Permission: MayRead, Summary: "Who asked and who decided, with their reasons"}, s.httpRequestChanges)
}

// RequestView is a request with names for reading.
type RequestView struct {
	Request
	Name   string `json:"name" doc:"The compound's"`
	County string `json:"county" doc:"The county's name"`
	Within string `json:"into_name,omitempty" doc:"Of merge: the name of what it goes into"`
	What   What   `json:"what,omitempty" enum:"built,networked,funds,tasks,accepted" doc:"Of extend: what the milestone asks for"`
}

type requestsOutput struct {
	Body struct {
		Requests []RequestView     `json:"requests"`
		Names    map[string]string `json:"names" doc:"What people call the accounts that asked and decided"`
	}
}

func (s *Service) httpRequests(ctx context.Context, in *struct {
	Compound string `query:"compound"`
	State    string `query:"state" enum:"asked,granted,refused,withdrawn"`
},
) (*requestsOutput, error) {
	q := s.o.Clock.AtClose(s.o.Clock.Today())
	scope, err := s.rights().Scope(ctx, MayRead, q)
	if err != nil {
		return nil, err
	}
	list, err := s.Requests(ctx, place.ID(in.Compound), RequestState(in.State))
	if err != nil {
		return nil, err
	}
	tree, err := s.o.Places.Tree(ctx)
	if err != nil {
		return nil, err
	}
	milestones, err := s.Milestones(ctx)
	if err != nil {
		return nil, err
	}
	what := map[MilestoneID]What{}
	for _, m := range milestones {
		what[m.ID] = m.What
	}
	out := &requestsOutput{}
	out.Body.Requests, out.Body.Names = []RequestView{}, map[string]string{}
	for _, r := range list {
		if !scope.Has(r.Compound) && (r.Into == "" || !scope.Has(r.Into)) {
			continue
		}
		v := RequestView{Request: r, What: what[r.Milestone]}
		for _, p := range tree.Ancestry(q, r.Compound) { // it may have ended since
			switch p.Level {
			case place.County:
				v.County = p.Name
			case place.Compound:
				v.Name = p.Name
			}
		}
		if into := tree.Ancestry(q, r.Into); len(into) > 0 {
			v.Within = into[0].Name
		}
		for _, who := range []string{r.AskedBy, r.DecidedBy} {
			if _, ok := out.Body.Names[who]; !ok && who != "" {
				out.Body.Names[who] = s.o.Places.Called(ctx, who)
			}
		}
		out.Body.Requests = append(out.Body.Requests, v)
	}
	return out, nil
}

type requestOutput struct {
	ETag string `header:"ETag"`
	Body Request
}

func requestReply(r Request, err error) (*requestOutput, error) {
	if err != nil {
		return nil, err
	}
	return &requestOutput{place.ETag(r.Version), r}, nil
}

func (s *Service) httpAsk(ctx context.Context, in *struct {
	place.PlaceInput
	Body struct {
		Kind      Ask         `json:"kind" enum:"extend,plan,leave,leave-class,end,merge,withdraw-class"`
		Milestone MilestoneID `json:"milestone,omitempty"`
		Due       place.Day   `json:"due,omitempty"`
		Plan      int         `json:"plan,omitempty" minimum:"0" maximum:"10000"`
		Mark      place.Mark  `json:"mark,omitempty" enum:"demonstration,helped,weak"`
		Into      place.ID    `json:"into,omitempty" doc:"Of merge: the compound that it goes into"`
		From      place.Day   `json:"from,omitempty"`
		Entry     *time.Time  `json:"entry,omitempty" doc:"Of withdraw-class: when the entry became known; left out: the last one that stands"`
		Reason    string      `json:"reason"`
	}
},
) (*requestOutput, error) {
	b := in.Body
	if err := s.rights().MayChange(ctx, MayWrite, place.ID(in.ID), b.From); err != nil {
		return nil, err
	}
	if b.Into != "" {
		if err := s.rights().MayChange(ctx, MayWrite, b.Into, b.From); err != nil {
			return nil, err
		}
	}
	return requestReply(s.AskFor(ctx, by(ctx), Request{
		Compound: place.ID(in.ID), Kind: b.Kind, Milestone: b.Milestone, Due: b.Due, Plan: b.Plan, Mark: b.Mark, Into: b.Into, From: b.From, Entry: b.Entry, Reason: b.Reason,
	}))
}

// RequestInput names a request, with the version that was seen.
type RequestInput struct {
	ID string `path:"id"`
	place.Versioned
}

func (s *Service) httpAnswer(ctx context.Context, in *struct {
	RequestInput
	Body struct {
		Grant bool   `json:"grant"`
		Note  string `json:"note,omitempty" doc:"Needed to refuse"`
	}
},
) (*requestOutput, error) {
	seen, err := in.Seen()
	if err != nil {
		return nil, err
	}
	was, err := s.Request(ctx, RequestID(in.ID))
	if err != nil {
		return nil, err
	}
	if err := s.rights().MayRelieve(ctx, was.Compound, was.AskedBy); err != nil {
		return nil, err
	}
	return requestReply(s.Answer(ctx, by(ctx), seen, was.ID, in.Body.Grant, in.Body.Note))
}

func (s *Service) httpUnask(ctx context.Context, in *struct{ RequestInput }) (*requestOutput, error) {
	seen, err := in.Seen()
	if err != nil {
		return nil, err
	}
	was, err := s.Request(ctx, RequestID(in.ID))
	if err != nil {
		return nil, err
	}
	if err := s.rights().MayChange(ctx, MayWrite, was.Compound); err != nil {
		return nil, err
	}
	return requestReply(s.Unask(ctx, by(ctx), seen, was.ID))
}

func (s *Service) httpRequestChanges(ctx context.Context, in *struct {
	ID string `path:"id"`
},
) (*place.TracesOutput, error) {
	r, err := s.Request(ctx, RequestID(in.ID))
	if err != nil {
		return nil, err
	}
	today := s.o.Clock.Today()
	q := s.o.Clock.AtClose(today)
	err = s.rights().May(ctx, MayRead, q, r.Compound)
	if err != nil && r.Into != "" {
		err = s.rights().May(ctx, MayRead, q, r.Into)
	}
	if err != nil {
		return nil, err
	}
	return place.TracesReply(s.o.Places.Traces(ctx, s.o.Clock.Close(today), requestRecord+in.ID))
}
