package identity

import (
	"context"
	"encoding/json"
)

// PreferenceBody is what a page kept.
type PreferenceBody struct {
	Value any `json:"value" doc:"Any JSON; null for nothing."`
}

func (s *Service) getPreference(ctx context.Context, in *struct {
	Key string `path:"key"`
},
) (*struct{ Body PreferenceBody }, error) {
	who, err := person(ctx)
	if err != nil {
		return nil, err
	}
	raw, err := s.Preference(ctx, AccountID(who.Account), in.Key)
	if err != nil {
		return nil, err
	}
	return &struct{ Body PreferenceBody }{PreferenceBody{raw}}, nil
}

func (s *Service) putPreference(ctx context.Context, in *struct {
	Key  string `path:"key"`
	Body PreferenceBody
},
) (*none, error) {
	who, err := person(ctx)
	if err != nil {
		return nil, err
	}
	raw, err := json.Marshal(in.Body.Value)
	if err != nil {
		return nil, badField("value", "identity.preference-json")
	}
	return nil, s.SetPreference(ctx, AccountID(who.Account), in.Key, raw)
}
