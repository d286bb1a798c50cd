package onvif

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const maxReply = 1 << 20

// Options of a Client.
type Options struct {
	// URL of the device service, such as http://192.168.1.64/onvif/device_service.
	URL            string
	User, Password string
	// HTTP makes the requests; nil: a plain client that follows no redirects.
	HTTP    *http.Client
	Timeout time.Duration    // of one request; 0: 5 s
	Now     func() time.Time // nil: time.Now
}

// Client talks to one device. It is not for use by several goroutines.
type Client struct {
	o      Options
	base   *url.URL
	offset time.Duration // device's clock minus ours
	media  *url.URL
	// services are the media services, once they were asked for; never empty then.
	services []mediaService
	// How the device wants the password proved is not known until it has refused a call without any proof: one that counts wrong passwords
	// must not see two where one would do.
	digest *challenge // by HTTP digest
	given  time.Time  // when it gave that nonce
	count  int        // of the nonce
	tokens bool       // by a token in the envelope
}

// nonceGood is how long a nonce is used. Many devices do not say that one is old: they refuse it as they refuse a wrong password.
const nonceGood = 30 * time.Second

// New makes a client; nothing is sent yet.
func New(o Options) (*Client, error) {
	u, err := url.Parse(o.URL)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, fmt.Errorf("%w: not an http address", ErrProtocol) // never with the text: it may hold a password
	}
	u.User = nil
	if o.Timeout == 0 {
		o.Timeout = 5 * time.Second
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.HTTP == nil {
		o.HTTP = &http.Client{Transport: &http.Transport{
			DialContext: (&net.Dialer{Timeout: o.Timeout}).DialContext, DisableKeepAlives: true, ResponseHeaderTimeout: o.Timeout,
		}}
	}
	h := *o.HTTP
	// A redirect would carry the token to whomever the device names.
	h.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	o.HTTP = &h
	return &Client{o: o, base: u}, nil
}

// call sends one request. auth: it may need the password, which is proved in the one way that the device wants, and once.
func (c *Client) call(ctx context.Context, to *url.URL, action, body string, auth bool, out any) error {
	ctx, cancel := context.WithTimeout(ctx, c.o.Timeout)
	defer cancel()
	if c.digest != nil && c.o.Now().Sub(c.given).Abs() > nonceGood {
		c.digest = nil
	}
	for try := 0; ; try++ {
		token := ""
		if auth && c.o.User != "" && c.tokens {
			token = usernameToken(c.o.User, c.o.Password, c.o.Now().Add(c.offset))
		}
		shown := token != "" || c.digest != nil
		status, header, b, err := c.post(ctx, to, action, envelope(token, body))
		if err != nil {
			return err
		}
		if status == http.StatusUnauthorized {
			ch, ok := parseChallenge(header.Values("Www-Authenticate"))
			switch {
			case c.o.User != "" && ok && (c.digest == nil || ch.stale || c.usedUp(ch)) && try < 3:
				c.digest, c.given, c.count = &ch, c.o.Now(), 0
				continue
			case c.o.User != "" && auth && !shown:
				c.tokens = true
				continue
			case shown:
				return ErrRefused
			}
			return ErrUnauthorized
		}
		if status >= 300 && status < 400 {
			return fmt.Errorf("%w: redirected elsewhere", ErrProtocol)
		}
		err = parseReply(b, out)
		var f *Fault
		switch {
		case c.digest != nil && token == "" && auth && errors.Is(err, ErrUnauthorized): // some want it in the envelope beside the digest
			c.tokens = true
			continue
		case shown && errors.Is(err, ErrUnauthorized):
			return fmt.Errorf("%w: %w", ErrRefused, err)
		case !shown && auth && c.o.User != "" && errors.As(err, &f) && f.Code != "ActionNotSupported": // some have no word for it
			c.tokens = true
			continue
		}
		if status == http.StatusNotFound && errors.Is(err, ErrProtocol) {
			return fmt.Errorf("%w: no ONVIF here", ErrProtocol)
		}
		return err
	}
}

// usedUp: the device has taken the nonce at hand before, and gives another one now. Some use each once, and do not say that it is stale.
func (c *Client) usedUp(ch challenge) bool { return c.count > 1 && ch.nonce != c.digest.nonce }

func (c *Client) post(ctx context.Context, to *url.URL, action string, body []byte) (int, http.Header, []byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, to.String(), bytes.NewReader(body))
	if err != nil {
		return 0, nil, nil, fmt.Errorf("%w: bad address", ErrProtocol)
	}
	req.Header.Set("Content-Type", `application/soap+xml; charset=utf-8; action="`+action+`"`)
	if c.digest != nil {
		c.count++
		req.Header.Set("Authorization", c.digest.answer(c.o.User, c.o.Password, http.MethodPost, to.RequestURI(), c.count))
	}
	resp, err := c.o.HTTP.Do(req)
	if err != nil {
		// url.Error repeats the address; what went wrong is inside.
		var u *url.Error
		if errors.As(err, &u) {
			err = u.Err
		}
		return 0, nil, nil, fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(io.LimitReader(resp.Body, maxReply+1))
	if err != nil {
		return 0, nil, nil, fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
	if len(b) > maxReply {
		return 0, nil, nil, fmt.Errorf("%w: the answer is too long", ErrProtocol)
	}
	return resp.StatusCode, resp.Header, b, nil
}

// service is the address of a service of this very device: the path it names,
// on the host that was asked. Devices behind address translation name hosts
// that nobody can reach, and a hostile one could name somebody else's.
func (c *Client) service(named string) *url.URL {
	u, err := url.Parse(strings.TrimSpace(named))
	if err != nil || u.Path == "" {
		return c.base
	}
	to := *c.base
	to.Path, to.RawPath, to.RawQuery = u.Path, u.RawPath, u.RawQuery
	return &to
}
