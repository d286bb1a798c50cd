package rtsp

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"
)

// Dial connects, asks what the server can do and describes its streams. Errors: ErrUnauthorized, ErrUnreachable, ErrTimeout, *StatusError, ErrProtocol.
func Dial(ctx context.Context, o Options) (*Session, error) {
	a, err := parseAddress(o.URL)
	if err != nil {
		return nil, err
	}
	o.defaults(a)
	for hop := 0; ; hop++ {
		s, moved, err := describe(ctx, o, a)
		if errors.Is(err, ErrProtocol) || err == nil && moved == "" && o.viaRelay {
			other, err2 := dialRelay(ctx, o, a)
			if err2 == nil || errors.Is(err2, ErrUnauthorized) { // a refused password is not to be shown again, whoever has understood that it was
				if s != nil {
					s.Close()
				}
				return other, err2
			}
		}
		if err != nil || moved == "" {
			return s, err
		}
		to, err := parseAddress(moved)
		if err != nil || hop == 3 || to.hostname() != a.hostname() || a.TLS && !to.TLS {
			return nil, fmt.Errorf("%w: redirected elsewhere", ErrProtocol) // the password is for this host
		}
		a = to
	}
}

func (o *Options) defaults(a address) {
	if o.User == "" && o.Password == "" {
		o.User, o.Password = a.User, a.Password
	}
	if o.UserAgent == "" {
		o.UserAgent = "linli"
	}
	if o.Timeout <= 0 {
		o.Timeout = 10 * time.Second
	}
	if o.ReceiveBuffer <= 0 {
		o.ReceiveBuffer = 1 << 20
	}
	if o.Transport == "" {
		o.Transport = "auto"
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
}

func describe(ctx context.Context, o Options, a address) (s *Session, moved string, err error) {
	c, err := dial(ctx, &o, a)
	if err != nil {
		return nil, "", err
	}
	defer func() {
		if s == nil {
			c.nc.Close()
		}
	}()
	url := a.String()
	offers := offer{}
	options, err := c.request(ctx, "OPTIONS", url, nil)
	if err != nil {
		return nil, "", err
	}
	if options.Code == 200 { // some cameras know no OPTIONS; that is no reason to leave
		offers = parseOffer(options.Header.Get("Public"))
	}
	m, err := c.request(ctx, "DESCRIBE", url, Header{{"Accept", "application/sdp"}})
	if err != nil {
		return nil, "", err
	}
	switch {
	case m.Code == 301 || m.Code == 302:
		return nil, m.Header.Get("Location"), nil
	case m.Code != 200:
		return nil, "", &StatusError{Method: "DESCRIBE", Code: m.Code, Reason: m.Reason}
	}
	s = &Session{c: c, o: o, addr: a, offers: offers, Server: m.Header.Get("Server")}
	if s.Server == "" {
		s.Server = options.Header.Get("Server")
	}
	var control string
	s.Medias, s.Title, control = parseSDP(m.Body)
	if len(s.Medias) == 0 {
		s = nil
		return nil, "", fmt.Errorf("%w: the description names no media", ErrProtocol)
	}
	s.base = baseURL(m.Header, url)
	s.url = resolve(s.base, control)
	return s, "", nil
}

// offer is what of the methods in Public matters to us.
type offer struct{ known, getParameter bool }

func parseOffer(public string) offer {
	o := offer{known: public != ""}
	for m := range strings.SplitSeq(public, ",") {
		o.getParameter = o.getParameter || strings.EqualFold(strings.TrimSpace(m), "GET_PARAMETER")
	}
	return o
}

// TearDown ends a session that an earlier process left behind, by its id. Cameras have few, and free them late.
func TearDown(ctx context.Context, o Options, id string) error {
	a, err := parseAddress(o.URL)
	if err != nil {
		return err
	}
	o.defaults(a)
	c, err := dial(ctx, &o, a)
	if err != nil {
		return err
	}
	defer c.nc.Close()
	c.session = id
	m, err := c.request(ctx, "TEARDOWN", a.String(), nil)
	if err == nil && m.Code != 200 {
		err = &StatusError{Method: "TEARDOWN", Code: m.Code, Reason: m.Reason}
	}
	return err
}
