package stream

// Reasons are message keys: the room camera has a sentence for each, in both languages, with what to do about it.
const (
	ReasonConnecting        = "stream.connecting"          // a first attempt is under way
	ReasonWaitingForHost    = "stream.waiting-for-host"    // another channel of the device is being tried first
	ReasonLimit             = "stream.connection-limit"    // the device's connection limit is reached
	ReasonRefused           = "stream.refused"             // the port is closed
	ReasonTimeout           = "stream.timeout"             // no answer
	ReasonNoRoute           = "stream.no-route"            // network or host not reachable
	ReasonName              = "stream.unknown-name"        // the host name cannot be resolved
	ReasonTLS               = "stream.tls"                 // certificate or TLS version
	ReasonCertificate       = "stream.certificate-changed" // not the one that was believed when the device was registered
	ReasonAddress           = "stream.forbidden-address"   // its name has come to mean this very machine, or another place where no camera is
	ReasonProtocol          = "stream.protocol"            // it answers, but not as RTSP wants it
	ReasonUnauthorised      = "stream.unauthorised"        // wrong user or password; not tried again for 35 min
	ReasonForbidden         = "stream.forbidden"           // the account may not see this channel
	ReasonNoChannel         = "stream.no-such-channel"     // 404: wrong path or channel number
	ReasonBusy              = "stream.device-busy"         // 453, 503: too many connections at the device
	ReasonBadURL            = "stream.bad-url"             // the source's URL makes no sense
	ReasonNoVideo           = "stream.no-video"            // no video in the description
	ReasonCodec             = "stream.unsupported-codec"   // video is neither H.264 nor H.265
	ReasonClosed            = "stream.closed-by-camera"    // the camera hung up
	ReasonSilent            = "stream.silent"              // no packet for 10 s
	ReasonNoFrames          = "stream.no-frames"           // packets, but no whole picture
	ReasonDamaged           = "stream.only-damaged"        // most pictures arrive broken, or all
	ReasonNoKey             = "stream.no-key-frame"        // frames, but none to begin with
	ReasonNoParameters      = "stream.no-parameter-sets"   // neither the description nor the stream has them
	ReasonFlood             = "stream.flood"               // far more than a camera sends
	ReasonRubbish           = "stream.rubbish"             // bytes that are no stream, or parameters that change all the time
	ReasonWrongClock        = "stream.wrong-clock"         // the camera's clock is off
	ReasonDisabled          = "stream.disabled"            // not wanted any more
	ReasonParametersChanged = "stream.parameters-changed"  // gap: another picture size or codec profile
	ReasonTimeJump          = "stream.time-jump"           // gap: the camera's timestamps jumped, or lag too far behind
	ReasonPause             = "stream.pause"               // gap: nothing for some seconds
	ReasonClockStep         = "stream.clock-step"          // gap: the node's clock was set, or the camera's runs too far ahead
	ReasonShutdown          = "stream.shutdown"            // gap: this program ends
)
