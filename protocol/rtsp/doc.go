// Package rtsp speaks RTSP 1.0 as a client for hundreds of cameras and as a server for hundreds of players, at the cost of few system calls.
//
// # Reading cameras
//
// [Dial] connects and describes, [Session.Play] sets up and hands the socket to a [Loop], and a [Handler] gets the packets:
//
//	loop, err := rtsp.NewLoop(rtsp.LoopOptions{})
//	s, err := rtsp.Dial(ctx, rtsp.Options{URL: "rtsp://10.0.0.7/main", User: "linli", Password: secret})
//	for i, m := range s.Medias { … choose … }
//	err = s.Play(ctx, []int{0}, loop, handler)
//	s.SetLazy(500 * time.Millisecond) // nobody watches
//	s.SetLazy(0)                      // somebody does
//	s.Close()
//
// It speaks Basic and Digest (MD5, SHA-256, with and without qop), interleaved TCP first and UDP where a camera refuses TCP,
// TLS (rtsps), and bears with what cameras do: controls that are no proper URLs, nonces that last for one request, packets before the answer to
// PLAY, requests of their own and rubbish between the packets, descriptions with half of it missing. A password is tried once per fresh
// nonce: [ErrUnauthorized] means that it is wrong, and that trying again would only lock the address out. A camera that is not understood
// all the same is tried once more with gortsplib, which costs more and knows more (multicast); Transport is "relay" then.
//
// # What it costs, and why
//
// What costs is being woken and asking the kernel, not bytes. So sockets stand outside Go's netpoller, in an epoll of a thread of their own,
// which reads into one large buffer; packets are looked at where they lie, and of a packet that is not complete yet only its beginning is kept
// with the session. A lazy session is read by a timer wheel a few times a second, many sessions
// in one wake-up, while the kernel's receive buffer holds what comes; epoll tells of it only when that is half full (SO_RCVLOWAT, which also has the
// kernel acknowledge at once: otherwise what nobody has read yet stays in the camera's small send buffer, and its key frames are lost there). Measured
// for 2 Mbit/s and 25 frames a second on loopback: 0.09 ms of CPU per camera-second lazily, 0.5–0.85 ms at once (see BenchmarkCostPull).
//
// Two things that were tried and do worse: a thread per CPU (Go's monitor wakes up every 20 µs while all Ps sit in system calls), and waking
// for every packet of every camera (past a few hundred wake-ups a second they are gathered for 0.7 ms).
//
// # Clocks
//
// The arrival that a Handler is told is when the batch was read. Of a lazy session, packets have waited by then, up to the interval; the
// newest of a batch has waited least. Whoever dates frames by arrival takes the least difference between arrival and RTP timestamp over some batches.
// The arrival is the wall clock's, which somebody may set by hours while cameras play. Everything that is waited for (keep-alives, silence, the wheel) goes by the
// monotonic clock instead.
//
// # Serving players
//
// A [Server] asks its [ServerHandler] what there is and who may have it, and hands out an [Out] for each reader that plays. A [Group] cuts each frame
// into packets once and gives the same bytes to all readers with one system call each, which is why every reader gets the same channels: 2×n and 2×n+1 for
// the nth media, whatever it asked for. A reader that cannot keep up loses whole frames up to the next key frame, counted, and holds up
// nobody. Readers on UDP get the same bytes as datagrams, segmented by the kernel (UDP_SEGMENT) where it can. A Group keeps
// what it sent since the last key frame, so that a reader who comes later can have a picture at once.
//
// Linux only: it lives on epoll, recvmmsg and UDP_SEGMENT.
package rtsp
