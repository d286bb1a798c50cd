package api

import (
	"context"
	"net/http"

	"linli.dev/linli/fault"
)

// guard asks who calls and lets only those pass who hold the operation's permission.
func (s *Server) guard(op *Op, next http.Handler) http.Handler {
	if op == nil {
		panic("a route outside of Router") // huma's own routes are all switched off
	}
	o := *op
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		x := exchangeFrom(r.Context())
		var who Caller
		if s.auth != nil && !o.Unasked {
			ctx, stop := context.WithTimeout(r.Context(), s.opt.Patience)
			var err error
			who, err = s.auth.Authenticate(r.WithContext(ctx))
			stop()
			if err != nil {
				if o.Permission != Public {
					Fail(w, r, err)
					return
				}
				who = Caller{} // an old cookie must not stand in the way of signing in
			}
		}
		if x != nil {
			x.account, x.kind = who.Account, who.Kind
		}
		if err := permit(who, o.Permission); err != nil {
			Fail(w, r, err)
			return
		}
		if r.Body != nil && r.Body != http.NoBody {
			// One more than huma's own limit, so that its answer comes first.
			r.Body = http.MaxBytesReader(w, r.Body, o.MaxBody+1)
		}
		if who.Kind != "" {
			r2 := r.WithContext(WithCaller(r.Context(), who))
			next.ServeHTTP(w, r2)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func permit(who Caller, permission string) error {
	switch {
	case permission == Public:
		return nil
	case who.Kind == "":
		return fault.New(fault.Unauthenticated, "api.guard", "api.sign-in")
	case who.MustChange && permission != SignedIn:
		return fault.New(fault.Denied, "api.guard", "api.change-password")
	case !who.May(permission):
		return NotAllowed(permission)
	}
	return nil
}

const notAllowed = "api.not-allowed"

// NotAllowed is the refusal of a caller who does not hold a permission.
func NotAllowed(permission string) error {
	return fault.New(fault.Denied, "api.guard", notAllowed, "permission", permission, "what", permission)
}

// explained tells a person in words what they may not do, and who may. A program is told the permission's name.
func (x *exchange) explained(f *fault.Error) *fault.Error {
	words, ok := x.s.auth.(Explainer)
	if !ok || x.kind != "account" {
		return f
	}
	permission, _ := f.Args["permission"].(string)
	does, holders, known := words.Explain(permission, x.lang)
	if !known {
		return f
	}
	what, _ := x.s.words.say(x.lang, "api.may", map[string]any{"does": does})
	if len(holders) > 0 {
		what, _ = x.s.words.say(x.lang, "api.may-of", map[string]any{"does": does, "who": holders})
	}
	said := *f
	said.Args = map[string]any{"permission": permission, "what": what}
	return &said
}
