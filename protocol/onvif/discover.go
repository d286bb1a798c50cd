package onvif

import (
	"context"
	"crypto/rand"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strings"
	"time"
)

// Found is a device that answered a probe.
type Found struct {
	From     netip.Addr // who answered
	URL      string     // its device service, on the address that answered
	Endpoint string     // its identity
	Name     string
	Hardware string
	Location string
}

const (
	group    = "239.255.255.250:3702"
	maxFound = 512
)

// DiscoverOptions of Discover.
type DiscoverOptions struct {
	Wait time.Duration // for answers; 0: 3 s
	// Interfaces to ask on; nil: all that are up and can multicast.
	Interfaces []net.Interface
	// Group is the address to ask; "": the standard's. For tests.
	Group string
}

// Discover asks who is on the networks of this machine (WS-Discovery). The
// answers come by datagram from anybody: they are hints, nothing more.
func Discover(ctx context.Context, o DiscoverOptions) ([]Found, error) {
	if o.Wait == 0 {
		o.Wait = 3 * time.Second
	}
	if o.Group == "" {
		o.Group = group
	}
	to, err := net.ResolveUDPAddr("udp4", o.Group)
	if err != nil {
		return nil, err
	}
	locals, err := localAddresses(o)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, o.Wait)
	defer cancel()
	answers := make(chan Found)
	open := 0
	for _, local := range locals {
		conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: local})
		if err != nil {
			continue
		}
		open++
		go listenMatches(ctx, conn, to, answers)
	}
	if open == 0 {
		return nil, fmt.Errorf("%w: no network to ask on", ErrUnreachable)
	}
	seen := map[string]bool{}
	var list []Found
	for open > 0 {
		f := <-answers
		if !f.From.IsValid() {
			open--
			continue
		}
		if key := f.URL; !seen[key] && len(list) < maxFound {
			seen[key] = true
			list = append(list, f)
		}
	}
	return list, nil
}

func localAddresses(o DiscoverOptions) ([]net.IP, error) {
	list := o.Interfaces
	if list == nil {
		var err error
		if list, err = net.Interfaces(); err != nil {
			return nil, err
		}
	}
	var out []net.IP
	for _, i := range list {
		if i.Flags&net.FlagUp == 0 || o.Interfaces == nil && i.Flags&(net.FlagMulticast|net.FlagLoopback) != net.FlagMulticast {
			continue
		}
		addrs, err := i.Addrs()
		if err != nil {
			continue
		}
		for _, a := range addrs {
			if n, ok := a.(*net.IPNet); ok && n.IP.To4() != nil {
				out = append(out, n.IP)
			}
		}
	}
	return out, nil
}

// listenMatches probes twice, datagrams get lost, and reads until ctx ends.
// An invalid Found says that it is done.
func listenMatches(ctx context.Context, conn *net.UDPConn, to *net.UDPAddr, answers chan<- Found) {
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer func() {
		stop()
		conn.Close()
		answers <- Found{}
	}()
	id := uuid()
	for _, types := range []string{"dn:NetworkVideoTransmitter", ""} {
		_, _ = conn.WriteToUDP(probe(id, types), to)
	}
	again := time.AfterFunc(300*time.Millisecond, func() { _, _ = conn.WriteToUDP(probe(id, ""), to) })
	defer again.Stop()
	buf := make([]byte, 64<<10)
	for n := 0; n < 4*maxFound; n++ {
		size, from, err := conn.ReadFromUDPAddrPort(buf)
		if err != nil {
			return
		}
		for _, f := range parseMatches(buf[:size], from.Addr().Unmap()) {
			answers <- f
		}
	}
}

func probe(id, types string) []byte {
	if types != "" {
		types = "<d:Types>" + types + "</d:Types>"
	}
	return []byte(`<?xml version="1.0" encoding="UTF-8"?><s:Envelope xmlns:s="` + nsEnvelope + `" xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing" xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery" xmlns:dn="http://www.onvif.org/ver10/network/wsdl"><s:Header><a:Action s:mustUnderstand="1">http://schemas.xmlsoap.org/ws/2005/04/discovery/Probe</a:Action><a:MessageID>uuid:` + id + `</a:MessageID><a:To s:mustUnderstand="1">urn:schemas-xmlsoap-org:ws:2005:04:discovery</a:To></s:Header><s:Body><d:Probe>` + types + `</d:Probe></s:Body></s:Envelope>`)
}

func uuid() string {
	var b [16]byte
	_, _ = rand.Read(b[:])
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// parseMatches reads a datagram. Of the addresses that a device names, the
// path is taken and put on the address that answered.
func parseMatches(b []byte, from netip.Addr) []Found {
	var out struct {
		Body struct {
			ProbeMatches struct {
				ProbeMatch []struct {
					EndpointReference struct{ Address string }
					Types             string
					Scopes            string
					XAddrs            string
				}
			}
		}
	}
	if decode(b, &out) != nil {
		return nil
	}
	var list []Found
	for _, m := range out.Body.ProbeMatches.ProbeMatch {
		if len(list) == 16 {
			break
		}
		if m.Types != "" && !strings.Contains(m.Types, "NetworkVideo") && !strings.Contains(m.Types, "Device") {
			continue // a printer
		}
		f := Found{From: from, Endpoint: strings.TrimSpace(m.EndpointReference.Address)}
		for _, x := range strings.Fields(m.XAddrs) {
			u, err := url.Parse(x)
			if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Path == "" {
				continue
			}
			host := from.String()
			if p := u.Port(); p != "" {
				host = net.JoinHostPort(from.String(), p)
			} else if from.Is6() {
				host = "[" + host + "]"
			}
			f.URL = (&url.URL{Scheme: u.Scheme, Host: host, Path: u.Path}).String()
			break
		}
		for _, s := range strings.Fields(m.Scopes) {
			rest, ok := strings.CutPrefix(s, "onvif://www.onvif.org/")
			if !ok {
				continue
			}
			kind, value, _ := strings.Cut(rest, "/")
			if v, err := url.PathUnescape(value); err == nil {
				value = v
			}
			if len(value) > 200 {
				continue
			}
			switch strings.ToLower(kind) {
			case "name":
				f.Name = value
			case "hardware":
				f.Hardware = value
			case "location":
				f.Location = value
			}
		}
		if f.URL != "" {
			list = append(list, f)
		}
	}
	return list
}
