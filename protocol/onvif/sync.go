package onvif

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
)

const nsMedia2 = "http://www.onvif.org/ver20/media/wsdl"

// mediaService is one of the two media services, and its namespace.
type mediaService struct {
	ns string
	at *url.URL
}

// findServices learns which media services a device offers. GetServices names
// both; a device from before it (ONVIF 2.0) has the first one only.
func (c *Client) findServices(ctx context.Context) error {
	if c.services != nil {
		return nil
	}
	var out struct {
		Service []struct{ Namespace, XAddr string }
	}
	err := c.call(ctx, c.base, nsDevice+"/GetServices", `<GetServices xmlns="`+nsDevice+`"><IncludeCapability>false</IncludeCapability></GetServices>`, true, &out)
	if errors.Is(err, ErrUnauthorized) || errors.Is(err, ErrUnreachable) {
		return err
	}
	for _, ns := range []string{nsMedia, nsMedia2} {
		for _, s := range out.Service {
			if strings.TrimSpace(s.Namespace) == ns {
				c.services = append(c.services, mediaService{ns, c.service(s.XAddr)})
				break
			}
		}
	}
	if c.services != nil {
		return nil
	}
	if err := c.findMedia(ctx); err != nil {
		return err
	}
	c.services = []mediaService{{nsMedia, c.media}}
	return nil
}

// Synchronize asks a profile's encoder for a key frame at once, by
// SetSynchronizationPoint of the media services that the device offers: of the
// second one, where the first does not know the profile or cannot do it (H.265
// profiles are often there only).
func (c *Client) Synchronize(ctx context.Context, profile string) error {
	if err := c.findServices(ctx); err != nil {
		return err
	}
	var first error
	for _, s := range c.services {
		body := `<SetSynchronizationPoint xmlns="` + s.ns + `"><ProfileToken>` + escape(profile) + `</ProfileToken></SetSynchronizationPoint>`
		err := c.call(ctx, s.at, s.ns+"/SetSynchronizationPoint", body, true, nil)
		if err == nil || errors.Is(err, ErrUnauthorized) || errors.Is(err, ErrUnreachable) {
			return err
		}
		if first == nil {
			first = err
		}
	}
	return first
}

// ProfileAt finds the profile whose stream is at a path, with its query. "" is
// a device's word that none is.
func (c *Client) ProfileAt(ctx context.Context, path string) (string, error) {
	list, err := c.Profiles(ctx)
	if err != nil {
		return "", err
	}
	bare, near := strings.SplitN(path, "?", 2)[0], []string{}
	for _, p := range list {
		uri, err := c.StreamURI(ctx, p.Token)
		if errors.Is(err, ErrUnauthorized) || errors.Is(err, ErrUnreachable) {
			return "", err
		}
		u, bad := url.Parse(uri)
		if err != nil || bad != nil {
			continue
		}
		if u.RequestURI() == path {
			return p.Token, nil
		}
		if u.EscapedPath() == bare {
			near = append(near, p.Token)
		}
	}
	if len(near) == 1 { // a query that differs is mostly a way to ask for the same
		return near[0], nil
	}
	return "", fmt.Errorf("%w: no profile has this stream", ErrProtocol)
}
