package camera

import (
	"strings"
	"testing"

	"linli.dev/linli/fault"
	"linli.dev/linli/store"
	"linli.dev/linli/store/storetest"
)

func TestOtherWaysSayNothingThatOpensThem(t *testing.T) {
	good := OtherWay{Name: "门卫室旧录像机", Reaches: "停车场 8 路，实时与 15 天回放；2015 年装", RunBy: "物业公司工程部"}
	if p := good.check(); len(p) > 0 {
		t.Fatal(p)
	}
	for _, text := range []string{
		"旧录像机 192.168.1.64", "http 见 http://nvr", "app.vendor.com 平台", "云平台（www.vendor.cn）", "密码贴在机身上", "口令同门禁", "录像机：8000", "端口 8000",
		"admin@nvr", "Password on the box", "login: admin", "fe80::1:2:3:4", "打 13912345678", "110101199003074557 管", "１９２．１６８．１．６４", "序列号见底部", "",
		strings.Repeat("长", maxWayText+1),
	} {
		for _, w := range []OtherWay{
			{Name: text, Reaches: good.Reaches, RunBy: good.RunBy}, {Name: good.Name, Reaches: text, RunBy: good.RunBy}, {Name: good.Name, Reaches: good.Reaches, RunBy: text},
		} {
			if p := w.check(); len(p) != 1 {
				t.Errorf("%q in %+v: %v", text, w, p)
			}
		}
	}
}

func TestOtherWays(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := newService(t, db, newClock())
		ctx := t.Context()
		is := func(s string) *string { return &s }
		seq, err := db.LastSeq(ctx)
		if err != nil {
			t.Fatal(err)
		}
		w, err := s.AddOtherWay(ctx, "op", OtherWayEdit{is(" 旧录像机 "), is("停车场"), is("物业")})
		if err != nil || w.Name != "旧录像机" || w.Version != 1 {
			t.Fatal(w, err)
		}
		if _, err := s.ChangeOtherWay(ctx, "op", w.ID, 7, OtherWayEdit{Name: is("x")}); fault.KindOf(err) != fault.Conflict {
			t.Error("an old version:", err)
		}
		if _, err := s.ChangeOtherWay(ctx, "op", w.ID, 1, OtherWayEdit{Reaches: is("见 10.0.0.8")}); fault.KindOf(err) != fault.Invalid {
			t.Error("an address:", err)
		}
		changed, err := s.ChangeOtherWay(ctx, "op", w.ID, 1, OtherWayEdit{Reaches: is("停车场、东门")})
		if err != nil || changed.Version != 2 || changed.Name != w.Name {
			t.Error(changed, err)
		}
		list, err := s.OtherWays(ctx)
		if err != nil || len(list) != 1 || list[0] != changed {
			t.Error(list, changed, err)
		}
		if err := s.RemoveOtherWay(ctx, "op", w.ID); err != nil {
			t.Error(err)
		}
		if err := s.RemoveOtherWay(ctx, "op", w.ID); fault.KindOf(err) != fault.NotFound {
			t.Error("removed twice:", err)
		}
		events, err := db.Events(ctx, seq, 10)
		if err != nil || len(events) != 3 || events[0].Kind != "other-way.created" || events[2].Kind != "other-way.deleted" {
			t.Error(events, err)
		}
	})
}

func TestEverybodyReadsTheOtherWaysAndTheOperatorEntersThem(t *testing.T) {
	st := newSite(t)
	way := map[string]string{"name": "旧录像机", "reaches": "停车场 8 路", "run_by": "物业公司"}
	for who, want := range map[string]int{"": 401, "guard": 403, "operator": 201} {
		if a := st.do(who, "POST", "/api/other-ways", way); a.Code != want {
			t.Errorf("%q: %d %s", who, a.Code, a.Body)
		}
	}
	var list struct {
		Ways []OtherWay `json:"other_ways"`
	}
	a := st.do("", "GET", "/api/other-ways", nil)
	if a.into(&list); a.Code != 200 || len(list.Ways) != 1 || list.Ways[0].Reaches != "停车场 8 路" {
		t.Fatal(a.Code, a.Body)
	}
	path := "/api/other-ways/" + string(list.Ways[0].ID)
	way["name"] = "旧录像机 192.168.1.64"
	if a := st.do("operator", "PATCH", path, way, "If-Match", `"1"`, "Accept-Language", "en"); a.Code != 422 || !strings.Contains(a.Body.String(), "get in") {
		t.Error(a.Code, a.Body)
	}
	for who, want := range map[string]int{"": 401, "guard": 403, "operator": 204} {
		if a := st.do(who, "DELETE", path, nil); a.Code != want {
			t.Errorf("%q: %d %s", who, a.Code, a.Body)
		}
	}
}
