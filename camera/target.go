package camera

import (
	"context"
	"net"
	"net/netip"
	"strings"

	"linli.dev/linli/fault"
)

// Targets says where this room may connect. A source test is a request from
// inside the compound's network on behalf of whoever may test, so it must not
// become a way to this machine's own services.
type Targets struct {
	// AllowLoopback is for the demo and for tests, whose cameras run here.
	AllowLoopback bool
	// Resolver: nil means the system's.
	Resolver *net.Resolver
}

// refuseHost gives the code of the reason why a host as written is refused.
func (t Targets) refuseHost(host string) string {
	if a, err := netip.ParseAddr(host); err == nil {
		return t.refuseAddr(a)
	}
	if !hostShape(host) {
		return "camera.target.host"
	}
	if h := strings.TrimSuffix(host, "."); h == "localhost" || strings.HasSuffix(h, ".localhost") {
		if !t.AllowLoopback {
			return "camera.target.loopback"
		}
	}
	return ""
}

func (t Targets) refuseAddr(a netip.Addr) string {
	a = a.Unmap()
	if nat64 := netip.MustParsePrefix("64:ff9b::/96"); nat64.Contains(a) {
		b := a.As16()
		a = netip.AddrFrom4([4]byte(b[12:]))
	}
	switch {
	case a.IsLoopback():
		if t.AllowLoopback {
			return ""
		}
		return "camera.target.loopback"
	case a.IsUnspecified(), a.Is4() && a.As4()[0] == 0:
		// 0.0.0.0/8 reaches this very machine on Linux.
		return "camera.target.loopback"
	case a.IsLinkLocalUnicast(), a.Zone() != "":
		return "camera.target.link-local"
	case a.IsMulticast(), a.Is4() && a.As4() == [4]byte{255, 255, 255, 255}:
		return "camera.target.multicast"
	}
	return ""
}

// Resolve gives the addresses of a host that may be connected to. One refused
// address refuses all: a name that points here as well is no camera's.
func (t Targets) Resolve(ctx context.Context, host string) ([]netip.Addr, error) {
	const op = "camera.Resolve"
	if code := t.refuseHost(host); code != "" {
		return nil, fault.New(fault.Invalid, op, code, "host", clip(host))
	}
	if a, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{a.Unmap()}, nil
	}
	r := t.Resolver
	if r == nil {
		r = net.DefaultResolver
	}
	addrs, err := r.LookupNetIP(ctx, "ip", host)
	if err != nil || len(addrs) == 0 {
		return nil, fault.Wrap(err, fault.Unavailable, op, "camera.test.no-such-host", "host", clip(host))
	}
	for i, a := range addrs {
		if code := t.refuseAddr(a); code != "" {
			return nil, fault.New(fault.Invalid, op, code, "host", clip(host))
		}
		addrs[i] = a.Unmap()
	}
	return addrs, nil
}

// hostShape: a DNS name. Underscores occur in the names of real devices.
func hostShape(h string) bool {
	if h == "" || len(h) > 253 {
		return false
	}
	for label := range strings.SplitSeq(strings.TrimSuffix(h, "."), ".") {
		if label == "" || len(label) > 63 || label[0] == '-' {
			return false
		}
		for _, r := range label {
			if !(r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '-' || r == '_') {
				return false
			}
		}
	}
	// "127.1" and "2130706433" are addresses to some resolvers: a name has a
	// last label with a letter.
	last := strings.TrimSuffix(h, ".")
	last = last[strings.LastIndexByte(last, '.')+1:]
	if strings.HasPrefix(last, "0x") {
		return false
	}
	return strings.ContainsFunc(last, func(r rune) bool { return r >= 'a' && r <= 'z' })
}

func normaliseHost(h string) string {
	h = strings.ToLower(tidy(h, false))
	h = strings.TrimPrefix(strings.TrimSuffix(h, "]"), "[")
	if a, err := netip.ParseAddr(h); err == nil {
		return a.Unmap().String()
	}
	return h
}
