package programme

import (
	"context"

	"linli.dev/linli/api"
	"linli.dev/linli/people/place"
)

func (s *Service) proposalRoutes(r *api.Router) {
	api.Get(r, "/api/rule-proposals", api.Op{
		ID: "listRuleProposals", Permission: MayRead, Summary: "Proposed changes of milestones, and of how long a connection counts, by which compounds would owe less", Description: "The newest first.",
	}, s.httpProposals)
	api.Post(r, "/api/rule-proposals/{id}/publication", api.Op{
		ID: "publishRuleProposal", Permission: MayPublish, Summary: "Publish a proposed rule, which counts from now on, or refuse it with a word",
		Description: "With If-Match. By another person of the city's office than who proposed it.",
	}, s.httpPublish)
	api.Post(r, "/api/rule-proposals/{id}/withdrawal", api.Op{
		ID: "withdrawRuleProposal", Permission: MayWrite, Summary: "Take a proposed rule back that nobody has decided on", Description: "With If-Match.",
	}, s.httpUnpropose)
}

type proposalsOutput struct {
	Body struct {
		Proposals []Proposal        `json:"proposals"`
		Names     map[string]string `json:"names" doc:"What people call the accounts that proposed and decided"`
	}
}

func (s *Service) httpProposals(ctx context.Context, in *struct {
	State     string `query:"state" enum:"asked,granted,refused,withdrawn"`
	Milestone string `query:"milestone" doc:"Those about one milestone"`
},
) (*proposalsOutput, error) {
	list, err := s.Proposals(ctx, RequestState(in.State))
	if err != nil {
		return nil, err
	}
	if in.Milestone != "" {
		list = proposalsOf(list, MilestoneID(in.Milestone))
	}
	out := &proposalsOutput{}
	out.Body.Proposals, out.Body.Names = append([]Proposal{}, list...), map[string]string{}
	for _, p := range list {
		for _, who := range []string{p.Proposer, p.DecidedBy} {
			if _, ok := out.Body.Names[who]; !ok && who != "" {
				out.Body.Names[who] = s.o.Places.Called(ctx, who)
			}
		}
	}
	return out, nil
}

type proposalOutput struct {
	ETag string `header:"ETag"`
	Body Proposal
}

func proposalReply(p Proposal, err error) (*proposalOutput, error) {
	if err != nil {
		return nil, err
	}
	return &proposalOutput{place.ETag(p.Version), p}, nil
}

func (s *Service) httpPublish(ctx context.Context, in *struct {
	ID string `path:"id"`
	place.Versioned
	Body struct {
		Grant bool   `json:"grant"`
		Note  string `json:"note,omitempty" doc:"Needed to refuse"`
	}
},
) (*proposalOutput, error) {
	was, err := s.Proposal(ctx, ProposalID(in.ID))
	if err != nil {
		return nil, err
	}
	if err := s.rights().MayPublish(ctx, MayPublish, []string{was.Proposer}); err != nil {
		return nil, err
	}
	seen, err := in.Seen()
	if err != nil {
		return nil, err
	}
	return proposalReply(s.Publish(ctx, by(ctx), seen, was.ID, in.Body.Grant, in.Body.Note))
}

func (s *Service) httpUnpropose(ctx context.Context, in *struct {
	ID string `path:"id"`
	place.Versioned
},
) (*proposalOutput, error) {
	if err := s.rights().MayCity(ctx, MayWrite); err != nil {
		return nil, err
	}
	seen, err := in.Seen()
	if err != nil {
		return nil, err
	}
	return proposalReply(s.Unpropose(ctx, by(ctx), seen, ProposalID(in.ID)))
}
