package onvif

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

// encoder is a device that makes key frames. It wants a token in its own time.
type encoder struct {
	mu       sync.Mutex
	old      bool              // knows no GetServices
	second   bool              // offers the second media service too
	profiles map[string]string // token → path
	refuse   bool
	first    []string // tokens that only the second service knows are not among these
	asked    map[string]int
	shown    int      // requests that proved a password
	made     []string // namespace's year and token
	busy     int
	most     int
	wait     time.Duration
}

func (e *encoder) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	raw, _ := io.ReadAll(r.Body)
	action := regexp.MustCompile(`action="([^"]*)/(\w+)"`).FindStringSubmatch(r.Header.Get("Content-Type"))
	e.mu.Lock()
	e.busy++
	e.most = max(e.most, e.busy)
	wait := e.wait
	e.mu.Unlock()
	time.Sleep(wait)
	e.mu.Lock()
	defer e.mu.Unlock()
	e.busy--
	e.asked[action[2]]++
	if strings.Contains(string(raw), "<UsernameToken>") {
		e.shown++
	}
	token := ""
	if m := regexp.MustCompile(`<ProfileToken>(.*?)</`).FindSubmatch(raw); m != nil {
		token = string(m[1])
	}
	_, known := e.profiles[token]
	fail := func(code string) {
		soap(w, 400, `<env:Fault><env:Code><env:Value>env:Sender</env:Value><env:Subcode><env:Value>ter:`+code+`</env:Value></env:Subcode></env:Code></env:Fault>`)
	}
	if e.refuse && action[2] != "GetSystemDateAndTime" {
		fail("NotAuthorized")
		return
	}
	switch action[2] {
	case "GetServices":
		if e.old {
			fail("ActionNotSupported")
			return
		}
		list := `<tds:Service><tds:Namespace>http://www.onvif.org/ver10/media/wsdl</tds:Namespace><tds:XAddr>http://10.9.9.9/onvif/m1</tds:XAddr></tds:Service>`
		if e.second {
			list += `<tds:Service><tds:Namespace>http://www.onvif.org/ver20/media/wsdl</tds:Namespace><tds:XAddr>http://10.9.9.9/onvif/m2</tds:XAddr></tds:Service>`
		}
		soap(w, 200, `<tds:GetServicesResponse>`+list+`</tds:GetServicesResponse>`)
	case "GetCapabilities":
		soap(w, 200, `<x><Capabilities><Media><XAddr>http://10.9.9.9/onvif/m1</XAddr></Media></Capabilities></x>`)
	case "GetProfiles":
		all := ""
		for t := range e.profiles {
			all += fmt.Sprintf(`<trt:Profiles token=%q><tt:VideoSourceConfiguration><tt:SourceToken>v</tt:SourceToken></tt:VideoSourceConfiguration></trt:Profiles>`, t)
		}
		soap(w, 200, `<x>`+all+`</x>`)
	case "GetStreamUri":
		soap(w, 200, `<x><MediaUri><Uri>rtsp://10.9.9.9`+strings.ReplaceAll(e.profiles[token], "&", "&amp;")+`</Uri></MediaUri></x>`)
	case "SetSynchronizationPoint":
		year := map[string]string{nsMedia: "10", nsMedia2: "20"}[action[1]]
		if at := map[string]string{"10": "/onvif/m1", "20": "/onvif/m2"}[year]; r.URL.Path != at || !strings.Contains(string(raw), `xmlns="`+action[1]+`"`) {
			fail("InvalidArgVal")
			return
		}
		if !known || year == "10" && e.first != nil && !strings.Contains(strings.Join(e.first, " "), token) {
			fail("NoProfile")
			return
		}
		e.made = append(e.made, year+" "+token)
		soap(w, 200, `<x/>`)
	default:
		soap(w, 200, `<x/>`)
	}
}

func (e *encoder) count(action string) int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.asked[action]
}

func (e *encoder) frames() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return strings.Join(e.made, ", ")
}

// lane is a Keys before one device, with a clock that a test moves.
func lane(t *testing.T, e *encoder) (k *Keys, url string, later func(time.Duration)) {
	t.Helper()
	e.asked = map[string]int{}
	srv := httptest.NewServer(e)
	var mu sync.Mutex
	ahead := time.Duration(0)
	k = NewKeys(KeysOptions{Now: func() time.Time { mu.Lock(); defer mu.Unlock(); return time.Now().Add(ahead) }})
	t.Cleanup(func() { _ = k.Close(); srv.Close() })
	return k, srv.URL + "/onvif/device_service", func(d time.Duration) { mu.Lock(); ahead += d; mu.Unlock() }
}

