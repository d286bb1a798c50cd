package camera

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"linli.dev/linli/fault"
	"linli.dev/linli/protocol/lockout"
	"linli.dev/linli/protocol/onvif"
	"linli.dev/linli/store"
	"linli.dev/linli/store/storetest"
)

// recorderBox answers ONVIF for a recorder with two channels; wrong: it
// refuses whoever asks. shown counts how often it saw the password proved.
type recorderBox struct {
	wrong, dumb bool // dumb: it tells nobody of still pictures
	shown       int
}

func (b *recorderBox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	raw, _ := io.ReadAll(r.Body)
	action := regexp.MustCompile(`action="[^"]*/(\w+)"`).FindStringSubmatch(r.Header.Get("Content-Type"))[1]
	if strings.Contains(string(raw), "<UsernameToken>") {
		b.shown++
	}
	answer := map[string]string{
		"GetSystemDateAndTime": "<R><SystemDateAndTime/></R>",
		"GetDeviceInformation": "<R><Manufacturer>某厂</Manufacturer><Model>NVR-2</Model></R>",
		"GetCapabilities":      "<R><Capabilities><Media><XAddr>http://10.9.9.9/onvif/media</XAddr></Media></Capabilities></R>",
		"GetProfiles": `<R>` + profile("a1", "S1", "H265", 2560, 1440) + profile("a2", "S1", "H265", 704, 576) + profile("a3", "S1", "H264", 640, 360) +
			profile("b1", "S2", "H264", 1920, 1080) + profile("b2", "S2", "JPEG", 320, 240) + `</R>`,
	}[action]
	if action == "GetStreamUri" || action == "GetSnapshotUri" {
		token := regexp.MustCompile(`<ProfileToken>(\w+)<`).FindStringSubmatch(string(raw))[1]
		uri := "rtsp://admin:inner@10.9.9.9:1554/" + token
		if action == "GetSnapshotUri" {
			uri = "http://10.9.9.9:81/snap/" + token
		}
		answer = "<R><MediaUri><Uri>" + uri + "</Uri></MediaUri></R>"
	}
	if b.dumb && action == "GetSnapshotUri" || b.wrong && action != "GetSystemDateAndTime" {
		answer = "<Fault><Code><Value>s:Sender</Value><Subcode><Value>ter:NotAuthorized</Value></Subcode></Code></Fault>"
	}
	fmt.Fprintf(w, `<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body>%s</s:Body></s:Envelope>`, answer)
}

func profile(token, source, codec string, width, height int) string {
	return fmt.Sprintf(`<Profiles token=%q><Name>x</Name><VideoSourceConfiguration><SourceToken>%s</SourceToken></VideoSourceConfiguration><VideoEncoderConfiguration><Encoding>%s</Encoding><Resolution><Width>%d</Width><Height>%d</Height></Resolution></VideoEncoderConfiguration></Profiles>`,
		token, source, codec, width, height)
}

