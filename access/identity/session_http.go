package identity

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"time"

	"linli.dev/linli/api"
	"linli.dev/linli/fault"
)

// SessionBody is who is signed in.
type SessionBody struct {
	SignedIn    bool         `json:"signed_in"`
	Account     string       `json:"account,omitempty" doc:"Id of the account, or of the token."`
	Name        string       `json:"name,omitempty" doc:"As others see it."`
	Kind        string       `json:"kind,omitempty" enum:"account,token" doc:"A person, or a program."`
	Session     string       `json:"session,omitempty" doc:"Id of the session in lists."`
	Roles       []string     `json:"roles"`
	Permissions []string     `json:"permissions"`
	Offices     []api.Office `json:"offices" doc:"Roles held at places and for member units, now."`
	Zone        string       `json:"zone" doc:"The zone that the product keeps its days in, as Asia/Shanghai: pages write moments in it, wherever the browser stands."`
	MustChange  bool         `json:"must_change" doc:"The password must be changed before anything else."`
	Until       *time.Time   `json:"until,omitempty" doc:"The session ends then at the latest; only in answer to a sign-in."`
}

func (s *Service) sessionBody(c api.Caller) SessionBody {
	b := SessionBody{
		SignedIn: c.Kind != "", Account: c.Account, Name: c.Name, Kind: c.Kind, Session: c.Session, MustChange: c.MustChange, Zone: s.opt.Zone.String(),
		Roles: slices.Clone(c.Roles), Permissions: slices.Sorted(maps.Keys(c.Permissions)),
	}
	b.Offices = append([]api.Office{}, c.Offices...)
	if b.Roles == nil {
		b.Roles = []string{}
	}
	if b.Permissions == nil {
		b.Permissions = []string{}
	}
	return b
}

// SessionReply comes with the session cookie.
type SessionReply struct {
	SetCookie http.Cookie `header:"Set-Cookie"`
	Body      SessionBody
}

func (s *Service) sessionReply(in SignedIn, tls bool) *SessionReply {
	body := s.sessionBody(in.Caller)
	body.Until = &in.Until
	return &SessionReply{SetCookie: s.cookie(in.Cookie, in.Until, tls), Body: body}
}

func (s *Service) postSession(ctx context.Context, in *struct {
	Sender
	Body struct {
		Name     string `json:"name" maxLength:"64"`
		Password string `json:"password" maxLength:"800"`
	}
},
) (*SessionReply, error) {
	// Nobody is signed in yet, so Authenticate asked for no origin: another site must not sign our
	// visitors in as somebody else.
	if err := s.origins.refuse(in.request); err != nil {
		return nil, err
	}
	got, err := s.SignIn(ctx, in.Body.Name, in.Body.Password, in.address, in.agent, in.cookie)
	if err != nil {
		return nil, err
	}
	return s.sessionReply(got, in.tls), nil
}

func (s *Service) getSession(ctx context.Context, _ *none) (*struct{ Body SessionBody }, error) {
	return &struct{ Body SessionBody }{s.sessionBody(api.CallerFrom(ctx))}, nil
}

func (s *Service) deleteSession(ctx context.Context, in *Sender) (*struct {
	SetCookie http.Cookie `header:"Set-Cookie"`
}, error,
) {
	who := api.CallerFrom(ctx)
	if who.Kind != "account" {
		return nil, fault.New(fault.Denied, "identity.sign-out", "identity.people-only")
	}
	err := s.EndSession(ctx, SessionID(who.Session), AccountID(who.Account), false, EndSignOut)
	if err != nil && fault.KindOf(err) != fault.NotFound {
		return nil, err
	}
	return &struct {
		SetCookie http.Cookie `header:"Set-Cookie"`
	}{s.cookie("", time.Time{}, in.tls)}, nil
}

func (s *Service) postPassword(ctx context.Context, in *struct {
	Sender
	Body struct {
		Old string `json:"old" maxLength:"800"`
		New string `json:"new" maxLength:"800" doc:"At least 10 characters, not one of those that are guessed first."`
	}
},
) (*SessionReply, error) {
	got, err := s.ChangePassword(ctx, api.CallerFrom(ctx), in.Body.Old, in.Body.New, in.address, in.agent)
	if err != nil {
		return nil, err
	}
	return s.sessionReply(got, in.tls), nil
}

type sessionList struct {
	Body struct {
		Sessions []Session `json:"sessions"`
	}
}

func (s *Service) getSessions(ctx context.Context, in *struct {
	All bool `query:"all" doc:"Everybody's."`
},
) (*sessionList, error) {
	who := api.CallerFrom(ctx)
	account := AccountID(who.Account)
	if in.All {
		if !who.May("session.read-all") {
			return nil, api.NotAllowed("session.read-all")
		}
		account = ""
	} else if who.Kind != "account" {
		return nil, fault.New(fault.Denied, "identity.sessions", "identity.people-only")
	}
	list, err := s.ListSessions(ctx, account)
	if err != nil {
		return nil, err
	}
	out := &sessionList{}
	out.Body.Sessions = list
	return out, nil
}

func (s *Service) deleteSessions(ctx context.Context, in *struct {
	ID SessionID `path:"id"`
},
) (*none, error) {
	who := api.CallerFrom(ctx)
	why := EndForced
	if mine, err := s.readSession(ctx, "id = ?", in.ID); err == nil && string(mine.account.ID) == who.Account {
		why = EndByOwner
	}
	return nil, s.EndSession(ctx, in.ID, AccountID(who.Account), who.May("session.end-all"), why)
}
