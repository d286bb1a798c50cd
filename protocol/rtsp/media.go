package rtsp

// Media is one stream of a description: what a camera offers, or what our server offers.
type Media struct {
	Kind        string // "video", "audio", or what the description says
	Codec       string // "H264", "H265", "AAC", "PCMA", "PCMU", or the encoding name in capitals
	PayloadType uint8
	ClockRate   int
	Channels    int               // sound only; 1 when not said
	Params      [][]byte          // H264: SPS, PPS; H265: VPS, SPS, PPS; AAC: one AudioSpecificConfig. Empty when the description has none
	Control     string            // as written
	Fmtp        map[string]string // keys in lower case
	BackChannel bool              // towards the camera (a=sendonly by ONVIF): not to be played
	KeyRequest  string            // by what its description offers to be asked for a key frame (a=rtcp-fb): "pli", "fir", or "" where it says nothing
}
