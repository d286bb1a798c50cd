package programme

import (
	"context"

	"linli.dev/linli/api"
	"linli.dev/linli/fault"
	"linli.dev/linli/people/place"
)

// Setting the programme up, and who takes part in it.
func (s *Service) setupRoutes(r *api.Router) {
	api.Get(r, "/api/programme", api.Op{
		ID: "getProgramme", Permission: MayRead, Summary: "The programme, its milestones and its clock",
		Description: "set_up is false where there is no programme yet: it has neither a name nor an ETag then, but a day.",
	}, s.httpProgramme)
	api.Put(r, "/api/programme", api.Op{ID: "setProgramme", Permission: MayWrite, Summary: "Set up the programme, or change it", Description: "With If-Match, but the first time. That a connection counts longer than until now needs a reason and is proposed only (proposal), until another person publishes it (publishRuleProposal); all else counts at once."}, s.httpSet)
	api.Get(r, "/api/milestones", api.Op{ID: "listMilestones", Permission: MayRead, Summary: "Every milestone as it was last set, ended ones too"}, s.httpMilestones)
	api.Put(r, "/api/milestones/{id}", api.Op{
		ID: "setMilestone", Permission: MayWrite, Summary: "Add a milestone, or change it from now on",
		Description: "With If-Match, but the first time. Reports of before keep the rule of then. What asks less than the version before (due later, fewer classes, another thing, shorter warning, ended) needs a reason and is proposed only (proposal), until another person publishes it (publishRuleProposal).",
	}, s.httpMilestone)
	api.Get(r, "/api/milestones/{id}/versions", api.Op{ID: "listMilestoneVersions", Permission: MayRead, Summary: "Every version of a milestone, the newest first"}, s.httpVersions)
	api.Post(r, "/api/programme/enrolments", api.Op{
		ID: "enrol", Permission: MayWrite, Summary: "Compounds take part from a day on, or no longer", Status: 204,
		Description: "Each compound with seen_version, what the caller saw of it; 412 names the rows of which more was said since. To leave, and to lower a plan, needs a reason and a person of the level above; an office asks for it with askForRelief.",
	}, s.httpEnrol)
	api.Post(r, "/api/programme/compounds/{id}/extensions", api.Op{
		ID: "extendDeadline", Permission: MayApprove, Summary: "Give a compound another last day for a milestone, with a reason", Status: 201,
		Description: "With If-Match, the ETag that getStanding gave, if it gave one. Only for what the compound owes and has not reached, and at most 366 days after the milestone's own last day.",
	}, s.httpExtend)
	api.Post(r, "/api/programme/compounds/{id}/extensions/withdrawal", api.Op{
		ID: "withdrawExtension", Permission: MayApprove, Summary: "Take another last day back, with a reason: the milestone's own counts again", Status: 201,
		Description: "With If-Match, the ETag that getStanding gave.",
	}, s.httpWithdraw)
}

type programmeOutput struct {
	ETag string `header:"ETag"`
	Body struct {
		Programme
		SetUp      bool        `json:"set_up" doc:"false: there is no programme yet"`
		Today      place.Day   `json:"today" doc:"By the programme's clock"`
		Story      place.Day   `json:"story_until,omitempty" doc:"Of a demo: the last day that the clock can be moved on to (moveStory)"`
		Milestones []Milestone `json:"milestones"`
		Proposal   *Proposal   `json:"proposal,omitempty" doc:"Of setProgramme: what was proposed only"`
	}
}

func (s *Service) httpProgramme(ctx context.Context, _ *struct{}) (*programmeOutput, error) {
	out := &programmeOutput{}
	out.Body.Today, out.Body.Milestones = s.o.Clock.Today(), []Milestone{}
	if s.story != nil {
		out.Body.Story = s.story.Last()
	}
	p, err := s.Programme(ctx)
	if fault.KindOf(err) == fault.NotFound {
		return out, nil
	}
	if err != nil {
		return nil, err
	}
	b, err := s.Book(ctx)
	if err != nil {
		return nil, err
	}
	out.ETag, out.Body.Programme, out.Body.SetUp = place.ETag(p.Version), p, true
	out.Body.Milestones = append(out.Body.Milestones, b.Rules(s.o.Clock.AtClose(s.o.Clock.Today()))...)
	return out, nil
}

func (s *Service) httpSet(ctx context.Context, in *struct {
	place.Versioned
	Body struct {
		Name   string    `json:"name"`
		NameEN string    `json:"name_en,omitempty"`
		City   place.ID  `json:"city"`
		Start  place.Day `json:"start"`
		Span   int       `json:"span_days,omitempty" minimum:"0" maximum:"365"`
		Reason string    `json:"reason,omitempty" doc:"Why a connection is to count longer; needed for that"`
	}
},
) (*programmeOutput, error) {
	seen, err := in.Seen()
	if err != nil {
		return nil, err
	}
	if err := s.rights().MayChange(ctx, MayWrite, in.Body.City, in.Body.Start); err != nil {
		return nil, err
	}
	if err := s.rights().MayCity(ctx, MayWrite); err != nil {
		return nil, err
	}
	p := Programme{Name: in.Body.Name, NameEN: in.Body.NameEN, City: in.Body.City, Start: in.Body.Start, Span: in.Body.Span}
	proposed, err := s.Put(ctx, by(ctx), seen, p, in.Body.Reason)
	if err != nil {
		return nil, err
	}
	out, err := s.httpProgramme(ctx, nil)
	if err == nil {
		out.Body.Proposal = proposed
	}
	return out, err
}

