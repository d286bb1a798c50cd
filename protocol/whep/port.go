package whep

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"math/big"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"
)

// silence is how long a viewer may show no sign of life. Browsers check their path every few seconds.
const silence = 30 * time.Second

// Options of a Port.
type Options struct {
	Listen   string   // host:port; empty host: every address
	Announce []string // addresses or names under which viewers from outside reach the port, beside its own
	NoTCP    bool     // no ICE-TCP listener
	Log      *slog.Logger

	clock func() time.Time // time.Now but in tests
}

// Port is where all viewers' packets come and go.
type Port struct {
	log         *slog.Logger
	sockets     []*socket
	listeners   []net.Listener
	number      uint16
	bound       netip.Addr // the one address listened on; invalid: every one
	announce    []string
	cert        tls.Certificate
	fingerprint string
	clock       func() time.Time
	begun       time.Time // see now

	mu        sync.RWMutex
	byUfrag   map[string]*Peer
	byAddr    map[pathKey]*Peer
	strangers int
	closed    bool
	stop      chan struct{}
	running   sync.WaitGroup
}

// pathKey tells a UDP path from a TCP connection with the same numbers.
type pathKey struct {
	to  netip.AddrPort
	tcp *tcpPath
}

func (p *path) key() pathKey { return pathKey{p.to, p.tcp} }

// Listen opens the port and begins to serve it. A UDP port of 0 takes a free one, TCP the same number.
func Listen(o Options) (*Port, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.clock == nil {
		o.clock = time.Now
	}
	host, service, err := net.SplitHostPort(o.Listen)
	if err != nil {
		return nil, fmt.Errorf("whep: listen %q: %w", o.Listen, err)
	}
	p := &Port{
		clock: o.clock, begun: time.Now().Add(-time.Hour),
		log: o.Log, announce: o.Announce, stop: make(chan struct{}),
		byUfrag: map[string]*Peer{}, byAddr: map[pathKey]*Peer{},
	}
	if p.cert, p.fingerprint, err = newCertificate(); err != nil {
		return nil, err
	}
	for try := 0; ; try++ {
		if err = p.open(host, service, o.NoTCP); err == nil {
			break
		}
		p.closeAll()
		if service != "0" || try == 10 {
			return nil, fmt.Errorf("whep: listen %s: %w", o.Listen, err)
		}
	}
	for _, s := range p.sockets {
		p.running.Add(1)
		go func() { defer p.running.Done(); p.readUDP(s) }()
	}
	for _, l := range p.listeners {
		p.running.Add(1)
		go func() { defer p.running.Done(); p.acceptTCP(l) }()
	}
	p.running.Add(1)
	go func() { defer p.running.Done(); p.watch() }()
	return p, nil
}

func (p *Port) open(host, service string, noTCP bool) error {
	networks := []string{"4", "6"}
	wildcard := host == ""
	if ip, err := netip.ParseAddr(host); err == nil {
		wildcard = ip.IsUnspecified()
		p.bound = ip.Unmap()
		if ip.Unmap().Is4() {
			networks = networks[:1]
		} else if !wildcard {
			networks = networks[1:]
		}
	} else if host != "" {
		networks = networks[:1]
	}
	if wildcard {
		p.bound = netip.Addr{}
		if networks[0] == "4" && len(networks) == 1 {
			host = "0.0.0.0"
		} else {
			host = ""
		}
	}
	for _, n := range networks {
		addr, err := net.ResolveUDPAddr("udp"+n, net.JoinHostPort(host, service))
		if err != nil {
			return err
		}
		conn, err := net.ListenUDP("udp"+n, addr)
		if err != nil {
			if n == "6" && len(p.sockets) > 0 {
				continue // a machine without IPv6
			}
			return err
		}
		local := conn.LocalAddr().(*net.UDPAddr)
		p.number = uint16(local.Port)
		service = fmt.Sprint(local.Port)
		if !wildcard {
			p.bound = local.AddrPort().Addr().Unmap()
		}
		p.sockets = append(p.sockets, newSocket(conn, wildcard))
		if noTCP {
			continue
		}
		l, err := net.Listen("tcp"+n, net.JoinHostPort(host, service))
		if err != nil {
			return err
		}
		p.listeners = append(p.listeners, l)
	}
	return nil
}

