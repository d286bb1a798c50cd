package onvif

import (
	"bytes"
	"crypto/rand"
	"crypto/sha1"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
)

// Errors, for errors.Is.
var (
	ErrUnauthorized = errors.New("onvif: wrong user name or password")
	ErrUnreachable  = errors.New("onvif: unreachable")
	ErrProtocol     = errors.New("onvif: not understood")
	// ErrRefused is an ErrUnauthorized after the password was proved: the device may have counted it.
	ErrRefused = fmt.Errorf("%w, and it was shown", ErrUnauthorized)
)

// Fault is what a device answers instead of a result.
type Fault struct {
	Code   string // the innermost subcode, without its prefix: "NotAuthorized"
	Reason string
}

func (f *Fault) Error() string { return fmt.Sprintf("onvif: fault %s", f.Code) }

// Is lets a fault of authorisation be found as ErrUnauthorized.
func (f *Fault) Is(target error) bool {
	return target == ErrUnauthorized && (f.Code == "NotAuthorized" || f.Code == "FailedAuthentication")
}

const (
	nsEnvelope = "http://www.w3.org/2003/05/soap-envelope"
	nsSecurity = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
	nsUtility  = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"
	digestType = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0#PasswordDigest"
	nonceType  = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0#Base64Binary"
)

// envelope wraps a body; token is the security header, or empty.
func envelope(token, body string) []byte {
	var b bytes.Buffer
	b.WriteString(`<?xml version="1.0" encoding="UTF-8"?><s:Envelope xmlns:s="` + nsEnvelope + `">`)
	if token != "" {
		b.WriteString("<s:Header>" + token + "</s:Header>")
	}
	b.WriteString("<s:Body>" + body + "</s:Body></s:Envelope>")
	return b.Bytes()
}

// usernameToken proves the password without sending it (UsernameToken Profile
// 1.0: digest = base64(SHA-1(nonce + created + password))). created is in the
// device's time: most refuse a token that is off by more than seconds.
func usernameToken(user, password string, created time.Time) string {
	nonce := make([]byte, 20)
	_, _ = rand.Read(nonce) // never fails since Go 1.24
	return tokenWith(user, password, created, nonce)
}

func tokenWith(user, password string, created time.Time, nonce []byte) string {
	at := created.UTC().Format("2006-01-02T15:04:05.000Z")
	return `<Security xmlns="` + nsSecurity + `" s:mustUnderstand="1"><UsernameToken><Username>` + escape(user) +
		`</Username><Password Type="` + digestType + `">` + passwordDigest(nonce, at, password) +
		`</Password><Nonce EncodingType="` + nonceType + `">` + base64.StdEncoding.EncodeToString(nonce) +
		`</Nonce><Created xmlns="` + nsUtility + `">` + at + `</Created></UsernameToken></Security>`
}

func passwordDigest(nonce []byte, created, password string) string {
	h := sha1.New() // what the standard says
	h.Write(nonce)
	io.WriteString(h, created+password) //nolint:errcheck // a hash takes everything
	return base64.StdEncoding.EncodeToString(h.Sum(nil))
}

func escape(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s))
	return b.String()
}

// reply is an envelope as devices send it. Names are matched without their
// namespaces: firmware gets those wrong more often than not.
type reply struct {
	XMLName xml.Name `xml:"Envelope"`
	Body    struct {
		Fault *struct {
			Code struct {
				Value   string `xml:"Value"`
				Subcode *struct {
					Value   string `xml:"Value"`
					Subcode *struct {
						Value string `xml:"Value"`
					} `xml:"Subcode"`
				} `xml:"Subcode"`
			} `xml:"Code"`
			Reason struct {
				Text []string `xml:"Text"`
			} `xml:"Reason"`
		} `xml:"Fault"`
		Inner []byte `xml:",innerxml"`
	} `xml:"Body"`
}

// parseReply reads an envelope into out, or gives its fault.
func parseReply(b []byte, out any) error {
	var r reply
	if err := decode(b, &r); err != nil {
		return fmt.Errorf("%w: no SOAP envelope", ErrProtocol)
	}
	if f := r.Body.Fault; f != nil {
		code := f.Code.Value
		if s := f.Code.Subcode; s != nil {
			code = s.Value
			if s.Subcode != nil {
				code = s.Subcode.Value
			}
		}
		code = strings.TrimSpace(code)
		fault := &Fault{Code: code[strings.LastIndexByte(code, ':')+1:]}
		if len(f.Reason.Text) > 0 {
			fault.Reason = strings.TrimSpace(f.Reason.Text[0])
		}
		return fault
	}
	if out == nil {
		return nil
	}
	if err := decode(r.Body.Inner, out); err != nil {
		return fmt.Errorf("%w: an unexpected answer", ErrProtocol)
	}
	return nil
}

// decode reads one element. Prefixes that the inner XML does not declare are
// fine: the names are compared without them. A document type is refused.
func decode(b []byte, out any) error {
	d := xml.NewDecoder(bytes.NewReader(b))
	d.Strict = false
	d.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil }
	return d.Decode(out)
}
