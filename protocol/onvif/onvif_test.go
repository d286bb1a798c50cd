package onvif

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// box is a camera's ONVIF side, as careless with namespaces as the real ones.
type box struct {
	t        *testing.T
	clock    time.Duration // ahead of ours
	password string
	http     bool // asks for HTTP digest instead of tokens
	stale    int  // says so many times that the nonce is old
	asked    map[string]int
	tokens   int
}

func (b *box) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	raw, _ := io.ReadAll(r.Body)
	body := string(raw)
	action := regexp.MustCompile(`action="[^"]*/(\w+)"`).FindStringSubmatch(r.Header.Get("Content-Type"))
	if action == nil {
		http.Error(w, "no action", 400)
		return
	}
	b.asked[action[1]]++
	if strings.Contains(body, b.password) {
		b.t.Error("the password travels in the clear")
	}
	if action[1] != "GetSystemDateAndTime" && !b.allowed(w, r, body) {
		return
	}
	now := time.Now().Add(b.clock).UTC()
	answers := map[string]string{
		"GetSystemDateAndTime": fmt.Sprintf(`<tds:GetSystemDateAndTimeResponse><tds:SystemDateAndTime><tt:DateTimeType>NTP</tt:DateTimeType><tt:UTCDateTime><tt:Time><tt:Hour>%d</tt:Hour><tt:Minute>%d</tt:Minute><tt:Second>%d</tt:Second></tt:Time><tt:Date><tt:Year>%d</tt:Year><tt:Month>%d</tt:Month><tt:Day>%d</tt:Day></tt:Date></tt:UTCDateTime></tds:SystemDateAndTime></tds:GetSystemDateAndTimeResponse>`,
			now.Hour(), now.Minute(), now.Second(), now.Year(), now.Month(), now.Day()),
		"GetDeviceInformation": `<tds:GetDeviceInformationResponse><tds:Manufacturer>某厂</tds:Manufacturer><tds:Model>IPC-2</tds:Model><tds:FirmwareVersion>5.6</tds:FirmwareVersion><tds:SerialNumber>S1</tds:SerialNumber><tds:HardwareId>88</tds:HardwareId></tds:GetDeviceInformationResponse>`,
		"GetCapabilities":      `<tds:GetCapabilitiesResponse><tds:Capabilities><tt:Media><tt:XAddr>http://10.99.99.99/onvif/media_service</tt:XAddr></tt:Media></tds:Capabilities></tds:GetCapabilitiesResponse>`,
		"GetProfiles": `<trt:GetProfilesResponse>
<trt:Profiles fixed="true" token="P0"><tt:Name>主码流</tt:Name><tt:VideoSourceConfiguration token="V"><tt:SourceToken>VS0</tt:SourceToken></tt:VideoSourceConfiguration><tt:VideoEncoderConfiguration token="E0"><tt:Encoding>H265</tt:Encoding><tt:Resolution><tt:Width>2560</tt:Width><tt:Height>1440</tt:Height></tt:Resolution><tt:RateControl><tt:FrameRateLimit>25</tt:FrameRateLimit><tt:BitrateLimit>4096</tt:BitrateLimit></tt:RateControl></tt:VideoEncoderConfiguration></trt:Profiles>
<trt:Profiles fixed="true" token="P1"><tt:Name>子码流</tt:Name><tt:VideoSourceConfiguration><tt:SourceToken>VS0</tt:SourceToken></tt:VideoSourceConfiguration><tt:VideoEncoderConfiguration><tt:Encoding>H264</tt:Encoding><tt:Resolution><tt:Width>640</tt:Width><tt:Height>360</tt:Height></tt:Resolution><tt:RateControl><tt:FrameRateLimit>15</tt:FrameRateLimit><tt:BitrateLimit>512</tt:BitrateLimit></tt:RateControl><tt:H264><tt:GovLength>30</tt:GovLength></tt:H264></tt:VideoEncoderConfiguration><tt:AudioEncoderConfiguration><tt:Encoding>G711</tt:Encoding></tt:AudioEncoderConfiguration></trt:Profiles>
<trt:Profiles token="meta"><tt:Name>metadata</tt:Name></trt:Profiles>
</trt:GetProfilesResponse>`,
		"GetStreamUri":   `<trt:GetStreamUriResponse><trt:MediaUri><tt:Uri>rtsp://10.99.99.99:554/Streaming/Channels/101?transportmode=unicast&amp;profile=P0</tt:Uri></trt:MediaUri></trt:GetStreamUriResponse>`,
		"GetSnapshotUri": `<trt:GetSnapshotUriResponse><trt:MediaUri><tt:Uri>http://10.99.99.99/snap.jpg</tt:Uri></trt:MediaUri></trt:GetSnapshotUriResponse>`,
	}
	if strings.Contains(action[1], "Uri") && (r.URL.Path != "/onvif/media_service" || !strings.Contains(body, "<ProfileToken>P0</ProfileToken>")) {
		b.t.Errorf("%s at %s: %s", action[1], r.URL.Path, body)
	}
	soap(w, 200, answers[action[1]])
}