func TestAskDevice(t *testing.T) {
	box := &recorderBox{}
	srv := httptest.NewServer(box)
	defer srv.Close()
	_, portText, _ := net.SplitHostPort(srv.Listener.Addr().String())
	port, _ := strconv.Atoi(portText)
	vault, err := store.OpenVault(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	c := newClock()
	s, err := New(t.Context(), storetest.SQLite(t), Options{Vault: vault, Now: c.now, Targets: Targets{AllowLoopback: true}})
	if err != nil {
		t.Fatal(err)
	}
	a, err := s.AskDevice(t.Context(), AskRequest{Host: "127.0.0.1", Port: port, User: "viewer", Password: "Sesame1"})
	if err != nil || !a.OK || a.Vendor != "某厂" || a.RTSPPort != 1554 || len(a.Channels) != 2 {
		t.Fatalf("%+v %v", a, err)
	}
	one, two := a.Channels[0], a.Channels[1]
	// The largest picture, and the smallest that browsers play.
	if one.Main.Path != "/a1" || one.Main.Codec != "H.265" || one.Sub.Path != "/a3" || one.Snapshot != "http://127.0.0.1:81/snap/a1" {
		t.Errorf("%+v %+v", one.Main, one.Sub)
	}
	if two.Main.Path != "/b1" || two.Sub != nil {
		t.Errorf("%+v %+v", two.Main, two.Sub)
	}
	if raw, _ := json.Marshal(a); strings.Contains(string(raw), "inner") || strings.Contains(string(raw), "10.9.9.9") || strings.Contains(string(raw), "Sesame") {
		t.Errorf("the answer tells: %s", raw)
	}

	// A wrong password is asked once.
	box.wrong, box.shown = true, 0
	q := AskRequest{Host: "127.0.0.1", Port: port, User: "viewer", Password: "Wrong1"}
	if a, err = s.AskDevice(t.Context(), q); err != nil || a.Failure == nil || a.Failure.Code != "camera.test.unauthorised" || box.shown != 1 {
		t.Errorf("%+v %v, shown %d times", a, err, box.shown)
	}
	if _, err = s.AskDevice(t.Context(), q); fault.CodeOf(err) != "camera.test.same-secret" || box.shown != 1 {
		t.Error(err, box.shown)
	}
	box.wrong = false

	// Who may not know of still pictures is told so once, not once per channel. The other time is for the second channel's stream.
	box.dumb, box.shown = true, 0
	if a, err = s.AskDevice(t.Context(), AskRequest{Host: "127.0.0.1", Port: port, User: "viewer", Password: "Sesame1"}); err != nil || !a.OK || box.shown != 2 {
		t.Errorf("%+v %v, shown %d times", a, err, box.shown)
	}
	box.dumb = false

	// A registered device's secret goes to its own host only.
	w, err := s.AddDevice(t.Context(), "op", DeviceEdit{Host: p("127.0.0.1"), User: p("viewer"), Password: p("Sesame1")})
	if err != nil {
		t.Fatal(err)
	}
	if a, err = s.AskDevice(t.Context(), AskRequest{Device: w.Value.ID, Port: port}); err != nil || !a.OK {
		t.Errorf("%+v %v", a, err)
	}
	// What it has refused over RTSP a minute ago is not shown to it here, after a restart neither.
	refused := lockout.Secret{Device: "127.0.0.1:554", User: "viewer", Password: "Sesame1"}
	if err := s.o.Lockouts.Refused(lockout.RTSP, refused); err != nil {
		t.Fatal(err)
	}
	box.shown = 0
	if _, err = s.AskDevice(t.Context(), AskRequest{Device: w.Value.ID, Port: port}); fault.CodeOf(err) != "camera.test.same-secret" || fault.KindOf(err) != fault.TooMany || box.shown != 0 {
		t.Errorf("%v, shown %d times", err, box.shown)
	}
	if err := s.o.Lockouts.Taken(refused); err != nil {
		t.Fatal(err)
	}
	box.wrong = true
	if a, err = s.AskDevice(t.Context(), AskRequest{Device: w.Value.ID, Port: port}); err != nil || a.OK {
		t.Errorf("%+v %v", a, err)
	}
	box.wrong = false
	if s.o.Lockouts.Wait(lockout.ONVIF, refused) == 0 || s.o.Lockouts.Wait(lockout.RTSP, refused) != 0 {
		t.Error("what ONVIF refuses is forgotten, or keeps the camera from being recorded")
	}
	if _, err = s.AskDevice(t.Context(), AskRequest{Device: w.Value.ID, Host: "192.168.1.9"}); fault.CodeOf(err) != "camera.invalid" {
		t.Error(err)
	}
	srv.Close()
	if a, err = s.AskDevice(t.Context(), AskRequest{Host: "127.0.0.1", Port: port}); err != nil || a.Failure.Code != "camera.onvif.refused" {
		t.Errorf("%+v %v", a, err)
	}

	// Outside the demo this machine is no target, by name neither.
	s.o.Targets.AllowLoopback = false
	for _, h := range []string{"127.0.0.1", "localhost", "169.254.169.254"} {
		if _, err = s.AskDevice(t.Context(), AskRequest{Host: h, Port: port}); fault.CodeOf(err) != "camera.invalid" {
			t.Error(h, err)
		}
	}
	if _, err := s.o.Targets.Client("").Get("http://localhost:" + portText); err == nil || !strings.Contains(err.Error(), "loopback") {
		t.Error("a name that points here was called:", err)
	}
}

func TestFindDevices(t *testing.T) {
	st := newSite(t)
	mustAdd(t, st.s, gate("东门 1")) // 192.168.1.64
	st.s.discover = func(context.Context, onvif.DiscoverOptions) ([]onvif.Found, error) {
		return []onvif.Found{
			{From: netip.MustParseAddr("192.168.1.70"), URL: "http://192.168.1.70:8000/onvif/device_service", Name: "IPC 西门\x00" + strings.Repeat("x", 300)},
			{From: netip.MustParseAddr("192.168.1.64"), URL: "http://192.168.1.64/onvif/device_service"},
			{From: netip.MustParseAddr("127.0.0.1"), URL: "http://127.0.0.1/onvif/device_service"},
		}, nil
	}
	var got struct{ Devices []FoundDevice }
	st.do("operator", "POST", "/api/onvif-scans", nil).into(&got)
	if len(got.Devices) != 2 || !got.Devices[0].Registered || got.Devices[0].Port != 80 || got.Devices[1].Port != 8000 || got.Devices[1].Registered || len(got.Devices[1].Name) > 60 {
		t.Errorf("%+v", got)
	}
	if a := st.do("guard", "POST", "/api/onvif-scans", nil); a.Code != 403 {
		t.Error(a.Code)
	}
	if a := st.do("guard", "POST", "/api/onvif-sources", AskRequest{Host: "192.168.1.64"}); a.Code != 403 {
		t.Error(a.Code)
	}
	if a := st.do("operator", "POST", "/api/onvif-sources", AskRequest{Host: "127.0.0.1"}); a.Code != 422 {
		t.Error(a.Code, a.Body)
	}
}
