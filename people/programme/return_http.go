package programme

import (
	"context"
	"slices"

	"linli.dev/linli/api"
	"linli.dev/linli/fault"
	"linli.dev/linli/people/place"
)

func (s *Service) returnRoutes(r *api.Router) {
	api.Get(r, "/api/county-returns/table", api.Op{
		ID: "getReturnTable", Permission: MayRead, Summary: "Returns by county and month: whether they came, and in time",
	}, s.httpReturnTable)
	api.Get(r, "/api/county-returns/draft", api.Op{ID: "draftReturn", Permission: MayRead, Summary: "A county's month with what is known of it"}, s.httpDraft)
	api.Post(r, "/api/county-returns/check", api.Op{
		ID: "checkReturn", Permission: MayRead, Summary: "Check a return before it is handed in", MaxBody: 8 << 20,
		Description: "Hard findings are to be mended; soft ones are to be looked at and confirmed.",
	}, s.httpCheckReturn)
	api.Get(r, "/api/county-returns/{id}", api.Op{ID: "getReturn", Permission: MayRead, Summary: "A county return, and why it was unlocked"}, s.httpReturn)
	api.Post(r, "/api/county-returns/{id}/unlocking", api.Op{
		ID: "unlockReturn", Permission: MayApprove, Summary: "Unlock an approved return, so that a corrected one can be handed in",
		Description: "With a reason, which stays on record. Nobody unlocks a return of their own.",
	}, s.httpUnlock)
}

type returnTableOutput struct {
	Body struct {
		Date     place.Day    `json:"date"`
		Counties []ReturnLine `json:"counties"`
	}
}

func (s *Service) httpReturnTable(ctx context.Context, in *struct{ place.AsOfInput }) (*returnTableOutput, error) {
	q, err := in.AsOf(s.o.Clock)
	if err != nil {
		return nil, err
	}
	out := &returnTableOutput{}
	out.Body.Date = q.Day
	scope, err := s.rights().Scope(ctx, MayRead, q)
	if err != nil {
		return nil, err
	}
	out.Body.Counties, err = s.ReturnTable(ctx, q)
	if err != nil {
		return nil, err
	}
	out.Body.Counties = slices.DeleteFunc(out.Body.Counties, func(l ReturnLine) bool { return !scope.Has(l.County) })
	return out, nil
}

type draftOutput struct{ Body Draft }

func (s *Service) httpDraft(ctx context.Context, in *struct {
	County string `query:"county" required:"true"`
	Month  string `query:"month" required:"true" doc:"Any day of it"`
},
) (*draftOutput, error) {
	month, err := place.ParseDay(in.Month)
	if err != nil {
		return nil, err
	}
	if err := s.rights().May(ctx, MayRead, s.o.Clock.AtClose(s.o.Clock.Today()), place.ID(in.County)); err != nil {
		return nil, err
	}
	d, err := s.Draft(ctx, place.ID(in.County), month)
	if err != nil {
		return nil, err
	}
	for i := range d.Returns {
		sayFindings(ctx, d.Returns[i].Confirmed)
	}
	return &draftOutput{d}, nil
}

// ReturnWords are what a county says.
type ReturnWords struct {
	County place.ID  `json:"county"`
	Month  place.Day `json:"month" doc:"Any day of it"`
	Note   string    `json:"note,omitempty"`
	Claims []Claim   `json:"claims" maxItems:"20000"`
}

// ReturnSent is what a county hands in.
type ReturnSent struct {
	ReturnWords
	Confirmed []Confirmation `json:"confirmed,omitempty" maxItems:"40000" doc:"The soft findings of checkReturn that were looked at: each must be confirmed"`
}

type findingsOutput struct {
	Body struct {
		Findings []Finding `json:"findings"`
	}
}

func (s *Service) httpCheckReturn(ctx context.Context, in *struct{ Body ReturnWords }) (*findingsOutput, error) {
	b := in.Body
	if err := s.rights().May(ctx, MayRead, s.o.Clock.AtClose(s.o.Clock.Today()), b.County); err != nil {
		return nil, err
	}
	list, err := s.CheckReturn(ctx, Return{County: b.County, Month: b.Month, Note: b.Note, Claims: b.Claims})
	if err != nil {
		return nil, err
	}
	sayFindings(ctx, list)
	out := &findingsOutput{}
	out.Body.Findings = list
	return out, nil
}

type returnViewOutput struct {
	Body struct {
		Return
		Unlock *Unlock `json:"unlock,omitempty"`
	}
}

func (s *Service) httpReturn(ctx context.Context, in *struct {
	ID string `path:"id"`
},
) (*returnViewOutput, error) {
	const op = "programme.Return"
	list, err := s.returns(ctx, s.db.NewSelect().Model((*returnRow)(nil)).Where("id = ?", in.ID))
	if err != nil {
		return nil, dbError(op, err)
	}
	if len(list) == 0 {
		return nil, fault.New(fault.NotFound, op, "programme.return.none")
	}
	if err := s.rights().May(ctx, MayRead, s.o.Clock.AtClose(s.o.Clock.Today()), list[0].County); err != nil {
		return nil, err
	}
	unlocks, err := s.unlocks(ctx)
	if err != nil {
		return nil, err
	}
	out := &returnViewOutput{}
	sayFindings(ctx, list[0].Confirmed)
	out.Body.Return = list[0]
	if u, ok := unlocks[list[0].ID]; ok {
		out.Body.Unlock = &u
	}
	return out, nil
}

func (s *Service) httpUnlock(ctx context.Context, in *struct {
	ID   string `path:"id"`
	Body struct {
		Reason string `json:"reason"`
	}
},
) (*returnOutput, error) {
	was, err := s.Return(ctx, ReturnID(in.ID))
	if err != nil {
		return nil, err
	}
	if err := s.rights().MayApprove(ctx, MayApprove, was.County, was.SubmittedBy); err != nil {
		return nil, err
	}
	r, err := s.Unlock(ctx, by(ctx), ReturnID(in.ID), in.Body.Reason)
	return returnReply(ctx, r, err)
}
