package camera

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"linli.dev/linli/fault"
	"linli.dev/linli/store"
	"linli.dev/linli/store/storetest"
)

// clock is a wall clock that a test moves.
type clock struct {
	mu sync.Mutex
	t  time.Time
}

func newClock() *clock {
	return &clock{t: time.Date(2026, 11, 23, 9, 0, 0, 0, time.FixedZone("", 8*3600))}
}
func (c *clock) now() time.Time { c.mu.Lock(); defer c.mu.Unlock(); return c.t }
func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(d)
}

// each runs a story on SQLite and on PostgreSQL.
func each(t *testing.T, f func(t *testing.T, s *Service, c *clock)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		c := newClock()
		f(t, newService(t, db, c), c)
	})
}

func newService(t *testing.T, db *store.DB, c *clock) *Service {
	t.Helper()
	vault, err := store.OpenVault(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	s, err := New(context.Background(), db, Options{Vault: vault, Now: c.now})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func p[T any](v T) *T { return &v }

// gate is a right entry.
func gate(name string) Edit {
	return Edit{
		Name: p(name), Area: p("东门"), AreaKind: p(AreaGate), Angle: p("朝向大门内外车道"), Range: p("约 20 米"),
		Reason: p("车辆人员进出安全"), Common: p(true), Basis: p(BasisPublicSecurity), Sign: p("公共安全视频监控区域"),
		Main: p("rtsp://admin:Sesame#1@192.168.1.64/Streaming/Channels/101"), Sub: p("/Streaming/Channels/102"),
	}
}

func mustAdd(t *testing.T, s *Service, e Edit) Camera {
	t.Helper()
	w, err := s.Add(context.Background(), "op", e)
	if err != nil {
		t.Fatal(err)
	}
	return w.Value
}

// Where a key frame can be asked for: kept with the device and the address, shown to nobody who may not edit, gone with the
// address that it belonged to.
func TestOnvifOfACamera(t *testing.T) {
	each(t, func(t *testing.T, s *Service, c *clock) {
		ctx := context.Background()
		e := gate("东门 1")
		e.OnvifPort, e.OnvifTLS, e.MainProfile, e.SubProfile = p(8443), p(true), p("profile_1"), p("profile_2")
		cam := mustAdd(t, s, e)
		sources := func() (main, sub *Onvif) {
			t.Helper()
			src, err := s.Sources(ctx)
			if err != nil || len(src) != 2 {
				t.Fatal(src, err)
			}
			return src[0].Onvif, src[1].Onvif
		}
		main, sub := sources()
		const at = "https://192.168.1.64:8443/onvif/device_service"
		if main == nil || *main != (Onvif{at, "profile_1", "/Streaming/Channels/101"}) || sub == nil || *sub != (Onvif{at, "profile_2", "/Streaming/Channels/102"}) {
			t.Fatalf("%+v %+v", main, sub)
		}
		// Another address is another profile; the same one again changes nothing.
		w, err := s.Change(ctx, "op", cam.ID, cam.Version, Edit{Main: p("/Streaming/Channels/101"), Sub: p("/other")})
		if err != nil {
			t.Fatal(err)
		}
		if main, sub = sources(); main.Profile != "profile_1" || sub.Profile != "" || sub.Path != "/other" {
			t.Errorf("%+v %+v", main, sub)
		}
		if w, err = s.Change(ctx, "op", cam.ID, w.Value.Version, Edit{SubProfile: p("profile_9")}); err != nil {
			t.Fatal(err)
		}
		if _, sub = sources(); sub.Profile != "profile_9" {
			t.Errorf("%+v", sub)
		}
		if _, err = s.Change(ctx, "op", cam.ID, w.Value.Version, Edit{SubProfile: p(strings.Repeat("x", 65))}); fault.CodeOf(err) != "camera.invalid" {
			t.Error(err)
		}
		dev, err := s.Device(ctx, cam.Device)
		if err != nil {
			t.Fatal(err)
		}
		if v := viewDevice(ctx, dev, nil); v.OnvifPort != 0 || v.OnvifTLS {
			t.Errorf("shown to whoever reads: %+v", v.Device)
		}
		if _, err = s.ChangeDevice(ctx, "op", dev.ID, dev.Version, DeviceEdit{OnvifPort: p(70000)}); fault.CodeOf(err) != "camera.invalid" {
			t.Error(err)
		}
		if _, err = s.ChangeDevice(ctx, "op", dev.ID, dev.Version, DeviceEdit{OnvifPort: p(0)}); err != nil {
			t.Error(err)
		}
		if main, sub = sources(); main != nil || sub != nil {
			t.Error("a device without the port is still asked")
		}
	})
}

func TestRegisterEditRemove(t *testing.T) {
	each(t, func(t *testing.T, s *Service, c *clock) {
		ctx := context.Background()
		cam := mustAdd(t, s, gate("东门 1"))
		src, err := s.Sources(ctx)
		if err != nil || len(src) != 2 {
			t.Fatal(src, err)
		}
		want := Source{cam.ID, Main, "rtsp://192.168.1.64:554/Streaming/Channels/101", "admin", "Sesame#1", "auto", "", false, "192.168.1.64:554", 0, nil}
		if src[0] != want {
			t.Errorf("source %#v", src[0].URL)
		}
		// What a caller may see holds neither address nor secret.
		dev, err := s.Device(ctx, cam.Device)
		if err != nil || !dev.HasSecret || dev.Cameras != 1 {
			t.Fatal(dev, err)
		}
		seen, _ := json.Marshal([]any{cam, dev})
		for _, secret := range []string{"Sesame", "admin", "Streaming"} {
			if strings.Contains(string(seen), secret) {
				t.Errorf("%q is shown: %s", secret, seen)
			}
		}
		// Nor does the database.
		var raw [][]byte
		if err := s.db.NewSelect().Model((*deviceRow)(nil)).Column("secret").Scan(ctx, &raw); err != nil || strings.Contains(string(raw[0]), "Sesame") {
			t.Error("secret in the table", err)
		}

		// Two people edit the same version: the second is told.
		w, err := s.Change(ctx, "a", cam.ID, cam.Version, Edit{Name: p("东门 入口")})
		if err != nil || w.Value.Version != 2 || w.Value.Name != "东门 入口" {
			t.Fatal(w, err)
		}
		if _, err := s.Change(ctx, "b", cam.ID, cam.Version, Edit{Range: p("30 米")}); fault.CodeOf(err) != "camera.changed-meanwhile" || fault.KindOf(err) != fault.Conflict {
			t.Error(err)
		}
		if _, err := s.Change(ctx, "b", cam.ID, 0, Edit{}); fault.CodeOf(err) != "camera.version-needed" {
			t.Error(err)
		}
		// Nothing changed: no new version, no event.
		before, _ := s.db.LastSeq(ctx)
		if w, err = s.Change(ctx, "a", cam.ID, 2, Edit{Name: p("东门 入口")}); err != nil || w.Value.Version != 2 {
			t.Error(w, err)
		}
		if after, _ := s.db.LastSeq(ctx); after != before {
			t.Error("an event without a change")
		}

		// Disabled: no source, and LookCamera says so.
		if w, err = s.Change(ctx, "a", cam.ID, 2, Edit{Disabled: p(true), DisabledReason: p("施工")}); err != nil {
			t.Fatal(err)
		}
		if src, _ = s.Sources(ctx); len(src) != 0 {
			t.Error("a disabled camera has sources")
		}
		recorded := func(which Which, want bool) {
			t.Helper()
			if got, err := s.Recorded(ctx, cam.ID, which); err != nil || got != want {
				t.Error("recorded:", got, err)
			}
		}
		recorded(Main, false)
		if f, err := s.LookCamera(ctx, cam.ID); err != nil || !f.Disabled || !f.Common || !f.HasSub || f.SoundAllowed {
			t.Errorf("%+v %v", f, err)
		}
		if w, err = s.Change(ctx, "a", cam.ID, 3, Edit{Disabled: p(false), RetentionMain: p(7)}); err != nil || w.Value.DisabledReason != "" {
			t.Fatal(w, err)
		}
		recorded(Main, true)
		recorded(Sub, true)

		// Deleted: gone from lists, its own device and secret with it, but its
		// footage keeps its retention.
		if err := s.Remove(ctx, "a", cam.ID); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Camera(ctx, cam.ID); fault.KindOf(err) != fault.NotFound {
			t.Error(err)
		}
		recorded(Main, false)
		if d, _ := s.Devices(ctx); len(d) != 0 {
			t.Error("the camera's own device stays")
		}
		if days, err := s.Retention(ctx, cam.ID, Main); err != nil || days != 7 {
			t.Error(days, err)
		}
		var left cameraRow
		if err := s.db.NewSelect().Model(&left).Where("id = ?", cam.ID).Scan(ctx); err != nil || left.Main != nil || left.Sub != nil {
			t.Error("sources of a deleted camera stay", err)
		}

		events, err := s.db.Events(ctx, 0, 100)
		if err != nil {
			t.Fatal(err)
		}
		var kinds []string
		for _, e := range events {
			kinds = append(kinds, e.Kind)
			if strings.Contains(string(e.Data), "Sesame") || strings.Contains(string(e.Data), "192.168") || strings.Contains(string(e.Data), "Streaming") {
				t.Errorf("the journal tells: %s", e.Data)
			}
		}
		if got, want := strings.Join(kinds, " "), "device.created camera.created camera.changed camera.disabled camera.changed camera.deleted device.deleted"; got != want {
			t.Errorf("events %s", got)
		}
	})
}

func TestRefusedRegistrations(t *testing.T) {
	each(t, func(t *testing.T, s *Service, c *clock) {
		ctx := context.Background()
		for _, tc := range []struct {
			name string
			edit func(*Edit)
			code string
			at   string
		}{
			{"toilet", func(e *Edit) { e.Area = p("公共卫生间") }, "camera.forbidden-place", "area camera.forbidden.toilet"},
			{"toilet, confirmed", func(e *Edit) { e.Area = p("公共卫生间"); e.LooksAtOutside = p(true) }, "camera.forbidden-place", "area camera.forbidden.toilet"},
			{"corridor", func(e *Edit) { e.Area = p("公共卫生间外通道") }, "camera.confirm-outside", "area camera.confirm.toilet"},
			{"kind", func(e *Edit) { e.AreaKind = p(AreaKind("changing-room")) }, "camera.forbidden-place", "area_kind camera.forbidden.changing-room"},
			{"angle", func(e *Edit) { e.Angle = p("正对3号楼住户阳台") }, "camera.forbidden-place", "angle camera.forbidden.home"},
			{"no reason", func(e *Edit) { e.Reason = nil }, "camera.invalid", "reason camera.field.required"},
			{"identity", func(e *Edit) { e.Reason = p("关注 11010519491231002X 的出入") }, "camera.invalid", "reason camera.field.identity-number"},
			{"phone", func(e *Edit) { e.Angle = p("有事打 13800138000") }, "camera.invalid", "angle camera.field.phone-number"},
			{"retention", func(e *Edit) { e.RetentionMain = p(3650) }, "camera.invalid", "retention_main_days camera.field.retention"},
			{"basis", func(e *Edit) { e.Basis = p(Basis("because")) }, "camera.invalid", "basis camera.field.basis"},
			{"loopback", func(e *Edit) { e.Main = p("rtsp://127.0.0.1/x") }, "camera.invalid", "host camera.target.loopback"},
			{"metadata", func(e *Edit) { e.Main = p("rtsp://169.254.169.254/x") }, "camera.invalid", "host camera.target.link-local"},
			{"http", func(e *Edit) { e.Main = p("http://192.168.1.64/x") }, "camera.invalid", "main camera.source.scheme"},
			{"no host", func(e *Edit) { e.Main = p("/x") }, "camera.invalid", "main camera.source.device-or-url"},
			{"other host", func(e *Edit) { e.Sub = p("rtsp://192.168.1.65/x") }, "camera.invalid", "sub camera.source.other-host"},
			{"other secret", func(e *Edit) { e.Sub = p("rtsp://a:b@192.168.1.64/x") }, "camera.invalid", "sub camera.source.other-secret"},
			{"no such device", func(e *Edit) { e.Device = p(DeviceID("x")) }, "camera.invalid", "device camera.field.no-such-device"},
		} {
			e := gate("东门 1")
			tc.edit(&e)
			_, err := s.Add(ctx, "op", e)
			if fault.CodeOf(err) != tc.code {
				t.Errorf("%s: %v", tc.name, err)
				continue
			}
			if !strings.Contains(fields(err), tc.at) {
				t.Errorf("%s: %s, want %s", tc.name, fields(err), tc.at)
			}
			if strings.Contains(err.Error(), "Sesame") {
				t.Errorf("%s: the error tells the secret", tc.name)
			}
		}
		if d, _ := s.Devices(ctx); len(d) != 0 {
			t.Error("a refused camera left its device behind")
		}
		if seq, _ := s.db.LastSeq(ctx); seq != 0 {
			t.Error("a refusal is in the journal")
		}
		// Answered questions, and a number where staff numbers belong.
		e := gate("卫生间外通道")
		e.LooksAtOutside, e.CallNote = p(true), p("物业值班 13800138000")
		cam := mustAdd(t, s, e)
		// The answer was given for these words; other words are asked again.
		if _, err := s.Change(ctx, "op", cam.ID, 1, Edit{Angle: p("浴室门口")}); fault.CodeOf(err) != "camera.confirm-outside" {
			t.Error(err)
		}
		if w, err := s.Change(ctx, "op", cam.ID, 1, Edit{Sign: p("监控区域")}); err != nil || !w.Value.LooksAtOutside {
			t.Error("an answer was lost", err)
		}
	})
}

func fields(err error) string {
	var b strings.Builder
	if f, ok := err.(*fault.Error); ok {
		for _, x := range f.Fields {
			fmt.Fprintf(&b, "%s %s; ", x.Path, x.Code)
		}
	}
	return b.String()
}

func TestSecretsStayWithTheirDevice(t *testing.T) {
	each(t, func(t *testing.T, s *Service, c *clock) {
		ctx := context.Background()
		w, err := s.AddDevice(ctx, "op", DeviceEdit{Kind: p(KindRecorder), Name: p("录像机"), Host: p("192.168.1.10"), Channels: p(4), Limit: p(3), User: p("admin"), Password: p("one")})
		if err != nil {
			t.Fatal(err)
		}
		d := w.Value
		// Moving the device would send the password to somebody else.
		if _, err := s.ChangeDevice(ctx, "x", d.ID, 1, DeviceEdit{Host: p("192.168.1.99")}); !strings.Contains(fields(err), "password camera.field.secret-again") {
			t.Error(err)
		}
		if _, err := s.ChangeDevice(ctx, "x", d.ID, 1, DeviceEdit{Host: p("192.168.1.99"), User: p("root")}); !strings.Contains(fields(err), "secret-again") {
			t.Error(err)
		}
		if w, err = s.ChangeDevice(ctx, "x", d.ID, 1, DeviceEdit{Host: p("192.168.1.99"), User: p("admin"), Password: p("two")}); err != nil {
			t.Fatal(err)
		}
		e := gate("通道")
		e.Device, e.Main, e.Sub, e.Channel = &d.ID, p("/ch{channel}/main"), p("/ch{channel}/sub"), p(3)
		cam := mustAdd(t, s, e)
		src, _ := s.Sources(ctx)
		if src[0].URL != "rtsp://192.168.1.99:554/ch3/main" || src[0].Password != "two" || src[0].Limit != 3 {
			t.Errorf("%s", src[0].URL)
		}
		// Only the password changes: the user stays.
		if _, err = s.ChangeDevice(ctx, "x", d.ID, 2, DeviceEdit{Password: p("three")}); err != nil {
			t.Fatal(err)
		}
		if src, _ = s.Sources(ctx); src[0].User != "admin" || src[0].Password != "three" {
			t.Error("secret not changed")
		}
		if _, err = s.ChangeDevice(ctx, "x", d.ID, 3, DeviceEdit{Channels: p(2)}); !strings.Contains(fields(err), "channels-in-use") {
			t.Error(err)
		}
		// A second camera needs more connections than the recorder has.
		e.Name, e.Channel = p("通道 4"), p(4)
		w2, err := s.Add(ctx, "op", e)
		if err != nil || !warned(w2.Warnings, "camera.warn.limit") {
			t.Error(w2.Warnings, err)
		}
		e.Name = p("通道 4")
		w2, err = s.Add(ctx, "op", e)
		if err != nil || !warned(w2.Warnings, "camera.warn.same-name") || !warned(w2.Warnings, "camera.warn.same-source") {
			t.Error(w2.Warnings, err)
		}
		if err := s.RemoveDevice(ctx, "op", d.ID); fault.CodeOf(err) != "camera.device-in-use" {
			t.Error(err)
		}
		if err := s.Remove(ctx, "op", cam.ID); err != nil {
			t.Error(err)
		}
		if _, err := s.Device(ctx, d.ID); err != nil {
			t.Error("a recorder went with one of its channels", err)
		}
		// Printed by accident, a source says nothing.
		if out := fmt.Sprintf("%v %+v %#v %v", src[0], src, src, Secret{"admin", "three"}); strings.Contains(out, "three") || strings.Contains(out, "192.168") {
			t.Error(out)
		}
	})
}

func warned(ws []Warning, code string) bool {
	for _, w := range ws {
		if w.Code == code {
			return true
		}
	}
	return false
}

// What is not common to all owners is not watched: it cannot be registered to run, but what stands in the list can be taken out of use.
func TestOnlyCommonAreas(t *testing.T) {
	each(t, func(t *testing.T, s *Service, c *clock) {
		ctx := context.Background()
		private := gate("物业办公室")
		private.Common = p(false)
		if _, err := s.Add(ctx, "op", private); fault.CodeOf(err) != "camera.forbidden-place" {
			t.Errorf("registered: %v", err)
		}
		// Nobody has said anything: that is no "yes", and the sentence asks for a person to say it.
		unsaid := gate("物业办公室")
		unsaid.Common = nil
		_, err := s.Add(ctx, "op", unsaid)
		var f *fault.Error
		if !errors.As(err, &f) || f.Code != "camera.invalid" || len(f.Fields) != 1 || f.Fields[0].Path != "common" || f.Fields[0].Code != "camera.field.common-unsaid" {
			t.Errorf("registered without a word: %v", err)
		}
		cam := mustAdd(t, s, gate("东门"))
		if _, err := s.Change(ctx, "op", cam.ID, cam.Version, Edit{Common: p(false)}); fault.CodeOf(err) != "camera.forbidden-place" {
			t.Errorf("changed: %v", err)
		}
		w, err := s.Change(ctx, "op", cam.ID, cam.Version, Edit{Common: p(false), Disabled: p(true), DisabledReason: p("不属于公共区域")})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Change(ctx, "op", cam.ID, w.Value.Version, Edit{Disabled: p(false)}); fault.CodeOf(err) != "camera.forbidden-place" {
			t.Errorf("put back into use: %v", err)
		}
	})
}

// A camera is called after its place. One that has another name from before can be mended in all else.
func TestANameSpeaksOfNobody(t *testing.T) {
	each(t, func(t *testing.T, s *Service, _ *clock) {
		ctx := t.Context()
		old := mustAdd(t, s, gate("东门车牌识别"))
		s.o.NameRefused = func(name string) bool { return strings.Contains(name, "车牌") }
		refused := func(err error) {
			t.Helper()
			var f *fault.Error
			if !errors.As(err, &f) || len(f.Fields) != 1 || f.Fields[0].Path != "name" || f.Fields[0].Code != "camera.field.about-people" {
				t.Errorf("%v", err)
			}
		}
		_, err := s.Add(ctx, "op", gate("西门车牌识别"))
		refused(err)
		_, err = s.Change(ctx, "op", old.ID, old.Version, Edit{Name: p("北门车牌识别")})
		refused(err)
		w, err := s.Change(ctx, "op", old.ID, old.Version, Edit{Sign: p("视频监控区域")})
		if err != nil {
			t.Fatal(err)
		}
		if _, err = s.Change(ctx, "op", old.ID, w.Value.Version, Edit{Name: p("东门")}); err != nil {
			t.Fatal(err)
		}
		list := []byte(goodHead + goodRow("南门车牌识别", "192.168.1.77", 1) + goodRow("南门", "192.168.1.78", 1))
		a, err := s.Import(ctx, "op", "zh", list, false)
		if err != nil {
			t.Fatal(err)
		}
		if len(a.Problems) != 1 || a.Problems[0].Code != "camera.field.about-people" || a.Problems[0].Row != 2 || a.Cameras != 1 {
			t.Errorf("%+v", a)
		}
		if _, err = s.Import(ctx, "op", "zh", list, true); fault.CodeOf(err) != "camera.import.bad" {
			t.Error(err)
		}
	})
}