func (k *Keys) idle(t *testing.T) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(time.Millisecond) {
		k.mu.Lock()
		busy := false
		for _, d := range k.devices {
			busy = busy || d.busy
		}
		k.mu.Unlock()
		if !busy {
			return
		}
		if time.Now().After(end) {
			t.Fatal("it does not come to rest")
		}
	}
}

func TestKeysAskWhereItIsOffered(t *testing.T) {
	const main, sub = "/Streaming/101?x=1&y=2", "/Streaming/102"
	paths := map[string]string{"P0": main, "P1": sub}
	for name, c := range map[string]struct {
		e       *encoder
		profile string
		path    string
		want    string
	}{
		"the first service":              {&encoder{second: true}, "P1", sub, "10 P1"},
		"before GetServices":             {&encoder{old: true}, "P0", main, "10 P0"},
		"a profile of the second":        {&encoder{second: true, first: []string{"P1"}}, "P0", main, "20 P0"},
		"no token: by the path":          {&encoder{}, "", main, "10 P0"},
		"by the path, other query":       {&encoder{}, "", sub + "?transportmode=unicast", "10 P1"},
		"a token of yesterday":           {&encoder{second: true}, "gone", sub, "10 P1"},
		"neither the token nor the path": {&encoder{}, "gone", "/else", ""},
	} {
		t.Run(name, func(t *testing.T) {
			c.e.profiles = paths
			k, url, later := lane(t, c.e)
			k.Apply(map[string]Target{"a": {URL: url, User: "u", Password: "p", Profile: c.profile, Path: c.path}})
			if !k.Ask("a") || k.Ask("a") {
				t.Error("the first is sent, a second at once is not")
			}
			k.idle(t)
			if got := c.e.frames(); got != c.want {
				t.Errorf("key frames of %q, want %q; asked %v", got, c.want, c.e.asked)
			}
			if k.Ask("b") {
				t.Error("nobody knows that one")
			}
			later(4 * time.Second)
			if again := k.Ask("a"); again != (c.want != "") {
				t.Error("asked again:", again)
			}
			k.idle(t)
			// What is known of the device is not asked a second time.
			if c.want != "" && (c.e.frames() != c.want+", "+c.want || c.e.count("GetProfiles") > 1 || c.e.count("GetSystemDateAndTime") != 1) {
				t.Error(c.e.frames(), c.e.asked)
			}
		})
	}
}

// A refused password is not tried again for 35 minutes, or until it changes; a
// device that is away is left alone for a minute.
func TestKeysLeaveAlone(t *testing.T) {
	e := &encoder{profiles: map[string]string{"P0": "/a", "P1": "/b"}, refuse: true}
	k, url, later := lane(t, e)
	targets := func(password string) map[string]Target {
		return map[string]Target{"a": {URL: url, User: "u", Password: password, Profile: "P0"}, "b": {URL: url, User: "u", Password: password, Profile: "P1"}}
	}
	k.Apply(targets("old"))
	k.Ask("a")
	k.Ask("b")
	k.idle(t)
	if e.shown != 1 {
		t.Errorf("a wrong password went out %d times", e.shown)
	}
	later(34 * time.Minute)
	k.Apply(targets("old"))
	if k.Ask("a") || k.Ask("b") {
		t.Error("it is asked although it locks us out")
	}
	e.mu.Lock()
	e.refuse = false
	e.mu.Unlock()
	k.Apply(targets("new"))
	if !k.Ask("a") || !k.Ask("b") {
		t.Error("a new password is not tried")
	}
	k.idle(t)
	if got := e.frames(); got != "10 P0, 10 P1" {
		t.Error(got)
	}

	k.Apply(map[string]Target{"away": {URL: "http://127.0.0.1:1/x", User: "u", Password: "p", Profile: "P"}})
	k.Ask("away")
	k.idle(t)
	later(50 * time.Second)
	if k.Ask("away") {
		t.Error("a device that is away is asked again at once")
	}
	later(20 * time.Second)
	if !k.Ask("away") {
		t.Error("and never again")
	}
}

// A recorder's channels are asked for one after another, and who asks does not wait.
func TestKeysOneAtATime(t *testing.T) {
	e := &encoder{profiles: map[string]string{}, wait: 5 * time.Millisecond}
	k, url, _ := lane(t, e)
	targets := map[string]Target{}
	for i := range 16 {
		token := fmt.Sprintf("P%d", i)
		e.profiles[token] = "/" + token
		targets[token] = Target{URL: url, User: "u", Password: "p", Profile: token}
	}
	k.Apply(targets)
	begun := time.Now()
	for id := range targets {
		k.Ask(id)
	}
	if took := time.Since(begun); took > 50*time.Millisecond {
		t.Error("asking takes", took)
	}
	k.idle(t)
	if e.most != 1 || len(e.made) != 16 {
		t.Errorf("%d at once, %d key frames", e.most, len(e.made))
	}
}
