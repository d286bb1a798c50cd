package camera

import (
	"cmp"
	"context"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"syscall"
	"time"

	"linli.dev/linli/fault"
	"linli.dev/linli/protocol/lockout"
	"linli.dev/linli/protocol/onvif"
	"linli.dev/linli/protocol/rtsp"
)

// FoundDevice is a device that answered a search of the network.
type FoundDevice struct {
	Host       string `json:"host"`
	Port       int    `json:"onvif_port"`
	TLS        bool   `json:"onvif_tls"`
	Name       string `json:"name,omitempty"`
	Hardware   string `json:"hardware,omitempty"`
	Location   string `json:"location,omitempty"`
	Registered bool   `json:"registered" doc:"A device with this host is in the register"`
}

// FindDevices asks the networks of this machine for ONVIF devices.
func (s *Service) FindDevices(ctx context.Context) ([]FoundDevice, error) {
	const op = "camera.FindDevices"
	leave, err := s.tests.enter(op, "the network", nil, s.now())
	if err != nil {
		return nil, err
	}
	defer leave()
	found, err := s.discover(ctx, onvif.DiscoverOptions{Wait: 3 * time.Second})
	if err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, op, "camera.onvif.scan")
	}
	var hosts []string
	if err := s.db.NewSelect().Model((*deviceRow)(nil)).Column("host").Where("deleted_us = 0").Scan(ctx, &hosts); err != nil {
		return nil, dbError(op, err)
	}
	out := []FoundDevice{}
	for _, f := range found {
		u, err := url.Parse(f.URL)
		if err != nil || s.o.Targets.refuseAddr(f.From) != "" {
			continue
		}
		d := FoundDevice{
			Host: f.From.String(), TLS: u.Scheme == "https", Name: clip(f.Name), Hardware: clip(f.Hardware), Location: clip(f.Location),
			Registered: slices.Contains(hosts, f.From.String()),
		}
		d.Port, _ = strconv.Atoi(cmp.Or(u.Port(), map[bool]string{true: "443", false: "80"}[d.TLS]))
		out = append(out, d)
	}
	slices.SortFunc(out, func(a, b FoundDevice) int {
		x, _ := netip.ParseAddr(a.Host)
		y, _ := netip.ParseAddr(b.Host)
		return cmp.Or(x.Compare(y), a.Port-b.Port)
	})
	return out, nil
}

// AskRequest asks a device for its sources.
type AskRequest struct {
	Device   DeviceID `json:"device,omitempty" doc:"A registered device, with its own secret"`
	Host     string   `json:"host,omitempty"`
	Port     int      `json:"onvif_port,omitempty" doc:"80 when left out"`
	TLS      bool     `json:"onvif_tls,omitempty"`
	User     string   `json:"user,omitempty"`
	Password string   `json:"password,omitempty"`
}

// AskedStream is a stream as a device describes it, to fill in a form.
type AskedStream struct {
	Path      string  `json:"path"`
	Profile   string  `json:"profile" doc:"Token of its profile, to be registered with the path"`
	Codec     string  `json:"codec"`
	Width     int     `json:"width"`
	Height    int     `json:"height"`
	FrameRate float64 `json:"frame_rate"`
	BitRate   int     `json:"bit_rate" doc:"Bits a second"`
	Sound     string  `json:"sound,omitempty"`
}

// AskedChannel is a channel with what to use as main and sub.
type AskedChannel struct {
	Channel  int          `json:"channel"`
	Main     *AskedStream `json:"main,omitempty"`
	Sub      *AskedStream `json:"sub,omitempty"`
	Snapshot string       `json:"snapshot,omitempty" doc:"Path, with the port where it is not 80"`
}

// AskAnswer is what a device says of itself.
type AskAnswer struct {
	OK       bool           `json:"ok"`
	Failure  *Sentence      `json:"failure,omitempty"`
	Do       *Sentence      `json:"do,omitempty"`
	Vendor   string         `json:"vendor,omitempty"`
	Model    string         `json:"model,omitempty"`
	Clock    *float64       `json:"clock_offset_seconds,omitempty"`
	RTSPPort int            `json:"rtsp_port,omitempty"`
	Channels []AskedChannel `json:"channels"`
}

const maxAsked = 64

