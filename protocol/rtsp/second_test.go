package rtsp

import (
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
)

// Only the other library can read this camera's refusal. It is a refusal all the same, of a password that was shown once: taken for a
// camera that makes no sense it would be asked again every half minute, until it locks this machine out.
func TestARefusalThatOnlyTheSecondWayReads(t *testing.T) {
	var tries, nonces atomic.Int32
	much := strings.Repeat("X-Much: "+strings.Repeat("x", 1900)+"\r\n", 10) // more than our way reads of a head
	cam := openOdd(t, func(m *message) string {
		if m.Method == "OPTIONS" {
			return ok(m, "Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN")
		}
		if m.Header.Get("Authorization") != "" {
			tries.Add(1)
		}
		return "RTSP/1.0 401 Unauthorized\r\nCSeq: " + m.Header.Get("CSeq") + "\r\n" + much +
			fmt.Sprintf("WWW-Authenticate: Digest realm=\"cam\", nonce=\"%d\"\r\n\r\n", nonces.Add(1))
	})
	_, err := Dial(t.Context(), Options{URL: "rtsp://" + cam.addr + "/", User: "guard", Password: "wrong"})
	if !errors.Is(err, ErrUnauthorized) {
		t.Errorf("%v", err)
	}
	if n := tries.Load(); n != 1 {
		t.Errorf("the password was shown %d times", n)
	}
}
