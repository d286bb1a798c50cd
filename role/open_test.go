package role

import (
	"slices"
	"testing"
)

func TestWhatLiesInTheOpen(t *testing.T) {
	for _, c := range []struct {
		config Config
		want   []string
	}{
		{Config{Listen: "127.0.0.1:8080", RTSP: "127.0.0.1:8554"}, nil},
		{Config{Listen: "[::1]:8080", RTSP: "localhost:8554"}, nil},
		{Config{Listen: "0.0.0.0:8080", RTSP: "127.0.0.1:8554", TLS: "off"}, []string{"plain"}},
		{Config{Listen: ":8080"}, []string{"plain"}},
		{Config{Listen: "[::]:8080"}, []string{"plain"}},
		{Config{Listen: "192.168.1.5:8080", RTSP: ":8554"}, []string{"plain", "plain-rtsp"}},
		{Config{Listen: "gatehouse.lan:8080"}, []string{"plain"}},
		{Config{Listen: "0.0.0.0:8443", TLS: "local"}, nil},
		{Config{Listen: "0.0.0.0:8443", TLS: "acme", RTSP: "0.0.0.0:8554"}, []string{"plain-rtsp"}},
		{Config{Listen: "0.0.0.0:8443", TLSCert: "cert.pem", TLSKey: "key.pem"}, nil},
		{Config{Listen: "0.0.0.0:8080", PublicURL: "https://linli.example.org"}, nil},
		{Config{Listen: "0.0.0.0:8080", PublicURL: "http://linli.lan:8080"}, []string{"plain"}},
	} {
		var got []string
		for _, open := range c.config.InTheOpen() {
			got = append(got, open.What)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%+v: %v, not %v", c.config, got, c.want)
		}
	}
}
