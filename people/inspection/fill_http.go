package inspection

import (
	"context"
	"net/http"
	"strconv"

	"linli.dev/linli/api"
)

type sendOutput struct {
	Body struct {
		Kept       []Kept `json:"kept" doc:"What became of each answer, in the order sent"`
		Inspection View   `json:"inspection"`
	}
}

func (s *Service) httpSend(ctx context.Context, in *struct {
	IDInput
	Body struct {
		Answers []Answer `json:"answers" minItems:"1" maxItems:"500"`
	}
},
) (*sendOutput, error) {
	x, err := s.may(ctx, MayAct, in.ID)
	if err != nil {
		return nil, err
	}
	kept, err := s.Send(ctx, by(ctx), x.ID, in.Body.Answers)
	v, err := s.answer(ctx, x.ID, err)
	if err != nil {
		return nil, err
	}
	for i := range kept {
		if kept[i].Code != "" {
			kept[i].Says = say(ctx, kept[i].Code, kept[i].args)
		}
	}
	out := &sendOutput{}
	out.Body.Kept, out.Body.Inspection = kept, v.Body
	return out, nil
}

func (s *Service) httpAddPhoto(ctx context.Context, in *struct {
	IDInput
	Client  string `query:"client" required:"true" doc:"Made by the phone: 8 to 64 letters, digits, - and _"`
	RawBody []byte `contentType:"application/octet-stream"`
},
) (*struct{ Body PhotoInfo }, error) {
	x, err := s.may(ctx, MayAct, in.ID)
	if err != nil {
		return nil, err
	}
	p, err := s.AddPhoto(ctx, by(ctx), x.ID, in.Client, in.RawBody)
	if err != nil {
		return nil, err
	}
	return &struct{ Body PhotoInfo }{p}, nil
}

// rawPhoto sends a photo; what lies under an id never changes.
func (s *Service) rawPhoto(w http.ResponseWriter, r *http.Request) {
	x, err := s.one(r.Context(), ID(r.PathValue("id")))
	if err == nil {
		err = s.rights().May(r.Context(), MayRead, s.today(), x.Compound)
	}
	var bytes []byte
	if err == nil {
		bytes, err = s.Photo(r.Context(), x.ID, r.PathValue("photo"))
	}
	if err != nil {
		api.Fail(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "image/jpeg")
	w.Header().Set("Content-Length", strconv.Itoa(len(bytes)))
	w.Header().Set("Cache-Control", "private, max-age=31536000, immutable")
	_, _ = w.Write(bytes)
}

func (s *Service) httpSign(ctx context.Context, in *struct {
	IDInput
	Body struct {
		Digest string `json:"digest" doc:"Of the answers that were seen"`
	}
},
) (*viewOutput, error) {
	x, err := s.may(ctx, MayAct, in.ID)
	if err != nil {
		return nil, err
	}
	_, err = s.Sign(ctx, by(ctx), x.ID, in.Body.Digest)
	return s.answer(ctx, x.ID, err)
}