func soap(w http.ResponseWriter, status int, body string) {
	w.Header().Set("Content-Type", "application/soap+xml")
	w.WriteHeader(status)
	fmt.Fprintf(w, `<?xml version="1.0"?><env:Envelope xmlns:env="http://www.w3.org/2003/05/soap-envelope" xmlns:tds="x"><env:Header/><env:Body>%s</env:Body></env:Envelope>`, body)
}

var tokenShape = regexp.MustCompile(`<Username>(.*?)</Username><Password Type="[^"]*#PasswordDigest">(.*?)</Password><Nonce[^>]*>(.*?)</Nonce><Created[^>]*>(.*?)</Created>`)

func (b *box) allowed(w http.ResponseWriter, r *http.Request, body string) bool {
	if b.http {
		if a := r.Header.Get("Authorization"); strings.HasPrefix(a, "Digest ") && b.stale <= 0 {
			c := challenge{realm: "box", nonce: "n1", qop: true}
			p := map[string]string{}
			for _, s := range splitParams(strings.TrimPrefix(a, "Digest ")) {
				k, v, _ := strings.Cut(strings.TrimSpace(s), "=")
				p[k] = strings.Trim(v, `"`)
			}
			ha1, ha2 := c.hash("viewer:box:"+b.password), c.hash("POST:"+r.URL.RequestURI())
			if p["response"] == c.hash(ha1+":n1:"+p["nc"]+":"+p["cnonce"]+":auth:"+ha2) {
				return true
			}
		}
		stale := ""
		if b.stale > 0 && r.Header.Get("Authorization") != "" {
			b.stale--
			stale = `, stale=true`
		}
		w.Header().Add("WWW-Authenticate", `Basic realm="box"`)
		w.Header().Add("WWW-Authenticate", `Digest realm="box", nonce="n1", qop="auth"`+stale)
		w.WriteHeader(401)
		return false
	}
	b.tokens++
	m := tokenShape.FindStringSubmatch(body)
	if m != nil {
		nonce, _ := base64.StdEncoding.DecodeString(m[3])
		at, err := time.Parse("2006-01-02T15:04:05.000Z", m[4])
		if off := time.Until(at.Add(-b.clock)); err == nil && off > -3*time.Second && off < 3*time.Second && m[1] == "viewer" && m[2] == passwordDigest(nonce, m[4], b.password) {
			return true
		}
	}
	soap(w, 400, `<env:Fault><env:Code><env:Value>env:Sender</env:Value><env:Subcode><env:Value>ter:NotAuthorized</env:Value></env:Subcode></env:Code><env:Reason><env:Text xml:lang="en">Sender not authorized</env:Text></env:Reason></env:Fault>`)
	return false
}

