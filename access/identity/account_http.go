package identity

import (
	"context"
)

type accountList struct {
	Body struct {
		Accounts []Account `json:"accounts"`
	}
}

func (s *Service) getAccounts(ctx context.Context, _ *none) (*accountList, error) {
	list, err := s.ListAccounts(ctx)
	if err != nil {
		return nil, err
	}
	out := &accountList{}
	out.Body.Accounts = list
	return out, nil
}

// AccountReply is an account, with the password that was made for it, this once.
type AccountReply struct {
	CacheControl string `header:"Cache-Control"`
	Body         struct {
		Account  Account `json:"account"`
		Password string  `json:"password,omitempty" doc:"Made just now; shown this once."`
	}
}

func accountReply(a Account, made string) *AccountReply {
	out := &AccountReply{CacheControl: "no-store"}
	out.Body.Account, out.Body.Password = a, made
	return out
}

func (s *Service) postAccount(ctx context.Context, in *struct {
	Body struct {
		Name     string `json:"name" doc:"What is typed at sign-in."`
		Display  string `json:"display,omitempty" doc:"What others see; the name when empty."`
		Role     Role   `json:"role" enum:"guard,operator,staff"`
		Password string `json:"password,omitempty" doc:"Empty: one is made."`
	}
},
) (*AccountReply, error) {
	a, made, err := s.CreateAccount(ctx, NewAccount{Name: in.Body.Name, Display: in.Body.Display, Role: in.Body.Role, Password: in.Body.Password})
	if err != nil {
		return nil, err
	}
	return accountReply(a, made), nil
}

func (s *Service) patchAccount(ctx context.Context, in *struct {
	ID   AccountID `path:"id"`
	Body struct {
		Display  *string `json:"display,omitempty"`
		Role     *Role   `json:"role,omitempty" enum:"guard,operator,staff"`
		Disabled *bool   `json:"disabled,omitempty"`
		Password *string `json:"password,omitempty" doc:"To be changed at the next sign-in; empty: one is made."`
	}
},
) (*AccountReply, error) {
	a, made, err := s.ChangeAccount(ctx, in.ID, AccountChange{Display: in.Body.Display, Role: in.Body.Role, Disabled: in.Body.Disabled, Password: in.Body.Password})
	if err != nil {
		return nil, err
	}
	return accountReply(a, made), nil
}

func (s *Service) deleteAccount(ctx context.Context, in *struct {
	ID AccountID `path:"id"`
},
) (*none, error) {
	return nil, s.DeleteAccount(ctx, in.ID)
}
