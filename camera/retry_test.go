package camera

import (
	"testing"

	"linli.dev/linli/fault"
	"linli.dev/linli/protocol/lockout"
)

// The password is put right at the recorder. Whoever may write has it tried at once, and once: the next click is told how long to wait.
func TestRetry(t *testing.T) {
	st := newSite(t)
	var tried []ID
	st.s.o.Retry = func(id ID) { tried = append(tried, id) }
	cam := mustAdd(t, st.s, gate("东门 1"))
	path := "/api/cameras/" + string(cam.ID) + "/retry"
	if a := st.do("operator", "POST", path, nil); a.Code != 409 || len(tried) != 0 {
		t.Errorf("nothing was refused: %d %s", a.Code, a.Body)
	}
	src, err := st.s.Sources(t.Context())
	if err != nil || len(src) == 0 {
		t.Fatal(src, err)
	}
	secret := lockout.Secret{Device: src[0].Host, User: src[0].User, Password: src[0].Password}
	refuse := func() {
		if err := st.s.o.Lockouts.Refused(lockout.RTSP, secret); err != nil {
			t.Fatal(err)
		}
	}
	refuse()
	if a := st.do("guard", "POST", path, nil); a.Code != 403 || len(tried) != 0 {
		t.Errorf("a guard: %d", a.Code)
	}
	if a := st.do("operator", "POST", path, nil); a.Code != 204 || len(tried) != 1 || tried[0] != cam.ID {
		t.Fatalf("%d %s, %v", a.Code, a.Body, tried)
	}
	if st.s.o.Lockouts.Wait(lockout.RTSP, secret) != 0 {
		t.Error("it may not be shown")
	}
	refuse()
	a := st.do("operator", "POST", path, nil)
	var said struct{ Code string }
	a.into(&said)
	if a.Code != 429 || said.Code != "camera.retry.too-soon" || a.Header().Get("Retry-After") == "" || len(tried) != 1 {
		t.Errorf("clicked again: %d %s, %v", a.Code, a.Body, tried)
	}
	if err := st.s.Retry(t.Context(), "op", "nobody"); fault.KindOf(err) != fault.NotFound {
		t.Error(err)
	}
	events, err := st.s.db.Events(t.Context(), 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, e := range events {
		if e.Kind == "device.retried" {
			n++
		}
	}
	if n != 1 {
		t.Errorf("%d times in the journal", n)
	}
}