// AskDevice fills in what ONVIF tells: who made it, its channels, its streams.
func (s *Service) AskDevice(ctx context.Context, q AskRequest) (*AskAnswer, error) {
	const op = "camera.AskDevice"
	var p problems
	secret, host, certificate, port := Secret{q.User, q.Password}, normaliseHost(q.Host), "", given{}.portOr()
	secret.check(&p)
	if q.Device != "" {
		dev, err := s.deviceRow(ctx, s.db, q.Device)
		if err != nil {
			return nil, err
		}
		if host != "" && host != dev.Host {
			p.add("host", "camera.source.other-host") // its secret goes nowhere else
		}
		host, certificate, port = dev.Host, dev.Certificate, dev.Port
		if secret.empty() {
			if err := s.open(dev.Secret, secretContext(dev.ID), &secret); err != nil {
				return nil, err
			}
		}
	}
	if host == "" {
		p.add("host", "camera.field.required")
	} else if code := s.o.Targets.refuseHost(host); code != "" {
		p.add("host", code, "host", clip(host))
	}
	if q.Port == 0 {
		q.Port = map[bool]int{true: 443, false: 80}[q.TLS]
	}
	if q.Port < 1 || q.Port > 65535 {
		p.add("onvif_port", "camera.field.port", "is", q.Port)
	}
	if err := p.asFault(op); err != nil {
		return nil, err
	}
	shown := lockout.Secret{Device: net.JoinHostPort(host, strconv.Itoa(port)), User: secret.User, Password: secret.Password}
	if wait := s.o.Lockouts.Wait(lockout.ONVIF, shown); wait > 0 && !secret.empty() {
		return nil, sameSecret(op, wait)
	}
	leave, err := s.tests.enter(op, host, []Secret{secret}, s.now())
	if err != nil {
		return nil, err
	}
	defer leave()
	ctx, cancel := context.WithTimeout(ctx, 40*time.Second)
	defer cancel()
	a, err := s.ask(ctx, q, host, certificate, secret)
	if err == nil {
		return a, nil
	}
	if errors.Is(err, onvif.ErrUnauthorized) {
		s.tests.refused(host, secret, s.now())
	}
	if errors.Is(err, onvif.ErrRefused) {
		if err := s.o.Lockouts.Refused(lockout.ONVIF, shown); err != nil {
			s.log.Warn("a refused password is forgotten with the next restart", "err", err)
		}
	}
	code, args := explainONVIF(err)
	return &AskAnswer{Failure: &Sentence{Code: code, Args: args}, Do: &Sentence{Code: code + ".do", Args: args}, Channels: []AskedChannel{}}, nil
}

// onvifURL is where a device's ONVIF service is: the path is the standard's.
func (d *Device) onvifURL() string {
	scheme := map[bool]string{true: "https", false: "http"}[d.OnvifTLS]
	return scheme + "://" + net.JoinHostPort(d.Host, strconv.Itoa(d.OnvifPort)) + "/onvif/device_service"
}

func (s *Service) ask(ctx context.Context, q AskRequest, host, certificate string, secret Secret) (*AskAnswer, error) {
	client, err := onvif.New(onvif.Options{
		URL:  (&Device{Host: host, OnvifPort: q.Port, OnvifTLS: q.TLS}).onvifURL(),
		User: secret.User, Password: secret.Password, Now: time.Now, HTTP: s.o.Targets.Client(certificate),
	})
	if err != nil {
		return nil, err
	}
	a := &AskAnswer{Channels: []AskedChannel{}}
	if off, ok, err := client.Clock(ctx); err != nil && (!errors.Is(err, onvif.ErrUnauthorized) || errors.Is(err, onvif.ErrRefused)) {
		return nil, err
	} else if ok {
		v := round(off.Seconds(), 1)
		a.Clock = &v
	}
	info, err := client.Information(ctx)
	if err != nil {
		return nil, err
	}
	a.Vendor, a.Model = clip(info.Manufacturer), clip(info.Model)
	profiles, err := client.Profiles(ctx)
	if err != nil {
		return nil, err
	}
	stills := true
	for i, group := range channelsOf(profiles) {
		if i == maxAsked {
			break
		}
		main, sub := mainAndSub(group)
		c := AskedChannel{Channel: i + 1}
		for _, x := range []struct {
			profile *onvif.Profile
			to      **AskedStream
		}{{main, &c.Main}, {sub, &c.Sub}} {
			if x.profile == nil {
				continue
			}
			uri, err := client.StreamURI(ctx, x.profile.Token)
			if err != nil {
				if ctx.Err() != nil || errors.Is(err, onvif.ErrUnauthorized) {
					return nil, err
				}
				continue
			}
			g, code := parseGiven(uri)
			if code != "" || g.scheme != "rtsp" && g.scheme != "rtsps" {
				continue
			}
			if a.RTSPPort == 0 {
				a.RTSPPort = g.portOr()
			}
			*x.to = &AskedStream{
				Path: g.path, Profile: x.profile.Token, Codec: codecName(x.profile.Encoding), Width: x.profile.Width, Height: x.profile.Height,
				FrameRate: x.profile.FrameRate, BitRate: x.profile.BitRate * 1000, Sound: clip(x.profile.Sound),
			}
		}
		if main != nil && stills {
			uri, err := client.SnapshotURI(ctx, main.Token)
			stills = !errors.Is(err, onvif.ErrUnauthorized) // who may not know one may know none: sixteen refusals are a lock-out
			if err == nil {
				if g, code := parseGiven(uri); code == "" && (g.scheme == "http" || g.scheme == "https") {
					g.host = host // the device's word for itself may be another
					c.Snapshot = address{Path: g.path, Port: g.portOr(), TLS: ptrTo(g.scheme == "https")}.url(&Device{Host: host}, "http")
				}
			}
		}
		if c.Main != nil {
			a.Channels = append(a.Channels, c)
		}
	}
	if len(a.Channels) == 0 {
		return nil, errNoProfiles
	}
	a.OK = true
	return a, nil
}