func open(t *testing.T, b *box, password string) *Client {
	t.Helper()
	b.t, b.asked = t, map[string]int{}
	srv := httptest.NewServer(b)
	t.Cleanup(srv.Close)
	c, err := New(Options{URL: srv.URL + "/onvif/device_service", User: "viewer", Password: password})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestDevice(t *testing.T) {
	for name, b := range map[string]*box{
		"token":             {password: "Sesame & <1>", clock: 3 * time.Hour}, // a wrong clock must not look like a wrong password
		"http digest":       {password: "Sesame1", http: true},
		"http digest stale": {password: "Sesame1", http: true, stale: 1},
	} {
		t.Run(name, func(t *testing.T) {
			ctx := context.Background()
			c := open(t, b, b.password)
			if off, ok, err := c.Clock(ctx); err != nil || !ok || (off-b.clock).Abs() > 2*time.Second {
				t.Fatal(off, ok, err)
			}
			info, err := c.Information(ctx)
			if err != nil || info != (Information{"某厂", "IPC-2", "5.6", "S1", "88"}) {
				t.Fatalf("%+v %v", info, err)
			}
			profiles, err := c.Profiles(ctx)
			want := []Profile{
				{"P0", "主码流", "VS0", "H265", 2560, 1440, 25, 4096, 0, ""},
				{"P1", "子码流", "VS0", "H264", 640, 360, 15, 512, 30, "G711"},
			}
			if d := cmp.Diff(want, profiles); d != "" || err != nil {
				t.Fatal(d, err)
			}
			if u, err := c.StreamURI(ctx, "P0"); err != nil || u != "rtsp://10.99.99.99:554/Streaming/Channels/101?transportmode=unicast&profile=P0" {
				t.Error(u, err)
			}
			if u, err := c.SnapshotURI(ctx, "P0"); err != nil || u != "http://10.99.99.99/snap.jpg" {
				t.Error(u, err)
			}
			if b.asked["GetCapabilities"] > 3 {
				t.Error("asks again and again", b.asked)
			}
		})
	}
}

func TestWrongPassword(t *testing.T) {
	for name, b := range map[string]*box{"token": {password: "right-one"}, "http": {password: "right-one", http: true}} {
		c := open(t, b, "wrong")
		_, err := c.Information(context.Background())
		if !errors.Is(err, ErrUnauthorized) || strings.Contains(err.Error(), "wrong\"") {
			t.Error(name, err)
		}
		if b.asked["GetDeviceInformation"] > 2 {
			t.Errorf("%s: tried %d times", name, b.asked["GetDeviceInformation"])
		}
	}
}

func TestBadDevices(t *testing.T) {
	for name, h := range map[string]http.HandlerFunc{
		"a web page": func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "<html><body>hello</body></html>") },
		"not found":  http.NotFound,
		"a redirect": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://127.0.0.1:1/", http.StatusTemporaryRedirect)
		},
		"endless": func(w http.ResponseWriter, r *http.Request) {
			for i := 0; i < 2000; i++ {
				io.WriteString(w, strings.Repeat("<a>", 512))
			}
		},
		"an entity": func(w http.ResponseWriter, r *http.Request) {
			io.WriteString(w, `<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><Envelope><Body>&e;</Body></Envelope>`)
		},
	} {
		srv := httptest.NewServer(h)
		c, _ := New(Options{URL: srv.URL, User: "a", Password: "b"})
		if info, err := c.Information(context.Background()); err == nil && info != (Information{}) || err != nil && !errors.Is(err, ErrProtocol) {
			t.Errorf("%s: %+v %v", name, info, err)
		}
		srv.Close()
	}
	c, _ := New(Options{URL: "http://127.0.0.1:1/x", User: "a", Password: "b"})
	if _, err := c.Information(context.Background()); !errors.Is(err, ErrUnreachable) {
		t.Error(err)
	}
	for _, u := range []string{"", "rtsp://x/", "http:///x", "http://a:b@[::1/"} {
		if _, err := New(Options{URL: u}); err == nil || strings.Contains(err.Error(), "a:b") {
			t.Error(u, err)
		}
	}
}

// The example of the WS-Security UsernameToken profile as ONVIF's application
// programmer's guide gives it.
func TestDigestVector(t *testing.T) {
	nonce, _ := base64.StdEncoding.DecodeString("LKqI6G/AikKCQrN0zqZFlg==")
	if got := passwordDigest(nonce, "2010-09-16T07:50:45Z", "userpassword"); got != "tuOSpGlFlIXsozq4HFNeeGeFLEI=" {
		t.Error(got)
	}
}

