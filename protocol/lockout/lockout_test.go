package lockout

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"
)

var gate = Secret{"10.0.0.7:554", "admin", "geheim"}

func open(t *testing.T, o Options) *Memory {
	t.Helper()
	m, err := Open(o)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestARefusedSecretWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := open(t, Options{})
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		must(m.Refused(RTSP, gate))
		other, elsewhere := gate, gate
		other.Password = "besser"
		elsewhere.Device = "10.0.0.8:554"
		for _, c := range []struct {
			way  Way
			s    Secret
			want time.Duration
		}{{RTSP, gate, For}, {HTTP, gate, For}, {RTSP, other, 0}, {RTSP, elsewhere, 0}, {RTSP, Secret{gate.Device, "admi", "ngeheim"}, 0}} {
			if got := m.Wait(c.way, c.s); got != c.want {
				t.Errorf("%s %+v: %s, want %s", c.way, c.s.User, got, c.want)
			}
		}
		time.Sleep(For)
		if m.Wait(RTSP, gate) != 0 {
			t.Error("still after its time")
		}
		// A still picture may have an account of its own: its refusal keeps nobody from recording.
		must(m.Refused(HTTP, gate))
		if m.Wait(HTTP, gate) == 0 || m.Wait(RTSP, gate) != 0 {
			t.Error(m.Wait(HTTP, gate), m.Wait(RTSP, gate))
		}
		must(m.Taken(gate))
		if m.Wait(HTTP, gate) != 0 {
			t.Error("refused although it was taken")
		}
	})
}

// Somebody says that the password was put right at the device: it is tried at once, but not with every click, nor after a restart.
func TestTriedAgain(t *testing.T) {
	same := func(b []byte) ([]byte, error) { return bytes.Clone(b), nil }
	synctest.Test(t, func(t *testing.T) {
		o := Options{File: filepath.Join(t.TempDir(), "lockouts"), Seal: same, Open: same}
		m := open(t, o)
		tried := func(says string, s Secret, want time.Duration) {
			t.Helper()
			for _, w := range []Way{RTSP, HTTP, ONVIF} {
				if err := m.Refused(w, s); err != nil {
					t.Fatal(err)
				}
			}
			wait, err := m.Again(s)
			if err != nil || wait != want {
				t.Errorf("%s: wait %s, %v", says, wait, err)
			}
			for _, w := range []Way{RTSP, HTTP, ONVIF} {
				if held := m.Wait(w, s) > 0; held != (want > 0) {
					t.Errorf("%s: %s is refused still: %v", says, w, held)
				}
			}
		}
		tried("put right", gate, 0)
		time.Sleep(time.Minute)
		tried("once more", gate, For-time.Minute)
		other := gate
		other.Password = "another"
		tried("its addresses are counted, not passwords", other, For-time.Minute)
		m = open(t, o)
		tried("after a restart", gate, For-time.Minute)
		elsewhere := gate
		elsewhere.Device = "10.0.0.8:554"
		tried("another device", elsewhere, 0)
		time.Sleep(For)
		tried("later", gate, 0)
	})
}

func TestARestartForgetsNothing(t *testing.T) {
	flip := func(b []byte) ([]byte, error) {
		b = bytes.Clone(b)
		for i := range b {
			b[i] ^= 0x55
		}
		return b, nil
	}
	o := Options{File: filepath.Join(t.TempDir(), "lockouts"), Seal: flip, Open: flip}
	if err := open(t, o).Refused(RTSP, gate); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(o.File)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{gate.User, gate.Password} {
		plain, _ := flip(b)
		if bytes.Contains(b, []byte(secret)) || bytes.Contains(plain, []byte(secret)) {
			t.Errorf("%q stands in the file", secret)
		}
	}
	again := open(t, o)
	if again.Wait(RTSP, gate) < For-time.Minute {
		t.Error("forgotten")
	}
	if err := again.Taken(gate); err != nil {
		t.Fatal(err)
	}
	if open(t, o).Wait(RTSP, gate) != 0 {
		t.Error("taken, and still refused after a restart")
	}
	// A file that is not ours is named, and the memory works without it.
	if err := os.WriteFile(o.File, []byte("rubbish"), 0o600); err != nil {
		t.Fatal(err)
	}
	m, err := Open(o)
	if err == nil {
		t.Error("rubbish was taken")
	}
	if err := m.Refused(RTSP, gate); err != nil || open(t, o).Wait(RTSP, gate) == 0 {
		t.Error("not written anew", err)
	}
}

// While its file is written, on a disk that hangs, nobody waits who asks whether a secret may be shown.
func TestNobodyWaitsForItsDisk(t *testing.T) {
	hangs, goes := make(chan bool), make(chan bool)
	as := func(b []byte) ([]byte, error) { return bytes.Clone(b), nil }
	slow := func(b []byte) ([]byte, error) { hangs <- true; <-goes; return bytes.Clone(b), nil }
	o := Options{File: filepath.Join(t.TempDir(), "lockouts"), Seal: slow, Open: as}
	m := open(t, o)
	written := make(chan error)
	go func() { written <- m.Refused(RTSP, gate) }()
	<-hangs
	if m.Wait(RTSP, gate) == 0 { // would hang
		t.Error("refused, and may be shown")
	}
	goes <- true
	if err := <-written; err != nil || open(t, o).Wait(RTSP, gate) == 0 {
		t.Error("not kept", err)
	}
}
