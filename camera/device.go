package camera

import (
	"slices"
	"time"

	"linli.dev/linli/protocol/rtsp"
)

// DeviceID names a device.
type DeviceID string

// DeviceKind is a camera of its own or a recorder with channels.
type DeviceKind string

const (
	KindCamera   DeviceKind = "camera"
	KindRecorder DeviceKind = "recorder"
)

const maxChannels = 256

// Device is what has a host and a secret.
type Device struct {
	ID        DeviceID   `json:"id"`
	Kind      DeviceKind `json:"kind"`
	Name      string     `json:"name"`
	Host      string     `json:"host,omitempty" doc:"Only for those who may edit devices"`
	Port      int        `json:"port,omitempty"`
	TLS       bool       `json:"tls" doc:"rtsps"`
	Transport string     `json:"transport" enum:"auto,tcp,udp"`
	// Certificate is what its rtsps must show; empty: what an authority vouches for.
	Certificate string `json:"certificate,omitempty" doc:"SHA-256 fingerprint of the certificate that was believed, in pairs with colons; empty: an authority has to vouch for it"`
	// OnvifPort is where it can be asked for key frames; 0: not known.
	OnvifPort int  `json:"onvif_port,omitempty" doc:"Port of its ONVIF service, which is asked for a key frame when somebody begins to watch; 0 = not known. Only for those who may edit devices"`
	OnvifTLS  bool `json:"onvif_tls,omitempty" doc:"https"`
	// Limit is how many connections the device bears at once; 0: unknown.
	Limit     int       `json:"connection_limit" doc:"Connections the device bears at once; 0 = unknown"`
	Channels  int       `json:"channels"`
	Vendor    string    `json:"vendor,omitempty"`
	Model     string    `json:"model,omitempty"`
	CallNote  string    `json:"call_note" doc:"Whom to call when it is red (staff)"`
	HasSecret bool      `json:"has_secret"`
	SecretSet time.Time `json:"secret_set,omitzero" doc:"When the secret last changed"`
	Cameras   int       `json:"cameras" doc:"Cameras registered on it"`
	Version   int64     `json:"version"`
	Created   time.Time `json:"created"`
	Changed   time.Time `json:"changed"`
}

// Secret opens a device. It is sealed at rest and shown to nobody.
type Secret struct {
	User     string `json:"user"`
	Password string `json:"password"`
}

// String keeps a secret that strays into a log or an error out of it.
func (Secret) String() string   { return "‹secret›" }
func (Secret) GoString() string { return "‹secret›" }

func (s Secret) empty() bool { return s.User == "" && s.Password == "" }

func (s Secret) check(p *problems) {
	if len(s.User) > 128 {
		p.add("user", "camera.field.too-long", "most", 128, "is", len(s.User))
	}
	if len(s.Password) > 256 {
		p.add("password", "camera.field.too-long", "most", 256, "is", len(s.Password))
	}
	for path, v := range map[string]string{"user": s.User, "password": s.Password} {
		for _, r := range v {
			if r < 0x20 || r == 0x7f {
				p.add(path, "camera.field.control-characters")
				break
			}
		}
	}
	if s.User == "" && s.Password != "" {
		p.add("user", "camera.field.required")
	}
}

func (d *Device) normalise() {
	d.Name, d.Vendor, d.Model = tidy(d.Name, false), tidy(d.Vendor, false), tidy(d.Model, false)
	d.CallNote = tidy(d.CallNote, true)
	if d.Kind == "" {
		d.Kind = KindCamera
	}
	if d.Transport == "" {
		d.Transport = "auto"
	}
	if d.Kind == KindCamera {
		d.Channels = 1
	} else if d.Channels == 0 {
		d.Channels = 16
	}
	if d.Port == 0 {
		d.Port = 554
		if d.TLS {
			d.Port = 322
		}
	}
	if f, err := rtsp.ParseFingerprint(d.Certificate); err == nil {
		d.Certificate = f
	} else {
		d.Certificate = tidy(d.Certificate, false)
	}
	d.Host = normaliseHost(d.Host)
	if d.Name == "" {
		d.Name = d.Host
	}
}

func (d *Device) check(targets Targets) problems {
	var p problems
	p.text("name", d.Name, maxName, true, false)
	p.text("vendor", d.Vendor, maxName, false, false)
	p.text("model", d.Model, maxName, false, false)
	p.text("call_note", d.CallNote, maxText, false, true)
	if d.Kind != KindCamera && d.Kind != KindRecorder {
		p.add("kind", "camera.field.device-kind", "is", clip(string(d.Kind)))
	}
	if !slices.Contains([]string{"auto", "tcp", "udp"}, d.Transport) {
		p.add("transport", "camera.field.transport", "is", clip(d.Transport))
	}
	if d.Certificate != "" {
		if _, err := rtsp.ParseFingerprint(d.Certificate); err != nil {
			p.add("certificate", "camera.field.fingerprint")
		}
	}
	if d.Port < 1 || d.Port > 65535 {
		p.add("port", "camera.field.port", "is", d.Port)
	}
	if d.OnvifPort < 0 || d.OnvifPort > 65535 {
		p.add("onvif_port", "camera.field.port", "is", d.OnvifPort)
	}
	if d.Limit < 0 || d.Limit > 1024 {
		p.add("connection_limit", "camera.field.limit", "is", d.Limit)
	}
	if d.Channels < 1 || d.Channels > maxChannels {
		p.add("channels", "camera.field.channel", "most", maxChannels)
	}
	if d.Host == "" {
		p.add("host", "camera.field.required")
	} else if code := targets.refuseHost(d.Host); code != "" {
		p.add("host", code, "host", clip(d.Host))
	}
	return p
}
