package stream

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/url"
	"strings"
	"syscall"
	"time"

	"linli.dev/linli/protocol/cmaf"
	"linli.dev/linli/protocol/rtsp"
)

// Session is a described connection to a camera, as protocol/rtsp makes them.
type Session interface {
	Play(ctx context.Context, medias []int, h rtsp.Handler) error
	SetLazy(interval time.Duration) // 0 = read at once
	ID() string                     // the camera's word for the session, once it plays; "" = not known
	RequestKey()                    // asks for a key frame; neither waits nor tells whether one comes
	Close() error                   // h.Closed follows when Play succeeded
}

// Dial connects to a camera and describes it.
type Dial func(ctx context.Context, o rtsp.Options) (Session, []rtsp.Media, error)

// DialRTSP is the real one.
func DialRTSP(loop *rtsp.Loop) Dial {
	return func(ctx context.Context, o rtsp.Options) (Session, []rtsp.Media, error) {
		s, err := rtsp.Dial(ctx, o)
		if err != nil {
			return nil, nil, err
		}
		return looped{s, loop}, s.Medias, nil
	}
}

type looped struct {
	*rtsp.Session
	loop *rtsp.Loop
}

func (l looped) Play(ctx context.Context, medias []int, h rtsp.Handler) error {
	return l.Session.Play(ctx, medias, l.loop, h)
}

// choose picks the picture, and the sound where it is wanted and can be kept. -1 = none.
func choose(medias []rtsp.Media, want bool) (picture, sound int, c cause) {
	picture, sound = -1, -1
	other := ""
	for i, m := range medias {
		if m.BackChannel {
			continue
		}
		switch m.Kind {
		case "video":
			if codec := cmaf.Codec(m.Codec); codec.Video() {
				if picture < 0 {
					picture = i
				}
			} else {
				other = m.Codec
			}
		case "audio":
			if !want || sound >= 0 || m.ClockRate <= 0 {
				continue
			}
			switch cmaf.Codec(m.Codec) {
			case cmaf.PCMA, cmaf.PCMU:
				sound = i
			case cmaf.AAC:
				if len(m.Params) > 0 && len(m.Params[0]) >= 2 {
					sound = i
				}
			}
		}
	}
	switch {
	case picture >= 0:
		return picture, sound, cause{}
	case other != "":
		return -1, -1, cause{NoPicture, ReasonCodec, other}
	default:
		return -1, -1, cause{NoPicture, ReasonNoVideo, ""}
	}
}

// blame says what an error of dialling means, and whether the host as a whole is to blame rather than this channel.
func blame(err error) (c cause, whole bool) {
	c = cause{Unreachable, ReasonProtocol, text(err)}
	var status *rtsp.StatusError
	var dns *net.DNSError
	var pin *rtsp.CertificateError
	var cert *tls.CertificateVerificationError
	var authority x509.UnknownAuthorityError
	var name x509.HostnameError
	var record tls.RecordHeaderError
	switch {
	case errors.Is(err, rtsp.ErrUnauthorized):
		c.state, c.reason = Unauthorised, ReasonUnauthorised
	case errors.As(err, &status):
		switch status.Code {
		case 401:
			c.state, c.reason = Unauthorised, ReasonUnauthorised
		case 403:
			c.state, c.reason = Unauthorised, ReasonForbidden
		case 404, 410, 454:
			c.reason = ReasonNoChannel
		case 453, 503:
			c.reason = ReasonBusy
		}
	case errors.As(err, &dns):
		c.reason, whole = ReasonName, true
	case errors.Is(err, rtsp.ErrForbidden):
		c.reason, whole = ReasonAddress, true
	case errors.As(err, &pin) && pin.Want != "":
		c.reason, whole = ReasonCertificate, true
	case errors.As(err, &cert), errors.As(err, &authority), errors.As(err, &name), errors.As(err, &record):
		c.reason, whole = ReasonTLS, true
	case errors.Is(err, syscall.ECONNREFUSED):
		c.reason, whole = ReasonRefused, true
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH), errors.Is(err, syscall.EHOSTDOWN):
		c.reason, whole = ReasonNoRoute, true
	case errors.Is(err, rtsp.ErrTimeout), errors.Is(err, context.DeadlineExceeded), timeout(err):
		c.reason, whole = ReasonTimeout, true
	case errors.Is(err, rtsp.ErrUnreachable):
		c.reason, whole = ReasonNoRoute, true
	}
	return c, whole
}

func timeout(err error) bool {
	var t interface{ Timeout() bool }
	return errors.As(err, &t) && t.Timeout()
}

// closedCause says why a playing session ended.
func closedCause(err error) cause {
	switch {
	case errors.Is(err, rtsp.ErrTimeout):
		return cause{Stalled, ReasonSilent, text(err)}
	case errors.Is(err, rtsp.ErrProtocol):
		return cause{Stalled, ReasonProtocol, text(err)}
	default:
		return cause{Stalled, ReasonClosed, text(err)}
	}
}

// text is an error's text without the user part of an address.
func text(err error) string {
	s := err.Error()
	if at := strings.Index(s, "://"); at >= 0 {
		rest := s[at+3:]
		if end := strings.IndexAny(rest, "/ \""); end >= 0 {
			rest = rest[:end]
		}
		if user := strings.LastIndexByte(rest, '@'); user >= 0 {
			s = s[:at+3] + s[at+3+user+1:]
		}
	}
	return s
}

func badURL(raw string) bool {
	u, err := url.Parse(raw)
	return err != nil || u.Host == "" || u.Scheme != "rtsp" && u.Scheme != "rtsps"
}