func (p *Port) closeAll() {
	for _, s := range p.sockets {
		s.close()
	}
	for _, l := range p.listeners {
		l.Close()
	}
	p.sockets, p.listeners = nil, nil
}

// Close ends every viewer and frees the port.
func (p *Port) Close() error {
	p.mu.Lock()
	if p.closed {
		p.mu.Unlock()
		return nil
	}
	p.closed = true
	peers := make([]*Peer, 0, len(p.byUfrag))
	for _, peer := range p.byUfrag {
		peers = append(peers, peer)
	}
	p.mu.Unlock()
	close(p.stop)
	for _, peer := range peers {
		peer.Close()
	}
	for _, s := range p.sockets {
		s.close()
	}
	for _, l := range p.listeners {
		l.Close()
	}
	p.running.Wait()
	return nil
}

// Number is the UDP and TCP port.
func (p *Port) Number() int { return int(p.number) }

// Offload reports whether sends are cut by the kernel.
func (p *Port) Offload() bool { return len(p.sockets) > 0 && p.sockets[0].offload.Load() }

// SetOffload turns segmentation offload off, or on where the kernel knows it. For comparisons.
func (p *Port) SetOffload(on bool) {
	for _, s := range p.sockets {
		s.offload.Store(on && prepareSocket(s.conn, s.wildcard))
	}
}

// candidates lists addresses for an answer: first the one on which the viewer's own request reached this machine.
func (p *Port) candidates(ctx context.Context, reached netip.Addr) []netip.AddrPort {
	var addrs []netip.Addr
	add := func(a netip.Addr) {
		if a = a.Unmap().WithZone(""); a.IsValid() && !a.IsUnspecified() && !slices.Contains(addrs, a) && len(addrs) < 8 {
			addrs = append(addrs, a)
		}
	}
	if p.bound.IsValid() {
		add(p.bound)
	} else {
		add(reached)
		if local, err := net.InterfaceAddrs(); err == nil {
			for _, n := range local {
				if ipnet, ok := n.(*net.IPNet); ok {
					a, _ := netip.AddrFromSlice(ipnet.IP)
					if a = a.Unmap(); !a.IsLoopback() && !a.IsLinkLocalUnicast() {
						add(a)
					}
				}
			}
		}
	}
	for _, name := range p.announce {
		if a, err := netip.ParseAddr(name); err == nil {
			add(a)
			continue
		}
		short, cancel := context.WithTimeout(ctx, 2*time.Second)
		found, err := net.DefaultResolver.LookupNetIP(short, "ip", name)
		cancel()
		if err != nil {
			p.log.Warn("announced name not found", "name", name, "err", err)
			continue
		}
		for _, a := range found {
			add(a)
		}
	}
	out := make([]netip.AddrPort, len(addrs))
	for i, a := range addrs {
		out[i] = netip.AddrPortFrom(a, p.number)
	}
	return out
}

// readUDP serves one socket. What viewers send is little: checks and receiver reports.
func (p *Port) readUDP(s *socket) {
	buf, oob := make([]byte, 2048), make([]byte, 256)
	for {
		n, m, _, from, err := s.conn.ReadMsgUDPAddrPort(buf, oob)
		if err != nil {
			if errors.Is(err, net.ErrClosed) {
				return
			}
			continue
		}
		from = netip.AddrPortFrom(from.Addr().Unmap(), from.Port())
		at := path{sock: s, to: from, name: s.raw.name(from)}
		if s.wildcard && isSTUN(buf[:n]) {
			at.oob = leaveFrom(arrivedAt(oob[:m]))
		}
		p.packet(buf[:n], &at)
	}
}

