// Package rtp cuts frames into RTP packets and puts packets back together, without an allocation per packet.
//
// It covers what cameras and browsers speak: H.264 (RFC 6184: single NAL units, STAP-A, FU-A), H.265 (RFC 7798: single NAL
// units, AP, FU), AAC (RFC 3640, AAC-hbr) and G.711 (RFC 3551), with sender and receiver reports (RFC 3550) and a
// reorder buffer for datagrams.
//
// Reading: [Parse] a packet, hand header and payload to the depacketiser of its codec ([NewH264], [NewH265], [NewAAC],
// [NewG711]), which calls a [Receiver]. Everything a Receiver gets points into the packet; whoever wants to keep it copies it,
// and so there is exactly one copy between the socket and the place where a frame is kept.
//
// Writing: a [Packer] turns one access unit into packets behind each other in one buffer, with room before each packet for
// whatever frames it (the four bytes of RTSP interleaving, nothing for datagrams).
package rtp
