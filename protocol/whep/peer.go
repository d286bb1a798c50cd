package whep

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/dtls/v3"
)

// Why a viewer ended.
var (
	ErrClosed  = errors.New("whep: closed")
	ErrSilent  = errors.New("whep: the viewer fell silent")
	ErrLeft    = errors.New("whep: the viewer left")
	ErrStale   = errors.New("whep: the ICE session named is not the current one")
	errNotThem = errors.New("whep: the certificate is not the one that the offer named")
)

type credentials struct{ ufrag, pwd string }

func newCredentials() credentials {
	var b [30]byte
	_, _ = rand.Read(b[:]) // never fails since Go 1.24
	text := base64.RawURLEncoding.EncodeToString(b[:])
	text = strings.NewReplacer("-", "+", "_", "/").Replace(text) // ice-char (RFC 8839 §5.4)
	return credentials{text[:12], text[12:]}
}

// Peer is one viewer.
type Peer struct {
	port   *Port
	feed   *Feed
	offer  *Offer
	choice choice
	beat   func()
	ended  func(error)
	mid    string
	hosts  []string // our candidates

	at       atomic.Pointer[path]
	lastSeen atomic.Int64 // as Port.now
	lastBeat atomic.Int64
	inbound  chan []byte
	done     chan struct{}
	once     sync.Once
	err      error // why it ended; read after done

	keys []pathKey // of port.byAddr; guarded by port.mu

	mu        sync.Mutex
	creds     []credentials // the newest last
	remote    string        // the viewer's own ufrag
	nominated bool
	tcps      []*tcpPath
	secure    *dtls.Conn
	theirs    *srtpKeys // what they send to us

	send sender // guarded by feed.mu
}

// Viewer says how a new peer is to be served.
type Viewer struct {
	Reached netip.Addr  // the local address on which the offer came; the best candidate
	Beat    func()      // called at most once a second while the viewer shows life
	Ended   func(error) // called once when the viewer has ended, with the reason
}

// Answer accepts an offer for a feed. The peer begins to receive when it has proven itself; Close ends it.
func (p *Port) Answer(ctx context.Context, o *Offer, feed *Feed, c Content, v Viewer) (*Peer, string, error) {
	ch, err := o.choose(c)
	if err != nil {
		return nil, "", err
	}
	peer := newPeer(p, feed, v)
	peer.offer, peer.choice, peer.remote = o, ch, o.ufrag
	peer.hosts = candidateLines(p.candidates(ctx, v.Reached), len(p.listeners) > 0)
	peer.send.init(ch)
	for _, i := range []int{ch.audio, ch.video} {
		if i >= 0 {
			peer.mid = o.Media[i].Mid
		}
	}
	p.mu.Lock()
	if p.closed {
		p.mu.Unlock()
		return nil, "", ErrClosed
	}
	p.byUfrag[peer.creds[0].ufrag] = peer
	p.running.Add(1)
	p.mu.Unlock()
	go func() { defer p.running.Done(); peer.run() }()
	return peer, o.answerSDP(ch, peer.creds[0], p.fingerprint, peer.hosts, feed.videoSSRC, feed.audioSSRC), nil
}

func newPeer(p *Port, feed *Feed, v Viewer) *Peer {
	peer := &Peer{
		port: p, feed: feed, beat: v.Beat, ended: v.Ended,
		inbound: make(chan []byte, 16), done: make(chan struct{}), creds: []credentials{newCredentials()},
	}
	peer.lastSeen.Store(p.now())
	return peer
}

// Done closes when the viewer has ended; Err then says why.
func (v *Peer) Done() <-chan struct{} { return v.done }

// Err is why the viewer ended, nil before.
func (v *Peer) Err() error {
	select {
	case <-v.done:
		return v.err
	default:
		return nil
	}
}

// ETag names the current ICE session (RFC 9725 §4.3.1).
func (v *Peer) ETag() string {
	v.mu.Lock()
	defer v.mu.Unlock()
	return `"` + v.creds[len(v.creds)-1].ufrag + `"`
}

// Sound reports whether the viewer takes sound.
func (v *Peer) Sound() bool { return v.choice.audio >= 0 }

// Offered reports whether these are the viewer's present ICE credentials; others ask for a restart.
func (v *Peer) Offered(ufrag string) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.remote == ufrag
}

