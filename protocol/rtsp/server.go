package rtsp

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"time"
)

// Server answers RTSP players. The zero value with a Handler and a Loop is ready to Serve.
type Server struct {
	Handler        ServerHandler
	Loop           *Loop // reads requests of playing connections and continues blocked writes
	Log            *slog.Logger
	Name           string        // Server header; default "linli"
	Realm          string        // for authentication; default "linli"
	SessionTimeout time.Duration // told to players; default 60 s
	UDP            bool          // offer UDP besides interleaved TCP
	TLS            *tls.Config   // serve rtsps
	SendBuffer     int           // bytes, SO_SNDBUF; 0: the system's
	Queue          int           // bytes that may wait per reader beyond the socket; default 512 KiB, negative: none (only the rest of a frame begun)
	MaxConns       int           // default 4096
}

// ServerHandler decides what is served. Describe, Credentials and Play may block (they run on the connection's goroutine).
type ServerHandler interface {
	// Describe returns the medias of a path, or a *StatusError (404, 403, 453 …).
	Describe(r *Request) (*Description, error)
	// Credentials returns who may use a path; nil: everybody.
	Credentials(r *Request) []Credential
	// Play is called once per reader, before the answer to PLAY is sent; what is written to o from now on reaches it.
	Play(r *Request, o *Out) error
	// Closed tells that o is gone; nothing that is written to it goes anywhere.
	Closed(o *Out, err error)
}

// Credential is one user and password; Digest with SHA-256 and MD5 is offered, Basic only where Basic is set.
type Credential struct {
	User, Password string
	Basic          bool
}

// Request is what a player asked.
type Request struct {
	Context context.Context
	Method  string
	URL     string // as sent
	Path    string // without the leading slash, query and control part
	Query   string
	Remote  net.Addr
	Header  Header
}

// Description is what a path offers.
type Description struct {
	Name   string // session name
	Medias []Media
}

// Serve accepts until ctx ends or ln fails; it closes ln and all connections.
func (s *Server) Serve(ctx context.Context, ln net.Listener) error { return errors.ErrUnsupported }

// Out is one playing reader. Its methods may be called by one goroutine at a time per Out; different Outs are independent.
type Out struct{}

// Medias lists the medias that the reader has set up, as indices of the description, in order.
func (o *Out) Medias() []int { return nil }

// WriteFrame sends one already framed run of interleaved packets of a media ('$', channel 2×media, length, packet, …) with one
// system call. What does not fit the socket waits (bounded); a frame that finds no room is dropped whole, and all of that media after it until
// the next key frame. It returns false when the frame was dropped. buf may be reused when it returns.
func (o *Out) WriteFrame(media int, buf []byte, key bool) bool { return false }

// Dropped counts the frames that this reader lost.
func (o *Out) Dropped() uint64 { return 0 }

// Remote is the reader's address.
func (o *Out) Remote() net.Addr { return nil }

// Path is what it plays.
func (o *Out) Path() string { return "" }

// Close ends the connection; ServerHandler.Closed follows.
func (o *Out) Close() error { return nil }

// Group writes each frame of one source to all its readers.
type Group struct{}

// NewGroup makes a group for a description; mtu is the size of an RTP packet at most, 0: 1400.
func NewGroup(medias []Media, mtu int) *Group { return &Group{} }

// Add lets o take part, from the next key frame on (at once for sound, and when now is set).
func (g *Group) Add(o *Out, now bool) {}

// Remove takes o out; it may be called for an Out that is not in.
func (g *Group) Remove(o *Out) {}

// Len is the number of readers.
func (g *Group) Len() int { return 0 }

// WriteUnit packetises one access unit once, and sends it to every reader. avcc: NAL units with 4-byte lengths; or one AAC frame, or a run of G.711.
// ntp (Unix nanoseconds of the same moment) goes into the sender reports.
func (g *Group) WriteUnit(media int, timestamp uint32, ntp int64, avcc []byte, key bool) {}

// WriteFramed sends already framed packets.
func (g *Group) WriteFramed(media int, buf []byte, key bool) {}