const match = `<?xml version="1.0"?><SOAP-ENV:Envelope xmlns:SOAP-ENV="http://www.w3.org/2003/05/soap-envelope"><SOAP-ENV:Body><d:ProbeMatches><d:ProbeMatch><wsa:EndpointReference><wsa:Address>urn:uuid:1</wsa:Address></wsa:EndpointReference><d:Types>dn:NetworkVideoTransmitter tds:Device</d:Types><d:Scopes>onvif://www.onvif.org/name/IPC%20%E4%B8%9C%E9%97%A8 onvif://www.onvif.org/hardware/DS-2 onvif://www.onvif.org/location/gate</d:Scopes><d:XAddrs>http://192.168.7.7:8000/onvif/device_service http://[fe80::1]/onvif/device_service</d:XAddrs></d:ProbeMatch></d:ProbeMatches></SOAP-ENV:Body></SOAP-ENV:Envelope>`

func TestDiscover(t *testing.T) {
	// A device on this machine answers each probe twice, with rubbish between.
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	go func() {
		buf := make([]byte, 8192)
		for {
			n, from, err := conn.ReadFromUDP(buf)
			if err != nil {
				return
			}
			if !strings.Contains(string(buf[:n]), "discovery/Probe") {
				t.Errorf("probe: %s", buf[:n])
			}
			for _, s := range []string{match, "rubbish", match, "<a/>"} {
				_, _ = conn.WriteToUDP([]byte(s), from)
			}
		}
	}()
	lo, err := net.InterfaceByName("lo")
	if err != nil {
		t.Skip("no lo")
	}
	found, err := Discover(context.Background(), DiscoverOptions{Wait: 600 * time.Millisecond, Interfaces: []net.Interface{*lo}, Group: conn.LocalAddr().String()})
	if err != nil {
		t.Fatal(err)
	}
	want := []Found{{From: netip.MustParseAddr("127.0.0.1"), URL: "http://127.0.0.1:8000/onvif/device_service", Endpoint: "urn:uuid:1", Name: "IPC 东门", Hardware: "DS-2", Location: "gate"}}
	if d := cmp.Diff(want, found, cmp.Comparer(func(a, b netip.Addr) bool { return a == b })); d != "" {
		t.Error(d)
	}
}

func FuzzReply(f *testing.F) {
	f.Add([]byte(`<Envelope><Body><Fault><Code><Value>a</Value><Subcode><Value>b:c</Value></Subcode></Code></Fault></Body></Envelope>`))
	f.Add([]byte(`<e:Envelope><e:Body><GetProfilesResponse><Profiles token="x"/></GetProfilesResponse></e:Body></e:Envelope>`))
	f.Add([]byte(match))
	f.Fuzz(func(t *testing.T, b []byte) {
		var out struct {
			Profiles []struct {
				Token string `xml:"token,attr"`
			}
		}
		err := parseReply(b, &out)
		var fault *Fault
		if err != nil && !errors.As(err, &fault) && !errors.Is(err, ErrProtocol) {
			t.Fatal(err)
		}
	})
}

func FuzzMatches(f *testing.F) {
	f.Add([]byte(match))
	f.Add([]byte(strings.ReplaceAll(match, "http://", "https://x@")))
	from := netip.MustParseAddr("192.168.1.9")
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, m := range parseMatches(b, from) {
			c, err := New(Options{URL: m.URL})
			if err != nil || c.base.Hostname() != from.String() {
				t.Fatalf("%q leads elsewhere: %v", m.URL, err)
			}
		}
	})
}

func FuzzChallenge(f *testing.F) {
	f.Add(`Digest realm="a,b", nonce="n", qop="auth,auth-int", algorithm=SHA-256, stale=TRUE`)
	f.Add(`Digest "`)
	f.Fuzz(func(t *testing.T, s string) {
		if c, ok := parseChallenge([]string{s}); ok {
			if a := c.answer("u", "p", "POST", "/x", 1); !strings.HasPrefix(a, "Digest ") {
				t.Fatal(a)
			}
		}
	})
}
