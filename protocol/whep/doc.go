// Package whep is the server's half of WebRTC for viewers: SDP answer, ICE-lite, DTLS-SRTP and sending, all on one port.
//
// It is much less than a WebRTC stack, on purpose. A server that only sends, and whose address is known, needs no
// candidate gathering, no congestion feedback and no per-viewer buffers. What is shared is shared: a Feed cuts a
// stream into RTP packets once and keeps one history for joins and for retransmission; a viewer costs its keys,
// its handshake, and one encrypt-and-send per frame.
//
//	Port   one UDP socket per address family and one TCP listener, the same number; finds the Peer of a packet
//	Peer   one viewer: credentials, DTLS, SRTP keys, the path its packets take
//	Feed   one stream: packets, history, viewers
//
// Standards: RFC 9725 (WHIP, whose resource rules WHEP takes over), RFC 8445 and 8839 (ICE, lite), RFC 6544 (ICE-TCP),
// RFC 8489 (STUN), RFC 5764 (DTLS-SRTP), RFC 3711 and 7714 (SRTP), RFC 6184 and 7798 (H.264, H.265 in RTP), RFC 4585 (NACK, PLI).
package whep
