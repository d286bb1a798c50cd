package camera

import (
	"context"
	"time"

	"linli.dev/linli/api"
)

func (s *Service) healthRoutes(r *api.Router) {
	api.Get(r, "/api/cameras/{id}/health", api.Op{ID: "getCameraHealth", Permission: MayRead, Summary: "State of a camera and its streams, with the reason and what to do"}, s.httpHealth)
	api.Post(r, "/api/cameras/{id}/retry", retryOp, s.httpRetry)
	api.Get(r, "/api/cameras/{id}/outages", api.Op{ID: "listCameraOutages", Permission: MayRead, Summary: "Spans in which a camera gave no usable picture"}, s.httpCameraOutages)
	api.Get(r, "/api/cameras/{id}/availability", api.Op{ID: "getCameraAvailability", Permission: MayRead, Summary: "Availability by day or month"}, s.httpAvailability)
	api.Get(r, "/api/outages", api.Op{ID: "listOutages", Permission: MayRead, Summary: "Outages of all cameras; a recorder's is one"}, s.httpOutages)
}

// words adds the sentences in the caller's language. The operator's detail is
// the text of an error; it stays with those who may edit.
func (h *Health) words(ctx context.Context) {
	h.Says, h.Do = reasonWords(ctx, h.State, h.Reason)
	if h.Part {
		h.Says = api.Say(ctx, "camera.health.part."+string(h.Which), "why", h.Says)
	}
	for i := range h.Streams {
		st := &h.Streams[i]
		st.Says, st.Do = reasonWords(ctx, st.State, st.Reason)
	}
	if !mayEdit(ctx) {
		h.Detail = ""
	}
}

// reasonWords: the sentence of the reason where there is one, else of the
// state.
func reasonWords(ctx context.Context, state State, reason string) (says, do string) {
	if reason != "" {
		if says = api.Say(ctx, reason); says != reason {
			if do = api.Say(ctx, reason+".do"); do == reason+".do" {
				do = ""
			}
			return says, do
		}
	}
	return api.Say(ctx, "camera.health."+string(state)), ""
}

type healthOutput struct{ Body Health }

func (s *Service) httpHealth(ctx context.Context, in *IDInput) (*healthOutput, error) {
	c, err := s.Camera(ctx, ID(in.ID))
	if err != nil {
		return nil, err
	}
	h := s.healthOf(c)
	h.words(ctx)
	return &healthOutput{h}, nil
}

type outagesOutput struct {
	Body struct {
		Outages []Outage `json:"outages"`
	}
}

func (s *Service) outages(ctx context.Context, id ID, in SpanInput) (*outagesOutput, error) {
	from, to, err := in.span(s.now())
	if err != nil {
		return nil, err
	}
	list, err := s.Outages(ctx, id, from, to)
	if err != nil {
		return nil, err
	}
	for i := range list {
		list[i].Says, _ = reasonWords(ctx, list[i].State, list[i].Reason)
		if !mayEdit(ctx) {
			list[i].Detail = ""
		}
	}
	out := &outagesOutput{}
	out.Body.Outages = list
	return out, nil
}

type cameraOutagesInput struct {
	IDInput
	SpanInput
}

func (s *Service) httpCameraOutages(ctx context.Context, in *cameraOutagesInput) (*outagesOutput, error) {
	if _, err := s.Camera(ctx, ID(in.ID)); err != nil {
		return nil, err
	}
	return s.outages(ctx, ID(in.ID), in.SpanInput)
}

func (s *Service) httpOutages(ctx context.Context, in *SpanInput) (*outagesOutput, error) {
	return s.outages(ctx, "", *in)
}

type availabilityInput struct {
	IDInput
	SpanInput
	By string `query:"by" enum:"day,month" default:"day"`
}

type availabilityOutput struct {
	Body struct {
		Zone         string         `json:"zone" doc:"Where days and months begin"`
		Since        time.Time      `json:"since" doc:"When the camera was registered: nothing is measured before"`
		Availability []Availability `json:"availability"`
	}
}

func (s *Service) httpAvailability(ctx context.Context, in *availabilityInput) (*availabilityOutput, error) {
	from, to, err := in.span(s.now())
	if err != nil {
		return nil, err
	}
	list, err := s.Availability(ctx, ID(in.ID), from, to, in.By)
	if err != nil {
		return nil, err
	}
	out := &availabilityOutput{}
	out.Body.Zone, out.Body.Availability = s.o.Zone.String(), list
	out.Body.Since, err = s.registered(ctx, ID(in.ID))
	return out, err
}
