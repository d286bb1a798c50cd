package identity

import (
	"context"
	"time"
)

type tokenList struct {
	Body struct {
		Tokens []Token `json:"tokens"`
	}
}

func (s *Service) getTokens(ctx context.Context, _ *none) (*tokenList, error) {
	list, err := s.ListTokens(ctx)
	if err != nil {
		return nil, err
	}
	out := &tokenList{}
	out.Body.Tokens = list
	return out, nil
}

// TokenReply is a new token with its secret, this once.
type TokenReply struct {
	CacheControl string `header:"Cache-Control"`
	Body         struct {
		Token  Token  `json:"token"`
		Secret string `json:"secret" doc:"For Authorization: Bearer; shown this once."`
	}
}

func (s *Service) postToken(ctx context.Context, in *struct {
	Body struct {
		Name        string   `json:"name"`
		Permissions []string `json:"permissions" maxItems:"64"`
		Place       string   `json:"place,omitempty" doc:"Limits it to this place: needed for node.report, which is for one compound, and only for permissions of the programme."`
		Days        int      `json:"days,omitempty" minimum:"0" maximum:"3660" doc:"How long it lasts; 0: until revoked."`
	}
},
) (*TokenReply, error) {
	t, secret, err := s.CreateToken(ctx, NewToken{Name: in.Body.Name, Permissions: in.Body.Permissions, Place: in.Body.Place, Lasts: time.Duration(in.Body.Days) * 24 * time.Hour})
	if err != nil {
		return nil, err
	}
	out := &TokenReply{CacheControl: "no-store"}
	out.Body.Token, out.Body.Secret = t, secret
	return out, nil
}

func (s *Service) deleteToken(ctx context.Context, in *struct {
	ID string `path:"id" doc:"Id or name."`
},
) (*none, error) {
	return nil, s.RevokeToken(ctx, in.ID)
}