type milestonesOutput struct {
	Body struct {
		Milestones []Milestone       `json:"milestones"`
		Names      map[string]string `json:"names" doc:"What people call the accounts that set them"`
	}
}

func (s *Service) milestones(ctx context.Context, list []Milestone) *milestonesOutput {
	out := &milestonesOutput{}
	out.Body.Milestones, out.Body.Names = list, map[string]string{}
	for _, m := range list {
		for _, who := range []string{m.By, m.Proposer} {
			if _, ok := out.Body.Names[who]; !ok && who != "" {
				out.Body.Names[who] = s.o.Places.Called(ctx, who)
			}
		}
	}
	return out
}

func (s *Service) httpMilestones(ctx context.Context, _ *struct{}) (*milestonesOutput, error) {
	all, err := s.Milestones(ctx)
	if err != nil {
		return nil, err
	}
	return s.milestones(ctx, newest(all)), nil
}

func (s *Service) httpVersions(ctx context.Context, in *struct {
	ID string `path:"id"`
},
) (*milestonesOutput, error) {
	all, err := s.Milestones(ctx)
	if err != nil {
		return nil, err
	}
	var list []Milestone
	for _, m := range all {
		if string(m.ID) == in.ID {
			list = append([]Milestone{m}, list...)
		}
	}
	if len(list) == 0 {
		return nil, fault.New(fault.NotFound, "programme.Versions", "programme.milestone.none")
	}
	return s.milestones(ctx, list), nil
}

type milestoneOutput struct {
	ETag string `header:"ETag"`
	Body struct {
		Milestone
		Proposal *Proposal `json:"proposal,omitempty" doc:"What was proposed only: the milestone counts as it did"`
	}
}

func (s *Service) httpMilestone(ctx context.Context, in *struct {
	ID string `path:"id"`
	place.Versioned
	Body struct {
		What     What          `json:"what" enum:"built,networked,funds,tasks,accepted"`
		Classes  []place.Class `json:"classes" minItems:"1"`
		Due      place.Day     `json:"due"`
		Near     int           `json:"near_days" minimum:"0" maximum:"365"`
		Lead     int           `json:"lead_days" minimum:"0" maximum:"365"`
		Evidence string        `json:"evidence,omitempty"`
		Ended    bool          `json:"ended,omitempty"`
		Reason   string        `json:"reason,omitempty" doc:"Why it asks less than the version before; needed for that"`
	}
},
) (*milestoneOutput, error) {
	seen, err := in.Seen()
	if err != nil {
		return nil, err
	}
	if err := s.rights().MayCity(ctx, MayWrite); err != nil {
		return nil, err
	}
	b := in.Body
	out := &milestoneOutput{}
	out.Body.Milestone, out.Body.Proposal, err = s.PutMilestone(ctx, by(ctx), seen, Milestone{
		ID: MilestoneID(in.ID), What: b.What, Classes: b.Classes, Due: b.Due, Near: b.Near, Lead: b.Lead, Evidence: b.Evidence, Ended: b.Ended,
	}, b.Reason)
	out.ETag = place.ETag(out.Body.Version)
	return out, err
}

func (s *Service) httpEnrol(ctx context.Context, in *struct {
	Body struct {
		Compounds []Enrolment `json:"compounds" minItems:"1" maxItems:"10000"`
	}
},
) (*struct{}, error) {
	list := in.Body.Compounds
	for _, e := range list {
		if err := s.rights().MayChange(ctx, MayWrite, e.Compound, e.From); err != nil {
			return nil, err
		}
	}
	relieved, err := s.Relieves(ctx, list)
	if err != nil {
		return nil, err
	}
	for i, is := range relieved {
		if !is {
			list[i].Reason = "" // should it have become one meanwhile, it is refused for want of a reason
			continue
		}
		if err := s.rights().MayRelieve(ctx, list[i].Compound, ""); err != nil {
			return nil, err
		}
	}
	return nil, s.EnrolSeen(ctx, by(ctx), list)
}

// ExtensionInput names a compound, with the version of what was said of it.
type ExtensionInput struct {
	place.PlaceInput
	place.Versioned
}

func (s *Service) httpExtend(ctx context.Context, in *struct {
	ExtensionInput
	Body struct {
		Milestone MilestoneID `json:"milestone"`
		Due       place.Day   `json:"due"`
		Reason    string      `json:"reason"`
	}
},
) (*compoundOutput, error) {
	seen, err := in.Seen()
	if err != nil {
		return nil, err
	}
	if err := s.rights().MayRelieve(ctx, place.ID(in.ID), ""); err != nil {
		return nil, err
	}
	if err := s.Extend(ctx, by(ctx), seen, place.ID(in.ID), in.Body.Milestone, in.Body.Due, in.Body.Reason); err != nil {
		return nil, err
	}
	return s.standing(ctx, s.o.Clock.AtClose(s.o.Clock.Today()), place.ID(in.ID))
}

func (s *Service) httpWithdraw(ctx context.Context, in *struct {
	ExtensionInput
	Body struct {
		Milestone MilestoneID `json:"milestone"`
		Reason    string      `json:"reason"`
	}
},
) (*compoundOutput, error) {
	seen, err := in.Seen()
	if err != nil {
		return nil, err
	}
	if err := s.rights().MayRelieve(ctx, place.ID(in.ID), ""); err != nil {
		return nil, err
	}
	if err := s.WithdrawExtension(ctx, by(ctx), seen, place.ID(in.ID), in.Body.Milestone, in.Body.Reason); err != nil {
		return nil, err
	}
	return s.standing(ctx, s.o.Clock.AtClose(s.o.Clock.Today()), place.ID(in.ID))
}
