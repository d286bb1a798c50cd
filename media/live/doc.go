// Package live shows what cameras see now: WebRTC by WHEP, low-latency HLS, and RTSP for a desktop player.
//
// Each way of watching has one sender per stream, started by the first viewer and stopped after the last: it reads the
// stream once and does once whatever can be done once (RTP packets, parts and playlists, framed RTSP packets). A viewer
// holds a lease of the door; each request and each sign of life over WebRTC is its heartbeat, and at the moment it ends
// the sender forgets the viewer, before anything else happens.
package live
