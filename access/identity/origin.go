package identity

import (
	"net/http"
	"net/url"

	"linli.dev/linli/fault"
)

// crossOrigin refuses a change that another site's page had the browser send, by Sec-Fetch-Site or
// Origin. The cookie is SameSite=Strict too; a browser may know only one of them.
type crossOrigin struct {
	check  *http.CrossOriginProtection
	secure bool // we are reached over https
}

func newCrossOrigin(publicURL string) (crossOrigin, error) {
	c := crossOrigin{check: http.NewCrossOriginProtection()}
	if publicURL == "" {
		return c, nil
	}
	u, err := url.Parse(publicURL)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return c, fault.Wrap(err, fault.Invalid, "identity.new", "identity.public-url", "url", publicURL)
	}
	c.secure = u.Scheme == "https"
	if err := c.check.AddTrustedOrigin(u.Scheme + "://" + u.Host); err != nil {
		return c, fault.Wrap(err, fault.Invalid, "identity.new", "identity.public-url", "url", publicURL)
	}
	return c, nil
}

func (c crossOrigin) refuse(r *http.Request) error {
	if err := c.check.Check(r); err != nil {
		return fault.Wrap(err, fault.Denied, "identity.authenticate", "identity.cross-origin")
	}
	return nil
}
