package rtsp

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// Server answers RTSP players. With a Handler and a Loop it is ready to Serve.
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

	mu    sync.Mutex
	conns map[*peer]struct{}
	outs  map[*Out]struct{}
	udp   *udpSender
}

// ServerHandler decides what is served. Describe, Credentials and Play may block (they run on the connection's goroutine).
type ServerHandler interface {
	// Describe returns the medias of a path, or a *StatusError (404, 403, 453 …).
	Describe(r *Request) (*Description, error)
	// Credentials returns who may use a path; nil: everybody.
	Credentials(r *Request) []Credential
	// Play is called once per reader, before the answer to PLAY is sent; what is written to o from now on reaches it behind the answer.
	Play(r *Request, o *Out) error
	// Closed tells that o is gone; nothing that is written to it goes anywhere. It must not block.
	Closed(o *Out, err error)
}

// KeyAsker is a ServerHandler that wants to know when a reader asks for a key frame of a media (by RTCP, interleaved). It must not block.
type KeyAsker interface {
	KeyAsked(o *Out, media int)
}

// Credential is one user and password; Digest with SHA-256 and MD5 is offered, and Basic where Basic is set.
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
	NoTCP  bool // interleaved TCP is refused (461), as some cameras do; for simulators
}

func (s *Server) name() string {
	if s.Name == "" {
		return "linli"
	}
	return s.Name
}

func (s *Server) realm() string {
	if s.Realm == "" {
		return "linli"
	}
	return s.Realm
}

func (s *Server) sessionTimeout() time.Duration {
	if s.SessionTimeout <= 0 {
		return time.Minute
	}
	return s.SessionTimeout
}

func (s *Server) queue() int {
	switch {
	case s.Queue == 0:
		return 512 << 10
	case s.Queue < 0:
		return 0
	}
	return s.Queue
}

// Serve accepts until ctx ends or ln fails; it closes ln and all connections, and waits for those that are not playing yet.
func (s *Server) Serve(ctx context.Context, ln net.Listener) error {
	if s.Handler == nil || s.Loop == nil {
		return errors.New("rtsp: a server needs a Handler and a Loop")
	}
	log := s.Log
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	context.AfterFunc(ctx, func() { ln.Close() })

	s.mu.Lock()
	s.conns, s.outs = map[*peer]struct{}{}, map[*Out]struct{}{}
	if s.UDP {
		u, err := newUDPSender(ln.Addr())
		if err != nil {
			log.Warn("rtsp: no UDP for players", "err", err)
		}
		s.udp = u
	}
	s.mu.Unlock()
	var busy sync.WaitGroup
	defer func() {
		s.closeAll()
		busy.Wait()
		s.closeAll() // those that began to play meanwhile
		s.udp.close()
	}()
	limit := s.MaxConns
	if limit <= 0 {
		limit = 4096
	}
	for {
		nc, err := ln.Accept()
		if err != nil {
			if ctx.Err() != nil {
				return nil
			}
			if isTemporary(err) {
				log.Warn("rtsp: accept", "err", err)
				time.Sleep(50 * time.Millisecond)
				continue
			}
			return err
		}
		p := &peer{srv: s, log: log, nc: nc}
		s.mu.Lock()
		full := len(s.conns)+len(s.outs) >= limit
		if !full {
			s.conns[p] = struct{}{}
		}
		s.mu.Unlock()
		if full {
			nc.Close()
			continue
		}
		busy.Go(func() {
			defer func() {
				s.mu.Lock()
				delete(s.conns, p)
				s.mu.Unlock()
			}()
			p.serve(ctx)
		})
	}
}

func isTemporary(err error) bool {
	return errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE) || errors.Is(err, syscall.ECONNABORTED) || errors.Is(err, unix.ENOBUFS) || errors.Is(err, unix.ENOMEM)
}

func (s *Server) closeAll() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for p := range s.conns {
		p.nc.Close()
	}
	for o := range s.outs {
		o.Close()
	}
}