// packet hands one packet to the viewer it belongs to, nil when to nobody. The first byte tells what it is (RFC 7983).
func (p *Port) packet(b []byte, at *path) *Peer {
	if len(b) == 0 {
		return nil
	}
	if isSTUN(b) {
		return p.check(b, at)
	}
	p.mu.RLock()
	peer := p.byAddr[at.key()]
	p.mu.RUnlock()
	if peer == nil {
		return nil
	}
	switch {
	case b[0] >= 20 && b[0] <= 63:
		peer.handshake(b)
	case b[0] >= 128 && b[0] <= 191:
		peer.control(b)
	}
	return peer
}

// check answers a connectivity check. Only one that is signed with the viewer's password counts for anything.
func (p *Port) check(b []byte, at *path) *Peer {
	m, err := parseSTUN(b)
	if err != nil || m.kind != stunRequest {
		return nil
	}
	ufrag, ok := m.localUfrag()
	if !ok {
		return nil
	}
	p.mu.RLock()
	peer := p.byUfrag[ufrag]
	p.mu.RUnlock()
	if peer == nil {
		return nil
	}
	password, ok := peer.password(ufrag)
	if !ok || !m.signed(b, password) {
		return nil
	}
	if m.controlled {
		at.write(stunConflict(m.id, password))
		return peer
	}
	p.mu.Lock()
	if p.byUfrag[ufrag] != peer { // it ended meanwhile
		p.mu.Unlock()
		return nil
	}
	known := p.byAddr[at.key()] == peer
	if !known {
		kept := *at // the caller's may live on its stack
		at = &kept
		p.byAddr[at.key()] = peer
		peer.keys = append(peer.keys, at.key())
		if len(peer.keys) > 16 { // a roaming viewer leaves old addresses behind
			delete(p.byAddr, peer.keys[0])
			peer.keys = peer.keys[1:]
		}
	}
	p.mu.Unlock()
	at.write(stunAnswer(m.id, at.to, password))
	peer.alive()
	peer.takePath(at, m.use, ufrag)
	return peer
}

// now is nanoseconds since an hour before the port began, so that 0 is long ago. It goes on evenly: the wall clock may be set while somebody watches.
func (p *Port) now() int64 { return int64(p.clock().Sub(p.begun)) }

// watch ends viewers that fell silent, and those that never came.
func (p *Port) watch() {
	tick := time.NewTicker(2 * time.Second)
	defer tick.Stop()
	for {
		select {
		case <-p.stop:
			return
		case <-tick.C:
			now := p.now()
			var gone []*Peer
			p.mu.RLock()
			for _, peer := range p.byUfrag {
				if now-peer.lastSeen.Load() > int64(silence) {
					gone = append(gone, peer)
				}
			}
			p.mu.RUnlock()
			for _, peer := range gone {
				peer.end(ErrSilent)
			}
		}
	}
}

// newCertificate makes the key that DTLS proves; the answer carries its fingerprint, so it needs no authority.
func newCertificate() (tls.Certificate, string, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, "", err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return tls.Certificate{}, "", err
	}
	template := x509.Certificate{
		SerialNumber: serial,
		NotBefore:    time.Now().AddDate(-1, 0, 0), // a box may boot with a wrong clock
		NotAfter:     time.Now().AddDate(30, 0, 0),
	}
	der, err := x509.CreateCertificate(rand.Reader, &template, &template, key.Public(), key)
	if err != nil {
		return tls.Certificate{}, "", err
	}
	sum := sha256.Sum256(der)
	pairs := make([]string, len(sum))
	for i, c := range sum {
		pairs[i] = strings.ToUpper(hex.EncodeToString([]byte{c}))
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, strings.Join(pairs, ":"), nil
}
