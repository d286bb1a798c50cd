package onvif

import (
	"context"
	"fmt"
	"net/url"
	"strings"
)

// Profile is one way in which a device sends a channel.
type Profile struct {
	Token, Name   string
	Source        string // token of the video source: the channel
	Encoding      string // "H264", "H265", "JPEG", …
	Width, Height int
	FrameRate     float64
	BitRate       int // kbit/s
	GOP           int // frames between key frames
	Sound         string
}

const maxProfiles = 256

// Profiles lists the profiles of all channels, as the device orders them.
func (c *Client) Profiles(ctx context.Context) ([]Profile, error) {
	if err := c.findMedia(ctx); err != nil {
		return nil, err
	}
	var out struct {
		Profiles []struct {
			Token                    string `xml:"token,attr"`
			Name                     string
			VideoSourceConfiguration struct {
				SourceToken string
			}
			VideoEncoderConfiguration struct {
				Encoding   string
				Resolution struct {
					Width, Height int
				}
				RateControl struct {
					FrameRateLimit float64
					BitrateLimit   int
				}
				H264 struct {
					GovLength int
				}
			}
			AudioEncoderConfiguration struct {
				Encoding string
			}
		}
	}
	if err := c.call(ctx, c.media, nsMedia+"/GetProfiles", `<GetProfiles xmlns="`+nsMedia+`"/>`, true, &out); err != nil {
		return nil, err
	}
	var list []Profile
	for _, p := range out.Profiles[:min(len(out.Profiles), maxProfiles)] {
		v := p.VideoEncoderConfiguration
		if p.Token == "" || p.VideoSourceConfiguration.SourceToken == "" && v.Encoding == "" {
			continue // sound or metadata only
		}
		encoding := strings.ToUpper(strings.TrimSpace(v.Encoding))
		if encoding == "HEVC" {
			encoding = "H265"
		}
		list = append(list, Profile{
			Token: p.Token, Name: strings.TrimSpace(p.Name), Source: p.VideoSourceConfiguration.SourceToken, Encoding: encoding,
			Width: v.Resolution.Width, Height: v.Resolution.Height, FrameRate: v.RateControl.FrameRateLimit,
			BitRate: v.RateControl.BitrateLimit, GOP: v.H264.GovLength, Sound: strings.TrimSpace(p.AudioEncoderConfiguration.Encoding),
		})
	}
	return list, nil
}

// StreamURI asks where a profile is streamed by RTSP. What comes back is the
// device's word: the caller takes its path and keeps to its host.
func (c *Client) StreamURI(ctx context.Context, profile string) (string, error) {
	return c.uri(ctx, "GetStreamUri", `<StreamSetup><Stream xmlns="`+nsSchema+`">RTP-Unicast</Stream><Transport xmlns="`+nsSchema+`"><Protocol>RTSP</Protocol></Transport></StreamSetup>`, profile)
}

// SnapshotURI asks where a still picture of a profile is.
func (c *Client) SnapshotURI(ctx context.Context, profile string) (string, error) {
	return c.uri(ctx, "GetSnapshotUri", "", profile)
}

func (c *Client) uri(ctx context.Context, name, setup, profile string) (string, error) {
	if err := c.findMedia(ctx); err != nil {
		return "", err
	}
	var out struct {
		MediaUri struct{ Uri string }
	}
	body := `<` + name + ` xmlns="` + nsMedia + `">` + setup + `<ProfileToken>` + escape(profile) + `</ProfileToken></` + name + `>`
	if err := c.call(ctx, c.media, nsMedia+"/"+name, body, true, &out); err != nil {
		return "", err
	}
	uri := strings.TrimSpace(out.MediaUri.Uri)
	if u, err := url.Parse(uri); err != nil || u.Host == "" || len(uri) > 1000 {
		return "", fmt.Errorf("%w: no address in the answer", ErrProtocol)
	}
	return uri, nil
}