// Restart gives new ICE credentials to a viewer that has new ones itself. The old path goes on until the viewer has
// checked the new one.
func (v *Peer) Restart(ufrag string) (fragment string, err error) {
	fresh := newCredentials()
	v.port.mu.Lock()
	defer v.port.mu.Unlock()
	select {
	case <-v.done:
		return "", ErrClosed
	default:
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if len(v.creds) > 1 {
		delete(v.port.byUfrag, v.creds[0].ufrag)
		v.creds = v.creds[1:]
	}
	v.creds = append(v.creds, fresh)
	v.remote, v.nominated = ufrag, false
	v.port.byUfrag[fresh.ufrag] = v
	return fragmentSDP(v.mid, fresh, v.hosts), nil
}

func (v *Peer) password(ufrag string) (string, bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, c := range v.creds {
		if c.ufrag == ufrag {
			return c.pwd, true
		}
	}
	return "", false
}

// takePath follows the viewer's choice (USE-CANDIDATE); until there is one, the first path that works serves the handshake.
func (v *Peer) takePath(at *path, use bool, ufrag string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	newest := ufrag == v.creds[len(v.creds)-1].ufrag
	now := v.at.Load()
	if now == nil || use && newest || !v.nominated && newest && now.key() != at.key() && now.tcp != nil {
		if now == nil || now.key() != at.key() {
			kept := *at
			v.at.Store(&kept)
		}
	}
	if use && newest {
		v.nominated = true
	}
}

// alive notes a sign of life.
func (v *Peer) alive() {
	now := v.port.now()
	v.lastSeen.Store(now)
	if last := v.lastBeat.Load(); v.beat != nil && now-last > int64(time.Second) && v.lastBeat.CompareAndSwap(last, now) {
		v.beat()
	}
}

// own makes the peer close a TCP connection when it ends.
func (v *Peer) own(t *tcpPath) {
	v.mu.Lock()
	defer v.mu.Unlock()
	select {
	case <-v.done:
		t.discard()
	default:
		v.tcps = append(v.tcps, t)
	}
}

// handshake takes a DTLS packet. The sender repeats what is lost, so a full queue just drops.
func (v *Peer) handshake(b []byte) {
	select {
	case v.inbound <- bytes.Clone(b):
	default:
	}
}

// control takes an SRTCP packet: reports are a sign of life, NACK and PLI are wishes.
func (v *Peer) control(b []byte) {
	v.mu.Lock()
	if v.theirs == nil {
		v.mu.Unlock()
		return
	}
	plain, err := v.theirs.openRTCP(b)
	v.mu.Unlock()
	if err != nil {
		return
	}
	v.alive()
	parseRTCP(plain, func(w wish) { v.feed.wish(v, w) })
}

// run shakes hands, joins the feed, and waits for the viewer to say goodbye.
func (v *Peer) run() {
	ctx, cancel := context.WithTimeout(context.Background(), silence)
	err := v.secureUp(ctx)
	cancel()
	if err != nil {
		v.end(err)
		return
	}
	if !v.feed.join(v) {
		v.end(ErrClosed)
		return
	}
	var rest [64]byte // a sender has no use for application data
	for {
		if _, err := v.secure.Read(rest[:]); err != nil {
			v.end(ErrLeft)
			return
		}
	}
}

func (v *Peer) secureUp(ctx context.Context) error {
	var first []byte
	select { // no DTLS machinery for those who never come
	case first = <-v.inbound:
	case <-v.done:
		return ErrClosed
	case <-ctx.Done():
		return ErrSilent
	}
	pipe := newPipe(v, first)
	conn, err := dtls.ServerWithOptions(pipe, pipe.LocalAddr(),
		dtls.WithCertificates(v.port.cert),
		dtls.WithSRTPProtectionProfiles(srtpProfiles...),
		dtls.WithExtendedMasterSecret(dtls.RequireExtendedMasterSecret),
		dtls.WithClientAuth(dtls.RequireAnyClientCert),
		dtls.WithInsecureSkipVerifyHello(true), // ICE has shown already that the address is theirs
		dtls.WithFlightInterval(250*time.Millisecond),
		dtls.WithVerifyPeerCertificate(func(raw [][]byte, _ [][]*x509.Certificate) error {
			if len(raw) == 0 {
				return errNotThem
			}
			if sum := sha256.Sum256(raw[0]); !bytes.Equal(sum[:], v.offer.fingerprint) {
				return errNotThem
			}
			return nil
		}),
	)
	if err != nil {
		return fmt.Errorf("whep: %w", err)
	}
	v.mu.Lock()
	v.secure = conn
	v.mu.Unlock()
	select {
	case <-v.done: // closed between the two lines above: nobody else will close the connection
		conn.Close()
		return ErrClosed
	default:
	}
	if err := conn.HandshakeContext(ctx); err != nil {
		return fmt.Errorf("whep: handshake: %w", err)
	}
	profile, ok := conn.SelectedSRTPProtectionProfile()
	if !ok {
		return errors.New("whep: no SRTP profile agreed")
	}
	state, ok := conn.ConnectionState()
	if !ok {
		return errors.New("whep: no handshake state")
	}
	salt := saltSize(profile)
	material, err := state.ExportKeyingMaterial("EXTRACTOR-dtls_srtp", nil, 2*(srtpKeySize+salt))
	if err != nil {
		return fmt.Errorf("whep: %w", err)
	}
	// RFC 5764 §4.2: client key, server key, client salt, server salt. The viewer is the client.
	clientKey, serverKey := material[:srtpKeySize], material[srtpKeySize:2*srtpKeySize]
	clientSalt, serverSalt := material[2*srtpKeySize:2*srtpKeySize+salt], material[2*srtpKeySize+salt:]
	theirs, err := newSRTP(profile, clientKey, clientSalt)
	if err != nil {
		return err
	}
	ours, err := newSRTP(profile, serverKey, serverSalt)
	if err != nil {
		return err
	}
	v.mu.Lock()
	v.theirs = theirs
	v.mu.Unlock()
	v.send.keys = ours // before join, nobody else looks
	return nil
}

// Close ends the viewer: when it returns, no further media byte is sent. Of what the system holds already for a slow viewer over TCP some may go for a second
// more (farewell).
func (v *Peer) Close() error { v.end(ErrClosed); return nil }

func (v *Peer) end(why error) {
	v.once.Do(func() {
		v.err = why
		v.feed.leave(v) // first of all: the picture stops
		close(v.done)
		v.mu.Lock()
		secure, tcps := v.secure, v.tcps
		v.mu.Unlock()
		for _, t := range tcps {
			t.drain()
		}
		if secure != nil {
			secure.Close() // says goodbye, so that the page knows at once
		}
		for _, t := range tcps {
			t.leave()
		}
		v.port.mu.Lock()
		v.mu.Lock()
		for _, c := range v.creds {
			delete(v.port.byUfrag, c.ufrag)
		}
		for _, k := range v.keys {
			if v.port.byAddr[k] == v {
				delete(v.port.byAddr, k)
			}
		}
		v.mu.Unlock()
		v.port.mu.Unlock()
		if v.ended != nil {
			v.ended(why)
		}
	})
}
