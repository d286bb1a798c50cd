package camera

import (
	"context"

	"linli.dev/linli/api"
)

func (s *Service) findRoutes(r *api.Router) {
	api.Post(r, "/api/onvif-scans", api.Op{ID: "findDevices", Permission: MayTest, Summary: "Find cameras and recorders on this network (ONVIF)"}, s.httpFind)
	api.Post(r, "/api/onvif-sources", api.Op{
		ID: "askDevice", Permission: MayTest, Summary: "Ask a device for its channels and streams (ONVIF)",
		Description: "To fill in the form of a camera. A device that does not answer is an answer (200) with the reason; 429: not to be tried now.",
	}, s.httpAsk)
}

type findOutput struct {
	Body struct {
		Devices []FoundDevice `json:"devices"`
	}
}

func (s *Service) httpFind(ctx context.Context, _ *struct{}) (*findOutput, error) {
	list, err := s.FindDevices(ctx)
	if err != nil {
		return nil, err
	}
	out := &findOutput{}
	out.Body.Devices = list
	return out, nil
}

type askInput struct{ Body AskRequest }

type askOutput struct{ Body *AskAnswer }

func (s *Service) httpAsk(ctx context.Context, in *askInput) (*askOutput, error) {
	a, err := s.AskDevice(ctx, in.Body)
	if err != nil {
		return nil, err
	}
	a.Failure.speak(ctx)
	a.Do.speak(ctx)
	return &askOutput{a}, nil
}