func ptrTo[T any](v T) *T { return &v }

var errNoProfiles = errors.New("no profiles")

// channelsOf groups profiles by their video source, in the device's order.
func channelsOf(profiles []onvif.Profile) [][]onvif.Profile {
	var order []string
	by := map[string][]onvif.Profile{}
	for _, p := range profiles {
		if _, ok := by[p.Source]; !ok {
			order = append(order, p.Source)
		}
		by[p.Source] = append(by[p.Source], p)
	}
	out := make([][]onvif.Profile, len(order))
	for i, s := range order {
		out[i] = by[s]
	}
	return out
}

// mainAndSub: the largest picture, and the smallest that browsers can play.
func mainAndSub(profiles []onvif.Profile) (main, sub *onvif.Profile) {
	for i := range profiles {
		p := &profiles[i]
		if p.Encoding != "H264" && p.Encoding != "H265" && p.Encoding != "" {
			continue
		}
		size := p.Width * p.Height
		if main == nil || size > main.Width*main.Height {
			main = p
		}
	}
	for i := range profiles {
		p := &profiles[i]
		if p == main || p.Encoding != "H264" && p.Encoding != "H265" {
			continue
		}
		if sub == nil || sub.Encoding == "H265" && p.Encoding == "H264" ||
			sub.Encoding == p.Encoding && p.Width*p.Height < sub.Width*sub.Height {
			sub = p
		}
	}
	return main, sub
}

// Control refuses, for a net.Dialer, an address where no camera may be. It is
// asked with the very address that is called, each time anew: a name that was
// a camera's when it was registered can point to this machine tomorrow.
func (t Targets) Control(_, to string, _ syscall.RawConn) error {
	a, err := netip.ParseAddrPort(to)
	if err != nil {
		return err
	}
	if code := t.refuseAddr(a.Addr()); code != "" {
		return fault.New(fault.Invalid, "camera.dial", code, "host", a.Addr().String())
	}
	return nil
}

// Client makes HTTP requests to where cameras may be. The check is made on
// the very address that is called, so that a name cannot change its mind.
// certificate is the fingerprint that https has to show; "": an authority
// vouches for it.
func (t Targets) Client(certificate string) *http.Client {
	d := &net.Dialer{Timeout: 5 * time.Second, Control: t.Control}
	return &http.Client{Transport: &http.Transport{
		DialContext: d.DialContext, DisableKeepAlives: true, ResponseHeaderTimeout: 8 * time.Second, TLSClientConfig: rtsp.Believe(certificate),
	}}
}

func explainONVIF(err error) (string, map[string]any) {
	switch {
	case errors.Is(err, onvif.ErrUnauthorized):
		return "camera.test.unauthorised", nil
	case errors.Is(err, errNoProfiles):
		return "camera.onvif.no-profiles", nil
	case errors.Is(err, syscall.ECONNREFUSED):
		return "camera.onvif.refused", nil
	case errors.Is(err, onvif.ErrProtocol):
		return "camera.onvif.none", nil
	}
	var f *onvif.Fault
	if errors.As(err, &f) {
		return "camera.onvif.none", nil
	}
	return explain(err)
}
