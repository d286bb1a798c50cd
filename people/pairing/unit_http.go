package pairing

import (
	"context"

	"linli.dev/linli/people/place"
)

type unitsOutput struct {
	Body struct {
		Units []Unit `json:"units"`
	}
}

func (s *Service) httpUnits(ctx context.Context, _ *struct{}) (*unitsOutput, error) {
	list, err := s.Units(ctx)
	if err != nil {
		return nil, err
	}
	out := &unitsOutput{}
	out.Body.Units = list
	return out, nil
}

type unitOutput struct {
	ETag string `header:"ETag"`
	Body Unit
}

func (s *Service) httpAddUnit(ctx context.Context, in *struct {
	Body struct {
		Name  string `json:"name"`
		Level string `json:"level" enum:"city,county"`
	}
},
) (*unitOutput, error) {
	if err := s.rights().MayCity(ctx, MayWrite); err != nil {
		return nil, err
	}
	list, err := s.AddUnits(ctx, by(ctx), []Unit{{Name: in.Body.Name, Level: in.Body.Level}})
	if err != nil {
		return nil, err
	}
	return &unitOutput{place.ETag(list[0].Version), list[0]}, nil
}

func (s *Service) httpChangeUnit(ctx context.Context, in *struct {
	ID string `path:"id"`
	place.Versioned
	Body struct {
		Name  string `json:"name"`
		Level string `json:"level" enum:"city,county"`
	}
},
) (*unitOutput, error) {
	if err := s.rights().MayCity(ctx, MayWrite); err != nil {
		return nil, err
	}
	seen, err := in.Seen()
	if err != nil {
		return nil, err
	}
	u, err := s.ChangeUnit(ctx, by(ctx), UnitID(in.ID), seen, in.Body.Name, in.Body.Level)
	if err != nil {
		return nil, err
	}
	return &unitOutput{place.ETag(u.Version), u}, nil
}

func (s *Service) httpUnitChanges(ctx context.Context, in *struct {
	ID string `path:"id"`
	place.AsOfInput
},
) (*place.TracesOutput, error) {
	q, err := in.AsOf(s.o.Clock)
	if err != nil {
		return nil, err
	}
	return place.TracesReply(s.o.Places.Traces(ctx, q.Known, unitRecord+in.ID))
}
