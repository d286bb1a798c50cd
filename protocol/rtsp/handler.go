package rtsp

// Handler gets what a playing session receives. All calls of a session come one after the other, on the thread of its loop:
// a call that blocks holds up every other camera of that thread.
type Handler interface {
	// Packet gets one RTP packet, valid only during the call; its bytes may be overwritten. media is an index of
	// Session.Medias. arrival is when the batch was read, in Unix nanoseconds: of a lazy session, at most its
	// interval later than the packet really came.
	Packet(media int, arrival int64, pkt []byte)
	// SenderReport tells that the camera's clock (NTP, 32.32 seconds since 1900) showed ntp at the RTP timestamp rtp.
	SenderReport(media int, ntp uint64, rtp uint32, arrival int64)
	// Batch marks the end of what one read brought.
	Batch()
	// Closed is the last call: ErrClosed after Close, else why the session ended.
	Closed(err error)
}
