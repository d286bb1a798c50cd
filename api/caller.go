package api

import (
	"context"
	"net/http"
)

// Caller is who asks. The zero Caller is nobody.
type Caller struct {
	Account     string
	Name        string
	Kind        string // "account", "token", or "" for nobody
	Roles       []string
	Permissions map[string]bool
	Offices     []Office // roles held at places now
	Session     string
	MustChange  bool // the password was given by somebody else: until it is changed, nothing but that
}

// Office is a role that somebody holds at a place, or for a member unit.
type Office struct {
	Role  string `json:"role"`
	Place string `json:"place,omitempty"`
	Unit  string `json:"unit,omitempty"`
}

// May says whether the caller holds a permission as routes name them.
func (c Caller) May(permission string) bool {
	switch permission {
	case Public:
		return true
	case SignedIn:
		return c.Kind != ""
	}
	return c.Kind != "" && c.Permissions[permission]
}

// Authenticator tells who sends a request. Nobody is the zero Caller without an error; credentials that hold no
// longer are fault.Unauthenticated, a change that another site had the browser send is fault.Denied.
type Authenticator interface {
	Authenticate(r *http.Request) (Caller, error)
}

// Explainer says in words what a permission is for. An Authenticator that is one is asked when it refuses a person, who knows
// nothing of permissions' names.
type Explainer interface {
	// Explain says in "zh" or "en" what a permission allows, and who holds it; known is false when there is none of this name.
	Explain(permission, language string) (does string, holders []string, known bool)
}

type callerKey struct{}

// WithCaller puts the caller into ctx.
func WithCaller(ctx context.Context, c Caller) context.Context {
	return context.WithValue(ctx, callerKey{}, c)
}

// CallerFrom finds the caller; nobody when there is none.
func CallerFrom(ctx context.Context) Caller {
	c, _ := ctx.Value(callerKey{}).(Caller)
	return c
}
