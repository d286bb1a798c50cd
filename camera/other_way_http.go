package camera

import (
	"context"

	"linli.dev/linli/api"
)

func (s *Service) otherWayRoutes(r *api.Router) {
	api.Get(r, "/api/other-ways", api.Op{
		ID: "listOtherWays", Permission: api.Public, Summary: "Ways to the cameras that do not pass through this program: for everybody",
		Description: "What is seen by them is not in the record of looks. Nothing that would open one is kept: no address, account or password.",
	}, s.httpOtherWays)
	api.Post(r, "/api/other-ways", api.Op{ID: "addOtherWay", Permission: MayWrite, Summary: "Say that there is another way to the cameras", Status: 201}, s.httpAddOtherWay)
	api.Patch(r, "/api/other-ways/{id}", api.Op{
		ID: "changeOtherWay", Permission: MayWrite, Summary: "Edit one",
		Description: "With If-Match, or version in the body.",
	}, s.httpChangeOtherWay)
	api.Delete(r, "/api/other-ways/{id}", api.Op{ID: "removeOtherWay", Permission: MayWrite, Summary: "Remove one that is no more"}, s.httpRemoveOtherWay)
}

type otherWaysOutput struct {
	Body struct {
		OtherWays []OtherWay `json:"other_ways"`
	}
}

func (s *Service) httpOtherWays(ctx context.Context, _ *struct{}) (*otherWaysOutput, error) {
	list, err := s.OtherWays(ctx)
	if err != nil {
		return nil, err
	}
	out := &otherWaysOutput{}
	out.Body.OtherWays = list
	return out, nil
}

type otherWayOutput struct {
	ETag string `header:"ETag"`
	Body OtherWay
}

type addOtherWayInput struct{ Body OtherWayEdit }

func (s *Service) httpAddOtherWay(ctx context.Context, in *addOtherWayInput) (*otherWayOutput, error) {
	w, err := s.AddOtherWay(ctx, by(ctx), in.Body)
	if err != nil {
		return nil, err
	}
	return &otherWayOutput{etag(w.Version), w}, nil
}

// OtherWayIDInput names one.
type OtherWayIDInput struct {
	ID string `path:"id"`
}

type changeOtherWayInput struct {
	OtherWayIDInput
	Versioned
	Body struct {
		OtherWayEdit
		Version int64 `json:"version,omitempty" doc:"The version that was seen, where If-Match is not sent"`
	}
}

func (s *Service) httpChangeOtherWay(ctx context.Context, in *changeOtherWayInput) (*otherWayOutput, error) {
	v, err := in.version(in.Body.Version)
	if err != nil {
		return nil, err
	}
	w, err := s.ChangeOtherWay(ctx, by(ctx), OtherWayID(in.ID), v, in.Body.OtherWayEdit)
	if err != nil {
		return nil, err
	}
	return &otherWayOutput{etag(w.Version), w}, nil
}

func (s *Service) httpRemoveOtherWay(ctx context.Context, in *OtherWayIDInput) (*struct{}, error) {
	return nil, s.RemoveOtherWay(ctx, by(ctx), OtherWayID(in.ID))
}
