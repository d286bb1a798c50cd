package grant

import (
	"context"
	"net/http"

	"linli.dev/linli/api"
	"linli.dev/linli/fault"
)

type leaseKey struct{}

// WithLease puts a lease into ctx; for tests of rooms that send pictures.
func WithLease(ctx context.Context, l *Lease) context.Context {
	return context.WithValue(ctx, leaseKey{}, l)
}

// LeaseFrom finds the lease that Guard let in; nil outside of it.
func LeaseFrom(ctx context.Context) *Lease {
	l, _ := ctx.Value(leaseKey{}).(*Lease)
	return l
}

// Admit finds the lease of a media request, {lease} in its path, and asks that the request comes from
// the browser that got it: a lease that was given to a session opens nothing without its cookie. Only
// a desktop player has no cookie.
func (d *Door) Admit(r *http.Request, kinds ...Kind) (*Lease, error) {
	l, err := d.Find(r.PathValue("lease"), kinds...)
	if err != nil {
		return nil, err
	}
	if l.Kind != RTSP && l.Session != "" && d.opt.Sessions != nil && d.opt.Sessions.SessionOf(r) != l.Session {
		return nil, fault.New(fault.Denied, "door.admit", "door.lease-required")
	}
	l.Beat()
	return l, nil
}

// Guard stands before handlers that send pictures. It lets in who has a good lease of one of these
// kinds, and takes care that nothing is sent after its end: the context of the request is cancelled,
// a write that hangs is broken off, and no further byte is taken. LeaseFrom gives the lease.
func (d *Door) Guard(kinds ...Kind) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			h := w.Header()
			// The URL is the key: it must not travel in a Referer, nor the picture stay in a cache.
			h.Set("Referrer-Policy", "no-referrer")
			h.Set("Cache-Control", "no-store")
			h.Set("X-Content-Type-Options", "nosniff")
			h.Set("Cross-Origin-Resource-Policy", "same-origin")
			l, err := d.Admit(r, kinds...)
			if err != nil {
				api.Fail(w, r, err)
				return
			}
			ctx, cancel := context.WithCancelCause(WithLease(r.Context(), l))
			defer cancel(nil)
			stop := l.OnEnd(func() { cancel(l.Err()) })
			defer stop()
			next.ServeHTTP(Writer(l, w), r.WithContext(ctx))
		})
	}
}
